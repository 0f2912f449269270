import { isUpturnError } from '../../errors/index.ts'
import { chiSquareLogTail, exp, expm1, log, log1p, studentLogTail } from '../../numerics/special.ts'
import { type CensoredFit, censoredRegression } from '../../statistics/censored/index.ts'

/** A person in the model. */
export interface ModelRow {
  value: number
  censoring: -1 | 0 | 1
  /** Columns beside the intercept. */
  columns: number[]
}

/** A ratio of geometric means with limits by profile likelihood and the likelihood-ratio p. */
export interface Ratio {
  ratio: number
  low: number
  high: number
  p: number
  negLog10P: number
  /** From the estimate and its standard error (observed information), for comparison. */
  waldP: number
}

/** The censored log-normal model; null when it has no maximum (a column along which nothing was measured) or too few people. */
export function fitLogModel(rows: readonly ModelRow[], width: number): CensoredFit | null {
  return fitHolding(rows, width, -1, 0)
}

/**
 * Geometric mean of the linear combination `weights` of (intercept, columns), with 95% Wald limits on the log scale; Student's t, and the variance
 * with n - p in place of n, as least squares has it.
 */
export function geometricMean(
  fitted: CensoredFit,
  weights: readonly number[],
  n: number,
): { mean: number; low: number; high: number } {
  const p = fitted.beta.length
  const size = p + 1
  let centre = 0
  let variance = 0
  weights.forEach((a, i) => {
    centre += a * fitted.beta[i]
    weights.forEach((b, j) => {
      variance += a * b * fitted.covariance[i * size + j]
    })
  })
  const margin = studentQuantile975(n - p) * Math.sqrt((variance * n) / (n - p))
  return { mean: exp(centre), low: exp(centre - margin), high: exp(centre + margin) }
}

/**
 * e^coefficient of a column with the likelihood-ratio p and 95% profile-likelihood limits. The ratio LR is not referred to chi-square, which
 * with 12 people rejects a true null in 14% at the 5% level, but as F = (e^(LR / n) - 1)(n - p) to F(1, n - p): without censoring that is
 * exactly the test of least squares, and with up to 80% censored it keeps its level in simulation (docs/biomarkers.md). Null when a limit does not exist.
 */
export function ratioOf(rows: readonly ModelRow[], width: number, column: number, fitted: CensoredFit): Ratio | null {
  const size = width + 2
  const n = rows.length
  const degrees = n - width - 1
  const estimate = fitted.beta[column + 1]
  const se = Math.sqrt(fitted.covariance[(column + 1) * size + column + 1])
  const profile = (b: number): number | null => {
    const held = fitHolding(rows, width, column, b)
    return held === null ? null : fitted.logLikelihood - held.logLikelihood
  }
  const t = studentQuantile975(degrees)
  const drop = 0.5 * n * log1p((t * t) / degrees)
  const atZero = profile(0)
  const low = profileLimit(profile, drop, estimate, -se)
  const high = profileLimit(profile, drop, estimate, se)
  if (atZero === null || low === null || high === null) return null
  const f = Math.sqrt(expm1(Math.max(0, 2 * atZero) / n) * degrees)
  const logP = Math.min(0, studentLogTail(f, degrees) + Math.LN2)
  const wald = estimate / se
  return {
    ratio: exp(estimate),
    low: exp(low),
    high: exp(high),
    p: exp(logP),
    negLog10P: logP === 0 ? 0 : -logP / Math.LN10,
    waldP: exp(chiSquareLogTail(wald * wald, 1)),
  }
}

/** t with P(T <= t) = 0.975, by bisection to 1e-12. */
export function studentQuantile975(degrees: number): number {
  const target = log(0.025)
  let low = 1.9
  let high = 13
  while (high - low > 1e-12) {
    const middle = (low + high) / 2
    if (studentLogTail(middle, degrees) > target) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/**
 * Where the profile log-likelihood has dropped by `enough`, on the side of the step; null when it never does within 50 steps. The root of the
 * drop is nearly linear, so false position (Illinois) finds the place in a few fits.
 */
function profileLimit(
  profile: (b: number) => number | null,
  enough: number,
  estimate: number,
  step: number,
): number | null {
  /** Root of the drop less the wanted one, at so many steps from the estimate. */
  const excess = (steps: number): number | null => {
    const drop = profile(estimate + steps * step)
    return drop === null ? null : Math.sqrt(Math.max(0, drop)) - Math.sqrt(enough)
  }
  let inside = 0
  let insideValue = -Math.sqrt(enough)
  let outside = 2
  let outsideValue = excess(outside)
  while (outsideValue !== null && outsideValue < 0) {
    inside = outside
    insideValue = outsideValue
    outside *= 1.5
    if (outside > 50) return null
    outsideValue = excess(outside)
  }
  if (outsideValue === null) return null
  let kept = 0
  for (let i = 0; i < 60 && outside - inside > 1e-10 * outside; i++) {
    const middle = (inside * outsideValue - outside * insideValue) / (outsideValue - insideValue)
    const value = excess(middle)
    if (value === null) return null
    if (Math.abs(value) < 1e-11) return estimate + middle * step
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
  return estimate + ((inside + outside) / 2) * step
}

/** Fits with one column's coefficient held at `value` (as an offset), or all free when `held` is -1. */
function fitHolding(rows: readonly ModelRow[], width: number, held: number, value: number): CensoredFit | null {
  const free = Array.from({ length: width }, (_, c) => c).filter((c) => c !== held)
  const p = free.length + 1
  const measured = rows.filter((r) => r.censoring === 0).length
  if (measured < 2 || rows.length < p + 2) return null
  const x = new Float64Array(rows.length * p)
  rows.forEach((row, i) => {
    x[i * p] = 1
    free.forEach((c, j) => {
      x[i * p + 1 + j] = row.columns[c]
    })
  })
  try {
    const result = censoredRegression({
      y: Float64Array.from(rows, (row) => log(row.value) - (held < 0 ? 0 : value * row.columns[held])),
      censoring: Int8Array.from(rows, (row) => row.censoring),
      x,
      p,
    })
    return result.status === 'ok' ? result : null
  } catch (error) {
    if (isUpturnError(error, 'BadArgument') || isUpturnError(error, 'CollinearCovariates')) return null
    throw error
  }
}
