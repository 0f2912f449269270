import { UpturnError } from '../../errors/index.ts'
import { decreasingRoot } from '../../numerics/root.ts'
import { chiSquareLogTail, exp, log, log1p, logGamma } from '../../numerics/special.ts'

/**
 * log P(Q > q) for Q = sum of weights[j] times independent chi-squares with one degree of freedom; weights of at least 0, not all 0.
 *
 * Ruben's series (1962, Annals of Mathematical Statistics 33:542) with the smallest weight as its scale: a mixture of chi-square tails with
 * positive coefficients, so nothing cancels and the relative error stays near 1e-12, also at p = 1e-300. Terms are taken until what is left is
 * below 1e-14 of the sum. Weights below `smallest` of the largest are replaced by their mean, which moves a small p by less than a relative
 * smallest^2 / 2 for each of them; the number of terms, and the time, rise as 1 / smallest. The series of Farebrother's AS 204 (1984, Applied Statistics 33:332), carried in logarithms.
 */
export function quadraticFormLogTail(q: number, weights: ArrayLike<number>, smallest = 1e-4): number {
  const all = Float64Array.from(weights).sort().reverse()
  const largest = all[0]
  if (all.length === 0 || !(largest > 0) || !Number.isFinite(largest) || !(all[all.length - 1] >= 0) || Number.isNaN(q))
    throw new UpturnError('BadArgument', 'a quadratic form needs weights of at least 0, not all of them 0')
  const kept = all.filter((w) => w >= smallest * largest)
  let x = q
  for (let j = kept.length; j < all.length; j++) x -= all[j]
  if (!(x > 0)) return 0
  const m = kept.length
  const beta = kept[m - 1]
  if (largest === beta) return chiSquareLogTail(x / beta, m)
  if (x === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY
  const ratio = kept.map((w) => 1 - beta / w)
  // Coefficients are held relative to e^scale, so that they neither vanish nor overflow.
  let scale = 0
  for (const w of kept) scale += 0.5 * log(beta / w)
  let coefficient = 1
  const parts = ratio.slice()
  // log P(chi-square of m + 2 k degrees > x / beta), which rises in k by the terms of a Poisson distribution.
  const half = x / (2 * beta)
  const logHalf = log(half)
  let logTail = chiSquareLogTail(2 * half, m)
  let logTerm = (m / 2) * logHalf - half - logGamma(m / 2 + 1)
  let logSum = scale + logTail
  for (let k = 1; ; k++) {
    let total = 0
    for (const part of parts) total += part
    coefficient = (0.5 * total) / k
    logTail = Math.min(0, logAdd(logTail, logTerm))
    logTerm += logHalf - log(m / 2 + k)
    const logCoefficient = scale + log(coefficient)
    logSum = logAdd(logSum, logCoefficient + logTail)
    for (let j = 0; j < m; j++) parts[j] = ratio[j] * (coefficient + parts[j])
    if (coefficient < 1e-100 || coefficient > 1e100) {
      scale = logCoefficient
      for (let j = 0; j < m; j++) parts[j] /= coefficient
      coefficient = 1
    }
    // From one coefficient to the next it is at most this factor, and tails are at most 1.
    const factor = ratio[0] * (1 + Math.max(0, m / 2 - 1) / (k + 1))
    if (factor < 1 && logCoefficient + log(factor / (1 - factor)) < logSum - 32) return Math.min(0, logSum)
  }
}

/** log(e^a + e^b). */
function logAdd(a: number, b: number): number {
  const high = a > b ? a : b
  const low = a > b ? b : a
  return low === Number.NEGATIVE_INFINITY ? high : high + log1p(exp(low - high))
}

/** q with log P(Q > q) = logTail, 1e-12 relative. */
export function quadraticFormQuantile(logTail: number, weights: ArrayLike<number>, smallest = 1e-4): number {
  let total = 0
  for (let j = 0; j < weights.length; j++) total += weights[j]
  let low = 0
  let high = total
  while (quadraticFormLogTail(high, weights, smallest) > logTail) {
    low = high
    high *= 2
  }
  return decreasingRoot((q) => (q === 0 ? 0 : quadraticFormLogTail(q, weights, smallest)) - logTail, low, high, 1e-12)
}
