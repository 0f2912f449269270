import { exp } from '../../numerics/special.ts'
import { hardyWeinberg } from '../../statistics/exact/hardy-weinberg.ts'
import { hardyWeinbergNull } from '../../statistics/exact/hardy-weinberg-null.ts'

/** The exact test, its -log10 taken from logs, so that it does not underflow, and its mid-p. */
export interface HardyWeinbergFacts {
  readonly p: number
  readonly neglog10p: number
  readonly midp: number
  /** The three as text, a tab between them. */
  readonly text: string
}

/** Allele counts up to this have their whole distribution made at once. */
const largestTable = 2048
/** Numbers held; when there are more all are forgotten. */
const heldNumbers = 400_000

const perLog10 = 1 / Math.LN10

function factsOf(logP: number, logMidp: number): HardyWeinbergFacts {
  const p = exp(logP)
  // 0 - x has no -0.
  const neglog10p = 0 - logP * perLog10
  const midp = exp(logMidp)
  return { p, neglog10p, midp, text: `${p}\t${neglog10p}\t${midp}` }
}

interface Table {
  readonly logP: Float64Array
  readonly logMidp: Float64Array
  readonly facts: (HardyWeinbergFacts | undefined)[]
}

/** Hardy-Weinberg tests of many variants: variants with the same number of people and of rarer alleles share a table. */
export class HardyWeinbergMemo {
  readonly #tables = new Map<number, Table>()
  #held = 0

  /** Null where nobody is called. The same object for the same counts, while it is held. */
  facts(ref: number, het: number, alt: number): HardyWeinbergFacts | null {
    const people = ref + het + alt
    if (people === 0) return null
    const hom = Math.min(ref, alt)
    const rare = het + 2 * hom
    if (rare > largestTable) {
      const { logP, logMidp } = hardyWeinberg(hom, het, people - het - hom)
      return factsOf(logP, logMidp)
    }
    const key = people * (largestTable + 1) + rare
    let table = this.#tables.get(key)
    if (table === undefined) {
      const { logP, logMidp } = hardyWeinbergNull(people, rare)
      table = { logP, logMidp, facts: new Array<undefined>(logP.length) }
      this.#held += logP.length
      if (this.#held > heldNumbers) {
        this.#tables.clear()
        this.#held = logP.length
      }
      this.#tables.set(key, table)
    }
    const place = het >> 1
    table.facts[place] ??= factsOf(table.logP[place], table.logMidp[place])
    return table.facts[place]
  }
}
