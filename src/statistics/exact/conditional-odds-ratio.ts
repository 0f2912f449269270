import type { TwoByTwoTable } from './genotype-table.ts'
import { type ConditionalOddsRatio, type ExactLimits, noncentralOddsRatio } from './noncentral.ts'
import { hypergeometricSupport } from './support.ts'

/**
 * Odds ratio of a 2 x 2 table given its margins (noncentral hypergeometric, Fisher 1935), with exact central limits of
 * Cornfield's kind or their mid-p form, which are narrower and hold their level on average instead of always.
 */
export function conditionalOddsRatio(
  table: TwoByTwoTable,
  level = 0.95,
  kind: ExactLimits = 'exact',
): ConditionalOddsRatio {
  const { lowest, logWeights } = hypergeometricSupport(table)
  return noncentralOddsRatio(logWeights, table.caseWith - lowest, level, kind)
}
