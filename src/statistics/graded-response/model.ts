import { exp, log } from '../../numerics/index.ts'

/**
 * Samejima's graded response model (1969): P(Y_j >= c | theta) = 1 / (1 + exp(-(a_j (theta - u_j) - b_jc))), c = 1 to C - 1, with
 * b ascending in c. Here u_j says how far ahead of the others an item is in one person, as in bulbar or limb onset: it belongs
 * to the person and does not change with time.
 */
export interface GradedResponseModel {
  items: number
  /** C, the categories of each item: 0 to C - 1. */
  categories: number
  /** a_j > 0. */
  discrimination: Float64Array
  /** items x (C - 1). */
  thresholds: Float64Array
  /** SD of u over people, on the trait's scale, on which rows have SD one; 0 without profiles. */
  profileSd: number
}

/** Traits of the tables: from -10 to 10 by a twentieth. */
export const traitLow = -10
export const perTrait = 20
export const traitCount = 401

/** Each of items x categories x traits. */
export interface ItemTables {
  /** log P, not below log 1e-12. */
  logP: Float64Array
  /** d log P / d theta, and minus the second derivative, which is never negative. */
  slope: Float64Array
  information: Float64Array
  /** Expected rating, items x traits. */
  expected: Float64Array
}

export function logistic(x: number): number {
  return x >= 0 ? 1 / (1 + exp(-x)) : 1 - 1 / (1 + exp(x))
}

export function itemTables({ items, categories, discrimination, thresholds }: GradedResponseModel): ItemTables {
  const size = items * categories * traitCount
  const tables = {
    logP: new Float64Array(size),
    slope: new Float64Array(size),
    information: new Float64Array(size),
    expected: new Float64Array(items * traitCount),
  }
  for (let j = 0; j < items; j++)
    for (let q = 0; q < traitCount; q++) {
      const a = discrimination[j]
      const x = a * (traitLow + q / perTrait)
      let above = 1
      for (let c = 0; c < categories; c++) {
        const next = c + 1 < categories ? logistic(x - thresholds[j * (categories - 1) + c]) : 0
        const at = (j * categories + c) * traitCount + q
        tables.logP[at] = log(Math.max(1e-12, above - next))
        tables.slope[at] = a * (1 - above - next)
        tables.information[at] = a * a * (above * (1 - above) + next * (1 - next))
        tables.expected[j * traitCount + q] += next
        above = next
      }
    }
  return tables
}
