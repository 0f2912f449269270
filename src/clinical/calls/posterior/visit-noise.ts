import { log, normalCdf } from '../../../numerics/index.ts'
import type { CohortModel, PriorSettings } from './model.ts'
import { latentAt, tableLength } from './scale.ts'

/** Noise of a visit: normal distributions of mean zero, with their shares. */
export interface NoisePart {
  share: number
  sd: number
}

/**
 * A contaminated normal (Tukey 1960): most visits have the ordinary SD, some twice that, and a few are outlying.
 *
 * @param sd the ordinary SD
 */
export function noiseParts(sd: number, model: CohortModel, priors: PriorSettings): NoisePart[] {
  const tails = model.tails ?? 0
  const within = 1 - priors.outlyingVisit
  return [
    { share: within * (1 - tails), sd },
    { share: within * tails, sd: 2 * sd },
    { share: priors.outlyingVisit, sd: Math.sqrt(sd * sd + priors.outlyingSd * priors.outlyingSd) },
  ].filter(({ share }) => share > 0)
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
