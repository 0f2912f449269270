import { UpturnError } from '../../errors/index.ts'
import { exp, logBetaIncomplete, studentLogTail } from '../../numerics/special.ts'
import { firstDependent, lessMeans, meanOf, takeOut, whitening, withIntercept } from '../likelihood/whitening.ts'

export interface LinearModel {
  /** Intercept first, then one a column. */
  coefficients: Float64Array
  standardErrors: Float64Array
  /** Two-sided, Student's t with `degrees`. */
  p: Float64Array
  /** Heteroscedasticity-consistent standard errors HC3 (MacKinnon & White, J Econometrics 29:305, 1985). */
  robustErrors: Float64Array
  /** Residual standard deviation and its degrees of freedom. */
  sigma: number
  degrees: number
  rSquared: number
}

/** F test of some columns given the others. */
export interface PartialF {
  f: number
  /** Numerator and denominator. */
  degrees: [number, number]
  p: number
}

/**
 * Ordinary least squares of y on an intercept and columns (ANCOVA when some columns are indicators of groups). Refuses columns that are constant or
 * combinations of others, by position, fewer people than parameters + 1, values that are not finite or whose squares are not, and a y that the columns give without rest, of which no p can be had. Equal to R's `lm` to 1e-10,
 * whatever the units and means of the columns.
 */
export function linearModel(y: ArrayLike<number>, columns: readonly ArrayLike<number>[]): LinearModel {
  const n = y.length
  const p = columns.length + 1
  const { said, covariance, robust, residualSumOfSquares, total, variance, degrees } = fitted(y, columns)
  const roots = (of: Float64Array) => Float64Array.from({ length: p }, (_, j) => Math.sqrt(of[j * p + j]))
  const standardErrors = roots(covariance)
  return {
    coefficients: said,
    standardErrors,
    p: Float64Array.from({ length: p }, (_, j) => twoSided(said[j] / standardErrors[j], degrees)),
    robustErrors: roots(robust),
    sigma: Math.sqrt(variance),
    degrees: n - p,
    rSquared: total > 0 ? 1 - residualSumOfSquares / total : 0,
  }
}

/** F test of the columns at `tested` (positions among `columns`) given all others. Refuses what `linearModel` refuses, and positions that are none. */
export function partialF(
  y: ArrayLike<number>,
  columns: readonly ArrayLike<number>[],
  tested: readonly number[],
): PartialF {
  const kept = columns.filter((_, j) => !tested.includes(j))
  const last = columns.filter((_, j) => tested.includes(j))
  if (last.length === 0 || last.length !== tested.length)
    throw new UpturnError('BadArgument', `columns ${tested.join(', ')} of ${columns.length} cannot be tested`)
  const { own, variance, degrees } = fitted(y, [...kept, ...last])
  // What the tested columns say beyond the others, which come first.
  let square = 0
  for (let j = kept.length + 1; j < own.length; j++) square += own[j] * own[j] * y.length
  const f = square / last.length / variance
  const x = degrees / (degrees + last.length * f)
  const p = f > 0 ? exp(logBetaIncomplete(degrees / 2, last.length / 2, x)) : 1
  return { f, degrees: [last.length, degrees], p }
}

/** Least squares in coordinates in which the columns do not go along with each other, and in the units given. */
function fitted(y: ArrayLike<number>, columns: readonly ArrayLike<number>[]) {
  const n = y.length
  const p = columns.length + 1
  requireUnits(n, columns)
  if (n <= p) throw new UpturnError('BadArgument', `a linear model with ${p} parameters needs more than ${n} people`)
  for (const column of [y, ...columns])
    for (let i = 0; i < n; i++)
      if (!Number.isFinite(column[i])) throw new UpturnError('BadArgument', 'least squares takes finite numbers only')
  const { columns: centred, means } = lessMeans(columns)
  const white = whitening(centred, n)
  if (white === undefined)
    throw new UpturnError(
      'CollinearCovariates',
      `column ${firstDependent(centred, n) + 1} of a linear model does not vary beyond those before it: leave it out`,
    )
  const basis = white.columns(centred)
  const degrees = n - p
  const mean = meanOf(y)
  const fromMean = Float64Array.from({ length: n }, (_, i) => y[i] - mean)
  let [total, size] = [0, 0]
  for (let i = 0; i < n; i++) {
    total += fromMean[i] * fromMean[i]
    size += y[i] * y[i]
  }
  const { said: slopes, left: residuals } = takeOut(basis, fromMean)
  const said = Float64Array.of(mean, ...slopes)
  let residualSumOfSquares = 0
  for (let i = 0; i < n; i++) residualSumOfSquares += residuals[i] * residuals[i]
  if (!(residualSumOfSquares > 1e-24 * size))
    throw new UpturnError(
      'BadArgument',
      total > 1e-24 * size
        ? 'the columns of a linear model give every value without rest: nothing measures an error'
        : 'all values of a linear model are equal: there is nothing to explain',
    )
  const variance = residualSumOfSquares / degrees
  const plain = new Float64Array(p * p)
  for (let a = 0; a < p; a++) plain[a * p + a] = variance / n
  const meat = new Float64Array(p * p)
  const row = new Float64Array(p)
  row[0] = 1
  for (let i = 0; i < n; i++) {
    for (let j = 1; j < p; j++) row[j] = basis[j - 1][i]
    let leverage = 0
    for (let a = 0; a < p; a++) leverage += (row[a] * row[a]) / n
    // A person alone in a column has leverage 1 and no residual: nothing is known of its variance.
    const rest = 1 - leverage
    const share = rest > 1e-12 ? residuals[i] / rest / n : 0
    for (let a = 0; a < p; a++) for (let b = 0; b < p; b++) meat[a * p + b] += share * share * row[a] * row[b]
  }
  const { coefficients, covariance } = withIntercept({ coefficients: said, covariance: plain }, white, means)
  const robust = withIntercept({ coefficients: said, covariance: meat }, white, means).covariance
  return { own: said, said: coefficients, covariance, robust, residualSumOfSquares, total, variance, degrees }
}

const twoSided = (t: number, degrees: number): number =>
  Math.min(1, exp(studentLogTail(Math.abs(t), degrees) + Math.LN2))

function requireUnits(n: number, columns: readonly ArrayLike<number>[]): void {
  columns.forEach((column, j) => {
    let largest = 0
    for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(column[i]))
    if (largest > 0 && !(largest > 1e-75 && largest < 1e75))
      throw new UpturnError(
        'BadArgument',
        `column ${j} of a linear model is as far as ${largest} from 0: give it in another unit`,
      )
  })
}
