import type { LabValue } from '../../results/clinical.ts'
import type { TableRow } from '../tables/index.ts'
import { type CellReader, isSentinel } from './cells.ts'
import type { FindingLog } from './findings.ts'

const result = /^(<=|>=|<|>|≤|≥)?\s*([-+0-9.,eE]+)$/

interface PatientLabs {
  labs: LabValue[]
  /** Line of each value in the file. */
  lines: number[]
}

/**
 * Gathers the laboratory values of one file by person. Strings that recur are held once and places are bare line
 * numbers, so that millions of rows fit in memory.
 */
export class LabCollector {
  readonly file: string
  readonly #byPatient = new Map<string, PatientLabs>()
  readonly #strings = new Map<string, string>()
  readonly #tests = new Map<string, string>()
  readonly #log: FindingLog

  constructor(file: string, log: FindingLog) {
    this.file = file
    this.#log = log
  }

  /** Reads one row: a number, or a limit such as `<25` or `> 500`. */
  read(
    cells: CellReader,
    row: TableRow,
    patient: string,
    day: number,
    at: { test: number; value: number; unit: number },
  ): void {
    const test = cells.text(row, at.test)
    const text = cells.text(row, at.value)
    if (test === null || text === null) return
    const match = result.exec(text)
    const value = match === null ? Number.NaN : cells.numberOf(row, at.value, match[2])
    if (value === undefined) return
    if (match === null || !Number.isFinite(value)) {
      if (/\d/.test(text)) cells.invalid(row, at.value)
      else cells.found('lab_text', row, at.value)
      return
    }
    if (isSentinel(value)) {
      cells.found('sentinel', row, at.value)
      return
    }
    const sign = match[1]
    const qualifier = sign === undefined ? '' : sign === '<' || sign === '<=' || sign === '≤' ? '<' : '>'
    if (qualifier !== '') cells.found('lab_qualified', row, at.value)
    this.add(patient, day, test, value, qualifier, cells.text(row, at.unit) ?? '', row.line)
  }

  add(
    patient: string,
    day: number,
    test: string,
    value: number,
    qualifier: LabValue['qualifier'],
    unit: string,
    line: number,
  ): void {
    const who = this.#shared(patient)
    const lab: LabValue = { patient: who, day, test: this.#test(test), value, qualifier, unit: this.#shared(unit) }
    const before = this.#byPatient.get(who)
    if (before === undefined) this.#byPatient.set(who, { labs: [lab], lines: [line] })
    else {
      before.labs.push(lab)
      before.lines.push(line)
    }
  }

  #shared(text: string): string {
    const before = this.#strings.get(text)
    if (before !== undefined) return before
    this.#strings.set(text, text)
    return text
  }

  #test(text: string): string {
    let name = this.#tests.get(text)
    if (name === undefined) {
      name = this.#shared(text.toUpperCase())
      this.#tests.set(text, name)
    }
    return name
  }

  patients(): IterableIterator<string> {
    return this.#byPatient.keys()
  }

  /** Each person's earliest day. */
  *earliest(): Generator<[patient: string, day: number]> {
    for (const [patient, { labs }] of this.#byPatient)
      yield [patient, labs.reduce((least, { day }) => Math.min(least, day), labs[0].day)]
  }

  /** Days are from now on counted from each person's own. */
  shift(origins: ReadonlyMap<string, number>): void {
    for (const [patient, { labs }] of this.#byPatient) {
      const origin = origins.get(patient) ?? 0
      for (const lab of labs) lab.day -= origin
    }
  }

  /** Gives up a person's values. */
  drop(patient: string): void {
    this.#byPatient.delete(patient)
  }

  /** Gives up one person's values by day and test: exact repeats count once, other repeats are kept and noted. */
  take(patient: string): LabValue[] {
    const { labs, lines } = this.#byPatient.get(patient) ?? { labs: [], lines: [] }
    this.#byPatient.delete(patient)
    const order = labs.map((_, index) => index).sort((a, b) => compareLabs(labs[a], labs[b]) || a - b)
    const kept: LabValue[] = []
    for (const index of order) {
      const lab = labs[index]
      const before = kept.at(-1)
      if (before !== undefined && before.day === lab.day && before.test === lab.test) {
        const same = compareLabs(before, lab) === 0
        this.#log.add(same ? 'duplicate_exact' : 'lab_repeated', { file: this.file, line: lines[index] })
        if (same) continue
      }
      kept.push(lab)
    }
    return kept
  }
}

/** The values of all files, sorted by person, then file, day and test. */
export function gatherLabs(collectors: readonly LabCollector[]): LabValue[] {
  const patients = new Set<string>()
  for (const collector of collectors) for (const patient of collector.patients()) patients.add(patient)
  const labs: LabValue[] = []
  for (const patient of [...patients].sort())
    for (const collector of collectors) for (const lab of collector.take(patient)) labs.push(lab)
  return labs
}

function compareLabs(a: LabValue, b: LabValue): number {
  if (a.day !== b.day) return a.day - b.day
  if (a.test !== b.test) return a.test < b.test ? -1 : 1
  if (a.unit !== b.unit) return a.unit < b.unit ? -1 : 1
  if (a.qualifier !== b.qualifier) return a.qualifier < b.qualifier ? -1 : 1
  return a.value - b.value
}
