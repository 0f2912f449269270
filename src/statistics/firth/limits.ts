import { profileCrossing, standardNormal975 } from '../likelihood/profile.ts'
import type { FirthTest } from './test.ts'
import type { FirthClimb, FirthWorkspace } from './workspace.ts'

export { standardNormal975 } from '../likelihood/profile.ts'

export interface ProfileLimits {
  low: number | null
  high: number | null
}

/** Maxima nearer than this in penalised log-likelihood are one. */
export const sameMode = 1e-7

/** Fit with the last coefficient held at a value, the others in place as a start; undefined where it fails. */
type Restricted = (at: number) => number | undefined

/** 95% profile penalised-likelihood limits of the last coefficient, to 1e-10. */
export function profileLimits(model: FirthWorkspace, test: FirthTest): ProfileLimits {
  const best = Float64Array.from(model.coefficients())
  const limits = {
    low: limitOf(model, test, best, -1, restrictedFrom(model, best)),
    high: limitOf(model, test, best, 1, restrictedFrom(model, best)),
  }
  model.coefficients().set(best)
  return limits
}

/**
 * The same of a profile that may have several maxima at one value: where a climb from the whole fit, from the fit without the tested column, from multiples of them or from zero ends
 * higher at a limit than the profile followed to it, that limit is looked for again with all of these climbs at every step. `second`: two maxima were met.
 */
export function thoroughLimits(
  model: FirthWorkspace,
  test: FirthTest,
  without: Float64Array,
  steps: readonly number[],
): ProfileLimits & { second: boolean } {
  const best = Float64Array.from(model.coefficients())
  const starts = [
    best,
    without,
    new Float64Array(best.length),
    ...furtherOut(best, steps),
    ...furtherOut(without, steps),
  ]
  const half = (standardNormal975 * standardNormal975) / 2
  let second = false
  const everyClimb = (): Restricted => {
    const once = restrictedFrom(model, best)
    return (at) => {
      let highest = once(at)
      let kept: Float64Array = Float64Array.from(model.coefficients())
      for (const start of starts)
        for (const { logLikelihood, coefficients } of climbsFrom(model, start, at)) {
          if (highest !== undefined && logLikelihood <= highest) continue
          highest = logLikelihood
          kept = coefficients
        }
      model.coefficients().set(kept)
      return highest
    }
  }
  const limitOn = (side: -1 | 1): number | null => {
    const limit = limitOf(model, test, best, side, restrictedFrom(model, best))
    if (limit !== null) {
      const followed = test.penalisedLogLikelihood - half
      let highest = followed
      for (const start of starts)
        for (const { logLikelihood } of climbsFrom(model, start, limit)) {
          if (Math.abs(logLikelihood - followed) > sameMode) second = true
          highest = Math.max(highest, logLikelihood)
        }
      if (highest <= followed + sameMode) return limit
    }
    return limitOf(model, test, best, side, everyClimb())
  }
  const limits = { low: limitOn(-1), high: limitOn(1) }
  model.coefficients().set(best)
  return { ...limits, second }
}

/**
 * All coefficients times 2 and 4, and each covariate's alone times these and by `steps` to either side: beside near separation another maximum lies further
 * out. `steps`: of each covariate, a few over its standard deviation.
 */
export function furtherOut(from: Float64Array, steps: readonly number[]): Float64Array[] {
  const alone = (j: number, value: number) => from.map((b, i) => (i === j + 1 ? value : b))
  return [
    ...[2, 4].map((times) => from.map((b) => times * b)),
    ...steps.flatMap((step, j) => [2 * from[j + 1], 4 * from[j + 1], -step, step].map((value) => alone(j, value))),
  ]
}

function climbFrom(model: FirthWorkspace, start: Float64Array, at: number): number | undefined {
  model.coefficients().set(start)
  model.coefficients()[model.parameters - 1] = at
  return model.climb(true, false, 1, 400)?.logLikelihood
}

/**
 * Maxima that climbs from one start come to: by Newton's steps, and by scoring in steps of a tenth of a standard error, which reaches those beside near
 * separation that longer steps leap over. `at`: where the last coefficient is held; without it the whole fit is made.
 */
export function* climbsFrom(
  model: FirthWorkspace,
  start: Float64Array,
  at?: number,
): Generator<FirthClimb & { coefficients: Float64Array }> {
  for (const newton of [true, false]) {
    model.coefficients().set(start)
    if (at !== undefined) model.coefficients()[model.parameters - 1] = at
    const found = model.climb(at !== undefined, newton, newton ? 5 : 0.1, newton ? 40 : 4000)
    if (found !== undefined) yield { ...found, coefficients: Float64Array.from(model.coefficients()) }
  }
}

function restrictedFrom(model: FirthWorkspace, best: Float64Array): Restricted {
  return (at) => {
    model.coefficients()[model.parameters - 1] = at
    return model.climb(true, true, 5, 40)?.logLikelihood ?? climbFrom(model, best, at)
  }
}

function limitOf(
  model: FirthWorkspace,
  test: FirthTest,
  best: Float64Array,
  side: -1 | 1,
  restricted: Restricted,
): number | null {
  model.coefficients().set(best)
  /** Root of twice the drop at this value, less 1.96; undefined when the restricted fit fails. */
  const excess = (at: number): number | undefined => {
    const value = restricted(at)
    if (value === undefined) return undefined
    return Math.sqrt(Math.max(0, 2 * (test.penalisedLogLikelihood - value))) - standardNormal975
  }
  return profileCrossing(test.beta, test.standardError, side, excess)
}
