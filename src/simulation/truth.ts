import type { SimulationOptions } from './options.ts'
import type { CausalModel } from './people/causal-model.ts'
import type { Roster, TrueClass } from './people/roster.ts'

export interface TruePerson {
  patient: string
  /** The sample that the record names, and the sample that holds the person's own genome. Null without genotypes. */
  sample: string | null
  ownSample: string | null
  class: TrueClass
  ancestry: 'first' | 'second'
  sex: 'female' | 'male'
  /** Years. */
  ageAtOnset: number
  /** Copies of the causal allele in the person's own genome. */
  dosage: number
  /** Standard deviations within a genotype. */
  igfbp7: number
  freeIgf1: number
  /** Points lost a month before the nadir, or throughout. */
  rate: number
  /** True reversals and mimics: months from entry, points. */
  turn: { nadir: number; complete: number; gain: number } | null
  deathDay: number | null
}

/** `truth.json`: everything that a study of the cohort should find, or must not. */
export interface Truth {
  format: 1
  /** Simulated people only. */
  note: string
  build: 'GRCh38'
  seed: number
  options: Omit<SimulationOptions, 'seed'>
  /** Null without genotypes. `key` is `chromosome:position:ref:alt`; alt is the allele that raises the odds. */
  causal: { key: string; id: string; gene: 'IGFBP7'; poolFrequency: number; effect: boolean } | null
  model: CausalModel
  /** People among whom the cases were looked for, and how many of them reversed. */
  pool: { people: number; reversals: number; prevalence: number }
  counts: Record<TrueClass, number>
  people: TruePerson[]
  relatives: Roster['relatives']
  duplicates: Roster['duplicates']
  swaps: Roster['swaps']
  controls2: string[]
}

/** The truth as text, two spaces deep, one person a line. */
export function truthText(truth: Truth): string {
  const { people, ...rest } = truth
  const outline = JSON.stringify({ ...rest, people: [] }, null, 2)
  const lines = people.map((person) => `    ${JSON.stringify(person)}`).join(',\n')
  return `${outline.replace(/"people": \[\]\n}$/, () => `"people": [\n${lines}\n  ]\n}`)}\n`
}
