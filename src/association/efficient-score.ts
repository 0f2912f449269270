import { cholesky, choleskySolve } from '../numerics/linear.ts'

/**
 * The efficient score's contribution of each person: copies of alt less their projection on intercept and covariates,
 * weighted by p (1 - p) of the fitted risks, over people called; 0 for the others. A label set's score is the sum over its
 * cases. Its distribution under the label sets needs no asymptotics.
 */
export function efficientScores(
  genotypes: ArrayLike<number>,
  columns: readonly Float64Array[],
  risks: ArrayLike<number>,
): Float64Array {
  const n = genotypes.length
  const k = columns.length + 1
  const x = (i: number, j: number) => (j === 0 ? 1 : columns[j - 1][i])
  const a = new Float64Array(k * k)
  const b = new Float64Array(k)
  for (let i = 0; i < n; i++) {
    if (genotypes[i] < 0) continue
    const w = risks[i] * (1 - risks[i])
    for (let j = 0; j < k; j++) {
      b[j] += w * x(i, j) * genotypes[i]
      for (let l = 0; l < k; l++) a[j * k + l] += w * x(i, j) * x(i, l)
    }
  }
  const lower = cholesky(a, k)
  const scores = new Float64Array(n)
  if (lower === undefined) return scores
  const solution = choleskySolve(lower, k, b)
  for (let i = 0; i < n; i++) {
    if (genotypes[i] < 0) continue
    scores[i] = genotypes[i]
    for (let j = 0; j < k; j++) scores[i] -= solution[j] * x(i, j)
  }
  return scores
}
