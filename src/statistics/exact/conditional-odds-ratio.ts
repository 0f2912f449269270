import { UpturnError } from '../../errors/index.ts'
import { exp, log } from '../../numerics/special.ts'
import { requireCounts } from './counts.ts'
import type { TwoByTwoTable } from './genotype-table.ts'

export interface ConditionalOddsRatio {
  /** Conditional maximum likelihood; 0 or Infinity at an end of the support, NaN when the margins leave one table. */
  oddsRatio: number
  /** Exact central limits: 0 and Infinity where the data do not bound the odds ratio. */
  low: number
  high: number
}

/**
 * Odds ratio of a 2 x 2 table given its margins (noncentral hypergeometric, Fisher 1935; limits of Cornfield's exact kind:
 * P(X >= x | low) = P(X <= x | high) = (1 - level) / 2). Solved to the last few digits on the log scale.
 */
export function conditionalOddsRatio(table: TwoByTwoTable, level = 0.95): ConditionalOddsRatio {
  const { caseWith, caseWithout, controlWith, controlWithout } = table
  requireCounts(caseWith, caseWithout, controlWith, controlWithout)
  if (!(level > 0 && level < 1)) throw new UpturnError('BadArgument', `a level lies between 0 and 1, not ${level}`)
  const cases = caseWith + caseWithout
  const having = caseWith + controlWith
  const without = caseWithout + controlWithout
  const lowest = Math.max(0, cases - without)
  const highest = Math.min(cases, having)
  if (lowest === highest) return { oddsRatio: Number.NaN, low: 0, high: Number.POSITIVE_INFINITY }

  // log weight of x over that of the observed table, at odds ratio 1
  const logWeights = new Float64Array(highest - lowest + 1)
  for (let x = caseWith; x < highest; x++)
    logWeights[x + 1 - lowest] =
      logWeights[x - lowest] + log(((having - x) * (cases - x)) / ((x + 1) * (without - cases + x + 1)))
  for (let x = caseWith; x > lowest; x--)
    logWeights[x - 1 - lowest] =
      logWeights[x - lowest] + log((x * (without - cases + x)) / ((having - x + 1) * (cases - x + 1)))

  /** Sums over x of one part of the support at log odds ratio theta: log of weights, and mean of x - caseWith. */
  const sums = (theta: number, from: number, to: number) => {
    let largest = Number.NEGATIVE_INFINITY
    for (let x = from; x <= to; x++) largest = Math.max(largest, logWeights[x - lowest] + theta * (x - caseWith))
    let total = 0
    let first = 0
    let second = 0
    for (let x = from; x <= to; x++) {
      const d = x - caseWith
      const weight = exp(logWeights[x - lowest] + theta * d - largest)
      total += weight
      first += weight * d
      second += weight * d * d
    }
    const mean = first / total
    return { log: largest + log(total), mean, variance: second / total - mean * mean }
  }
  const half = log((1 - level) / 2)
  const atLow = caseWith === lowest
  const atHigh = caseWith === highest
  const estimate = () =>
    solve((theta) => {
      const { mean, variance } = sums(theta, lowest, highest)
      return [mean, variance]
    })
  const tail = (from: number, to: number) =>
    solve((theta) => {
      const part = sums(theta, from, to)
      const all = sums(theta, lowest, highest)
      // oriented to increase in theta
      const sign = to === highest ? 1 : -1
      return [sign * (part.log - all.log - half), sign * (part.mean - all.mean)]
    })
  return {
    oddsRatio: atLow ? 0 : atHigh ? Number.POSITIVE_INFINITY : exp(estimate()),
    low: atLow ? 0 : exp(tail(caseWith, highest)),
    high: atHigh ? Number.POSITIVE_INFINITY : exp(tail(lowest, caseWith)),
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
