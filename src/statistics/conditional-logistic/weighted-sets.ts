import { cholesky, choleskyInverse, logDeterminant } from '../../numerics/linear.ts'
import { exp, log } from '../../numerics/special.ts'
import type { Objective } from '../likelihood/climb.ts'
import { dependentRows } from '../likelihood/partial.ts'
import type { MatchedSet } from './data.ts'
import { conditionalLikelihood } from './likelihood.ts'

/** A share of a pivot above which columns surely vary by themselves; below, they are looked at more closely. */
const surelyIndependent = 1e-6

/**
 * Matched sets as the fits of a scan take them: rows (length k, of any origin that the set shares), of which equal ones may stand once with the
 * number of people, and equal sets once with their number. Sets of one case, or of one control, are summed directly; others by the recursion over
 * choices. Memory is kept from one variant to the next.
 */
export class WeightedSets {
  readonly k: number
  /** Of sets that one person stands out of. */
  #weight: number[] = []
  #sign: number[] = []
  #start: number[] = [0]
  #rows: Float64Array
  #times = new Float64Array(64)
  #share = new Float64Array(64)
  #less: Float64Array
  #general: { weight: number; set: MatchedSet }[] = []

  constructor(k: number) {
    this.k = k
    this.#rows = new Float64Array(64 * k)
    this.#less = new Float64Array(64 * k)
  }

  /** Takes all sets out. */
  clear(): void {
    this.#weight.length = 0
    this.#sign.length = 0
    this.#start.length = 1
    this.#general.length = 0
  }

