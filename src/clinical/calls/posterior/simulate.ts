import { exp, log, RandomStream } from '../../../numerics/index.ts'
import { daysPerMonth, type Trajectory } from '../../visits/trajectory.ts'
import { type CohortModel, defaultPriors, type PriorSettings } from './model.ts'
import { drawItems, drawProfile } from './simulate-items.ts'

/** Courses that a simulated person may take; shares of the priors in force weigh them. */
export const simulatedCourses = [
  'decline',
  'plateau',
  'transientGain',
  'smallGain',
  'ratingShift',
  'outlyingSpell',
  'reversal',
] as const
export type SimulatedCourse = (typeof simulatedCourses)[number]

/** How the simulator departs from what the posterior assumes. */
export interface Departures {
  /** Loss accelerates: the slope grows by this share of itself each year; negative: it wears off. */
  acceleration?: number
  /** Noise from a t distribution with this many degrees of freedom (3 or more), scaled to the same variance. */
  degreesOfFreedom?: number
  /** Correlation of the noise of neighbouring visits. */
  autocorrelation?: number
  /** Probability of an outlying visit, and its SD. */
  outlyingVisit?: number
  outlyingSd?: number
  /** Noise is this many times what the posterior takes it to be. */
  noise?: number
  /** The noise's SD differs between people: SD of its logarithm. */
  noiseSpread?: number
  /** Another rater takes over at a visit with this probability; raters differ by an SD in points. */
  raterChange?: { probability: number; sd: number }
  /** The first rating is too low by so many points, which practice makes good with a half-life of two months. */
  practice?: number
  /** Follow-up ends by a hazard that grows with loss: 1% a month at 40 points, 10% more with each point lost. */
  dropOut?: boolean
  /** Ratings are twelve items of four domains, with a profile of the person's own, instead of a number with noise. */
  items?: boolean
}

export interface SimulatedPerson {
  trajectory: Trajectory
  course: SimulatedCourse
  /** Whether the latent score rose 4 points above its nadir by the last visit and stayed there 365 days. */
  event: boolean
  /** Whether the 365 days too lie within the follow-up. */
  observed: boolean
  /** Items of each visit where they were simulated. */
  items: number[][] | null
}

/**
 * One person; everything depends on (seed, index, course). Scores are integers from 0 to 48. A `reversal` is drawn until
 * its latent course holds the event: near the ceiling there is no room for four points; other courses until it does not.
 */
export function simulatePerson(
  seed: number,
  index: number,
  course: SimulatedCourse,
  model: CohortModel,
  departures: Departures = {},
  priors: PriorSettings = defaultPriors,
): SimulatedPerson {
  const draw = new RandomStream(seed, `clinical/calibration/${course}`, index)
  for (;;) {
    const person = drawPerson(draw, course, model, departures, priors)
    if (person === null || (course === 'reversal') !== person.event) continue
    person.trajectory.patient = `${course}-${index}`
    return person
  }
}

function drawPerson(
  draw: RandomStream,
  course: SimulatedCourse,
  model: CohortModel,
  departures: Departures,
  priors: PriorSettings,
): SimulatedPerson | null {
  const between = (low: number, high: number) => low + (high - low) * draw.uniform()
  let intercept: number
  let slope: number
  do {
    const z = draw.normal()
    intercept = model.intercept + model.sdIntercept * z
    slope =
      model.slopePerMonth +
      model.sdSlope * (model.correlation * z + Math.sqrt(1 - model.correlation * model.correlation) * draw.normal())
  } while (slope > 0 || intercept > 48 || intercept < 5)
  if (course !== 'plateau' && draw.uniform() < priors.flat) slope = -0.15 * Math.abs(draw.normal())

  const visits = 4 + Math.floor(draw.uniform() * 10)
  const span = between(9, 36)
  const planned = [0]
  for (let k = 1; k < visits; k++) {
    const due = (span * k) / (visits - 1)
    const day = Math.round((due + between(-0.3, 0.3)) * daysPerMonth)
    if (day > planned[planned.length - 1]) planned.push(day)
  }
  const shape = drawShape(draw, course, slope, planned[planned.length - 1] / daysPerMonth, departures, priors)
  const atStart = shape(0)
  const latent = (t: number) => Math.min(48, Math.max(0, intercept + shape(t) - atStart))
  const days = departures.dropOut === true ? stayed(draw, planned, latent) : planned
  if (days.length < 2) return null
  const end = days[days.length - 1] / daysPerMonth
  const { scores, items } = rate(draw, days, latent, course, model, departures, priors)
  return {
    trajectory: { patient: '', scale: 'ALSFRS-R', days, scores },
    course,
    event: hasEvent(latent, end, end + 14),
    observed: hasEvent(latent, end - 12, end),
    items,
  }
}

