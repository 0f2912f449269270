import { RandomStream } from '../../../numerics/index.ts'
import { daysPerMonth, type Trajectory } from '../../visits/trajectory.ts'
import { type CohortModel, defaultPriors } from './model.ts'

/** Courses that a simulated person may take; shares of the priors in force weigh them. */
export type SimulatedCourse = 'decline' | 'plateau' | 'transientGain' | 'smallGain' | 'reversal'

/** How the simulator departs from what the posterior assumes. */
export interface Departures {
  /** Loss accelerates: the slope grows by this share of itself each year. */
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
}

export interface SimulatedPerson {
  trajectory: Trajectory
  course: SimulatedCourse
  /** Whether the latent score did rise 4 points above its nadir and stay there 365 days. */
  event: boolean
  /** Whether all of the event, nadir to the end of its 365 days, lies within the follow-up. */
  observed: boolean
}

/**
 * One person; everything depends on (seed, index, course). Scores are integers from 0 to 48. A `reversal` is drawn until
 * its latent course holds the event: near the ceiling there is no room for four points.
 */
export function simulatePerson(
  seed: number,
  index: number,
  course: SimulatedCourse,
  model: CohortModel,
  departures: Departures = {},
): SimulatedPerson {
  const draw = new RandomStream(seed, `clinical/calibration/${course}`, index)
  for (;;) {
    const person = drawPerson(draw, course, model, departures)
    if (course === 'reversal' && !person.event) continue
    person.trajectory.patient = `${course}-${index}`
    return person
  }
}

function drawPerson(
  draw: RandomStream,
  course: SimulatedCourse,
  model: CohortModel,
  departures: Departures,
): SimulatedPerson {
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

  const visits = 4 + Math.floor(draw.uniform() * 10)
  const span = between(9, 36)
  const days = [0]
  for (let k = 1; k < visits; k++) {
    const due = (span * k) / (visits - 1)
    const day = Math.round((due + between(-0.3, 0.3)) * daysPerMonth)
    if (day > days[days.length - 1]) days.push(day)
  }
  const end = days[days.length - 1] / daysPerMonth

  const turn = between(-6, end)
  const rise = between(1, 14)
  let size = course === 'smallGain' ? between(0, 4) : 0
  while (size === 0 || (course !== 'smallGain' && size < 4)) size = 10 * Math.abs(draw.normal())
  const hold = course === 'transientGain' ? between(0.5, 8) : draw.uniform() < 0.4 ? 1e6 : between(12, 30)
  const slow = draw.uniform() < 0.5 ? 0 : between(0, 0.5)
  const late = draw.uniform() < 0.5
  const yearly = (departures.acceleration ?? 0) / 12
  const decline = (t: number) => slope * t * (1 + 0.5 * yearly * Math.max(0, t))
  const ramp = (t: number, from: number, length: number) => Math.min(1, Math.max(0, (t - from) / length))
  const shape = (t: number): number => {
    switch (course) {
      case 'decline':
        return decline(t)
      case 'plateau':
        return t < turn
          ? decline(late ? slow * t : t)
          : decline(late ? slow * turn + t - turn : turn + slow * (t - turn))
      case 'transientGain':
        return decline(t) + size * (ramp(t, turn, Math.min(rise, 3)) - ramp(t, turn + Math.min(rise, 3) + hold, 2))
      default:
        return decline(Math.min(t, turn) + Math.max(0, t - turn - rise - hold)) + size * ramp(t, turn, rise)
    }
  }
  const atStart = shape(0)
  const latent = (t: number) => Math.min(48, Math.max(0, intercept + shape(t) - atStart))

  const noiseSd = model.sdResidual * (departures.noise ?? 1)
  const rho = departures.autocorrelation ?? 0
  const outlying = departures.outlyingVisit ?? defaultPriors.outlyingVisit
  let previous = draw.normal()
  let spell = 0
  const scores = days.map((day, k) => {
    const fresh = standardNoise(draw, departures.degreesOfFreedom)
    const noise = k === 0 || rho === 0 ? fresh : rho * previous + Math.sqrt(1 - rho * rho) * fresh
    previous = noise
    let off = draw.uniform() < outlying ? (departures.outlyingSd ?? defaultPriors.outlyingSd) * draw.normal() : 0
    off += spell
    // A spell takes in this visit and the next.
    spell =
      spell === 0 && draw.uniform() < defaultPriors.outlyingSpell
        ? (departures.outlyingSd ?? defaultPriors.outlyingSd) * draw.normal()
        : 0
    off += spell
    return Math.min(48, Math.max(0, Math.round(latent(day / daysPerMonth) + noiseSd * noise + off)))
  })
  return {
    trajectory: { patient: '', scale: 'ALSFRS-R', days, scores },
    course,
    event: hasEvent(latent, -6, end + 14),
    observed: hasEvent(latent, 0, end),
  }
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

/** Rises at least 4 points above an earlier level and stays there for 12 months, on a grid of a tenth of a month. */
function hasEvent(latent: (t: number) => number, from: number, to: number): boolean {
  let nadir = Number.POSITIVE_INFINITY
  let base = 0
  let since: number | null = null
  for (let t = from; t <= to; t += 0.1) {
    const score = latent(t)
    nadir = Math.min(nadir, score)
    if (since !== null && score >= base + 4 - 1e-9) {
      if (t - since >= 12) return true
    } else if (score >= nadir + 4 - 1e-9) {
      since = t
      base = nadir
    } else since = null
  }
  return false
}
