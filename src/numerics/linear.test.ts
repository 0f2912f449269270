import { expect, test } from 'vitest'
import { leastSquares } from './least-squares.ts'
import {
  cholesky,
  choleskyInverse,
  choleskySolve,
  leadingEigen,
  logDeterminant,
  matrixMultiply,
  symmetricEigen,
} from './linear.ts'
import { RandomStream } from './random.ts'

const random = new RandomStream(3, 'test/linear')
const matrix = (n: number, m: number) => Float64Array.from({ length: n * m }, () => random.normal())
const transpose = (a: Float64Array, n: number, m: number) =>
  Float64Array.from({ length: n * m }, (_, i) => a[(i % n) * m + Math.floor(i / n)])
const far = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let worst = 0
  for (let i = 0; i < b.length; i++) worst = Math.max(worst, Math.abs(a[i] - b[i]))
  return a.length === b.length ? worst : Number.POSITIVE_INFINITY
}

test('products equal the plain triple loop', () => {
  for (const [n, k, m] of [
    [1, 1, 1],
    [3, 5, 2],
    [7, 130, 131],
    [65, 67, 129],
    [0, 3, 2],
    [2, 0, 3],
  ]) {
    const a = matrix(n, k)
    const b = matrix(k, m)
    const plain = new Float64Array(n * m)
    for (let i = 0; i < n; i++)
      for (let j = 0; j < m; j++) for (let l = 0; l < k; l++) plain[i * m + j] += a[i * k + l] * b[l * m + j]
    expect(far(matrixMultiply(a, b, n, k, m), plain), `${n} ${k} ${m}`).toBeLessThan(1e-12)
  }
  expect(() => matrixMultiply(matrix(2, 2), matrix(2, 2), 2, 3, 2)).toThrow(/2 x 3/)
})

test('Cholesky factors, solves and inverts', () => {
  const n = 12
  const x = matrix(20, n)
  const a = matrixMultiply(transpose(x, 20, n), x, n, 20, n)
  const lower = cholesky(a, n)
  if (lower === undefined) throw lower
  expect(far(matrixMultiply(lower, transpose(lower, n, n), n, n, n), a)).toBeLessThan(1e-12)
  const b = matrix(n, 1)
  expect(far(matrixMultiply(a, choleskySolve(lower, n, b), n, n, 1), b)).toBeLessThan(1e-12)
  const identity = matrixMultiply(a, choleskyInverse(lower, n), n, n, n)
  expect(
    far(
      identity,
      Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
    ),
  ).toBeLessThan(1e-12)
  expect(logDeterminant(lower, n)).toBeCloseTo(
    symmetricEigen(a, n).values.reduce((sum, v) => sum + Math.log(v), 0),
    10,
  )
  expect(cholesky(Float64Array.of(1, 2, 2, 1), 2)).toBeUndefined()
  expect(cholesky(Float64Array.of(Number.NaN), 1)).toBeUndefined()
})

test('eigenvectors are orthonormal and rebuild the matrix', () => {
  for (const n of [1, 2, 3, 10, 33, 100]) {
    const x = matrix(n, n)
    const a = Float64Array.from(x, (v, i) => v + x[(i % n) * n + Math.floor(i / n)])
    const { values, vectors } = symmetricEigen(a, n)
    const scaled = vectors.map((v, i) => v * values[Math.floor(i / n)])
    expect(far(matrixMultiply(transpose(vectors, n, n), scaled, n, n, n), a), `${n}`).toBeLessThan(1e-12 * n)
    const gram = matrixMultiply(vectors, transpose(vectors, n, n), n, n, n)
    expect(
      far(
        gram,
        gram.map((_, i) => (i % (n + 1) === 0 ? 1 : 0)),
      ),
    ).toBeLessThan(1e-13 * n)
    expect([...values]).toEqual([...values].sort((p, q) => q - p))
  }
})

