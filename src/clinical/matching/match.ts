import { UpturnError } from '../../errors/index.ts'
import type { Balance, MatchingLoss, MatchingSummary, MatchRow } from '../../results/matching.ts'
import { assign } from '../../statistics/assignment/index.ts'
import { balance } from './balance.ts'
import { pairDistances } from './distance.ts'
import { lossOfCase } from './losses.ts'
import { byCodeUnit } from './order.ts'
import { type MatchingOptions, type MatchPerson, propensityName, variableNames } from './person.ts'

export interface Matching {
  rows: MatchRow[]
  summary: MatchingSummary
}

/**
 * Matched sets of one case and up to `ratio` controls with the smallest total distance, within risk sets: a control is eligible
 * for a case only when it was alive and under observation at least as many days after onset as the case needed to be confirmed (no
 * immortal time). Exact variables must be equal and calipers must hold. Everyone gets a first control before anyone gets a second. A person with
 * a missing variable cannot be matched, and says so in the counts. Ties are decided by id, so the order of `people` does not matter.
 *
 * Balance is taken over the people with complete variables: all of them before, the matched ones after. Refuses two people of one id, a variable that was
 * measured after a person's nadir, and calipers or exact variables that nobody has. Cases that stay short of controls are named with the rule that left them so.
 */
export function matchControls(people: readonly MatchPerson[], options: MatchingOptions): Matching {
  const names = variableNames(people)
  check(people, names, options)
  const sorted = [...people].sort((a, b) => byCodeUnit(a.patient, b.patient))
  const missing = (p: MatchPerson): string[] => [
    ...names.filter((name) => !isFiniteNumber(p.variables[name])),
    ...options.exact.filter((name) => (p.exact[name] ?? null) === null),
  ]
  const isComplete = (p: MatchPerson): boolean => missing(p).length === 0
  const cases = sorted.filter((p) => p.role === 'case' && isComplete(p) && p.confirmedDay !== null)
  const complete = sorted.filter((p) => p.role === 'control' && isComplete(p))
  const controls = complete.filter((p) => p.observedDays !== null)

  const pairs = pairDistances(cases, complete, names, options)
  const atRisk = (c: MatchPerson, k: MatchPerson): boolean => (k.observedDays as number) >= (c.confirmedDay as number)
  const isEqual = (c: MatchPerson, k: MatchPerson): boolean =>
    options.exact.every((name) => c.exact[name] === k.exact[name])
  const columnOf = new Map(complete.map((p, j) => [p.patient, j]))
  const column = (k: MatchPerson): number => columnOf.get(k.patient) as number
  const calipers = Object.entries(options.calipers).map(([name, width]) => ({ name, width, at: names.indexOf(name) }))
  const difference = (i: number, at: number, k: MatchPerson): number =>
    at < 0
      ? (pairs.propensity as Float64Array)[i * complete.length + column(k)]
      : Math.abs((cases[i].variables[names[at]] as number) - pairs.valuesOf(i, column(k))[at])
  const cost = new Float64Array(cases.length * controls.length)
  cases.forEach((c, i) => {
    controls.forEach((k, j) => {
      const allowed = atRisk(c, k) && isEqual(c, k) && calipers.every(({ width, at }) => difference(i, at, k) <= width)
      cost[i * controls.length + j] = allowed ? pairs.distances[i * complete.length + column(k)] : Infinity
    })
  })
  const assignment = assign(cost, cases.length, controls.length, options.ratio)

  const rows: MatchRow[] = []
  const sets: MatchingSummary['sets'] = []
  const losses: MatchingLoss[] = []
  const weights = new Map<string, number>()
  const beside = new Map<string, readonly number[]>()
  const unmatched: string[] = []
  const longest = controls.reduce((most, k) => Math.max(most, k.observedDays as number), 0)
  for (const p of sorted) {
    if (p.role !== 'case' || cases.includes(p)) continue
    unmatched.push(p.patient)
    losses.push(lossOutside(p, missing(p), options.ratio))
  }
  cases.forEach((c, i) => {
    const chosen = assignment.columns[i]
    const risk = controls.filter((k) => atRisk(c, k))
    const equal = risk.filter((k) => isEqual(c, k))
    const eligible = controls.filter((_, j) => cost[i * controls.length + j] < Infinity).length
    const set = chosen.length === 0 ? null : sets.filter((s) => s.set !== null).length + 1
    sets.push({
      set,
      case: c.patient,
      confirmedDay: c.confirmedDay as number,
      atRisk: risk.length,
      eligible,
      matched: chosen.length,
    })
    const loss = lossOfCase(c, risk, equal, eligible, chosen.length, longest, options, (name, k) =>
      difference(i, names.indexOf(name), k),
    )
    if (loss !== null) losses.push(loss)
    if (set === null) {
      unmatched.push(c.patient)
      return
    }
    weights.set(c.patient, 1)
    rows.push({ set, patient: c.patient, role: 'case', distance: 0 })
    for (const j of chosen) {
      weights.set(controls[j].patient, 1 / chosen.length)
      beside.set(controls[j].patient, pairs.valuesOf(i, column(controls[j])))
      rows.push({ set, patient: controls[j].patient, role: 'control', distance: cost[i * controls.length + j] })
    }
  })

  const weigh = (group: readonly MatchPerson[], value: (p: MatchPerson) => number, at = -1) =>
    group.map((p) => ({
      value: value(p),
      weight: weights.get(p.patient) ?? 0,
      ...(at >= 0 && beside.has(p.patient) && { after: (beside.get(p.patient) as readonly number[])[at] }),
    }))
  const numeric = names.map((name, at) => {
    const value = (p: MatchPerson): number => p.variables[name] as number
    return balance(name, weigh(cases, value), weigh(complete, value, at))
  })
  const indicators = options.exact.flatMap((name) => {
    const levels = [...new Set([...cases, ...complete].map((p) => p.exact[name] as string))].sort(byCodeUnit)
    return (levels.length === 2 ? levels.slice(0, 1) : levels).flatMap((level) => {
      const named = `${name}: ${level}`
      if (names.includes(named)) return []
      const value = (p: MatchPerson): number => (p.exact[name] === level ? 1 : 0)
      return [balance(named, weigh(cases, value), weigh(complete, value))]
    })
  })
  const table = [...numeric, ...indicators]
  losses.sort((a, b) => byCodeUnit(a.case, b.case))
  const allCases = sorted.filter((p) => p.role === 'case').length
  const matchedCases = rows.filter((r) => r.role === 'case').length
  return {
    rows,
    summary: {
      method: describe(names, pairs.left, pairs.firstVisitPairs > 0, options),
      ratio: options.ratio,
      cases: allCases,
      matchedCases,
      controlsEligible: controls.filter((_, j) => cases.some((_c, i) => cost[i * controls.length + j] < Infinity))
        .length,
      controlsMatched: rows.filter((r) => r.role === 'control').length,
      controlsNotAtRisk: complete.length - controls.filter((k) => cases.some((c) => atRisk(c, k))).length,
      controlsIncomplete: sorted.filter((p) => p.role === 'control').length - complete.length,
      totalDistance: assignment.total,
      balance: table,
      notes: [...imbalances(table, matchedCases > 0), ...unmatchedNote(allCases - matchedCases, allCases)],
      unmatched: unmatched.sort(byCodeUnit),
      losses,
      variables: names,
      sets,
    },
  }
}