/** Change of the latent score over time, up to a constant; before the first visit too. */
function drawShape(
  draw: RandomStream,
  course: SimulatedCourse,
  slope: number,
  end: number,
  departures: Departures,
  priors: PriorSettings,
): (t: number) => number {
  const between = (low: number, high: number) => low + (high - low) * draw.uniform()
  const halfNormal = (scale: number, low: number, high = Number.POSITIVE_INFINITY) => {
    for (;;) {
      const size = scale * Math.abs(draw.normal())
      if (size >= low && size <= high) return size
    }
  }
  const yearly = (departures.acceleration ?? 0) / 12
  const decline = (t: number) => slope * t * Math.max(0, 1 + 0.5 * yearly * Math.max(0, t))
  const ramp = (t: number, from: number, length: number) => Math.min(1, Math.max(0, (t - from) / length))
  const turn = between(-6, end)
  switch (course) {
    case 'plateau': {
      const other = draw.uniform() < 2 / 3 ? -0.15 * Math.abs(draw.normal()) : slope * between(0.2, 2.5)
      const [early, late] = draw.uniform() < 0.5 ? [slope, other] : [other, slope]
      const at = between(0, end)
      return (t) => (t < at ? early * t : early * at + late * (t - at))
    }
    case 'transientGain': {
      const size = halfNormal(priors.transientScale, priors.eventGain)
      if (draw.uniform() < 0.6) {
        const lasts = between(0.5, 11)
        const rise = Math.min(lasts / 2, between(0.2, 2))
        return (t) => decline(t) + size * (ramp(t, turn - rise / 2, rise) - ramp(t, turn + lasts - rise / 2, rise))
      }
      const rise = between(1, 20)
      const later = draw.uniform() < 0.3 ? -0.15 * Math.abs(draw.normal()) : slope
      return (t) => decline(Math.min(t, turn)) + size * ramp(t, turn, rise) + later * Math.max(0, t - turn - rise)
    }
    case 'smallGain':
    case 'reversal': {
      const size = course === 'smallGain' ? halfNormal(priors.gainScale, 0, 4) : halfNormal(priors.gainScale, 4)
      const rise = between(1, 20)
      const kind = draw.uniform()
      const hold = kind < 0.3 ? 0 : kind < 0.6 ? between(6, 30) : 1e6
      const later = draw.uniform() < 0.3 ? -0.15 * Math.abs(draw.normal()) : slope
      return (t) =>
        decline(Math.min(t, turn)) + size * ramp(t, turn, rise) + later * Math.max(0, t - turn - rise - hold)
    }
    default:
      return decline
  }
}

/** The visits before drop-out. */
function stayed(draw: RandomStream, days: readonly number[], latent: (t: number) => number): number[] {
  let left = draw.exponential()
  const kept: number[] = []
  let month = 0
  for (const day of days) {
    for (; month < day / daysPerMonth; month += 0.5) left -= 0.5 * 0.01 * exp(0.1 * (40 - latent(month)))
    if (left <= 0) break
    kept.push(day)
  }
  return kept
}

function rate(
  draw: RandomStream,
  days: readonly number[],
  latent: (t: number) => number,
  course: SimulatedCourse,
  model: CohortModel,
  departures: Departures,
  priors: PriorSettings,
): { scores: number[]; items: number[][] | null } {
  const own = exp((departures.noiseSpread ?? 0) * draw.normal())
  const noiseSd = model.sdResidual * (departures.noise ?? 1) * own
  const rho = departures.autocorrelation ?? 0
  const outlying = departures.outlyingVisit ?? priors.outlyingVisit
  const outlyingSd = departures.outlyingSd ?? priors.outlyingSd
  const n = days.length
  const shiftAt = course === 'ratingShift' && n > 1 ? 1 + draw.integer(n - 1) : n
  const shift = priors.shiftSd * draw.normal()
  const spellLength = 2 + (draw.uniform() < 0.5 ? 1 : 0)
  const spellAt = course === 'outlyingSpell' ? draw.integer(n) : n
  const spell = priors.outlyingSd * draw.normal()
  const profile = departures.items === true ? drawProfile(draw) : null
  const items: number[][] | null = profile === null ? null : []
  const change = departures.raterChange
  let rater = change === undefined ? 0 : (change.sd * draw.normal()) / Math.SQRT2
  let previous = draw.normal()
  const scores = days.map((day, k) => {
    const month = day / daysPerMonth
    const fresh = standardNoise(draw, departures.degreesOfFreedom)
    const noise = k === 0 || rho === 0 ? fresh : rho * previous + Math.sqrt(1 - rho * rho) * fresh
    previous = noise
    if (change !== undefined && k > 0 && draw.uniform() < change.probability)
      rater = (change.sd * draw.normal()) / Math.SQRT2
    let off = rater - (departures.practice ?? 0) * exp(-log(2) * (month / 2))
    if (k >= shiftAt) off += shift
    if (k >= spellAt && k < spellAt + spellLength && day - days[spellAt] <= 6.5 * daysPerMonth) off += spell
    if (draw.uniform() < outlying) off += outlyingSd * draw.normal()
    if (profile !== null && items !== null) {
      const rated = drawItems(draw, profile, latent(month), off, noise * (departures.noise ?? 1) * own)
      items.push(rated)
      return rated.reduce((sum, item) => sum + item, 0)
    }
    return Math.min(48, Math.max(0, Math.round(latent(month) + noiseSd * noise + off)))
  })
  return { scores, items }
}

/** A normal number, or Student's t by its ratio of a normal to a chi, scaled to variance one. */
function standardNoise(draw: RandomStream, degreesOfFreedom: number | undefined): number {
  const z = draw.normal()
  if (degreesOfFreedom === undefined) return z
  let chi = 0
  for (let i = 0; i < degreesOfFreedom; i++) {
    const x = draw.normal()
    chi += x * x
  }
  return z / Math.sqrt(chi / (degreesOfFreedom - 2))
}

/**
 * From the first visit on, rises at least 4 points above an earlier level by `reached` and stays there for 12 months, which
 * end by `horizon`; on a grid of a tenth of a month.
 */
function hasEvent(latent: (t: number) => number, reached: number, horizon: number): boolean {
  let nadir = Number.POSITIVE_INFINITY
  let base = 0
  let since: number | null = null
  for (let t = 0; t <= horizon; t += 0.1) {
    const score = latent(t)
    nadir = Math.min(nadir, score)
    if (since !== null && score >= base + 4 - 1e-9) {
      if (t - since >= 12) return true
    } else if (score >= nadir + 4 - 1e-9 && t <= reached + 1e-9) {
      since = t
      base = nadir
    } else since = null
  }
  return false
}
