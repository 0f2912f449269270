import type { RandomStream } from '../../numerics/random.ts'
import { exp, log } from '../../numerics/special.ts'
import type { TrueClass } from '../people/roster.ts'

/** Mean days of a month. */
export const daysPerMonth = 30.4375

const highest = 48

/** The true score of a person, without measurement noise. Months count from trial entry. */
export interface Course {
  readonly trueClass: TrueClass
  /** Symptom onset, months before entry (positive). */
  readonly onset: number
  /** Points lost a month up to the nadir, or throughout. */
  readonly rate: number
  /** The score at corners, straight between them; the last slope goes on. Ascending months from entry. */
  readonly corners: readonly { readonly month: number; readonly score: number }[]
  /** Months in which a visit, if one falls there, is far too low; and by how many points. */
  readonly outlier: { readonly from: number; readonly to: number; readonly points: number } | null
  /** A true reversal: when the gain was complete, its size, and until when it certainly lasts. */
  readonly turn: {
    readonly nadir: number
    readonly complete: number
    readonly gain: number
    readonly held: number
  } | null
  /** End of observation if neither death nor drop-out comes before, months from entry. */
  readonly end: number
  /** Observation cannot end before, because the person was found by what was seen until then. */
  readonly seenUntil: number
}

/** Score without floor and ceiling. */
export function scoreAt(course: Course, month: number): number {
  const { corners } = course
  let i = 0
  while (i + 2 < corners.length && corners[i + 1].month <= month) i++
  const a = corners[i]
  const b = corners[i + 1]
  return a.score + ((b.score - a.score) * (month - a.month)) / (b.month - a.month)
}

export function latentScore(course: Course, month: number): number {
  return Math.min(highest, Math.max(0, scoreAt(course, month)))
}

const between = (random: RandomStream, low: number, high: number) => low + (high - low) * random.uniform()

/** Normal, drawn again until it lies within the limits. */
function truncated(random: RandomStream, mean: number, sd: number, low: number, high: number): number {
  for (;;) {
    const value = mean + sd * random.normal()
    if (value >= low && value <= high) return value
  }
}

/** Points a month. PRO-ACT: mean 1.0, standard deviation 0.7 to 0.8 between people; bulbar onset about 0.2 faster. */
const population = { mean: 1, sd: 0.75, bulbar: 0.2 }

/** Rates of a group, inside the limits 0.5 and 1 by which groups are told apart, with room for noise. */
const rates: Readonly<Record<'typical' | 'slow' | 'rapid', readonly [number, number]>> = {
  typical: [0.58, 0.88],
  slow: [0.12, 0.36],
  rapid: [1.25, 2.4],
}

/** Onset and entry score that go together: 48 at onset, a score from 24 to 46 at entry. */
function entry(random: RandomStream, rate: number): { onset: number; score: number } {
  for (let attempt = 0; attempt < 200; attempt++) {
    const onset = 14 * exp(0.55 * random.normal())
    const score = highest - rate * onset + 1.2 * random.normal()
    if (onset >= 3 && onset <= 72 && score >= 24 && score <= 46) return { onset, score }
  }
  const score = between(random, 34, 44)
  return { onset: Math.max(3, Math.min(96, (highest - score) / rate)), score }
}

function declining(random: RandomStream, trueClass: TrueClass, rate: number): Course {
  const { onset, score } = entry(random, rate)
  return {
    trueClass,
    onset,
    rate,
    corners: [
      { month: 0, score },
      { month: 1000, score: score - 1000 * rate },
    ],
    outlier: null,
    turn: null,
    end: between(random, 30, 60),
    seenUntil: 0,
  }
}

/**
 * A reversal: fast decline soon after onset, a nadir, a regain of at least 8 points (up to 6 more on average, some far
 * larger, never to above 47), then a level held at least 18 months.
 */
function reversing(random: RandomStream, trueClass: TrueClass): Course {
  for (;;) {
    const rate = between(random, 0.9, 2)
    const onset = between(random, 3.5, 9)
    const score = highest - rate * onset + 1.2 * random.normal()
    const nadir = between(random, 3, 8)
    const lowest = score - rate * nadir
    const gain = 8 + 4 * random.gamma(1.5)
    const complete = nadir + between(random, 3, 9)
    const held = complete + between(random, 18, 30)
    if (score > 46 || lowest < 8 || lowest + gain > 47) continue
    return {
      trueClass,
      onset,
      rate,
      corners: [
        { month: 0, score },
        { month: nadir, score: lowest },
        { month: complete, score: lowest + gain },
        { month: 1000, score: lowest + gain },
      ],
      outlier: null,
      turn: { nadir, complete, gain, held },
      end: held,
      seenUntil: complete + 15,
    }
  }
}

function level(random: RandomStream, trueClass: TrueClass): Course {
  const rate = between(random, 0.5, 0.9)
  const { onset, score } = entry(random, rate)
  const until = between(random, 18, 30)
  return {
    trueClass,
    onset,
    rate,
    corners: [
      { month: 0, score },
      { month: until, score },
      { month: 1000, score: score - (1000 - until) * 0.4 },
    ],
    outlier: null,
    turn: null,
    end: between(random, 30, 48),
    seenUntil: 13,
  }
}

function seemingReversal(random: RandomStream): Course {
  const course = declining(random, 'pseudo-reversal', between(random, 0.04, 0.14))
  const from = between(random, 5, 10)
  const months = random.uniform() < 0.6 ? 3 : 6
  return {
    ...course,
    outlier: { from, to: from + months, points: between(random, 7.5, 10.5) },
    end: from + months + between(random, 18, 30),
    seenUntil: from + months + 16,
  }
}

/** @param natural the rate comes from the population's distribution, and the class follows from it */
export function drawCourse(random: RandomStream, trueClass: TrueClass, bulbar: boolean, natural: boolean): Course {
  switch (trueClass) {
    case 'reversal':
    case 'mimic':
      return reversing(random, trueClass)
    case 'plateau':
      return level(random, trueClass)
    case 'pseudo-reversal':
      return seemingReversal(random)
    default: {
      const mean = population.mean + (bulbar ? population.bulbar : 0)
      if (!natural) return declining(random, trueClass, truncated(random, mean, population.sd, ...rates[trueClass]))
      const rate = truncated(random, mean, population.sd, 0.05, 4)
      return declining(random, rate < 0.5 ? 'slow' : rate > 1 ? 'rapid' : 'typical', rate)
    }
  }
}

const deathAtFullScore = 0.001
const deathPerPoint = 0.1417
const dropOutAtFullScore = 0.006
const dropOutPerPoint = 0.04
const hazardStep = 0.25

/**
 * Months from entry to death and to drop-out, by hazards that grow with every point lost: 0.1% a month at 48, 3% at 24, so
 * that of people who lose 1 point a month half die within about 32 months of onset. Infinity when neither comes before the end.
 */
export function drawEnd(random: RandomStream, course: Course): { death: number; dropOut: number } {
  const time = (atFull: number, perPoint: number): number => {
    let left = -log(random.uniform())
    for (let month = course.seenUntil; month < course.end + 24; month += hazardStep) {
      left -= hazardStep * atFull * exp(perPoint * (highest - latentScore(course, month)))
      if (left <= 0) return month + hazardStep * random.uniform()
    }
    return Number.POSITIVE_INFINITY
  }
  return { death: time(deathAtFullScore, deathPerPoint), dropOut: time(dropOutAtFullScore, dropOutPerPoint) }
}
