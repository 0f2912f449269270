import { UpturnError } from '../errors/index.ts'
import { kernels } from './kernels.ts'
import { log } from './special.ts'

/* Small dense linear algebra. A matrix is a row-major Float64Array whose shape is given beside it. */

function requireShape(matrix: Float64Array, rows: number, columns: number): void {
  if (!(Number.isInteger(rows) && Number.isInteger(columns) && rows >= 0 && columns >= 0))
    throw new UpturnError('BadArgument', `a matrix cannot be ${rows} x ${columns}`)
  if (matrix.length !== rows * columns)
    throw new UpturnError('BadArgument', `${matrix.length} numbers are not a ${rows} x ${columns} matrix`)
}

/** a (n x k) times b (k x m). */
export function matrixMultiply(a: Float64Array, b: Float64Array, n: number, k: number, m: number): Float64Array {
  requireShape(a, n, k)
  requireShape(b, k, m)
  const w = kernels()
  return w.scope(() => {
    const left = w.put(a)
    const right = w.put(b)
    const out = w.allocate(n * m * 8)
    w.call.matrixMultiply(left, right, out, n, k, m)
    return w.f64(out, n * m).slice()
  })
}

/**
 * The lower triangle L (n x n, zeros above) with L L' = matrix, which must be symmetric (its lower triangle is read).
 * Undefined when the matrix is not positive definite in double precision.
 */
export function cholesky(matrix: Float64Array, n: number): Float64Array | undefined {
  requireShape(matrix, n, n)
  const lower = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]
      for (let k = 0; k < j; k++) sum -= lower[i * n + k] * lower[j * n + k]
      if (i !== j) lower[i * n + j] = sum / lower[j * n + j]
      else if (sum > 0 && sum < Number.POSITIVE_INFINITY) lower[i * n + i] = Math.sqrt(sum)
      else return undefined
    }
  }
  return lower
}

/** x with L L' x = b, for L of `cholesky`. */
export function choleskySolve(lower: Float64Array, n: number, b: ArrayLike<number>): Float64Array {
  requireShape(lower, n, n)
  const x = Float64Array.from(b)
  if (x.length !== n) throw new UpturnError('BadArgument', `a right side of ${x.length} does not fit ${n} unknowns`)
  for (let i = 0; i < n; i++) {
    let sum = x[i]
    for (let k = 0; k < i; k++) sum -= lower[i * n + k] * x[k]
    x[i] = sum / lower[i * n + i]
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i]
    for (let k = i + 1; k < n; k++) sum -= lower[k * n + i] * x[k]
    x[i] = sum / lower[i * n + i]
  }
  return x
}

/** (L L')^-1, symmetric to the last bit, for L of `cholesky`. */
export function choleskyInverse(lower: Float64Array, n: number): Float64Array {
  requireShape(lower, n, n)
  const triangle = new Float64Array(n * n)
  for (let j = 0; j < n; j++) {
    triangle[j * n + j] = 1 / lower[j * n + j]
    for (let i = j + 1; i < n; i++) {
      let sum = 0
      for (let k = j; k < i; k++) sum -= lower[i * n + k] * triangle[k * n + j]
      triangle[i * n + j] = sum / lower[i * n + i]
    }
  }
  const inverse = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0
      for (let k = i; k < n; k++) sum += triangle[k * n + i] * triangle[k * n + j]
      inverse[i * n + j] = sum
      inverse[j * n + i] = sum
    }
  return inverse
}

/** log |L L'|, for L of `cholesky`. */
export function logDeterminant(lower: Float64Array, n: number): number {
  requireShape(lower, n, n)
  let sum = 0
  for (let i = 0; i < n; i++) sum += log(lower[i * n + i])
  return 2 * sum
}

export interface LeadingEigen {
  /** All of them, descending. */
  values: Float64Array
  /** vectors of the first, by rows: unit length, the component of largest magnitude positive. */
  vectors: Float64Array
}

/** Largest (T - value) x over the size of the matrix that is still an eigenvector. */
const vectorTolerance = 1e-12

/**
 * All eigenvalues and the `count` leading eigenvectors of a symmetric matrix (n x n; both triangles must be given):
 * Householder reduction, QL for the values, inverse iteration for the vectors. Many times as fast as symmetricEigen where
 * count is small: about 0.3 s at n = 1000. Vectors of equal eigenvalues are some orthonormal basis.
 */
