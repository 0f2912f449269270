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

/** e^eta / (1 + e^eta) and log(1 + e^eta), without overflow. */
export function logistic(eta: number): { risk: number; logOnePlus: number } {
  const small = exp(-Math.abs(eta))
  return {
    risk: eta > 0 ? 1 / (1 + small) : small / (1 + small),
    logOnePlus: Math.max(eta, 0) + log1p(small),
  }
}

/**
 * The log-likelihood of logistic regression, with log-F(m, m) penalties where `penalties` gives an m above 0 for a coefficient: each adds
 * m b / 2 - m log(1 + e^b) (Greenland and Mansournia 2015, eq. 2).
 */
export function logisticObjective(data: LogisticData, penalties?: ArrayLike<number>): Objective {
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
      const { risk, logOnePlus } = logistic(eta)
      const y = cases[i] === 1 ? 1 : 0
      value += many * (y * eta - logOnePlus)
      const rest = many * (y - risk)
      const weight = many * risk * (1 - risk)
      for (let j = 0; j < k; j++) {
        gradient[j] += rest * rows[at + j]
        const w = weight * rows[at + j]
        for (let l = 0; l <= j; l++) information[j * k + l] += w * rows[at + l]
      }
    }
    for (let j = 0; j < k; j++) {
      const m = penalties?.[j] ?? 0
      if (m > 0) {
        const { risk, logOnePlus } = logistic(b[j])
        value += m * (b[j] / 2 - logOnePlus)
        gradient[j] += m * (0.5 - risk)
        information[j * k + j] += m * risk * (1 - risk)
      }
      for (let l = 0; l < j; l++) information[l * k + j] = information[j * k + l]
    }
    return { value, gradient, information }
  }
}
