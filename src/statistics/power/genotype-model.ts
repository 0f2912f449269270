import { UpturnError } from '../../errors/index.ts'

/** How copies add up: each one more, one as good as two, or two alone. */
export type Inheritance = 'additive' | 'dominant' | 'recessive'

/** An odds ratio at a variant. */
export interface GeneticModel {
  /** Frequency of the counted allele among controls, 0 to 1, exclusive. */
  frequency: number
  /** Odds ratio of one more copy of it; of carriers against others, or of two copies against fewer, in the other models. */
  or: number
  /** Additive when absent. */
  inheritance?: Inheritance
}

const doses: Readonly<Record<Inheritance, readonly [number, number, number]>> = {
  additive: [0, 1, 2],
  dominant: [0, 1, 1],
  recessive: [0, 0, 1],
}

/** What 0, 1 and 2 copies count in the log odds, in units of log OR. */
export function genotypeDoses({ inheritance = 'additive' }: GeneticModel): readonly [number, number, number] {
  return doses[inheritance]
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

/** Cases: the controls' proportions times OR^dose, which is what a logistic model of the doses implies. */
export function caseGenotypes(model: GeneticModel): GenotypeProbabilities {
  const controls = controlGenotypes(model)
  const dose = genotypeDoses(model)
  const odds = [1, model.or, model.or * model.or]
  const [a0, a1, a2] = controls.map((share, g) => share * odds[dose[g]])
  const sum = a0 + a1 + a2
  return [a0 / sum, a1 / sum, a2 / sum]
}
