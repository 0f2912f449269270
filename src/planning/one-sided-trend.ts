import { UpturnError } from '../errors/index.ts'
import { exp, hypergeometricLogPmf } from '../numerics/special.ts'

/** Cases, then controls, with 0, 1 and 2 copies. */
export type TableCounts = readonly [number, number, number, number, number, number]

/**
 * Exact P(T >= observed) and P(T <= observed) of the trend statistic T (the cases' copies) under every relabelling with the margins
 * fixed: what a replication asks, whose direction was known before. Refuses counts that are not whole numbers.
 */
export function oneSidedTrend(counts: TableCounts): { upper: number; lower: number } {
  if (!counts.every((n) => Number.isInteger(n) && n >= 0))
    throw new UpturnError('BadArgument', `the genotype counts ${counts.join(' ')} are not whole numbers`)
  const [c0, c1, c2, k0, k1, k2] = counts
  const cases = c0 + c1 + c2
  const n1 = c1 + k1
  const n2 = c2 + k2
  const n = cases + k0 + k1 + k2
  const observed = c1 + 2 * c2
  let upper = 0
  let lower = 0
  for (let a2 = 0; a2 <= Math.min(n2, cases); a2++) {
    const outer = hypergeometricLogPmf(a2, n2, cases, n)
    if (outer === -Infinity) continue
    for (let a1 = 0; a1 <= Math.min(n1, cases - a2); a1++) {
      const probability = exp(outer + hypergeometricLogPmf(a1, n1, cases - a2, n - n2))
      if (a1 + 2 * a2 >= observed) upper += probability
      if (a1 + 2 * a2 <= observed) lower += probability
    }
  }
  return { upper: Math.min(1, upper), lower: Math.min(1, lower) }
}
