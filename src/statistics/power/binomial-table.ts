import { binomialLogPmf, exp } from '../../numerics/special.ts'

/** P(X <= k) for k = 0 ... n, X binomial(n, p): summed from the far tail so that the small side keeps its digits. */
export function binomialCumulative(n: number, p: number): Float64Array {
  const cumulative = new Float64Array(n + 1)
  let sum = 0
  for (let k = 0; k <= n; k++) {
    sum += exp(binomialLogPmf(k, n, p))
    cumulative[k] = sum
  }
  cumulative[n] = 1
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
