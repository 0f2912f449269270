import { log } from '../../../numerics/index.ts'
import { daysPerMonth, type Trajectory } from '../../visits/trajectory.ts'
import { largestOn } from './largest.ts'
import { declinedMonths } from './pace.ts'

/** How a cohort declines and is rated, beside levels and slopes. */
export interface DeclineShape {
  /** Growth of loss a month, as a share of itself. */
  pace: number
  /** Points by which the ratings of the first visits are off. */
  early: number[]
  /** Correlation of the noise of neighbouring visits; 0 or more. */
  neighbours: number
}

/** Priors of mean zero have these SDs: growth a year; points at the first visit and at the second; correlation. */
const paceSd = 0.2
const earlySds = [0.5, 0.25] as const
const neighboursSd = 0.2

const yearly = [-0.45, -0.3, -0.15, 0, 0.15, 0.3, 0.45]
const correlations = [-0.15, 0, 0.15, 0.3, 0.45, 0.6]
/** Correlation that turns which go unnoticed and lasting shifts bring about where noise itself is independent: 0.02 to 0.06 in simulated cohorts. */
const ofTurns = 0.04
/**
 * The floor of the scale bends every course that reaches it. A person's visits count up to the first at or below this score, that one
 * included: what is left out then depends on what is kept alone.
 */
const nearFloor = 8
/** Fewer people than this with four visits say nothing of the shape. */
const fewestPeople = 30

interface Course {
  months: number[]
  scores: number[]
}

/**
 * The shape of a cohort's decline, by least squares with a level and a slope for each person, so that no distribution of them needs to be assumed. Growth
 * and the correlation of neighbouring visits' noise maximise the restricted likelihood times their priors; the effects of the first two visits are
 * posterior means. Null where fewer than 30 people have four visits above the floor, or these leave nothing to fit.
 */
export function fitShape(people: readonly Trajectory[]): DeclineShape | null {
  const courses: Course[] = []
  for (const { days, scores } of people) {
    const found = scores.findIndex((score) => score <= nearFloor)
    const end = found < 0 ? days.length : found + 1
    if (end < 4) continue
    courses.push({
      months: Array.from({ length: end }, (_, k) => (days[k] - days[0]) / daysPerMonth),
      scores: scores.slice(0, end),
    })
  }
  if (courses.length < fewestPeople) return null
  // Straight lines without noise would leave the likelihood without a top.
  if (within(courses, 0, 0) === null) return null
  const { at: growth } = largestOn(yearly, (yearlyGrowth) => {
    const fit = within(courses, yearlyGrowth / 12, 0)
    return fit === null ? Number.NEGATIVE_INFINITY : fit.likelihood - (yearlyGrowth / paceSd) ** 2 / 2
  })
  const pace = growth / 12
  const { at: correlation } = largestOn(correlations, (rho) => {
    const fit = within(courses, pace, rho)
    return fit === null ? Number.NEGATIVE_INFINITY : fit.restricted - (rho / neighboursSd) ** 2 / 2
  })
  const fit = within(courses, pace, correlation)
  return fit === null ? null : { pace, early: fit.early, neighbours: Math.max(0, correlation - ofTurns) }
}

/** Generalised least squares within people: of what is new in each visit, given those before. */
function within(courses: readonly Course[], pace: number, rho: number) {
  const scale = Math.sqrt(1 - rho * rho)
  let [ee, ef, ff, ey, fy, yy] = [0, 0, 0, 0, 0, 0]
  let freedom = -2
  let logDet = 0
  let total = 0
  for (const { months, scores } of courses) {
    const n = months.length
    const fresh = (of: (k: number) => number) =>
      Float64Array.from({ length: n }, (_, k) => (k === 0 ? of(0) : (of(k) - rho * of(k - 1)) / scale))
    const one = fresh(() => 1)
    const time = fresh((k) => declinedMonths(months[k], pace))
    const [a, b, d] = [dot(one, one), dot(one, time), dot(time, time)]
    const det = a * d - b * b
    if (!(det > 1e-9 * a * d)) continue
    const rest = (x: Float64Array) => {
      const [u, v] = [dot(one, x), dot(time, x)]
      return x.map((value, k) => value - (one[k] * (d * u - b * v) + time[k] * (a * v - b * u)) / det)
    }
    const y = rest(fresh((k) => scores[k]))
    const e = rest(fresh((k) => (k === 0 ? 1 : 0)))
    const f = rest(fresh((k) => (k === 1 ? 1 : 0)))
    ee += dot(e, e)
    ef += dot(e, f)
    ff += dot(f, f)
    ey += dot(e, y)
    fy += dot(f, y)
    yy += dot(y, y)
    for (const score of scores) total += score * score
    freedom += n - 2
    logDet += (n - 1) * log(1 - rho * rho) + log(det)
  }
  const det = ee * ff - ef * ef
  if (!(freedom > 0) || !(det > 1e-9 * ee * ff)) return null
  const square = yy - (ff * ey * ey - 2 * ef * ey * fy + ee * fy * fy) / det
  if (!(square > 1e-12 * total)) return null
  const variance = square / freedom
  // Posterior means: (X'X / s^2 + diagonal of 1 / SD^2)^-1 X'y / s^2.
  const [a, d] = earlySds.map((sd) => variance / (sd * sd))
  const ridged = (ee + a) * (ff + d) - ef * ef
  return {
    likelihood: (-freedom / 2) * log(variance),
    restricted: -0.5 * (freedom * log(variance) + logDet + log(det)),
    early: [((ff + d) * ey - ef * fy) / ridged, ((ee + a) * fy - ef * ey) / ridged],
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k]
  return sum
}
