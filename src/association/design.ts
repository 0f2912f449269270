import { UpturnError } from '../errors/index.ts'
import { type StoreHeader, wordsPerPlane } from '../genotypes/store/index.ts'
import type { FamilySummary, MatchedSummary } from '../results/association.ts'
import { fitNullWithin } from '../statistics/conditional-logistic/index.ts'
import {
  casesOf,
  inclusionProbabilities,
  type LabelScheme,
  labelScheme,
  requireRelabelling,
  requireRelabellingWithin,
} from '../statistics/labels/index.ts'
import { fitNull, requireIndependent, standardise } from '../statistics/logistic/index.ts'

export interface PrimaryTest {
  test: 'family' | 'firth'
  /** In (0, 0.5]. */
  alpha: number
  /** How the test was chosen, in words: 'as written in the study file'. */
  rule: string
}

export interface StudyPerson {
  /** Id in the store's header. */
  sample: string
  case: boolean
  sex: 'female' | 'male' | null
  /** Relabelling stays within strata or, in a matched design, within sets; one stratum when absent. */
  stratum?: string
  /** Data source: where one holds only cases or only controls, results say so. */
  source?: string
  /** Probability that this case is a true one at each of `DesignInput.truthPriors`; null where it is not known. */
  truth?: readonly (number | null)[]
}

export interface DesignInput {
  header: StoreHeader
  people: readonly StudyPerson[]
  /** One value a person, in the order of `people`. */
  covariates: readonly { name: string; values: readonly number[] }[]
  seed: number
  primary: PrimaryTest
  /** Label sets; `extend`: more may be drawn when the interval of the family-wise p covers alpha. 0: no families. */
  permutations: { sets: number; extend: boolean }
  /**
   * A matched design: `stratum` is the person's set, each with cases and controls (`matchedPeople`), and every test takes its form within the sets.
   * `matchedOn`: covariates that the matching takes care of, for the unmatched form beside it; `notes`: what is to be said of the sets.
   */
  matched?: { matchedOn: DesignInput['covariates']; notes: readonly string[] }
  /** X or Y is among the variants tested: labels are then redrawn within sex. See `familyHasSexChromosomes`. */
  sexChromosomes: boolean
  /** Prior probabilities of a true case at which `truth` of the people stands, the central one first. */
  truthPriors?: readonly number[]
}

/** A way of relabelling, label-blind but for the numbers of cases and the fitted risks. */
export interface MaskFamily {
  masks: FamilySummary['masks']
  scheme: LabelScheme
  /** Purpose of its random numbers. */
  purpose: string
}

/** A matched design; its sets are the design's strata. */
export interface MatchedDesign extends MatchedSummary {
  /** Covariates of the unmatched form, standardised: those of the design and those that the sets stand for. */
  unmatched: { names: string[]; columns: Float64Array[] }
}

/** All that calibration may know: people, strata, numbers of cases, fitted risks, label sets; never who is a case. */
export interface SealedDesign {
  seed: number
  build: string
  /** 64-bit words of a bit plane of the store. */
  words: number
  storeVariants: number
  /** Sample ids, and the bit of each in the store's planes, ascending. */
  people: string[]
  bits: Int32Array
  /** By person: 0 not recorded, 1 male, 2 female. */
  sex: Uint8Array
  cases: number
  strata: { names: string[]; of: Int32Array; cases: Int32Array }
  /** Null where the design is not matched. */
  matched: MatchedDesign | null
  covariates: { names: string[] /** Mean 0, standard deviation 1. */; columns: Float64Array[] }
  /** Fitted probability of being a case, by person; in a matched design of being its set's. Null without covariates. */
  risks: Float64Array | null
  sexChromosomes: boolean
  sourceSentence: string | null
  primary: PrimaryTest
  permutations: { sets: number; extend: boolean }
  /** The first is the one that the primary test uses. */
  families: MaskFamily[]
  /** Made before any phenotype existed: the number of cases is what is planned. */
  blind: boolean
}

/** Who is a case, by person of the design. Kept apart until unblinding. */
export interface Labels {
  cases: Uint8Array
  /** Probability that a case is a true one, by person of the design (NaN: unknown), at each prior; absent where nobody weighed it. */
  truth?: { prior: number; of: Float64Array }[]
}

/**
 * Freezes the design of a study and takes the labels off it. Refuses: nobody or everybody a case, people who are not in
 * the store, covariates that separate or depend on each other, relabelling by risks or within strata that repeats the
 * observed cases (NoOverlap), an alpha outside (0, 0.5], sex missing where labels must stay within sex, matched sets without a case or a control.
 */
