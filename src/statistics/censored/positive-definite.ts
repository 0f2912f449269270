import { cholesky } from '../../numerics/linear.ts'

/**
 * Lower Cholesky factor of a symmetric matrix (n x n, row-major); undefined when a pivot has lost twelve digits of its diagonal, which is a
 * direction that the data do not determine.
 */
export function determinedFactor(matrix: Float64Array, n: number): Float64Array | undefined {
  const factor = cholesky(matrix, n)
  if (factor === undefined) return undefined
  for (let a = 0; a < n; a++) {
    const pivot = factor[a * n + a]
    if (!(pivot * pivot > 1e-12 * matrix[a * n + a])) return undefined
  }
  return factor
}
