import { decreasingRoot } from '../../numerics/root.ts'
import { chiSquareQuantile, exp, log } from '../../numerics/special.ts'
import { type Effects, weightedMean } from './effects.ts'

/** How the variance between studies is estimated. */
export type TauEstimator = 'DL' | 'REML' | 'PM'

export interface TauEstimate {
  tau2: number
  /** Asymptotic; null for Paule and Mandel and for one study. */
  standardError: number | null
}

/** tr(P) and tr(PP), P the projection that takes the weighted mean out: sums over pairs, of which none cancels where one study outweighs the others. */
export function traces({ v }: Effects, tau2: number): { one: number; two: number } {
  const k = v.length
  const w = v.map((variance) => 1 / (variance + tau2))
  let total = 0
  for (let i = 0; i < k; i++) total += w[i]
  // Of each study the sums over those before and after it.
  const others = new Float64Array(k)
  const squares = new Float64Array(k)
  for (const forward of [true, false]) {
    let sum = 0
    let square = 0
    for (let step = 0; step < k; step++) {
      const i = forward ? step : k - 1 - step
      others[i] += sum
      squares[i] += square
      sum += w[i]
      square += w[i] * w[i]
    }
  }
  let one = 0
  let two = 0
  for (let i = 0; i < k; i++) {
    const share = w[i] / total
    one += share * others[i]
    two += share * share * (others[i] * others[i] + squares[i])
  }
  return { one, two }
}

/** DerSimonian and Laird 1986: the moment estimator from Cochran's Q, never below 0. */
export function derSimonianLaird(effects: Effects): TauEstimate {
  const k = effects.y.length
  if (k === 1) return { tau2: 0, standardError: null }
  const { q } = weightedMean(effects, 0)
  const { one, two } = traces(effects, 0)
  const tau2 = Math.max(0, (q - (k - 1)) / one)
  const variance = (2 * (k - 1) + 4 * tau2 * one + 2 * tau2 * tau2 * two) / (one * one)
  return { tau2, standardError: Math.sqrt(variance) }
}

/** Paule and Mandel 1982: tau2 at which the generalised Q equals its expectation k - 1; 0 where Q is below it. */
export function pauleMandel(effects: Effects): TauEstimate {
  return { tau2: generalisedQRoot(effects, effects.y.length - 1), standardError: null }
}

/** Restricted log-likelihood at tau2, without the constant in pi. */
function restricted(effects: Effects, tau2: number): number {
  return logLikelihood(effects, tau2, true)
}

/**
 * Log-likelihood of the normal random-effects model at the mean that maximises it; restricted (REML) or ordinary. Constants are
 * those of metafor.
 */
export function logLikelihood(effects: Effects, tau2: number, reml: boolean): number {
  const k = effects.y.length
  const { w1, q } = weightedMean(effects, tau2)
  let logs = 0
  for (const v of effects.v) logs += log(v + tau2)
  const log2Pi = 1.8378770664093453
  return reml ? -0.5 * ((k - 1) * log2Pi - log(k) + logs + log(w1) + q) : -0.5 * (k * log2Pi + logs + q)
}

const gridPoints = 100

/**
 * Restricted maximum likelihood. The likelihood can have more than one peak: the highest of a grid over tau2 (0 and 100 points on a
 * log scale) is refined to the root of the score. Standard error from the expected information, 2 / tr(PP).
 */
export function restrictedLikelihood(effects: Effects): TauEstimate {
  const { y, v } = effects
  if (y.length === 1) return { tau2: 0, standardError: null }
  const errorAt = (tau2: number) => Math.sqrt(2 / traces(effects, tau2).two)
  if (y.length === 2) {
    // One contrast, y1 - y2 with variance v1 + v2 + 2 tau2.
    const tau2 = Math.max(0, ((y[0] - y[1]) ** 2 - v[0] - v[1]) / 2)
    return { tau2, standardError: errorAt(tau2) }
  }
  let spread = 0
  for (const a of y) for (const b of y) spread = Math.max(spread, (a - b) * (a - b))
  const smallest = 1e-6 * v.reduce((a, b) => Math.min(a, b))
  const largest = 10 * (spread + v.reduce((a, b) => Math.max(a, b)))
  const step = log(largest / smallest) / (gridPoints - 1)
  const grid = [0, ...Array.from({ length: gridPoints }, (_, i) => smallest * exp(step * i))]
  let best = 0
  let highest = Number.NEGATIVE_INFINITY
  grid.forEach((tau2, i) => {
    const value = restricted(effects, tau2)
    if (value > highest) {
      highest = value
      best = i
    }
  })
  const score = (tau2: number) => weightedMean(effects, tau2).q2 - traces(effects, tau2).one
  const low = grid[Math.max(0, best - 1)]
  const high = grid[Math.min(grid.length - 1, best + 1)]
  const tau2 = best === 0 && score(0) <= 0 ? 0 : decreasingRoot(score, low, high)
  return { tau2, standardError: errorAt(tau2) }
}

/**
 * Limits of tau2 by Viechtbauer's Q-profile (2007, Statistics in Medicine 26:37). Null for one study, and where no tau2 is inside: the studies
 * agree more than chance lets them.
 */
export function qProfile(effects: Effects, level: number): { low: number; high: number } | null {
  const df = effects.y.length - 1
  if (df === 0) return null
  const least = chiSquareQuantile((1 - level) / 2, df)
  if (weightedMean(effects, 0).q < least) return null
  return {
    low: generalisedQRoot(effects, chiSquareQuantile((1 + level) / 2, df)),
    high: generalisedQRoot(effects, least),
  }
}

/** tau2 >= 0 with generalised Q(tau2) = target; Q falls in tau2. 0 where it is below the target from the start. */
function generalisedQRoot(effects: Effects, target: number): number {
  if (effects.y.length === 1) return 0
  const excess = (tau2: number) => weightedMean(effects, tau2).q - target
  if (!(excess(0) > 0)) return 0
  let high = effects.v.reduce((a, b) => Math.max(a, b))
  while (excess(high) > 0) high *= 4
  return decreasingRoot(excess, 0, high)
}
