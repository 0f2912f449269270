import { chiSquareQuantileLog, log } from '../numerics/special.ts'
import { binMiddle, binOf, expectationBins } from './expectation.ts'

const midpBins = 65_536
/** Median of chi-square with one degree of freedom. */
const medianChiSquare = 0.454936423119572

/** Observed and expected p of distinct variants, in bounded memory. */
export class Quantiles {
  readonly #observed = new Float64Array(expectationBins)
  readonly #expected = new Float64Array(expectationBins)
  readonly #midp = new Int32Array(midpBins)
  #count = 0

  /** One variant's log p and mid-p. */
  add(logP: number, midp: number): void {
    this.#observed[binOf(logP)]++
    this.#midp[Math.min(midpBins - 1, Math.floor(midp * midpBins))]++
    this.#count++
  }

  /** A chunk's expected bins. */
  expect(bins: Float64Array): void {
    for (let b = 0; b < bins.length; b++) this.#expected[b] += bins[b]
  }

  /** Genomic inflation: chi-square of the median mid-p over that of one half; 1 when nothing was tested. */
  lambda(): number {
    if (this.#count === 0) return 1
    const half = this.#count / 2
    let below = 0
    let bin = 0
    while (below + this.#midp[bin] < half) below += this.#midp[bin++]
    const median = (bin + (half - below) / Math.max(1, this.#midp[bin])) / midpBins
    return chiSquareQuantileLog(log(median), 1) / medianChiSquare
  }

  /**
   * Quantile pairs from the largest: at rank r the expected value is where r variants are expected beyond it under their own
   * discrete nulls; limits are those where a Poisson count has mean at its 97.5% and 2.5% limits (independent variants:
   * a guide, as LD widens it). Thinned to about 40 points a decade of rank.
   */
  points(): { expected: number[]; observed: number[]; low: number[]; high: number[] } {
    const result = { expected: [] as number[], observed: [] as number[], low: [] as number[], high: [] as number[] }
    for (let rank = 1; rank <= this.#count; rank = Math.max(rank + 1, Math.round(rank * ratio))) {
      result.observed.push(beyond(this.#observed, rank))
      result.expected.push(beyond(this.#expected, rank - 0.5))
      // Limits of a Poisson mean for a count, Wilson and Hilferty's cube.
      result.high.push(beyond(this.#expected, gammaQuantile(rank, -1.959963984540054)))
      result.low.push(beyond(this.#expected, gammaQuantile(rank, 1.959963984540054)))
    }
    return result
  }
}

const ratio = 1.06

function gammaQuantile(shape: number, z: number): number {
  const c = 1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape))
  return shape * Math.max(0, c) * Math.max(0, c) * Math.max(0, c)
}

/** The -log10 p beyond which `rank` of the histogram lie. */
function beyond(bins: Float64Array, rank: number): number {
  let sum = 0
  for (let b = bins.length - 1; b >= 0; b--) {
    sum += bins[b]
    if (sum >= rank) return b === 0 ? 0 : binMiddle(b)
  }
  return 0
}
