import { UpturnError } from '../errors/index.ts'
import { type GenotypeStore, sexChromosomeKind } from '../genotypes/index.ts'
import { exp, log } from '../numerics/special.ts'
import type { AssociationSummary, LeadTest } from '../results/association.ts'
import { conditionalFirth } from '../statistics/conditional-logistic/index.ts'
import {
  allelicTable,
  barnardTest,
  boschlooTest,
  cochranArmitage,
  dominantTable,
  exactTrend,
  fisherExact,
  freemanHalton,
  type GenotypeTable,
  mostUnconditional,
  recessiveTable,
} from '../statistics/exact/index.ts'
import { firthRegression } from '../statistics/firth/index.ts'
import { inclusionProbabilities, LabelSets, labelNull } from '../statistics/labels/index.ts'
import { logFRegression, saddlepointScore } from '../statistics/logistic/index.ts'
import { type Labels, personPlane, type SealedDesign } from './design.ts'
import { efficientScores } from './efficient-score.ts'
import { PersonDosages } from './person-dosages.ts'
import { type Inheritance, inheritanceOf } from './scan.ts'

export interface LeadVariant {
  index: number
  chromosome: string
  position: number
  ref: string
  alt: string
  rsid: string
  inheritance: Inheritance
  /** 0, 1, 2 or -1 by person of the design. */
  genotypes: Int8Array
  /** Copies of alt by person with their fraction, -1 where missing; null where the variant has no dosages. */
  dosages: Float64Array | null
}

/** One variant of the store for the people of the design, calls that their sex forbids made missing. */
export async function readVariant(store: GenotypeStore, design: SealedDesign, index: number): Promise<LeadVariant> {
  for await (const variants of readVariants(store, design, index, index + 1)) return variants[0]
  throw new UpturnError('Internal', `the store has no variant ${index}`)
}

/** Variants `first` to `end` (exclusive) of the store, those of a block together. */
export async function* readVariants(
  store: GenotypeStore,
  design: SealedDesign,
  first: number,
  end: number,
  signal?: AbortSignal,
): AsyncGenerator<LeadVariant[]> {
  const reader = new PersonDosages(
    design.words,
    design.bits,
    personPlane(design, (i) => design.sex[i] === 1),
  )
  for (const [b, block] of store.header.blocks.entries()) {
    const from = Math.max(first, block.first)
    const to = Math.min(end, block.first + block.variants)
    if (from >= to) continue
    const keys = await store.keys(b, signal)
    const genotypes = await store.genotypes(b, signal)
    const dosages = await store.dosages(b, signal)
    yield Array.from({ length: to - from }, (_, k): LeadVariant => {
      const row = from + k - block.first
      const kind = sexChromosomeKind(store.header.build, keys.chromosome[row], keys.position[row])
      const copies = reader.of({ genotypes, dosages }, row, inheritanceOf(kind))
      return {
        index: from + k,
        chromosome: keys.chromosome[row],
        position: keys.position[row],
        ref: keys.ref[row],
        alt: keys.alt[row],
        rsid: keys.rsid[row],
        inheritance: inheritanceOf(kind),
        genotypes: personGenotypes(genotypes, row, design, kind),
        dosages: copies === undefined ? null : copies.copies.map((x) => (Number.isNaN(x) ? -1 : x)),
      }
    })
  }
}

/** 0, 1, 2 or -1 by person, out of a block's records. */
function personGenotypes(
  bytes: Uint8Array,
  row: number,
  design: SealedDesign,
  kind: ReturnType<typeof sexChromosomeKind>,
): Int8Array {
  const from = row * 16 * design.words
  return Int8Array.from(design.bits, (bit, i) => {
    const low = (bytes[from + (bit >> 3)] >> (bit & 7)) & 1
    const high = (bytes[from + 8 * design.words + (bit >> 3)] >> (bit & 7)) & 1
    const male = design.sex[i] === 1
    if (low === 1 && high === 1) return -1
    if (kind === 'Y' && !male) return -1
    if (low === 1 && (kind === 'MT' || ((kind === 'X' || kind === 'Y') && male))) return -1
    return low + 2 * high
  })
}

export function tableOf(genotypes: ArrayLike<number>, cases: ArrayLike<number>): GenotypeTable {
  const counts = [0, 0, 0, 0, 0, 0]
  for (let i = 0; i < genotypes.length; i++) if (genotypes[i] >= 0) counts[(cases[i] === 1 ? 0 : 3) + genotypes[i]]++
  const [caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt] = counts
  return { caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt }
}

