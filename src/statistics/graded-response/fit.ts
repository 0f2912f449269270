import { UpturnError } from '../../errors/index.ts'
import { exp } from '../../numerics/index.ts'
import { invertPositive } from '../mixed-model/symmetric.ts'
import {
  type GradedResponseModel,
  type ItemTables,
  itemTables,
  logistic,
  perTrait,
  traitCount,
  traitLow,
} from './model.ts'
import { nodeAt, nodes, profileOf, rowPosterior, tableEntry } from './profile.ts'

/** Ratings of people: rows of one person follow one another; -1 is missing. */
export interface Ratings {
  items: number
  categories: number
  /** First row of each person, then the number of rows: people + 1 numbers. */
  starts: ArrayLike<number>
  /** rows x items. */
  values: Int8Array
}

export interface GradedResponseFit {
  model: GradedResponseModel
  /** Of the rows, at the people's profiles. */
  logLikelihood: number
  iterations: number
  converged: boolean
}

const leastGap = 0.02

/**
 * Fits the graded response model to all rows by marginal maximum likelihood with an EM algorithm (Bock and Aitkin 1981): the
 * trait of each row is standard normal and summed out. Without `profiles` that is all.
 *
 * With `profiles` each person also has an own shift u_j ~ N(0, profileSd^2) of every item, held at its posterior mode;
 * the modes' squares and curvatures give profileSd. This is penalised quasi-likelihood (Breslow and Clayton 1993), which
 * understates profileSd where people have few rows.
 *
 * Refuses ratings that are no categories, fewer than two items, and no rows. Every item gets `pseudo` observations (one when
 * absent) of the start values, discrimination 1.5 and thresholds evenly from -2 to 2: so a category that nobody has, or an item
 * that everybody answers alike, leaves everything finite. With 0 it is plain maximum likelihood: against base R
 * (tests/oracles/13_graded_response) the log-likelihood agrees to 1e-3 and parameters to 0.01.
 */
export function fitGradedResponse(
  ratings: Ratings,
  options: { profiles?: boolean; mostIterations?: number; tolerance?: number; pseudo?: number } = {},
): GradedResponseFit {
  const { items, categories, starts, values } = ratings
  check(ratings)
  const people = starts.length - 1
  let model: GradedResponseModel = {
    items,
    categories,
    discrimination: new Float64Array(items).fill(1.5),
    thresholds: Float64Array.from(
      { length: items * (categories - 1) },
      (_, i) => 1.5 * (((i % (categories - 1)) + 0.5) / (categories - 1) - 0.5) * 4,
    ),
    profileSd: options.profiles === true ? 0.5 : 0,
  }
  const prior = pseudoCounts(itemTables(model), items, categories, options.pseudo ?? 1)
  const profiles = new Float64Array(people * items)
  const posterior = new Float64Array(nodes)
  const tolerance = options.tolerance ?? 1e-3
  let logLikelihood = Number.NEGATIVE_INFINITY
  let iterations = 0
  let converged = false
  for (; iterations < (options.mostIterations ?? 200) && !converged; iterations++) {
    const tables = itemTables(model)
    const counts = Float64Array.from(prior)
    logLikelihood = 0
    let spread = 0
    let moment = 0
    let rowCount = 0
    for (let person = 0; person < people; person++) {
      const own = profiles.subarray(person * items, (person + 1) * items)
      const rows = values.subarray(starts[person] * items, starts[person + 1] * items)
      if (model.profileSd > 0) spread += profileOf(model, tables, rows, own, 1)
      for (let at = 0; at < rows.length; at += items) {
        const row = rows.subarray(at, at + items)
        logLikelihood += rowPosterior(tables, categories, row, own, posterior)
        for (let n = 0; n < nodes; n++) moment += posterior[n] * nodeAt(n) * nodeAt(n)
        rowCount++
        for (let j = 0; j < items; j++)
          if (row[j] >= 0)
            for (let n = 0; n < nodes; n++)
              if (posterior[n] > 0)
                counts[(j * categories + row[j]) * traitCount + tableEntry(n, own[j])] += posterior[n]
      }
    }
    const next = maximise(model, counts)
    // Parameter-expanded EM (Liu, Rubin and Wu 1998): the trait's scale is free within an iteration and then put back to one.
    const scale = Math.sqrt(moment / rowCount)
    for (let j = 0; j < items; j++) next.discrimination[j] *= scale
    for (let i = 0; i < profiles.length; i++) profiles[i] /= scale
    if (model.profileSd > 0) next.profileSd = Math.max(0.05, Math.min(2, Math.sqrt(spread / (people * items)) / scale))
    let change = Math.abs(next.profileSd - model.profileSd)
    for (let j = 0; j < items; j++)
      change = Math.max(change, Math.abs(next.discrimination[j] - model.discrimination[j]))
    for (let i = 0; i < next.thresholds.length; i++)
      change = Math.max(change, Math.abs(next.thresholds[i] - model.thresholds[i]))
    model = next
    converged = change < tolerance
  }
  return { model, logLikelihood, iterations, converged }
}

