import { exp, log } from '../../../numerics/index.ts'
import {
  type GradedResponseModel,
  type ItemTables,
  perTrait,
  profileOf,
  traitCount,
} from '../../../statistics/index.ts'
import type { ItemRatings } from './items.ts'
import { latentAt, perPoint, tableLength } from './scale.ts'
import type { NoisePart, VisitLikelihood } from './visit-noise.ts'

const profileRounds = 5

/**
 * P(items of a visit | latent score) on the grid of `scale.ts`, for each visit of one person. The latent score is the person's
 * own expected total: the sum of the items' expected ratings at the trait, with the person's profile. It is a matter of the items
 * where the scale ends: an item at 0 or 4 says nothing of what lies beyond it. A visit's noise, as of the rater or the day, is
 * added to the latent score. A missing item is left out. Null for a visit without any item.
 *
 * @param parts the visit's noise beside that of the items
 */
export function itemLikelihoods(
  model: GradedResponseModel,
  tables: ItemTables,
  ratings: ItemRatings,
  highest: number,
  parts: readonly NoisePart[],
): (VisitLikelihood | null)[] {
  const { items, categories } = model
  const profile = new Float64Array(items)
  if (model.profileSd > 0) profileOf(model, tables, ratings, profile, profileRounds)
  const shifts = Int32Array.from(profile, (own) => Math.round(own * perTrait))
  const traits = traitEntries(tables, shifts, highest)
  const result: (VisitLikelihood | null)[] = []
  for (let at = 0; at < ratings.length; at += items) {
    const row = ratings.subarray(at, at + items)
    if (row.every((rating) => rating < 0)) {
      result.push(null)
      continue
    }
    const logs = new Float64Array(traits.length)
    for (let j = 0; j < items; j++) {
      if (row[j] < 0) continue
      const base = (j * categories + row[j]) * traitCount
      for (let i = 0; i < logs.length; i++)
        logs[i] += tables.logP[base + Math.max(0, Math.min(traitCount - 1, traits[i] - shifts[j]))]
    }
    result.push(withNoise(logs, parts))
  }
  return result
}

/** The trait's entry in the item tables for each latent score; beyond half a point from the ends it goes on as there. */
function traitEntries(tables: ItemTables, shifts: Int32Array, highest: number): Int32Array {
  const expected = new Float64Array(traitCount)
  for (let j = 0; j < shifts.length; j++)
    for (let q = 0; q < traitCount; q++)
      expected[q] += tables.expected[j * traitCount + Math.max(0, Math.min(traitCount - 1, q - shifts[j]))]
  const entryOf = (score: number): number => {
    let low = 0
    let high = traitCount - 1
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (expected[middle] < score) low = middle
      else high = middle
    }
    const rise = expected[high] - expected[low]
    return rise > 0 ? low + Math.max(0, Math.min(1, (score - expected[low]) / rise)) : low
  }
  const bottom = entryOf(0.5)
  const bottomStep = entryOf(1.5) - bottom
  const top = entryOf(highest - 0.5)
  const topStep = top - entryOf(highest - 1.5)
  return Int32Array.from({ length: tableLength(highest) }, (_, i) => {
    const score = latentAt(i)
    if (score < 0.5) return Math.round(bottom - (0.5 - score) * bottomStep)
    if (score > highest - 0.5) return Math.round(top + (score - highest + 0.5) * topStep)
    return Math.round(entryOf(score))
  })
}

function withNoise(logs: Float64Array, parts: readonly NoisePart[]): VisitLikelihood {
  let most = Number.NEGATIVE_INFINITY
  for (const value of logs) most = Math.max(most, value)
  const likelihood = logs.map((value) => exp(value - most))
  const all = new Float64Array(logs.length)
  const regular = new Float64Array(logs.length)
  parts.forEach(({ share, sd }, part) => {
    const smooth = smoothed(likelihood, sd * perPoint)
    for (let i = 0; i < all.length; i++) {
      all[i] += share * smooth[i]
      if (part < parts.length - 1) regular[i] += share * smooth[i]
    }
  })
  let largest = 0
  for (const value of all) largest = Math.max(largest, value)
  return {
    all: all.map((value) => value / largest),
    regular: regular.map((value) => value / largest),
    logMost: most + log(largest),
  }
}

/** Normal smoothing, SD in entries, of a table that goes on beyond its ends; wide ones from every fourth entry. */
function smoothed(table: Float64Array, sd: number): Float64Array {
  const stride = sd > 12 ? 4 : 1
  const reach = Math.ceil((4 * sd) / stride)
  const weights = new Float64Array(2 * reach + 1)
  let total = 0
  for (let d = -reach; d <= reach; d++) {
    const z = (d * stride) / sd
    weights[d + reach] = exp(-0.5 * z * z)
    total += weights[d + reach]
  }
  const last = table.length - 1
  const at = (i: number): number => {
    let sum = 0
    for (let d = -reach; d <= reach; d++) {
      const from = i + d * stride
      sum += weights[d + reach] * table[from < 0 ? 0 : from > last ? last : from]
    }
    return sum / total
  }
  const out = new Float64Array(table.length)
  for (let i = 0; i < out.length; i += stride) out[i] = at(i)
  if (stride > 1)
    for (let i = 0; i < out.length; i++) {
      const before = i - (i % stride)
      const after = Math.min(last - (last % stride), before + stride)
      out[i] = out[before] + ((i - before) / stride) * (out[after] - out[before])
    }
  return out
}
