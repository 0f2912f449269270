import type { Workshop } from '../../compute/index.ts'
import { kingRobust, kinshipTiles, visitPairs } from '../../genotypes/kinship/king.ts'
import { relationship, unrelatedKinship } from '../../genotypes/kinship/relationship.ts'
import { readHeader } from '../../genotypes/store/open.ts'
import { type KinshipRow, kinshipTable } from '../../results/genotype-tables.ts'
import { TextRows } from '../../results/text-rows.ts'
import { toBatch } from '../rows.ts'
import { type PruneChoice, variantsFor } from './choose-variants.ts'
import { type OpenedSource, type SourceOptions, withStore } from './source.ts'
import { type TableFormat, writeTables } from './table-file.ts'

export interface KinshipTablesOptions extends SourceOptions, PruneChoice {
  format: TableFormat
  /** Smallest kinship listed; undefined lists every pair. */
  least?: number
}

export interface KinshipTablesResult {
  source: OpenedSource['imported']
  people: number
  /** Variants compared. */
  variants: number
  /** Pairs listed, by relationship. */
  pairs: Record<string, number>
  files: string[]
}

/** Writes `kinship`: KING-robust kinship of pairs of people, with the counts that it is made of and what the two are to each other. */
export async function kinshipTables(options: KinshipTablesOptions, workshop: Workshop): Promise<KinshipTablesResult> {
  const { format, out, least = Number.NEGATIVE_INFINITY } = options
  return withStore(options, workshop, async ({ folder, imported }) => {
    const { samples } = await readHeader(workshop.host, `${folder}/store.json`)
    const { chosen, count, expectedOpposite } = await variantsFor(folder, options, workshop)
    const pairs: Record<string, number> = {}
    const { files } = await writeTables(workshop.host, out, [kinshipTable], format, async ([table]) => {
      const people = Int32Array.from(samples.keys())
      for await (const tile of kinshipTiles({ folder, chosen, people }, workshop)) {
        const rows: KinshipRow[] = []
        const text = new TextRows()
        visitPairs(tile, (a, b, counts, at) => {
          const kinship = kingRobust(counts[at], counts[at + 1], counts[at + 2], counts[at + 3])
          if (!(kinship >= least) && least !== Number.NEGATIVE_INFINITY) return
          const called = counts[at + 4]
          const name =
            kinship > unrelatedKinship
              ? relationship(kinship, counts[at + 1], (expectedOpposite * called) / count)
              : 'unrelated'
          pairs[name] = (pairs[name] ?? 0) + 1
          const known = Number.isNaN(kinship) ? null : kinship
          if (format === 'tsv')
            text.add(
              `${samples[b]}\t${samples[a]}\t${called}\t${counts[at]}\t${counts[at + 1]}\t${known ?? ''}\t${name}\n`,
            )
          else
            rows.push({
              sample_a: samples[b],
              sample_b: samples[a],
              variants: called,
              both_het: counts[at],
              ibs0: counts[at + 1],
              kinship: known,
              relationship: name,
            })
        })
        await (format === 'tsv' ? table.lines(text.bytes()) : table.append(toBatch(kinshipTable, rows)))
      }
    })
    return { source: imported, people: samples.length, variants: count, pairs, files }
  })
}