test('eigenvalues of degenerate matrices', () => {
  expect([...symmetricEigen(new Float64Array(16), 4).values]).toEqual([0, 0, 0, 0])
  expect([...symmetricEigen(Float64Array.of(3, 0, 0, 0, 5, 0, 0, 0, 4), 3).values]).toEqual([5, 4, 3])
  const n = 6
  const { values } = symmetricEigen(new Float64Array(n * n).fill(1), n)
  expect(far(values, [6, 0, 0, 0, 0, 0])).toBeLessThan(1e-14)
  // 1e-200 and 1e200 neither vanish nor overflow
  for (const scale of [1e-200, 1e150]) {
    const { values: scaledValues } = symmetricEigen(
      Float64Array.of(2, 1, 0, 1, 2, 1, 0, 1, 2).map((v) => v * scale),
      3,
    )
    expect(
      far(
        scaledValues.map((v) => v / scale),
        [2 + Math.SQRT2, 2, 2 - Math.SQRT2],
      ),
    ).toBeLessThan(1e-14)
  }
  // tridiagonal 2, -1: 2 - 2 cos(k pi / (n + 1))
  const m = 50
  const t = Float64Array.from({ length: m * m }, (_, i) => {
    const d = Math.abs((i % m) - Math.floor(i / m))
    return d === 0 ? 2 : d === 1 ? -1 : 0
  })
  const known = Array.from({ length: m }, (_, k) => 2 + 2 * Math.cos(((k + 1) * Math.PI) / (m + 1)))
  expect(far(symmetricEigen(t, m).values, known)).toBeLessThan(1e-13)
  expect(() => symmetricEigen(Float64Array.of(1, 2, 3, 4), 2)).toThrow(/symmetric/)
})

/** The largest |a v - value v| over the leading vectors, and how far they are from orthonormal, over the size of a. */
function leadingErrors(a: Float64Array, n: number, count: number) {
  const { values, vectors } = leadingEigen(a, n, count)
  const size = Math.max(...values.map(Math.abs), 1e-300)
  const product = matrixMultiply(vectors, a, count, n, n)
  const residual = far(
    product,
    vectors.map((v, i) => v * values[Math.floor(i / n)]),
  )
  const gram = matrixMultiply(vectors, transpose(vectors, count, n), count, n, count)
  const apart = far(
    gram,
    gram.map((_, i) => (i % (count + 1) === 0 ? 1 : 0)),
  )
  return { values, vectors, residual: residual / size, apart }
}

test('leading eigenvectors are those of the whole decomposition', () => {
  for (const [n, count] of [
    [1, 1],
    [2, 2],
    [3, 1],
    [10, 10],
    [33, 5],
    [100, 10],
    [101, 101],
    [300, 10],
  ]) {
    const x = matrix(n, n)
    const a = Float64Array.from(x, (v, i) => v + x[(i % n) * n + Math.floor(i / n)])
    const { values, vectors, residual, apart } = leadingErrors(a, n, count)
    const whole = symmetricEigen(a, n)
    expect(far(values, whole.values) / whole.values[0], `${n}`).toBeLessThan(1e-14 * n)
    expect(residual, `${n}`).toBeLessThan(1e-13 * n)
    expect(apart, `${n}`).toBeLessThan(1e-13 * n)
    for (let c = 0; c < count; c++) {
      const own = vectors.subarray(c * n, (c + 1) * n)
      expect(Math.max(...own)).toBe(Math.max(...own.map(Math.abs)))
      // A vector is as sure as its value is far from the others.
      const gap = Math.min(
        ...[c - 1, c + 1].flatMap((o) => (o >= 0 && o < n ? [Math.abs(values[o] - values[c])] : [])),
        values[0],
      )
      if (gap > 1e-3 * values[0])
        expect(far(own, whole.vectors.subarray(c * n, (c + 1) * n)), `${n} ${c}`).toBeLessThan(1e-10)
    }
  }
})