export function designStudy(input: DesignInput): { design: SealedDesign; labels: Labels } {
  const { alpha } = input.primary
  if (!(alpha > 0 && alpha <= 0.5))
    throw new UpturnError('BadArgument', `alpha is ${alpha}: give a number above 0 and at most 0.5, such as 0.05`)
  const column = new Map(input.header.samples.map((sample, i) => [sample, i]))
  const order = input.people
    .map((person, i) => ({ person, i, bit: column.get(person.sample) ?? -1 }))
    .sort((a, b) => a.bit - b.bit)
  const absent = order.find(({ bit }) => bit < 0)
  if (absent !== undefined)
    throw new UpturnError('SamplesDoNotOverlap', `${absent.person.sample} has no genotypes in the store`)
  const repeated = order.find(({ bit }, i) => i > 0 && order[i - 1].bit === bit)
  if (repeated !== undefined) throw new UpturnError('BadArgument', `${repeated.person.sample} is in the study twice`)
  const cases = Uint8Array.from(order, ({ person }) => (person.case ? 1 : 0))
  const total = cases.reduce((a, b) => a + b, 0)
  if (total === 0) throw new UpturnError('NoCases', 'nobody with genotypes is a case; choose another definition')
  if (total === cases.length)
    throw new UpturnError('NoControls', 'everybody with genotypes is a case; choose another group of controls')
  const sex = Uint8Array.from(order, ({ person }) => (person.sex === 'male' ? 1 : person.sex === 'female' ? 2 : 0))
  if (input.sexChromosomes && sex.includes(0)) {
    const unknown = order.filter(({ person }) => person.sex === null).map(({ person }) => person.sample)
    throw new UpturnError(
      'SexMissing',
      `variants on X or Y need everyone's sex, which is missing for ${unknown.slice(0, 5).join(', ')}${unknown.length > 5 ? ` and ${unknown.length - 5} more` : ''}; record it, or leave these people out, which sex as a covariate does`,
      { details: { people: unknown } },
    )
  }
  const covariates = input.covariates.map(({ name, values }) => ({ name, values: order.map(({ i }) => values[i]) }))
  const keys = order.map(({ person }, i) => {
    const stratum = person.stratum ?? ''
    return input.sexChromosomes ? `${stratum}${stratum === '' ? '' : ', '}${sex[i] === 1 ? 'male' : 'female'}` : stratum
  })
  const names = [...new Set(keys)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const of = Int32Array.from(keys, (key) => names.indexOf(key))
  const strataCases = new Int32Array(names.length)
  for (let i = 0; i < of.length; i++) strataCases[of[i]] += cases[i]

  const { matched: asked } = input
  if (asked !== undefined) requireInformative(names, of, strataCases)
  const within = asked === undefined ? null : fitNullWithin(cases, of, covariates)
  const fit = within ?? { ...fitNull(cases, covariates), names: covariates.map((c) => c.name) }
  const families: MaskFamily[] = []
  const plain = labelScheme(of, strataCases)
  casesOf(plain)
  requireRelabellingWithin(plain, cases, names)
  let risks: Float64Array | null = null
  if (fit.names.length > 0) {
    const scheme = labelScheme(of, strataCases, fit.risks)
    requireRelabelling(scheme, cases, fit.names, within === null ? undefined : matchCloser)
    families.push({ masks: 'conditional on fitted risks', scheme, purpose: 'association/conditional label sets' })
    risks = within === null ? fit.risks : inclusionProbabilities(scheme)
  }
  families.push({
    masks: within !== null ? 'within matched sets' : names.length > 1 ? 'stratified' : 'uniform',
    scheme: plain,
    purpose: 'association/label sets',
  })

  const design: SealedDesign = {
    seed: input.seed,
    build: input.header.build,
    words: wordsPerPlane(input.header.samples.length),
    storeVariants: input.header.variants,
    people: order.map(({ person }) => person.sample),
    bits: Int32Array.from(order, ({ bit }) => bit),
    sex,
    cases: total,
    strata: { names, of, cases: strataCases },
    matched:
      asked === undefined || within === null
        ? null
        : {
            sets: names.length,
            sizes: setSizes(of, strataCases),
            matchedOn: asked.matchedOn.map(({ name }) => name),
            cancelled: within.cancelled,
            notes: [...asked.notes],
            unmatched: unmatchedCovariates([
              ...covariates,
              ...asked.matchedOn.map(({ name, values }) => ({ name, values: order.map(({ i }) => values[i]) })),
            ]),
          },
    covariates: { names: fit.names, columns: fit.columns },
    risks,
    sexChromosomes: input.sexChromosomes,
    sourceSentence: sourceSentence(input.people),
    primary: input.primary,
    permutations: input.permutations,
    families,
    blind: false,
  }
  const truth = input.truthPriors?.map((prior, j) => ({
    prior,
    of: Float64Array.from(order, ({ person }) => person.truth?.[j] ?? Number.NaN),
  }))
  return { design, labels: truth === undefined ? { cases } : { cases, truth } }
}

/** What mends sets that are too unlike in a covariate. */
const matchCloser = 'and the sets leave too few to choose from: match on them more closely (calipers), or do not match'

/** Refuses matched sets of which one has no case or no control. */
function requireInformative(names: readonly string[], of: Int32Array, cases: Int32Array): void {
  const people = new Int32Array(names.length)
  for (const s of of) people[s]++
  const alone = names.filter((_, s) => cases[s] === 0 || cases[s] === people[s])
  if (alone.length > 0)
    throw new UpturnError(
      'BadArgument',
      `matched set ${alone[0]} has no ${cases[names.indexOf(alone[0])] === 0 ? 'case' : 'control'}: leave its people out`,
    )
}

/** Sets by their numbers of cases and controls, largest first. */
function setSizes(of: Int32Array, cases: Int32Array): MatchedSummary['sizes'] {
  const people = new Int32Array(cases.length)
  for (const s of of) people[s]++
  const sizes = new Map<string, { cases: number; controls: number; sets: number }>()
  cases.forEach((m, s) => {
    const key = `${m} ${people[s]}`
    const size = sizes.get(key) ?? { cases: m, controls: people[s] - m, sets: 0 }
    size.sets++
    sizes.set(key, size)
  })
  return [...sizes.values()].sort((a, b) => b.cases + b.controls - a.cases - a.controls || b.cases - a.cases)
}

/** Standardised; those that are the same for everybody are left out. */
function unmatchedCovariates(covariates: readonly { name: string; values: readonly number[] }[]) {
  const kept = covariates.filter(({ values }) => values.some((value) => value !== values[0]))
  return { names: kept.map(({ name }) => name), columns: kept.map(standardise) }
}

export interface BlindInput extends Omit<DesignInput, 'people' | 'matched'> {
  people: readonly Omit<StudyPerson, 'case' | 'stratum'>[]
  /** Cases that the study will have. */
  cases: number
}

/**
 * The design of a study whose phenotypes do not exist yet: everybody with genotypes, a number of cases, equal odds. Covariates enter Firth's
 * fits; nothing is known of how they go with the disease. Where X or Y is tested, cases fall to the sexes by their shares. Refuses what
 * `designStudy` refuses of people and covariates, and fewer than one case or control.
 */
export function designBlind(input: BlindInput): SealedDesign {
  const { cases, people } = input
  if (!(Number.isInteger(cases) && cases >= 1 && cases < people.length))
    throw new UpturnError(
      'BadArgument',
      `${cases} cases among ${people.length} people with genotypes are no study: give a whole number from 1 to ${people.length - 1}`,
    )
  // Any labels with this number of cases give the same strata, columns and label sets where nothing is fitted to them.
  const order = [...people.keys()].sort((a, b) => (people[a].sample < people[b].sample ? -1 : 1))
  const isCase = new Uint8Array(people.length)
  if (input.sexChromosomes) {
    const men = order.filter((i) => people[i].sex === 'male')
    const women = order.filter((i) => people[i].sex !== 'male')
    const ofMen = Math.min(men.length, Math.max(cases - women.length, Math.round((cases * men.length) / people.length)))
    for (const i of [...men.slice(0, ofMen), ...women.slice(0, cases - ofMen)]) isCase[i] = 1
  } else for (const i of order.slice(0, cases)) isCase[i] = 1
  const { design } = designStudy({
    ...input,
    covariates: [],
    people: people.map((person, i) => ({ ...person, case: isCase[i] === 1 })),
  })
  const place = new Map(people.map(({ sample }, i) => [sample, i]))
  const columns = input.covariates.map(({ name, values }) =>
    standardise({ name, values: design.people.map((sample) => values[place.get(sample) as number]) }),
  )
  const names = input.covariates.map(({ name }) => name)
  requireIndependent(names, columns)
  return { ...design, covariates: { names, columns }, sourceSentence: null, blind: true }
}

/** What to say when a source holds only cases or only controls; null when none does. */
function sourceSentence(people: readonly StudyPerson[]): string | null {
  const sources = new Map<string, { cases: number; controls: number }>()
  for (const { source, case: isCase } of people) {
    if (source === undefined) continue
    const counts = sources.get(source) ?? { cases: 0, controls: 0 }
    if (isCase) counts.cases++
    else counts.controls++
    sources.set(source, counts)
  }
  if (sources.size < 2) return null
  const names = [...sources]
    .filter(([, c]) => c.cases === 0 || c.controls === 0)
    .map(([name, c]) => `${name} (only ${c.cases > 0 ? 'cases' : 'controls'})`)
  if (names.length === 0) return null
  return `Cases and controls do not come from the same sources: ${names.sort().join(', ')}. An artefact of a source cannot be told from the disease.`
}

/** The bit plane of those people for whom `member` is true. */
export function personPlane(design: SealedDesign, member: (person: number) => boolean): Uint8Array {
  const plane = new Uint8Array(8 * design.words)
  design.bits.forEach((bit, i) => {
    if (member(i)) plane[bit >> 3] |= 1 << (bit & 7)
  })
  return plane
}
