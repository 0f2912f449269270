import { RandomStream } from '../../numerics/random.ts'
import type { LabelScheme } from './scheme.ts'

/** Conditional inclusion probabilities of one stratum: at person i with k cases still to come, [i * (m + 1) + k]. */
function sequential(p: Float64Array, m: number): Float64Array {
  const n = p.length
  const width = m + 1
  // tail[k] = P(k cases among people i .. n - 1), each independent with probability p.
  let tail = new Float64Array(width)
  tail[0] = 1
  const inclusion = new Float64Array(n * width)
  for (let i = n - 1; i >= 0; i--) {
    const next = new Float64Array(width)
    for (let k = 0; k < width; k++) {
      const taken = k > 0 ? p[i] * tail[k - 1] : 0
      next[k] = taken + (1 - p[i]) * tail[k]
      // Where everyone left must be a case the quotient is 1 even if the probabilities underflow.
      inclusion[i * width + k] = k >= n - i ? 1 : next[k] > 0 ? taken / next[k] : 0
    }
    tail = next
  }
  return inclusion
}

/** Draws label sets of a scheme: sets of one (seed, purpose) with different indices are independent. */
export class LabelSets {
  readonly #scheme: LabelScheme
  readonly #inclusion: (Float64Array | undefined)[]

  constructor(scheme: LabelScheme) {
    this.#scheme = scheme
    this.#inclusion = Array.from(scheme.cases, (m, s) => {
      const p = scheme.p.subarray(scheme.starts[s], scheme.starts[s + 1])
      return p.every((v) => v === p[0]) ? undefined : sequential(p, m)
    })
  }

  /**
   * The cases of label set `index`, person numbers. In a stratum of equal odds by choosing m of n (Fisher-Yates), else by
   * exact sequential conditional-Bernoulli sampling: person after person with the probability given how many cases are
   * still to come. Chen, Dempster and Liu 1994, Biometrika 81:457, procedure 2.
   */
  draw(seed: number, purpose: string, index: number): Int32Array {
    const { order, starts, cases } = this.#scheme
    const random = new RandomStream(seed, purpose, index)
    const chosen: number[] = []
    for (let s = 0; s < cases.length; s++) {
      const inclusion = this.#inclusion[s]
      let left = cases[s]
      if (inclusion === undefined) {
        const people = order.slice(starts[s], starts[s + 1])
        for (let k = 0; k < left; k++) {
          const pick = k + random.integer(people.length - k)
          const person = people[pick]
          people[pick] = people[k]
          people[k] = person
          chosen.push(person)
        }
        continue
      }
      const width = cases[s] + 1
      for (let i = starts[s]; i < starts[s + 1] && left > 0; i++) {
        if (random.uniform() < inclusion[(i - starts[s]) * width + left]) {
          chosen.push(order[i])
          left--
        }
      }
    }
    return Int32Array.from(chosen)
  }

  /**
   * Label sets first .. first + count - 1 as bit planes of `words` 64-bit words, one after another; the bit of person i is
   * bits[i].
   */
  planes(
    seed: number,
    purpose: string,
    first: number,
    count: number,
    bits: ArrayLike<number>,
    words: number,
  ): Uint8Array {
    const planes = new Uint8Array(8 * words * count)
    for (let r = 0; r < count; r++)
      for (const person of this.draw(seed, purpose, first + r))
        planes[8 * words * r + (bits[person] >> 3)] |= 1 << (bits[person] & 7)
    return planes
  }
}

/** Exact probability of each person to be a case under the scheme, by person number. */
export function inclusionProbabilities(scheme: LabelScheme): Float64Array {
  const result = new Float64Array(scheme.order.length)
  for (let s = 0; s < scheme.cases.length; s++) {
    const m = scheme.cases[s]
    const from = scheme.starts[s]
    const p = scheme.p.subarray(from, scheme.starts[s + 1])
    const inclusion = sequential(p, m)
    // Forward over the number of cases still to come.
    let state = new Float64Array(m + 1)
    state[m] = 1
    for (let i = 0; i < p.length; i++) {
      const next = new Float64Array(m + 1)
      for (let k = 0; k <= m; k++) {
        const take = state[k] * inclusion[i * (m + 1) + k]
        result[scheme.order[from + i]] += k > 0 ? take : 0
        next[k] += state[k] - take
        if (k > 0) next[k - 1] += take
      }
      state = next
    }
  }
  return result
}