export function leadingEigen(matrix: Float64Array, n: number, count: number): LeadingEigen {
  requireSymmetric(matrix, n)
  if (!(Number.isInteger(count) && count >= 0 && count <= n))
    throw new UpturnError('BadArgument', `a ${n} x ${n} matrix has no ${count} leading eigenvectors`)
  const w = kernels()
  const found = w.scope(() => {
    const a = w.put(matrix)
    const [d, e, h, settled, scratch] = [1, 1, 1, 2, 5].map((size) => w.allocate(8 * n * size))
    w.call.tridiagonalize(a, n, d, e, h, scratch)
    w.f64(settled, 2 * n).set(w.f64(d, n))
    w.f64(settled, 2 * n).set(w.f64(e, n), n)
    if (w.call.tridiagonalEigenvalues(settled, settled + 8 * n, n) !== 0)
      throw new UpturnError('Internal', 'an eigenvalue did not settle')
    const values = w.f64(settled, n).slice().sort().reverse()
    const size = Math.max(Math.abs(values[0] ?? 0), Math.abs(values[n - 1] ?? 0))
    const vectors = w.allocate(8 * n * count)
    for (let c = 0; c < count; c++) {
      // Vectors whose values are close are kept apart; the others are apart by themselves.
      let close = 0
      while (close < c && values[c - close - 1] - values[c] <= 1e-3 * size) close++
      const x = vectors + 8 * n * c
      const tiny = Math.max(size * 2.220446049250313e-16, Number.MIN_VALUE / 2.220446049250313e-16)
      const rest = w.call.tridiagonalVector(d, e, n, values[c], close, tiny, x, scratch)
      if (!(rest <= vectorTolerance * size)) return undefined
    }
    w.call.applyReflections(a, n, h, vectors, count)
    return { values, vectors: w.f64(vectors, n * count).slice() }
  })
  // Where values are crowded beyond what inverse iteration tells apart, all vectors are made.
  const { values, vectors } = found ?? symmetricEigen(matrix, n)
  const leading = vectors.slice(0, n * count)
  for (let c = 0; c < count; c++) pointUp(leading.subarray(c * n, (c + 1) * n))
  return { values, vectors: leading }
}

/** Turns a vector so that its component of largest magnitude is positive. */
function pointUp(vector: Float64Array): void {
  let largest = 0
  for (const component of vector) if (Math.abs(component) > Math.abs(largest)) largest = component
  if (largest < 0) for (let i = 0; i < vector.length; i++) vector[i] = -vector[i]
}

function requireSymmetric(matrix: Float64Array, n: number): void {
  requireShape(matrix, n, n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const value = matrix[i * n + j]
      if (!Number.isFinite(value) || value !== matrix[j * n + i])
        throw new UpturnError('BadArgument', `the matrix is not symmetric and finite at row ${i}, column ${j}`)
    }
}

export interface SymmetricEigen {
  /** Descending. */
  values: Float64Array
  /** n x n; row i is the unit eigenvector of values[i], its component of largest magnitude positive. */
  vectors: Float64Array
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix (n x n; both triangles must be given), by Householder reduction and
 * implicit QL. About 2 s at n = 1000. Vectors of equal eigenvalues are some orthonormal basis.
 */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  requireSymmetric(matrix, n)
  const w = kernels()
  return w.scope(() => {
    const a = w.put(matrix)
    const valuesAt = w.allocate(n * 8)
    const vectorsAt = w.allocate(n * n * 8)
    const scratch = w.allocate((3 * n + 3 * 4096) * 8)
    if (w.call.symmetricEigen(a, n, valuesAt, vectorsAt, scratch) !== 0)
      throw new UpturnError('Internal', 'an eigenvalue did not settle')
    const found = w.f64(valuesAt, n)
    const rows = w.f64(vectorsAt, n * n)
    const order = Array.from(found.keys()).sort((i, j) => found[j] - found[i] || i - j)
    const values = new Float64Array(n)
    const vectors = new Float64Array(n * n)
    order.forEach((from, to) => {
      values[to] = found[from]
      const row = rows.subarray(from * n, from * n + n)
      let largest = 0
      for (const component of row) if (Math.abs(component) > Math.abs(largest)) largest = component
      const sign = largest < 0 ? -1 : 1
      for (let j = 0; j < n; j++) vectors[to * n + j] = sign * row[j]
    })
    return { values, vectors }
  })
}
