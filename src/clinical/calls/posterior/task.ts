import type { ChunkTask, Workshop } from '../../../compute/task.ts'
import type { Visit } from '../../../results/clinical.ts'
import type { GradedResponseModel } from '../../../statistics/index.ts'
import type { Trajectory } from '../../visits/trajectory.ts'
import { fitCohort, fitItemNoise, fitNoise } from './cohort.ts'
import { evenly, fitItems, type ItemRatings, itemCount } from './items.ts'
import { type CohortModel, type PriorSettings, publishedModel } from './model.ts'
import { fineStep, itemPosteriorOf, posteriorOf, type ReversalPosterior } from './posterior.ts'

interface PosteriorSetup {
  models: Record<Visit['scale'], CohortModel>
  /** Null: totals alone. */
  items: Record<Visit['scale'], GradedResponseModel | null>
  priors: PriorSettings
  /** Months between the times of the turn. */
  step: number
}

interface PosteriorPerson {
  trajectory: Trajectory
  ratings: ItemRatings | null
}

/** By the total scores, and by the items where there are any. */
export interface PersonPosteriors {
  totals: ReversalPosterior | null
  items: ReversalPosterior | null
}

/** Where no score is so far above an earlier one, items are not weighed. */
const leastRise = 2

const scales = ['ALSFRS-R', 'ALSFRS'] as const

/** Posterior probabilities of one chunk of people. */
export const posteriorTask: ChunkTask<PosteriorSetup, PosteriorPerson[], PersonPosteriors[]> = {
  name: 'clinical/posterior',
  async prepare({ models, items, priors, step }) {
    const of = (scale: Visit['scale']) => {
      const totals = posteriorOf(models[scale], priors, step)
      const own = items[scale]
      const itemwise = own === null ? null : itemPosteriorOf(models[scale], own, scale, priors, step)
      return ({ trajectory, ratings }: PosteriorPerson): PersonPosteriors => ({
        totals: totals(trajectory),
        items:
          itemwise === null || ratings === null || largestRise(trajectory.scores) < leastRise
            ? null
            : itemwise(trajectory, ratings),
      })
    }
    const by = { 'ALSFRS-R': of('ALSFRS-R'), ALSFRS: of('ALSFRS') }
    return (people) => people.map((person) => by[person.trajectory.scale](person))
  },
}

/** The largest rise from a score to a later one. */
export function largestRise(scores: readonly number[]): number {
  let lowest = Number.POSITIVE_INFINITY
  let rise = 0
  for (const score of scores) {
    lowest = Math.min(lowest, score)
    rise = Math.max(rise, score - lowest)
  }
  return rise
}

/** People in a chunk; part of the result's definition only in that chunks come in order. */
const chunkSize = 200
const coarseStep = 4.5
/** The model is fitted to so many people of a scale at most, spread evenly over the order given: more add nothing but time. */
const mostForModel = 3000

/** What the cohort itself told of one scale. */
export interface FittedScale {
  /** Null where the published model was used. */
  model: CohortModel | null
  items: GradedResponseModel | null
}

export interface CohortPosteriors {
  /** In the order of the people. */
  posteriors: PersonPosteriors[]
  fitted: Record<Visit['scale'], FittedScale>
}

/**
 * Posterior of a true reversal for everyone, by totals and by items. The cohort's model is fitted twice: to everyone, and
 * again without those for whom, on a coarse grid, decline is not the likeliest course, since reversals and plateaus would
 * otherwise count as visit noise and hide each other. Then come the visits' noise and the items.
 *
 * @param ratings items of each person's visits; null where there are none
 */
export async function cohortPosteriors(
  people: readonly Trajectory[],
  ratings: readonly (ItemRatings | null)[],
  priors: PriorSettings,
  workshop: Pick<Workshop, 'run' | 'signal' | 'progress'>,
): Promise<CohortPosteriors> {
  const all = people.map((trajectory, i) => ({ trajectory, ratings: ratings[i] }))
  const on = (scale: Visit['scale'], list: readonly PosteriorPerson[]) =>
    list.filter(({ trajectory }) => trajectory.scale === scale)
  const chosen = scales.flatMap((scale) => evenly(on(scale, all), mostForModel))
  const trajectoriesOf = (list: readonly PosteriorPerson[]) => list.map(({ trajectory }) => trajectory)
  const first = forScales((scale) => fitCohort(trajectoriesOf(on(scale, chosen))))
  workshop.progress('fitting the cohort model', 0.2)
  const noItems = forScales(() => null)
  // Turns look like noise that visits share as long as they have not been set apart.
  const setup = {
    models: forScales((scale) => ({ ...(first[scale] ?? standIn(scale)), neighbours: 0 })),
    items: noItems,
    priors,
  }
  let second = first
  if (scales.some((scale) => first[scale] !== null)) {
    const coarse = await posteriors(chosen, { ...setup, step: coarseStep }, workshop)
    const declining = chosen.filter((_, i) => {
      const alternatives = coarse[i].totals?.alternatives
      return (
        alternatives === undefined || alternatives.decline + alternatives.outlyingVisit + alternatives.ratingShift > 0.5
      )
    })
    second = forScales((scale) => fitCohort(trajectoriesOf(on(scale, declining))) ?? first[scale])
  }
  workshop.progress('fitting the cohort model', 0.5)
  const fitted = forScales((scale): FittedScale => {
    const own = on(scale, all)
    const declining = second[scale]
    const model = declining === null ? null : fitNoise(trajectoriesOf(own), declining, priors)
    const rated = own.filter(
      (person): person is { trajectory: Trajectory; ratings: ItemRatings } => person.ratings !== null,
    )
    const items =
      model === null
        ? null
        : fitItems(
            rated.map((person) => person.ratings),
            itemCount[scale],
          )
    return { model: model === null || items === null ? model : fitItemNoise(rated, model, items, priors), items }
  })
  workshop.progress('fitting the cohort model', 1)
  const final = {
    models: forScales((scale) => fitted[scale].model ?? standIn(scale)),
    items: forScales((scale) => fitted[scale].items),
    priors,
    step: fineStep,
  }
  return { posteriors: await posteriors(all, final, workshop), fitted }
}

function forScales<T>(of: (scale: Visit['scale']) => T): Record<Visit['scale'], T> {
  return { 'ALSFRS-R': of('ALSFRS-R'), ALSFRS: of('ALSFRS') }
}

/** The published model; eight points lower on the scale that has two items less. */
function standIn(scale: Visit['scale']): CohortModel {
  return scale === 'ALSFRS' ? { ...publishedModel, intercept: publishedModel.intercept - 8 } : publishedModel
}

async function posteriors(
  people: readonly PosteriorPerson[],
  setup: PosteriorSetup,
  { run, signal }: Pick<Workshop, 'run' | 'signal'>,
): Promise<PersonPosteriors[]> {
  const chunks: PosteriorPerson[][] = []
  for (let start = 0; start < people.length; start += chunkSize) chunks.push(people.slice(start, start + chunkSize))
  const result: PersonPosteriors[] = []
  for await (const part of run(posteriorTask, setup, chunks, {
    label: 'weighing reversals',
    weights: chunks.map((chunk) => chunk.length),
  })) {
    signal.throwIfAborted()
    result.push(...part)
  }
  return result
}
