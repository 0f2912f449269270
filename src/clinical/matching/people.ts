import { UpturnError } from '../../errors/index.ts'
import type { Call, GroupRow, Patient } from '../../results/clinical.ts'
import type { AncestryRow } from '../../results/genotypes.ts'
import type { MatchPerson } from './match.ts'

/** What matching may use: fixed at onset, measured before the nadir, or fixed at birth. */
const numericVariables = ['age_at_onset', 'pre_nadir_slope'] as const
const exactVariables = ['sex', 'onset_site', 'cohort', 'dna_source'] as const

export interface MatchingSources {
  patients: readonly Patient[]
  groups: readonly GroupRow[]
  /** Calls by the definition in force: the last visit of a positive one is the confirmation. */
  calls: readonly Call[]
  /** Components by genotype sample; empty when there is no ancestry. */
  ancestry: readonly AncestryRow[]
}

/**
 * Cases and controls of the study with the named variables: `age_at_onset`, `pre_nadir_slope` and `PC1`, `PC2`, ... as numbers; `sex`, `onset_site`,
 * `cohort` and `dna_source` to be equal. Days count from onset; whoever has no onset has null there and cannot be in a risk set. A control
 * is under observation to the last visit or death; whoever never turned has no nadir, and the slope is that of all visits.
 * Refuses a name that is not among these: a variable measured after the nadir has no name here.
 */
export function peopleForMatching(
  sources: MatchingSources,
  variables: readonly string[],
  exact: readonly string[],
): MatchPerson[] {
  const components = new Map(sources.ancestry.map((row) => [row.sample, row.pc]))
  const width = sources.ancestry[0]?.pc.length ?? 0
  const readers = variables.map((name) => ({ name, read: numericReader(name, width, components) }))
  for (const name of exact)
    if (!(exactVariables as readonly string[]).includes(name))
      throw new UpturnError(
        'BadArgument',
        `matching.exact cannot be ${name}: it is one of ${exactVariables.join(', ')}`,
      )
  const patients = new Map(sources.patients.map((p) => [p.patient, p]))
  const confirmed = new Map(sources.calls.filter((c) => c.verdict === 'yes').map((c) => [c.patient, c.end_day]))
  const people: MatchPerson[] = []
  for (const group of sources.groups) {
    const patient = patients.get(group.patient)
    if (group.case === null || patient === undefined) continue
    const onset = patient.onset_day
    const since = (day: number | null | undefined): number | null =>
      day === null || day === undefined || onset === null ? null : day - onset
    people.push({
      patient: group.patient,
      role: group.case === 1 ? 'case' : 'control',
      variables: Object.fromEntries(readers.map(({ name, read }) => [name, read(patient, group)])),
      exact: Object.fromEntries(exact.map((name) => [name, patient[name as (typeof exactVariables)[number]]])),
      observedDays: group.observed_days,
      confirmedDay: group.case === 1 ? since(confirmed.get(group.patient)) : null,
      nadirDay: since(group.nadir_day),
    })
  }
  return people
}

type Read = (patient: Patient, group: GroupRow) => number | null

function numericReader(name: string, width: number, components: ReadonlyMap<string, readonly number[]>): Read {
  const component = /^PC([1-9]\d?)$/.exec(name)
  if (component !== null) {
    const k = Number(component[1])
    if (k > width)
      throw new UpturnError('BadArgument', `${name} cannot be matched on: there are ${width} ancestry components`)
    return (patient) => (patient.sample === null ? null : (components.get(patient.sample)?.[k - 1] ?? null))
  }
  if (name === 'age_at_onset') return (patient) => patient.age_at_onset
  if (name === 'pre_nadir_slope') return (_, group) => group.pre_nadir_slope
  throw new UpturnError(
    'BadArgument',
    `${name} cannot be matched on: known are ${numericVariables.join(', ')} and PC1, PC2, ...`,
  )
}
