/**
 * Lower Cholesky factor of a symmetric matrix (n x n, row-major); null when it is not positive definite to 12 digits of its own diagonal.
 */
export function choleskyFactor(matrix: Float64Array, n: number): Float64Array | null {
  const factor = new Float64Array(n * n)
  for (let a = 0; a < n; a++)
    for (let b = 0; b <= a; b++) {
      let sum = matrix[a * n + b]
      for (let c = 0; c < b; c++) sum -= factor[a * n + c] * factor[b * n + c]
      if (a !== b) factor[a * n + b] = sum / factor[b * n + b]
      else if (sum > 1e-12 * matrix[a * n + a]) factor[a * n + a] = Math.sqrt(sum)
      else return null
    }
  return factor
}

/** x with L L' x = b. */
export function solveWithFactor(factor: Float64Array, b: Float64Array, n: number): Float64Array {
  const x = Float64Array.from(b)
  for (let a = 0; a < n; a++) {
    for (let c = 0; c < a; c++) x[a] -= factor[a * n + c] * x[c]
    x[a] /= factor[a * n + a]
  }
  for (let a = n - 1; a >= 0; a--) {
    for (let c = a + 1; c < n; c++) x[a] -= factor[c * n + a] * x[c]
    x[a] /= factor[a * n + a]
  }
  return x
}

/** (L L')^-1. */
export function inverseFromFactor(factor: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n)
  const unit = new Float64Array(n)
  for (let a = 0; a < n; a++) {
    unit.fill(0)
    unit[a] = 1
    inverse.set(solveWithFactor(factor, unit, n), a * n)
  }
  return inverse
}
