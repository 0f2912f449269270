import { profileCrossing, standardNormal975 } from '../likelihood/profile.ts'
import type { FirthTest } from './test.ts'
import type { FirthWorkspace } from './workspace.ts'

export { standardNormal975 } from '../likelihood/profile.ts'

export interface ProfileLimits {
  low: number | null
  high: number | null
}

/** 95% profile penalised-likelihood limits of the last coefficient, to 1e-10. */
export function profileLimits(model: FirthWorkspace, test: FirthTest): ProfileLimits {
  const best = Float64Array.from(model.coefficients())
  const low = limit(model, test, best, -1)
  const high = limit(model, test, best, 1)
  model.coefficients().set(best)
  return { low, high }
}

function limit(model: FirthWorkspace, test: FirthTest, best: Float64Array, side: -1 | 1): number | null {
  const last = model.parameters - 1
  model.coefficients().set(best)
  /** Root of twice the drop at this value, less 1.96; undefined when the restricted fit fails. */
  const excess = (at: number): number | undefined => {
    const b = model.coefficients()
    b[last] = at
    let fit = model.climb(true, true, 5, 40)
    if (fit === undefined) {
      model.coefficients().set(best)
      model.coefficients()[last] = at
      fit = model.climb(true, false, 1, 400)
    }
    if (fit === undefined) return undefined
    return Math.sqrt(Math.max(0, 2 * (test.penalisedLogLikelihood - fit.logLikelihood))) - standardNormal975
  }
  return profileCrossing(test.beta, test.standardError, side, excess)
}
