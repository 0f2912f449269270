import { exp } from '../../numerics/special.ts'
import { hardyWeinberg } from '../../statistics/exact/hardy-weinberg.ts'
import { type HardyWeinbergNull, hardyWeinbergNull } from '../../statistics/exact/hardy-weinberg-null.ts'

/** The exact test, its -log10 taken from logs, so that it does not underflow, and its mid-p. */
export interface HardyWeinbergFacts {
  readonly p: number
  readonly neglog10p: number
  readonly midp: number
}

/** Allele counts up to this have their whole distribution made at once. */
const largestTable = 2048
/** Numbers held; when there are more all are forgotten. */
const heldNumbers = 400_000

const perLog10 = 1 / Math.LN10

const hardyWeinbergFacts = (logP: number, logMidp: number): HardyWeinbergFacts => ({
  p: exp(logP),
  // 0 - x has no -0.
  neglog10p: 0 - logP * perLog10,
  midp: exp(logMidp),
})

/** Hardy-Weinberg tests of many variants: variants with the same number of people and of rarer alleles share a table. */
export class HardyWeinbergMemo {
  readonly #tables = new Map<number, HardyWeinbergNull>()
  #held = 0

  /** Null where nobody is called. */
  facts(ref: number, het: number, alt: number): HardyWeinbergFacts | null {
    const people = ref + het + alt
    if (people === 0) return null
    const hom = Math.min(ref, alt)
    const rare = het + 2 * hom
    if (rare > largestTable) {
      const { logP, logMidp } = hardyWeinberg(hom, het, people - het - hom)
      return hardyWeinbergFacts(logP, logMidp)
    }
    const table = this.#table(people, rare)
    return hardyWeinbergFacts(table.logP[het >> 1], table.logMidp[het >> 1])
  }

  #table(people: number, rare: number): HardyWeinbergNull {
    const key = people * (largestTable + 1) + rare
    const known = this.#tables.get(key)
    if (known !== undefined) return known
    const table = hardyWeinbergNull(people, rare)
    if (this.#held + table.logP.length > heldNumbers) {
      this.#tables.clear()
      this.#held = 0
    }
    this.#held += table.logP.length
    this.#tables.set(key, table)
    return table
  }
}
