import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { chiSquareLogTail, exp, log } from '../../numerics/special.ts'
import {
  climbsFrom,
  furtherOut,
  type ProfileLimits,
  profileLimits,
  sameMode,
  standardNormal975,
  thoroughLimits,
} from './limits.ts'
import { type FirthData, FirthWorkspace } from './workspace.ts'

/** One rung of the retry ladder: how the climb was made and what came of it; -1 steps: no convergence. */
export interface FirthRung {
  method: 'newton' | 'scoring'
  /** Longest step, in standard errors. */
  cap: number
  steps: number
}

export interface FirthTest {
  converged: boolean
  /** Log odds ratio for one unit of the tested column. */
  beta: number
  /** Square root of the diagonal of the inverse ordinary information. */
  standardError: number
  /** Twice the gain in penalised likelihood over the fit with beta = 0, which keeps the whole model's information. */
  chiSquare: number
  logP: number
  penalisedLogLikelihood: number
  trace: FirthRung[]
}

const ladder: readonly { method: 'newton' | 'scoring'; cap: number; limit: number }[] = [
  { method: 'newton', cap: 5, limit: 40 },
  { method: 'scoring', cap: 1, limit: 400 },
  { method: 'scoring', cap: 0.1, limit: 4000 },
]

const failed = { converged: false, beta: Number.NaN, standardError: Number.NaN, chiSquare: Number.NaN }

/**
 * Penalised likelihood-ratio test of the workspace's last column. `start`: pointer to the coefficients of the covariates-
 * only fit followed by 0. The ladder is Newton steps from `start`, then Fisher scoring from zero with steps of at most one,
 * then a tenth of a standard error. Heinze and Schemper 2002, Statistics in Medicine 21:2409.
 */
export function testLastColumn(model: FirthWorkspace, start: number): FirthTest {
  const trace: FirthRung[] = []
  for (const { method, cap, limit } of ladder) {
    if (method === 'newton') {
      const fit = model.test(start, limit)
      trace.push({ method, cap, steps: fit?.steps ?? -1 })
      if (fit !== undefined) return result(fit.chiSquare, fit.whole, fit.beta, fit.se, trace)
      continue
    }
    model.coefficients().fill(0)
    const restricted = model.climb(true, false, cap, limit)
    const whole = restricted && model.climb(false, false, cap, limit)
    trace.push({
      method,
      cap,
      steps: whole === undefined || restricted === undefined ? -1 : restricted.steps + whole.steps,
    })
    if (restricted !== undefined && whole !== undefined) {
      const beta = model.coefficients()[model.parameters - 1]
      const chiSquare = Math.max(0, 2 * (whole.logLikelihood - restricted.logLikelihood))
      return result(chiSquare, whole.logLikelihood, beta, whole.standardError, trace)
    }
  }
  return { ...failed, logP: Number.NaN, penalisedLogLikelihood: Number.NaN, trace }
}

function result(chiSquare: number, whole: number, beta: number, standardError: number, trace: FirthRung[]): FirthTest {
  return {
    converged: true,
    beta,
    standardError,
    chiSquare,
    logP: chiSquareLogTail(chiSquare, 1),
    penalisedLogLikelihood: whole,
    trace,
  }
}

export interface FirthFit extends FirthTest {
  /** `one_group`: everybody called is a case, or nobody is: there is nothing to compare. */
  status: 'ok' | 'one_group' | 'collinear' | 'not_converged' | 'separated'
  /** Intercept, columns, tested column: of the whole fit; empty where there is none. */
  coefficients: Float64Array
  /** The intercept that, with the slopes as they are, makes the fitted risks sum to the cases (FLIC, Puhr et al. 2017). */
  flicIntercept: number
  /** Another local maximum of the penalised likelihood was met, of the whole fit, of the fit without the tested column or on the way to a limit: the highest ones count. */
  secondMode: boolean
  limits: 'profile' | 'wald' | 'none'
  /** 95% limits of the log odds ratio; null on a side where the profile has none below |20|. */
  low: number | null
  high: number | null
}

/** p below which limits are those of the profile likelihood. */
export const profileBelow = 1e-3

/** Limits after a converged test: profile when p < 1e-3 or `always`, else Wald. The model's coefficients are the whole fit's. */
export function limitsAfter(
  model: FirthWorkspace,
  test: FirthTest,
  always: boolean,
): ProfileLimits & { kind: 'profile' | 'wald' } {
  // ln(1e-3)
  if (always || test.logP < -6.907755278982137) return { kind: 'profile', ...profileLimits(model, test) }
  const half = standardNormal975 * test.standardError
  return { kind: 'wald', low: test.beta - half, high: test.beta + half }
}

