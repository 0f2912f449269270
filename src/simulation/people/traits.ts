import { RandomStream } from '../../numerics/random.ts'
import { type CausalModel, expit } from './causal-model.ts'

const maleShare = 0.56
const meanAge = 61
const sdAge = 11
const youngest = 28
const oldest = 86

/** What a person brings along, before any genotype is known. */
export interface Person {
  /** Index among all people ever drawn with this seed. */
  readonly index: number
  readonly male: boolean
  readonly ancestry: 0 | 1
  /** Years. */
  readonly ageAtOnset: number
  readonly igfbp7Noise: number
  readonly igf1Noise: number
  /** Uniform: below the risk, the person reverses. */
  readonly luck: number
  /** Binomial dosage, for cohorts without genotypes. */
  readonly binomialDosage: number
}

export function drawPerson(seed: number, index: number, secondAncestry: number, frequency: number): Person {
  const random = new RandomStream(seed, 'simulation/person', index)
  const male = random.uniform() < maleShare
  const ancestry = random.uniform() < secondAncestry ? 1 : 0
  const igfbp7Noise = random.normal()
  const igf1Noise = random.normal()
  const luck = random.uniform()
  const binomialDosage = (random.uniform() < frequency ? 1 : 0) + (random.uniform() < frequency ? 1 : 0)
  let age = meanAge + sdAge * random.normal()
  while (age < youngest || age > oldest) age = meanAge + sdAge * random.normal()
  return { index, male, ancestry, ageAtOnset: age, igfbp7Noise, igf1Noise, luck, binomialDosage }
}

/** Levels in standard deviations within a genotype, and whether the person reverses. */
export interface Traits {
  readonly igfbp7: number
  readonly freeIgf1: number
  readonly reverses: boolean
}

export function traitsOf(person: Person, dosage: number, model: CausalModel): Traits {
  const igfbp7 = -model.alleleOnIgfbp7 * dosage + person.igfbp7Noise
  const r = model.igfbp7OnIgf1
  const freeIgf1 = -r * igfbp7 + Math.sqrt(1 - r * r) * person.igf1Noise
  const reverses = person.luck < expit(model.intercept + model.mediated * freeIgf1 + model.direct[dosage])
  return { igfbp7, freeIgf1, reverses }
}
