import { exp } from '../../numerics/special.ts'
import type { ExactResult } from '../exact/genotype-table.ts'
import { logSum } from './distribution.ts'

/**
 * The exact test of an outcome among some with log weights: `compare(i)` is negative, 0 or positive where outcome i is more
 * extreme than, tied with or less extreme than the observed one. `logLeast` is the log weight of the most extreme outcomes together.
 */
export function orderedTest(
  logWeights: Float64Array,
  compare: (outcome: number) => number,
  logLeast: number,
): ExactResult {
  const order = Float64Array.from(logWeights, (_, i) => compare(i))
  const logTotal = logSum(logWeights)
  const beyond = logSum(logWeights, (i) => order[i] < 0)
  const tied = logSum(logWeights, (i) => order[i] === 0)
  const all = order.every((o) => o <= 0)
  const none = order.every((o) => o >= 0)
  const logP = all ? 0 : Math.min(0, logSum([beyond, tied]) - logTotal)
  const logMidp = all && none ? -Math.LN2 : logSum([beyond, tied - Math.LN2]) - logTotal
  const logMinAttainableP = Math.min(logP, logLeast - logTotal)
  return {
    p: exp(logP),
    logP,
    midp: all && none ? 0.5 : exp(logMidp),
    logMidp,
    minAttainableP: exp(logMinAttainableP),
    logMinAttainableP,
  }
}
