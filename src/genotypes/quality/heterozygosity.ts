import type { ChunkTask } from '../../compute/task.ts'
import { kernels } from '../../numerics/kernels.ts'
import { type BlockGroup, openGroups } from '../store/groups.ts'
import { addPersonCounts, missingWeights, noPersonCounts, type PersonCounts, personCounts } from './person-counts.ts'
import { countBits, countsAt, groupVariants } from './scan.ts'
import { type KindRun, kindsOf } from './variant-kinds.ts'

export interface HeterozygositySetup {
  folder: string
  runs: KindRun[]
  /** People whose calls give the allele frequencies of the autosomes. */
  people: Uint8Array
  /** People whose calls give the allele frequencies of X: women, where sex is recorded. */
  peopleX: Uint8Array
  /** Variants rarer or less often called than these are left out. */
  maf: number
  variantCallRate: number
}

/** What the method of moments needs: counts, and expected heterozygous calls over all and over the missing ones. */
export interface HeterozygosityCounts {
  counts: PersonCounts
  expected: number
  expectedMissing: Float64Array
}

export interface HeterozygosityResult {
  autosomes: HeterozygosityCounts
  x: HeterozygosityCounts
  y: PersonCounts
}

/** Heterozygous calls of every person, seen and expected, on a group's common autosomal and X variants; calls on Y. */
export const heterozygosityTask: ChunkTask<HeterozygositySetup, BlockGroup, HeterozygosityResult> = {
  name: 'genotypes/heterozygosity',
  async prepare(setup, host) {
    const store = await openGroups(host, setup.folder)
    const { header } = store
    const words = header.wordsPerPlane
    return async (group, signal) => {
      const records = await store.records(group, signal)
      const { first, variants } = groupVariants(header, group)
      const kinds = kindsOf(setup.runs, first, variants)
      const k = kernels()
      return k.scope(() => {
        const at = k.put(records)
        const tally = (kind: 'autosome' | 'X', people: Uint8Array): HeterozygosityCounts => {
          if (!kinds.includes(kind)) return noHeterozygosity(words)
          const counts = countsAt(at, variants, words, people)
          const places = Int32Array.from(kinds.keys()).filter((v) => kinds[v] === kind)
          return tallyHeterozygosity(at, words, commonVariants(counts, places, { ...setup, n: countBits(people) }))
        }
        const onY: number[] = []
        kinds.forEach((kind, v) => {
          if (kind === 'Y') onY.push(v)
        })
        return {
          autosomes: tally('autosome', setup.people),
          x: tally('X', setup.peopleX),
          y: personCounts(at, Int32Array.from(onY), words),
        }
      })
    }
  },
}

/** Variants that F is taken over: their places, the heterozygous calls expected of a person at each, and their sum. */
export interface CommonVariants {
  places: Int32Array
  /** Places of those that are rarer or less often called. */
  others: Int32Array
  weights: Float64Array
  expected: number
}

/** Which of some records are common and well called by `counts` (4 a record), which are those of `n` people. */
export function commonVariants(
  counts: Int32Array,
  places: Int32Array,
  { n, maf, variantCallRate }: { n: number; maf: number; variantCallRate: number },
): CommonVariants {
  const k = kernels()
  return k.scope(() => {
    const count = places.length
    const chosen = k.allocate(4 * count)
    const others = k.allocate(4 * count)
    const weights = k.allocate(8 * count)
    const expected = k.allocate(8)
    const countsAt = k.put(counts)
    const least = 2 * variantCallRate * n
    const used = k.call.commonVariants(countsAt, k.put(places), count, maf, least, chosen, others, weights, expected)
    return {
      places: k.i32(chosen, used).slice(),
      others: k.i32(others, count - used).slice(),
      weights: k.f64(weights, used).slice(),
      expected: k.f64(expected, 1)[0],
    }
  })
}

/** Counts of every person over common variants among the records at `at`. */
export function tallyHeterozygosity(at: number, words: number, common: CommonVariants): HeterozygosityCounts {
  return {
    counts: personCounts(at, common.places, words),
    expected: common.expected,
    expectedMissing: missingWeights(at, common.places, common.weights, words),
  }
}

export function noHeterozygosity(words: number): HeterozygosityCounts {
  return { counts: noPersonCounts(words), expected: 0, expectedMissing: new Float64Array(64 * words) }
}

/** Adds b to a; sums of a scan are taken in the order of its groups. */
export function addHeterozygosity(a: HeterozygosityCounts, b: HeterozygosityCounts): void {
  addPersonCounts(a.counts, b.counts)
  a.expected += b.expected
  for (let s = 0; s < a.expectedMissing.length; s++) a.expectedMissing[s] += b.expectedMissing[s]
}

/**
 * Inbreeding coefficient F of person s by the method of moments: (homozygous calls - expected) / (calls - expected),
 * which is 1 - heterozygous / expected heterozygous over the person's calls. NaN where nothing is expected.
 * Source: Purcell et al. 2007, Am J Hum Genet 81:559.
 */
export function inbreedingCoefficient(tally: HeterozygosityCounts, s: number): number {
  const expected = tally.expected - tally.expectedMissing[s]
  return expected > 0 ? 1 - tally.counts.heterozygous[s] / expected : Number.NaN
}
