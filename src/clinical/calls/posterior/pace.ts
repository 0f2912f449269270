import { exp } from '../../../numerics/index.ts'

/** Growth goes on for so many months at most, and slopes are means over the first so many. */
const longest = 48
const first = 12

/**
 * Months of decline from the first visit to `t`, where loss grows by `pace` of itself a month (below zero: wears off), for 48 months at most.
 * Ascending in t; counted so that the first year has twelve, which makes a slope the mean loss a month over the first year. `t` itself at pace 0.
 */
export function declinedMonths(t: number, pace: number): number {
  if (Math.abs(pace) < 1e-9) return t
  const grown = (to: number) => (exp(pace * to) - 1) / pace
  const reach = Math.min(t, longest)
  return ((grown(reach) + exp(pace * reach) * (t - reach)) * first) / grown(first)
}
