import { kernels } from '../../numerics/kernels.ts'
import { compareIntegers, compareOutcomes, integerChoose } from './comparison.ts'
import { conditionalOddsRatio } from './conditional-odds-ratio.ts'
import { requireCounts } from './counts.ts'
import type { ExactResult, TwoByTwoTable } from './genotype-table.ts'
import type { ConditionalOddsRatio } from './noncentral.ts'

/**
 * Fisher's exact test of a 2 x 2 table, two-sided: the tables with the same margins that are no more likely than this one,
 * ties found in integers; mid-p halves the tied tables.
 */
export function fisherTest(table: TwoByTwoTable): ExactResult {
  const { caseWith, caseWithout, controlWith, controlWithout } = table
  requireCounts(caseWith, caseWithout, controlWith, controlWithout)
  const cases = caseWith + caseWithout
  const without = caseWithout + controlWithout
  const having = caseWith + controlWith
  const weight = (x: number) => integerChoose(without, cases - x) * integerChoose(having, x)
  return compareOutcomes(
    (out) => kernels().call.freemanHalton(without, having, 0, cases, caseWith, 0, out),
    (x) => compareIntegers(weight(x), weight(caseWith)),
  )
}

/** Fisher's test with the conditional odds ratio and its exact limits (level 0.95 unless told). */
export function fisherExact(table: TwoByTwoTable, level = 0.95): ExactResult & ConditionalOddsRatio {
  return { ...fisherTest(table), ...conditionalOddsRatio(table, level) }
}
