import type { Visit } from '../../results/clinical.ts'

/** Days in a month, everywhere: a twelfth of 365.25. */
export const daysPerMonth = 30.4375

/** One person's scored visits on one scale, by day. */
export interface Trajectory {
  patient: string
  scale: Visit['scale']
  days: number[]
  scores: number[]
}

export const highestScore: Readonly<Record<Visit['scale'], number>> = { 'ALSFRS-R': 48, ALSFRS: 40 }

/**
 * Everyone's trajectory. Scales are never mixed: a person seen on both keeps the one with more scored visits
 * (ALSFRS-R when equal). Visits must be sorted by day within a person; those without total are left out.
 */
export function trajectories(visits: readonly Visit[]): Map<string, Trajectory> {
  const both = new Map<string, Record<Visit['scale'], Trajectory>>()
  for (const { patient, day, scale, total } of visits) {
    if (total === null) continue
    let pair = both.get(patient)
    if (pair === undefined) {
      pair = {
        'ALSFRS-R': { patient, scale: 'ALSFRS-R', days: [], scores: [] },
        ALSFRS: { patient, scale: 'ALSFRS', days: [], scores: [] },
      }
      both.set(patient, pair)
    }
    pair[scale].days.push(day)
    pair[scale].scores.push(total)
  }
  const result = new Map<string, Trajectory>()
  for (const [patient, pair] of both)
    result.set(patient, pair.ALSFRS.days.length > pair['ALSFRS-R'].days.length ? pair.ALSFRS : pair['ALSFRS-R'])
  return result
}

/** The first visit with the lowest score; null without visits. */
export function nadirOf(
  trajectory: Pick<Trajectory, 'days' | 'scores'>,
): { index: number; day: number; score: number } | null {
  if (trajectory.scores.length === 0) return null
  let index = 0
  for (let i = 1; i < trajectory.scores.length; i++) if (trajectory.scores[i] < trajectory.scores[index]) index = i
  return { index, day: trajectory.days[index], score: trajectory.scores[index] }
}
