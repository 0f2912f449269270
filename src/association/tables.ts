import { HeldView } from '../numerics/held-view.ts'
import { type Kernels, kernels } from '../numerics/kernels.ts'
import { casesOf, distributionScratchBytes, type LabelScheme, schemeMembers } from '../statistics/labels/index.ts'
import { binsPerLog, type ExpectedQuantiles, expectationBins } from './expectation.ts'

/** The exact null of the trend statistic: T = 0 .. min(2 c, n1 + 2 n2), NaN where T cannot occur. */
export interface TrendTable {
  logP: Float64Array
  logMidp: Float64Array
  /** Smallest attainable log p. */
  least: number
}

/** Cells of all tables that are kept, 16 MB. */
const cellsKept = 2_000_000

/** Exact trend tables by margins, computed once as long as they are kept. c is at most n0 + n1 + n2. */
export class TrendTables {
  readonly #tables = new Map<number | string, TrendTable>()
  readonly #width: number
  /** Four counts fit into one exact integer. */
  readonly #packs: boolean
  readonly #cellsKept: number
  /** Cells of one table after another: thousands of arrays would each have memory of their own. */
  #cells = new Float64Array(1 << 12)
  #end = 0

  constructor(people: number, cells = cellsKept) {
    this.#width = people + 1
    this.#packs = this.#width * this.#width * this.#width * this.#width < Number.MAX_SAFE_INTEGER
    this.#cellsKept = cells
  }

  get(n0: number, n1: number, n2: number, c: number): TrendTable {
    const key = this.#packs ? ((n0 * this.#width + n1) * this.#width + n2) * this.#width + c : `${n0},${n1},${n2},${c}`
    let table = this.#tables.get(key)
    if (table === undefined) {
      table = this.#make(n0, n1, n2, c)
      this.#tables.set(key, table)
    }
    return table
  }

  #make(n0: number, n1: number, n2: number, c: number): TrendTable {
    const length = n1 + 2 * n2 + 1
    const kept = Math.min(length, 2 * c + 1)
    if (this.#end + 2 * kept > this.#cells.length) {
      // What is kept changes no result, only what is computed again. Tables handed out keep their cells.
      this.#cells = new Float64Array(Math.max(2 * kept, Math.min(this.#cellsKept, 2 * this.#cells.length)))
      this.#tables.clear()
      this.#end = 0
    }
    const logP = this.#cells.subarray(this.#end, this.#end + kept)
    const logMidp = this.#cells.subarray(this.#end + kept, this.#end + 2 * kept)
    this.#end += 2 * kept
    const k = kernels()
    return k.scope(() => {
      const out = k.allocate(16 * length)
      const least = k.call.exactTrendNull(n0, n1, n2, c, out, out + 8 * length)
      const made = k.f64(out, 2 * length)
      logP.set(made.subarray(0, kept))
      logMidp.set(made.subarray(length, length + kept))
      return { logP, logMidp, least }
    })
  }
}

/**
 * The table of (c, T) of one variant after another under one scheme, in kernel memory: rows c = 0 .. cases of log p, made
 * only where wanted. Valid inside the scope in which it was made.
 */
export class FamilyTable {
  /** Pointer to row 0. */
  readonly pointer: number
  /** A byte for each c: the rows that `make` makes. */
  readonly wanted: number
  readonly stride: number
  readonly cases: number
  readonly #leastOf: Float64Array
  readonly #k: Kernels
  readonly #words: number
  readonly #uniform: TrendTables | undefined
  readonly #strata: number
  readonly #members: number
  readonly #p: number
  readonly #cases: number
  readonly #scratch: number
  readonly #midp: number
  readonly #outcome: number
  readonly #outcomes: HeldView<Float64Array>
  readonly #rows: HeldView<Float64Array>
  readonly #held: HeldView<Uint8Array>
  /** The one row that is wanted, -1 where there may be others. */
  #only = -1
  /** Views of a row and its mid-p, by c. */
  readonly #wholes: HeldView<Float64Array>[] = []
  readonly #midps: HeldView<Float64Array>[] = []

