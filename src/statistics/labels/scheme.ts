import { UpturnError } from '../../errors/index.ts'

/**
 * How label sets are made: in every stratum a fixed number of cases, drawn with odds p / (1 - p) by conditional Bernoulli
 * sampling. Equal p: all relabellings of the stratum are equally likely.
 */
export interface LabelScheme {
  /** Person numbers, stratum after stratum. */
  order: Int32Array
  /** In that order. */
  p: Float64Array
  /** Where each stratum begins in `order`, and its end: strata + 1 offsets. */
  starts: Int32Array
  /** Cases of each stratum. */
  cases: Int32Array
}

/**
 * The scheme for people of the given strata (numbers from 0) with `cases` in each. `risks`: fitted probabilities, whose
 * odds are used; within a stratum they are scaled so that p sums to the number of cases, which changes no probability of a
 * label set but keeps every term within range. Without risks labels are uniform.
 */
export function labelScheme(strata: ArrayLike<number>, cases: Int32Array, risks?: ArrayLike<number>): LabelScheme {
  const n = strata.length
  const sizes = new Int32Array(cases.length)
  for (let i = 0; i < n; i++) sizes[strata[i]]++
  const starts = new Int32Array(cases.length + 1)
  for (let s = 0; s < cases.length; s++) {
    if (cases[s] < 0 || cases[s] > sizes[s])
      throw new UpturnError('BadArgument', `a stratum of ${sizes[s]} people cannot hold ${cases[s]} cases`)
    starts[s + 1] = starts[s] + sizes[s]
  }
  const next = starts.slice()
  const order = new Int32Array(n)
  for (let i = 0; i < n; i++) order[next[strata[i]]++] = i
  const p = new Float64Array(n)
  for (let s = 0; s < cases.length; s++) {
    const from = starts[s]
    const size = sizes[s]
    const share = size === 0 ? 0 : cases[s] / size
    if (risks === undefined || share === 0 || share === 1) {
      p.fill(share, from, from + size)
      continue
    }
    const odds = new Float64Array(size)
    for (let i = 0; i < size; i++) {
      const r = risks[order[from + i]]
      if (!(r > 0 && r < 1)) throw new UpturnError('BadArgument', `a fitted risk lies between 0 and 1, not ${r}`)
      odds[i] = r / (1 - r)
    }
    const scale = scaleOf(odds, cases[s])
    for (let i = 0; i < size; i++) p[from + i] = (scale * odds[i]) / (1 + scale * odds[i])
  }
  return { order, p, starts, cases }
}

/** The factor by which odds are multiplied so that the probabilities sum to m, by bisection on its logarithm. */
function scaleOf(odds: Float64Array, m: number): number {
  const sum = (scale: number) => {
    let total = 0
    for (const w of odds) total += (scale * w) / (1 + scale * w)
    return total
  }
  let low = 1
  let high = 1
  while (sum(low) > m) low /= 16
  while (sum(high) < m) high *= 16
  for (let step = 0; step < 60; step++) {
    const middle = Math.sqrt(low * high)
    if (sum(middle) < m) low = middle
    else high = middle
  }
  return Math.sqrt(low * high)
}
