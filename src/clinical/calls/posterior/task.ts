import type { ChunkTask, Workshop } from '../../../compute/task.ts'
import type { Visit } from '../../../results/clinical.ts'
import type { Trajectory } from '../../visits/trajectory.ts'
import { fitCohort } from './cohort.ts'
import { type CohortModel, type PriorSettings, publishedModel } from './model.ts'
import { posteriorOf, type ReversalPosterior } from './posterior.ts'

interface PosteriorSetup {
  models: Record<Visit['scale'], CohortModel>
  priors: PriorSettings
  /** Months between the times of the turn. */
  step: number
}

/** Posterior probabilities of one chunk of people. */
export const posteriorTask: ChunkTask<PosteriorSetup, Trajectory[], (ReversalPosterior | null)[]> = {
  name: 'clinical/posterior',
  async prepare({ models, priors, step }) {
    const of = {
      'ALSFRS-R': posteriorOf(models['ALSFRS-R'], priors, step),
      ALSFRS: posteriorOf(models.ALSFRS, priors, step),
    }
    return (people) => people.map((person) => of[person.scale](person))
  },
}

/** People in a chunk; part of the result's definition only in that chunks come in order. */
const chunkSize = 200
const fineStep = 1.5
const coarseStep = 4.5
const scales = ['ALSFRS-R', 'ALSFRS'] as const

export interface CohortPosteriors {
  /** In the order of the people. */
  posteriors: (ReversalPosterior | null)[]
  /** The model of each scale; null where the published one was used. */
  fitted: Record<Visit['scale'], CohortModel | null>
}

/**
 * Posterior of a true reversal for everyone. The cohort's model is fitted twice: to everyone, and again without those for
 * whom, on a coarse grid, decline is not the likeliest course, since reversals and plateaus would otherwise count as
 * visit noise and hide each other.
 */
export async function cohortPosteriors(
  people: readonly Trajectory[],
  priors: PriorSettings,
  workshop: Pick<Workshop, 'run' | 'signal' | 'progress'>,
): Promise<CohortPosteriors> {
  const fitAll = (chosen: readonly Trajectory[]) => ({
    'ALSFRS-R': fitCohort(chosen.filter((person) => person.scale === 'ALSFRS-R')),
    ALSFRS: fitCohort(chosen.filter((person) => person.scale === 'ALSFRS')),
  })
  const first = fitAll(people)
  workshop.progress('fitting the cohort model', 0.5)
  let fitted = first
  if (scales.some((scale) => first[scale] !== null)) {
    const coarse = await posteriors(people, first, priors, coarseStep, workshop)
    const declining = people.filter((_, i) => {
      const alternatives = coarse[i]?.alternatives
      return alternatives === undefined || alternatives.decline + alternatives.outlyingVisit > 0.5
    })
    const second = fitAll(declining)
    fitted = { 'ALSFRS-R': second['ALSFRS-R'] ?? first['ALSFRS-R'], ALSFRS: second.ALSFRS ?? first.ALSFRS }
  }
  workshop.progress('fitting the cohort model', 1)
  return { posteriors: await posteriors(people, fitted, priors, fineStep, workshop), fitted }
}

async function posteriors(
  people: readonly Trajectory[],
  fitted: CohortPosteriors['fitted'],
  priors: PriorSettings,
  step: number,
  { run, signal }: Pick<Workshop, 'run' | 'signal'>,
): Promise<(ReversalPosterior | null)[]> {
  const models = {
    'ALSFRS-R': fitted['ALSFRS-R'] ?? publishedModel,
    ALSFRS: fitted.ALSFRS ?? { ...publishedModel, intercept: publishedModel.intercept - 8 },
  }
  const chunks: Trajectory[][] = []
  for (let start = 0; start < people.length; start += chunkSize) chunks.push(people.slice(start, start + chunkSize))
  const result: (ReversalPosterior | null)[] = []
  for await (const part of run(posteriorTask, { models, priors, step }, chunks, {
    label: 'weighing reversals',
    weights: chunks.map((chunk) => chunk.length),
  })) {
    signal.throwIfAborted()
    result.push(...part)
  }
  return result
}
