import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { philoxKey } from '../../numerics/philox.ts'

const sitesPerBatch = 1024
// In units of 4N Morgans: there r squared is expected to be about 1 / 200, as between chromosomes in a few hundred people.
export const farApart = 200

/** Two populations of equal constant size that split from one of that size. */
export interface Demography {
  /** Haplotypes, those of the first population first. */
  readonly leaves: number
  readonly first: number
  /** Time of the split in units of 2N generations; Infinity where there is one population. */
  readonly split: number
  /** 2N. */
  readonly generations: number
}

/**
 * The split that gives Hudson's F_ST: within a population two lineages meet after 1 unit of 2N generations on average, between
 * populations after split + 1, so that F_ST = 1 - 1 / (1 + split) (Hudson, Slatkin and Maddison 1992).
 */
export function splitForFst(fst: number): number {
  return fst / (1 - fst)
}

/**
 * Mutations on the local trees of the SMC' at ascending positions (Morgans); between sites so far apart that they are as good
 * as unlinked the tree is drawn anew instead of being led across. `visit` gets, for each batch, the index of the
 * first site and one record of `bytes` bytes a site in which bit bitOf[leaf] says that the leaf carries the derived allele.
 * Returns the number of recombinations passed.
 */
export function placeMutations(
  seed: number,
  purpose: string,
  index: number,
  demography: Demography,
  morgans: Float64Array,
  bitOf: Uint32Array,
  bytes: number,
  visit: (first: number, records: Uint8Array) => void,
): number {
  const { leaves, first, split, generations } = demography
  if (!(leaves >= 2 && leaves <= 4_000_000 && first >= 0 && first <= leaves && bitOf.length === leaves))
    throw new UpturnError('BadArgument', `a tree needs from 2 to 4 million leaves and a bit for each, not ${leaves}`)
  if (first > 0 && first < leaves && !(split >= 0 && split < 1e6))
    throw new UpturnError('BadArgument', 'two populations need a finite time at which they were one')
  if (bitOf.some((bit) => bit >= 8 * bytes))
    throw new UpturnError('BadArgument', 'a leaf has a bit outside the record of its site')
  const k = kernels()
  const [keyLow, keyHigh] = philoxKey(seed, purpose)
  return k.scope(() => {
    const state = k.allocate(k.call.coalescentBytes(leaves))
    const bits = k.put(bitOf)
    const positions = k.allocate(8 * sitesPerBatch)
    const out = k.allocate(bytes * sitesPerBatch)
    k.call.coalescentStart(
      state,
      leaves,
      first,
      split,
      generations,
      farApart / (2 * generations),
      keyLow,
      keyHigh,
      index,
      0,
    )
    let events = 0
    for (let site = 0; site < morgans.length; site += sitesPerBatch) {
      const batch = morgans.subarray(site, site + sitesPerBatch)
      k.f64(positions, batch.length).set(batch)
      k.u8(out, bytes * batch.length).fill(0)
      events += k.call.coalescentSites(state, positions, batch.length, bits, out, bytes)
      visit(site, k.u8(out, bytes * batch.length).slice())
    }
    return events
  })
}
