import { chiSquareLogTail, log } from '../../numerics/special.ts'
import { exactTrendNull } from '../exact/trend-null.ts'

/** Genotype counts of one group: 0, 1 and 2 copies. */
export type GenotypeCounts = readonly [number, number, number]

/** A test of a 2x3 table at a fixed level, for one pair of group sizes. */
export interface RejectionRule {
  /** Name of the p-value column whose test this is. */
  test: string
  /** Makes the rule for `cases` and `controls` people; it remembers the null distributions that it needed. */
  forSizes(cases: number, controls: number): (cases: GenotypeCounts, controls: GenotypeCounts) => boolean
}

/** Heterozygotes times homozygotes above which the normal approximation may settle what is far from alpha. */
const crowded = 20_000
/** How far, in natural logarithms of p: a factor of 2.7. */
const far = 1

/**
 * The exact conditional trend test: rejects when p (or mid-p) is at or below alpha, computed from the table's own null distribution. Only where
 * tables are crowded (hundreds of heterozygotes, many homozygotes) and the asymptotic p is more than 2.7 times away from alpha is that taken
 * for the answer: there the two p-values differ by a few per cent, and an exact null costs milliseconds.
 */
export function trendRejection(test: 'trend_exact_p' | 'trend_midp', alpha: number): RejectionRule {
  // A p that equals alpha up to rounding counts as reached.
  const limit = log(alpha) + 1e-12
  return {
    test,
    forSizes(cases, controls) {
      const known = new Map<number, Float64Array | null>()
      return (a, b) => {
        const n1 = a[1] + b[1]
        const n2 = a[2] + b[2]
        if (n1 * n2 > crowded) {
          const logP = asymptoticLogP(cases + controls, cases, n1, n2, a[1] + 2 * a[2])
          if (Math.abs(logP - limit) > far) return logP < limit
        }
        const key = n1 * 67108864 + n2
        let logP = known.get(key)
        if (logP === undefined) {
          const nullOf = exactTrendNull(cases + controls - n1 - n2, n1, n2, cases)
          logP = test === 'trend_exact_p' ? nullOf.logP : nullOf.logMidp
          if (test === 'trend_exact_p' && nullOf.logMinAttainable > limit) logP = null
          known.set(key, logP)
        }
        return logP !== null && logP[a[1] + 2 * a[2]] <= limit
      }
    },
  }
}

/** Two-sided log p of T from its mean and variance under relabelling. */
function asymptoticLogP(n: number, cases: number, n1: number, n2: number, t: number): number {
  const copies = n1 + 2 * n2
  const squares = n1 + 4 * n2
  const excess = t - (cases * copies) / n
  const variance = ((cases * (n - cases)) / (n * (n - 1))) * (squares - (copies * copies) / n)
  return chiSquareLogTail((excess * excess) / variance, 1)
}
