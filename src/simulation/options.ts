import { UpturnError } from '../errors/index.ts'

export type CohortFormat = 'vcf' | 'bed'

/** What a simulated cohort is to be. Numbers of people are numbers of people with genotypes. */
export interface SimulationOptions {
  /** Whole number from 0 to 2^32 - 1. Same seed and options, same bytes. */
  seed: number
  /** Reversals and typical progressors together; everyone below comes on top. */
  people: number
  /** True reversals among `people`. */
  cases: number
  /** Variants in all, over 22 chromosomes and X. */
  variants: number
  /** Marginal odds ratio of reversal for each copy of the causal allele; 1 for a cohort without effect. */
  oddsRatio: number
  /** Share of the log odds ratio that goes through free IGF-1, 0 to 1. */
  mediatedShare: number
  /** A cohort without effect, whatever `oddsRatio` says. */
  null: boolean
  /** Frequency of the causal allele in the population: the nearest variant within IGFBP7 is chosen. */
  causalFrequency: number
  /** True reversals among people with ALS: cases are found in a pool of about cases / prevalence people. */
  prevalence: number
  /** Hudson's F_ST between the two ancestries. */
  fst: number
  /** Share of people of the second ancestry. */
  secondAncestry: number
  /** Expected share of missing calls; it varies by variant and by person. */
  missingRate: number
  /** Further typical progressors who are the child (even ones) or full sib (odd ones) of a typical progressor. */
  relatives: number
  /** People who enrolled twice: a second record and a second sample of the same genome. */
  duplicates: number
  /** Pairs of typical progressors, of different sex where possible, whose samples carry each other's name. */
  swaps: number
  slow: number
  rapid: number
  plateaus: number
  /** People who did not reverse: one or two visits far too low, then back to what they were. */
  pseudoReversals: number
  /** People who recovered but, by a recorded finding, do not have ALS. */
  mimics: number
  /** People of a second control set, in files of their own. */
  controls2: number
  /**
   * `study`: the groups above, with rates of decline clearly inside each group. `population`: everyone but the reversals
   * declines at a rate from the population's distribution, and the groups above are ignored.
   */
  mixture: 'study' | 'population'
  /** True: every case's DNA is from saliva and nobody else's is, as in the published design. */
  salivaCases: boolean
  /** No genotype files: the causal dosage is binomial. */
  clinicalOnly: boolean
  formats: readonly CohortFormat[]
  /** Diploid effective size of either ancestry. */
  effectiveSize: number
  /** Genetic length of the autosomes, Morgans a megabase. */
  morgansPerMegabase: number
}

/** The default cohort: 22 reversals and 243 typical progressors, and 36 people whom a study meets besides. */
export const defaultOptions: SimulationOptions = {
  seed: 20240815,
  people: 265,
  cases: 22,
  variants: 200_000,
  oddsRatio: 12,
  mediatedShare: 0.3,
  null: false,
  causalFrequency: 0.04,
  prevalence: 0.01,
  fst: 0.1,
  secondAncestry: 0.15,
  missingRate: 0.004,
  relatives: 2,
  duplicates: 1,
  swaps: 1,
  slow: 8,
  rapid: 8,
  plateaus: 6,
  pseudoReversals: 5,
  mimics: 3,
  controls2: 0,
  mixture: 'study',
  salivaCases: false,
  clinicalOnly: false,
  formats: ['vcf', 'bed'],
  effectiveSize: 10_000,
  morgansPerMegabase: 0.01,
}

const counts = [
  ['people', 1, 100_000],
  ['cases', 0, 100_000],
  ['variants', 60, 50_000_000],
  ['relatives', 0, 1000],
  ['duplicates', 0, 1000],
  ['swaps', 0, 1000],
  ['slow', 0, 100_000],
  ['rapid', 0, 100_000],
  ['plateaus', 0, 100_000],
  ['pseudoReversals', 0, 100_000],
  ['mimics', 0, 100_000],
  ['controls2', 0, 100_000],
  ['seed', 0, 4_294_967_295],
] as const

const quantities = [
  ['oddsRatio', 0.01, 100],
  ['mediatedShare', 0, 1],
  ['causalFrequency', 0.001, 0.5],
  ['prevalence', 0.0001, 0.5],
  ['fst', 0, 0.5],
  ['secondAncestry', 0, 0.5],
  ['missingRate', 0, 0.2],
  ['effectiveSize', 100, 100_000],
  ['morgansPerMegabase', 0.0001, 0.1],
] as const

/** Fills in the defaults and refuses, by name, what cannot be simulated. */
export function completeOptions(given: Partial<SimulationOptions>): SimulationOptions {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(defaultOptions, name))
  if (unknown !== undefined)
    throw new UpturnError('BadArgument', `there is no option ${unknown}; see docs/simulation.md for what there is`)
  const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const options: SimulationOptions = { ...defaultOptions, ...defined }
  // defaults that do not fit few people give way; what was asked for by name does not
  if (defined.cases === undefined && options.cases >= options.people) options.cases = Math.floor(options.people / 4)
  if (options.people - options.cases < 20)
    for (const name of ['relatives', 'duplicates', 'swaps'] as const) if (defined[name] === undefined) options[name] = 0
  if (options.null) options.oddsRatio = 1
  const refuse = (message: string): never => {
    throw new UpturnError('BadArgument', message)
  }
  for (const [name, low, high] of counts)
    if (!(Number.isInteger(options[name]) && options[name] >= low && options[name] <= high))
      refuse(`${name} is a whole number from ${low} to ${high}, not ${options[name]}`)
  for (const [name, low, high] of quantities)
    if (!(options[name] >= low && options[name] <= high))
      refuse(`${name} is a number from ${low} to ${high}, not ${options[name]}`)
  if (options.cases >= options.people)
    refuse(`cases (${options.cases}) must be fewer than people (${options.people}): the others are the controls`)
  const typical = options.people - options.cases
  if (options.relatives + options.duplicates + 2 * options.swaps > typical)
    refuse('relatives, duplicates and twice the swaps need more typical progressors than people - cases')
  if (!options.clinicalOnly && options.formats.length === 0)
    refuse('formats names no file format: give vcf, bed or both')
  const format = (options.formats as readonly string[]).find((name) => name !== 'vcf' && name !== 'bed')
  if (format !== undefined) refuse(`the format ${format} cannot be written; give vcf, bed or both`)
  return options
}
