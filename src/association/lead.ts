import { UpturnError } from '../errors/index.ts'
import { sexChromosomeKind } from '../genotypes/sex-chromosomes.ts'
import type { GenotypeStore } from '../genotypes/store/index.ts'
import { log } from '../numerics/special.ts'
import type { AssociationSummary, LeadTest } from '../results/association.ts'
import { inclusionProbabilities, LabelSets, labelNull } from '../statistics/labels/index.ts'
import { addCorrected } from './corrected-lead.ts'
import { type Labels, personPlane, type SealedDesign } from './design.ts'
import { efficientScores, efficientScoresWithin } from './efficient-score.ts'
import { type AddTest, leadTest } from './lead-test.ts'
import { addMatched } from './matched-lead.ts'
import { PersonDosages } from './person-dosages.ts'
import { type Inheritance, inheritanceOf } from './scan.ts'
import { addUnmatched, tableOf } from './unmatched-lead.ts'

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

export interface LeadResult {
  lead: NonNullable<AssociationSummary['lead']>
  permutation: MonteCarlo | null
}

/** All tests of the lead variant, for the forest: each with p, odds ratio where it has one, and what it means. */
export function testLead(variant: LeadVariant, design: SealedDesign, labels: Labels, permute: boolean): LeadResult {
  const { genotypes } = variant
  const table = tableOf(genotypes, labels.cases)
  const tests: LeadTest[] = []
  const add: AddTest = (...found) => {
    tests.push(leadTest(...found))
  }
  if (design.matched === null) addUnmatched(variant, design, labels, add)
  else addMatched(variant, design, design.matched, labels, add)
  addCorrected(variant, labels, add)
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
    const [name, note] = {
      stratified: ['trend_stratified_p', 'exact within strata'],
      'within matched sets': ['trend_within_sets_p', 'within matched sets, given how many cases are called in all'],
      'conditional on fitted risks': ['trend_conditional_p', 'conditional on fitted risks'],
    }[family.masks]
    add(name, logP, note)
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
      const copied = variant.dosages ?? genotypes
      const { columns } = design.covariates
      const scores =
        design.matched === null
          ? efficientScores(copied, columns, design.risks)
          : efficientScoresWithin(copied, columns, design.risks, design.strata.of)
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
