import { isUpturnError } from '../../errors/index.ts'
import { leastSquares } from '../../numerics/least-squares.ts'
import { exp, expm1, log, studentLogTail } from '../../numerics/special.ts'
import { fitJointModel, type JointFit } from '../../statistics/joint-model/index.ts'
import { fitLogModel, geometricMean, type ModelRow, type Ratio, ratioOf, studentQuantile975 } from './log-model.ts'

/** How plates enter: an own level each (fixed), levels that scatter around a mean (random), or not at all. */
export type PlateEffects = 'fixed' | 'random' | 'none'

/** A person in a model of levels. */
export interface LevelRow extends ModelRow {
  /** Null where it is not known. */
  plate: string | null
}

export interface LevelModel {
  people: number
  ratio(column: number): Ratio | null
  /** Geometric mean at weights of (intercept, columns), 95% limits. */
  mean(weights: readonly number[]): { mean: number; low: number; high: number }
  /** Standard deviation between plates on the log scale, where they are random. */
  sdPlates: number | null
}

/** Why there is no model. */
export type NoModel = 'too_few' | 'plates_confounded'

/** With fewer plates their scatter cannot be estimated, and they enter as fixed. */
export const fewestRandomPlates = 5

/**
 * Censored log-normal model of one value a person on columns, plates as told. A person without a plate counts as of a plate of its own name. Columns that differ only between plates cannot be told
 * from them: `plates_confounded` for fixed effects. Random effects are refused for the same reason: they would share the difference out by an assumption.
 */
export function fitLevels(rows: readonly LevelRow[], width: number, plates: PlateEffects): LevelModel | NoModel {
  const names = [...new Set(rows.map(({ plate }) => plate ?? ''))].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const withPlates = plates !== 'none' && names.length > 1
  const dummies = withPlates ? names.slice(1) : []
  const shares = dummies.map((name) => rows.filter(({ plate }) => (plate ?? '') === name).length / rows.length)
  const wide: ModelRow[] = rows.map((row) => ({
    ...row,
    columns: [...row.columns, ...dummies.map((name, d) => ((row.plate ?? '') === name ? 1 : 0) - shares[d])],
  }))
  const total = width + dummies.length
  if (withPlates && !areDistinct(wide, width, dummies.length))
    return fitLogModel(rows, width) === null ? 'too_few' : 'plates_confounded'
  if (!withPlates || plates === 'fixed' || names.length < fewestRandomPlates) {
    // A plate on which nothing was measured has its level at a bound, where its people say nothing: without them the maximum is the same.
    const measured = new Set(rows.flatMap(({ plate, censoring }) => (censoring === 0 ? [plate ?? ''] : [])))
    const telling = rows.filter(({ plate }) => measured.has(plate ?? ''))
    if (withPlates && telling.length < rows.length) return fitLevels(telling, width, plates)
    const fixed = fitLogModel(wide, total)
    if (fixed === null) return 'too_few'
    return {
      people: rows.length,
      ratio: (column) => ratioOf(wide, total, column, fixed),
      mean: (weights) => geometricMean(fixed, [...weights, ...dummies.map(() => 0)], rows.length),
      sdPlates: null,
    }
  }
  const whole = fitPlates(rows, width, names, -1)
  if (whole === null) return 'too_few'
  if (whole.status === 'ok') return randomPlates(rows, width, names, whole)
  // Plates that do not scatter beyond the people on them: their standard deviation is 0.
  const plain = fitLevels(rows, width, 'none')
  return typeof plain === 'string' ? plain : { ...plain, sdPlates: 0 }
}

/** Whether no column is a combination of the plates and the other columns. */
function areDistinct(rows: readonly ModelRow[], width: number, dummies: number): boolean {
  const p = 1 + dummies + width
  const x = new Float64Array(rows.length * p)
  rows.forEach(({ columns }, i) => {
    x[i * p] = 1
    for (let d = 0; d < dummies; d++) x[i * p + 1 + d] = columns[width + d]
    for (let c = 0; c < width; c++) x[i * p + 1 + dummies + c] = columns[c]
  })
  return leastSquares(x, new Float64Array(rows.length), rows.length, p).dependent.every((j) => j < 1 + dummies)
}

/** A random level a plate by maximum likelihood; tests by the likelihood ratio referred to F, limits and means by Wald with Student's t. */
function randomPlates(rows: readonly LevelRow[], width: number, names: readonly string[], whole: JointFit): LevelModel {
  const n = rows.length
  const degrees = n - width - 1
  const widen = Math.sqrt(n / degrees)
  const t = studentQuantile975(degrees)
  const size = whole.parameters
  return {
    people: n,
    sdPlates: whole.sdLevel,
    ratio(column) {
      const { estimate, se } = whole.row[column]
      const without = fitPlates(rows, width, names, column)
      if (without === null || !(se > 0)) return null
      const gain = Math.max(0, 2 * (whole.logLikelihood - without.logLikelihood))
      const f = Math.sqrt(expm1(gain / n) * degrees)
      const logP = Math.min(0, studentLogTail(f, degrees) + Math.LN2)
      const wald = Math.min(0, studentLogTail(Math.abs(estimate / (se * widen)), degrees) + Math.LN2)
      return {
        ratio: exp(estimate),
        low: exp(estimate - t * se * widen),
        high: exp(estimate + t * se * widen),
        p: exp(logP),
        negLog10P: logP === 0 ? 0 : -logP / Math.LN10,
        waldP: exp(wald),
      }
    },
    mean(weights) {
      const estimates = [...whole.base, ...whole.row].map(({ estimate }) => estimate)
      let centre = 0
      let variance = 0
      weights.forEach((a, i) => {
        centre += a * estimates[i]
        weights.forEach((b, j) => {
          variance += a * b * whole.covariance[i * size + j]
        })
      })
      const margin = t * widen * Math.sqrt(variance)
      return { mean: exp(centre), low: exp(centre - margin), high: exp(centre + margin) }
    },
  }
}

function fitPlates(
  rows: readonly LevelRow[],
  width: number,
  names: readonly string[],
  without: number,
): JointFit | null {
  const columns = Array.from({ length: width }, (_, c) => c).filter((c) => c !== without)
  try {
    const fit = fitJointModel({
      subjects: names.length,
      subject: rows.map(({ plate }) => names.indexOf(plate ?? '')),
      time: rows.map(() => 0),
      y: rows.map(({ value }) => log(value)),
      censoring: rows.map(({ censoring }) => censoring),
      base: [names.map(() => 1)],
      slope: [],
      row: columns.map((c) => rows.map((row) => row.columns[c])),
      randomSlope: false,
    })
    return fit.status === 'not_converged' ? null : fit
  } catch (error) {
    if (isUpturnError(error, 'BadArgument') || isUpturnError(error, 'CollinearCovariates')) return null
    throw error
  }
}
