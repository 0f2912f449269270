import { UpturnError } from '../../errors/index.ts'
import { leastSquares } from '../../numerics/least-squares.ts'
import { exp, logBetaIncomplete, studentLogTail } from '../../numerics/special.ts'

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
 * combinations of others, by position, fewer people than parameters + 1, values that are not finite or whose squares are not, and a y that the columns give without rest, of which no p can be had. Equal to R's `lm` to 1e-10.
 */
export function linearModel(y: ArrayLike<number>, columns: readonly ArrayLike<number>[]): LinearModel {
  const n = y.length
  const p = columns.length + 1
  const x = design(n, columns)
  if (n <= p) throw new UpturnError('BadArgument', `a linear model with ${p} parameters needs more than ${n} people`)
  const fit = leastSquares(x, y, n, p)
  if (fit.dependent.length > 0)
    throw new UpturnError(
      'CollinearCovariates',
      `column ${fit.dependent[0]} of a linear model does not vary beyond those before it: leave it out`,
    )
  const degrees = n - p
  let [mean, total, size] = [0, 0, 0]
  for (let i = 0; i < n; i++) mean += y[i] / n
  for (let i = 0; i < n; i++) {
    total += (y[i] - mean) * (y[i] - mean)
    size += y[i] * y[i]
  }
  if (!(fit.residualSumOfSquares > 1e-24 * size))
    throw new UpturnError(
      'BadArgument',
      total > 1e-24 * size
        ? 'the columns of a linear model give every value without rest: nothing measures an error'
        : 'all values of a linear model are equal: there is nothing to explain',
    )
  const variance = fit.residualSumOfSquares / degrees
  const { inverse } = fit
  const standardErrors = Float64Array.from({ length: p }, (_, j) => Math.sqrt(variance * inverse[j * p + j]))
  const meat = new Float64Array(p * p)
  for (let i = 0; i < n; i++) {
    let leverage = 0
    for (let a = 0; a < p; a++) for (let b = 0; b < p; b++) leverage += x[i * p + a] * inverse[a * p + b] * x[i * p + b]
    // A person alone in a column has leverage 1 and no residual: nothing is known of its variance.
    const rest = 1 - leverage
    const share = rest > 1e-12 ? fit.residuals[i] / rest : 0
    for (let a = 0; a < p; a++)
      for (let b = 0; b < p; b++) meat[a * p + b] += share * share * x[i * p + a] * x[i * p + b]
  }
  const robustErrors = Float64Array.from({ length: p }, (_, j) => {
    let sum = 0
    for (let a = 0; a < p; a++)
      for (let b = 0; b < p; b++) sum += inverse[j * p + a] * meat[a * p + b] * inverse[b * p + j]
    return Math.sqrt(sum)
  })
  return {
    coefficients: fit.coefficients,
    standardErrors,
    p: Float64Array.from({ length: p }, (_, j) => twoSided(fit.coefficients[j] / standardErrors[j], degrees)),
    robustErrors,
    sigma: Math.sqrt(variance),
    degrees,
    rSquared: total > 0 ? 1 - fit.residualSumOfSquares / total : 0,
  }
}

/** F test of the columns at `tested` (positions among `columns`) given all others. Refuses what `linearModel` refuses. */
export function partialF(
  y: ArrayLike<number>,
  columns: readonly ArrayLike<number>[],
  tested: readonly number[],
): PartialF {
  const n = y.length
  const whole = linearModel(y, columns)
  const kept = columns.filter((_, j) => !tested.includes(j))
  const without = leastSquares(design(n, kept), y, n, kept.length + 1)
  const rss = whole.sigma * whole.sigma * whole.degrees
  const f = (without.residualSumOfSquares - rss) / tested.length / (whole.sigma * whole.sigma)
  const x = whole.degrees / (whole.degrees + tested.length * f)
  const p = f > 0 ? exp(logBetaIncomplete(whole.degrees / 2, tested.length / 2, x)) : 1
  return { f, degrees: [tested.length, whole.degrees], p }
}

const twoSided = (t: number, degrees: number): number =>
  Math.min(1, exp(studentLogTail(Math.abs(t), degrees) + Math.LN2))

function design(n: number, columns: readonly ArrayLike<number>[]): Float64Array {
  const p = columns.length + 1
  const x = new Float64Array(n * p)
  for (let i = 0; i < n; i++) {
    x[i * p] = 1
    columns.forEach((column, j) => {
      x[i * p + j + 1] = column[i]
    })
  }
  columns.forEach((column, j) => {
    let largest = 0
    for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(column[i]))
    if (largest > 0 && !(largest > 1e-75 && largest < 1e75))
      throw new UpturnError(
        'BadArgument',
        `column ${j} of a linear model is as far as ${largest} from 0: give it in another unit`,
      )
  })
  return x
}
