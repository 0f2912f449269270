import { normalSpan, studentSpan } from '../../statistics/meta/quantile.ts'
import { daysPerMonth, nadirOf, type Trajectory } from '../visits/trajectory.ts'
import { visitNoise } from './noise.ts'

export interface Slope {
  /** Points a month. */
  slope: number
  /** Standard error; null with fewer than three visits, where no error can be estimated. */
  se: number | null
  /** Score at day 0 of the fit's own days. */
  intercept: number
  visits: number
}

/** Ordinary least squares of score on time over visits `from` to `to` (inclusive); null when time does not vary. */
export function olsSlope(trajectory: Pick<Trajectory, 'days' | 'scores'>, from: number, to: number): Slope | null {
  const n = to - from + 1
  if (n < 2) return null
  let meanTime = 0
  let meanScore = 0
  for (let i = from; i <= to; i++) {
    meanTime += trajectory.days[i] / daysPerMonth
    meanScore += trajectory.scores[i]
  }
  meanTime /= n
  meanScore /= n
  let sxx = 0
  let sxy = 0
  for (let i = from; i <= to; i++) {
    const x = trajectory.days[i] / daysPerMonth - meanTime
    sxx += x * x
    sxy += x * (trajectory.scores[i] - meanScore)
  }
  if (sxx === 0) return null
  const slope = sxy / sxx
  const intercept = meanScore - slope * meanTime
  let rss = 0
  for (let i = from; i <= to; i++) {
    const r = trajectory.scores[i] - intercept - (slope * trajectory.days[i]) / daysPerMonth
    rss += r * r
  }
  return { slope, se: n > 2 ? Math.sqrt(rss / (n - 2) / sxx) : null, intercept, visits: n }
}

/** The slope of all visits up to and including the nadir; null with fewer than two. */
export function preNadirSlope(trajectory: Trajectory): Slope | null {
  const nadir = nadirOf(trajectory)
  return nadir === null ? null : olsSlope(trajectory, 0, nadir.index)
}

/** The slope from the nadir on; null with fewer than two visits. */
export function postNadirSlope(trajectory: Trajectory): Slope | null {
  const nadir = nadirOf(trajectory)
  return nadir === null ? null : olsSlope(trajectory, nadir.index, trajectory.days.length - 1)
}

/**
 * The progression rate (delta-FS): points lost a month from symptom onset, where the score was full, to a visit.
 * Null without onset or with a visit not after it.
 *
 * Kimura et al. 2006; months of 30.4375 days.
 */
export function progressionRate(score: number, fullScore: number, onsetDay: number | null, day: number): number | null {
  if (onsetDay === null || day <= onsetDay) return null
  return (fullScore - score) / ((day - onsetDay) / daysPerMonth)
}

/** A rate with limits; a limit that nothing bounds is null. */
export interface RateLimits {
  rate: number
  low: number | null
  high: number | null
}

/**
 * The progression rate with limits that hold in at least 95% of visits: the score 1.96 times the visit noise (1.6 points) either way, and onset anywhere within
 * `uncertainty` days of the recorded day, each at its worst. No upper limit where onset may have been as late as the visit. Below zero points lost is possible.
 */
export function progressionRateLimits(
  score: number,
  fullScore: number,
  onsetDay: number | null,
  day: number,
  uncertainty: number | null,
): RateLimits | null {
  const rate = progressionRate(score, fullScore, onsetDay, day)
  if (rate === null || onsetDay === null) return null
  const wide = uncertainty ?? 0
  const longest = (day - onsetDay + wide) / daysPerMonth
  const shortest = (day - onsetDay - wide) / daysPerMonth
  const least = fullScore - score - normalSpan(0.95) * visitNoise
  const most = fullScore - score + normalSpan(0.95) * visitNoise
  const low = least >= 0 ? least / longest : shortest > 0 ? least / shortest : null
  return { rate, low, high: shortest > 0 ? most / shortest : null }
}

/** The 95% limits of a slope by Student's t; null where there is no standard error. */
export function slopeLimits({ slope, se, visits }: Slope): { low: number; high: number } | null {
  if (se === null) return null
  const half = studentSpan(0.95, visits - 2) * se
  return { low: slope - half, high: slope + half }
}
