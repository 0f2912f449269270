import type { Call, GroupRow, Patient, Visit } from '../../results/clinical.ts'

/** Everything that an export says of one person. */
export interface ExportedPerson {
  /** The id under which the person leaves. */
  id: string
  patient: Patient
  /** Sorted by day. */
  visits: readonly Visit[]
  /** The call by the study's own definition, and the probability with it. */
  call: Call | null
  group: GroupRow | null
}

/** Joins the tables of a study by person, in the order of the ids under which they leave: the study's own order tells nothing. */
export function* exportedPeople(
  tables: {
    patients: readonly Patient[]
    visits: readonly Visit[]
    calls: readonly Call[]
    groups: readonly GroupRow[]
  },
  definition: string,
  idOf: (patient: string) => string,
): Generator<ExportedPerson> {
  const visits = new Map<string, Visit[]>()
  for (const visit of tables.visits) {
    const own = visits.get(visit.patient)
    if (own === undefined) visits.set(visit.patient, [visit])
    else own.push(visit)
  }
  const calls = new Map(
    tables.calls.filter((call) => call.definition === definition).map((call) => [call.patient, call]),
  )
  const groups = new Map(tables.groups.map((group) => [group.patient, group]))
  const order = tables.patients
    .map((patient) => ({ id: idOf(patient.patient), patient }))
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  for (const { id, patient } of order)
    yield {
      id,
      patient,
      visits: [...(visits.get(patient.patient) ?? [])].sort((a, b) => a.day - b.day),
      call: calls.get(patient.patient) ?? null,
      group: groups.get(patient.patient) ?? null,
    }
}

/** Age in years at day 0, where the age at onset and the day of onset are known. */
export function ageAtZero({ age_at_onset, onset_day }: Patient): number | null {
  return age_at_onset === null || onset_day === null ? null : age_at_onset - onset_day / 365.25
}
