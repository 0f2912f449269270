import type { Workshop } from '../../compute/index.ts'
import { pruneByLd } from '../../genotypes/ld/prune.ts'
import { type ChosenVariants, chooseVariants } from '../../genotypes/quality/choose.ts'
import { peopleMask } from '../../genotypes/quality/scan.ts'
import { readHeader } from '../../genotypes/store/open.ts'

/** Which autosomal variants are taken. */
export interface PruneChoice {
  /** Smallest minor-allele frequency and call rate. */
  maf: number
  callRate: number
  /** Largest r2 of two variants within 200 kb; null leaves LD as it is. */
  prune: number | null
  /** Leaves out regions of long-range LD. */
  excludeLongRange: boolean
}

const window = 200_000

/** Autosomal variants of a store, frequencies and LD over everybody. */
export async function variantsFor(folder: string, choice: PruneChoice, workshop: Workshop): Promise<ChosenVariants> {
  const header = await readHeader(workshop.host, `${folder}/store.json`)
  const setup = {
    folder,
    people: peopleMask(header, header.samples.keys()),
    maf: choice.maf,
    variantCallRate: choice.callRate,
    excludeLongRange: choice.excludeLongRange,
  }
  if (choice.prune === null) return chooseVariants({ ...setup, among: null }, workshop)
  const { chosen } = await pruneByLd({ ...setup, keep: null, r2: choice.prune, window }, workshop)
  return chooseVariants({ ...setup, among: chosen }, workshop)
}