/** Label sets of the adaptive Monte-Carlo tests: stop after so many exceedances, or at the most. */
const enough = 50
const most = 20_000

interface MonteCarlo {
  exceed: number
  sets: number
  p: number
}

/** Draws label sets until 50 are as extreme as the observed one, or 20,000 are drawn; p = (b + 1) / (m + 1). */
export function adaptive(
  sets: LabelSets,
  seed: number,
  purpose: string,
  extreme: (set: Int32Array) => boolean,
): MonteCarlo {
  let exceed = 0
  let drawn = 0
  while (drawn < most && exceed < enough) if (extreme(sets.draw(seed, purpose, drawn++))) exceed++
  return { exceed, sets: drawn, p: (exceed + 1) / (drawn + 1) }
}

/** Tests that stand beside the lead for comparison are made up to so many people. */
const mostForComparison = 50_000

/** Steps of one evaluation of the conditional likelihood with this many columns, and how many are made. */
const mostWithinWork = 1_000_000
const withinWork = ({ strata }: SealedDesign, columns: number): number => {
  const people = new Float64Array(strata.names.length)
  for (const s of strata.of) people[s]++
  return people.reduce((sum, n, s) => sum + n * strata.cases[s], 0) * columns ** 3
}

export interface LeadResult {
  lead: NonNullable<AssociationSummary['lead']>
  permutation: MonteCarlo | null
}

