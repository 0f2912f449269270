import { chiSquareLogTail, exp, log } from '../../numerics/special.ts'
import { daysPerMonth, type Trajectory } from '../visits/trajectory.ts'
import { visitNoise } from './noise.ts'

export interface D50Fit {
  status: 'ok' | 'no_onset' | 'other_scale' | 'few_visits' | 'no_decline'
  /** Months from onset at which the curve is at 24; null where there is no fit. */
  d50: number | null
  /** Time constant of the fall, months. */
  dx: number | null
  /** Months from onset to the last visit over twice D50: 0 at onset, 0.5 when half is lost. */
  relativeTime: number | null
  /** Root of the mean square of the residuals, points. */
  rmse: number | null
  /** P of residuals as large from noise of 1.6 points: chi-square, visits - 2 degrees of freedom. */
  lackOfFit: number | null
  /** Last visits in a row that lie above the curve. */
  lateRun: number
  /** By how much, on average. */
  lateExcess: number | null
  /**
   * `rises`: the curve does not fit (P below 0.01), and at least two last visits lie above it by 1.6 points on average; `misfit`: it does not fit
   * in another way; `fits`.
   */
  flag: 'rises' | 'misfit' | 'fits' | null
}

const highest = 48
const fewestVisits = 3
/** Longer than this to lose half: no decline to speak of. */
const longest = 1200
const levelOfMisfit = 0.01

const none = (status: D50Fit['status']): D50Fit => ({
  status,
  d50: null,
  dx: null,
  relativeTime: null,
  rmse: null,
  lackOfFit: null,
  lateRun: 0,
  lateExcess: null,
  flag: null,
})

const curve = (month: number, d50: number, dx: number) => {
  const z = (month - d50) / dx
  // exp would overflow; the curve is at its ends by then.
  return z > 700 ? 0 : highest / (1 + exp(z))
}

/**
 * The D50 model: score(t) = 48 / (1 + exp((t - D50) / dx)), t months from onset, by least squares (a grid, then Levenberg and Marquardt in log D50 and log dx,
 * to 1e-9 of either). It can only fall, so a rise shows as lack of fit with last visits above the curve: a flag of a reversal, not a call.
 *
 * Statuses: `no_onset`, `other_scale` (the ALSFRS has another top), `few_visits` (fewer than three scored visits after onset), `no_decline` (D50 or dx beyond
 * 100 years: the best curve that falls is level; misfit and flag are then about the mean score, with one degree of freedom more).
 */
export function fitD50(trajectory: Trajectory, onsetDay: number | null): D50Fit {
  if (trajectory.scale !== 'ALSFRS-R') return none('other_scale')
  if (onsetDay === null) return none('no_onset')
  const kept = trajectory.days.map((_, i) => i).filter((i) => trajectory.days[i] > onsetDay)
  const n = kept.length
  if (n < fewestVisits) return none('few_visits')
  const months = kept.map((i) => (trajectory.days[i] - onsetDay) / daysPerMonth)
  const scores = kept.map((i) => trajectory.scores[i])
  const squares = (d50: number, dx: number) => {
    let sum = 0
    for (let k = 0; k < n; k++) {
      const residual = scores[k] - curve(months[k], d50, dx)
      sum += residual * residual
    }
    return sum
  }
  let best = { a: 0, b: 0, rss: Number.POSITIVE_INFINITY }
  for (let d50 = 2; d50 <= longest; d50 *= 1.4)
    for (const share of [0.05, 0.12, 0.25, 0.5, 1]) {
      const rss = squares(d50, d50 * share)
      if (rss < best.rss) best = { a: log(d50), b: log(d50 * share), rss }
    }
  let damping = 1e-3
  for (let step = 0; step < 200; step++) {
    const d50 = exp(best.a)
    const dx = exp(best.b)
    // Normal equations of the two derivatives.
    let [aa, ab, bb, ga, gb] = [0, 0, 0, 0, 0]
    for (let k = 0; k < n; k++) {
      const value = curve(months[k], d50, dx)
      const slope = (value * (1 - value / highest)) / dx
      const da = slope * d50
      const db = slope * (months[k] - d50)
      const residual = scores[k] - value
      aa += da * da
      ab += da * db
      bb += db * db
      ga += da * residual
      gb += db * residual
    }
    const [p, q] = [aa * (1 + damping) + 1e-300, bb * (1 + damping) + 1e-300]
    const determinant = p * q - ab * ab
    const stepA = (ga * q - gb * ab) / determinant
    const stepB = (gb * p - ga * ab) / determinant
    const next = { a: best.a + stepA, b: best.b + stepB }
    const rss =
      Number.isFinite(next.a) && Number.isFinite(next.b) && next.a < 12 && Math.abs(next.b) < 12
        ? squares(exp(next.a), exp(next.b))
        : Number.POSITIVE_INFINITY
    if (rss <= best.rss) {
      best = { ...next, rss }
      damping = Math.max(1e-12, damping / 10)
      if (Math.abs(stepA) < 1e-9 && Math.abs(stepB) < 1e-9) break
    } else {
      damping *= 10
      if (damping > 1e12) break
    }
  }
  const d50 = exp(best.a)
  const dx = exp(best.b)
  if (d50 > longest || dx > longest) {
    const level = scores.reduce((sum, score) => sum + score, 0) / n
    return {
      ...none('no_decline'),
      ...misfit(
        scores.map((score) => score - level),
        n - 1,
      ),
    }
  }
  return {
    status: 'ok',
    d50,
    dx,
    relativeTime: months[n - 1] / (2 * d50),
    ...misfit(
      months.map((month, k) => scores[k] - curve(month, d50, dx)),
      n - 2,
    ),
  }
}

/** How far visits lie from the curve, and whether the last of them lie above it. */
function misfit(
  residuals: readonly number[],
  freedom: number,
): Pick<D50Fit, 'rmse' | 'lackOfFit' | 'lateRun' | 'lateExcess' | 'flag'> {
  const n = residuals.length
  const rss = residuals.reduce((sum, residual) => sum + residual * residual, 0)
  let lateRun = 0
  while (lateRun < n && residuals[n - 1 - lateRun] > 0) lateRun++
  const lateExcess =
    lateRun === 0 ? null : residuals.slice(n - lateRun).reduce((sum, value) => sum + value, 0) / lateRun
  const lackOfFit = exp(chiSquareLogTail(rss / (visitNoise * visitNoise), freedom))
  const poor = lackOfFit < levelOfMisfit
  const rises = poor && lateRun >= 2 && (lateExcess ?? 0) >= visitNoise
  return {
    rmse: Math.sqrt(rss / n),
    lackOfFit,
    lateRun,
    lateExcess,
    flag: rises ? 'rises' : poor ? 'misfit' : 'fits',
  }
}
