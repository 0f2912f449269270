import { RandomStream } from '../../numerics/random.ts'
import type { Rate } from '../../results/calibration.ts'

const resamples = 500

/**
 * Type I error with 95% limits by resampling replicates: variants of one replicate share its labels and, through LD, each
 * other's genotypes, so only replicates are independent. Where no replicate rejects anything the upper limit is that of
 * zero of R replicates, 1 - 0.025^(1/R), which errs on the wide side. Where each p is itself found among `reference` label sets that all replicates share, these move
 * the rate as replicates do: its variance is that of 1/R + 1/reference, and the limits lie as much further out.
 */
export class ReplicateIntervals {
  readonly #picks: Int32Array
  readonly #replicates: number

  constructor(replicates: number, seed: number, purpose: string) {
    this.#replicates = replicates
    this.#picks = new Int32Array(resamples * replicates)
    for (let b = 0; b < resamples; b++) {
      const random = new RandomStream(seed, purpose, b)
      for (let r = 0; r < replicates; r++) this.#picks[b * replicates + r] = random.integer(replicates)
    }
  }

  rate(
    bin: string,
    alpha: number,
    variants: number,
    rejections: ArrayLike<number>,
    reference = Number.POSITIVE_INFINITY,
  ): Rate {
    const replicates = this.#replicates
    let total = 0
    for (let r = 0; r < replicates; r++) total += rejections[r]
    const scale = 1 / (variants * replicates)
    const share = replicates / reference
    if (total === 0) {
      const high = upperOfNone(Math.floor(replicates / (1 + share)))
      return { bin, alpha, rate: 0, low: 0, high, variants, replicates }
    }
    const sums = new Float64Array(resamples)
    for (let b = 0; b < resamples; b++)
      for (let r = 0; r < replicates; r++) sums[b] += rejections[this.#picks[b * replicates + r]]
    sums.sort()
    const rate = total * scale
    const at = (place: number) => {
      const end = sums[Math.round(place * (resamples - 1))] * scale
      return share === 0 ? end : Math.min(1, Math.max(0, rate + Math.sqrt(1 + share) * (end - rate)))
    }
    return { bin, alpha, rate, low: at(0.025), high: at(0.975), variants, replicates }
  }
}

/** 1 - 0.025^(1/R) by bisection, so that no power function is needed. */
function upperOfNone(replicates: number): number {
  let low = 0
  let high = 1
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    let none = 1
    for (let r = 0; r < replicates; r++) none *= 1 - middle
    if (none > 0.025) low = middle
    else high = middle
  }
  return (low + high) / 2
}
