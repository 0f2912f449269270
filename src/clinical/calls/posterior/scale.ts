/**
 * The latent score's grid. A visit's likelihood is a table over latent scores from 8 points below the scale to 8 above it,
 * a quarter of a point apart; beyond that it does not change, as the visit is then at the end of the scale or far from it.
 */
export const below = 8
export const perPoint = 4

export function tableLength(highest: number): number {
  return (highest + 2 * below) * perPoint + 1
}

/** Latent score of an entry of a table. */
export function latentAt(index: number): number {
  return index / perPoint - below
}

/** The nearest entry, inside the table. */
export function entryOf(score: number, length: number): number {
  return Math.max(0, Math.min(length - 1, Math.round((score + below) * perPoint)))
}

/** Courses are summed over levels half a point apart. */
export const levelsPerPoint = 2

const margin = 8

/** Levels from 8 points below the lowest score seen to 8 above the highest, inside the tables. */
export function levelRange(scores: ArrayLike<number>, highest: number): { first: number; levels: number } {
  let low = highest
  let high = 0
  for (let k = 0; k < scores.length; k++) {
    low = Math.min(low, scores[k])
    high = Math.max(high, scores[k])
  }
  const first = Math.max(-below, Math.floor(low) - margin)
  const last = Math.min(highest + below, Math.ceil(high) + margin)
  return { first, levels: (last - first) * levelsPerPoint + 1 }
}
