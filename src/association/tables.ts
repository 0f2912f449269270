import { type Kernels, kernels } from '../numerics/kernels.ts'
import { exactTrendNull } from '../statistics/exact/index.ts'
import { distributionScratchBytes, type LabelScheme } from '../statistics/labels/index.ts'

export interface TrendTable {
  logP: Float64Array
  logMidp: Float64Array
  least: number
}

/** Exact trend tables by margins, computed once in a chunk. */
export class TrendTables {
  readonly #tables = new Map<number, TrendTable>()
  readonly #width: number

  constructor(people: number) {
    this.#width = people + 1
  }

  get(n0: number, n1: number, n2: number, c: number): TrendTable {
    const key = ((n0 * this.#width + n1) * this.#width + n2) * this.#width + c
    let table = this.#tables.get(key)
    if (table === undefined) {
      const made = exactTrendNull(n0, n1, n2, c)
      table = { logP: made.logP, logMidp: made.logMidp, least: made.logMinAttainable }
      // What is kept changes no result, only what is computed again.
      if (this.#tables.size >= 20_000) this.#tables.clear()
      this.#tables.set(key, table)
    }
    return table
  }
}

/**
 * The table of (c, T) of one variant after another under one scheme, in kernel memory: rows c = from .. cases of log p.
 * Valid inside the scope in which it was made.
 */
export class FamilyTable {
  /** Pointer to row `from`. */
  pointer = 0
  from = 0
  /** Smallest log p of any row: no label set can go below it. */
  least = 0
  readonly stride: number
  readonly cases: number
  readonly #leastOf: Float64Array
  readonly #k: Kernels
  readonly #words: number
  readonly #uniform: TrendTables | undefined
  readonly #strata: number
  readonly #order: number
  readonly #p: number
  readonly #starts: number
  readonly #cases: number
  readonly #out: number
  readonly #scratch: number

  /** `bits`: the bit of each person. `trend`: shared tables, used where all relabellings are equally likely. */
  constructor(scheme: LabelScheme, bits: ArrayLike<number>, words: number, trend: TrendTables) {
    const k = kernels()
    this.#k = k
    this.#words = words
    this.cases = scheme.cases.reduce((a, b) => a + b, 0)
    this.stride = 2 * this.cases + 1
    this.#leastOf = new Float64Array(this.cases + 1)
    this.#strata = scheme.cases.length
    this.#uniform = this.#strata === 1 && scheme.p.every((v) => v === scheme.p[0]) ? trend : undefined
    this.#order = k.put(Int32Array.from(scheme.order, (person) => bits[person]))
    this.#p = k.put(scheme.p)
    this.#starts = k.put(scheme.starts)
    this.#cases = k.put(scheme.cases)
    this.#out = k.allocate(8 * (this.cases + 1) * this.stride)
    this.#scratch = k.allocate(distributionScratchBytes(this.cases))
  }

  /** The table of this record; n0, n1, n2 people called. With `only`, just that row and its least. */
  make(record: number, n0: number, n1: number, n2: number, missing: number, only?: number): void {
    const k = this.#k
    this.least = 0
    if (this.#uniform !== undefined) {
      const highest = Math.min(this.cases, n0 + n1 + n2)
      this.from = Math.max(0, this.cases - missing)
      this.pointer = this.#out + 8 * this.from * this.stride
      for (let c = only ?? this.from; c <= (only ?? highest); c++) {
        // The table first: making it may move the kernels' memory from under a view.
        const { logP, least } = this.#uniform.get(n0, n1, n2, c)
        k.f64(this.#out + 8 * c * this.stride, logP.length > 2 * c + 1 ? 2 * c + 1 : logP.length).set(
          logP.length > 2 * c + 1 ? logP.subarray(0, 2 * c + 1) : logP,
        )
        this.#leastOf[c] = least
        if (least < this.least) this.least = least
      }
      return
    }
    this.from = k.call.labelsDistribution(
      record,
      this.#words,
      this.#order,
      this.#p,
      this.#starts,
      this.#cases,
      this.#strata,
      this.cases,
      this.#out,
      this.#scratch,
    )
    this.pointer = this.#out + 8 * this.from * this.stride
    for (let c = only ?? this.from; c <= (only ?? this.cases); c++) {
      const row = this.#out + 8 * c * this.stride
      const least = k.call.labelsPvalues(row, c, row, 0)
      this.#leastOf[c] = least
      if (least < this.least) this.least = least
    }
  }

  /** Smallest attainable log p given c cases called. */
  leastOf(c: number): number {
    return this.#leastOf[c]
  }

  /** log p of one (c, T) that can occur. */
  logP(c: number, t: number): number {
    return this.#k.f64(this.#out + 8 * (c * this.stride + t), 1)[0]
  }
}
