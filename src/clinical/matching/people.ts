import { UpturnError } from '../../errors/index.ts'
import type { Call, GroupRow, Patient, Visit } from '../../results/clinical.ts'
import type { AncestryRow } from '../../results/genotypes.ts'
import { progressionRate } from '../measures/index.ts'
import { highestScore, trajectories } from '../visits/trajectory.ts'
import { byCodeUnit } from './order.ts'
import type { MatchPerson, TimedVariable } from './person.ts'

/** What matching may use: fixed at onset, measured before the nadir, or fixed at birth. */
const numericVariables = ['age_at_onset', 'pre_nadir_slope'] as const
const namedVariables = ['sex', 'onset_site', 'cohort', 'dna_source'] as const
type NamedVariable = (typeof namedVariables)[number]

export interface MatchingSources {
  patients: readonly Patient[]
  groups: readonly GroupRow[]
  /** Calls by the definition in force: the last visit of a positive one is the confirmation. */
  calls: readonly Call[]
  /** Components by genotype sample; empty when there is no ancestry. */
  ancestry: readonly AncestryRow[]
  /** Visits, from which a control's rate is known as it stood at its case's nadir; without them it is the rate over all its visits. */
  visits?: readonly Visit[]
}

/**
 * Cases and controls of the study with the named variables: `age_at_onset`, `pre_nadir_slope` and `PC1`, `PC2`, ... as numbers; `sex`, `onset_site`,
 * `cohort` and `dna_source` to be equal, or as variables of the distance, where each level but the first is 0 or 1 (`onset_site: limb`). Days count from onset;
 * whoever has no onset has null there and cannot be in a risk set. A control is under observation to the last visit or death. Its `pre_nadir_slope` is timed:
 * points lost a month from onset to each visit, so that beside a case it counts as it stood at that case's nadir.
 * Refuses a name that is not among these: a variable measured after the nadir has no name here.
 */
export function peopleForMatching(
  sources: MatchingSources,
  variables: readonly string[],
  exact: readonly string[],
): MatchPerson[] {
  const components = new Map(sources.ancestry.map((row) => [row.sample, row.pc]))
  const width = sources.ancestry[0]?.pc.length ?? 0
  for (const name of exact)
    if (!isNamed(name))
      throw new UpturnError(
        'BadArgument',
        `matching.exact cannot be ${name}: it is one of ${namedVariables.join(', ')}`,
      )
  const patients = new Map(sources.patients.map((p) => [p.patient, p]))
  const roles = sources.groups.flatMap((group) => {
    const patient = patients.get(group.patient)
    return group.case === null || patient === undefined ? [] : [{ group, patient }]
  })
  const readers = variables.flatMap((name): { name: string; read: Read }[] => {
    if (!isNamed(name)) return [{ name, read: numericReader(name, width, components) }]
    const levels = [...new Set(roles.flatMap(({ patient }) => patient[name] ?? []))].sort(byCodeUnit)
    return levels.slice(1).map((level) => ({
      name: `${name}: ${level}`,
      read: (patient) => (patient[name] === null ? null : patient[name] === level ? 1 : 0),
    }))
  })
  const confirmed = new Map(sources.calls.filter((c) => c.verdict === 'yes').map((c) => [c.patient, c.end_day]))
  const courses = variables.includes('pre_nadir_slope') ? rateCourses(sources) : new Map<string, TimedVariable>()
  return roles.map(({ group, patient }): MatchPerson => {
    const onset = patient.onset_day
    const since = (day: number | null | undefined): number | null =>
      day === null || day === undefined || onset === null ? null : day - onset
    // Where onset is known by year only, a control counts as at risk for as long as is certain, a case until the confirmation can have been at the latest.
    const uncertain = patient.onset_uncertainty_days ?? 0
    const at = group.case === 1 ? since(confirmed.get(group.patient)) : null
    const course = group.case === 0 ? courses.get(group.patient) : undefined
    return {
      patient: group.patient,
      role: group.case === 1 ? 'case' : 'control',
      variables: Object.fromEntries(readers.map(({ name, read }) => [name, read(patient, group)])),
      exact: Object.fromEntries(exact.map((name) => [name, patient[name as NamedVariable]])),
      observedDays:
        group.observed_days === null || group.case === 1 ? group.observed_days : group.observed_days - uncertain,
      confirmedDay: at === null ? null : at + uncertain,
      nadirDay: since(group.nadir_day),
      ...(course !== undefined && { timed: { pre_nadir_slope: course } }),
    }
  })
}

const isNamed = (name: string): name is NamedVariable => (namedVariables as readonly string[]).includes(name)

/** Minus the points lost a month from onset to each visit after it, by person; whoever has no onset or no visit after it has none. */
function rateCourses({ patients, visits = [] }: MatchingSources): Map<string, TimedVariable> {
  const onsets = new Map(patients.map((p) => [p.patient, p.onset_day]))
  const courses = new Map<string, TimedVariable>()
  for (const [patient, { days, scores, scale }] of trajectories(visits)) {
    const onset = onsets.get(patient) ?? null
    const at: number[] = []
    const values: number[] = []
    for (const [v, day] of days.entries()) {
      const rate = progressionRate(scores[v], highestScore[scale], onset, day)
      if (rate === null) continue
      at.push(day - (onset as number))
      values.push(0 - rate)
    }
    if (at.length > 0) courses.set(patient, { days: at, values })
  }
  return courses
}

type Read = (patient: Patient, group: GroupRow) => number | null

function numericReader(name: string, width: number, components: ReadonlyMap<string, readonly number[]>): Read {
  const component = /^PC([1-9]\d?)$/.exec(name)
  if (component !== null) {
    const k = Number(component[1])
    if (k > width)
      throw new UpturnError('BadArgument', `${name} cannot be matched on: there are ${width} ancestry components`)
    return (patient) => components.get(patient.sample ?? patient.patient)?.[k - 1] ?? null
  }
  if (name === 'age_at_onset') return (patient) => patient.age_at_onset
  if (name === 'pre_nadir_slope') return (_, group) => group.pre_nadir_slope
  throw new UpturnError(
    'BadArgument',
    `${name} cannot be matched on: known are ${[...numericVariables, ...namedVariables].join(', ')} and PC1, PC2, ...`,
  )
}
