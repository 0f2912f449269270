import type { LabValue } from '../../results/clinical.ts'
import { olsSlope, type Slope } from './slopes.ts'

/** Vital capacity in percent of what is normal, as laboratory values are named. */
export const vitalCapacityTests: readonly string[] = ['FVC_PERCENT', 'SVC_PERCENT']

/** One person's values of one test in one unit, one a day, by day. */
export interface Series {
  test: string
  unit: string
  days: number[]
  scores: number[]
}

/**
 * Every test's values of one person, tests and units apart, those beyond a limit of detection left out. Of several on one day the best counts, which is the
 * highest, or the lowest where `lower` is better.
 */
export function seriesOf(labs: readonly LabValue[], tests: readonly string[], lower = false): Series[] {
  const found = new Map<string, Series>()
  const sorted = labs.filter((lab) => lab.qualifier === '' && tests.includes(lab.test)).sort((a, b) => a.day - b.day)
  for (const { test, unit, day, value } of sorted) {
    const key = `${test}\n${unit}`
    const series = found.get(key) ?? { test, unit, days: [], scores: [] }
    found.set(key, series)
    const last = series.days.length - 1
    if (series.days[last] !== day) {
      series.days.push(day)
      series.scores.push(value)
    } else if (lower ? value < series.scores[last] : value > series.scores[last]) series.scores[last] = value
  }
  return [...found.values()].sort((a, b) => {
    const at = tests.indexOf(a.test) - tests.indexOf(b.test)
    return at !== 0 ? at : a.unit < b.unit ? -1 : 1
  })
}

export interface VitalCapacity {
  test: string
  values: number
  first: number
  last: number
  firstDay: number
  lastDay: number
  /** Percent of normal a month; null with one value. */
  slope: Slope | null
}

/** A person's vital capacity: forced or slow, whichever was measured on more days (forced when equal), never mixed; null without values. */
export function vitalCapacity(labs: readonly LabValue[]): VitalCapacity | null {
  const series = seriesOf(labs, vitalCapacityTests)
  if (series.length === 0) return null
  const best = series.reduce((a, b) => (b.days.length > a.days.length ? b : a))
  const n = best.days.length
  return {
    test: best.test,
    values: n,
    first: best.scores[0],
    last: best.scores[n - 1],
    firstDay: best.days[0],
    lastDay: best.days[n - 1],
    slope: olsSlope(best, 0, n - 1),
  }
}
