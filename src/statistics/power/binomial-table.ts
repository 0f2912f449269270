import { binomialLogPmf, exp } from '../../numerics/special.ts'

/** Share of the largest probability below which a value is left out: beyond what a uniform of 53 bits can reach. */
const negligible = 1e-22

/** P(X <= k) for k = 0 ... n, X binomial(n, p): by ratios of neighbours from the mode outwards, summed from the small side. */
export function binomialCumulative(n: number, p: number): Float64Array {
  const cumulative = new Float64Array(n + 1)
  const mode = Math.min(n, Math.floor((n + 1) * p))
  const odds = p / (1 - p)
  const peak = exp(binomialLogPmf(mode, n, p))
  cumulative[mode] = peak
  let first = mode
  for (let mass = peak; first > 0 && mass > negligible * peak; first--) {
    mass *= first / ((n - first + 1) * odds)
    cumulative[first - 1] = mass
  }
  let last = mode
  for (let mass = peak; last < n && mass > negligible * peak; last++) {
    mass *= ((n - last) * odds) / (last + 1)
    cumulative[last + 1] = mass
  }
  for (let k = first + 1; k <= last; k++) cumulative[k] += cumulative[k - 1]
  cumulative.fill(1, last)
  return cumulative
}

/** Smallest k with u <= P(X <= k). */
export function quantile(cumulative: Float64Array, u: number): number {
  let low = 0
  let high = cumulative.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (u <= cumulative[middle]) high = middle
    else low = middle + 1
  }
  return low
}