/** A case that could not enter at all. */
function lossOutside(p: MatchPerson, missing: readonly string[], wanted: number): MatchingLoss {
  const rule = missing.length > 0 ? ('variable_missing' as const) : ('not_confirmed' as const)
  const reason =
    missing.length > 0
      ? `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing.`
      : 'the day of confirmation after onset is not known, so its risk set is not either.'
  return { case: p.patient, wanted, matched: 0, rule, reason: `${p.patient}: ${reason}` }
}

function unmatchedNote(unmatched: number, cases: number): string[] {
  if (unmatched === 0 || cases === 0) return []
  return [
    `${unmatched} of ${cases} cases have no control, so what is found in matched sets speaks of the other ${cases - unmatched} only.`,
  ]
}

/** Standardised difference beyond which a variable is named as still different, and the variance ratios between which it is not. */
const noticeable = 0.25
const spreads: readonly [number, number] = [0.5, 2]

function imbalances(balances: readonly Balance[], matched: boolean): string[] {
  if (!matched) return []
  const notes: string[] = []
  const left = balances.filter((b) => Math.abs(b.smdAfter) > noticeable)
  if (left.length > 0) {
    const named = left.map((b) => `${b.variable} (${b.smdAfter.toFixed(2)})`).join(', ')
    notes.push(
      `Cases and matched controls still differ by more than ${noticeable} standard deviations in ${named}: fewer controls a case or a caliper would bring them closer, and covariates remain needed.`,
    )
  }
  const spread = balances.filter((b) => {
    const ratio = b.varianceRatioAfter ?? null
    return ratio !== null && (ratio < spreads[0] || ratio > spreads[1])
  })
  if (spread.length > 0)
    notes.push(
      `The spread of ${spread.map((b) => `${b.variable} (variance ratio ${(b.varianceRatioAfter as number).toFixed(2)})`).join(', ')} is not that of the matched controls.`,
    )
  return notes
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
    if (name !== propensityName && !names.includes(name))
      throw new UpturnError(
        'BadArgument',
        `there is no matching variable ${name} for the caliper: known are ${[...names, propensityName].join(', ')}`,
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

function describe(
  names: readonly string[],
  left: readonly string[],
  firstVisits: boolean,
  options: MatchingOptions,
): string {
  const used = names.filter((name) => !left.includes(name))
  const distance =
    options.distance === 'propensity' ? 'distance of the propensity’s logit (Firth)' : 'Mahalanobis distance'
  const how = options.distance === 'propensity' ? '' : ' (covariance pooled within groups)'
  const parts = [
    `Optimal matching of up to ${options.ratio} control${options.ratio === 1 ? '' : 's'} a case with the smallest total ${distance}`,
    used.length === 0 ? ' (no variable: every distance is 0)' : ` on ${used.join(', ')}${how}`,
    options.exact.length === 0 ? '' : `, equal ${options.exact.join(', ')}`,
    ...Object.entries(options.calipers).map(
      ([name, width]) => `, ${name} within ${width}${name === propensityName ? ' standard deviations' : ''}`,
    ),
    '; a control was alive and under observation at least as long after onset as its case needed to be confirmed',
    '; nothing measured after the nadir was used',
    firstVisits
      ? ' (a control’s rate is that of its last visit before its case’s nadir, or of its first visit where none was earlier)'
      : '',
    left.length === 0
      ? '.'
      : `. ${left.join(', ')} did not vary within the groups and ${left.length === 1 ? 'was' : 'were'} left out of the distance.`,
  ]
  return parts.join('')
}
