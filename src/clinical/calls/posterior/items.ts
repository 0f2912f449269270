import type { Visit } from '../../../results/clinical.ts'
import { fitGradedResponse, type GradedResponseModel } from '../../../statistics/index.ts'
import type { Trajectory } from '../../visits/trajectory.ts'

const categories = 5

/** A person's ratings, visits x items in the order of the form, -1 where missing: twelve of the ALSFRS-R, ten of the ALSFRS. */
export type ItemRatings = Int8Array

export const itemCount: Readonly<Record<Visit['scale'], number>> = { 'ALSFRS-R': 12, ALSFRS: 10 }

/** The items of the visits that each trajectory is made of; null for people without any. Visits sorted as for trajectories. */
export function itemRatings(visits: readonly Visit[], people: readonly Trajectory[]): (ItemRatings | null)[] {
  const scales = new Map(people.map(({ patient, scale }) => [patient, scale]))
  const rows = new Map<string, number[]>()
  for (const visit of visits) {
    if (visit.total === null || scales.get(visit.patient) !== visit.scale) continue
    const own = rows.get(visit.patient)
    if (own === undefined) rows.set(visit.patient, ratingsOf(visit))
    else own.push(...ratingsOf(visit))
  }
  return people.map(({ patient }) => {
    const own = rows.get(patient)
    return own === undefined || own.every((rating) => rating < 0) ? null : Int8Array.from(own)
  })
}

function ratingsOf(visit: Visit): number[] {
  const { q1, q2, q3, q4, q6, q7, q8, q9 } = visit
  const breathing = visit.scale === 'ALSFRS' ? [visit.q10] : [visit.r1, visit.r2, visit.r3]
  return [q1, q2, q3, q4, visit.q5a ?? visit.q5b, q6, q7, q8, q9, ...breathing].map((item) =>
    item !== null && Number.isInteger(item) && item >= 0 && item < categories ? item : -1,
  )
}

/** Fewer people than this with items at three visits give no item model. */
const fewestPeople = 30
/** People whose items make the model: those of more add little, and cost time. */
const mostPeople = 150

/**
 * The cohort's graded response model with profiles, from at most 150 people spread evenly over the order given. Null where
 * fewer than 30 people have items at three visits.
 */
export function fitItems(people: readonly (ItemRatings | null)[], items: number): GradedResponseModel | null {
  const rated = people.filter((own): own is ItemRatings => own !== null && own.length >= 3 * items)
  if (rated.length < fewestPeople) return null
  const chosen = evenly(rated, mostPeople)
  const starts = [0]
  const values: number[] = []
  for (const own of chosen) {
    values.push(...own)
    starts.push(values.length / items)
  }
  return fitGradedResponse(
    { items, categories, starts, values: Int8Array.from(values) },
    { profiles: true, mostIterations: 40, tolerance: 0.02 },
  ).model
}

/** At most so many of a list, spread evenly over it. */
export function evenly<T>(list: readonly T[], most: number): T[] {
  if (list.length <= most) return [...list]
  return Array.from({ length: most }, (_, i) => list[Math.floor(((i + 0.5) * list.length) / most)])
}
