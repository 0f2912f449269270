import { UpturnError } from '../../errors/index.ts'
import { integerChoose } from '../exact/comparison.ts'
import { requireCounts } from '../exact/counts.ts'
import type { ExactResult, TwoByTwoTable } from '../exact/genotype-table.ts'
import { type ConditionalOddsRatio, type ExactLimits, noncentralOddsRatio } from '../exact/noncentral.ts'
import { convolve, type LogDistribution, relativeLogChoose } from './distribution.ts'
import { orderedTest } from './ordered.ts'

/** Outcomes of all strata together that the sum may have. */
const mostOutcomes = 20_000

/** Weights nearer than this are compared as integers. */
const near = 1e-9

interface Margins {
  cases: number
  having: number
  without: number
  lowest: number
  highest: number
}

function marginsOf({ caseWith, caseWithout, controlWith, controlWithout }: TwoByTwoTable): Margins {
  requireCounts(caseWith, caseWithout, controlWith, controlWithout)
  const cases = caseWith + caseWithout
  const having = caseWith + controlWith
  const without = caseWithout + controlWithout
  return { cases, having, without, lowest: Math.max(0, cases - without), highest: Math.min(cases, having) }
}

/** The cases having in one stratum, C(having, x) C(without, cases - x), up to a factor. */
function stratumDistribution({ cases, having, without, lowest, highest }: Margins): LogDistribution {
  const share = cases / Math.max(1, having + without)
  const withIt = relativeLogChoose(having, share)
  const withoutIt = relativeLogChoose(without, share)
  const logWeights = Float64Array.from(
    { length: highest - lowest + 1 },
    (_, i) => withIt[lowest + i] + withoutIt[cases - lowest - i],
  )
  return { lowest, logWeights }
}

function integerWeights(strata: readonly Margins[]): bigint[] {
  let all = [1n]
  for (const { cases, having, without, lowest, highest } of strata) {
    const next = new Array<bigint>(all.length + highest - lowest).fill(0n)
    for (let x = lowest; x <= highest; x++) {
      const weight = integerChoose(having, x) * integerChoose(without, cases - x)
      for (let i = 0; i < all.length; i++) next[i + x - lowest] += weight * all[i]
    }
    all = next
  }
  return all
}

/**
 * The exact test of a common odds ratio of 1 over strata, each with its margins fixed (Cox 1970; Gart 1970): X, the cases
 * having in all strata, is a sum of independent hypergeometric counts; p is the probability of the sums no more likely than the
 * observed one, ties found in integers; with the conditional maximum-likelihood common odds ratio and its exact or mid-p limits.
 * A stratum whose margins leave one table adds nothing. No strata, or none with two tables: p = 1, mid-p = 1/2, odds ratio NaN.
 * Refuses more than 20,000 sums.
 */
export function stratifiedExact(
  strata: readonly TwoByTwoTable[],
  level = 0.95,
  kind: ExactLimits = 'exact',
): ExactResult & ConditionalOddsRatio {
  const informative = strata.map(marginsOf).filter(({ lowest, highest }) => highest > lowest)
  if (informative.reduce((sum, { lowest, highest }) => sum + highest - lowest, 1) > mostOutcomes)
    throw new UpturnError('BadArgument', `a stratified exact test takes at most ${mostOutcomes} outcomes`)
  let observed = 0
  for (const table of strata) observed += table.caseWith - marginsOf(table).lowest
  const { logWeights } = informative
    .map(stratumDistribution)
    .reduce(convolve, { lowest: 0, logWeights: Float64Array.of(0) })
  const last = logWeights.length - 1

  let integers: bigint[] | undefined
  const compare = (i: number, j: number): number => {
    if (i === j) return 0
    const difference = logWeights[i] - logWeights[j]
    if (Math.abs(difference) > near * Math.max(1, Math.abs(logWeights[i]))) return difference
    integers ??= integerWeights(informative)
    return integers[i] < integers[j] ? -1 : integers[i] > integers[j] ? 1 : 0
  }
  // The weights have one peak, so the least is at an end.
  const ends = compare(0, last)
  const logLeast = Math.min(logWeights[0], logWeights[last]) + (last > 0 && ends === 0 ? Math.LN2 : 0)
  return {
    ...orderedTest(logWeights, (i) => compare(i, observed), logLeast),
    ...noncentralOddsRatio(logWeights, observed, level, kind),
  }
}