/** All tests of the lead variant, for the forest: each with p, odds ratio where it has one, and what it means. */
export function testLead(variant: LeadVariant, design: SealedDesign, labels: Labels, permute: boolean): LeadResult {
  const { genotypes } = variant
  const copiesOf = variant.dosages ?? genotypes
  const table = tableOf(genotypes, labels.cases)
  const tests: LeadTest[] = []
  const add = (test: string, logP: number, note: string, or?: { or: number; low: number; high: number }) => {
    const bound = (x: number | undefined) => (x === undefined || !Number.isFinite(x) ? null : x)
    tests.push({
      test,
      p: exp(logP),
      negLog10P: logP === 0 ? 0 : -logP / Math.LN10,
      or: bound(or?.or),
      low: bound(or?.low),
      high: bound(or?.high),
      note,
    })
  }
  const trend = exactTrend(table)
  add('trend_exact_p', trend.logP, 'exact conditional trend, all relabellings')
  add('trend_midp', trend.logMidp, 'mid-p of the exact trend')
  add('fisher_p', freemanHalton(table).logP, 'Fisher 2x3 (Freeman-Halton)')
  for (const [name, of, note] of [
    ['allelic_p', allelicTable, 'alleles, Fisher 2x2, conditional odds ratio'],
    ['dominant_p', dominantTable, 'carriers against others, Fisher 2x2'],
    ['recessive_p', recessiveTable, 'two copies against others, Fisher 2x2'],
  ] as const) {
    const r = fisherExact(of(table))
    add(name, r.logP, note, { or: r.oddsRatio, low: r.low, high: r.high })
  }
  const carriers = dominantTable(table)
  if (Object.values(carriers).reduce((sum, count) => sum + count, 0) <= mostUnconditional) {
    add(
      'dominant_barnard_p',
      barnardTest(carriers).logP,
      'carriers against others, Barnard: how many carry is not fixed',
    )
    add('dominant_boschloo_p', boschlooTest(carriers).logP, 'the same, Boschloo')
  }
  const sex = Float64Array.from(design.sex, (s) => (s === 1 ? 1 : 0))
  const onX = variant.inheritance === 1 && !design.sex.includes(0) && sex.includes(1) && sex.includes(0)
  const tested = Float64Array.from(copiesOf, (g) => (g < 0 ? Number.NaN : g))
  const columns = design.covariates.columns
  const withSex = onX ? firthRegression({ cases: labels.cases, columns: [...columns, sex], tested }) : undefined
  const bySex = withSex !== undefined && withSex.status !== 'collinear'
  const firth = bySex ? withSex : firthRegression({ cases: labels.cases, columns, tested })
  const fitted = bySex ? [...columns, sex] : columns
  const adjustedFor = [...design.covariates.names, ...(bySex ? ['sex'] : [])]
  const adjustment = `${variant.dosages === null ? '' : ' on dosages'}${adjustedFor.length > 0 ? `, adjusted for ${adjustedFor.join(', ')}` : ''}`
  const ratios = (fit: { beta: number; low: number | null; high: number | null }) => ({
    or: exp(fit.beta),
    low: fit.low === null ? 0 : exp(fit.low),
    high: fit.high === null ? Number.POSITIVE_INFINITY : exp(fit.high),
  })
  if (firth.converged)
    add(
      'firth_p',
      firth.logP,
      `Firth${adjustment}${firth.secondMode ? '; its likelihood has two maxima, this is the higher' : ''}`,
      ratios(firth),
    )
  const model = { cases: labels.cases, columns: fitted, tested }
  if (tested.length <= mostForComparison) {
    const logF = logFRegression(model)
    if (logF.status === 'ok' || logF.status === 'separated')
      add('logf_p', logF.logP, `log-F(1,1) on the copies${adjustment}`, ratios(logF))
    const saddlepoint = saddlepointScore(model)
    if (saddlepoint.status === 'ok')
      add('saddlepoint_p', saddlepoint.logP, `score by its saddlepoint, an approximation${adjustment}`)
  }
  if (design.strata.names.length > 1 && withinWork(design, fitted.length + 1) <= mostWithinWork) {
    const within = conditionalFirth({ ...model, sets: design.strata.of })
    if (within.status === 'ok' || within.status === 'separated')
      add(
        'conditional_firth_p',
        within.logP,
        `Firth within strata, conditional likelihood${adjustment}`,
        ratios(within),
      )
  }
  add('trend_asymptotic_p', cochranArmitage(table).logP, 'Armitage, asymptotic: not to be trusted with few cases')
  let calledCases = 0
  let copies = 0
  for (let i = 0; i < genotypes.length; i++)
    if (labels.cases[i] === 1 && genotypes[i] >= 0) {
      calledCases++
      copies += genotypes[i]
    }
  for (const family of design.families) {
    if (family.masks === 'uniform') continue
    const null_ = labelNull(genotypes, family.scheme)
    const logP = null_.logP[(calledCases - null_.from) * null_.stride + copies]
    const name = family.masks === 'stratified' ? 'trend_stratified_p' : 'trend_conditional_p'
    add(name, logP, family.masks === 'stratified' ? 'exact within strata' : 'conditional on fitted risks')
  }
  let permutation: MonteCarlo | null = null
  if (permute) {
    const family = design.families[0]
    const sets = new LabelSets(family.scheme)
    const null_ = labelNull(genotypes, family.scheme)
    const of = (c: number, t: number) => null_.logP[(c - null_.from) * null_.stride + t]
    const observed = of(calledCases, copies)
    permutation = adaptive(sets, design.seed, 'association/lead permutation', (set) => {
      let c = 0
      let t = 0
      for (const person of set)
        if (genotypes[person] >= 0) {
          c++
          t += genotypes[person]
        }
      return of(c, t) <= observed + 1e-11 * Math.max(1, Math.abs(observed))
    })
    add('permutation_p', log(permutation.p), `${permutation.exceed} of ${permutation.sets} label sets, ${family.masks}`)
    if (design.risks !== null) {
      const scores = efficientScores(copiesOf, columns, design.risks)
      const inclusion = inclusionProbabilities(family.scheme)
      let expected = 0
      let seen = 0
      for (let i = 0; i < scores.length; i++) {
        expected += inclusion[i] * scores[i]
        if (labels.cases[i] === 1) seen += scores[i]
      }
      const limit = Math.abs(seen - expected) * (1 - 1e-12)
      const score = adaptive(sets, design.seed, 'association/lead efficient score', (set) => {
        let sum = 0
        for (const person of set) sum += scores[person]
        return Math.abs(sum - expected) >= limit
      })
      add(
        'efficient_score_p',
        log(score.p),
        `Monte-Carlo of the efficient score${variant.dosages === null ? '' : ' of dosages'}, ${score.exceed} of ${score.sets} label sets`,
      )
    }
  }
  const { chromosome, position, ref, alt, rsid } = variant
  const counts: [number, number, number, number, number, number] = [
    table.caseRef,
    table.caseHet,
    table.caseAlt,
    table.controlRef,
    table.controlHet,
    table.controlAlt,
  ]
  return { lead: { chromosome, position, ref, alt, rsid, counts, tests, permutation }, permutation }
}
