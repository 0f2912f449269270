import type { LabValue } from '../../results/clinical.ts'
import type { TableRow } from '../tables/index.ts'
import { type CellReader, isSentinel } from './cells.ts'
import type { FindingLog } from './findings.ts'
import { Texts } from './texts.ts'

const result = /^(<=|>=|<|>|≤|≥)?\s*([-+0-9.,eE]+)$/

/** Words for a value outside what the assay can tell, where the limit stands in a column of its own. */
const belowLimit =
  /^(<\s*(lod|lloq|loq|llod|limit)|blq|blod|blloq|below (the )?(limit|lod|lloq|detection).*|not detected|undetectable)$/i
const aboveLimit = /^(>\s*(uloq|ulod|limit)|aloq|above (the )?(limit|uloq|range).*)$/i

const qualifiers = ['', '<', '>'] as const
const blockRows = 1 << 16

/** Values of one file in the order of its lines, a block of rows at a time: 29 bytes a value. */
interface Block {
  patient: Uint32Array
  day: Int32Array
  test: Uint32Array
  value: Float64Array
  qualifier: Uint8Array
  unit: Uint32Array
  line: Uint32Array
}

const newBlock = (): Block => ({
  patient: new Uint32Array(blockRows),
  day: new Int32Array(blockRows),
  test: new Uint32Array(blockRows),
  value: new Float64Array(blockRows),
  qualifier: new Uint8Array(blockRows),
  unit: new Uint32Array(blockRows),
  line: new Uint32Array(blockRows),
})

/**
 * Gathers the laboratory values of one file. They are kept as columns of numbers, and texts once, so that millions of rows fit in memory.
 */
export class LabCollector {
  readonly file: string
  readonly patients = new Texts()
  readonly tests = new Texts()
  readonly units = new Texts()
  readonly blocks: Block[] = []
  /** Plates of the rows that have one. */
  readonly #plates = new Map<number, string>()
  readonly #upper = new Map<string, number>()
  readonly #dropped = new Set<number>()
  readonly #log: FindingLog
  size = 0

  constructor(file: string, log: FindingLog) {
    this.file = file
    this.#log = log
  }

  /**
   * Reads one row: a number, or a limit such as `<25` or `> 500`. Where the table states the assay's limits (`lower`, `upper`), words such as `<LOD` or
   * `above ULOQ` mean that limit, and a number beyond it, which the assay cannot tell, is that limit too.
   */
  read(
    cells: CellReader,
    row: TableRow,
    patient: string,
    day: number,
    at: { test: number; value: number; unit: number; plate?: number; lower?: number; upper?: number },
  ): void {
    const test = cells.text(row, at.test)
    const text = cells.text(row, at.value)
    if (text === null) return
    if (test === null) {
      cells.found('lab_unnamed', row, at.value)
      return
    }
    const limit = (side: 'lower' | 'upper') =>
      at[side] === undefined ? null : cells.number(row, at[side], { min: 0, max: Number.MAX_VALUE })
    const plate = at.plate === undefined ? null : cells.text(row, at.plate)
    const worded = belowLimit.test(text) ? 'lower' : aboveLimit.test(text) ? 'upper' : null
    const stated = worded === null ? null : limit(worded)
    if (worded !== null && stated !== null) {
      cells.found('lab_qualified', row, at.value)
      const side = worded === 'lower' ? '<' : '>'
      this.add(patient, day, test, stated, side, cells.text(row, at.unit) ?? '', row.line, plate)
      return
    }
    let sign: string | undefined
    let value = cells.numberOf(row, at.value, text)
    if (value === undefined) return
    if (Number.isNaN(value)) {
      const match = result.exec(text)
      sign = match?.[1]
      value = sign === undefined ? value : cells.numberOf(row, at.value, (match as RegExpExecArray)[2])
      if (value === undefined) return
    }
    if (!Number.isFinite(value)) {
      if (/\d/.test(text)) cells.invalid(row, at.value)
      else cells.found('lab_text', row, at.value)
      return
    }
    if (isSentinel(value)) {
      cells.found('sentinel', row, at.value)
      return
    }
    const qualifier = sign === undefined ? '' : sign === '<' || sign === '<=' || sign === '≤' ? '<' : '>'
    const lower = limit('lower')
    const upper = limit('upper')
    const beyond =
      qualifier !== '' ? null : lower !== null && value < lower ? lower : upper !== null && value > upper ? upper : null
    if (qualifier !== '' || beyond !== null) cells.found('lab_qualified', row, at.value)
    const side = beyond === null ? qualifier : beyond === lower ? '<' : '>'
    this.add(patient, day, test, beyond ?? value, side, cells.text(row, at.unit) ?? '', row.line, plate)
  }

