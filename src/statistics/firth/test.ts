import { kernels } from '../../numerics/kernels.ts'
import { chiSquareLogTail } from '../../numerics/special.ts'
import { type ProfileLimits, profileLimits, standardNormal975 } from './limits.ts'
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
      if (fit !== undefined) return result(fit.restricted, fit.whole, fit.beta, fit.se, trace)
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
      return result(restricted.logLikelihood, whole.logLikelihood, beta, whole.standardError, trace)
    }
  }
  return { ...failed, logP: Number.NaN, penalisedLogLikelihood: Number.NaN, trace }
}

function result(restricted: number, whole: number, beta: number, standardError: number, trace: FirthRung[]): FirthTest {
  const chiSquare = Math.max(0, 2 * (whole - restricted))
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
  status: 'ok' | 'collinear' | 'not_converged' | 'separated'
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

/**
 * Firth's logistic regression of `cases` on an intercept, `columns` and `tested`, with the penalised likelihood-ratio test
 * of `tested`. People with a missing `tested` (NaN) are left out. Refuses columns of another length than `cases`; at most
 * 40 parameters. Bars: beta 1e-8, log p 1e-8, limits 1e-6 against independent fits.
 */
export function firthRegression(
  data: FirthData & { tested: ArrayLike<number> },
  options: { profile?: boolean } = {},
): FirthFit {
  const k = kernels()
  return k.scope(() => {
    const model = new FirthWorkspace(data)
    const tested = Array.from(data.tested)
    const called = tested.map((g) => (Number.isNaN(g) ? 0 : 1))
    model.setTested(tested, called)
    const none = { ...failed, logP: Number.NaN, penalisedLogLikelihood: Number.NaN, trace: [], low: null, high: null }
    if (model.collinear()) return { ...none, status: 'collinear', limits: 'none' }
    const start = k.allocate(8 * model.parameters)
    k.f64(start, model.parameters).fill(0)
    const test = testLastColumn(model, start)
    if (!test.converged) return { ...none, trace: test.trace, status: 'not_converged', limits: 'none' }
    const { kind, low, high } = limitsAfter(model, test, options.profile ?? true)
    return { ...test, status: low === null || high === null ? 'separated' : 'ok', limits: kind, low, high }
  })
}
