import { dependentRows, firthObjective, fitPartial, noPartialFit, type PartialFit } from '../likelihood/partial.ts'
import { noRatioTest, type RatioTest, ratioTest } from '../likelihood/ratio-test.ts'
import { infiniteColumns } from '../logistic/separation.ts'
import { caseLessControl, type MatchedData, type MatchedSet, matchedSets, withoutConstant } from './data.ts'
import { conditionalLikelihood } from './likelihood.ts'

/**
 * Conditional logistic regression of matched sets (1:k, m:n or any) by the exact conditional likelihood, without approximation for several cases in a set.
 * Sets without cases or without controls say nothing and are left out; without any other the status is `uninformative`. `collinear`: a column
 * does not vary within sets by itself; `separated`: in every set a combination of columns puts all cases at or above all controls, decided before the fit, with the
 * columns that take part. Up to 20 columns; coefficients and log-likelihood to 1e-9.
 */
export function conditionalLogistic(data: MatchedData): PartialFit {
  const k = data.columns.length
  const sets = matchedSets(data)
  if (sets.length === 0) return noPartialFit('uninformative', k)
  if (withinCollinear(sets, k)) return noPartialFit('collinear', k)
  const infinite = infiniteColumns(caseLessControl(sets))
  if (infinite.length > 0) return noPartialFit('separated', k, infinite)
  return fitPartial(conditionalLikelihood(sets, k), k)
}

/**
 * The same with Firth's penalty: half the log determinant of the conditional information (Heinze and Puhr 2010, Statistics in Medicine 29:770). The
 * penalised likelihood-ratio test of `tested` with 95% profile limits; the restricted fit keeps the whole model's penalty. Finite where the
 * plain estimate is infinite. Columns that do not vary within any set cancel and are left out (`coefficients` has those that
 * vary). People with a missing `tested` (NaN) are left out of their set. `collinear` also where no set has cases and controls.
 */
export function conditionalFirth(data: MatchedData & { tested: ArrayLike<number> }): RatioTest {
  const kept = Array.from({ length: data.cases.length }, (_, i) => i).filter((i) => !Number.isNaN(data.tested[i]))
  const of = (values: ArrayLike<number>) => Float64Array.from(kept, (i) => values[i])
  const columns = [...data.columns, data.tested].map(of)
  const all = matchedSets({ cases: of(data.cases), sets: kept.map((i) => data.sets[i]), columns })
  const { sets, kept: varying } = withoutConstant(all, columns.length)
  const k = varying.length
  if (!varying.includes(columns.length - 1) || withinCollinear(sets, k)) return noRatioTest('collinear')
  return ratioTest(firthObjective(conditionalLikelihood(sets, k)), k, k - 1)
}

function withinCollinear(sets: readonly MatchedSet[], k: number): boolean {
  return dependentRows(
    sets.flatMap((set) => set.rows),
    k,
  )
}
