import type { CohortModel, PriorSettings } from './model.ts'
import { defaultPriors, publishedModel } from './model.ts'
import { posteriorOf } from './posterior.ts'
import { type Departures, type SimulatedCourse, simulatePerson } from './simulate.ts'

export interface CalibrationBin {
  from: number
  to: number
  /** Simulated people whose posterior fell here. */
  people: number
  /** Mean posterior and share of true reversals, both weighted to the stated prevalence; null when empty. */
  meanPosterior: number | null
  trueShare: number | null
  /** Standard error of the share from the number of simulated people; null when fewer than two. */
  standardError: number | null
}

export interface Calibration {
  bins: CalibrationBin[]
  /** Share of true reversals with a posterior of at least 0.9, and at least 0.5. */
  sensitivity: number
  sensitivityHalf: number
  /** The first, among reversals that lie wholly within the follow-up. */
  sensitivityObserved: number
  /** Share of the others with a posterior of at least 0.9. */
  falseCalls: number
}

export const calibrationEdges: readonly number[] = [0, 0.01, 0.1, 0.5, 0.8, 0.9, 0.99, 1]

/**
 * Holds posteriors against the truth of simulated people. Each course is simulated in numbers of its own and weighted to
 * the prevalence that the priors state, so that rare calls can be judged.
 *
 * @param people simulated people of each course
 */
export function calibrate(
  seed: number,
  people: Readonly<Record<SimulatedCourse, number>>,
  options: { model?: CohortModel; priors?: PriorSettings; departures?: Departures } = {},
): Calibration {
  const model = options.model ?? publishedModel
  const priors = options.priors ?? defaultPriors
  const prevalence: Record<SimulatedCourse, number> = {
    decline: (1 - priors.reversal) * priors.decline,
    plateau: (1 - priors.reversal) * priors.plateau,
    transientGain: (1 - priors.reversal) * priors.transientGain,
    smallGain: (1 - priors.reversal) * priors.smallGain,
    reversal: priors.reversal,
  }
  const of = posteriorOf(model, priors)
  const bins = calibrationEdges
    .slice(1)
    .map((to, i) => ({ from: calibrationEdges[i], to, people: 0, weight: 0, sum: 0, hits: 0, squares: [0, 0] }))
  const totals = { observed: 0, observedConfident: 0, events: 0, confident: 0, half: 0, others: 0, falseCalls: 0 }
  for (const course of Object.keys(prevalence) as SimulatedCourse[]) {
    const weight = people[course] === 0 ? 0 : prevalence[course] / people[course]
    for (let i = 0; i < people[course]; i++) {
      const { trajectory, event, observed } = simulatePerson(seed, i, course, model, options.departures)
      const posterior = of(trajectory)?.posterior
      if (posterior === undefined) continue
      const bin = bins.find(({ to }) => posterior < to) ?? bins[bins.length - 1]
      bin.people++
      bin.weight += weight
      bin.squares[event ? 1 : 0] += weight * weight
      bin.sum += weight * posterior
      if (event) bin.hits += weight
      if (observed) {
        totals.observed += weight
        if (posterior >= 0.9) totals.observedConfident += weight
      }
      if (event) {
        totals.events += weight
        if (posterior >= 0.9) totals.confident += weight
        if (posterior >= 0.5) totals.half += weight
      } else {
        totals.others += weight
        if (posterior >= 0.9) totals.falseCalls += weight
      }
    }
  }
  return {
    bins: bins.map(({ from, to, people: count, weight, sum, hits, squares }) => {
      const share = weight === 0 ? null : hits / weight
      const spread = share === null ? 0 : squares[1] * (1 - share) * (1 - share) + squares[0] * share * share
      return {
        from,
        to,
        people: count,
        meanPosterior: weight === 0 ? null : sum / weight,
        trueShare: share,
        standardError: count < 2 ? null : Math.sqrt(spread) / weight,
      }
    }),
    sensitivity: totals.confident / totals.events,
    sensitivityObserved: totals.observedConfident / totals.observed,
    sensitivityHalf: totals.half / totals.events,
    falseCalls: totals.falseCalls / totals.others,
  }
}
