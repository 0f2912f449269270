import type { Workshop } from '../../compute/index.ts'
import { ldPairs } from '../../genotypes/ld/pairs.ts'
import { mergeRegions, parseRegion } from '../../genotypes/regions/regions.ts'
import { ldTable } from '../../results/genotype-tables.ts'
import { type OpenedSource, type SourceOptions, withStore } from './source.ts'
import { type TableFormat, writeTables } from './table-file.ts'

export interface LdTablesOptions extends SourceOptions {
  format: TableFormat
  /** Base pairs. */
  window: number
  /** Smallest r2. */
  limit: number
  haplotypes: boolean
  maf: number
  callRate: number
  /** Both variants lie in one of these, such as `1:1000-2000`; empty for everywhere. */
  between: readonly string[]
  lead: string | null
}

export interface LdTablesResult {
  source: OpenedSource['imported']
  pairs: number
  files: string[]
}

/** Writes `ld`: LD of pairs of variants within a window, or of a lead with those around it. */
export async function ldTables(options: LdTablesOptions, workshop: Workshop): Promise<LdTablesResult> {
  const { format, out, between, callRate, window, limit, haplotypes, maf, lead } = options
  const regions = between.length === 0 ? null : mergeRegions(between.map(parseRegion))
  return withStore(options, workshop, async ({ folder, sexes, imported }) => {
    const { result: pairs, files } = await writeTables(workshop.host, out, [ldTable], format, async ([table]) => {
      let count = 0
      const rows = format === 'tsv' ? ('text' as const) : ('columns' as const)
      const asked = { folder, sexes, window, limit, haplotypes, maf, variantCallRate: callRate, regions, lead, rows }
      for await (const part of ldPairs(asked, workshop)) {
        count += part.pairs
        if (part.text !== null) await table.lines(part.text)
        else if (part.columns !== null && part.pairs > 0) await table.append(part.columns)
      }
      return count
    })
    return { source: imported, pairs, files }
  })
}
