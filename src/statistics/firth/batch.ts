import { type Kernels, kernels } from '../../numerics/kernels.ts'
import { chiSquareLogTail, exp } from '../../numerics/special.ts'

/** What the batch makes of one variant. */
export interface BatchedFit {
  /** 0 collinear, 1 not settled: the retry ladder of `testLastColumn` decides, 2 fitted. Numbers are NaN unless it is 2. */
  outcome: 0 | 1 | 2
  beta: number
  /** Square root of the diagonal of the inverse ordinary information. */
  standardError: number
  chiSquare: number
  logP: number
}

/** Variants tested together. */
export const lanes = 4

/** With more than this many people or covariates tables no longer lie in the processor's caches. */
const batchedPeople = 2000
const batchedColumns = 12

/** Whether so many people and covariates are fitted in batches. */
export function batches(people: number, columns: number): boolean {
  return people <= batchedPeople && columns <= batchedColumns
}

/**
 * Firth's penalised likelihood-ratio tests of packed genotypes, four variants at once; numbers are those of
 * `testLastColumn` to 1e-9 and a variant's do not depend on its neighbours. Valid inside the arena scope in which it was made.
 */
export class FirthBatch {
  readonly #k: Kernels
  readonly #pointer: number
  readonly #out: number
  readonly #people: number
  readonly #columns: number

  /** @param start coefficients of the fit without a variant: intercept, then columns */
  constructor(cases: ArrayLike<number>, columns: readonly Float64Array[], start: Float64Array) {
    const k = kernels()
    const n = cases.length
    const m = columns.length + 1
    this.#k = k
    this.#people = n
    this.#columns = m
    const design = orthonormal([new Float64Array(n).fill(1), ...columns], start)
    const sign = Float64Array.from({ length: n }, (_, i) => (cases[i] === 1 ? 1 : -1))
    this.#pointer = 16 * Math.ceil(k.allocate(k.call.firthBatchBytes(n, m) + 16) / 16)
    this.#out = k.allocate(32 * lanes)
    k.scope(() => {
      const offset = k.put(new Float64Array(n))
      k.call.firthBatchFill(this.#pointer, n, m, k.put(design.columns), n, k.put(sign), offset, k.put(design.start))
    })
  }

  /** Tests of up to four packed records of so many words; `bits` points to the bit of each person. */
  test(records: readonly number[], words: number, bits: number): BatchedFit[] {
    const count = records.length
    const [a, b, c, d] = [0, 1, 2, 3].map((lane) => records[Math.min(lane, count - 1)])
    this.#k.call.firthBatchGenotypes(this.#pointer, this.#people, a, b, c, d, words, bits)
    this.#k.call.firthBatchTest(this.#pointer, this.#people, this.#columns, this.#out)
    const out = this.#k.f64(this.#out, 4 * lanes)
    const fits: BatchedFit[] = []
    for (let at = 0; at < 4 * count; at += 4) {
      const outcome = out[at]
      const chiSquare = Math.max(0, out[at + 1])
      fits.push(
        outcome === 2
          ? { outcome, beta: out[at + 2], standardError: out[at + 3], chiSquare, logP: chiSquareLogTail(chiSquare, 1) }
          : { outcome: outcome as 0 | 1, ...none },
      )
    }
    return fits
  }
}

const none = { beta: Number.NaN, standardError: Number.NaN, chiSquare: Number.NaN, logP: Number.NaN }

/**
 * Columns that span the same space and have unit information at `start`, one after another, and the start in them: what is
 * tested is that of the columns given, and single precision loses nothing to their scale or correlation.
 */
function orthonormal(
  columns: readonly Float64Array[],
  start: Float64Array,
): { columns: Float64Array; start: Float64Array } {
  const n = columns[0].length
  const weights = Float64Array.from({ length: n }, (_, i) => {
    let eta = 0
    columns.forEach((c, j) => {
      eta += start[j] * c[i]
    })
    const small = exp(-Math.abs(eta))
    return small / ((1 + small) * (1 + small))
  })
  const result = new Float64Array(n * columns.length)
  const turned = new Float64Array(columns.length)
  columns.forEach((column, a) => {
    const to = result.subarray(a * n, (a + 1) * n)
    to.set(column)
    // Twice is enough (Kahan, in Parlett 1980, The Symmetric Eigenvalue Problem, 6-9).
    for (let round = 0; round < 2; round++)
      for (let b = 0; b < a; b++) {
        const other = result.subarray(b * n, (b + 1) * n)
        let along = 0
        for (let i = 0; i < n; i++) along += weights[i] * to[i] * other[i]
        turned[b] += start[a] * along
        for (let i = 0; i < n; i++) to[i] -= along * other[i]
      }
    let square = 0
    for (let i = 0; i < n; i++) square += weights[i] * to[i] * to[i]
    const length = Math.sqrt(square)
    turned[a] += start[a] * length
    for (let i = 0; i < n; i++) to[i] /= length
  })
  return { columns: result, start: turned }
}
