import type { BiomarkerTrend } from '../../results/biomarkers.ts'
import { isExactTrendShort, jonckheereTerpstra, kruskalWallis, permutedTrend } from '../../statistics/rank/index.ts'
import { type Person, ranked, trendOrder } from './person.ts'

/** States x values of J up to which the exact distribution takes at most seconds. */
const exactWork = 2e7
const draws = 19_999

/**
 * Whether levels differ between groups at all (Kruskal-Wallis) and whether they rise from rapid through typical, slow and plateau to reversal
 * (Jonckheere-Terpstra, exact where that is short, else by relabelling). Ranks, unadjusted, one value a person; null with fewer than two groups of two people.
 */
export function trendOf(people: readonly Person[], seed: number): BiomarkerTrend | null {
  const order = trendOrder.filter((group) => people.filter((p) => p.group === group).length >= 2)
  const used = people.filter((p) => order.includes(p.group))
  if (order.length < 2) return null
  const values = ranked(used)
  const groups = used.map((p) => order.indexOf(p.group))
  const sizes = order.map((_, g) => groups.filter((x) => x === g).length)
  const states = sizes.reduce((product, n) => product * (n + 1), 1)
  const pairs = sizes.flatMap((a, i) => sizes.slice(i + 1).map((b) => 2 * a * b)).reduce((a, b) => a + b, 0)
  const { statistic, degrees, p } = kruskalWallis(values, groups)
  const short = states * pairs <= exactWork && isExactTrendShort(values, groups)
  const drawn = permutedTrend(values, groups, { draws: short ? 0 : draws, seed })
  const exact = short ? jonckheereTerpstra(values, groups) : null
  return {
    order: [...order],
    sizes,
    kruskal: { statistic, degrees, p },
    trend: {
      statistic: drawn.statistic,
      z: drawn.z,
      p: exact?.twoSided ?? drawn.p,
      method: exact === null ? 'permutation' : 'exact',
      draws: drawn.draws,
    },
  }
}
