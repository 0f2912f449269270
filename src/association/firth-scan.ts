import { HeldView } from '../numerics/held-view.ts'
import { kernels } from '../numerics/kernels.ts'
import {
  type BatchedFit,
  batches,
  FirthBatch,
  type FirthRung,
  FirthWorkspace,
  lanes,
  limitsAfter,
  profileBelow,
  standardNormal975,
  testLastColumn,
} from '../statistics/firth/index.ts'
import { type ColumnFit, fitNumbers, fitOfNumbers, fitWidth } from './column-fit.ts'
import { digestOf, FitMemo } from './fit-memo.ts'
import type { VariantDosages } from './person-dosages.ts'

/** Covariates of the Firth fits and the coefficients of the fit without a variant: intercept, then covariates. */
export interface FirthModel {
  columns: Float64Array[]
  start: Float64Array
}

/** Fits met before, of columns of hard calls and of dosages. */
export class FirthMemo {
  readonly calls: FitMemo
  readonly dosages: FitMemo

  constructor(words: number, people: number) {
    this.calls = new FitMemo(4 * words, fitWidth)
    this.dosages = new FitMemo(Math.ceil(people / 2), fitWidth)
  }
}

const logProfileBelow = Math.log(profileBelow)

/** A column of hard calls that waits for its batch, and the rows that will take its fit. */
interface Waiting {
  digest: number
  /** Its record, in the kernels' memory. */
  at: number
  rows: number[]
}

/**
 * Firth fits of one model over many variants; an identical column takes over the fit of the first. Hard calls are fitted
 * together, so that a row gets its fit some rows later, at the latest by `finish`. A fit depends on its own column alone.
 * Valid inside the arena scope in which it was made.
 */
export class FirthScan {
  readonly #model: FirthWorkspace
  readonly #batch: FirthBatch | null
  readonly #memo: FirthMemo
  readonly #start: number
  readonly #bits: number
  readonly #words: number
  readonly #take: (row: number, fit: ColumnFit) => void
  readonly #waiting: Waiting[] = []
  /** Room for the records of a batch, and a view of it. */
  readonly #records: number
  readonly #held: HeldView<Int32Array>

  constructor(
    people: { cases: Uint8Array; bits: Int32Array; words: number },
    model: FirthModel,
    memo: FirthMemo,
    take: (row: number, fit: ColumnFit) => void,
  ) {
    const k = kernels()
    this.#model = new FirthWorkspace({ cases: people.cases, columns: model.columns })
    this.#batch = batches(people.cases.length, model.columns.length)
      ? new FirthBatch(people.cases, model.columns, model.start)
      : null
    this.#memo = memo
    this.#start = k.put(Float64Array.of(...model.start, 0))
    this.#bits = k.put(people.bits)
    this.#words = people.words
    this.#take = take
    this.#records = k.allocate(16 * people.words * lanes)
    this.#held = new HeldView(() => k.i32(this.#records, 4 * people.words * lanes))
  }

  /** Fits the hard calls of a prepared record, which it copies, for a row. */
  calls(row: number, column: Int32Array, digest: number): void {
    const known = this.#memo.calls.find(digest, column)
    if (known !== undefined) {
      this.#take(row, fitOfNumbers(known))
      return
    }
    const held = this.#held.now
    const lane = this.#waiting.length
    for (let l = 0; l < lane; l++)
      if (this.#waiting[l].digest === digest && sameAt(held, l * column.length, column)) {
        this.#waiting[l].rows.push(row)
        return
      }
    for (let i = 0; i < column.length; i++) held[lane * column.length + i] = column[i]
    const at = this.#records + lane * column.byteLength
    this.#waiting.push({ digest, at, rows: [row] })
    if (this.#batch === null || this.#waiting.length === lanes) this.finish()
  }

  /** Fits what still waits. */
  finish(): void {
    if (this.#waiting.length === 0) return
    const fits = this.#batch?.test(
      this.#waiting.map(({ at }) => at),
      this.#words,
      this.#bits,
    )
    this.#waiting.forEach(({ digest, at, rows }, lane) => {
      let fit = fits === undefined ? undefined : settled(fits[lane])
      if (fit === undefined) {
        this.#model.setGenotypes(at, this.#words, this.#bits)
        fit = this.#fit()
      }
      keep(this.#memo.calls, digest, this.#held.now, fit, 4 * this.#words * lane)
      for (const row of rows) this.#take(row, fit)
    })
    this.#waiting.length = 0
  }

  /** Fits dosages for a row, at once. */
  dosages(row: number, { column, copies }: VariantDosages): void {
    const digest = digestOf(column)
    const known = this.#memo.dosages.find(digest, column)
    if (known !== undefined) {
      this.#take(row, fitOfNumbers(known))
      return
    }
    this.#model.setTested(
      copies,
      Uint8Array.from(copies, (x) => (Number.isNaN(x) ? 0 : 1)),
    )
    const fit = this.#fit()
    keep(this.#memo.dosages, digest, column, fit)
    this.#take(row, fit)
  }

  /** Of the column that is in the model: the retry ladder, and profile limits where p is small. */
  #fit(): ColumnFit {
    if (this.#model.collinear()) return collinear
    const test = testLastColumn(this.#model, this.#start)
    const ladder = test.trace.length > 1 ? ladderText(test.trace) : ''
    if (!test.converged) return { ...collinear, outcome: 1, ladder }
    const limits = limitsAfter(this.#model, test, false)
    return {
      outcome: 2,
      logP: test.logP,
      beta: test.beta,
      standardError: test.standardError,
      low: limits.low ?? Number.NaN,
      high: limits.high ?? Number.NaN,
      limits: limits.kind === 'profile' ? 2 : 1,
      ladder,
    }
  }
}

const none = Number.NaN
const collinear: ColumnFit = {
  ...{ outcome: 0, logP: none, beta: none, standardError: none },
  ...{ low: none, high: none, limits: 0, ladder: '' },
}

/** The fit of a lane with Wald limits; undefined where the ladder or profile limits are wanted. */
function settled({ outcome, logP, beta, standardError }: BatchedFit): ColumnFit | undefined {
  if (outcome === 0) return collinear
  if (outcome === 1 || logP < logProfileBelow) return undefined
  const half = standardNormal975 * standardError
  return { outcome, logP, beta, standardError, low: beta - half, high: beta + half, limits: 1, ladder: '' }
}

/** Fits that needed more than one climb are not kept: they are climbed again, which tells their ladder again. */
function keep(memo: FitMemo, digest: number, column: Int32Array, fit: ColumnFit, from = 0): void {
  if (fit.ladder === '') memo.keep(digest, column, fitNumbers(fit), from)
}

function sameAt(all: Int32Array, from: number, column: Int32Array): boolean {
  for (let i = 0; i < column.length; i++) if (all[from + i] !== column[i]) return false
  return true
}

function ladderText(trace: readonly FirthRung[]): string {
  return trace.map((g) => `${g.method} cap ${g.cap}: ${g.steps < 0 ? 'no' : `${g.steps} steps`}`).join('; ')
}
