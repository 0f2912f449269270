import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { requireCounts } from './counts.ts'

/** The exact null distribution of the trend statistic of one variant. */
export interface TrendNull {
  /** log two-sided p of every T = 0 ... n1 + 2 n2; NaN where T cannot occur. */
  logP: Float64Array
  /** log mid-p: the tied outcomes count half. */
  logMidp: Float64Array
  /** log of the smallest p that any labelling can reach. */
  logMinAttainable: number
}

/**
 * Cochran-Armitage's trend statistic T = cases' allele count under every relabelling of c cases among n0 + n1 + n2 people
 * with 0, 1 and 2 copies. Two-sided by |n T - c S| in integers, ties counted as extreme. Holds in logarithms at any p.
 * Time about (cases' possible genotype tables) x 5 ns; at most a few hundred terms for each T.
 */
export function exactTrendNull(n0: number, n1: number, n2: number, c: number): TrendNull {
  requireCounts(n0, n1, n2, c)
  if (c > n0 + n1 + n2) throw new UpturnError('BadArgument', `there cannot be ${c} cases among ${n0 + n1 + n2} people`)
  const k = kernels()
  const length = n1 + 2 * n2 + 1
  return k.scope(() => {
    const p = k.allocate(length * 8)
    const midp = k.allocate(length * 8)
    const logMinAttainable = k.call.exactTrendNull(n0, n1, n2, c, p, midp)
    return { logP: k.f64(p, length).slice(), logMidp: k.f64(midp, length).slice(), logMinAttainable }
  })
}
