import { climb } from '../likelihood/climb.ts'
import { lessMeans, type Whitening, whitening } from '../likelihood/whitening.ts'
import type { Covariate } from './covariates.ts'
import { logisticObjective, requireLogisticData } from './likelihood.ts'
import { findSeparation, type Separation } from './separation.ts'

export interface MaximumLikelihoodFit {
  status: 'ok' | 'separated' | 'collinear' | 'one_group' | 'not_converged'
  /** Intercept, then one a covariate; NaN unless the status is `ok`. */
  coefficients: Float64Array
  standardErrors: Float64Array
  logLikelihood: number
  /** Where the status is `separated`: how, and by which covariates. */
  separation: Separation
}

/**
 * Ordinary maximum-likelihood logistic regression of `cases` on an intercept and covariates, with an optional offset. Whether finite estimates exist is
 * decided before the fit (`findSeparation`), so none is ever a large number that the iteration happened to stop at. `collinear`: a covariate is
 * constant or a combination of those before it, to 1e-9; `one_group`: no cases or no controls. Domain: up to 40 parameters,
 * columns of any unit and mean; coefficients to 1e-6 of a standard error.
 */
export function maximumLikelihood(
  cases: ArrayLike<number>,
  covariates: readonly Covariate[],
  offset?: ArrayLike<number>,
): MaximumLikelihoodFit {
  const n = cases.length
  const k = covariates.length + 1
  const data = { cases, columns: covariates.map((c) => c.values), offset }
  requireLogisticData(data)
  const unknown = {
    coefficients: new Float64Array(k).fill(Number.NaN),
    standardErrors: new Float64Array(k).fill(Number.NaN),
    logLikelihood: Number.NaN,
    separation: { kind: 'none', covariates: [], alone: [] } as Separation,
  }
  let total = 0
  for (let i = 0; i < n; i++) total += cases[i] === 1 ? 1 : 0
  if (total === 0 || total === n) return { ...unknown, status: 'one_group' }
  const { columns: centred, means } = lessMeans(data.columns)
  const white = whitening(centred, n)
  if (white === undefined) return { ...unknown, status: 'collinear' }
  const separation = findSeparation(cases, covariates)
  if (separation.kind !== 'none') return { ...unknown, separation, status: 'separated' }
  const fit = climb(logisticObjective({ ...data, columns: white.columns(centred) }), new Float64Array(k))
  if (fit === undefined) return { ...unknown, status: 'not_converged' }
  const { coefficients, covariance } = withIntercept(fit, white, means)
  return {
    status: 'ok',
    coefficients,
    standardErrors: Float64Array.from({ length: k }, (_, j) => Math.sqrt(covariance[j * k + j])),
    logLikelihood: fit.value,
    separation,
  }
}

/** Coefficients and covariance of a fit on an intercept and whitened columns less their means, in the units given. */
export function withIntercept(
  fit: { coefficients: Float64Array; covariance: Float64Array },
  white: Whitening,
  means: ArrayLike<number>,
): { coefficients: Float64Array; covariance: Float64Array } {
  const k = white.k + 1
  const coefficients = new Float64Array(k)
  coefficients.set(white.coefficients(fit.coefficients.subarray(1)), 1)
  coefficients[0] = fit.coefficients[0]
  for (let j = 1; j < k; j++) coefficients[0] -= means[j - 1] * coefficients[j]
  // The intercept is that of the centred columns less what the means carry: covariances of (intercept, slopes) first.
  const slopes = new Float64Array(white.k * white.k)
  for (let a = 1; a < k; a++) for (let b = 1; b < k; b++) slopes[(a - 1) * white.k + b - 1] = fit.covariance[a * k + b]
  const inUnits = white.covariance(slopes)
  const across = white.coefficients(fit.covariance.subarray(1, k))
  const covariance = new Float64Array(k * k)
  let variance = fit.covariance[0]
  for (let a = 1; a < k; a++) {
    let together = across[a - 1]
    for (let b = 1; b < k; b++) {
      covariance[a * k + b] = inUnits[(a - 1) * white.k + b - 1]
      together -= means[b - 1] * covariance[a * k + b]
    }
    covariance[a * k] = together
    covariance[a] = together
    variance -= means[a - 1] * (together + across[a - 1])
  }
  covariance[0] = variance
  return { coefficients, covariance }
}

/** Rows (1, x) in one array. */
export function design(columns: readonly ArrayLike<number>[], n: number): Float64Array {
  const k = columns.length + 1
  const out = new Float64Array(n * k)
  for (let i = 0; i < n; i++) {
    out[i * k] = 1
    for (let j = 1; j < k; j++) out[i * k + j] = columns[j - 1][i]
  }
  return out
}
