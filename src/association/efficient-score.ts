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

/**
 * The same within matched sets: copies and covariates less their set's means, all weighted by p (1 - p) of the probabilities of being the set's
 * case, over people called; 0 for the others.
 */
export function efficientScoresWithin(
  genotypes: ArrayLike<number>,
  columns: readonly Float64Array[],
  risks: ArrayLike<number>,
  sets: Int32Array,
): Float64Array {
  const n = genotypes.length
  const k = columns.length
  const weight = Float64Array.from({ length: n }, (_, i) => (genotypes[i] < 0 ? 0 : risks[i] * (1 - risks[i])))
  const centred = [...columns, genotypes].map((values) => {
    const sums = new Map<number, [number, number]>()
    for (let i = 0; i < n; i++) {
      const sum = sums.get(sets[i]) ?? [0, 0]
      sums.set(sets[i], [sum[0] + weight[i], sum[1] + weight[i] * values[i]])
    }
    return Float64Array.from({ length: n }, (_, i) => {
      const [total, sum] = sums.get(sets[i]) as [number, number]
      return genotypes[i] < 0 || total === 0 ? 0 : values[i] - sum / total
    })
  })
  const copies = centred[k]
  const a = new Float64Array(k * k)
  const b = new Float64Array(k)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < k; j++) {
      b[j] += weight[i] * centred[j][i] * copies[i]
      for (let l = 0; l < k; l++) a[j * k + l] += weight[i] * centred[j][i] * centred[l][i]
    }
  const lower = cholesky(a, k)
  if (lower === undefined) return copies
  const solution = choleskySolve(lower, k, b)
  return copies.map((g, i) => columns.reduce((rest, _, j) => rest - solution[j] * centred[j][i], g))
}
