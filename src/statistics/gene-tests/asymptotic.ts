import { leastSquares } from '../../numerics/least-squares.ts'
import { cholesky, choleskySolve, leadingEigen } from '../../numerics/linear.ts'
import { chiSquareLogTail, exp, log } from '../../numerics/special.ts'
import { quadraticFormLogTail, quadraticFormQuantile } from './quadratic-form.ts'
import type { RegionVariants } from './variants.ts'

/** The correlations between variants that SKAT-O tries: 0 is SKAT, 1 the burden test. */
export const skatORhos: readonly number[] = [0, 0.01, 0.04, 0.09, 0.16, 0.25, 0.5, 1]

/** Weights below this share of the largest are taken by their mean where many tails are needed: 1e-4 of p at most. */
const coarse = 0.01

/** Of more variants no asymptotic p is given: time grows with their cube, memory with their square. */
const mostVariants = 1000

/** A correlation of 1 leaves nothing to integrate over. */
const mostRho = 0.999

/**
 * Covariance of the weighted scores under the logistic null model: W (G'VG - G'VX (X'VX)^-1 X'VG) W, variants x variants; V = risk (1 - risk). `given`: X with its
 * intercept; columns that depend on those before them are left out. Null where no one's risk lies between 0 and 1, and for more than 1,000 variants.
 */
export function scoreCovariance(
  { copies, weights, people }: RegionVariants,
  given: readonly ArrayLike<number>[],
  risks: ArrayLike<number>,
): Float64Array | null {
  const m = copies.length
  if (m > mostVariants) return null
  const columns = independent(given, people)
  const k = columns.length
  const v = Float64Array.from({ length: people }, (_, i) => risks[i] * (1 - risks[i]))
  const product = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    let sum = 0
    for (let i = 0; i < people; i++) sum += v[i] * a[i] * b[i]
    return sum
  }
  const xx = new Float64Array(k * k)
  for (let a = 0; a < k; a++)
    for (let b = 0; b <= a; b++) {
      xx[a * k + b] = product(columns[a], columns[b])
      xx[b * k + a] = xx[a * k + b]
    }
  const lower = cholesky(xx, k)
  if (lower === undefined) return null
  const gx = copies.map((g) => Float64Array.from(columns, (x) => product(g, x)))
  const solved = gx.map((row) => choleskySolve(lower, k, row))
  const out = new Float64Array(m * m)
  for (let a = 0; a < m; a++)
    for (let b = 0; b <= a; b++) {
      let value = product(copies[a], copies[b])
      for (let j = 0; j < k; j++) value -= gx[a][j] * solved[b][j]
      out[a * m + b] = weights[a] * weights[b] * value
      out[b * m + a] = out[a * m + b]
    }
  return out
}

function independent(columns: readonly ArrayLike<number>[], people: number): ArrayLike<number>[] {
  const x = new Float64Array(people * columns.length)
  columns.forEach((column, j) => {
    for (let i = 0; i < people; i++) x[i * columns.length + j] = column[i]
  })
  const { dependent } = leastSquares(x, new Float64Array(people), people, columns.length)
  return columns.filter((_, j) => !dependent.includes(j))
}

const eigenvalues = (matrix: Float64Array, m: number): Float64Array =>
  leadingEigen(matrix, m, 0).values.map((value) => Math.max(0, value))

/** Weights of the chi-squares of Q at a correlation. */
function weightsAt(rho: number, covariance: Float64Array, m: number): Float64Array {
  const a = Math.sqrt(1 - rho)
  const b = (Math.sqrt(1 - rho + rho * m) - a) / m
  // (aI + b11') K (aI + b11')
  const rows = new Float64Array(m)
  let total = 0
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) rows[i] += covariance[i * m + j]
  for (const r of rows) total += r
  const out = new Float64Array(m * m)
  for (let i = 0; i < m; i++)
    for (let j = 0; j <= i; j++) {
      const value = a * a * covariance[i * m + j] + a * b * (rows[i] + rows[j]) + b * b * total
      out[i * m + j] = value
      out[j * m + i] = value
    }
  return eigenvalues(out, m)
}

/** Is there anything to divide by? */
const positive = (weights: Float64Array): boolean => weights[0] > 0

/** Of SKAT: Q is a quadratic form of normal scores. */
export function skatLogP(q: number, covariance: Float64Array, m: number): number | null {
  const weights = eigenvalues(covariance, m)
  return positive(weights) ? quadraticFormLogTail(q, weights, 1e-3) : null
}

/** Of the burden test: the square of a normal sum. */
export function burdenLogP(q: number, covariance: Float64Array): number | null {
  const variance = covariance.reduce((a, b) => a + b, 0)
  return variance > 0 ? chiSquareLogTail(q / variance, 1) : null
}

/**
 * Of SKAT-O: the smallest p over correlations, by Lee, Wu and Lin 2012 (Biostatistics 13:762), equations in section 2.3: given the square of
 * the common part the rest is a quadratic form whose variance takes up what the two share; integrated over that square by Simpson's rule.
 * The quadratic forms are right to 1e-4, the formula itself is an approximation.
 */
export function skatOLogP(qs: readonly number[], covariance: Float64Array, m: number): number | null {
  const rhos = skatORhos.map((rho) => Math.min(rho, mostRho))
  const forms = rhos.map((rho) => weightsAt(rho, covariance, m))
  if (!forms.every(positive)) return null
  const logPs = forms.map((weights, i) => quadraticFormLogTail(qs[i], weights, coarse))
  const smallest = Math.min(...logPs)
  if (m === 1) return smallest
  const rows = new Float64Array(m)
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) rows[i] += covariance[i * m + j] / m
  const common = rows.reduce((a, b) => a + b, 0) / m
  if (!(common > 0)) return null
  const squares = rows.reduce((a, b) => a + b * b, 0)
  const rest = new Float64Array(m * m)
  let shared = 0
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) rest[i * m + j] = covariance[i * m + j] - (rows[i] * rows[j]) / common
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) shared += ((rows[i] * rows[j]) / common) * rest[j * m + i]
  const weights = eigenvalues(rest, m)
  const limits = forms.map((form) => quadraticFormQuantile(smallest, form, coarse))
  const taus = rhos.map((rho) => m * m * rho * common + ((1 - rho) * squares) / common)
  const mean = weights.reduce((a, b) => a + b, 0)
  const variance = 2 * weights.reduce((a, b) => a + b * b, 0)
  const extra = 4 * Math.max(0, shared)
  const shrink = Math.sqrt(variance / (variance + extra))
  /** P(rest > what is left of the nearest limit), where the common part's square is x. */
  const beyond = (x: number): number => {
    let least = Number.POSITIVE_INFINITY
    for (let i = 0; i < rhos.length; i++) least = Math.min(least, (limits[i] - taus[i] * x) / (1 - rhos[i]))
    if (!positive(weights)) return least > 0 ? 0 : 1
    return exp(quadraticFormLogTail((least - mean) * shrink + mean, weights, coarse))
  }
  const steps = 160
  const h = 12 / steps
  let sum = 0
  for (let i = 0; i <= steps; i++) {
    const u = i * h
    const density = 0.7978845608028654 * exp((-u * u) / 2)
    sum += (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2) * density * beyond(u * u)
  }
  const p = (sum * h) / 3
  // Never below the smallest of its parts, nor above as many times it as there are.
  return Math.min(0, Math.max(smallest, Math.min(log(p), smallest + log(rhos.length))))
}
