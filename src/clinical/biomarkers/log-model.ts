import { isUpturnError } from '../../errors/index.ts'
import { chiSquareLogTail, exp, log } from '../../numerics/special.ts'
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

const z95 = 1.959963984540054
const halfChi95 = 1.920729410347062

/** The censored log-normal model; null when it has no maximum (a column along which nothing was measured) or too few people. */
export function fitLogModel(rows: readonly ModelRow[], width: number): CensoredFit | null {
  return fitHolding(rows, width, -1, 0)
}

/** Geometric mean of the linear combination `weights` of (intercept, columns), with 95% Wald limits on the log scale. */
export function geometricMean(
  fitted: CensoredFit,
  weights: readonly number[],
): { mean: number; low: number; high: number } {
  const size = fitted.beta.length + 1
  let centre = 0
  let variance = 0
  weights.forEach((a, i) => {
    centre += a * fitted.beta[i]
    weights.forEach((b, j) => {
      variance += a * b * fitted.covariance[i * size + j]
    })
  })
  const margin = z95 * Math.sqrt(variance)
  return { mean: exp(centre), low: exp(centre - margin), high: exp(centre + margin) }
}

/**
 * e^coefficient of a column with the likelihood-ratio p and 95% profile-likelihood limits: with a handful of people, or values below
 * the limit, the log-likelihood is not a parabola and the Wald interval is too short. Null when a limit does not exist.
 */
export function ratioOf(rows: readonly ModelRow[], width: number, column: number, fitted: CensoredFit): Ratio | null {
  const size = width + 2
  const estimate = fitted.beta[column + 1]
  const se = Math.sqrt(fitted.covariance[(column + 1) * size + column + 1])
  const profile = (b: number): number | null => {
    const held = fitHolding(rows, width, column, b)
    return held === null ? null : fitted.logLikelihood - held.logLikelihood
  }
  const atZero = profile(0)
  const low = profileLimit(profile, estimate, -se)
  const high = profileLimit(profile, estimate, se)
  if (atZero === null || low === null || high === null) return null
  const logP = chiSquareLogTail(Math.max(0, 2 * atZero), 1)
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

/** Where the profile log-likelihood has dropped by 1.92, on the side of the step; null when it never does within 50 steps. */
function profileLimit(profile: (b: number) => number | null, estimate: number, step: number): number | null {
  let inside = 0
  let outside = 2
  for (;;) {
    const drop = profile(estimate + outside * step)
    if (drop === null) return null
    if (drop >= halfChi95) break
    inside = outside
    outside *= 1.5
    if (outside > 50) return null
  }
  for (let i = 0; i < 60 && outside - inside > 1e-10 * outside; i++) {
    const middle = (inside + outside) / 2
    const drop = profile(estimate + middle * step)
    if (drop === null) return null
    if (drop >= halfChi95) outside = middle
    else inside = middle
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
