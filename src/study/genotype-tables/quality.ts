import { join } from 'node:path'
import type { Workshop } from '../../compute/index.ts'
import { UpturnError } from '../../errors/index.ts'
import { countGenotypes, type GenotypeCountsResult } from '../../genotypes/counts/count.ts'
import { type FactName, factNames } from '../../genotypes/counts/variant-facts.ts'
import { writeWhole } from '../../host/node/files.ts'
import { sampleCountsTable, variantCountsTable } from '../../results/genotype-tables.ts'
import { toBatch } from '../rows.ts'
import { type OpenedSource, type SourceOptions, withStore } from './source.ts'
import { type TableFormat, writeTables } from './table-file.ts'

export interface QualityTablesResult {
  source: OpenedSource['imported']
  counts: GenotypeCountsResult
  files: string[]
}

/** The columns of `variants` that are asked for behind its key; BadArgument where one is called otherwise. */
export function chosenFacts(names: readonly string[]): readonly FactName[] {
  const unknown = names.find((name) => !(factNames as readonly string[]).includes(name))
  if (unknown !== undefined)
    throw new UpturnError('BadArgument', `--columns knows no '${unknown}'; it takes ${factNames.join(', ')}`)
  return factNames.filter((name) => names.includes(name))
}

/** Writes `variants`, `samples` and `summary.json`: counts, frequencies, missing calls, Hardy-Weinberg, F and sex. */
export async function qualityTables(
  options: SourceOptions & { format: TableFormat; facts?: readonly FactName[] },
  workshop: Workshop,
): Promise<QualityTablesResult> {
  const { format, out, facts = factNames } = options
  const others: readonly string[] = factNames.filter((name) => !facts.includes(name))
  const variantsTable = {
    ...variantCountsTable,
    columns: variantCountsTable.columns.filter(({ name }) => !others.includes(name)),
  }
  return withStore(options, workshop, async ({ folder, sexes, imported }) => {
    const { result: counts, files } = await writeTables(
      workshop.host,
      out,
      [variantsTable, sampleCountsTable],
      format,
      async ([variants, samples]) => {
        const counted = await countGenotypes(
          folder,
          sexes,
          format === 'tsv'
            ? { text: (lines) => variants.lines(lines) }
            : { columns: (batch) => variants.append(batch) },
          workshop,
          facts,
        )
        await samples.append(toBatch(sampleCountsTable, counted.samples))
        return counted
      },
    )
    const { samples, ...summary } = counts
    const noSex = samples.filter(({ recorded_sex }) => recorded_sex === null).length
    await writeWhole(
      join(out, 'summary.json'),
      `${JSON.stringify({ people: samples.length, withoutRecordedSex: noSex, ...summary, imported }, null, 1)}\n`,
    )
    return { source: imported, counts, files: [...files, 'summary.json'] }
  })
}
