import { log } from '../../numerics/index.ts'
import type { LocalSums } from './local-sums.ts'
import { invertPositive } from './symmetric.ts'

export type Method = 'REML' | 'ML'

/** Relative covariance of intercept and slope: G / sigma^2, as its lower Cholesky factor [[a, 0], [b, c]]. */
export type Factor = readonly [a: number, b: number, c: number]

export interface Profile {
  /** -2 log-likelihood up to a constant. */
  deviance: number
  /** Derivatives by a, b, c. */
  gradient: [number, number, number]
  beta: Float64Array
  /** (X' V^-1 X)^-1 with V relative to sigma^2. */
  betaCovariance: Float64Array
  /** Residual sum of squares in the metric of V. */
  rss: number
  sigma2: number
  logLikelihood: number
}

const logTwoPi = 1.8378770664093453

/**
 * The likelihood at relative covariance G = LL', with fixed effects and sigma^2 profiled out. Each subject enters by
 * K = I + Z'Z G (2 x 2): |V| = |K|, Z'V^-1 Z = K^-1 Z'Z and V^-1 = I - Z G K^-1 Z', so the cost is linear in subjects.
 *
 * Bates et al. 2015 (J Stat Softw 67:1), equations 34 to 42. Undefined (deviance NaN) where the residual vanishes.
 */
export function profile(sums: LocalSums, [a, b, c]: Factor, method: Method): Profile {
  const { subjects, p, zz, zx, zy } = sums
  const g11 = a * a
  const g12 = a * b
  const g22 = b * b + c * c
  const detG = a * a * c * c
  const xvx = Float64Array.from(sums.xx)
  const xvy = Float64Array.from(sums.xy)
  let yvy = sums.yy
  let logDet = 0
  for (let s = 0; s < subjects; s++) {
    const n = zz[3 * s]
    if (n === 0) continue
    const t1 = zz[3 * s + 1]
    const t2 = zz[3 * s + 2]
    // With the determinants of G and Z'Z nothing large cancels.
    const det = 1 + n * g11 + 2 * t1 * g12 + t2 * g22 + detG * (n * t2 - t1 * t1)
    logDet += log(det)
    // W = G K^-1, symmetric.
    const w11 = (g11 + t2 * detG) / det
    const w12 = (g12 - t1 * detG) / det
    const w22 = (g22 + n * detG) / det
    const y0 = zy[2 * s]
    const y1 = zy[2 * s + 1]
    const wy0 = w11 * y0 + w12 * y1
    const wy1 = w12 * y0 + w22 * y1
    yvy -= y0 * wy0 + y1 * wy1
    const at = 2 * p * s
    for (let j = 0; j < p; j++) {
      const x0 = zx[at + j]
      const x1 = zx[at + p + j]
      xvy[j] -= x0 * wy0 + x1 * wy1
      const wx0 = w11 * x0 + w12 * x1
      const wx1 = w12 * x0 + w22 * x1
      for (let k = 0; k <= j; k++) xvx[j * p + k] -= wx0 * zx[at + k] + wx1 * zx[at + p + k]
    }
  }
  for (let j = 0; j < p; j++) for (let k = 0; k < j; k++) xvx[k * p + j] = xvx[j * p + k]
  const solved = invertPositive(xvx, p)
  const beta = new Float64Array(p)
  if ('dependent' in solved)
    return {
      deviance: Number.NaN,
      gradient: [Number.NaN, Number.NaN, Number.NaN],
      beta,
      betaCovariance: new Float64Array(p * p),
      rss: Number.NaN,
      sigma2: Number.NaN,
      logLikelihood: Number.NaN,
    }
  const covariance = solved.inverse
  let rss = yvy
  for (let j = 0; j < p; j++) {
    for (let k = 0; k < p; k++) beta[j] += covariance[j * p + k] * xvy[k]
    rss -= beta[j] * xvy[j]
  }
  let logDetX = 0
  for (const pivot of solved.pivots) logDetX += log(pivot)
  const freedom = method === 'REML' ? sums.observations - p : sums.observations
  const penalty = method === 'REML' ? logDetX : 0
  const sigma2 = rss / freedom
  const logLikelihood = -0.5 * (logDet + penalty + freedom * (1 + logTwoPi + log(sigma2)))

  // Derivatives by g11, g12, g22.
  let d11 = 0
  let d12 = 0
  let d22 = 0
  const bx = new Float64Array(2 * p)
  for (let s = 0; s < subjects; s++) {
    const n = zz[3 * s]
    if (n === 0) continue
    const t1 = zz[3 * s + 1]
    const t2 = zz[3 * s + 2]
    const k11 = 1 + n * g11 + t1 * g12
    const k12 = n * g12 + t1 * g22
    const k21 = t1 * g11 + t2 * g12
    const k22 = 1 + t1 * g12 + t2 * g22
    const det = 1 + n * g11 + 2 * t1 * g12 + t2 * g22 + detG * (n * t2 - t1 * t1)
    d11 += (k22 * n - k12 * t1) / det
    d12 += (2 * (k22 * t1 - k12 * t2)) / det
    d22 += (k11 * t2 - k21 * t1) / det
    let r0 = zy[2 * s]
    let r1 = zy[2 * s + 1]
    const at = 2 * p * s
    for (let j = 0; j < p; j++) {
      const x0 = zx[at + j]
      const x1 = zx[at + p + j]
      r0 -= x0 * beta[j]
      r1 -= x1 * beta[j]
      bx[j] = (k22 * x0 - k12 * x1) / det
      bx[p + j] = (k11 * x1 - k21 * x0) / det
    }
    const u0 = (k22 * r0 - k12 * r1) / det
    const u1 = (k11 * r1 - k21 * r0) / det
    d11 -= (u0 * u0) / sigma2
    d12 -= (2 * u0 * u1) / sigma2
    d22 -= (u1 * u1) / sigma2
    if (method === 'REML')
      for (let j = 0; j < p; j++)
        for (let k = 0; k < p; k++) {
          const v = covariance[j * p + k]
          d11 -= v * bx[j] * bx[k]
          d12 -= 2 * v * bx[j] * bx[p + k]
          d22 -= v * bx[p + j] * bx[p + k]
        }
  }
  return {
    deviance: logDet + penalty + freedom * log(rss),
    gradient: [2 * a * d11 + b * d12, a * d12 + 2 * b * d22, 2 * c * d22],
    beta,
    betaCovariance: covariance,
    rss,
    sigma2,
    logLikelihood,
  }
}
