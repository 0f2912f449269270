import { firthObjective, fitPartial, noPartialFit, type PartialFit } from '../likelihood/partial.ts'
import { noRatioTest, peaksOf, type RatioTest, ratioTest } from '../likelihood/ratio-test.ts'
import { farthestLimit, fitInUnits, meanOf, testInUnits, type Whitening, whitening } from '../likelihood/whitening.ts'
import { infiniteColumns } from '../logistic/separation.ts'
import { requireSurvivalData, type SurvivalData, type Ties } from './data.ts'
import { eventLessOthers, partialLikelihood, type RiskSet, riskSets, spanningRows } from './risk-sets.ts'

/**
 * Cox regression of the time to the event (status 1): everybody else, whether censored or with the competing event, leaves at `time`, so that the hazard is the
 * cause-specific one. Statuses: `uninformative` without an event at which anyone else is at risk; `collinear` columns over the risk sets; `separated` where a combination
 * of columns is highest at every event (monotone likelihood; Bryson and Johnson 1981), decided before the fit, with the columns that take part. Ties as
 * stated, Efron's unless told. Coefficients to 1e-6 of a standard error in any unit, log-likelihood to 1e-9. Refuses times that are no numbers, entries not before the end, more than 20 columns.
 */
export function coxRegression(data: SurvivalData, ties: Ties = 'efron'): PartialFit {
  requireSurvivalData(data)
  const { sets, white } = whitenedSets(riskSets(data), data)
  if (sets.length === 0) return noPartialFit('uninformative', data.columns.length)
  if (white === undefined) return noPartialFit('collinear', data.columns.length)
  return fitInUnits(fitRiskSets(sets, white, ties), white.whitening)
}

/** Columns of everybody in the coordinates in which people who are at risk together do not go along with each other. */
export interface WhitenedColumns {
  whitening: Whitening
  columns: Float64Array[]
}

/** Risk sets with more than one person, and columns for them; none where they are collinear among people at risk together. */
export function whitenedSets(
  all: readonly RiskSet[],
  { columns, strata }: Pick<SurvivalData, 'columns' | 'strata'>,
): { sets: RiskSet[]; white: WhitenedColumns | undefined } {
  const sets = all.filter(({ people }) => people.length > 1)
  const rows = spanningRows(sets, columns)
  const found = whitening(
    columns.map((_, j) => Float64Array.from(rows, (row) => row[j])),
    rows.length,
  )
  if (found === undefined) return { sets, white: undefined }
  // What differs between strata alone cancels: it is taken out before it can cost digits.
  const members = new Map<number | string, number[]>()
  for (let i = 0; i < (columns[0]?.length ?? 0); i++) {
    const own = members.get(strata?.[i] ?? '')
    if (own === undefined) members.set(strata?.[i] ?? '', [i])
    else own.push(i)
  }
  const centred = columns.map((column) => {
    const out = Float64Array.from(column)
    for (const own of members.values()) {
      const mean = meanOf(own.map((i) => column[i]))
      for (const i of own) out[i] -= mean
    }
    return out
  })
  return { sets, white: { whitening: found, columns: found.columns(centred) } }
}

/** The fit of a partial likelihood in the coordinates of `white`, or why there is none. */
export function fitRiskSets(sets: readonly RiskSet[], { whitening, columns }: WhitenedColumns, ties: Ties): PartialFit {
  const k = columns.length
  const infinite = infiniteColumns(eventLessOthers(sets, columns), whitening.directions)
  if (infinite.length > 0) return noPartialFit('separated', k, infinite)
  return fitPartial(partialLikelihood(sets, columns, ties), k)
}

/**
 * Cox regression with Firth's penalty, half the log determinant of the partial information (Heinze and Schemper 2001, Biometrics 57:114): the penalised
 * likelihood-ratio test of `tested` with 95% profile limits; the restricted fit keeps the whole model's penalty. Finite where the plain estimate is infinite, as
 * with 22 events it often is. Any unit and mean of the columns; estimates and limits to 1e-6 of a standard error. People with a missing `tested` (NaN) are left out. `collinear` also where no event has anyone else at risk.
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
  const { sets, white } = whitenedSets(riskSets(model), model)
  const k = model.columns.length
  if (sets.length === 0 || white === undefined) return noRatioTest('collinear')
  const farthest = farthestLimit(white.whitening, white.columns[k - 1])
  const objective = firthObjective(partialLikelihood(sets, white.columns, ties))
  return testInUnits(ratioTest(objective, k, k - 1, { farthest, peaks: peaksOf(sets.length) }), white.whitening, true)
}