/** With more people than this no second maximum is looked for. */
const mostForModes = 20_000
/** With more than this it is looked for with long steps alone, and not on the way to limits. */
const mostForThorough = 2000
/** A coefficient that is tried of a covariate, in its standard deviations. */
const farStep = 6
/** As high, but further from each other than this share of a standard error: two maxima. */
const apart = 1e-3
/** Where the risks' variance is more than this a parameter, no second maximum is looked for thoroughly. */
const least = 3

interface Modes {
  test: FirthTest
  secondMode: boolean
  /** Coefficients of the fit without the tested column. */
  without: Float64Array
}

/**
 * Climbs from six standard errors of the tested column to either side, the others where they are or at 0, and, where `steps` of covariates are given for a thorough look, to the fit without it from three starts, long steps and short ones. With a handful of cases and a covariate that
 * nearly separates them the penalised likelihood can have two maxima. Returns the test of the highest ones, and whether there were others.
 */
function withOtherModes(model: FirthWorkspace, test: FirthTest, steps: readonly number[] | null): Modes {
  const thorough = steps !== null
  const last = model.parameters - 1
  const first = Float64Array.from(model.coefficients())
  let whole = { logLikelihood: test.penalisedLogLikelihood, standardError: test.standardError }
  let coefficients: Float64Array = first
  let secondMode = false
  for (const start of [...besideTested(first, test.standardError), ...(thorough ? furtherOut(first, steps) : [])]) {
    for (const fit of thorough ? climbsFrom(model, start) : scoredFrom(model, start)) {
      const gain = fit.logLikelihood - whole.logLikelihood
      if (Math.abs(gain) < sameMode) {
        // Two maxima can be as high as each other.
        if (Math.abs(fit.coefficients[last] - coefficients[last]) > apart * test.standardError) secondMode = true
        continue
      }
      secondMode = true
      if (gain < 0) continue
      coefficients = fit.coefficients
      whole = fit
    }
  }
  // The fit without the tested column may have two as well.
  let restricted = test.penalisedLogLikelihood - test.chiSquare / 2
  let without: Float64Array = new Float64Array(first.length)
  const starts = thorough ? [without, first, coefficients, ...furtherOut(coefficients, steps)] : []
  for (const start of starts)
    for (const fit of climbsFrom(model, start, 0)) {
      if (Math.abs(fit.logLikelihood - restricted) >= sameMode) secondMode = true
      if (fit.logLikelihood < restricted - sameMode) continue
      without = fit.coefficients
      restricted = Math.max(restricted, fit.logLikelihood)
    }
  model.coefficients().set(coefficients)
  const { logLikelihood, standardError } = whole
  const moved = secondMode ? result(restricted, logLikelihood, coefficients[last], standardError, test.trace) : test
  return { test: moved, secondMode, without }
}

/** Six standard errors of the tested coefficient to either side, the others where they are or at 0. */
function besideTested(first: Float64Array, standardError: number): Float64Array[] {
  return [1, 0].flatMap((from) =>
    [-6, 6].map((side) => first.map((b, j) => (j === first.length - 1 ? b + side * standardError : from * b))),
  )
}

/** The maximum that scoring comes to. */
function scoredFrom(model: FirthWorkspace, start: Float64Array) {
  model.coefficients().set(start)
  const fit = model.climb(false, false, 1, 400)
  return fit === undefined ? [] : [{ ...fit, coefficients: Float64Array.from(model.coefficients()) }]
}

function spreadOf(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) * (v - mean), 0) / values.length)
}

/** Sum of p (1 - p) of the fitted risks. */
function riskVariance(slopes: readonly number[], intercept: number): number {
  return slopes.reduce((sum, slope) => {
    const small = exp(-Math.abs(intercept + slope))
    return sum + small / ((1 + small) * (1 + small))
  }, 0)
}

/** The root in `intercept` of sum (y - p), p the risks at intercept + rest: Newton's steps inside a bracket. NaN for one group only. */
function balancedIntercept(cases: readonly number[], rest: readonly number[], start: number): number {
  let low = Number.NEGATIVE_INFINITY
  let high = Number.POSITIVE_INFINITY
  const total = cases.reduce((a, b) => a + b, 0)
  if (total === 0 || total === cases.length) return Number.NaN
  let intercept = start
  for (let step = 0; step < 200; step++) {
    let left = total
    let slope = 0
    for (const r of rest) {
      const small = exp(-Math.abs(intercept + r))
      left -= intercept + r > 0 ? 1 / (1 + small) : small / (1 + small)
      slope += small / ((1 + small) * (1 + small))
    }
    if (left > 0) low = intercept
    else high = intercept
    let next = intercept + Math.max(-2, Math.min(2, left / slope))
    if (!(next > low && next < high)) next = low > -1e300 && high < 1e300 ? (low + high) / 2 : intercept
    if (Math.abs(next - intercept) <= 1e-14 * Math.max(1, Math.abs(next))) return next
    intercept = next
  }
  return intercept
}