  add(
    patient: string,
    day: number,
    test: string,
    value: number,
    qualifier: LabValue['qualifier'],
    unit: string,
    line: number,
    plate: string | null = null,
  ): void {
    if (plate !== null) this.#plates.set(this.size, plate)
    const at = this.size % blockRows
    if (at === 0) this.blocks.push(newBlock())
    const block = this.blocks[this.blocks.length - 1]
    block.patient[at] = this.patients.of(patient)
    block.day[at] = day
    block.test[at] = this.#test(test)
    block.value[at] = value === 0 ? 0 : value
    block.qualifier[at] = qualifiers.indexOf(qualifier)
    block.unit[at] = this.units.of(unit)
    block.line[at] = line
    this.size++
  }

  #test(text: string): number {
    let index = this.#upper.get(text)
    if (index === undefined) {
      index = this.tests.of(text.toUpperCase())
      this.#upper.set(text, index)
    }
    return index
  }

  /** Each person's earliest day. */
  *earliest(): Generator<[patient: string, day: number]> {
    const least = new Map<number, number>()
    this.#each((block, at) => {
      const patient = block.patient[at]
      if (!(block.day[at] >= (least.get(patient) ?? Number.POSITIVE_INFINITY))) least.set(patient, block.day[at])
    })
    for (const [patient, day] of least) if (!this.#dropped.has(patient)) yield [this.patients.all[patient], day]
  }

  /** Days are from now on counted from each person's own. */
  shift(origins: ReadonlyMap<string, number>): void {
    const origin = this.patients.all.map((patient) => origins.get(patient) ?? 0)
    this.#each((block, at) => {
      block.day[at] -= origin[block.patient[at]]
    })
  }

  /** Gives up a person's values. */
  drop(patient: string): void {
    this.#dropped.add(this.patients.of(patient))
  }

  /**
   * Rows by person and then day, test, unit, qualifier and value; exact repeats are counted and left out, different values of one
   * test on one day are all kept and noted. `bounds[p]` is where person p of `people` begins.
   */
  sorted(people: readonly string[]): { order: Uint32Array; bounds: Uint32Array } {
    const ranks = new Map(people.map((patient, rank) => [patient, rank]))
    const rankOf = Uint32Array.from(this.patients.all, (patient) => ranks.get(patient) ?? 0)
    const starts = new Uint32Array(people.length + 1)
    this.#each((block, at) => starts[rankOf[block.patient[at]] + 1]++)
    for (let p = 0; p < people.length; p++) starts[p + 1] += starts[p]
    const order = new Uint32Array(this.size)
    const next = starts.slice()
    this.#each((block, at, row) => {
      order[next[rankOf[block.patient[at]]]++] = row
    })
    const tests = this.tests.ranks()
    const units = this.units.ranks()
    const compare = (a: number, b: number): number => {
      const x = this.blocks[Math.floor(a / blockRows)]
      const y = this.blocks[Math.floor(b / blockRows)]
      const i = a % blockRows
      const j = b % blockRows
      return (
        x.day[i] - y.day[j] ||
        tests[x.test[i]] - tests[y.test[j]] ||
        units[x.unit[i]] - units[y.unit[j]] ||
        x.qualifier[i] - y.qualifier[j] ||
        x.value[i] - y.value[j]
      )
    }
    const bounds = new Uint32Array(people.length + 1)
    let kept = 0
    for (let p = 0; p < people.length; p++) {
      const rows = order.subarray(starts[p], starts[p + 1]).sort((a, b) => compare(a, b) || a - b)
      for (let k = 0; k < rows.length; k++) {
        const row = rows[k]
        if (kept > bounds[p] && this.#repeats(order[kept - 1], row, compare)) continue
        // What is kept never overtakes what is read.
        order[kept++] = row
      }
      bounds[p + 1] = kept
    }
    return { order: order.subarray(0, kept), bounds }
  }

  /** Notes a second value of one test and day; true when it is the same value. */
  #repeats(before: number, row: number, compare: (a: number, b: number) => number): boolean {
    const x = this.blocks[Math.floor(before / blockRows)]
    const y = this.blocks[Math.floor(row / blockRows)]
    const i = before % blockRows
    const j = row % blockRows
    if (x.day[i] !== y.day[j] || x.test[i] !== y.test[j]) return false
    const same = compare(before, row) === 0
    const place = { file: this.file, line: y.line[j] }
    if (same) this.#log.add('duplicate_exact', place, { was: `as line ${x.line[i]}` })
    else this.#log.add('lab_repeated', place, { was: y.value[j], now: `beside ${x.value[i]} (line ${x.line[i]})` })
    return same
  }

  #each(take: (block: Block, at: number, row: number) => void): void {
    for (let row = 0; row < this.size; row++) {
      const block = this.blocks[Math.floor(row / blockRows)]
      const at = row % blockRows
      if (!this.#dropped.has(block.patient[at])) take(block, at, row)
    }
  }

  at(row: number, patient: string): LabValue {
    const block = this.blocks[Math.floor(row / blockRows)]
    const at = row % blockRows
    const plate = this.#plates.get(row)
    return {
      patient,
      day: block.day[at],
      test: this.tests.all[block.test[at]],
      value: block.value[at],
      qualifier: qualifiers[block.qualifier[at]],
      unit: this.units.all[block.unit[at]],
      ...(plate !== undefined && { plate }),
    }
  }

  testOf(row: number): number {
    return this.blocks[Math.floor(row / blockRows)].test[row % blockRows]
  }
}