function check({ items, categories, starts, values }: Ratings): void {
  const rows = starts.length === 0 ? 0 : starts[starts.length - 1]
  if (!(items >= 2 && categories >= 2 && rows >= 1 && values.length === rows * items))
    throw new UpturnError(
      'BadArgument',
      'a graded response model needs rows of ratings of two items or more with two categories or more',
    )
  for (const value of values)
    if (value < -1 || value >= categories)
      throw new UpturnError('BadArgument', `a rating is a whole number from 0 to ${categories - 1}, not ${value}`)
}

function pseudoCounts(tables: ItemTables, items: number, categories: number, pseudo: number): Float64Array {
  const counts = new Float64Array(items * categories * traitCount)
  for (let n = 0; n < nodes; n++) {
    const q = tableEntry(n, 0)
    const z = traitLow + q / perTrait
    const weight = pseudo * 0.2 * 0.3989422804014327 * exp(-0.5 * z * z)
    for (let at = q; at < counts.length; at += traitCount) counts[at] += weight * exp(tables.logP[at])
  }
  return counts
}

/** Fisher scoring of each item's discrimination and thresholds on expected counts, with step-halving. */
function maximise(model: GradedResponseModel, counts: Float64Array): GradedResponseModel {
  const { items, categories } = model
  const c1 = categories - 1
  const discrimination = Float64Array.from(model.discrimination)
  const thresholds = Float64Array.from(model.thresholds)
  for (let j = 0; j < items; j++) {
    const own = counts.subarray(j * categories * traitCount, (j + 1) * categories * traitCount)
    let at = [discrimination[j], ...thresholds.subarray(j * c1, (j + 1) * c1)]
    let value = itemLikelihood(own, categories, at)
    for (let round = 0; round < 3; round++) {
      const step = scoringStep(own, categories, at)
      if (step === null) break
      let moved = false
      for (let scale = 1; scale > 1e-3 && !moved; scale /= 2) {
        const trial = at.map((x, i) => x + scale * step[i])
        if (trial[0] < 0.05 || trial[0] > 12) continue
        if (trial.slice(2).some((b, i) => b - trial[i + 1] < leastGap)) continue
        const likelihood = itemLikelihood(own, categories, trial)
        if (likelihood < value) continue
        moved = true
        at = trial
        value = likelihood
      }
      if (!moved) break
    }
    discrimination[j] = at[0]
    thresholds.set(at.slice(1), j * c1)
  }
  return { ...model, discrimination, thresholds }
}

function itemLikelihood(counts: Float64Array, categories: number, parameters: readonly number[]): number {
  const { logP } = itemTables({
    items: 1,
    categories,
    discrimination: Float64Array.of(parameters[0]),
    thresholds: Float64Array.from(parameters.slice(1)),
    profileSd: 0,
  })
  let sum = 0
  for (let i = 0; i < counts.length; i++) if (counts[i] > 0) sum += counts[i] * logP[i]
  return sum
}

/** The expected information's inverse times the gradient; null where it is singular. */
function scoringStep(counts: Float64Array, categories: number, parameters: readonly number[]): number[] | null {
  const p = categories
  const [a, ...b] = parameters
  const gradient = new Float64Array(p)
  const information = new Float64Array(p * p)
  const d = new Float64Array(p)
  for (let q = 0; q < traitCount; q++) {
    let total = 0
    for (let c = 0; c < categories; c++) total += counts[c * traitCount + q]
    if (total < 1e-12) continue
    const theta = traitLow + q / perTrait
    let above = 1
    let weightAbove = 0
    for (let c = 0; c < categories; c++) {
      const next = c < b.length ? logistic(a * theta - b[c]) : 0
      const weightNext = next * (1 - next)
      const probability = Math.max(1e-12, above - next)
      d.fill(0)
      d[0] = (theta * (weightAbove - weightNext)) / probability
      if (c > 0) d[c] = -weightAbove / probability
      if (c < b.length) d[c + 1] = weightNext / probability
      const seen = counts[c * traitCount + q]
      for (let i = 0; i < p; i++) {
        if (d[i] === 0) continue
        gradient[i] += seen * d[i]
        for (let k = 0; k < p; k++) information[i * p + k] += total * probability * d[i] * d[k]
      }
      above = next
      weightAbove = weightNext
    }
  }
  const solved = invertPositive(information, p)
  if ('dependent' in solved) return null
  return Array.from({ length: p }, (_, i) => {
    let step = 0
    for (let k = 0; k < p; k++) step += solved.inverse[i * p + k] * gradient[k]
    return step
  })
}
