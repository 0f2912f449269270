import { type Kernels, kernels } from '../numerics/kernels.ts'
import { MatchedFirth } from '../statistics/conditional-logistic/index.ts'
import type { RatioTest } from '../statistics/likelihood/index.ts'
import { fisherWithinSets, setCounts, trendWithinSets } from '../statistics/stratified/index.ts'
import { type ColumnFit, fitNumbers, fitOfNumbers, fitWidth } from './column-fit.ts'
import type { SealedDesign } from './design.ts'
import { digestOf, FitMemo } from './fit-memo.ts'
import type { VariantDosages } from './person-dosages.ts'

/** Matched sets, as the rows of a scan need them; plain data. */
export interface WithinSetup {
  /** Number of each person's set. */
  of: Int32Array
  sets: number
  /** Covariates of the fits. */
  columns: Float64Array[]
}

/** The matched sets of a design; null where it is not matched. */
export function withinSetup({ matched, strata, covariates }: SealedDesign): WithinSetup | null {
  return matched === null ? null : { of: strata.of, sets: strata.names.length, columns: covariates.columns }
}

/** The tests of a row within sets: log p. */
interface WithinRow {
  trend: number
  trendMid: number
  fisher: number
  least: number
  /** No set that holds cases and controls has people of different genotypes. */
  alike: boolean
}

/** More sets than this are put in order by the engine's own sort. */
const fewSets = 64

/** What was computed of tables and columns met before, kept from chunk to chunk. */
export class WithinMemos {
  readonly tests: FitMemo
  readonly fits: FitMemo
  readonly columns: FitMemo
  readonly dosages: FitMemo

  constructor({ sets, of }: WithinSetup, words: number) {
    this.tests = new FitMemo(setCounts * sets, 4)
    this.fits = new FitMemo(setCounts * sets, fitWidth)
    this.columns = new FitMemo(4 * words, fitWidth)
    this.dosages = new FitMemo(Math.ceil(of.length / 2), fitWidth)
  }
}

/**
 * The tests of one variant after another within matched sets: whoever is not called has dropped out of the set. Trend, Fisher and, without
 * covariates, Firth depend on the sets' tables alone, whichever set has which: those are put in order, and tables met before are not tested
 * again. What is kept changes no value.
 */
export class WithinScan {
  readonly #k: Kernels
  readonly #setup: WithinSetup
  readonly #words: number
  readonly #bits: Int32Array
  readonly #cases: Uint8Array
  readonly #firth: MatchedFirth
  readonly #memos: WithinMemos
  readonly #counts: Int32Array
  /** Informative sets' tables in order; zeros after the last. */
  readonly #tables: Int32Array
  #informative = 0
  #digest = 0

  constructor(setup: WithinSetup, scan: { words: number; bits: Int32Array; cases: Uint8Array }, memos: WithinMemos) {
    this.#k = kernels()
    this.#setup = setup
    this.#words = scan.words
    this.#bits = scan.bits
    this.#cases = scan.cases
    this.#firth = new MatchedFirth({ cases: scan.cases, sets: setup.of, columns: setup.columns })
    this.#memos = memos
    this.#counts = new Int32Array(setCounts * setup.sets)
    this.#tables = new Int32Array(setCounts * setup.sets)
  }

