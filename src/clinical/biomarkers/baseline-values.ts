import type { GroupRow, LabValue } from '../../results/clinical.ts'

/** One value a person of one test, in one unit. */
export interface BaselineValue {
  patient: string
  day: number
  value: number
  censoring: -1 | 0 | 1
}

export interface BaselineTest {
  name: string
  unit: string
  values: BaselineValue[]
  /** People whose only values come after the nadir. */
  afterNadir: number
  /** Values in a unit that could not be converted. */
  otherUnits: number
  /** Values that are not positive, which have no logarithm. */
  notPositive: number
}

/** Factors to the unit in which a test is reported; upper-case test names, lower-case units. 1 nmol/L of IGF-1 (7649 Da) is 7.65 ng/mL. */
const conversions: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'IGF-1': { 'ng/ml': 1, 'ug/l': 1, 'µg/l': 1, 'μg/l': 1, 'nmol/l': 7.65 },
}

const spellings: ReadonlyMap<string, string> = new Map(
  [
    'IGF1',
    'IGF-I',
    'IGF I',
    'IGF 1',
    'INSULIN-LIKE GROWTH FACTOR 1',
    'INSULIN-LIKE GROWTH FACTOR I',
    'SOMATOMEDIN C',
  ].map((name) => [name, 'IGF-1']),
)

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The name under which a test is reported: the spellings of IGF-1 are one test, free IGF-1 is another. */
export function testName(source: string): string {
  const name = source.trim().toUpperCase()
  return spellings.get(name) ?? name
}

/**
 * One value a person and test: the earliest, and for a person whose group is `reversal` the earliest at or before the nadir, because a
 * value taken during recovery may be its consequence. Of two on one day the lower. A reversal without such a value has none and is counted.
 * Values are brought to one unit: the one of the conversion table, else the most frequent.
 */
export function baselineValues(labs: readonly LabValue[], groups: ReadonlyMap<string, GroupRow>): BaselineTest[] {
  const tests = new Map<string, LabValue[]>()
  for (const lab of labs) {
    if (!groups.has(lab.patient) || !Number.isFinite(lab.value)) continue
    const name = testName(lab.test)
    const list = tests.get(name)
    if (list === undefined) tests.set(name, [lab])
    else list.push(lab)
  }
  return [...tests.keys()].sort(byCodeUnit).map((name) => oneTest(name, tests.get(name) as LabValue[], groups))
}

function oneTest(name: string, labs: readonly LabValue[], groups: ReadonlyMap<string, GroupRow>): BaselineTest {
  const { unit, factor } = unitOf(name, labs)
  const found = new Map<string, BaselineValue>()
  const late = new Set<string>()
  let otherUnits = 0
  let notPositive = 0
  for (const lab of labs) {
    const scale = factor(lab.unit)
    if (scale === null) otherUnits++
    else if (!(lab.value > 0)) notPositive++
    else {
      const group = groups.get(lab.patient) as GroupRow
      if (group.group === 'reversal' && group.nadir_day !== null && lab.day > group.nadir_day) {
        late.add(lab.patient)
        continue
      }
      const value: BaselineValue = {
        patient: lab.patient,
        day: lab.day,
        value: lab.value * scale,
        censoring: lab.qualifier === '<' ? -1 : lab.qualifier === '>' ? 1 : 0,
      }
      const held = found.get(lab.patient)
      if (held === undefined || isBefore(value, held)) found.set(lab.patient, value)
    }
  }
  return {
    name,
    unit,
    values: [...found.values()].sort((a, b) => byCodeUnit(a.patient, b.patient)),
    afterNadir: [...late].filter((patient) => !found.has(patient)).length,
    otherUnits,
    notPositive,
  }
}

function isBefore(a: BaselineValue, b: BaselineValue): boolean {
  return a.day - b.day < 0 || (a.day === b.day && (a.value - b.value || a.censoring - b.censoring) < 0)
}

function unitOf(name: string, labs: readonly LabValue[]): { unit: string; factor: (unit: string) => number | null } {
  const key = (unit: string): string => unit.trim().toLowerCase()
  const table = conversions[name]
  if (table !== undefined && labs.some((lab) => table[key(lab.unit)] !== undefined))
    return { unit: 'ng/mL', factor: (unit) => table[key(unit)] ?? null }
  const counts = new Map<string, { spelling: string; n: number }>()
  for (const lab of labs) {
    const entry = counts.get(key(lab.unit)) ?? { spelling: lab.unit.trim(), n: 0 }
    entry.n++
    if (byCodeUnit(lab.unit.trim(), entry.spelling) < 0) entry.spelling = lab.unit.trim()
    counts.set(key(lab.unit), entry)
  }
  const most = [...counts.entries()].sort((a, b) => b[1].n - a[1].n || byCodeUnit(a[0], b[0]))[0]
  return { unit: most[1].spelling, factor: (unit) => (key(unit) === most[0] ? 1 : null) }
}
