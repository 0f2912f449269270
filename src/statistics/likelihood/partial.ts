import { leastSquares } from '../../numerics/least-squares.ts'
import { cholesky, choleskyInverse, logDeterminant } from '../../numerics/linear.ts'
import { climb, type Objective, type Point } from './climb.ts'

/** A likelihood of exponential-family terms, with the third cumulants (k x k x k) of all of them together where asked for. */
export interface CumulantPoint extends Point {
  third: Float64Array
}

/** `third`: whether third cumulants are wanted; else they are empty. Undefined where nothing can be computed. */
export type CumulantLikelihood = (coefficients: Float64Array, third: boolean) => CumulantPoint | undefined

/**
 * Firth's penalty (1993): half the log determinant of the information is added to the log-likelihood. For exponential families its gradient is half the
 * trace of the inverse information times the third cumulants.
 */
export function firthObjective(likelihood: CumulantLikelihood): Objective {
  return (b) => {
    const point = likelihood(b, true)
    if (point === undefined) return undefined
    const k = b.length
    const lower = cholesky(point.information, k)
    if (lower === undefined) return undefined
    const inverse = choleskyInverse(lower, k)
    const gradient = Float64Array.from(point.gradient, (g, j) => {
      let trace = 0
      for (let a = 0; a < k; a++)
        for (let c = 0; c < k; c++) trace += inverse[a * k + c] * point.third[(a * k + c) * k + j]
      return g + trace / 2
    })
    return { value: point.value + logDeterminant(lower, k) / 2, gradient, information: point.information }
  }
}

/** The likelihood itself. */
export const plainObjective =
  (likelihood: CumulantLikelihood): Objective =>
  (b) =>
    likelihood(b, false)

export interface PartialFit {
  status: 'ok' | 'separated' | 'collinear' | 'uninformative' | 'not_converged'
  /** One a column; NaN unless the status is `ok`. */
  coefficients: Float64Array
  standardErrors: Float64Array
  /** k x k. */
  covariance: Float64Array
  logLikelihood: number
  /** With all coefficients 0. */
  nullLogLikelihood: number
  /** Twice the gain over it, and the score test of all coefficients, k degrees of freedom. */
  chiSquare: number
  scoreChiSquare: number
  /** Columns (numbers from 0) whose estimates are infinite, where the status is `separated`. */
  infinite: number[]
}

/** What a fit says that could not be made. */
export function noPartialFit(status: PartialFit['status'], k: number, infinite: number[] = []): PartialFit {
  return {
    status,
    coefficients: new Float64Array(k).fill(Number.NaN),
    standardErrors: new Float64Array(k).fill(Number.NaN),
    covariance: new Float64Array(k * k).fill(Number.NaN),
    logLikelihood: Number.NaN,
    nullLogLikelihood: Number.NaN,
    chiSquare: Number.NaN,
    scoreChiSquare: Number.NaN,
    infinite,
  }
}

/** The maximum of the likelihood itself, which must exist. */
export function fitPartial(likelihood: CumulantLikelihood, k: number): PartialFit {
  const zero = likelihood(new Float64Array(k), false)
  const fit = climb(plainObjective(likelihood), new Float64Array(k))
  const lower = zero === undefined ? undefined : cholesky(zero.information, k)
  if (zero === undefined || fit === undefined || lower === undefined) return noPartialFit('not_converged', k)
  const inverse = choleskyInverse(lower, k)
  let score = 0
  for (let a = 0; a < k; a++)
    for (let b = 0; b < k; b++) score += zero.gradient[a] * inverse[a * k + b] * zero.gradient[b]
  return {
    status: 'ok',
    coefficients: fit.coefficients,
    standardErrors: Float64Array.from({ length: k }, (_, j) => Math.sqrt(fit.covariance[j * k + j])),
    covariance: fit.covariance,
    logLikelihood: fit.value,
    nullLogLikelihood: zero.value,
    chiSquare: Math.max(0, 2 * (fit.value - zero.value)),
    scoreChiSquare: score,
    infinite: [],
  }
}

/** Whether rows (any number of length k) leave a column without variation of its own, to 1e-9. */
export function dependentRows(rows: readonly Float64Array[], k: number): boolean {
  if (rows.length === 0) return true
  const x = new Float64Array(rows.length * k)
  for (let i = 0; i < rows.length; i++) x.set(rows[i], i * k)
  return leastSquares(x, new Float64Array(rows.length), rows.length, k).rank < k
}
