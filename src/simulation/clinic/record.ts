import { RandomStream } from '../../numerics/random.ts'
import { exp, log } from '../../numerics/special.ts'
import type { Member, TrueClass } from '../people/roster.ts'
import type { Traits } from '../people/traits.ts'
import { type Course, daysPerMonth, drawCourse, drawEnd, latentScore } from './course.ts'
import { drawLoads, itemsOfTotal, type OnsetSite } from './items.ts'

/** Within-person standard deviation of the score (1.6 to 2.0 in trials). */
const visitNoise = 1.7
const visitGap = 91
const visitJitter = 10
const missedVisit = 0.08
const bulbarShare = 0.25
export const igf1Limit = 25

export interface SimulatedVisit {
  day: number
  total: number
  items: number[]
  gastrostomy: boolean
}

/** What the tables say of one person. Days from trial entry. */
export interface ClinicalRecord {
  course: Course
  site: OnsetSite
  onsetDay: number
  diagnosisDay: number
  /** Years at entry. */
  age: number
  visits: SimulatedVisit[]
  deathDay: number | null
  riluzole: boolean
  riluzoleDay: number
  elEscorial: string
  dnaSource: 'saliva' | 'blood'
  mimic: string
  mutation: string
  /** ng/mL. */
  igf1: { day: number; value: number }[]
}

const elEscorial = ['Definite', 'Probable', 'Probable Laboratory Supported', 'Possible'] as const
const mimics = ['anti-MuSK antibodies', 'conduction block on EMG', 'anti-GM1 antibodies', 'copper deficiency'] as const

function pick<T>(random: RandomStream, choices: readonly (readonly [T, number])[]): T {
  let left = random.uniform()
  for (const [value, share] of choices) {
    left -= share
    if (left < 0) return value
  }
  return choices[choices.length - 1][0]
}

function visitDays(random: RandomStream, lastDay: number): number[] {
  const days = [0]
  for (let due = visitGap; due + 3 * visitJitter < lastDay + visitGap; due += visitGap) {
    const day = Math.round(due + visitJitter * random.normal())
    if (random.uniform() >= missedVisit && day > days[days.length - 1] && day <= lastDay) days.push(day)
  }
  return days
}

/** Fewest visits with which a person's group can be told; people with fewer are not enrolled. */
const fewestVisits: Readonly<Record<TrueClass, number>> = {
  reversal: 6,
  mimic: 6,
  'pseudo-reversal': 6,
  plateau: 5,
  typical: 4,
  slow: 5,
  rapid: 3,
}

function observe(random: RandomStream, course: Course, site: OnsetSite) {
  const { death, dropOut } = drawEnd(random, course)
  const lastDay = Math.floor(Math.min(course.end, death, dropOut) * daysPerMonth)
  const itemLoads = drawLoads(random, site)
  let gastrostomy = false
  const visits = visitDays(random, lastDay).map((day): SimulatedVisit => {
    const month = day / daysPerMonth
    const { outlier } = course
    const bad = outlier !== null && month >= outlier.from && month < outlier.to ? outlier.points : 0
    const noisy = Math.round(latentScore(course, month) - bad + visitNoise * random.normal())
    const total = Math.min(48, Math.max(0, noisy))
    const items = itemsOfTotal(total, itemLoads)
    // fed by tube: cutting is then asked for in the other way
    if (items[2] <= 1 && random.uniform() < 0.5) gastrostomy = true
    return { day, total, items, gastrostomy }
  })
  return { visits, death: death <= course.end + 24 ? Math.ceil(death * daysPerMonth) : null }
}

/**
 * Total IGF-1 in serum: log-normal with median 105 ng/mL at 60 (about 100 in the Swabian study), falling 1.2% a year, 5%
 * higher in men; free IGF-1 makes seven tenths of its standard deviation of 0.6, and a visit adds noise of 0.12.
 */
function igf1Levels(random: RandomStream, freeIgf1: number, age: number, male: boolean, lastDay: number) {
  const share = 0.7
  const own = share * freeIgf1 + Math.sqrt(1 - share * share) * random.normal()
  const days = [0, 182, 365].filter((day) => day <= lastDay)
  return days.map((due) => {
    const day = due === 0 ? 0 : due + random.integer(15)
    const centre = log(105) - 0.012 * (age + day / 365.25 - 60) + (male ? 0.05 : 0)
    return { day, value: exp(centre + 0.6 * own + 0.12 * random.normal()) }
  })
}

/** Makes the clinical record of one person; nothing in it but the class depends on anyone else. */
export function makeRecord(
  seed: number,
  member: Member,
  traits: Traits,
  options: { natural: boolean; salivaCases: boolean },
): ClinicalRecord {
  const { person, trueClass } = member
  const random = new RandomStream(seed, 'simulation/record', person.index)
  const site: OnsetSite = random.uniform() < (trueClass === 'reversal' ? 0.1 : bulbarShare) ? 'bulbar' : 'limb'
  const natural = options.natural && trueClass === 'typical'
  let course = drawCourse(random, trueClass, site === 'bulbar', natural)
  let seen = observe(random, course, site)
  for (let attempt = 0; !natural && seen.visits.length < fewestVisits[trueClass] && attempt < 500; attempt++) {
    course = drawCourse(random, trueClass, site === 'bulbar', natural)
    seen = observe(random, course, site)
  }
  const onsetDay = -Math.round(course.onset * daysPerMonth)
  const lastVisit = seen.visits[seen.visits.length - 1].day
  const age = person.ageAtOnset - onsetDay / 365.25
  return {
    course,
    site,
    onsetDay,
    diagnosisDay: Math.round(onsetDay * (0.2 + 0.5 * random.uniform())),
    age: Math.round(age * 10) / 10,
    visits: seen.visits,
    deathDay: seen.death,
    riluzole: random.uniform() < 0.6,
    riluzoleDay: -random.integer(1 + Math.floor(-onsetDay / 3)),
    elEscorial: pick(random, [
      [elEscorial[0], 0.3],
      [elEscorial[1], 0.37],
      [elEscorial[2], 0.22],
      [elEscorial[3], 0.11],
    ]),
    dnaSource: options.salivaCases
      ? trueClass === 'reversal'
        ? 'saliva'
        : 'blood'
      : random.uniform() < 0.5
        ? 'saliva'
        : 'blood',
    mimic: trueClass === 'mimic' ? mimics[random.integer(mimics.length)] : '',
    mutation: pick(random, [
      ['C9orf72', 0.06],
      ['SOD1', 0.02],
      ['', 0.92],
    ]),
    igf1: igf1Levels(random, traits.freeIgf1, age, person.male, lastVisit),
  }
}
