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
  /** 95% limits: of the profile, null on a side where none was found (below |20|, see `farthestLimit`); Wald's where no profile was asked for. */
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

export interface RatioTestOptions {
  /** The standard error to report where it is not the one of the inverse information. */
  standardErrorOf?: (coefficients: Float64Array) => number
  /** At which log p the limits are those of the profile likelihood, else they are Wald's; at all unless told. */
  profile?: (logP: number) => boolean
  /** Coefficients from which the restricted fit starts; zeros unless told. */
  start?: Float64Array
  /** How far from 0 limits are looked for; 20. */
  farthest?: number
  /**
   * How many peaks the objective can have. `one`: it is concave. `several`, unless told: profiles are looked at from other sides too, the middle and two units off along each
   * coordinate, as far from the estimate Firth's can have two peaks with few people; a peak further off is not looked for. `several_throughout`: so are the two
   * fits of the test.
   */
  peaks?: 'one' | 'several' | 'several_throughout'
}

/**
 * The likelihood-ratio test of one coefficient with its 95% profile limits. The restricted fits hold it in place and keep the whole model's
 * penalty. Coordinates are to have a scale near 1 (`whitening`).
 */
export function ratioTest(
  objective: Objective,
  parameters: number,
  tested: number,
  options: RatioTestOptions = {},
): RatioTest {
  const { standardErrorOf, profile = () => true, farthest = 20, peaks = 'several' } = options
  const held = [tested]
  const sides = otherSides(parameters, tested)
  const highest = (first: Climb | undefined, stay: readonly number[]) =>
    first === undefined || peaks !== 'several_throughout'
      ? first
      : sides.reduce((best, start) => higher(best, climb(objective, start, { held: stay })) ?? best, first)
  const restricted = highest(climbLadder(objective, options.start ?? new Float64Array(parameters), held), held)
  if (restricted === undefined) return noRatioTest('not_converged')
  const whole = highest(climbLadder(objective, restricted.coefficients, []), [])
  if (whole === undefined) return noRatioTest('not_converged')
  const beta = whole.coefficients[tested]
  const own = Math.sqrt(whole.covariance[tested * parameters + tested])
  const chiSquare = Math.max(0, 2 * (whole.value - restricted.value))
  const logP = chiSquareLogTail(chiSquare, 1)
  const byProfile = profile(logP)
  const limit = (side: -1 | 1) => {
    if (!byProfile) return beta + side * standardNormal975 * own
    let from = whole.coefficients
    const fitAt = (at: number, given: Float64Array) => {
      const start = Float64Array.from(given)
      start[tested] = at
      return climb(objective, start, { held, limit: 100 }) ?? climb(objective, start, { held, cap: 1, limit: 200 })
    }
    const elsewhere = (at: number) =>
      [restricted.coefficients, ...sides].reduce<Climb | undefined>((best, g) => higher(best, fitAt(at, g)), undefined)
    const dropTo = (fit: Climb) => Math.sqrt(Math.max(0, 2 * (whole.value - fit.value))) - standardNormal975
    const followed = (at: number) => {
      const fit = fitAt(at, from) ?? elsewhere(at)
      if (fit === undefined) return undefined
      from = fit.coefficients
      return dropTo(fit)
    }
    const found = profileCrossing(beta, own, side, followed, farthest)
    if (found === null || parameters === 1 || peaks === 'one') return found
    const other = elsewhere(found)
    if (other === undefined || dropTo(other) > -1e-8) return found
    from = whole.coefficients
    const ofAll = (at: number) => {
      const near = followed(at)
      const far = elsewhere(at)
      return far === undefined ? near : Math.min(near ?? Number.POSITIVE_INFINITY, dropTo(far))
    }
    return profileCrossing(beta, own, side, ofAll, farthest)
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

/** Of so many sets (risk sets, matched sets) the likelihood outweighs Firth's penalty, and one peak is left. */
const manySets = 60

export const peaksOf = (sets: number): RatioTestOptions['peaks'] => (sets > manySets ? 'one' : 'several_throughout')

/** The fit with the larger value. */
function higher(a: Climb | undefined, b: Climb | undefined): Climb | undefined {
  return a === undefined || (b !== undefined && b.value > a.value) ? b : a
}

/** Points from which another peak may be met: the middle, and two units along each coordinate that is free. */
function otherSides(parameters: number, tested: number): Float64Array[] {
  const out = [new Float64Array(parameters)]
  for (let j = 0; j < parameters; j++)
    if (j !== tested)
      for (const far of [2, -2]) {
        const start = new Float64Array(parameters)
        start[j] = far
        out.push(start)
      }
  return out
}
