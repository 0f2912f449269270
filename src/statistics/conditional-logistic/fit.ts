import { firthObjective, fitPartial, noPartialFit, type PartialFit } from '../likelihood/partial.ts'
import { noRatioTest, peaksOf, type RatioTest, ratioTest } from '../likelihood/ratio-test.ts'
import { farthestLimit, fitInUnits, testInUnits, type Whitening, whitening } from '../likelihood/whitening.ts'
import { infiniteColumns } from '../logistic/separation.ts'
import { caseLessControl, type MatchedData, type MatchedSet, matchedSets, withoutConstant } from './data.ts'
import { conditionalLikelihood } from './likelihood.ts'

/**
 * Conditional logistic regression of matched sets (1:k, m:n or any) by the exact conditional likelihood, without approximation for several cases in a set.
 * Sets without cases or without controls say nothing and are left out; without any other the status is `uninformative`. `collinear`: a column
 * does not vary within sets by itself; `separated`: in every set a combination of columns puts all cases at or above all controls, decided before the fit, with the
 * columns that take part. Up to 20 columns of any unit and mean; coefficients to 1e-6 of a standard error, log-likelihood to 1e-9.
 */
export function conditionalLogistic(data: MatchedData): PartialFit {
  const k = data.columns.length
  const sets = matchedSets(data)
  if (sets.length === 0) return noPartialFit('uninformative', k)
  const white = whitenedSets(sets, k)
  if (white === undefined) return noPartialFit('collinear', k)
  const infinite = infiniteColumns(caseLessControl(white.sets), white.whitening.directions)
  if (infinite.length > 0) return noPartialFit('separated', k, infinite)
  return fitInUnits(fitPartial(conditionalLikelihood(white.sets, k), k), white.whitening)
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
  const white = varying.includes(columns.length - 1) ? whitenedSets(sets, k) : undefined
  if (white === undefined) return noRatioTest('collinear')
  const farthest = farthestLimit(white.whitening, white.columns[k - 1])
  const objective = firthObjective(conditionalLikelihood(white.sets, k))
  return testInUnits(ratioTest(objective, k, k - 1, { farthest, peaks: peaksOf(sets.length) }), white.whitening, true)
}

/** The sets in coordinates in which rows, which are less their set's mean, do not go along with each other; undefined where they are collinear. */
function whitenedSets(
  sets: readonly MatchedSet[],
  k: number,
): { whitening: Whitening; sets: MatchedSet[]; columns: Float64Array[] } | undefined {
  const rows = sets.flatMap((set) => set.rows)
  const columns = Array.from({ length: k }, (_, j) => Float64Array.from(rows, (row) => row[j]))
  const found = whitening(columns, rows.length)
  if (found === undefined) return undefined
  const own = found.columns(columns)
  let at = 0
  return {
    whitening: found,
    columns: own,
    sets: sets.map(({ cases, rows: of }) => ({
      cases,
      rows: of.map(() => {
        const row = Float64Array.from(own, (column) => column[at])
        at++
        return row
      }),
    })),
  }
}
