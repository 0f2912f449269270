/**
 * Inverse and Cholesky pivots of a positive definite matrix (n x n, row-major); null where a pivot falls below 1e-10 of
 * its diagonal, which means that a column is a combination of those before it.
 */
export function invertPositive(
  matrix: ArrayLike<number>,
  n: number,
): { inverse: Float64Array; pivots: Float64Array } | { dependent: number } {
  const l = new Float64Array(n * n)
  const pivots = new Float64Array(n)
  for (let j = 0; j < n; j++) {
    let d = matrix[j * n + j]
    for (let k = 0; k < j; k++) d -= l[j * n + k] * l[j * n + k]
    if (!(d > 1e-10 * matrix[j * n + j])) return { dependent: j }
    pivots[j] = d
    const root = Math.sqrt(d)
    l[j * n + j] = root
    for (let i = j + 1; i < n; i++) {
      let s = matrix[i * n + j]
      for (let k = 0; k < j; k++) s -= l[i * n + k] * l[j * n + k]
      l[i * n + j] = s / root
    }
  }
  const inverse = new Float64Array(n * n)
  const column = new Float64Array(n)
  for (let c = 0; c < n; c++) {
    for (let i = 0; i < n; i++) {
      let s = i === c ? 1 : 0
      for (let k = 0; k < i; k++) s -= l[i * n + k] * column[k]
      column[i] = s / l[i * n + i]
    }
    for (let i = n - 1; i >= 0; i--) {
      let s = column[i]
      for (let k = i + 1; k < n; k++) s -= l[k * n + i] * column[k]
      column[i] = s / l[i * n + i]
    }
    for (let i = 0; i < n; i++) inverse[i * n + c] = column[i]
  }
  return { inverse, pivots }
}
