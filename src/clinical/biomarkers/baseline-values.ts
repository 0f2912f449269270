import { exp, log } from '../../numerics/special.ts'
import type { GroupRow, LabValue } from '../../results/clinical.ts'
import { conversion, reportedUnit, testName } from './units.ts'

/** One value of one person and test, in the reported unit. */
export interface BaselineValue {
  patient: string
  day: number
  value: number
  censoring: -1 | 0 | 1
  plate: string | null
}

export interface BaselineTest {
  /** Sorted by person. */
  values: BaselineValue[]
  /** Reversals whose only values come after the nadir. */
  afterNadir: number
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Every usable value of one test in its reported unit, by person and day, and what could not be used. */
export interface TestValues {
  name: string
  unit: string
  /** Sorted by person and day; of several on one day one stands for all. */
  values: BaselineValue[]
  /** Units that were converted, with the factor, and units that were refused because no conversion is known. */
  converted: { unit: string; factor: number; values: number }[]
  refused: { unit: string; values: number }[]
  /** Values that are not positive, which have no logarithm. */
  notPositive: number
}

/**
 * The values of every test that people have, each in one unit. A unit that cannot be brought to the test's is refused: its values are counted and left
 * out. Of several values of one day the geometric mean of the measured ones stands, or where none was measured the lowest limit.
 */
export function testValues(labs: readonly LabValue[], has: (patient: string) => boolean): TestValues[] {
  const tests = new Map<string, LabValue[]>()
  for (const lab of labs) {
    if (!has(lab.patient) || !Number.isFinite(lab.value)) continue
    const name = testName(lab.test)
    const list = tests.get(name)
    if (list === undefined) tests.set(name, [lab])
    else list.push(lab)
  }
  return [...tests.keys()].sort(byCodeUnit).map((name) => oneTest(name, tests.get(name) as LabValue[]))
}

function oneTest(name: string, labs: readonly LabValue[]): TestValues {
  const unit = reportedUnit(
    name,
    labs.map((lab) => lab.unit),
  )
  const converted = new Map<string, { factor: number; values: number }>()
  const refused = new Map<string, number>()
  const byDay = new Map<string, BaselineValue[]>()
  let notPositive = 0
  for (const lab of labs) {
    const factor = conversion(name, lab.unit, unit)
    if (factor === null) refused.set(lab.unit, (refused.get(lab.unit) ?? 0) + 1)
    else if (!(lab.value > 0)) notPositive++
    else {
      if (factor !== 1) {
        const entry = converted.get(lab.unit) ?? { factor, values: 0 }
        entry.values++
        converted.set(lab.unit, entry)
      }
      const value: BaselineValue = {
        patient: lab.patient,
        day: lab.day,
        value: lab.value * factor,
        censoring: lab.qualifier === '<' ? -1 : lab.qualifier === '>' ? 1 : 0,
        plate: lab.plate ?? null,
      }
      const key = JSON.stringify([lab.patient, lab.day])
      const held = byDay.get(key)
      if (held === undefined) byDay.set(key, [value])
      else held.push(value)
    }
  }
  return {
    name,
    unit,
    values: [...byDay.values()].map(oneOfDay).sort((a, b) => byCodeUnit(a.patient, b.patient) || a.day - b.day),
    converted: [...converted]
      .map(([from, rest]) => ({ unit: from, ...rest }))
      .sort((a, b) => byCodeUnit(a.unit, b.unit)),
    refused: [...refused].map(([from, values]) => ({ unit: from, values })).sort((a, b) => byCodeUnit(a.unit, b.unit)),
    notPositive,
  }
}

/** What stands for the values of one day; the plate is that of the first by name. */
function oneOfDay(values: readonly BaselineValue[]): BaselineValue {
  if (values.length === 1) return values[0]
  const plates = values.map(({ plate }) => plate).filter((plate) => plate !== null)
  const plate = plates.length === 0 ? null : plates.sort(byCodeUnit)[0]
  const measured = values.filter(({ censoring }) => censoring === 0).map(({ value }) => value)
  const [first] = values
  if (measured.length > 0) {
    const sorted = measured.toSorted((a, b) => a - b)
    const mean = sorted.every((value) => value === sorted[0])
      ? sorted[0]
      : exp(sorted.reduce((sum, value) => sum + log(value), 0) / sorted.length)
    return { ...first, value: mean, censoring: 0, plate }
  }
  const lowest = values.toSorted((a, b) => a.value - b.value || a.censoring - b.censoring)[0]
  return { ...lowest, plate }
}

/**
 * One value a person: the earliest, and for a person whose group is `reversal` the earliest at or before the nadir, because a
 * value taken during recovery may be its consequence. A reversal without such a value has none and is counted.
 */
export function baselineOf(test: TestValues, groups: ReadonlyMap<string, GroupRow>): BaselineTest {
  const found = new Map<string, BaselineValue>()
  const late = new Set<string>()
  for (const value of test.values) {
    const group = groups.get(value.patient)
    if (group === undefined) continue
    if (group.group === 'reversal' && group.nadir_day !== null && value.day > group.nadir_day) late.add(value.patient)
    else if (!found.has(value.patient)) found.set(value.patient, value)
  }
  return { values: [...found.values()], afterNadir: [...late].filter((patient) => !found.has(patient)).length }
}
