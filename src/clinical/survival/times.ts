import type { Patient } from '../../results/clinical.ts'

/** Days from onset: under observation after `entry` up to and including `end`. */
export interface FollowUp {
  entry: number
  end: number
  /** 0 last seen alive, 1 reversal confirmed, 2 death. */
  status: 0 | 1 | 2
}

type Days = Pick<Patient, 'onset_day' | 'first_visit_day' | 'last_visit_day' | 'death_day'>

/**
 * Time from onset to death or the last visit, entered at the first visit: whoever came to a clinic had lived until then. With `confirmed`, the day of the
 * last visit that made the call, a reversal ends it there: nobody can be called reversed before that. A string says why there is no time.
 */
export function followUp(patient: Days, confirmed: number | null = null): FollowUp | string {
  const { onset_day: onset, first_visit_day: first, last_visit_day: last, death_day: death } = patient
  if (onset === null) return 'day of onset not known'
  if (first === null) return 'no visit'
  const seen = last ?? first
  const end = confirmed ?? death ?? seen
  if (end <= onset) return 'last seen by the recorded onset'
  // A visit before the recorded onset: observed from onset on.
  const entry = Math.max(0, first - onset)
  if (end - onset <= entry) return 'not seen again after the first visit'
  return { entry, end: end - onset, status: confirmed !== null ? 1 : death !== null ? 2 : 0 }
}
