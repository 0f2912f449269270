import { join } from 'node:path'
import type { Workshop } from '../../compute/index.ts'
import { countGenotypes, type GenotypeCountsResult } from '../../genotypes/counts/count.ts'
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

/** Writes `variants`, `samples` and `summary.json`: counts, frequencies, missing calls, Hardy-Weinberg, F and sex. */
export async function qualityTables(
  options: SourceOptions & { format: TableFormat },
  workshop: Workshop,
): Promise<QualityTablesResult> {
  const { format, out } = options
  return withStore(options, workshop, async ({ folder, sexes, imported }) => {
    const { result: counts, files } = await writeTables(
      workshop.host,
      out,
      [variantCountsTable, sampleCountsTable],
      format,
      async ([variants, samples]) => {
        const counted = await countGenotypes(
          folder,
          sexes,
          format === 'tsv'
            ? { text: (lines) => variants.lines(lines) }
            : { columns: (batch) => variants.append(batch) },
          workshop,
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
