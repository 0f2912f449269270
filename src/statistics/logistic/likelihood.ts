import { UpturnError } from '../../errors/index.ts'
import { exp, log1p } from '../../numerics/special.ts'
import type { Objective } from '../likelihood/climb.ts'

export interface LogisticData {
  /** 1 case, 0 control, by row. */
  cases: ArrayLike<number>
  /** Columns without the intercept, which is added first; one finite number a row. */
  columns: readonly ArrayLike<number>[]
  /** Added to every linear predictor. */
  offset?: ArrayLike<number>
  /** How many people a row stands for (1 each): whole numbers from 0. */
  weights?: ArrayLike<number>
}

const mostParameters = 40

export function requireLogisticData({ cases, columns, offset, weights }: LogisticData): void {
  const n = cases.length
  if (n === 0 || columns.length + 1 > mostParameters)
    throw new UpturnError(
      'BadArgument',
      `logistic regression takes 1 row or more and up to ${mostParameters} parameters`,
    )
  for (const given of [...columns, offset, weights]) {
    if (given === undefined) continue
    if (given.length !== n) throw new UpturnError('BadArgument', 'columns, offset and weights need one number a row')
    for (let i = 0; i < n; i++)
      if (!Number.isFinite(given[i]))
        throw new UpturnError('BadArgument', `row ${i} has the value ${given[i]}, which is no number to fit`)
  }
}

/** e^eta / (1 + e^eta), what is left of it to 1, and log(1 + e^eta), without overflow or loss of digits. */
export function logistic(eta: number): { risk: number; rest: number; logOnePlus: number } {
  const small = exp(-Math.abs(eta))
  const larger = 1 / (1 + small)
  const smaller = small / (1 + small)
  return {
    risk: eta > 0 ? larger : smaller,
    rest: eta > 0 ? smaller : larger,
    logOnePlus: Math.max(eta, 0) + log1p(small),
  }
}

/** m above 0; b is the last coefficient over `unit`. */
export interface LogFPenalty {
  m: number
  unit: number
}

/**
 * The log-likelihood of logistic regression, with a log-F(m, m) penalty on the last coefficient where one is given: it adds
 * m b / 2 - m log(1 + e^b) (Greenland and Mansournia 2015, eq. 2).
 */
export function logisticObjective(data: LogisticData, penalty?: LogFPenalty): Objective {
  const { cases, columns, offset, weights } = data
  const n = cases.length
  const k = columns.length + 1
  const rows = new Float64Array(n * k)
  for (let i = 0; i < n; i++) {
    rows[i * k] = 1
    for (let j = 1; j < k; j++) rows[i * k + j] = columns[j - 1][i]
  }
  return (b) => {
    let value = 0
    const gradient = new Float64Array(k)
    const information = new Float64Array(k * k)
    for (let i = 0; i < n; i++) {
      const many = weights?.[i] ?? 1
      if (many === 0) continue
      const at = i * k
      let eta = offset?.[i] ?? 0
      for (let j = 0; j < k; j++) eta += rows[at + j] * b[j]
      // Of a person whose label is nearly certain what is left to 1 counts, however little.
      const { risk: missed, rest: met, logOnePlus } = logistic(cases[i] === 1 ? -eta : eta)
      value -= many * logOnePlus
      const push = cases[i] === 1 ? many * missed : -many * missed
      const weight = many * met * missed
      for (let j = 0; j < k; j++) {
        gradient[j] += push * rows[at + j]
        const w = weight * rows[at + j]
        for (let l = 0; l <= j; l++) information[j * k + l] += w * rows[at + l]
      }
    }
    if (penalty !== undefined) {
      const { m, unit } = penalty
      const own = b[k - 1] / unit
      const { risk, logOnePlus } = logistic(own)
      value += m * (own / 2 - logOnePlus)
      gradient[k - 1] += (m * (0.5 - risk)) / unit
      information[k * k - 1] += (m * risk * (1 - risk)) / (unit * unit)
    }
    for (let j = 0; j < k; j++) for (let l = 0; l < j; l++) information[l * k + j] = information[j * k + l]
    return { value, gradient, information }
  }
}
