import type { Patient } from '../../results/clinical.ts'

/** Days of symptoms that were under observation: from onset to the last visit, or to death where that is later. */
export function observedDays(patient: Patient): number | null {
  if (patient.onset_day === null) return null
  const last = lastObservedDay(patient)
  return last === null ? null : last - patient.onset_day
}

/** The last day on which it is known whether the person was alive. */
export function lastObservedDay(patient: Patient): number | null {
  if (patient.last_visit_day === null) return patient.death_day
  return patient.death_day === null ? patient.last_visit_day : Math.max(patient.last_visit_day, patient.death_day)
}

/** Days under observation by visits: from the first to the last. */
export function followUpDays(patient: Patient): number | null {
  if (patient.first_visit_day === null || patient.last_visit_day === null) return null
  return patient.last_visit_day - patient.first_visit_day
}
