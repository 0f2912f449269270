import { UpturnError } from '../../errors/index.ts'
import { noRatioTest, type RatioTest, ratioTest } from '../likelihood/ratio-test.ts'
import { farthestLimit, lessMeans, testInUnits, whitening } from '../likelihood/whitening.ts'
import { type LogisticData, logisticObjective, requireLogisticData } from './likelihood.ts'
import { findSeparation } from './separation.ts'

/**
 * Logistic regression of `cases` on an intercept, `columns` and `tested` with a log-F(m, m) penalty on the tested coefficient alone:
 * the likelihood-ratio test of it with 95% profile limits. As if m/2 cases and m/2 controls with `tested` = 1 and nothing else were
 * added: m = 1 says beforehand that the odds ratio lies between 1/648 and 648 with 95%, m = 2 between 1/39 and 39 (Greenland and
 * Mansournia 2015, Statistics in Medicine 34:3133). The intercept is left alone, so fitted risks stay unbiased on average, which Firth's do not.
 * Unlike Firth's the answer depends on the unit of `tested`; other columns may have any. Estimates and limits to 1e-6 of a standard error. Rows with a missing `tested` (NaN) are left out. `collinear`: a column adds nothing,
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
  const { columns: centred, means } = lessMeans(model.columns)
  const white = whitening(centred, kept.length)
  if (white === undefined) return noRatioTest('collinear')
  const oneGroup = cases.every((y) => y === cases[0])
  const covariates = others.map((values, j) => ({ name: `column ${j + 1}`, values }))
  if (oneGroup || findSeparation(cases, covariates).kind !== 'none') return noRatioTest('separated')
  const columns = white.columns(centred)
  const unit = white.upper[white.upper.length - 1]
  const objective = logisticObjective({ ...model, columns }, { m, unit })
  const farthest = farthestLimit(white, columns[k - 2])
  const test = ratioTest(objective, k, k - 1, { farthest, peaks: 'one' })
  if (Number.isNaN(test.beta)) return test
  const slopes = testInUnits({ ...test, coefficients: test.coefficients.subarray(1) }, white, false)
  const coefficients = Float64Array.of(test.coefficients[0], ...slopes.coefficients)
  for (let j = 1; j < k; j++) coefficients[0] -= means[j - 1] * coefficients[j]
  return { ...slopes, coefficients }
}
