import { isUpturnError } from '../../../errors/index.ts'
import { log } from '../../../numerics/index.ts'
import { fitMixedModel, type GradedResponseModel } from '../../../statistics/index.ts'
import { daysPerMonth, type Trajectory } from '../../visits/trajectory.ts'
import { evenly, type ItemRatings } from './items.ts'
import { largestOn } from './largest.ts'
import type { CohortModel, PriorSettings } from './model.ts'
import { declinedMonths } from './pace.ts'
import { itemPosteriorOf, posteriorOf } from './posterior.ts'
import { fitShape } from './shape.ts'

/** Fewer people than this with three visits give no model of their own. */
const fewestPeople = 30
/** Below this a residual SD is an artefact: ratings are integers and ICCs are below one. */
const leastNoise = 0.8

/**
 * The cohort's random-intercept, random-slope model by REML, time in months since each person's first visit, counted and rated as the shape of
 * its decline says. Null where fewer than 30 people have three visits, or the data leave nothing to fit.
 */
export function fitCohort(people: readonly Trajectory[]): CohortModel | null {
  if (people.filter((person) => person.days.length >= 3).length < fewestPeople) return null
  const shape = fitShape(people)
  const subject: number[] = []
  const time: number[] = []
  const response: number[] = []
  people.forEach(({ days, scores }, person) => {
    days.forEach((day, k) => {
      subject.push(person)
      time.push(declinedMonths((day - days[0]) / daysPerMonth, shape?.pace ?? 0))
      response.push(scores[k] - (shape?.early[k] ?? 0))
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
      ...shape,
    }
  } catch (error) {
    if (isUpturnError(error, 'BadArgument') || isUpturnError(error, 'CollinearCovariates')) return null
    throw error
  }
}

/** People whose visits tell the noise, and the step of the times of the turn for it. */
const mostForNoise = 300
const mostForItemNoise = 100
const coarse = 4.5
const tailShares = [0, 0.1, 0.25]
/** Prior of the share of tails: exponential with this mean. */
const meanTails = 0.1
const noiseFactors = [0.45, 0.6, 0.75, 0.9, 1.05, 1.2]
/** SD of the prior of the logarithm of the share of outlying visits. */
const outlyingSpread = 0.5
const itemNoises = [0.3, 0.8, 1.3, 1.8, 2.3]

/**
 * The noise of ordinary visits, the share with twice as much, and the share of outlying visits: the residual SD of the mixed model also holds
 * turns and outlying visits. By the largest probability of the visits over all courses, on grids, from at most 300 people spread evenly over the
 * order given; the SD is the top of a parabola through the best three.
 */
export function fitNoise(people: readonly Trajectory[], model: CohortModel, priors: PriorSettings): CohortModel {
  const chosen = evenly(
    people.filter(({ days }) => days.length >= 3),
    mostForNoise,
  )
  if (chosen.length === 0) return model
  const probability = (candidate: CohortModel) => {
    const of = posteriorOf({ ...candidate, neighbours: 0 }, priors, coarse)
    let sum = 0
    for (const person of chosen) sum += of(person)?.logEvidence ?? 0
    return sum
  }
  const sdOf = (factor: number) => Math.max(leastNoise, factor * model.sdResidual)
  let factors: readonly number[] = noiseFactors
  let found = { ...model }
  let largest = Number.NEGATIVE_INFINITY
  for (const tails of tailShares) {
    const { at, value } = largestOn(
      factors,
      (factor) => probability({ ...model, tails, sdNoise: sdOf(factor) }) - tails / meanTails,
    )
    if (value <= largest) break
    largest = value
    found = { ...model, tails, sdNoise: sdOf(at) }
    const top = Math.round((at - noiseFactors[0]) / 0.15)
    factors = noiseFactors.slice(Math.max(0, top - 2), top + 2)
  }
  const share = (step: number) => {
    const outlyingVisit = priors.outlyingVisit * 2 ** step
    return { ...found, outlyingVisit }
  }
  const { at } = largestOn(
    [-2, -1, 0, 1, 2],
    (step) => probability(share(step)) - ((step * log(2)) / outlyingSpread) ** 2 / 2,
  )
  return share(at)
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
    mostForItemNoise,
  )
  if (chosen.length === 0) return model
  const { at } = largestOn(itemNoises, (itemNoise) => {
    const of = itemPosteriorOf(
      { ...model, itemNoise, neighbours: 0 },
      items,
      chosen[0].trajectory.scale,
      priors,
      coarse,
    )
    let sum = 0
    for (const { trajectory, ratings } of chosen) sum += of(trajectory, ratings)?.logEvidence ?? 0
    return sum
  })
  return { ...model, itemNoise: at }
}
