import { exp, log } from '../../numerics/index.ts'
import { type GradedResponseModel, type ItemTables, perTrait, traitCount } from './model.ts'

/** Nodes over which a row's trait is summed out: from -8 to 8 by a fifth, under a standard normal distribution. */
export const nodes = 81
const perNode = 4
const firstNode = 40

/** A shift moves by at most this in a round, and no further than that from zero. */
const longestStep = 0.3
const furthest = 4

/** Trait of a node. */
export const nodeAt = (n: number): number => (n - nodes / 2 + 0.5) / (perTrait / perNode)

/** Entry of the tables for a node and a shift, held inside. */
export function tableEntry(node: number, shift: number): number {
  const entry = firstNode + perNode * node - Math.round(shift * perTrait)
  return entry < 0 ? 0 : entry >= traitCount ? traitCount - 1 : entry
}

/**
 * Posterior weights of the nodes for one row (-1: missing), into `posterior`; returns the log marginal likelihood, zero for a row
 * without ratings.
 */
export function rowPosterior(
  tables: ItemTables,
  categories: number,
  row: ArrayLike<number>,
  profile: Float64Array,
  posterior: Float64Array,
): number {
  for (let n = 0; n < nodes; n++) {
    const z = nodeAt(n)
    posterior[n] = -0.5 * z * z
  }
  for (let j = 0; j < row.length; j++) {
    if (row[j] < 0) continue
    const base = (j * categories + row[j]) * traitCount
    let entry = firstNode - Math.round(profile[j] * perTrait)
    for (let n = 0; n < nodes; n++, entry += perNode)
      posterior[n] += tables.logP[base + (entry < 0 ? 0 : entry >= traitCount ? traitCount - 1 : entry)]
  }
  let most = Number.NEGATIVE_INFINITY
  for (let n = 0; n < nodes; n++) most = Math.max(most, posterior[n])
  let sum = 0
  for (let n = 0; n < nodes; n++) {
    const below = posterior[n] - most
    posterior[n] = below < -40 ? 0 : exp(below)
    sum += posterior[n]
  }
  for (let n = 0; n < nodes; n++) posterior[n] /= sum
  return most + log(sum) + log((0.3989422804014327 * perNode) / perTrait)
}

/**
 * One person's profile: rounds of Newton steps towards the posterior mode of u given the rows' traits, each trait summed out
 * (an EM algorithm within the person). `profile` is where it begins and ends. Returns the sum of u_j^2 and of the steps'
 * inverse curvatures, whose mean over people and items estimates the profiles' variance.
 */
export function profileOf(
  model: GradedResponseModel,
  tables: ItemTables,
  rows: Int8Array,
  profile: Float64Array,
  rounds: number,
): number {
  const { items, categories } = model
  const precision = 1 / (model.profileSd * model.profileSd)
  const posterior = new Float64Array(nodes)
  const gradient = new Float64Array(items)
  const curvature = new Float64Array(items)
  let spread = 0
  for (let round = 0; round < rounds; round++) {
    for (let j = 0; j < items; j++) {
      gradient[j] = -precision * profile[j]
      curvature[j] = precision
    }
    for (let at = 0; at < rows.length; at += items) {
      const row = rows.subarray(at, at + items)
      rowPosterior(tables, categories, row, profile, posterior)
      for (let j = 0; j < items; j++) {
        if (row[j] < 0) continue
        const base = (j * categories + row[j]) * traitCount
        for (let n = 0; n < nodes; n++) {
          if (posterior[n] < 1e-8) continue
          const entry = base + tableEntry(n, profile[j])
          gradient[j] -= posterior[n] * tables.slope[entry]
          curvature[j] += posterior[n] * tables.information[entry]
        }
      }
    }
    spread = 0
    for (let j = 0; j < items; j++) {
      // Where a rating is far from what the trait says there is slope but no curvature, and a whole step would overshoot.
      const step = Math.max(-longestStep, Math.min(longestStep, gradient[j] / curvature[j]))
      profile[j] = Math.max(-furthest, Math.min(furthest, profile[j] + step))
      spread += profile[j] * profile[j] + 1 / curvature[j]
    }
  }
  return spread
}
