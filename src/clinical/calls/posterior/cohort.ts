import { isUpturnError } from '../../../errors/index.ts'
import { fitMixedModel, type GradedResponseModel } from '../../../statistics/index.ts'
import { daysPerMonth, type Trajectory } from '../../visits/trajectory.ts'
import { evenly, type ItemRatings } from './items.ts'
import type { CohortModel, PriorSettings } from './model.ts'
import { itemPosteriorOf, posteriorOf } from './posterior.ts'

/** Fewer people than this with three visits give no model of their own. */
const fewestPeople = 30
/** Below this a residual SD is an artefact: ratings are integers and ICCs are below one. */
const leastNoise = 0.8

/**
 * The cohort's random-intercept, random-slope model by REML, time in months since each person's first visit. Null where
 * fewer than 30 people have three visits, or the data leave nothing to fit.
 */
export function fitCohort(people: readonly Trajectory[]): CohortModel | null {
  if (people.filter((person) => person.days.length >= 3).length < fewestPeople) return null
  const subject: number[] = []
  const time: number[] = []
  const response: number[] = []
  people.forEach(({ days, scores }, person) => {
    days.forEach((day, k) => {
      subject.push(person)
      time.push((day - days[0]) / daysPerMonth)
      response.push(scores[k])
    })
  })
  try {
    const fit = fitMixedModel({
      subjects: people.length,
      subject,
      time,
      response,
      fixed: [new Float64Array(time.length).fill(1), time],
    })
    const sdIntercept = Math.sqrt(fit.varIntercept)
    const sdSlope = Math.sqrt(fit.varSlope)
    return {
      intercept: fit.fixed[0],
      slopePerMonth: fit.fixed[1],
      sdIntercept,
      sdSlope,
      correlation: sdIntercept > 0 && sdSlope > 0 ? fit.covariance / (sdIntercept * sdSlope) : 0,
      sdResidual: Math.max(leastNoise, Math.sqrt(fit.varResidual)),
    }
  } catch (error) {
    if (isUpturnError(error, 'BadArgument') || isUpturnError(error, 'CollinearCovariates')) return null
    throw error
  }
}

/** People whose visits tell the noise, and the step of the times of the turn for it. */
const mostForNoise = 100
const coarse = 4.5
const tailShares = [0, 0.1, 0.25]
const noiseFactors = [0.6, 0.75, 0.9, 1.05, 1.2]
const itemNoises = [0.3, 0.8, 1.3, 1.8, 2.3]

/**
 * The noise of ordinary visits and the share with twice as much: the residual SD of the mixed model also holds turns and
 * outlying visits. By the largest probability of the visits over all courses, on a grid, from at most 100 people spread
 * evenly over the order given; the SD is the top of a parabola through the best three.
 */
export function fitNoise(people: readonly Trajectory[], model: CohortModel, priors: PriorSettings): CohortModel {
  const chosen = evenly(
    people.filter(({ days }) => days.length >= 3),
    mostForNoise,
  )
  if (chosen.length === 0) return model
  const probability = (candidate: CohortModel) => {
    const of = posteriorOf(candidate, priors, coarse)
    let sum = 0
    for (const person of chosen) sum += of(person)?.logEvidence ?? 0
    return sum
  }
  const withSd = (tails: number) =>
    best(noiseFactors, (factor) =>
      probability({ ...model, tails, sdNoise: Math.max(leastNoise, factor * model.sdResidual) }),
    )
  let found = { ...model }
  let largest = Number.NEGATIVE_INFINITY
  for (const tails of tailShares) {
    const { at, value } = withSd(tails)
    if (value <= largest) continue
    largest = value
    found = { ...model, tails, sdNoise: Math.max(leastNoise, at * model.sdResidual) }
  }
  return found
}

/** People whose visits tell of shifts, the shares and SDs considered, and how much likelier these must be to be believed. */
const mostForShifts = 300
const shiftShares = [0.25, 0.5]
const shiftSds = [1.5, 2.5]
const believed = 3

/**
 * How common lasting shifts of the ratings are and how large: the priors', unless more or larger ones make the visits of at
 * most 300 people likelier by e^3. Raters who change, practice, and noise that neighbouring visits share all look like shifts.
 */
export function fitShifts(people: readonly Trajectory[], model: CohortModel, priors: PriorSettings): CohortModel {
  const chosen = evenly(
    people.filter(({ days }) => days.length >= 3),
    mostForShifts,
  )
  const probability = (candidate: CohortModel) => {
    const of = posteriorOf(candidate, priors, coarse)
    let sum = 0
    for (const person of chosen) sum += of(person)?.logEvidence ?? 0
    return sum
  }
  let largest = probability(model) + believed
  let found = model
  for (const share of shiftShares)
    for (const sd of shiftSds) {
      if (share > priors.decline + priors.ratingShift - 0.1) continue
      const candidate = { ...model, shifts: { share, sd } }
      const value = probability(candidate)
      if (value <= largest) continue
      largest = value
      found = candidate
    }
  return found
}

/** The noise that a visit adds to its items, in the same way; the share of tails is that of the totals. */
export function fitItemNoise(
  people: readonly { trajectory: Trajectory; ratings: ItemRatings }[],
  model: CohortModel,
  items: GradedResponseModel,
  priors: PriorSettings,
): CohortModel {
  const chosen = evenly(
    people.filter(({ trajectory }) => trajectory.days.length >= 3),
    mostForNoise,
  )
  if (chosen.length === 0) return model
  const { at } = best(itemNoises, (itemNoise) => {
    const of = itemPosteriorOf({ ...model, itemNoise }, items, chosen[0].trajectory.scale, priors, coarse)
    let sum = 0
    for (const { trajectory, ratings } of chosen) sum += of(trajectory, ratings)?.logEvidence ?? 0
    return sum
  })
  return { ...model, itemNoise: at }
}

/** Where a function is largest on an even grid: the top of the parabola through the best point and its neighbours. */
function best(grid: readonly number[], of: (x: number) => number): { at: number; value: number } {
  const values = grid.map(of)
  let top = 0
  for (let i = 1; i < grid.length; i++) if (values[i] > values[top]) top = i
  if (top === 0 || top === grid.length - 1) return { at: grid[top], value: values[top] }
  const [before, value, after] = values.slice(top - 1, top + 2)
  const bend = before - 2 * value + after
  const move = bend < 0 ? (0.5 * (before - after)) / bend : 0
  return { at: grid[top] + move * (grid[1] - grid[0]), value: value - 0.25 * (before - after) * move }
}
