import { chiSquareLogTail } from '../../numerics/special.ts'
import { type Climb, climb, type Objective } from './climb.ts'
import { profileCrossing, standardNormal975 } from './profile.ts'

export interface RatioTest {
  status: 'ok' | 'separated' | 'collinear' | 'not_converged'
  /** Of one unit of the tested column: log odds ratio or log hazard ratio. */
  beta: number
  /** Square root of the diagonal of the inverse information at the estimate. */
  standardError: number
  /** Twice the gain over the fit with beta = 0. */
  chiSquare: number
  logP: number
  /** 95% limits: of the profile, null on a side where none was found below |20|; Wald's where no profile was asked for. */
  low: number | null
  high: number | null
  limits: 'profile' | 'wald' | 'none'
  /** The whole fit's, in the order of the objective. */
  coefficients: Float64Array
  /** Its (penalised) log-likelihood. */
  logLikelihood: number
}

/** What a test says that could not be made. */
export function noRatioTest(status: 'separated' | 'collinear' | 'not_converged'): RatioTest {
  return {
    status,
    beta: Number.NaN,
    standardError: Number.NaN,
    chiSquare: Number.NaN,
    logP: Number.NaN,
    low: null,
    high: null,
    limits: 'none',
    coefficients: new Float64Array(0),
    logLikelihood: Number.NaN,
  }
}

/** Newton-like steps first, then steps of at most one, then of a tenth of a standard error. */
export function climbLadder(
  objective: Objective,
  start: Float64Array,
  held: readonly number[] = [],
): Climb | undefined {
  return (
    climb(objective, start, { held }) ??
    climb(objective, start, { held, cap: 1, limit: 500 }) ??
    climb(objective, start, { held, cap: 0.1, limit: 2000 })
  )
}

/**
 * The likelihood-ratio test of one coefficient with its 95% profile limits. The restricted fits hold it in place and keep the whole model's
 * penalty. `standardErrorOf` gives the covariance to report where it is not the inverse of the objective's information; `profile` says at
 * which log p the limits are those of the profile likelihood, else they are Wald's; `start`: coefficients from which the restricted fit starts, zeros
 * without it.
 */
export function ratioTest(
  objective: Objective,
  parameters: number,
  tested: number,
  standardErrorOf?: (coefficients: Float64Array) => number,
  profile: (logP: number) => boolean = () => true,
  start = new Float64Array(parameters),
): RatioTest {
  const held = [tested]
  const restricted = climbLadder(objective, start, held)
  if (restricted === undefined) return noRatioTest('not_converged')
  const whole = climbLadder(objective, restricted.coefficients, [])
  if (whole === undefined) return noRatioTest('not_converged')
  const beta = whole.coefficients[tested]
  const own = Math.sqrt(whole.covariance[tested * parameters + tested])
  const chiSquare = Math.max(0, 2 * (whole.value - restricted.value))
  const logP = chiSquareLogTail(chiSquare, 1)
  const byProfile = profile(logP)
  const limit = (side: -1 | 1) => {
    if (!byProfile) return beta + side * standardNormal975 * own
    let from = whole.coefficients
    return profileCrossing(beta, own, side, (at) => {
      const start = Float64Array.from(from)
      start[tested] = at
      const fit = climb(objective, start, { held, limit: 100 }) ?? climb(objective, start, { held, cap: 1, limit: 200 })
      if (fit === undefined) return undefined
      from = fit.coefficients
      return Math.sqrt(Math.max(0, 2 * (whole.value - fit.value))) - standardNormal975
    })
  }
  const low = limit(-1)
  const high = limit(1)
  return {
    status: low === null || high === null ? 'separated' : 'ok',
    beta,
    standardError: standardErrorOf?.(whole.coefficients) ?? own,
    chiSquare,
    logP,
    low,
    high,
    limits: byProfile ? 'profile' : 'wald',
    coefficients: whole.coefficients,
    logLikelihood: whole.value,
  }
}
