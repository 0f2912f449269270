import { HeldView } from '../numerics/held-view.ts'
import { kernels } from '../numerics/kernels.ts'
import { exp } from '../numerics/special.ts'
import type { TrendTables } from './tables.ts'

/** Bins of -log10 p, 0.01 wide, from 0 to 60; the last takes what lies beyond. */
export const expectationBins = 6000
export const binsPerLog = 100 / Math.LN10

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
  /** Pointer to the bins: a variant whose table is its own adds to them where the table is made. */
  readonly bins: number
  readonly #held: HeldView<Float64Array>

  /** Valid inside the kernel scope in which it was made. */
  constructor(trend: TrendTables) {
    const k = kernels()
    this.#trend = trend
    this.bins = k.allocate(8 * expectationBins)
    this.#held = new HeldView(() => k.f64(this.bins, expectationBins))
    this.#held.now.fill(0)
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

  #settle(): void {
    const bins = this.#held
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
        bins.now[binOf(logP[t])] += times * (tied ? mass / 2 : mass)
      }
    }
    this.#uses.clear()
  }

  /** Expected number of variants in each bin. */
  total(): Float64Array {
    this.#settle()
    return this.#held.now.slice()
  }
}
