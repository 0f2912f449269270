import { UpturnError } from '../../errors/index.ts'
import { log } from '../../numerics/special.ts'
import type { PartialFit } from './partial.ts'
import type { RatioTest } from './ratio-test.ts'

/** A column of which less than this share of its length is its own is a combination of those before it. */
const nothing = 1e-9
/** Variances of coefficients in units further from 1 than this are no numbers any more. */
const farthestUnit = 1e75

/**
 * Columns in coordinates in which fits keep their digits whatever units, means and near dependences the columns come with: X = X' R, R upper triangular
 * (QR decomposition), X' uncorrelated with mean square 1. X b = X' R b, so that b = R^-1 g, and the last coefficient is the last of g over R's last entry:
 * to hold the one is to hold the other.
 */
export interface Whitening {
  k: number
  /** R, k x k. */
  upper: Float64Array
  /** The columns in the new coordinates; rows may be other ones than those that R was made of. Which origin they have is kept. */
  columns(columns: readonly ArrayLike<number>[]): Float64Array[]
  /** Coefficients in the units given. */
  coefficients(g: ArrayLike<number>): Float64Array
  /** And their covariance, k x k. */
  covariance(v: ArrayLike<number>): Float64Array
  /** Directions (unit vectors of the new coordinates) along which each coefficient grows. */
  directions: Float64Array[]
  /** log |R|: what half the log determinant of the information loses in the new coordinates. */
  logDeterminant: number
}

/**
 * From rows (length k) whose origin says nothing, such as differences, or rows less their mean: `rows` of them, `columns[j][i]`. Undefined where a column is,
 * to 1e-9 of its length, a combination of those before it. Refuses columns that
 * vary by less than 1e-75 or more than 1e75. Modified Gram-Schmidt, twice.
 */
export function whitening(columns: readonly ArrayLike<number>[], rows: number): Whitening | undefined {
  const k = columns.length
  const upper = new Float64Array(k * k)
  const basis: Float64Array[] = []
  for (let j = 0; j < k; j++) {
    const rest = copied(columns[j])
    const whole = meanSquare(rest)
    if (whole > 0 && !(whole > 1 / farthestUnit && whole < farthestUnit))
      throw new UpturnError('BadArgument', `column ${j + 1} varies by ${whole}: give it in another unit`)
    for (let pass = 0; pass < 2; pass++)
      for (let q = 0; q < j; q++) {
        let dot = 0
        for (let i = 0; i < rows; i++) dot += (basis[q][i] * rest[i]) / rows
        upper[q * k + j] += dot
        for (let i = 0; i < rows; i++) rest[i] -= dot * basis[q][i]
      }
    const size = meanSquare(rest)
    if (!(size > nothing * whole)) return undefined
    upper[j * k + j] = size
    for (let i = 0; i < rows; i++) rest[i] /= size
    basis.push(rest)
  }
  /** R^-1, upper triangular. */
  const inverse = new Float64Array(k * k)
  for (let j = 0; j < k; j++)
    for (let i = j; i >= 0; i--) {
      let sum = i === j ? 1 : 0
      for (let q = i + 1; q <= j; q++) sum -= upper[i * k + q] * inverse[q * k + j]
      inverse[i * k + j] = sum / upper[i * k + i]
    }
  return {
    k,
    upper,
    columns: (given) => {
      const out: Float64Array[] = []
      for (let j = 0; j < k; j++) {
        const column = copied(given[j])
        for (let q = 0; q < j; q++) {
          const other = out[q]
          const share = upper[q * k + j]
          for (let i = 0; i < column.length; i++) column[i] -= other[i] * share
        }
        const size = upper[j * k + j]
        for (let i = 0; i < column.length; i++) column[i] /= size
        out.push(column)
      }
      return out
    },
    coefficients: (g) => {
      const b = Float64Array.from(g)
      for (let i = k - 1; i >= 0; i--) {
        for (let q = i + 1; q < k; q++) b[i] -= upper[i * k + q] * b[q]
        b[i] /= upper[i * k + i]
      }
      return b
    },
    covariance: (v) => {
      const half = new Float64Array(k * k)
      const out = new Float64Array(k * k)
      for (let a = 0; a < k; a++)
        for (let c = 0; c < k; c++) for (let q = a; q < k; q++) half[a * k + c] += inverse[a * k + q] * v[q * k + c]
      for (let a = 0; a < k; a++)
        for (let c = 0; c < k; c++) for (let q = c; q < k; q++) out[a * k + c] += half[a * k + q] * inverse[c * k + q]
      return out
    },
    directions: Array.from({ length: k }, (_, j) => {
      const row = inverse.slice(j * k, (j + 1) * k)
      const size = meanSquare(row) * Math.sqrt(k)
      return row.map((v) => v / size)
    }),
    logDeterminant: Array.from({ length: k }, (_, j) => log(upper[j * k + j])).reduce((a, b) => a + b, 0),
  }
}

