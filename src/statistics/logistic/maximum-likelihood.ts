import { climb } from '../likelihood/climb.ts'
import { lessMeans, whitening, withIntercept } from '../likelihood/whitening.ts'
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