  /** `bits`: the bit of each person. `trend`: shared tables, used where all relabellings are equally likely. */
  constructor(scheme: LabelScheme, bits: ArrayLike<number>, words: number, trend: TrendTables) {
    const k = kernels()
    this.#k = k
    this.#words = words
    this.cases = casesOf(scheme)
    this.stride = 2 * this.cases + 1
    this.#leastOf = new Float64Array(this.cases + 1)
    this.#strata = scheme.cases.length
    this.#uniform = this.#strata === 1 && scheme.p.every((p) => p === scheme.p[0]) ? trend : undefined
    const { members, p } = schemeMembers(scheme, bits, words)
    this.#members = k.put(members)
    this.#p = k.put(p)
    this.#cases = k.put(scheme.cases)
    this.pointer = k.allocate(8 * (this.cases + 1) * this.stride)
    this.#scratch = k.allocate(distributionScratchBytes(this.cases, words))
    this.wanted = k.allocate(this.cases + 1)
    this.#midp = k.allocate(8 * this.stride)
    this.#outcome = k.allocate(24)
    this.#outcomes = new HeldView(() => k.f64(this.#outcome, 3))
    this.#rows = new HeldView(() => k.f64(this.pointer, (this.cases + 1) * this.stride))
    this.#held = new HeldView(() => k.u8(this.wanted, this.cases + 1))
    for (let c = 0; c <= this.cases; c++) {
      this.#wholes.push(new HeldView(() => k.f64(this.pointer + 8 * c * this.stride, 2 * c + 1)))
      this.#midps.push(new HeldView(() => k.f64(this.#midp, 2 * c + 1)))
    }
  }

  /** Wants no row, or just this. */
  want(row?: number): void {
    this.#only = -1
    this.#held.now.fill(0)
    if (row !== undefined) this.#held.now[row] = 1
  }

  /** Wants every row that can occur with so many people called and missing. */
  wantFeasible(called: number, missing: number): void {
    const from = Math.max(0, this.cases - missing)
    this.#only = -1
    this.#held.now.fill(0).fill(1, from, Math.min(this.cases, called) + 1)
  }

  /** The wanted rows of this record; n0, n1, n2 people called. What is above `limit` may be left at 0. */
  make(record: number, n0: number, n1: number, n2: number, limit: number): void {
    const k = this.#k
    const { cases, stride } = this
    if (this.#uniform === undefined)
      k.call.labelsDistribution(
        record,
        this.#words,
        this.#members,
        this.#p,
        this.#cases,
        this.#strata,
        cases,
        this.wanted,
        this.pointer,
        this.#scratch,
      )
    for (let c = 0; c <= cases; c++) {
      if (this.#held.now[c] === 0) continue
      const row = c * stride
      if (this.#uniform === undefined) {
        const at = this.pointer + 8 * row
        this.#leastOf[c] = k.call.labelsPvalues(at, c, limit, at, 0)
        continue
      }
      const { logP, least } = this.#uniform.get(n0, n1, n2, c)
      const to = this.#rows.now
      for (let t = 0; t <= 2 * c; t++) to[row + t] = t < logP.length ? logP[t] : Number.NaN
      this.#leastOf[c] = least
    }
  }

  /** All relabellings are equally likely: the tables are those of the exact trend. */
  get uniform(): boolean {
    return this.#uniform !== undefined
  }

  /**
   * The outcome (c, t) alone: log p and mid-p, NaN where it cannot occur, and the smallest attainable log p, valid until the next
   * one is made. `expected` takes the probability of every outcome of the row.
   */
  outcome(record: number, c: number, t: number, expected: ExpectedQuantiles | null): Float64Array {
    this.#distribution(record, c)
    this.#k.call.labelsOutcome(
      this.pointer + 8 * c * this.stride,
      c,
      t,
      expected === null ? 0 : expected.bins,
      expectationBins,
      binsPerLog,
      this.#outcome,
    )
    return this.#outcomes.now
  }

  /** The row of c cases called with its mid-p; valid until the next table is made. */
  whole(record: number, n0: number, n1: number, n2: number, c: number): TrendTable {
    if (this.#uniform !== undefined) return this.#uniform.get(n0, n1, n2, c)
    this.#distribution(record, c)
    const at = this.pointer + 8 * c * this.stride
    const least = this.#k.call.labelsPvalues(at, c, 0, at, this.#midp)
    return { logP: this.#wholes[c].now, logMidp: this.#midps[c].now, least }
  }

  /** Row c of the record's own distribution. */
  #distribution(record: number, c: number): void {
    if (this.#only !== c) {
      this.want(c)
      this.#only = c
    }
    this.#k.call.labelsDistribution(
      record,
      this.#words,
      this.#members,
      this.#p,
      this.#cases,
      this.#strata,
      this.cases,
      this.wanted,
      this.pointer,
      this.#scratch,
    )
  }

  /** Smallest attainable log p given c cases called. */
  leastOf(c: number): number {
    return this.#leastOf[c]
  }

  /** log p of one (c, T) that can occur. */
  logP(c: number, t: number): number {
    return this.#rows.now[c * this.stride + t]
  }
}