/** Much faster than `Float64Array.from` of an array. */
function copied(column: ArrayLike<number>): Float64Array {
  const out = new Float64Array(column.length)
  for (let i = 0; i < out.length; i++) out[i] = column[i]
  return out
}

/** Root of the mean square, without overflow. */
function meanSquare(values: Float64Array): number {
  let largest = 0
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]) > largest) largest = Math.abs(values[i])
  if (largest === 0) return 0
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += (values[i] / largest) * (values[i] / largest)
  return largest * Math.sqrt(sum / values.length)
}

/** Position of the first column that is a combination of those before it; -1 where there is none. */
export function firstDependent(columns: readonly ArrayLike<number>[], rows: number): number {
  return columns.findIndex((_, j) => whitening(columns.slice(0, j + 1), rows) === undefined)
}

/** What whitened columns say of values by least squares, one number a column, and what is left: taken out twice, so that rounding leaves nothing of it. */
export function takeOut(
  columns: readonly Float64Array[],
  values: ArrayLike<number>,
): { said: Float64Array; left: Float64Array } {
  const left = copied(values)
  const said = new Float64Array(columns.length)
  for (let pass = 0; pass < 2; pass++)
    columns.forEach((column, j) => {
      let dot = 0
      for (let i = 0; i < left.length; i++) dot += (column[i] * left[i]) / left.length
      said[j] += dot
      for (let i = 0; i < left.length; i++) left[i] -= dot * column[i]
    })
  return { said, left }
}

/** Columns less their means, with the means. */
export function lessMeans(columns: readonly ArrayLike<number>[]): { columns: Float64Array[]; means: Float64Array } {
  const means = Float64Array.from(columns, meanOf)
  return { columns: columns.map((column, j) => Float64Array.from(column, (v) => v - means[j])), means }
}

/** Mean of a column; exactly its value where all are alike, so that rounding is never taken for variation. */
export function meanOf(column: ArrayLike<number>): number {
  const first = column[0] ?? 0
  let sum = 0
  for (let i = 0; i < column.length; i++) sum += (column[i] - first) / column.length
  return first + sum
}

/** A fit without an intercept, in the units given. */
export function fitInUnits(fit: PartialFit, whitening: Whitening): PartialFit {
  const { k } = whitening
  const covariance = whitening.covariance(fit.covariance)
  return {
    ...fit,
    coefficients: whitening.coefficients(fit.coefficients),
    covariance,
    standardErrors: Float64Array.from({ length: k }, (_, j) => Math.sqrt(covariance[j * k + j])),
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

/**
 * A test of the last column in the units given. `penalised`: whether half the log determinant of the information is in the likelihood.
 */
export function testInUnits(test: RatioTest, whitening: Whitening, penalised: boolean): RatioTest {
  if (Number.isNaN(test.beta)) return test
  const { k, upper } = whitening
  const unit = upper[k * k - 1]
  const own = (value: number | null) => (value === null ? null : value / unit)
  return {
    ...test,
    beta: test.beta / unit,
    standardError: test.standardError / unit,
    low: own(test.low),
    high: own(test.high),
    coefficients: whitening.coefficients(test.coefficients),
    logLikelihood: test.logLikelihood + (penalised ? whitening.logDeterminant : 0),
  }
}

/**
 * How far, in the coordinates of `whitening`, a limit of the last coefficient is looked for: 20 in its own units, or, where that column varies over less
 * than one of them, 20 between its lowest and highest value given the others.
 */
export function farthestLimit(whitening: Whitening, last: ArrayLike<number>): number {
  return farthestOver(last, whitening.upper[whitening.k * whitening.k - 1])
}

/** The same of a column in coordinates of which `unit` are one of its own. */
export function farthestOver(column: ArrayLike<number>, unit = 1): number {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let i = 0; i < column.length; i++) {
    low = Math.min(low, column[i])
    high = Math.max(high, column[i])
  }
  return 20 * Math.max(unit, 1 / (high - low))
}
