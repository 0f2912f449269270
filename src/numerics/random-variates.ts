import { UpturnError } from '../errors/index.ts'
import { binomialLogPmf, exp, log, log1p, logFactorial, pow } from './special.ts'

interface Source {
  uniform(): number
  normal(): number
}

/** Gamma, scale 1 (Marsaglia and Tsang 2000; a shape below 1 by the power of a uniform). */
export function drawGamma(source: Source, shape: number): number {
  if (!(shape > 0 && shape < Number.POSITIVE_INFINITY))
    throw new UpturnError('BadArgument', `a gamma's shape is a positive number, not ${shape}`)
  if (shape < 1) return drawGamma(source, shape + 1) * pow(source.uniform(), 1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = source.normal()
    const t = 1 + c * x
    if (t <= 0) continue
    const v = t * t * t
    const u = source.uniform()
    if (log(u) < 0.5 * x * x + d - d * v + d * log(v)) return d * v
  }
}

/** Poisson: by inversion below 10, above by transformed rejection (Hoermann 1993, PTRS). */
export function drawPoisson(source: Source, mean: number): number {
  if (!(mean >= 0 && mean < 2147483648))
    throw new UpturnError('BadArgument', `a Poisson mean lies from 0 to 2^31, not ${mean}`)
  if (mean === 0) return 0
  if (mean < 10) {
    let u = source.uniform()
    let k = 0
    let p = exp(-mean)
    while (u > p && k < 1000) {
      u -= p
      k++
      p *= mean / k
    }
    return k
  }
  const logMean = log(mean)
  const b = 0.931 + 2.53 * Math.sqrt(mean)
  const a = -0.059 + 0.02483 * b
  const scale = 1.1239 + 1.1328 / (b - 3.4)
  const inside = 0.9277 - 3.6224 / (b - 2)
  for (;;) {
    const u = source.uniform() - 0.5
    const v = source.uniform()
    const s = 0.5 - Math.abs(u)
    const k = Math.floor(((2 * a) / s + b) * u + mean + 0.43)
    if (s >= 0.07 && v <= inside) return k
    if (k < 0 || (s < 0.013 && v > s)) continue
    if (log((v * scale) / (a / (s * s) + b)) <= k * logMean - mean - logFactorial(k)) return k
  }
}

/** Binomial: by inversion while n p is below 10, above by transformed rejection (Hoermann 1993, BTRS). */
export function drawBinomial(source: Source, n: number, p: number): number {
  if (!(Number.isInteger(n) && n >= 0 && n <= 2147483647 && p >= 0 && p <= 1))
    throw new UpturnError('BadArgument', `binomial(n, p) takes 0 <= n < 2^31 and 0 <= p <= 1, not (${n}, ${p})`)
  if (p > 0.5) return n - drawBinomial(source, n, 1 - p)
  if (n === 0 || p === 0) return 0
  const q = 1 - p
  if (n * p < 10) {
    const odds = p / q
    const none = exp(n * log1p(-p))
    for (;;) {
      let u = source.uniform()
      let weight = none
      for (let k = 0; k <= n && k < 200; k++) {
        if (u <= weight) return k
        u -= weight
        weight *= (odds * (n - k)) / (k + 1)
      }
    }
  }
  const spread = Math.sqrt(n * p * q)
  const b = 1.15 + 2.53 * spread
  const a = -0.0873 + 0.0248 * b + 0.01 * p
  const scale = (2.83 + 5.1 / b) * spread
  const inside = 0.92 - 4.2 / b
  const logMode = binomialLogPmf(Math.floor((n + 1) * p), n, p)
  for (;;) {
    const u = source.uniform() - 0.5
    const v = source.uniform()
    const s = 0.5 - Math.abs(u)
    const k = Math.floor(((2 * a) / s + b) * u + n * p + 0.5)
    if (k < 0 || k > n) continue
    if (s >= 0.07 && v <= inside) return k
    if (log((v * scale) / (a / (s * s) + b)) <= binomialLogPmf(k, n, p) - logMode) return k
  }
}
