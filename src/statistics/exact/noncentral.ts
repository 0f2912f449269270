import { UpturnError } from '../../errors/index.ts'
import { exp, log } from '../../numerics/special.ts'

/** Limits of `exact` kind hold at least their level; of `mid-p` kind the observed outcome counts half: nearer to the level. */
export type ExactLimits = 'exact' | 'mid-p'

export interface ConditionalOddsRatio {
  /** `one_sided`: at an end of the support, estimate 0 or infinite; `uninformative`: the margins leave one table, which says nothing. */
  orStatus: 'ok' | 'one_sided' | 'uninformative'
  /** Conditional maximum likelihood; 0 or Infinity at an end of the support, NaN when the margins leave one table. */
  oddsRatio: number
  /** Central limits: 0 and Infinity where the data do not bound the odds ratio. */
  low: number
  high: number
}

/**
 * Odds ratio of a distribution on consecutive integers, P(X = x) proportional to exp(logWeights[x] + x log(odds ratio)),
 * given that X is at index `observed`: its maximum likelihood and central limits, P(X >= x | low) = P(X <= x | high) =
 * (1 - level) / 2, where `mid-p` counts the observed outcome half (Lancaster 1961). Solved to the last few digits on the log scale.
 */
export function noncentralOddsRatio(
  logWeights: ArrayLike<number>,
  observed: number,
  level: number,
  kind: ExactLimits,
): ConditionalOddsRatio {
  if (!(level > 0 && level < 1)) throw new UpturnError('BadArgument', `a level lies between 0 and 1, not ${level}`)
  const highest = logWeights.length - 1
  if (highest === 0) return { orStatus: 'uninformative', oddsRatio: Number.NaN, low: 0, high: Number.POSITIVE_INFINITY }

  /** Sums over one part of the support at log odds ratio theta: log of weights, and moments of x - observed. */
  const sums = (theta: number, from: number, to: number, ofObserved: number) => {
    let largest = Number.NEGATIVE_INFINITY
    for (let x = from; x <= to; x++) largest = Math.max(largest, logWeights[x] + theta * (x - observed))
    let total = 0
    let first = 0
    let second = 0
    for (let x = from; x <= to; x++) {
      const d = x - observed
      const weight = (d === 0 ? ofObserved : 1) * exp(logWeights[x] + theta * d - largest)
      total += weight
      first += weight * d
      second += weight * d * d
    }
    const mean = first / total
    return { log: largest + log(total), mean, variance: second / total - mean * mean }
  }
  const half = log((1 - level) / 2)
  const share = kind === 'mid-p' ? 0.5 : 1
  const atLow = observed === 0
  const atHigh = observed === highest
  const estimate = () =>
    solve((theta) => {
      const { mean, variance } = sums(theta, 0, highest, 1)
      return [mean, variance]
    })
  const tail = (from: number, to: number) =>
    solve((theta) => {
      const part = sums(theta, from, to, share)
      const all = sums(theta, 0, highest, 1)
      // oriented to increase in theta
      const sign = to === highest ? 1 : -1
      return [sign * (part.log - all.log - half), sign * (part.mean - all.mean)]
    })
  return {
    orStatus: atLow || atHigh ? 'one_sided' : 'ok',
    oddsRatio: atLow ? 0 : atHigh ? Number.POSITIVE_INFINITY : exp(estimate()),
    low: atLow ? 0 : exp(tail(observed, highest)),
    high: atHigh ? Number.POSITIVE_INFINITY : exp(tail(0, observed)),
  }
}

/** The root of an increasing function given with its slope: Newton's steps inside a bracket. */
function solve(f: (theta: number) => [number, number]): number {
  let low = Number.NEGATIVE_INFINITY
  let high = Number.POSITIVE_INFINITY
  let theta = 0
  for (let i = 0; i < 300; i++) {
    const [value, slope] = f(theta)
    if (value === 0) return theta
    if (value > 0) high = theta
    else low = theta
    let next = slope > 0 ? theta - value / slope : Number.NaN
    if (!(Math.abs(next - theta) <= 4)) next = theta - 4 * Math.sign(value)
    if (Math.abs(next - theta) <= 2e-16 * Math.max(1, Math.abs(theta))) return next
    if (!(next > low && next < high)) next = (low + high) / 2
    theta = next
  }
  return theta
}