  /** The tests of a prepared record, to which `calls` then refers. */
  row(record: number): WithinRow {
    this.#read(record)
    const known = this.#memos.tests.find(this.#digest, this.#tables)
    const alike = this.#informative === 0
    if (known !== undefined) return { trend: known[0], trendMid: known[1], fisher: known[2], least: known[3], alike }
    const { logP, logMidp, logLeast } = trendWithinSets(this.#tables, this.#informative)
    const fisher = fisherWithinSets(this.#tables, this.#informative)
    this.#memos.tests.keep(this.#digest, this.#tables, Float64Array.of(logP, logMidp, fisher, logLeast))
    return { trend: logP, trendMid: logMidp, fisher, least: logLeast, alike }
  }

  /** Firth of the record of the last `row`; `digest` of its column. */
  calls(record: number, column: Int32Array, digest: number): ColumnFit {
    if (this.#setup.columns.length === 0)
      return once(this.#memos.fits, this.#digest, this.#tables, () =>
        fitOf(this.#firth.testTables(this.#tables, this.#informative)),
      )
    return once(this.#memos.columns, digest, column, () => {
      const bytes = this.#k.u8(record, 16 * this.#words)
      const copies = Float64Array.from(this.#bits, (bit) => genotypeAt(bytes, this.#words, bit))
      return fitOf(this.#firth.test(copies))
    })
  }

  dosages({ column, copies }: VariantDosages): ColumnFit {
    return once(this.#memos.dosages, digestOf(column), column, () => fitOf(this.#firth.test(copies)))
  }

  #read(record: number): void {
    const counts = this.#counts.fill(0)
    const column = this.#k.u8(record, 16 * this.#words)
    const { of, sets } = this.#setup
    const bits = this.#bits
    for (let i = 0; i < bits.length; i++) {
      const g = genotypeAt(column, this.#words, bits[i])
      if (Number.isNaN(g)) continue
      const at = setCounts * of[i] + g
      counts[at]++
      if (this.#cases[i] === 1) counts[at + 3]++
    }
    const order: number[] = []
    for (let s = 0; s < sets; s++) {
      const at = setCounts * s
      const people = counts[at] + counts[at + 1] + counts[at + 2]
      const cases = counts[at + 3] + counts[at + 4] + counts[at + 5]
      if (cases === 0 || cases === people || Math.max(counts[at], counts[at + 1], counts[at + 2]) === people) continue
      order.push(at)
    }
    const before = (a: number, b: number) => {
      for (let i = 0; i < setCounts; i++) if (counts[a + i] !== counts[b + i]) return counts[a + i] - counts[b + i]
      return 0
    }
    if (order.length > fewSets) order.sort(before)
    else
      for (let i = 1; i < order.length; i++) {
        const at = order[i]
        let j = i
        for (; j > 0 && before(order[j - 1], at) > 0; j--) order[j] = order[j - 1]
        order[j] = at
      }
    this.#tables.fill(0)
    order.forEach((at, s) => {
      for (let i = 0; i < setCounts; i++) this.#tables[setCounts * s + i] = counts[at + i]
    })
    this.#informative = order.length
    this.#digest = digestOf(this.#tables.subarray(0, setCounts * order.length))
  }
}

/** Copies of alt at a bit of a record, NaN where missing. */
function genotypeAt(column: Uint8Array, words: number, bit: number): number {
  const low = (column[bit >> 3] >> (bit & 7)) & 1
  const high = (column[8 * words + (bit >> 3)] >> (bit & 7)) & 1
  return low & high ? Number.NaN : low + 2 * high
}

function once(memo: FitMemo, digest: number, column: Int32Array, make: () => ColumnFit): ColumnFit {
  const known = memo.find(digest, column)
  if (known !== undefined) return fitOfNumbers(known)
  const fit = make()
  if (fit.ladder === '') memo.keep(digest, column, fitNumbers(fit))
  return fit
}

function fitOf(test: RatioTest): ColumnFit {
  const { status, logP, beta, standardError, low, high, limits } = test
  const none = Number.NaN
  if (status === 'collinear' || status === 'not_converged')
    return {
      outcome: status === 'collinear' ? 0 : 1,
      ...{ logP: none, beta: none, standardError: none, low: none, high: none, limits: 0 },
      ladder: status === 'collinear' ? '' : 'steps of up to 5, 1 and 0.1 standard errors within sets: no convergence',
    }
  return {
    outcome: 2,
    ...{ logP, beta, standardError, low: low ?? none, high: high ?? none },
    limits: limits === 'profile' ? 2 : 1,
    ladder: '',
  }
}
