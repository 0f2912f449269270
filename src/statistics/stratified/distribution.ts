import { exp, log } from '../../numerics/special.ts'

/** Weights of consecutive integers from `lowest`, as logarithms; a constant may be left out of all of them. */
export interface LogDistribution {
  lowest: number
  logWeights: Float64Array
}

/** log C(n, k) less its value near n times `share`, for k = 0 .. n: small, and with few rounding errors, where it matters. */
export function relativeLogChoose(n: number, share: number): Float64Array {
  const out = new Float64Array(n + 1)
  const mode = Math.min(n, Math.max(0, Math.round(n * share)))
  for (let k = mode; k < n; k++) out[k + 1] = out[k] + log((n - k) / (k + 1))
  for (let k = mode; k > 0; k--) out[k - 1] = out[k] + log(k / (n - k + 1))
  return out
}

/** log of the sum of e^v over the kept indices; -Infinity when none is. */
export function logSum(values: ArrayLike<number>, keep: (index: number) => boolean = () => true): number {
  let largest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) if (keep(i)) largest = Math.max(largest, values[i])
  if (largest === Number.NEGATIVE_INFINITY) return largest
  let total = 0
  for (let i = 0; i < values.length; i++) if (keep(i)) total += exp(values[i] - largest)
  return largest + log(total)
}

/** The distribution of a sum of two independent integers. */
export function convolve(a: LogDistribution, b: LogDistribution): LogDistribution {
  const x = a.logWeights
  const y = b.logWeights
  const logWeights = new Float64Array(x.length + y.length - 1)
  for (let k = 0; k < logWeights.length; k++) {
    const from = Math.max(0, k - y.length + 1)
    const to = Math.min(k, x.length - 1)
    let largest = Number.NEGATIVE_INFINITY
    for (let i = from; i <= to; i++) largest = Math.max(largest, x[i] + y[k - i])
    let total = 0
    if (largest > Number.NEGATIVE_INFINITY) for (let i = from; i <= to; i++) total += exp(x[i] + y[k - i] - largest)
    logWeights[k] = total > 0 ? largest + log(total) : largest
  }
  return { lowest: a.lowest + b.lowest, logWeights }
}
