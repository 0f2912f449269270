import { UpturnError } from '../errors/index.ts'
import { philox, philoxKey } from './philox.ts'
import { drawBinomial, drawGamma, drawPoisson } from './random-variates.ts'
import { log } from './special.ts'

const largestBuffer = 2048

/**
 * Random numbers that depend on (seed, purpose, index) and on how many were drawn before, on nothing else: Philox4x32-10
 * with the key from (seed, purpose), the index in the upper half of the counter and the block number in the lower.
 * The purpose says what the numbers are for, in the form 'folder/thing'; the index which of many (a replicate, a person).
 */
export class RandomStream {
  readonly #key: readonly number[]
  readonly #index: number
  #buffer = new Uint32Array(4)
  #position = 4
  #block = 0
  #spare: number | undefined

  /** Seed and index are whole numbers from 0 to 2^53 - 1. */
  constructor(seed: number, purpose: string, index = 0) {
    if (!Number.isSafeInteger(index) || index < 0)
      throw new UpturnError('BadArgument', `a stream's index is a whole number from 0 to 2^53 - 1, not ${index}`)
    this.#key = philoxKey(seed, purpose)
    this.#index = index
  }

  /** 32 random bits. */
  uint32(): number {
    if (this.#position === this.#buffer.length) this.#refill()
    return this.#buffer[this.#position++]
  }

  #refill(): void {
    if (this.#block > 0 && this.#buffer.length < largestBuffer) this.#buffer = new Uint32Array(this.#buffer.length * 4)
    philox(this.#buffer, this.#block, this.#index, this.#key)
    this.#block += this.#buffer.length / 4
    this.#position = 0
  }

  /** Uniform on (0, 1), never an end: (k + 1/2) 2^-52. */
  uniform(): number {
    const high = this.uint32() >>> 6
    return (high * 67108864 + (this.uint32() >>> 6) + 0.5) * 2.220446049250313e-16
  }

  /** Standard normal, by Marsaglia's polar method. */
  normal(): number {
    const spare = this.#spare
    if (spare !== undefined) {
      this.#spare = undefined
      return spare
    }
    for (;;) {
      const u = 2 * this.uniform() - 1
      const v = 2 * this.uniform() - 1
      const s = u * u + v * v
      if (s >= 1) continue
      const factor = Math.sqrt((-2 * log(s)) / s)
      this.#spare = v * factor
      return u * factor
    }
  }

  /** Exponential with mean 1. */
  exponential(): number {
    return -log(this.uniform())
  }

  /** One of 0 ... n - 1, each equally likely; 1 <= n <= 2^32. */
  integer(n: number): number {
    if (!(Number.isInteger(n) && n >= 1 && n <= 4294967296))
      throw new UpturnError('BadArgument', `integer(n) takes 1 to 2^32 choices, not ${n}`)
    // the incomplete last round of n among 2^32 is drawn again
    const limit = 4294967296 - (4294967296 % n)
    for (;;) {
      const word = this.uint32()
      if (word < limit) return word % n
    }
  }

  /** Permutes in place (Fisher and Yates) and returns the same array. */
  shuffle<A extends { [index: number]: unknown; readonly length: number }>(array: A): A {
    const items = array as { [index: number]: unknown; readonly length: number }
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const held = items[i]
      items[i] = items[j]
      items[j] = held
    }
    return array
  }

  /** k of 0 ... n - 1 without replacement, each subset equally likely, ascending (Knuth's selection sampling, Floyd's set). */
  choose(n: number, k: number): Int32Array {
    if (!(Number.isInteger(n) && Number.isInteger(k) && k >= 0 && k <= n && n <= 2147483647))
      throw new UpturnError('BadArgument', `choose(n, k) takes 0 <= k <= n < 2^31, not (${n}, ${k})`)
    const chosen = new Set<number>()
    for (let j = n - k; j < n; j++) {
      const t = this.integer(j + 1)
      chosen.add(chosen.has(t) ? j : t)
    }
    return Int32Array.from(chosen).sort()
  }

  /** Poisson with the given mean, 0 <= mean < 2^31. */
  poisson(mean: number): number {
    return drawPoisson(this, mean)
  }

  /** Gamma with the given shape > 0 and scale 1. */
  gamma(shape: number): number {
    return drawGamma(this, shape)
  }

  /** Successes in n trials of probability p. */
  binomial(n: number, p: number): number {
    return drawBinomial(this, n, p)
  }
}
