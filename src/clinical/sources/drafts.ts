import type { Patient } from '../../results/clinical.ts'
import type { FindingLog, Place } from './findings.ts'

type Field = Exclude<
  keyof Patient,
  'patient' | 'cohort' | 'first_visit_day' | 'last_visit_day' | 'onset_uncertainty_days'
>
type FieldValue = string | number | boolean

/** A person while rows about them are gathered. */
export interface PatientDraft {
  values: Map<Field, { value: FieldValue; place: Place }>
  contradicted: Set<Field>
  /** Age in years at day 0, and where it was read. */
  age: number | null
  agePlace: Place | null
  ageFromBirth: boolean
  /** First and last day that onset can have been, where only its year or month is known. */
  onset: { earliest: number; latest: number; place: Place } | null
  /** Where the person was first met. */
  place: Place
}

export class PatientDrafts {
  readonly drafts = new Map<string, PatientDraft>()
  readonly #log: FindingLog

  constructor(log: FindingLog) {
    this.#log = log
  }

  of(patient: string, place: Place): PatientDraft {
    let draft = this.drafts.get(patient)
    if (draft === undefined) {
      draft = {
        values: new Map(),
        contradicted: new Set(),
        age: null,
        agePlace: null,
        ageFromBirth: false,
        onset: null,
        place,
      }
      this.drafts.set(patient, draft)
    }
    return draft
  }

  /** Records a value that a person can have only once; contradicting rows leave it empty. */
  set(draft: PatientDraft, field: Field, value: FieldValue | null, place: Place): void {
    if (value === null) return
    const before = draft.values.get(field)
    if (before === undefined) draft.values.set(field, { value, place })
    else if (before.value !== value) {
      draft.contradicted.add(field)
      this.#log.add('patient_conflict', place, {
        was: `${String(value)}, but ${String(before.value)} in line ${before.place.line}${before.place.file === place.file ? '' : ` of ${before.place.file}`}`,
      })
    }
  }

  /**
   * Age at day 0 in years; a row that says otherwise leaves it empty. An age and a date of birth may differ by a year, since ages are
   * told in whole years.
   */
  setAge(draft: PatientDraft, age: number | null, place: Place, fromBirth = false): void {
    if (age === null) return
    if (draft.agePlace === null) {
      draft.age = age
      draft.agePlace = place
      draft.ageFromBirth = fromBirth
    } else if (draft.age === null || Math.abs(draft.age - age) > (fromBirth === draft.ageFromBirth ? 0 : 1)) {
      const before = draft.age === null ? 'other ages' : `${draft.age} in line ${draft.agePlace.line}`
      this.#log.add('patient_conflict', place, { was: `${age}, but ${before}` })
      draft.age = null
    }
  }

  /** Onset known by year or month only. Of several rows the periods are cut with each other; what does not overlap is a conflict. */
  setOnsetPeriod(draft: PatientDraft, earliest: number, latest: number, place: Place): void {
    const before = draft.onset
    const period = {
      earliest: Math.max(before?.earliest ?? earliest, earliest),
      latest: Math.min(before?.latest ?? latest, latest),
      place: before?.place ?? place,
    }
    if (period.earliest > period.latest) {
      draft.contradicted.add('onset_day')
      this.#log.add('patient_conflict', place)
    } else draft.onset = period
  }

  value<T extends FieldValue>(draft: PatientDraft, field: Field): T | null {
    if (draft.contradicted.has(field)) return null
    return (draft.values.get(field)?.value as T | undefined) ?? null
  }

  clear(draft: PatientDraft, field: Field): void {
    draft.values.delete(field)
  }
}
