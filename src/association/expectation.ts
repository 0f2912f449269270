import { exp } from '../numerics/special.ts'
import type { TrendTables } from './tables.ts'

/** Bins of -log10 p, 0.01 wide, from 0 to 60; the last takes what lies beyond. */
export const expectationBins = 6000
const binsPerLog = 100 / Math.LN10

/** So many outcomes are looked through sooner than a map of them is made. */
const fewOutcomes = 64

/** The bin of a natural log p. */
export function binOf(logP: number): number {
  return Math.min(expectationBins - 1, Math.floor(-logP * binsPerLog + 1e-9))
}

/** Middle of a bin, -log10 p. */
export function binMiddle(bin: number): number {
  return (bin + 0.5) / 100
}

/**
 * How many variants are expected in each bin of -log10 p when every one follows its own discrete null: each table's
 * distribution of p is added as often as a variant has it. Memory does not depend on the number of variants.
 */
export class ExpectedQuantiles {
  readonly #trend: TrendTables
  readonly #uses = new Map<string, { margins: [number, number, number, number]; times: number }>()
  readonly #bins = new Float64Array(expectationBins)
  readonly #logP = new Float64Array(fewOutcomes)
  readonly #logMidp = new Float64Array(fewOutcomes)

  constructor(trend: TrendTables) {
    this.#trend = trend
  }

  add(n0: number, n1: number, n2: number, c: number): void {
    const key = `${n0} ${n1} ${n2} ${c}`
    const use = this.#uses.get(key)
    if (use !== undefined) use.times++
    else {
      if (this.#uses.size >= 50_000) this.#settle()
      this.#uses.set(key, { margins: [n0, n1, n2, c], times: 1 })
    }
  }

  /** A variant whose table is its own: log p and mid-p by T, NaN where T cannot occur. Outcomes of one p are tied. */
  addTable(logP: Float64Array, logMidp: Float64Array): void {
    const few = this.#distinct(logP, logMidp)
    for (let i = 0; i < few; i++) this.#addOutcome(this.#logP[i], this.#logMidp[i])
    if (few >= 0) return
    const midp = new Map<number, number>()
    for (let t = 0; t < logP.length; t++) if (!Number.isNaN(logP[t])) midp.set(logP[t], logMidp[t])
    for (const [p, mid] of midp) this.#addOutcome(p, mid)
  }

  #addOutcome(logP: number, logMidp: number): void {
    this.#bins[binOf(logP)] += 2 * (exp(logP) - exp(logMidp))
  }

  /** Puts aside the p that differ, each with its mid-p, and returns their number; -1 where they are too many. */
  #distinct(logP: Float64Array, logMidp: Float64Array): number {
    let distinct = 0
    for (let t = 0; t < logP.length; t++) {
      const p = logP[t]
      if (Number.isNaN(p)) continue
      let at = 0
      while (at < distinct && this.#logP[at] !== p) at++
      if (at === fewOutcomes) return -1
      if (at === distinct) this.#logP[distinct++] = p
      this.#logMidp[at] = logMidp[t]
    }
    return distinct
  }

  #settle(): void {
    for (const { margins, times } of this.#uses.values()) {
      const [n0, n1, n2, c] = margins
      const { logP, logMidp } = this.#trend.get(n0, n1, n2, c)
      const n = n0 + n1 + n2
      // p - midp is half the probability of all outcomes tied with T: T and, where it occurs, its mirror 2 E - T.
      const twiceE = (2 * c * (n1 + 2 * n2)) / n
      for (let t = 0; t < logP.length; t++) {
        if (Number.isNaN(logP[t])) continue
        const mirror = twiceE - t
        const tied =
          mirror !== t && Number.isInteger(mirror) && mirror >= 0 && mirror < logP.length && !Number.isNaN(logP[mirror])
        const mass = 2 * (exp(logP[t]) - exp(logMidp[t]))
        this.#bins[binOf(logP[t])] += times * (tied ? mass / 2 : mass)
      }
    }
    this.#uses.clear()
  }

  bins(): Float64Array {
    this.#settle()
    return this.#bins
  }
}
