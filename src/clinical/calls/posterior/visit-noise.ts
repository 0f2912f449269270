import { log, normalCdf } from '../../../numerics/index.ts'
import type { CohortModel, PriorSettings } from './model.ts'
import { latentAt, perPoint, tableLength } from './scale.ts'

/** Noise of a visit: normal distributions of mean zero, with their shares. */
export interface NoisePart {
  share: number
  sd: number
}

/**
 * A contaminated normal (Tukey 1960): most visits have the ordinary SD, some twice that, and a few are outlying.
 *
 * @param fitted the ordinary SD, as fitted by visits taken to be independent
 */
export function noiseParts(fitted: number, model: CohortModel, priors: PriorSettings): NoisePart[] {
  const sd = fitted * sharedNoise(model.neighbours ?? 0)
  const tails = model.tails ?? 0
  const within = 1 - priors.outlyingVisit
  return [
    { share: within * (1 - tails), sd },
    { share: within * tails, sd: 2 * sd },
    { share: priors.outlyingVisit, sd: Math.sqrt(sd * sd + priors.outlyingSd * priors.outlyingSd) },
  ].filter(({ share }) => share > 0)
}

/**
 * What the SD of noise that was fitted as if visits were independent is multiplied by where the noise of neighbours has the correlation `rho`. That fit sees how
 * neighbours differ, s^2 (1 - rho). Levels are told apart by the means of neighbouring runs of visits; for runs of three, with correlation rho^k at k visits, their difference has
 * 1 + rho - rho^3 - 2/3 rho^4 - 1/3 rho^5 times the variance of independent visits.
 */
export function sharedNoise(rho: number): number {
  if (!(rho > 0)) return 1
  const cube = rho * rho * rho
  return Math.sqrt((1 + rho - cube * (1 + (2 / 3) * rho + (1 / 3) * rho * rho)) / (1 - rho))
}

/** A visit's likelihood over the latent score: with outlying visits and, in units of the same, without. */
export interface VisitLikelihood {
  all: Float64Array
  regular: Float64Array
  /** Logarithm of the unit. */
  logMost: number
}

/**
 * P(score | latent score) on the grid of `scale.ts`, in units of its maximum. The rating is the latent score plus noise, rounded to whole points; at 0 and at the highest score it
 * stands for everything beyond. Total for any finite score; a score off the scale counts as its end.
 */
export function totalLikelihood(score: number, highest: number, parts: readonly NoisePart[]): VisitLikelihood {
  const length = tableLength(highest)
  const all = new Float64Array(length)
  const regular = new Float64Array(length)
  let most = 0
  for (let i = 0; i < length; i++) {
    const latent = latentAt(i)
    parts.forEach(({ share, sd }, part) => {
      const above = score >= highest ? 1 : normalCdf((score + 0.5 - latent) / sd)
      const under = score <= 0 ? 0 : normalCdf((score - 0.5 - latent) / sd)
      const p = share * Math.max(0, above - under)
      all[i] += p
      if (part < parts.length - 1) regular[i] += p
    })
    most = Math.max(most, all[i])
  }
  for (let i = 0; i < length; i++) {
    all[i] /= most
    regular[i] /= most
  }
  return { all, regular, logMost: log(most) }
}

/** The same where the rating stands for a latent score so many points higher, to a quarter of a point; beyond its ends the table goes on as there. */
export function shiftedBy(points: number, { all, regular, logMost }: VisitLikelihood): VisitLikelihood {
  const entries = quarters(points)
  const last = all.length - 1
  const moved = (table: Float64Array) => table.map((_, i) => table[Math.max(0, Math.min(last, i + entries))])
  return { all: moved(all), regular: moved(regular), logMost }
}

export function quarters(points: number): number {
  return Math.round(points * perPoint)
}
