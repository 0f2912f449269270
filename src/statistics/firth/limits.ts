import type { FirthTest } from './test.ts'
import type { FirthWorkspace } from './workspace.ts'

/** Standard normal quantile at 0.975: the square root of 3.8414588..., the drop of a 95% profile limit. */
export const standardNormal975 = 1.959963984540054

/** Log odds ratios beyond this are not looked for: the limit is one-sided. */
const farthest = 20

export interface ProfileLimits {
  low: number | null
  high: number | null
}

/**
 * 95% profile penalised-likelihood limits of the last coefficient. The signed root of twice the drop is nearly linear in
 * the coefficient, so its crossing of 1.96 is found by false position on the root (Illinois), to 1e-10.
 */
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
  let inside = test.beta
  let insideValue = -standardNormal975
  let outside = test.beta + side * standardNormal975 * test.standardError
  let outsideValue = excess(outside)
  while (outsideValue !== undefined && outsideValue < 0) {
    inside = outside
    insideValue = outsideValue
    const next = test.beta + 1.3 * (outside - test.beta)
    if (Math.abs(next) > farthest) return null
    outside = next
    outsideValue = excess(outside)
  }
  if (outsideValue === undefined) return null
  let kept = 0
  for (let step = 0; step < 100 && Math.abs(outside - inside) > 1e-10; step++) {
    let middle = (inside * outsideValue - outside * insideValue) / (outsideValue - insideValue)
    if (!(Math.min(inside, outside) < middle && middle < Math.max(inside, outside))) middle = (inside + outside) / 2
    const value = excess(middle)
    if (value === undefined) return null
    if (Math.abs(value) < 1e-11) return middle
    if (value < 0) {
      inside = middle
      insideValue = value
      if (kept === -1) outsideValue /= 2
      kept = -1
    } else {
      outside = middle
      outsideValue = value
      if (kept === 1) insideValue /= 2
      kept = 1
    }
  }
  return (inside + outside) / 2
}
