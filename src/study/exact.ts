import { join } from 'node:path'
import { type ExactCounts, exactScan } from '../association/exact/scan.ts'
import type { Workshop } from '../compute/index.ts'
import { exactTable } from '../results/exact.ts'
import { type TableDesignNotes, type TableDesignOptions, withTableDesign } from './table-design.ts'
import { tsvHeader } from './tsv.ts'

export type ExactFilesOptions = Omit<
  TableDesignOptions,
  'permutations' | 'seed' | 'alpha' | 'covariates' | 'strata' | 'matched'
>

/** Writes `exact.tsv`: exact tests of every variant, from genotypes and a table of phenotypes. Nothing is filtered. */
export async function exactFiles(
  options: ExactFilesOptions,
  workshop: Workshop,
): Promise<TableDesignNotes & { counts: ExactCounts }> {
  const asked = { ...options, covariates: [], permutations: 0, seed: 1, alpha: 0.05 }
  const { result: counts, ...known } = await withTableDesign(asked, workshop, async (made) => {
    const { design, labels, folder, store } = made
    const table = await workshop.host.create(join(options.out, 'exact.tsv'))
    try {
      await table.write(new TextEncoder().encode(tsvHeader(exactTable)))
      const found = await exactScan(design, labels, { folder, header: store.header }, workshop, (lines) =>
        table.write(lines),
      )
      await table.commit()
      return found
    } catch (error) {
      await table.discard()
      throw error
    }
  })
  return { counts, ...known }
}
