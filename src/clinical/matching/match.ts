import { UpturnError } from '../../errors/index.ts'
import type { Balance, MatchingSummary, MatchRow } from '../../results/matching.ts'
import { assign } from '../../statistics/assignment/index.ts'
import { balance } from './balance.ts'
import { mahalanobisDistances } from './mahalanobis.ts'

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
}

export interface MatchingOptions {
  /** Controls a case, at most. */
  ratio: number
  /** Names in `exact` that are enforced. */
  exact: readonly string[]
  /** Largest allowed absolute difference of a variable, in its own units. */
  calipers: Readonly<Record<string, number>>
  distance: 'mahalanobis'
}

export interface Matching {
  rows: MatchRow[]
  summary: MatchingSummary
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * Matched sets of one case and up to `ratio` controls with the smallest total Mahalanobis distance, within risk sets: a control is eligible
 * for a case only when it was alive and under observation at least as many days after onset as the case needed to be confirmed (no
 * immortal time). Exact variables must be equal and calipers must hold. Everyone gets a first control before anyone gets a second. A person with
 * a missing variable cannot be matched, and says so in the counts. Ties are decided by id, so the order of `people` does not matter.
 *
 * Balance is taken over the people with complete variables: all of them before, the matched ones after. Refuses two people of one id, a variable that was
 * measured after a person's nadir, and calipers or exact variables that nobody has.
 */
export function matchControls(people: readonly MatchPerson[], options: MatchingOptions): Matching {
  const names = [...new Set(people.flatMap((p) => Object.keys(p.variables)))].sort(byCodeUnit)
  check(people, names, options)
  const sorted = [...people].sort((a, b) => byCodeUnit(a.patient, b.patient))
  const isComplete = (p: MatchPerson): boolean =>
    names.every((name) => isFiniteNumber(p.variables[name])) &&
    options.exact.every((name) => (p.exact[name] ?? null) !== null)
  const cases = sorted.filter((p) => p.role === 'case' && isComplete(p) && p.confirmedDay !== null)
  const complete = sorted.filter((p) => p.role === 'control' && isComplete(p))
  const controls = complete.filter((p) => p.observedDays !== null)
  const values = (p: MatchPerson): number[] => names.map((name) => p.variables[name] as number)

  const distance = mahalanobisDistances(cases.map(values), complete.map(values), names)
  const atRisk = (c: MatchPerson, k: MatchPerson): boolean => (k.observedDays as number) >= (c.confirmedDay as number)
  const allowed = (c: MatchPerson, k: MatchPerson): boolean =>
    atRisk(c, k) &&
    options.exact.every((name) => c.exact[name] === k.exact[name]) &&
    Object.entries(options.calipers).every(
      ([name, width]) => Math.abs((c.variables[name] as number) - (k.variables[name] as number)) <= width,
    )
  const columnOf = new Map(complete.map((p, j) => [p.patient, j]))
  const cost = new Float64Array(cases.length * controls.length)
  cases.forEach((c, i) => {
    controls.forEach((k, j) => {
      const d = distance.distances[i * complete.length + (columnOf.get(k.patient) as number)]
      cost[i * controls.length + j] = allowed(c, k) ? d : Infinity
    })
  })
  const assignment = assign(cost, cases.length, controls.length, options.ratio)

  const rows: MatchRow[] = []
  const sets: MatchingSummary['sets'] = []
  const weights = new Map<string, number>()
  const unmatched = sorted.filter((p) => p.role === 'case' && !cases.includes(p)).map((p) => p.patient)
  cases.forEach((c, i) => {
    const chosen = assignment.columns[i]
    const eligible = controls.filter((_, j) => cost[i * controls.length + j] < Infinity).length
    const set = chosen.length === 0 ? null : sets.filter((s) => s.set !== null).length + 1
    sets.push({
      set,
      case: c.patient,
      confirmedDay: c.confirmedDay as number,
      atRisk: controls.filter((k) => atRisk(c, k)).length,
      eligible,
      matched: chosen.length,
    })
    if (set === null) {
      unmatched.push(c.patient)
      return
    }
    weights.set(c.patient, 1)
    rows.push({ set, patient: c.patient, role: 'case', distance: 0 })
    for (const j of chosen) {
      weights.set(controls[j].patient, 1 / chosen.length)
      rows.push({ set, patient: controls[j].patient, role: 'control', distance: cost[i * controls.length + j] })
    }
  })

  const weigh = (group: readonly MatchPerson[], value: (p: MatchPerson) => number) =>
    group.map((p) => ({ value: value(p), weight: weights.get(p.patient) ?? 0 }))
  const numeric = names.map((name) => {
    const value = (p: MatchPerson): number => p.variables[name] as number
    return balance(name, weigh(cases, value), weigh(complete, value))
  })
  const indicators = options.exact.flatMap((name) => {
    const levels = [...new Set([...cases, ...complete].map((p) => p.exact[name] as string))].sort(byCodeUnit)
    return (levels.length === 2 ? levels.slice(0, 1) : levels).map((level) => {
      const value = (p: MatchPerson): number => (p.exact[name] === level ? 1 : 0)
      return balance(`${name}: ${level}`, weigh(cases, value), weigh(complete, value))
    })
  })
  const left = names.filter((_, v) => !distance.variables.includes(v))
  return {
    rows,
    summary: {
      method: describe(names, left, options),
      ratio: options.ratio,
      cases: sorted.filter((p) => p.role === 'case').length,
      matchedCases: rows.filter((r) => r.role === 'case').length,
      controlsEligible: controls.filter((_, j) => cases.some((_, i) => cost[i * controls.length + j] < Infinity))
        .length,
      controlsMatched: rows.filter((r) => r.role === 'control').length,
      controlsNotAtRisk: complete.length - controls.filter((k) => cases.some((c) => atRisk(c, k))).length,
      controlsIncomplete: sorted.filter((p) => p.role === 'control').length - complete.length,
      totalDistance: assignment.total,
      balance: [...numeric, ...indicators],
      notes: imbalances([...numeric, ...indicators], rows.length > 0),
      unmatched: unmatched.sort(byCodeUnit),
      sets,
    },
  }
}

/** Standardised difference beyond which a variable is named as still different. */
const noticeable = 0.25

function imbalances(balances: readonly Balance[], matched: boolean): string[] {
  const left = balances.filter((b) => Math.abs(b.smdAfter) > noticeable)
  if (!matched || left.length === 0) return []
  const named = left.map((b) => `${b.variable} (${b.smdAfter.toFixed(2)})`).join(', ')
  return [
    `Cases and matched controls still differ by more than ${noticeable} standard deviations in ${named}: fewer controls a case or a caliper would bring them closer, and covariates remain needed.`,
  ]
}

const isFiniteNumber = (value: number | null | undefined): value is number =>
  value !== null && value !== undefined && Number.isFinite(value)

function check(people: readonly MatchPerson[], names: readonly string[], options: MatchingOptions): void {
  const seen = new Set<string>()
  for (const p of people) {
    if (seen.has(p.patient))
      throw new UpturnError('BadArgument', `${p.patient} stands twice among the people to match: keep one row a person`)
    seen.add(p.patient)
    const nadir = p.nadirDay ?? null
    if (nadir === null) continue
    for (const [name, day] of Object.entries(p.measuredDays ?? {}))
      if (day !== null && day > nadir)
        throw new UpturnError(
          'BadArgument',
          `${name} of ${p.patient} was measured on day ${day}, after the nadir on day ${nadir}: match on nothing that the outcome may have changed`,
        )
  }
  if (!Number.isInteger(options.ratio) || options.ratio < 1)
    throw new UpturnError(
      'BadArgument',
      `matching.ratio is ${options.ratio}: give a whole number of controls a case, 1 or more`,
    )
  for (const [name, width] of Object.entries(options.calipers)) {
    if (!names.includes(name))
      throw new UpturnError(
        'BadArgument',
        `there is no matching variable ${name} for the caliper: known are ${names.join(', ')}`,
      )
    if (!(width >= 0)) throw new UpturnError('BadArgument', `the caliper of ${name} is ${width}: give 0 or more`)
  }
  for (const name of options.exact)
    if (people.length > 0 && !people.some((p) => name in p.exact))
      throw new UpturnError(
        'BadArgument',
        `nobody has the variable ${name} that must be equal: leave it out of matching.exact`,
      )
}

function describe(names: readonly string[], left: readonly string[], options: MatchingOptions): string {
  const used = names.filter((name) => !left.includes(name))
  const parts = [
    `Optimal matching of up to ${options.ratio} controls a case with the smallest total Mahalanobis distance`,
    used.length === 0
      ? ' (no variable: every distance is 0)'
      : ` on ${used.join(', ')} (covariance pooled within groups)`,
    options.exact.length === 0 ? '' : `, equal ${options.exact.join(', ')}`,
    ...Object.entries(options.calipers).map(([name, width]) => `, ${name} within ${width}`),
    '; a control was alive and under observation at least as long after onset as its case needed to be confirmed',
    '; nothing measured after the nadir was used',
    left.length === 0 ? '.' : `. ${left.join(', ')} did not vary and was left out of the distance.`,
  ]
  return parts.join('')
}