test('leading eigenvectors of crowded, repeated, split and extreme matrices', () => {
  const n = 60
  const basis = symmetricEigen(
    Float64Array.from({ length: n * n }, (_, i) =>
      Math.cos(3 * Math.min(Math.floor(i / n), i % n) + 7 * Math.max(Math.floor(i / n), i % n)),
    ),
    n,
  ).vectors
  const built = (values: readonly number[]) => {
    const scaled = basis.map((v, i) => v * values[Math.floor(i / n)])
    const a = matrixMultiply(transpose(basis, n, n), scaled, n, n, n)
    return Float64Array.from(a, (v, i) => (v + a[(i % n) * n + Math.floor(i / n)]) / 2)
  }
  for (const [name, values] of [
    ['repeated', Array.from({ length: n }, (_, i) => (i < 7 ? 5 : 1))],
    ['crowded', Array.from({ length: n }, (_, i) => 1 + 1e-13 * i)],
    ['one apart', Array.from({ length: n }, (_, i) => (i === 0 ? 10 : 1))],
    ['of low rank', Array.from({ length: n }, (_, i) => (i < 3 ? 3 - i : 0))],
    ['large', Array.from({ length: n }, (_, i) => 1e150 * (i + 1))],
    ['small', Array.from({ length: n }, (_, i) => 1e-150 * (i + 1))],
  ] as const) {
    const { residual, apart } = leadingErrors(built([...values]), n, 10)
    expect(residual, name).toBeLessThan(1e-12)
    expect(apart, name).toBeLessThan(1e-11)
  }
  const diagonal = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 + (i % 7) : 0))
  expect(leadingErrors(diagonal, n, 12).residual).toBeLessThan(1e-12)
  expect(leadingErrors(new Float64Array(n * n), n, 4).apart).toBeLessThan(1e-12)
  const blocks = Float64Array.from({ length: n * n }, (_, i) => {
    const [r, c] = [Math.floor(i / n), i % n]
    return Math.floor(r / 4) === Math.floor(c / 4) ? 1 : 0
  })
  const { values, residual, apart } = leadingErrors(blocks, n, 15)
  expect(far(values.subarray(0, 15), new Array(15).fill(4))).toBeLessThan(1e-12)
  expect(residual).toBeLessThan(1e-12)
  expect(apart).toBeLessThan(1e-11)
  expect(() => leadingEigen(diagonal, n, n + 1)).toThrow('leading')
})

test('least squares solves the normal equations and names dependent columns', () => {
  const rows = 40
  const x = matrix(rows, 4)
  for (let i = 0; i < rows; i++) x[i * 4 + 2] = 3 * x[i * 4] - 2 * x[i * 4 + 1]
  const y = matrix(rows, 1)
  const weights = Float64Array.from({ length: rows }, () => random.exponential())
  const fit = leastSquares(x, y, rows, 4, { weights })
  expect(fit.dependent).toEqual([2])
  expect(fit.rank).toBe(3)
  expect(fit.coefficients[2]).toBeNaN()
  for (const j of [0, 1, 3]) {
    let score = 0
    for (let i = 0; i < rows; i++) score += weights[i] * x[i * 4 + j] * fit.residuals[i]
    expect(Math.abs(score)).toBeLessThan(1e-12)
  }
  expect(fit.residualSumOfSquares).toBeCloseTo(
    fit.residuals.reduce((sum, r, i) => sum + weights[i] * r * r, 0),
    11,
  )
  const kept = [0, 1, 3]
  const gram = Float64Array.from({ length: 9 }, (_, c) => {
    let sum = 0
    for (let i = 0; i < rows; i++) sum += weights[i] * x[i * 4 + kept[Math.floor(c / 3)]] * x[i * 4 + kept[c % 3]]
    return sum
  })
  const inverse = kept.flatMap((a) => kept.map((b) => fit.inverse[a * 4 + b]))
  expect(far(matrixMultiply(gram, Float64Array.from(inverse), 3, 3, 3), [1, 0, 0, 0, 1, 0, 0, 0, 1])).toBeLessThan(
    1e-12,
  )
  expect(leastSquares(Float64Array.of(0, 1, 0, 1), [1, 1], 2, 2).dependent).toEqual([0])
  expect(leastSquares(Float64Array.of(1, 2), [1], 1, 2).dependent).toEqual([1])
})

test('eigenvalues of matrices that lack rank settle', () => {
  const random = new RandomStream(1, 'linear/rank')
  for (const [variants, people, rare] of [
    [300, 20, 0.3],
    [400, 60, 0.02],
    [500, 150, 0.005],
  ]) {
    // Scores of rare variants that are many more than people, with weights of very different size.
    const scores = Array.from({ length: variants }, () => {
      const weight = 1e-3 + 20 * random.uniform()
      return Float64Array.from({ length: people }, () => (random.uniform() < rare ? weight : 0))
    })
    const gram = new Float64Array(variants * variants)
    for (let i = 0; i < variants; i++)
      for (let j = 0; j < variants; j++)
        gram[i * variants + j] = scores[i].reduce((sum, x, k) => sum + x * scores[j][k], 0)
    const small = new Float64Array(people * people)
    for (let i = 0; i < people; i++)
      for (let j = 0; j < people; j++) small[i * people + j] = scores.reduce((sum, row) => sum + row[i] * row[j], 0)
    const known = symmetricEigen(small, people).values
    for (const values of [symmetricEigen(gram, variants).values, leadingEigen(gram, variants, 0).values])
      values.forEach((value, i) => {
        expect(Math.abs(value - (known[i] ?? 0))).toBeLessThan(1e-11 * known[0])
      })
  }
})
