import { UpturnError } from '../../errors/index.ts'
import { type Kernels, kernels } from '../../numerics/kernels.ts'

export const largestPeople = 1_000_000
export const largestParameters = 40

/** What the kernel is given: people by parameters, the tested column last. */
export interface FirthData {
  /** 1 case, 0 control, one a person. */
  cases: ArrayLike<number>
  /** Columns without the intercept, which is added; each of one number a person. */
  columns: readonly ArrayLike<number>[]
  /** Added to every linear predictor. */
  offset?: ArrayLike<number>
}

/**
 * Memory of one Firth model in the kernels' arena: valid inside the scope in which it was made. The last column is the one
 * that is tested; it starts as zeros and every person called.
 */
export class FirthWorkspace {
  readonly people: number
  readonly parameters: number
  readonly pointer: number
  readonly out: number
  readonly #k: Kernels
  readonly #rows: number
  readonly #pairs: number

  constructor(data: FirthData) {
    const n = data.cases.length
    const k = data.columns.length + 2
    if (n < 1 || n > largestPeople || k > largestParameters)
      throw new UpturnError(
        'BadArgument',
        `Firth takes 1 to ${largestPeople} people and up to ${largestParameters} parameters`,
      )
    if (data.columns.some((c) => c.length !== n) || (data.offset !== undefined && data.offset.length !== n))
      throw new UpturnError('BadArgument', 'covariates and offset need one number for every person')
    this.#k = kernels()
    this.people = n
    this.parameters = k
    this.#rows = Math.ceil(n / 4) * 4
    this.#pairs = Math.ceil(k / 2) * 2
    const bytes = this.#k.call.firthWorkspaceBytes(n, k)
    this.pointer = this.#k.allocate(bytes)
    this.out = this.#k.allocate(64)
    // Columns, sign, weight and offset; what else there is the kernel writes before it reads.
    const memory = this.#k.f64(this.pointer, (this.#pairs + 3) * this.#rows).fill(0)
    memory.fill(1, 0, n)
    data.columns.forEach((c, j) => {
      memory.set(c, (j + 1) * this.#rows)
    })
    this.coefficients().fill(0)
    const sign = this.#pairs * this.#rows
    for (let i = 0; i < n; i++) {
      memory[sign + i] = data.cases[i] === 1 ? 1 : -1
      memory[sign + this.#rows + i] = 1
      if (data.offset !== undefined) memory[sign + 2 * this.#rows + i] = data.offset[i]
    }
  }

  /** Values of the tested column, and 1 for each person who has one. */
  setTested(values: ArrayLike<number>, called?: ArrayLike<number>): void {
    const column = this.#k.f64(this.pointer + (this.parameters - 1) * this.#rows * 8, this.people)
    const weight = this.#k.f64(this.pointer + (this.#pairs + 1) * this.#rows * 8, this.people)
    for (let i = 0; i < this.people; i++) {
      const has = called === undefined || called[i] === 1
      column[i] = has ? values[i] : 0
      weight[i] = has ? 1 : 0
    }
  }

  /** Puts a packed genotype record in place of the tested column; returns how many people are called. */
  setGenotypes(record: number, words: number, bits: number): number {
    return this.#k.call.firthGenotypes(this.pointer, this.people, this.parameters, record, words, bits)
  }

  /** The coefficients, as a view: intercept, columns, tested column. */
  coefficients(): Float64Array {
    return this.#k.f64(
      this.pointer + this.#k.call.firthCoefficientsOffset(this.people, this.parameters),
      this.parameters,
    )
  }

  collinear(): boolean {
    return this.#k.call.firthCollinear(this.pointer, this.people, this.parameters) === 1
  }

  /** One climb from the coefficients in place; undefined when it did not converge. */
  climb(hold: boolean, newton: boolean, cap: number, limit: number): FirthClimb | undefined {
    const steps = this.#k.call.firthFit(
      this.pointer,
      this.people,
      this.parameters,
      hold ? 1 : 0,
      newton ? 1 : 0,
      cap,
      limit,
      this.out,
    )
    if (steps < 0) return undefined
    const out = this.#k.f64(this.out, 2)
    return { logLikelihood: out[0], standardError: out[1], steps }
  }

  /** Restricted then whole fit; `start` is a pointer to as many coefficients as there are parameters. */
  test(
    start: number,
    limit: number,
  ): { chiSquare: number; whole: number; beta: number; se: number; steps: number } | undefined {
    const steps = this.#k.call.firthTest(this.pointer, this.people, this.parameters, start, limit, this.out)
    if (steps < 0) return undefined
    const out = this.#k.f64(this.out, 4)
    return { chiSquare: out[0], whole: out[1], beta: out[2], se: out[3], steps }
  }
}

export interface FirthClimb {
  /** Penalised log-likelihood. */
  logLikelihood: number
  /** Of the last coefficient, from the ordinary information. */
  standardError: number
  steps: number
}
