import { isUpturnError } from '../../errors/index.ts'
import { exp, log, normalLogTail } from '../../numerics/special.ts'
import type { BiomarkerCourse } from '../../results/biomarkers.ts'
import type { GroupRow, Patient, ProgressionGroup } from '../../results/clinical.ts'
import { fitJointModelBySlopes, type JointData } from '../../statistics/joint-model/index.ts'
import type { BaselineValue } from './baseline-values.ts'
import { daysInYear, groupOrder, mean } from './person.ts'

/** More people than this take minutes. */
const mostPeople = 3000
const z975 = 1.959963984540054

interface Course {
  patient: string
  group: ProgressionGroup
  age: number
  male: number
  /** Day of the first value. */
  first: number
  values: { years: number; value: number; censoring: -1 | 0 | 1 }[]
}

/**
 * Levels over time by group: a mixed model of the logarithm on years since a person's first value, each group with its own level and slope, adjusted for age at
 * the first value and sex; people differ in level, and in slope where somebody has three values. Censored values enter as such (a Tobit mixed model, by maximum likelihood).
 * A group needs two people with two values each. Describes courses; a group is defined by what became of people, so a difference is no cause.
 */
export function courseOf(
  values: readonly BaselineValue[],
  groups: ReadonlyMap<string, GroupRow>,
  patients: ReadonlyMap<string, Patient>,
): BiomarkerCourse | null {
  const courses = new Map<string, Course>()
  for (const { patient, day, value, censoring } of values) {
    const group = groups.get(patient)?.group
    const known = patients.get(patient)
    if (group === undefined || known?.age_at_onset == null || known.sex == null) continue
    const course: Course = courses.get(patient) ?? {
      patient,
      group,
      age: known.age_at_onset + (known.onset_day === null ? 0 : (day - known.onset_day) / daysInYear),
      male: known.sex === 'male' ? 1 : 0,
      first: day,
      values: [],
    }
    course.values.push({ years: (day - course.first) / daysInYear, value, censoring })
    courses.set(patient, course)
  }
  const repeated = (c: Course): boolean => c.values.length >= 2
  const inModel = groupOrder.filter(
    (group) => [...courses.values()].filter((c) => c.group === group && repeated(c)).length >= 2,
  )
  const people = [...courses.values()].filter((c) => inModel.includes(c.group))
  if (inModel.length === 0) return null
  const rows = people.flatMap((c, i) => c.values.map((v) => ({ i, ...v })))
  const base: BiomarkerCourse = {
    status: 'ok',
    people: people.length,
    values: rows.length,
    censored: rows.filter(({ censoring }) => censoring !== 0).length,
    randomSlopes: people.filter((c) => c.values.length >= 3).length >= 2,
    groups: [],
    contrast: null,
    lines: people.filter(repeated).map(({ patient, group, values: v }) => ({
      patient,
      group,
      years: v.map(({ years }) => years),
      values: v.map(({ value }) => value),
      censored: v.map(({ censoring }) => censoring !== 0),
    })),
  }
  if (people.length > mostPeople) return { ...base, status: 'too_many', lines: [] }
  const reference = inModel.includes('typical') ? 'typical' : inModel[0]
  const others = inModel.filter((group) => group !== reference)
  const indicator = (group: ProgressionGroup): number[] => people.map((c) => (c.group === group ? 1 : 0))
  const ones = people.map(() => 1)
  const centred = (read: (c: Course) => number): number[] => {
    const centre = mean(people.map(read))
    return people.map((c) => read(c) - centre)
  }
  const adjusted = [centred((c) => c.age), centred((c) => c.male)].filter((column) =>
    column.some((x) => x !== column[0]),
  )
  const fit = fitted({
    subjects: people.length,
    subject: rows.map(({ i }) => i),
    time: rows.map(({ years }) => years),
    y: rows.map(({ value }) => log(value)),
    censoring: rows.map(({ censoring }) => censoring),
    base: [ones, ...others.map(indicator), ...adjusted],
    slope: [ones, ...others.map(indicator)],
    randomSlope: base.randomSlopes,
  })
  if (fit === null || fit.status !== 'ok') return { ...base, status: fit?.status ?? 'too_few' }
  const slopeAt = 1 + others.length + adjusted.length
  const combination = (weights: readonly [number, number][]): { estimate: number; se: number } => {
    const all = [...fit.base, ...fit.slope]
    let estimate = 0
    let variance = 0
    for (const [a, wa] of weights) {
      estimate += wa * all[a].estimate
      for (const [b, wb] of weights) variance += wa * wb * fit.covariance[a * fit.parameters + b]
    }
    return { estimate, se: Math.sqrt(variance) }
  }
  const limits = ({ estimate, se }: { estimate: number; se: number }) => ({
    ratio: exp(estimate),
    low: exp(estimate - z975 * se),
    high: exp(estimate + z975 * se),
  })
  return {
    ...base,
    randomSlopes: fit.randomSlope,
    groups: inModel.map((group) => {
      const k = others.indexOf(group)
      const level = combination(
        k < 0
          ? [[0, 1]]
          : [
              [0, 1],
              [1 + k, 1],
            ],
      )
      const slope = combination(
        k < 0
          ? [[slopeAt, 1]]
          : [
              [slopeAt, 1],
              [slopeAt + 1 + k, 1],
            ],
      )
      const members = people.filter((c) => c.group === group)
      const { ratio: start, low: startLow, high: startHigh } = limits(level)
      return {
        group,
        people: members.length,
        values: members.reduce((sum, c) => sum + c.values.length, 0),
        years: Math.max(...members.flatMap((c) => c.values.map(({ years }) => years))),
        start,
        startLow,
        startHigh,
        ...limits(slope),
      }
    }),
    contrast:
      reference === 'typical' && others.includes('reversal')
        ? (() => {
            const difference = combination([[slopeAt + 1 + others.indexOf('reversal'), 1]])
            const logP = Math.min(0, normalLogTail(Math.abs(difference.estimate / difference.se)) + Math.LN2)
            return { ...limits(difference), p: exp(logP), negLog10P: logP === 0 ? 0 : -logP / Math.LN10 }
          })()
        : null,
  }
}

/** Null where the values cannot carry the model. */
function fitted(data: JointData): ReturnType<typeof fitJointModelBySlopes> | null {
  try {
    return fitJointModelBySlopes(data)
  } catch (error) {
    if (isUpturnError(error, 'BadArgument') || isUpturnError(error, 'CollinearCovariates')) return null
    throw error
  }
}
