import type { Intake, Patient, Visit } from '../../results/clinical.ts'
import type { PatientDraft, PatientDrafts } from './drafts.ts'
import type { FindingLog, Findings } from './findings.ts'
import { gatherLabs, type LabTable } from './labs.ts'
import type { Reading } from './reading.ts'
import { settleDuplicates } from './visit-rows.ts'

/** What a clinical source holds, mended and sorted, with the account of what was done to it. */
export interface ClinicalRecords {
  /** Sorted by id. */
  patients: Patient[]
  /** Sorted by person and day. */
  visits: Visit[]
  /** Sorted by person. */
  labs: LabTable
  intake: Intake
  /** Every finding with its place and what it changed. */
  findings: Findings
}

/** Joins what a layout gathered; checks what only shows when all files are known. */
export function finishRecords(
  source: string,
  cohort: string,
  reading: Pick<Reading, 'files' | 'tables' | 'drafts' | 'visits' | 'weights' | 'collectors' | 'log'>,
): ClinicalRecords {
  const { files, tables, drafts, visits: placed, log } = reading
  const visits = settleDuplicates(placed, log)
  const span = new Map<string, { first: number; last: number }>()
  for (const { patient, day } of visits) {
    const known = span.get(patient)
    if (known === undefined) span.set(patient, { first: day, last: day })
    else {
      known.first = Math.min(known.first, day)
      known.last = Math.max(known.last, day)
    }
  }
  refuseSharedSamples(drafts, log)
  const patients: Patient[] = []
  for (const patient of [...drafts.drafts.keys()].sort()) {
    const draft = drafts.drafts.get(patient)
    if (draft === undefined) continue
    patients.push(finishPatient(patient, cohort, drafts, draft, span.get(patient), log))
  }
  const weights = reading.weights.settle()
  const labs = gatherLabs(weights === null ? reading.collectors : [...reading.collectors, weights])
  const read = new Set(tables.map(({ file }) => file.replace(/\[.*\]$/, '')))
  return {
    patients,
    visits,
    labs,
    intake: {
      source,
      patients: patients.length,
      visits: visits.length,
      labValues: labs.size,
      findings: log.findings(),
      files: [...tables],
      filesNotRead: files.names.filter((name) => !read.has(name)),
    },
    findings: log,
  }
}

function finishPatient(
  patient: string,
  cohort: string,
  drafts: PatientDrafts,
  draft: PatientDraft,
  span: { first: number; last: number } | undefined,
  log: FindingLog,
): Patient {
  const text = (field: 'onset_site' | 'el_escorial' | 'dna_source' | 'mimic' | 'known_mutation') =>
    drafts.value<string>(draft, field)
  const placeOf = (field: 'onset_day' | 'death_day' | 'age_at_onset') => draft.values.get(field)?.place ?? draft.place
  let onset = drafts.value<number>(draft, 'onset_day')
  let diagnosis = drafts.value<number>(draft, 'diagnosis_day')
  if (onset !== null && diagnosis !== null && onset > diagnosis) {
    log.add('onset_diagnosis_swapped', placeOf('onset_day'), {
      was: `onset ${onset}, diagnosis ${diagnosis}`,
      now: `onset ${diagnosis}, diagnosis ${onset}`,
    })
    ;[onset, diagnosis] = [diagnosis, onset]
  }
  if (onset !== null && span !== undefined && onset > span.first) {
    log.add('onset_after_visit', placeOf('onset_day'), { was: `onset ${onset}, first visit ${span.first}` })
    onset = null
  }
  if (onset !== null && draft.onset !== null && (onset < draft.onset.earliest || onset > draft.onset.latest)) {
    draft.contradicted.add('onset_day')
    log.add('patient_conflict', draft.onset.place)
    onset = null
  }
  const period =
    onset === null && !draft.contradicted.has('onset_day') ? onsetPeriod(draft, diagnosis, span, log) : null
  if (period !== null) onset = Math.floor((period.earliest + period.latest) / 2)
  let death = drafts.value<number>(draft, 'death_day')
  if (death !== null && span !== undefined && span.last > death) {
    log.add('visit_after_death', placeOf('death_day'), { was: `death ${death}, last visit ${span.last}` })
    death = null
  }
  let age = drafts.value<number>(draft, 'age_at_onset')
  if (age === null && draft.age !== null && onset !== null) age = draft.age + onset / 365.25
  if (age !== null && (age < 0 || (draft.age !== null && age > draft.age + 0.01))) {
    log.add('age_impossible', placeOf('age_at_onset'), {
      was: draft.age === null ? age : `${age} at onset, ${draft.age} at entry`,
    })
    age = null
  }
  if (span === undefined) log.add('patient_without_visits', draft.place, { was: patient })
  return {
    patient,
    cohort,
    sex: drafts.value<'female' | 'male'>(draft, 'sex'),
    age_at_onset: age,
    onset_site: text('onset_site'),
    onset_day: onset,
    onset_uncertainty_days: period === null || onset === null ? null : period.latest - onset,
    diagnosis_day: diagnosis,
    first_visit_day: span?.first ?? null,
    last_visit_day: span?.last ?? null,
    death_day: death,
    el_escorial: text('el_escorial'),
    riluzole: drafts.value<boolean>(draft, 'riluzole'),
    dna_source: text('dna_source'),
    mimic: text('mimic'),
    known_mutation: text('known_mutation'),
    sample: drafts.value<string>(draft, 'sample'),
  }
}

/** The days that onset can have been: not after diagnosis, nor after the first visit. Null, and refused, where none is left. */
function onsetPeriod(
  { onset }: PatientDraft,
  diagnosis: number | null,
  span: { first: number } | undefined,
  log: FindingLog,
): { earliest: number; latest: number } | null {
  if (onset === null) return null
  const { earliest, place } = onset
  const latest = Math.min(onset.latest, diagnosis ?? onset.latest, span?.first ?? onset.latest)
  if (latest < earliest) {
    log.add('onset_after_visit', place)
    return null
  }
  log.add('onset_by_period', place, { was: '', now: `day ${earliest} to ${latest}` })
  return { earliest, latest }
}

function refuseSharedSamples(drafts: PatientDrafts, log: FindingLog): void {
  const owners = new Map<string, PatientDraft[]>()
  for (const draft of drafts.drafts.values()) {
    const sample = drafts.value<string>(draft, 'sample')
    if (sample !== null) owners.set(sample, [...(owners.get(sample) ?? []), draft])
  }
  for (const shared of owners.values())
    if (shared.length > 1)
      for (const draft of shared) {
        log.add('sample_shared', draft.values.get('sample')?.place ?? draft.place, {
          was: drafts.value<string>(draft, 'sample'),
        })
        drafts.clear(draft, 'sample')
      }
}
