import { log } from '../../../numerics/index.ts'
import type { Visit } from '../../../results/clinical.ts'
import { type GradedResponseModel, itemTables } from '../../../statistics/index.ts'
import { daysPerMonth, highestScore, type Trajectory } from '../../visits/trajectory.ts'
import { CourseEvidence, type Evidence, type Row } from './evidence.ts'
import { itemLikelihoods } from './item-likelihood.ts'
import type { ItemRatings } from './items.ts'
import { type CohortModel, defaultPriors, type PriorSettings, priorsOf } from './model.ts'
import { noiseParts, quarters, shiftedBy, totalLikelihood, type VisitLikelihood } from './visit-noise.ts'

/** How probable a true reversal is, and what else explains the visits. */
export interface ReversalPosterior {
  /** At the central prior. */
  posterior: number
  /** At the ends of the prior range. */
  low: number
  high: number
  /** Probabilities of the other explanations at the central prior; with `posterior` they sum to one. */
  alternatives: Alternatives
  /** Log probability of the visits under all courses at the central prior. */
  logEvidence: number
}

export interface Alternatives {
  decline: number
  plateau: number
  transientGain: number
  smallGain: number
  /** Ratings that are higher or lower from some visit on. */
  ratingShift: number
  /** A line with one visit, or a spell of two or three, that is off by more than noise. */
  outlyingVisit: number
}

/** Months between the times of the found. */
export const fineStep = 1.5
/** Gains that line families share: excursions from a line; the rest of the transient gains are worn away by decfound. */
const excursions = 0.6

/**
 * Posterior probability that the latent score rose at least 4 points above its nadir and stayed there 365 days.
 *
 * Averages the visits' likelihood over grids of times and lengths of the turn, slopes, levels and gains (`evidence.ts`), with slope and level from the cohort's mixed model. Null with fewer than two visits: nothing can then be said.
 *
 * @param step months between the times of the turn that are considered
 */
export function reversalPosterior(
  trajectory: Trajectory,
  model: CohortModel,
  priors: PriorSettings = defaultPriors,
  step = fineStep,
): ReversalPosterior | null {
  return posteriorOf(model, priors, step)(trajectory)
}

/** The same for many people: tables are prepared once. */
export function posteriorOf(
  model: CohortModel,
  given: PriorSettings = defaultPriors,
  step = fineStep,
): (trajectory: Trajectory) => ReversalPosterior | null {
  const weighed = weigher(model, given, step)
  return (trajectory) => {
    const found = weighed(trajectory)
    return found === null ? null : weigh(found.priors, found.evidence, found.visits)
  }
}

interface Weighed {
  priors: PriorSettings
  evidence: Evidence
  visits: readonly KeptVisit[]
}

function weigher(model: CohortModel, given: PriorSettings, step: number): (trajectory: Trajectory) => Weighed | null {
  const priors = priorsOf(model, given)
  const parts = noiseParts(model.sdNoise ?? model.sdResidual, model, priors)
  const scales = new Map<number, { evidence: CourseEvidence; kept: Map<number, KeptVisit> }>()
  return ({ days, scores, scale }) => {
    if (days.length < 2) return null
    const highest = highestScore[scale]
    let own = scales.get(highest)
    if (own === undefined) {
      own = { evidence: new CourseEvidence(model, priors, highest, step), kept: new Map() }
      scales.set(highest, own)
    }
    const { evidence, kept } = own
    const visits = scores.map((score, k) => {
      const early = model.early?.[k] ?? 0
      const key = 1024 * quarters(early) + score
      let visit = kept.get(key)
      if (visit === undefined) {
        visit = keep(evidence, shiftedBy(early, totalLikelihood(score, highest, parts)))
        kept.set(key, visit)
      }
      return visit
    })
    return { priors, evidence: evidenceOf(evidence, days, scores, visits), visits }
  }
}

/** The same from the items of the visits. Visits without items are weighed by their totals. */
export function itemPosteriorOf(
  model: CohortModel,
  items: GradedResponseModel,
  scale: Visit['scale'],
  given: PriorSettings = defaultPriors,
  step = fineStep,
): (trajectory: Trajectory, ratings: ItemRatings) => ReversalPosterior | null {
  const priors = priorsOf(model, given)
  const tables = itemTables(items)
  const highest = highestScore[scale]
  const parts = noiseParts(model.itemNoise ?? 1, model, priors)
  const totals = noiseParts(model.sdNoise ?? model.sdResidual, model, priors)
  const evidence = new CourseEvidence(model, priors, highest, step)
  return ({ days, scores }, ratings) => {
    if (days.length < 2) return null
    const likelihoods = itemLikelihoods(items, tables, ratings, highest, parts)
    return evidence.scope(() => {
      const visits = likelihoods.map((one, k) =>
        keep(evidence, shiftedBy(model.early?.[k] ?? 0, one ?? totalLikelihood(scores[k], highest, totals))),
      )
      return weigh(priors, evidenceOf(evidence, days, scores, visits), visits)
    })
  }
}

interface KeptVisit {
  all: Row
  regular: Row
  logMost: number
}

function keep(evidence: CourseEvidence, { all, regular, logMost }: VisitLikelihood): KeptVisit {
  return { all: evidence.keep(all), regular: evidence.keep(regular), logMost }
}

function evidenceOf(
  evidence: CourseEvidence,
  days: ArrayLike<number>,
  scores: ArrayLike<number>,
  visits: readonly KeptVisit[],
): Evidence {
  return evidence.weigh(
    Float64Array.from(days, (day) => (day - days[0]) / daysPerMonth),
    visits.map(({ all }) => all),
    visits.map(({ regular }) => regular),
    scores,
  )
}

/** Weighs the courses of visits, by totals or by items. */
function weigh(priors: PriorSettings, found: Evidence, visits: readonly KeptVisit[]): ReversalPosterior | null {
  const parts: Alternatives = {
    decline: priors.decline * found.regular,
    plateau: priors.plateau * found.plateau,
    transientGain: priors.transientGain * (excursions * found.excursion + (1 - excursions) * found.wornGain),
    smallGain: priors.smallGain * found.smallGain + (priors.reversal / (1 - priors.reversal)) * found.openGain,
    ratingShift: priors.ratingShift * found.ratingShift,
    outlyingVisit: priors.decline * (found.decline - found.regular) + priors.outlyingSpell * found.outlyingSpell,
  }
  let others = 0
  for (const part of Object.values(parts)) others += part
  if (!(others > 0)) return null
  const at = (prior: number) => (prior * found.reversal) / (prior * found.reversal + (1 - prior) * others)
  const posterior = at(priors.reversal)
  const share = (part: number) => ((1 - posterior) * part) / others
  let logEvidence = log((1 - priors.reversal) * others + priors.reversal * found.reversal)
  for (const { logMost } of visits) logEvidence += logMost
  return {
    posterior,
    low: at(priors.reversalRange[0]),
    high: at(priors.reversalRange[1]),
    alternatives: {
      decline: share(parts.decline),
      plateau: share(parts.plateau),
      transientGain: share(parts.transientGain),
      smallGain: share(parts.smallGain),
      ratingShift: share(parts.ratingShift),
      outlyingVisit: share(parts.outlyingVisit),
    },
    logEvidence,
  }
}
