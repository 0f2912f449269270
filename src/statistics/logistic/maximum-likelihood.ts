import { leastSquares } from '../../numerics/least-squares.ts'
import { climb } from '../likelihood/climb.ts'
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
 * constant or a combination of those before it, to 1e-9; `one_group`: no cases or no controls. Domain: up to 40 parameters; coefficients to 1e-9.
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
  const { columns, back } = centred(data.columns, n)
  if (leastSquares(design(columns, n), new Float64Array(n), n, k).rank < k) return { ...unknown, status: 'collinear' }
  const separation = findSeparation(cases, covariates)
  if (separation.kind !== 'none') return { ...unknown, separation, status: 'separated' }
  const fit = climb(logisticObjective({ ...data, columns }), new Float64Array(k))
  if (fit === undefined) return { ...unknown, status: 'not_converged' }
  const { coefficients, covariance } = back(fit.coefficients, fit.covariance)
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

/** Columns with mean 0 and standard deviation 1 (constant ones with mean 0), and the way back to the units given. */
function centred(columns: readonly ArrayLike<number>[], n: number) {
  const means: number[] = []
  const sizes: number[] = []
  const scaled = columns.map((column) => {
    let mean = 0
    for (let i = 0; i < n; i++) mean += column[i] / n
    let square = 0
    for (let i = 0; i < n; i++) square += ((column[i] - mean) * (column[i] - mean)) / n
    const size = square > 0 ? Math.sqrt(square) : 1
    means.push(mean)
    sizes.push(size)
    return Float64Array.from({ length: n }, (_, i) => (column[i] - mean) / size)
  })
  const k = columns.length + 1
  /** b = M s: slopes over their scale, the intercept less what the means carry. */
  const m = new Float64Array(k * k)
  m[0] = 1
  for (let j = 1; j < k; j++) {
    m[j * k + j] = 1 / sizes[j - 1]
    m[j] = -means[j - 1] / sizes[j - 1]
  }
  const back = (coefficients: Float64Array, covariance: Float64Array) => {
    const times = (a: number) => {
      let sum = 0
      for (let j = 0; j < k; j++) sum += m[a * k + j] * coefficients[j]
      return sum
    }
    const both = new Float64Array(k * k)
    for (let a = 0; a < k; a++)
      for (let b = 0; b < k; b++)
        for (let i = 0; i < k; i++)
          for (let j = 0; j < k; j++) both[a * k + b] += m[a * k + i] * covariance[i * k + j] * m[b * k + j]
    return { coefficients: Float64Array.from({ length: k }, (_, a) => times(a)), covariance: both }
  }
  return { columns: scaled, back }
}
