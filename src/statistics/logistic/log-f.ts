import { UpturnError } from '../../errors/index.ts'
import { leastSquares } from '../../numerics/least-squares.ts'
import { noRatioTest, type RatioTest, ratioTest } from '../likelihood/ratio-test.ts'
import { type LogisticData, logisticObjective, requireLogisticData } from './likelihood.ts'
import { design } from './maximum-likelihood.ts'
import { findSeparation } from './separation.ts'

/**
 * Logistic regression of `cases` on an intercept, `columns` and `tested` with a log-F(m, m) penalty on the tested coefficient alone:
 * the likelihood-ratio test of it with 95% profile limits. As if m/2 cases and m/2 controls with `tested` = 1 and nothing else were
 * added: m = 1 says beforehand that the odds ratio lies between 1/648 and 648 with 95%, m = 2 between 1/39 and 39 (Greenland and
 * Mansournia 2015, Statistics in Medicine 34:3133). The intercept is left alone, so fitted risks stay unbiased on average, which Firth's do not.
 * Unlike Firth's the answer depends on the unit of `tested`. Rows with a missing `tested` (NaN) are left out. `collinear`: a column adds nothing,
 * also where all rows are alike; `separated`: the other columns separate cases from controls, also where one group is empty. Refuses m that is not
 * above 0.
 */
export function logFRegression(data: LogisticData & { tested: ArrayLike<number> }, m = 1): RatioTest {
  if (!(m > 0 && m < 1e6)) throw new UpturnError('BadArgument', `the m of a log-F penalty is above 0, not ${m}`)
  const kept = Array.from({ length: data.cases.length }, (_, i) => i).filter(
    (i) => !Number.isNaN(data.tested[i]) && (data.weights?.[i] ?? 1) > 0,
  )
  if (kept.length === 0) return noRatioTest('collinear')
  const of = (values: ArrayLike<number>) => Float64Array.from(kept, (i) => values[i])
  const cases = of(data.cases)
  const others = data.columns.map(of)
  const model = {
    cases,
    columns: [...others, of(data.tested)],
    offset: data.offset === undefined ? undefined : of(data.offset),
    weights: data.weights === undefined ? undefined : of(data.weights),
  }
  requireLogisticData(model)
  const k = model.columns.length + 1
  if (leastSquares(design(model.columns, kept.length), new Float64Array(kept.length), kept.length, k).rank < k)
    return noRatioTest('collinear')
  const oneGroup = cases.every((y) => y === cases[0])
  const covariates = others.map((values, j) => ({ name: `column ${j + 1}`, values }))
  if (oneGroup || findSeparation(cases, covariates).kind !== 'none') return noRatioTest('separated')
  const penalties = new Float64Array(k)
  penalties[k - 1] = m
  return ratioTest(logisticObjective(model, penalties), k, k - 1)
}
