import { kernels } from '../../numerics/kernels.ts'

/** Counts by person (column of the store, padded to whole words) over a set of variants. */
export interface PersonCounts {
  /** Variants counted. */
  used: number
  heterozygous: Int32Array
  missing: Int32Array
}

// The kernel's vertical counters have 16 bits.
const largestCount = 65_535

/** Counts heterozygous and missing calls of everyone over records index[..]; records lie in kernel memory. */
export function personCounts(records: number, index: Int32Array, words: number): PersonCounts {
  const k = kernels()
  return k.scope(() => {
    const people = 64 * words
    const het = k.allocate(4 * people)
    const missing = k.allocate(4 * people)
    const scratch = k.allocate(512)
    const indexAt = k.put(index)
    k.i32(het, people).fill(0)
    k.i32(missing, people).fill(0)
    for (let from = 0; from < index.length; from += largestCount)
      k.call.personCounts(
        records,
        indexAt + 4 * from,
        Math.min(largestCount, index.length - from),
        words,
        het,
        missing,
        scratch,
      )
    return {
      used: index.length,
      heterozygous: k.i32(het, people).slice(),
      missing: k.i32(missing, people).slice(),
    }
  })
}

/** Sum by person of the weights of the variants at which the person has no call. */
export function missingWeights(records: number, index: Int32Array, weights: Float64Array, words: number): Float64Array {
  const k = kernels()
  return k.scope(() => {
    const sums = k.allocate(8 * 64 * words)
    const indexAt = k.put(index)
    const weightsAt = k.put(weights)
    k.f64(sums, 64 * words).fill(0)
    k.call.missingWeights(records, indexAt, weightsAt, index.length, words, sums)
    return k.f64(sums, 64 * words).slice()
  })
}

/** Adds b to a, entry by entry. */
export function addPersonCounts(a: PersonCounts, b: PersonCounts): void {
  a.used += b.used
  for (let s = 0; s < a.missing.length; s++) {
    a.heterozygous[s] += b.heterozygous[s]
    a.missing[s] += b.missing[s]
  }
}

/** Counts of nobody over nothing. */
export function noPersonCounts(words: number): PersonCounts {
  return { used: 0, heterozygous: new Int32Array(64 * words), missing: new Int32Array(64 * words) }
}