/** Laboratory values, sorted by person, then file, day and test. They become objects only as they are asked for. */
export interface LabTable extends Iterable<LabValue> {
  readonly size: number
  /** Values of the tests whose upper-case name is wanted. */
  of(wanted: (test: string) => boolean): LabValue[]
}

/** The values of all files; repeats are settled and logged. */
export function gatherLabs(collectors: readonly LabCollector[]): LabTable {
  const names = new Set<string>()
  for (const { patients } of collectors) for (const patient of patients.all) names.add(patient)
  const people = [...names].sort()
  const files = collectors.map((collector) => ({ collector, ...collector.sorted(people) }))
  function* values(wanted?: (test: string) => boolean): Generator<LabValue> {
    const chosen = files.map(({ collector }) => wanted && Uint8Array.from(collector.tests.all, (test) => +wanted(test)))
    for (let p = 0; p < people.length; p++)
      for (const [f, { collector, order, bounds }] of files.entries()) {
        const own = chosen[f]
        for (let k = bounds[p]; k < bounds[p + 1]; k++)
          if (own === undefined || own[collector.testOf(order[k])] === 1) yield collector.at(order[k], people[p])
      }
  }
  return {
    size: files.reduce((sum, { order }) => sum + order.length, 0),
    of: (wanted) => [...values(wanted)],
    [Symbol.iterator]: () => values(),
  }
}
