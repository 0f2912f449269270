import { log } from '../../numerics/special.ts'
import { requireCounts } from './counts.ts'
import type { TwoByTwoTable } from './genotype-table.ts'

/** What a 2 x 2 table's margins allow: cases having, from `lowest`, with the log weight of each over that of the observed. */
export function hypergeometricSupport(table: TwoByTwoTable): { lowest: number; logWeights: Float64Array } {
  const { caseWith, caseWithout, controlWith, controlWithout } = table
  requireCounts(caseWith, caseWithout, controlWith, controlWithout)
  const cases = caseWith + caseWithout
  const having = caseWith + controlWith
  const without = caseWithout + controlWithout
  const lowest = Math.max(0, cases - without)
  const highest = Math.min(cases, having)
  const logWeights = new Float64Array(highest - lowest + 1)
  for (let x = caseWith; x < highest; x++)
    logWeights[x + 1 - lowest] =
      logWeights[x - lowest] + log(((having - x) * (cases - x)) / ((x + 1) * (without - cases + x + 1)))
  for (let x = caseWith; x > lowest; x--)
    logWeights[x - 1 - lowest] =
      logWeights[x - lowest] + log((x * (without - cases + x)) / ((having - x + 1) * (cases - x + 1)))
  return { lowest, logWeights }
}