  /**
   * Adds `weight` equal sets. `rows`: cases first; `times`: people with each row, one case (or control) being the first (or last) of them.
   */
  add(weight: number, cases: number, rows: readonly ArrayLike<number>[], times?: readonly number[]): void {
    const { k } = this
    const people = times === undefined ? rows.length : times.reduce((a, b) => a + b, 0)
    const one = cases === 1 ? 0 : people - cases === 1 ? rows.length - 1 : -1
    if (one < 0) {
      const all = rows.flatMap((row, i) => Array.from({ length: times?.[i] ?? 1 }, () => Float64Array.from(row)))
      this.#general.push({ weight, set: { cases, rows: all } })
      return
    }
    const from = this.#start[this.#weight.length]
    const end = from + rows.length
    if (end > this.#times.length) this.#grow(2 * end)
    // The one who stands out comes first; a control does as a case of rows turned round.
    let at = from
    const put = (i: number) => {
      for (let j = 0; j < k; j++) this.#rows[at * k + j] = rows[i][j]
      this.#times[at++] = times?.[i] ?? 1
    }
    put(one)
    for (let i = 0; i < rows.length; i++) if (i !== one) put(i)
    this.#weight.push(weight)
    this.#sign.push(cases === 1 ? 1 : -1)
    this.#start.push(end)
  }

  /** Adds a set of people, cases first, by their values in the columns (as many as the rows are long) less the set's means. */
  addPeople(
    cases: number,
    people: readonly number[],
    columns: readonly ArrayLike<number>[],
    means: Float64Array,
  ): void {
    const { k } = this
    const one = cases === 1 ? 0 : people.length - cases === 1 ? people.length - 1 : -1
    if (one < 0) {
      this.add(
        1,
        cases,
        people.map((i) => Float64Array.from(columns, (column, j) => column[i] - means[j])),
      )
      return
    }
    const from = this.#start[this.#weight.length]
    const end = from + people.length
    if (end > this.#times.length) this.#grow(2 * end)
    this.#times.fill(1, from, end)
    for (let j = 0; j < k; j++) {
      const column = columns[j]
      const mean = means[j]
      let at = from * k + j
      this.#rows[at] = column[people[one]] - mean
      for (let i = 0; i < people.length; i++)
        if (i !== one) {
          at += k
          this.#rows[at] = column[people[i]] - mean
        }
    }
    this.#weight.push(1)
    this.#sign.push(cases === 1 ? 1 : -1)
    this.#start.push(end)
  }

  /** Whether a column does not vary by itself over the rows, which are less their set's means, to 1e-9. */
  dependent(): boolean {
    const { k } = this
    const sums = new Float64Array(k * k)
    const end = this.#start[this.#weight.length]
    const include = (rows: ArrayLike<number>, at: number) => {
      for (let j = 0; j < k; j++)
        for (let l = 0; l <= j; l++) {
          sums[j * k + l] += rows[at + j] * rows[at + l]
        }
    }
    for (let i = 0; i < end; i++) include(this.#rows, i * k)
    for (const { set } of this.#general) for (const row of set.rows) include(row, 0)
    const lower = cholesky(sums, k)
    if (lower !== undefined) {
      let surely = true
      for (let j = 0; j < k; j++) surely &&= lower[j * k + j] * lower[j * k + j] > surelyIndependent * sums[j * k + j]
      if (surely) return false
    }
    const rows = Array.from({ length: end }, (_, i) => this.#rows.slice(i * k, (i + 1) * k))
    return dependentRows([...rows, ...this.#general.flatMap(({ set }) => set.rows)], k)
  }

  #grow(people: number): void {
    const larger = (old: Float64Array, size: number) => {
      const grown = new Float64Array(size)
      grown.set(old)
      return grown
    }
    this.#rows = larger(this.#rows, people * this.k)
    this.#less = new Float64Array(people * this.k)
    this.#times = larger(this.#times, people)
    this.#share = new Float64Array(people)
  }

  /** The conditional log-likelihood with half the log determinant of its information. */
  get penalised(): Objective {
    return (b) => this.#at(b)
  }

  #at(b: Float64Array): ReturnType<Objective> {
    const { k } = this
    const rows = this.#rows
    const less = this.#less
    const share = this.#share
    let value = 0
    const gradient = new Float64Array(k)
    const information = new Float64Array(k * k)
    const mean = new Float64Array(k)
    for (let s = 0; s < this.#weight.length; s++) {
      const from = this.#start[s]
      const end = this.#start[s + 1]
      const weight = this.#weight[s]
      const sign = this.#sign[s]
      let likeliest = from
      let top = Number.NEGATIVE_INFINITY
      for (let i = from, at = from * k; i < end; i++, at += k) {
        let eta = 0
        for (let j = 0; j < k; j++) eta += rows[at + j] * b[j]
        eta *= sign
        share[i] = eta
        if (eta > top) {
          top = eta
          likeliest = i
        }
      }
      const own = share[from]
      let total = 0
      for (let i = from; i < end; i++) {
        share[i] = this.#times[i] * (share[i] === top ? 1 : exp(share[i] - top))
        total += share[i]
      }
      value += weight * (own - top - log(total))
      // Less the likeliest row: where that person is nearly certain, means and moments then keep their digits.
      mean.fill(0)
      for (let i = from, at = from * k; i < end; i++, at += k) {
        const p = share[i] / total
        share[i] = p
        for (let j = 0; j < k; j++) {
          const d = rows[at + j] - rows[likeliest * k + j]
          less[at + j] = d
          mean[j] += p * d
        }
      }
      for (let j = 0; j < k; j++) gradient[j] += sign * weight * (less[from * k + j] - mean[j])
      for (let i = from, at = from * k; i < end; i++, at += k) {
        const w = weight * share[i]
        for (let j = 0; j < k; j++) {
          const z = less[at + j] - mean[j]
          less[at + j] = z
          for (let l = 0, wz = w * z, to = j * k; l <= j; l++) information[to + l] += wz * less[at + l]
        }
      }
    }
    const third = this.#general.length > 0 ? new Float64Array(k * k * k) : undefined
    for (let j = 0; j < k; j++) for (let l = 0; l < j; l++) information[l * k + j] = information[j * k + l]
    for (const { weight, set } of this.#general) {
      const point = conditionalLikelihood([set], k)(b, true)
      if (point === undefined || third === undefined) return undefined
      value += weight * point.value
      for (let j = 0; j < k; j++) gradient[j] += weight * point.gradient[j]
      for (let j = 0; j < k * k; j++) information[j] += weight * point.information[j]
      for (let j = 0; j < k * k * k; j++) third[j] += weight * point.third[j]
    }
    const lower = cholesky(information, k)
    if (lower === undefined) return undefined
    const solved = mean
    const inverted = Float64Array.from({ length: k }, (_, j) => 1 / lower[j * k + j])
    // Half the trace of the inverse information times the third cumulants, which for one case among the people of a set are
    // the means of z'I z z, z a row less the mean.
    for (let s = 0; s < this.#weight.length; s++) {
      const half = (this.#sign[s] * this.#weight[s]) / 2
      for (let i = this.#start[s], end = this.#start[s + 1], at = i * k; i < end; i++, at += k) {
        // The square of the inverse factor times z: a triangle instead of a square.
        let square = 0
        for (let j = 0; j < k; j++) {
          let left = less[at + j]
          for (let l = 0; l < j; l++) left -= lower[j * k + l] * solved[l]
          left *= inverted[j]
          solved[j] = left
          square += left * left
        }
        const part = half * share[i] * square
        for (let j = 0; j < k; j++) gradient[j] += part * less[at + j]
      }
    }
    const inverse = third === undefined ? lower : choleskyInverse(lower, k)
    if (third !== undefined)
      for (let j = 0; j < k; j++) {
        let trace = 0
        for (let a = 0; a < k; a++) for (let c = 0; c < k; c++) trace += inverse[a * k + c] * third[(a * k + c) * k + j]
        gradient[j] += trace / 2
      }
    return { value: value + logDeterminant(lower, k) / 2, gradient, information }
  }
}
