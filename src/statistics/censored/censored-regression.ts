import { UpturnError } from '../../errors/index.ts'
import { choleskyInverse, choleskySolve } from '../../numerics/linear.ts'
import { exp, log, normalLogTail } from '../../numerics/special.ts'
import { takeOut, whitening } from '../likelihood/whitening.ts'
import { determinedFactor } from './positive-definite.ts'

const halfLog2Pi = 0.9189385332046728

/** Values of n people with p covariates each. */
export interface CensoredData {
  /** The value, or the limit where the value is censored. */
  y: Float64Array
  /** 0 measured, -1 below `y` (left-censored), 1 above `y` (right-censored). */
  censoring: Int8Array
  /** n x p, row-major; a column of ones for the intercept. */
  x: Float64Array
  p: number
}

export interface CensoredFit {
  /** `unbounded`: the likelihood has no maximum, for example when a group has only values below the limit. */
  status: 'ok' | 'unbounded' | 'not_converged'
  beta: Float64Array
  sigma: number
  logLikelihood: number
  /** (p + 1) x (p + 1), row-major: inverse observed information of (beta, log sigma). */
  covariance: Float64Array
  iterations: number
}

/** What one site contributes to a Newton step: sums over its people at a given parameter. */
export interface CensoredSums {
  logLikelihood: number
  gradient: Float64Array
  /** Minus the second derivatives, (p + 1) x (p + 1), row-major. */
  information: Float64Array
}

/**
 * Sums over people at (gamma, theta) = (beta / sigma, 1 / sigma), in which the log-likelihood is concave
 * (Olsen, Econometrica 46:1211, 1978). `parameters` has p + 1 entries, theta last and positive.
 */
export function censoredSums(data: CensoredData, parameters: Float64Array): CensoredSums {
  const { y, censoring, x, p } = data
  const size = p + 1
  const theta = parameters[p]
  const gradient = new Float64Array(size)
  const information = new Float64Array(size * size)
  const direction = new Float64Array(size)
  let logLikelihood = 0
  for (let i = 0; i < y.length; i++) {
    let r = theta * y[i]
    for (let j = 0; j < p; j++) {
      r -= x[i * p + j] * parameters[j]
      direction[j] = -x[i * p + j]
    }
    direction[p] = y[i]
    // With r the standardised residual: first derivative of the log density in r, and minus the second.
    let first = -r
    let second = 1
    if (censoring[i] === 0) {
      logLikelihood += log(theta) - 0.5 * r * r - halfLog2Pi
      gradient[p] += 1 / theta
      information[p * size + p] += 1 / (theta * theta)
    } else {
      const side = censoring[i]
      const logTail = normalLogTail(side * r)
      const hazard = exp(-0.5 * r * r - halfLog2Pi - logTail)
      logLikelihood += logTail
      first = -side * hazard
      second = Math.max(0, hazard * (hazard - side * r))
    }
    for (let a = 0; a < size; a++) {
      gradient[a] += first * direction[a]
      for (let b = 0; b <= a; b++) information[a * size + b] += second * direction[a] * direction[b]
    }
  }
  for (let a = 0; a < size; a++) for (let b = 0; b < a; b++) information[b * size + a] = information[a * size + b]
  return { logLikelihood, gradient, information }
}

/**
 * Gaussian regression with left- and right-censored values (Tobin, Econometrica 26:24, 1958) by Newton's method with step-halving.
 * Stops when the Newton decrement is below 1e-20 of a log-likelihood unit or can no longer be improved; coefficients then agree with
 * `survreg` of R's survival to 1e-7. At least one value must be measured, and there must be more people than covariates; collinear columns of `x`
 * are refused. Values and columns may have any unit and mean: they are fitted less what least squares say of them, in coordinates of their own.
 */
