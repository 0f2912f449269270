import { byCodeUnit } from './order.ts'

/** One person as matching sees them: no genotype, and nothing measured after the nadir. */
export interface MatchPerson {
  patient: string
  role: 'case' | 'control'
  /** Variables of the distance and of calipers, by name; null where unknown. */
  variables: Readonly<Record<string, number | null>>
  /** Variables that must be equal, by name; null never equals anything. */
  exact: Readonly<Record<string, string | null>>
  /** Days from onset to the last day on which the person was known alive and under observation; null where unknown. */
  observedDays: number | null
  /** For a case, days from onset to the visit that confirmed the reversal. */
  confirmedDay: number | null
  /** Days from onset to the nadir, where there is one. */
  nadirDay?: number | null
  /** Days from onset on which a variable was measured, for those that have a day. */
  measuredDays?: Readonly<Record<string, number | null>>
  /**
   * For a control, what a variable was at each visit: days from onset, ascending, and values. Beside a case it counts as it stood at
   * that case's nadir, not as it is known today; `variables` holds the value over all visits.
   */
  timed?: Readonly<Record<string, TimedVariable>>
}

export interface TimedVariable {
  days: readonly number[]
  values: readonly number[]
}

export interface MatchingOptions {
  /** Controls a case, at most. */
  ratio: number
  /** Names in `exact` that are enforced. */
  exact: readonly string[]
  /** Largest allowed absolute difference of a variable, in its own units; of `propensity`, in standard deviations of the logit. */
  calipers: Readonly<Record<string, number>>
  distance: 'mahalanobis' | 'propensity'
}

/** The caliper that is no variable of its own: the propensity's logit. */
export const propensityName = 'propensity'

/** A variable of a control as it stood on a day after onset: at the last visit until then, or at the first visit when there was none. */
export function valueAt(person: MatchPerson, name: string, day: number | null): number | null {
  const timed = person.timed?.[name]
  if (timed === undefined || timed.days.length === 0 || day === null) return person.variables[name] ?? null
  let at = 0
  for (let i = 1; i < timed.days.length && timed.days[i] <= day; i++) at = i
  return timed.values[at]
}

/** Names of all variables of all people, in one order. */
export const variableNames = (people: readonly MatchPerson[]): string[] =>
  [...new Set(people.flatMap((p) => Object.keys(p.variables)))].sort(byCodeUnit)
