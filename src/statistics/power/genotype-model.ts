import { UpturnError } from '../../errors/index.ts'

/** A per-allele odds ratio at a variant. */
export interface GeneticModel {
  /** Frequency of the counted allele among controls, 0 to 1, exclusive. */
  frequency: number
  /** Odds ratio of one more copy of it. */
  or: number
}

/** Probabilities of 0, 1 and 2 copies. */
export type GenotypeProbabilities = readonly [number, number, number]

/** Controls in Hardy-Weinberg proportions, as when the disease is rare. */
export function controlGenotypes({ frequency, or }: GeneticModel): GenotypeProbabilities {
  if (!(frequency > 0 && frequency < 1 && or > 0 && or < Infinity))
    throw new UpturnError(
      'BadArgument',
      `an allele frequency of ${frequency} with an odds ratio of ${or} is no genetic model`,
    )
  const p = 1 - frequency
  return [p * p, 2 * frequency * p, frequency * frequency]
}

/** Cases: the controls' proportions times OR^copies, which is what a logistic model of the copies implies. */
export function caseGenotypes(model: GeneticModel): GenotypeProbabilities {
  const [g0, g1, g2] = controlGenotypes(model)
  const a1 = g1 * model.or
  const a2 = g2 * model.or * model.or
  const sum = g0 + a1 + a2
  return [g0 / sum, a1 / sum, a2 / sum]
}
