import {
  type CumulantLikelihood,
  dependentRows,
  firthObjective,
  fitPartial,
  noPartialFit,
  type PartialFit,
} from '../likelihood/partial.ts'
import { noRatioTest, type RatioTest, ratioTest } from '../likelihood/ratio-test.ts'
import { infiniteColumns } from '../logistic/separation.ts'
import { requireSurvivalData, type SurvivalData, type Ties } from './data.ts'
import { eventLessOthers, partialLikelihood, type RiskSet, riskSets, spanningRows } from './risk-sets.ts'

/**
 * Cox regression of the time to the event (status 1): everybody else, whether censored or with the competing event, leaves at `time`, so that the hazard is the
 * cause-specific one. Statuses: `uninformative` without an event at which anyone else is at risk; `collinear` columns over the risk sets; `separated` where a combination
 * of columns is highest at every event (monotone likelihood; Bryson and Johnson 1981), decided before the fit, with the columns that take part. Ties as
 * stated, Efron's unless told. Coefficients and log-likelihood to 1e-9. Refuses times that are no numbers, entries not before the end, more than 20 columns.
 */
export function coxRegression(data: SurvivalData, ties: Ties = 'efron'): PartialFit {
  requireSurvivalData(data)
  const sets = riskSets(data)
  return fitRiskSets(sets, data.columns, partialLikelihood(sets, data.columns, ties))
}

/** The fit of a partial likelihood, or why there is none. */
export function fitRiskSets(
  all: readonly RiskSet[],
  columns: readonly ArrayLike<number>[],
  likelihood: CumulantLikelihood,
): PartialFit {
  const k = columns.length
  const sets = all.filter(({ people }) => people.length > 1)
  if (sets.length === 0) return noPartialFit('uninformative', k)
  const rows = eventLessOthers(sets, columns)
  if (dependentRows(rows, k)) return noPartialFit('collinear', k)
  const infinite = infiniteColumns(rows)
  if (infinite.length > 0) return noPartialFit('separated', k, infinite)
  return fitPartial(likelihood, k)
}

/**
 * Cox regression with Firth's penalty, half the log determinant of the partial information (Heinze and Schemper 2001, Biometrics 57:114): the penalised
 * likelihood-ratio test of `tested` with 95% profile limits; the restricted fit keeps the whole model's penalty. Finite where the plain estimate is infinite, as
 * with 22 events it often is. People with a missing `tested` (NaN) are left out. `collinear` also where no event has anyone else at risk.
 */
export function coxFirth(data: SurvivalData & { tested: ArrayLike<number> }, ties: Ties = 'efron'): RatioTest {
  const kept = Array.from({ length: data.time.length }, (_, i) => i).filter((i) => !Number.isNaN(data.tested[i]))
  const of = (values: ArrayLike<number>) => Float64Array.from(kept, (i) => values[i])
  const { entry, strata } = data
  const model: SurvivalData = {
    time: of(data.time),
    status: of(data.status),
    columns: [...data.columns, data.tested].map(of),
    ...(entry === undefined ? {} : { entry: of(entry) }),
    ...(strata === undefined ? {} : { strata: kept.map((i) => strata[i]) }),
  }
  requireSurvivalData(model)
  const sets = riskSets(model).filter(({ people }) => people.length > 1)
  const k = model.columns.length
  if (sets.length === 0 || dependentRows(spanningRows(sets, model.columns), k)) return noRatioTest('collinear')
  return ratioTest(firthObjective(partialLikelihood(sets, model.columns, ties)), k, k - 1)
}