/**
 * Firth's logistic regression of `cases` on an intercept, `columns` and `tested`, with the penalised likelihood-ratio test
 * of `tested`. People with a missing `tested` (NaN) are left out. Refuses columns of another length than `cases` and values that are not finite; at most
 * 40 parameters. Bars: beta 1e-8, log p 1e-8, limits 1e-6 against independent fits. A second start on either side tells of a second maximum
 * (`secondMode`), which the fits of a scan do not look for.
 */
export function firthRegression(
  data: FirthData & { tested: ArrayLike<number> },
  options: { profile?: boolean } = {},
): FirthFit {
  for (const column of [...data.columns, data.offset ?? []])
    for (let i = 0; i < column.length; i++)
      if (!Number.isFinite(column[i]))
        throw new UpturnError('BadArgument', `person ${i} has the value ${column[i]}, which is no number to fit`)
  const k = kernels()
  return k.scope(() => {
    const model = new FirthWorkspace(data)
    const tested = Array.from(data.tested)
    const called = tested.map((g) => (Number.isNaN(g) ? 0 : 1))
    model.setTested(tested, called)
    const none = {
      ...failed,
      logP: Number.NaN,
      penalisedLogLikelihood: Number.NaN,
      trace: [],
      low: null,
      high: null,
      coefficients: new Float64Array(0),
      flicIntercept: Number.NaN,
      secondMode: false,
    }
    if (model.collinear()) return { ...none, status: 'collinear', limits: 'none' }
    const group = called.indexOf(1)
    const isCase = (i: number) => data.cases[i] === 1
    if (called.every((c, i) => c === 0 || isCase(i) === isCase(group)))
      return { ...none, status: 'one_group', limits: 'none' }
    const start = k.allocate(8 * model.parameters)
    const cases = called.filter((has, i) => has === 1 && data.cases[i] === 1).length
    const controls = called.filter((has) => has === 1).length - cases
    // Every odds ratio 1: two steps nearer than zeros where one group is small.
    k.f64(start, model.parameters).fill(0)[0] = log((cases + 0.5) / (controls + 0.5))
    const found = testLastColumn(model, start)
    if (!found.converged) return { ...none, trace: found.trace, status: 'not_converged', limits: 'none' }
    const profile = options.profile ?? true
    const people = [...called.keys()].filter((i) => called[i] === 1)
    /** Linear predictors without the intercept. */
    const slopesOf = (coefficients: Float64Array) =>
      people.map((i) => {
        let eta = data.offset?.[i] ?? 0
        data.columns.forEach((column, j) => {
          eta += coefficients[j + 1] * column[i]
        })
        return eta + coefficients[coefficients.length - 1] * tested[i]
      })
    // Without covariates, and where every parameter has some variance of risks to itself, no second maximum was ever met.
    const thorough =
      profile &&
      data.columns.length > 0 &&
      model.people <= mostForThorough &&
      riskVariance(slopesOf(model.coefficients()), model.coefficients()[0]) < least * model.parameters
    const steps = thorough ? data.columns.map((column) => farStep / spreadOf(people.map((i) => column[i]))) : null
    const modes = model.people > mostForModes ? undefined : withOtherModes(model, found, steps)
    const test = modes?.test ?? found
    const coefficients = Float64Array.from(model.coefficients())
    const slopes = slopesOf(coefficients)
    const flicIntercept = balancedIntercept(
      people.map((i) => (data.cases[i] === 1 ? 1 : 0)),
      slopes,
      coefficients[0],
    )
    const { kind, low, high, second } =
      steps !== null && modes !== undefined
        ? { kind: 'profile' as const, ...thoroughLimits(model, test, modes.without, steps) }
        : { ...limitsAfter(model, test, profile), second: false }
    return {
      ...test,
      status: low === null || high === null ? 'separated' : 'ok',
      limits: kind,
      low,
      high,
      coefficients,
      flicIntercept,
      secondMode: second || modes?.secondMode === true,
    }
  })
}