export function censoredRegression(data: CensoredData): CensoredFit {
  const { y, censoring, x, p } = data
  const n = y.length
  if (censoring.length !== n || x.length !== n * p || p < 1 || n <= p)
    throw new UpturnError(
      'BadArgument',
      `a censored regression of ${n} people needs ${p} covariates each and more people`,
    )
  const given = Array.from({ length: p }, (_, j) => Float64Array.from({ length: n }, (__, i) => x[i * p + j]))
  const white = whitening(given, n)
  if (white === undefined)
    throw new UpturnError(
      'CollinearCovariates',
      'the covariates of a censored regression are linear combinations of each other',
    )
  if (!censoring.includes(0)) throw new UpturnError('BadArgument', 'every value is censored: nothing can be estimated')
  const columns = white.columns(given)
  // Least squares on the values and limits as if all were measured: taken out, and the starting point.
  const { said, left } = takeOut(columns, y)
  let squares = 0
  let whole = 0
  for (let i = 0; i < n; i++) {
    squares += left[i] * left[i]
    whole += y[i] * y[i]
  }
  if (!(squares > 1e-24 * whole))
    throw new UpturnError('BadArgument', 'the values do not vary beyond the covariates: a spread cannot be estimated')
  const unit = Math.sqrt(squares / n)
  const rows = new Float64Array(n * p)
  for (let i = 0; i < n; i++) for (let j = 0; j < p; j++) rows[i * p + j] = columns[j][i]
  const fit = fitStandard({ y: left.map((v) => v / unit), censoring, x: rows, p })
  const size = p + 1
  const slopes = new Float64Array(p * p)
  const across = new Float64Array(p)
  for (let a = 0; a < p; a++) {
    across[a] = unit * fit.covariance[a * size + p]
    for (let b = 0; b < p; b++) slopes[a * p + b] = unit * unit * fit.covariance[a * size + b]
  }
  const inUnits = white.covariance(slopes)
  const acrossInUnits = white.coefficients(across)
  const covariance = Float64Array.from(fit.covariance)
  for (let a = 0; a < p; a++) {
    covariance[a * size + p] = acrossInUnits[a]
    covariance[p * size + a] = acrossInUnits[a]
    for (let b = 0; b < p; b++) covariance[a * size + b] = inUnits[a * p + b]
  }
  let measured = 0
  for (let i = 0; i < n; i++) if (censoring[i] === 0) measured++
  return {
    ...fit,
    beta: white.coefficients(fit.beta.map((b, j) => unit * b + said[j])),
    sigma: unit * fit.sigma,
    logLikelihood: fit.logLikelihood - measured * log(unit),
    covariance,
  }
}

/** The fit of values with mean square 1 on columns that do not go along with each other nor, by least squares, with the values. */
function fitStandard(data: CensoredData): CensoredFit {
  const { p } = data
  const size = p + 1
  const parameters = new Float64Array(size)
  parameters[p] = 1
  let sums = censoredSums(data, parameters)
  let status: CensoredFit['status'] = 'not_converged'
  let iterations = 0
  for (; iterations < 100; iterations++) {
    const factor = determinedFactor(sums.information, size)
    if (factor === undefined) {
      status = 'unbounded'
      break
    }
    const step = choleskySolve(factor, size, sums.gradient)
    let decrement = 0
    for (let a = 0; a < size; a++) decrement += step[a] * sums.gradient[a]
    if (decrement < 1e-20) {
      status = 'ok'
      break
    }
    let improved = false
    for (let fraction = 1; fraction > 1e-9; fraction /= 2) {
      const trial = parameters.map((value, a) => value + fraction * step[a])
      if (!(trial[p] > 0)) continue
      const next = censoredSums(data, trial)
      if (next.logLikelihood >= sums.logLikelihood) {
        improved = next.logLikelihood > sums.logLikelihood || decrement > 1e-12
        parameters.set(trial)
        sums = next
        break
      }
    }
    if (!improved) {
      status = decrement < 1e-9 ? 'ok' : 'not_converged'
      break
    }
  }
  const theta = parameters[p]
  const beta = parameters.subarray(0, p).map((g) => g / theta)
  if (parameters.some((value) => !(Math.abs(value) < 1e6 * Math.max(1, theta)))) status = 'unbounded'
  const factor = status === 'unbounded' ? undefined : determinedFactor(sums.information, size)
  if (factor === undefined) status = 'unbounded'
  const covariance = new Float64Array(size * size)
  if (factor !== undefined) {
    // Delta method from (gamma, theta) to (beta, log sigma); exact at the maximum, where the gradient is zero.
    const inner = choleskyInverse(factor, size)
    const jacobian = new Float64Array(size * size)
    for (let a = 0; a < p; a++) {
      jacobian[a * size + a] = 1 / theta
      jacobian[a * size + p] = -beta[a] / theta
    }
    jacobian[p * size + p] = -1 / theta
    for (let a = 0; a < size; a++)
      for (let b = 0; b < size; b++) {
        let sum = 0
        for (let c = 0; c < size; c++)
          for (let d = 0; d < size; d++) sum += jacobian[a * size + c] * inner[c * size + d] * jacobian[b * size + d]
        covariance[a * size + b] = sum
      }
    // A standard error a thousand times the spread of the data means a direction in which nothing was measured.
    for (let a = 0; a < p; a++)
      if (Math.sqrt(covariance[a * size + a]) * columnScale(data, a) > 1e3 / theta) status = 'unbounded'
  }
  return { status, beta, sigma: 1 / theta, logLikelihood: sums.logLikelihood, covariance, iterations }
}

/** Largest absolute entry of a column. */
function columnScale({ x, p, y }: CensoredData, column: number): number {
  let largest = 0
  for (let i = 0; i < y.length; i++) largest = Math.max(largest, Math.abs(x[i * p + column]))
  return largest
}
