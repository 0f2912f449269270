import type { Workshop } from '../../../compute/task.ts'
import { exp, RandomStream } from '../../../numerics/index.ts'
import { sustainedGain } from '../sustained.ts'
import { itemCount } from './items.ts'
import { type CohortModel, defaultPriors, type PriorSettings, publishedModel } from './model.ts'
import { itemPosteriorOf, posteriorOf } from './posterior.ts'
import {
  type Departures,
  type SimulatedCourse,
  type SimulatedPerson,
  simulatedCourses,
  simulatePerson,
} from './simulate.ts'
import { cohortPosteriors, type FittedScale, largestRise } from './task.ts'

/** A number estimated from weighted people, with a 95% interval: Wilson's, for the number of equally weighted people that would be as informative. */
export interface Estimate {
  value: number | null
  low: number | null
  high: number | null
}

export interface CalibrationBin {
  from: number
  to: number
  /** Weighed people whose posterior fell here. */
  people: number
  /** Mean posterior at the stated prevalence; null when empty. */
  meanPosterior: number | null
  /** Share of true reversals, at the stated prevalence. */
  trueShare: Estimate
  /** Equally weighted people that would tell as much. */
  effective: number
}

/** What a way of calling gets right and wrong. */
export interface CallRates {
  /** Of those whose event lies within the follow-up, the share called. */
  sensitivity: Estimate
  /** Of all with the event, the share called. */
  sensitivityAll: Estimate
  /** Of those without the event, the share called, and by course. */
  falseCalls: Estimate
  byCourse: Partial<Record<SimulatedCourse, Estimate>>
  /** Of those called, the share that did reverse. */
  trueAmongCalled: Estimate
}

export interface Calibration {
  /** Of posteriors from total scores, or from items. */
  bins: CalibrationBin[]
  confident: CallRates
  likely: CallRates
  /** The plain rule: 4 points above an earlier visit at every visit of 365 days. */
  rule: CallRates
  people: number
}

export const calibrationEdges: readonly number[] = [0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1]

/** The plain rule that posteriors are held against. */
const plainRule = { kind: 'sustained-gain', gain: 4, days: 365, tolerance_days: 30 } as const
/** Without a rise of this size to a later visit nobody is weighed: posteriors are then hardly ever above 0.03. */
const leastGain = 3
const coarseStep = 4.5
const settled = 0.03
/**
 * Of people who do not reverse, those whose scores hardly rise are weighed in a sample only, each standing for several: the probability of being weighed
 * grows with the rise of the mean score over three visits above that of the two before, and is one from this many points on.
 */
const wholeRise = 5
const perPoint = 0.9
const leastWeighed = 0.05

export interface CalibrationOptions {
  /** What the simulator draws from. */
  truth?: CohortModel
  priors?: PriorSettings
  departures?: Departures
  /** Weigh items instead of totals; the simulator must make items. */
  items?: boolean
}

/**
 * The cohort's model as a study would fit it: to `size` people whose courses are drawn at the stated prevalence.
 */
export async function fitSimulated(
  seed: number,
  size: number,
  { truth = publishedModel, priors = defaultPriors, departures = {} }: CalibrationOptions,
  workshop: Pick<Workshop, 'run' | 'signal' | 'progress'>,
): Promise<FittedScale> {
  const shares = prevalences(priors)
  const people: SimulatedPerson[] = []
  for (const course of simulatedCourses)
    for (let i = 0; i < Math.round(size * shares[course]); i++)
      people.push(simulatePerson(seed, 1e6 + i, course, truth, departures, priors))
  const { fitted } = await cohortPosteriors(
    people.map(({ trajectory }) => trajectory),
    people.map(({ items }) => (items === null ? null : Int8Array.from(items.flat()))),
    priors,
    workshop,
  )
  return fitted['ALSFRS-R']
}

/**
 * Holds posteriors and the plain rule against the truth of simulated people. Each course is simulated in numbers of its own and
 * weighted to the prevalence that the priors state, so that rare calls can be judged; of those without a lasting rise a sample is weighed, and stands for all.
 *
 * @param people simulated people of each course
 * @param cohorts the models that the posteriors use (`fitSimulated`), of one cohort or of several; people take them in turn
 */
