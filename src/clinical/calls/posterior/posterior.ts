import { exp, log } from '../../../numerics/index.ts'
import { daysPerMonth, highestScore, type Trajectory } from '../../visits/trajectory.ts'
import { CourseEvidence, type FamilyEvidence, LogSum } from './evidence.ts'
import { type CohortModel, defaultPriors, type PriorSettings } from './model.ts'
import { type ShapeFamilies, shapeFamilies, turnTimes } from './shapes.ts'

/** How probable a true reversal is, and what else explains the visits. */
export interface ReversalPosterior {
  /** At the central prior. */
  posterior: number
  /** At the ends of the prior range. */
  low: number
  high: number
  /** Probabilities of the other explanations at the central prior; with `posterior` they sum to one. */
  alternatives: Alternatives
}

export interface Alternatives {
  decline: number
  plateau: number
  transientGain: number
  smallGain: number
  /** Any of the above with one visit, or a spell of two, that is off by more than noise. */
  outlyingVisit: number
}

/**
 * Posterior probability that the latent score rose at least 4 points above its nadir and stayed there 365 days.
 *
 * Averages Gaussian marginal likelihoods over a fixed grid of times and lengths of the turn (`shapes.ts`), with slope and
 * intercept from the cohort's mixed model. Null with fewer than two visits: nothing can then be said.
 *
 * @param step months between the times of the turn that are considered
 */
export function reversalPosterior(
  trajectory: Trajectory,
  model: CohortModel,
  priors: PriorSettings = defaultPriors,
  step = 1.5,
): ReversalPosterior | null {
  return posteriorOf(model, priors, step)(trajectory)
}

/** The same for many people: courses are prepared once. */
export function posteriorOf(
  model: CohortModel,
  priors: PriorSettings = defaultPriors,
  step = 1.5,
): (trajectory: Trajectory) => ReversalPosterior | null {
  const prepared = new Map<number, ShapeFamilies>()
  return (trajectory) => {
    const n = trajectory.days.length
    if (n < 2) return null
    const first = trajectory.days[0]
    const months = Float64Array.from(trajectory.days, (day) => (day - first) / daysPerMonth)
    const course = { months, scores: Float64Array.from(trajectory.scores), highest: highestScore[trajectory.scale] }
    const times = turnTimes(months[n - 1], step)
    const end = times[times.length - 1]
    let families = prepared.get(end)
    if (families === undefined) {
      families = shapeFamilies(times, log)
      prepared.set(end, families)
    }
    return weigh(families, new CourseEvidence(course, model, priors), priors)
  }
}

function weigh(families: ShapeFamilies, evidence: CourseEvidence, priors: PriorSettings): ReversalPosterior {
  const decline = empty()
  const plateau = empty()
  const transient = empty()
  const small = empty()
  const reversal = empty()
  for (const shape of families.decline) evidence.addCourse(shape, decline)
  for (const shape of families.plateau) evidence.addCourse(shape, plateau)
  for (const shape of families.transientGain) evidence.addGain(shape, transient)
  for (const shape of families.turn) evidence.addTurn(shape, reversal, small)
  const others = [
    [decline, log(priors.decline)],
    [plateau, log(priors.plateau)],
    [transient, log(priors.transientGain)],
    [small, log(priors.smallGain)],
  ] as const
  const alternative = new LogSum()
  const outlying = new LogSum()
  for (const [family, share] of others) {
    alternative.add(family.clean.value + share)
    alternative.add(family.outlying.value + share)
    outlying.add(family.outlying.value + share)
  }
  const turned = new LogSum()
  turned.add(reversal.clean.value)
  turned.add(reversal.outlying.value)
  const at = (prior: number) => logistic(turned.value - alternative.value + log(prior) - log(1 - prior))
  const posterior = at(priors.reversal)
  const rest = 1 - posterior
  const part = (value: number) => rest * exp(value - alternative.value)
  return {
    posterior,
    low: at(priors.reversalRange[0]),
    high: at(priors.reversalRange[1]),
    alternatives: {
      decline: part(decline.clean.value + others[0][1]),
      plateau: part(plateau.clean.value + others[1][1]),
      transientGain: part(transient.clean.value + others[2][1]),
      smallGain: part(small.clean.value + others[3][1]),
      outlyingVisit: part(outlying.value),
    },
  }
}

function empty(): FamilyEvidence {
  return { clean: new LogSum(), outlying: new LogSum() }
}

function logistic(x: number): number {
  return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
}