export function calibrate(
  seed: number,
  people: Readonly<Record<SimulatedCourse, number>>,
  cohorts: readonly FittedScale[],
  { truth = publishedModel, priors = defaultPriors, departures = {}, items = false }: CalibrationOptions = {},
): Calibration {
  const shares = prevalences(priors)
  const weigher = (fitted: FittedScale, step?: number) => {
    const model = fitted.model ?? publishedModel
    if (items && fitted.items !== null) {
      const of = itemPosteriorOf(model, fitted.items, 'ALSFRS-R', priors, step)
      return ({ trajectory, items: own }: SimulatedPerson) =>
        of(
          trajectory,
          own === null
            ? new Int8Array(trajectory.days.length * itemCount['ALSFRS-R']).fill(-1)
            : Int8Array.from(own.flat()),
        )
    }
    const of = posteriorOf(model, priors, step)
    return ({ trajectory }: SimulatedPerson) => of(trajectory)
  }
  const weighers = cohorts.map((fitted) => ({ fine: weigher(fitted), coarse: weigher(fitted, coarseStep) }))
  const bins = calibrationEdges
    .slice(1)
    .map((to, i) => ({ from: calibrationEdges[i], to, people: 0, sum: 0, share: new Share() }))
  const confident = new Rates()
  const likely = new Rates()
  const rule = new Rates()
  let count = 0
  for (const course of simulatedCourses) {
    const each = people[course] === 0 ? 0 : shares[course] / people[course]
    const draw = new RandomStream(seed, `clinical/calibration/weighed/${course}`, 0)
    for (let i = 0; i < people[course]; i++) {
      const person = simulatePerson(seed, i, course, truth, departures, priors)
      count++
      rule.add(person, sustainedGain(plainRule, person.trajectory).verdict === 'yes', each)
      let posterior = 0
      let weight = each
      if (largestRise(person.trajectory.scores) >= leastGain) {
        const chance = course === 'reversal' ? 1 : chanceOf(person.trajectory.scores)
        if (draw.uniform() >= chance) continue
        weight /= chance
        const { fine, coarse } = weighers[i % weighers.length]
        posterior = coarse(person)?.posterior ?? 0
        if (posterior >= settled) posterior = fine(person)?.posterior ?? 0
      }
      const bin = bins.find(({ to }) => posterior < to) ?? bins[bins.length - 1]
      bin.people++
      bin.sum += weight * posterior
      bin.share.add(person.event, weight)
      confident.add(person, posterior >= 0.9, weight)
      likely.add(person, posterior >= 0.5, weight)
    }
  }
  return {
    bins: bins.map(({ from, to, people: n, sum, share }) => ({
      from,
      to,
      people: n,
      meanPosterior: share.weight === 0 ? null : sum / share.weight,
      trueShare: share.estimate(),
      effective: share.effective(),
    })),
    confident: confident.result(),
    likely: likely.result(),
    rule: rule.result(),
    people: count,
  }
}

/** The probability of being weighed. */
function chanceOf(scores: readonly number[]): number {
  const mean = (from: number, to: number) => {
    let sum = 0
    for (let k = from; k < to; k++) sum += scores[k]
    return sum / (to - from)
  }
  let rise = Number.NEGATIVE_INFINITY
  for (let k = 1; k < scores.length; k++)
    rise = Math.max(rise, mean(k, Math.min(scores.length, k + 3)) - mean(Math.max(0, k - 2), k))
  return Math.min(1, Math.max(leastWeighed, exp(perPoint * (rise - wholeRise))))
}

/** A weighted share. */
class Share {
  weight = 0
  #hits = 0
  #squares = 0

  add(hit: boolean, weight: number): void {
    this.weight += weight
    this.#squares += weight * weight
    if (hit) this.#hits += weight
  }

  effective(): number {
    return this.weight === 0 ? 0 : (this.weight * this.weight) / this.#squares
  }

  estimate(): Estimate {
    if (this.weight === 0) return { value: null, low: null, high: null }
    const p = this.#hits / this.weight
    const n = this.effective()
    const z2 = 1.959963984540054 * 1.959963984540054
    const centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    const half = Math.sqrt((z2 * p * (1 - p)) / n + (z2 * z2) / (4 * n * n)) / (1 + z2 / n)
    return { value: p, low: Math.max(0, Math.min(p, centre - half)), high: Math.min(1, Math.max(p, centre + half)) }
  }
}

class Rates {
  readonly #observed = new Share()
  readonly #events = new Share()
  readonly #others = new Share()
  readonly #called = new Share()
  readonly #byCourse = new Map<SimulatedCourse, Share>()

  add({ event, observed, course }: SimulatedPerson, called: boolean, weight: number): void {
    if (observed) this.#observed.add(called, weight)
    if (event) this.#events.add(called, weight)
    else {
      this.#others.add(called, weight)
      const own = this.#byCourse.get(course) ?? new Share()
      own.add(called, weight)
      this.#byCourse.set(course, own)
    }
    if (called) this.#called.add(event, weight)
  }

  result(): CallRates {
    return {
      sensitivity: this.#observed.estimate(),
      sensitivityAll: this.#events.estimate(),
      falseCalls: this.#others.estimate(),
      byCourse: Object.fromEntries([...this.#byCourse].map(([course, share]) => [course, share.estimate()])),
      trueAmongCalled: this.#called.estimate(),
    }
  }
}

/** Shares of the courses among all, at the stated prevalence. */
function prevalences(priors: PriorSettings): Record<SimulatedCourse, number> {
  const rest = 1 - priors.reversal
  return {
    decline: rest * priors.decline,
    plateau: rest * priors.plateau,
    transientGain: rest * priors.transientGain,
    smallGain: rest * priors.smallGain,
    ratingShift: rest * priors.ratingShift,
    outlyingSpell: rest * priors.outlyingSpell,
    reversal: priors.reversal,
  }
}
