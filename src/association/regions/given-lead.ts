import { isUpturnError } from '../../errors/index.ts'
import { hasBit } from '../../genotypes/quality/scan.ts'
import { type GenotypeStore, storeRegion } from '../../genotypes/store/index.ts'
import { exp } from '../../numerics/special.ts'
import type { GivenLead, LeadRegion } from '../../results/regions.ts'
import { sayNumber, sayP } from '../../results/say.ts'
import { fitNullWithin, MatchedFirth } from '../../statistics/conditional-logistic/index.ts'
import { firthRegression } from '../../statistics/firth/index.ts'
import { type LabelScheme, labelNull, labelScheme, requireRelabelling } from '../../statistics/labels/index.ts'
import type { RatioTest } from '../../statistics/likelihood/index.ts'
import { fitNull } from '../../statistics/logistic/index.ts'
import type { Labels, SealedDesign } from '../design.ts'
import { type LeadVariant, readVariants } from '../lead.ts'

/** At most so many variants of a region, those nearest to the lead. */
const mostVariants = 4000

const copiesOf = ({ dosages, genotypes }: LeadVariant): ArrayLike<number> => dosages ?? genotypes
const keyOf = ({ chromosome, position, ref, alt }: LeadVariant): string => `${chromosome}:${position}:${ref}:${alt}`
const neglog10 = (logP: number): number => (logP === 0 ? 0 : -logP / Math.LN10)

type Fit = Pick<RatioTest, 'logP' | 'beta' | 'low' | 'high'> & { status: RatioTest['status'] | 'one_group' }

const estimated = (fit: Fit): boolean => fit.status === 'ok' || fit.status === 'separated'

/**
 * The variants of a lead's region given the lead, and their interaction with it: Firth's regression with the covariates of the study and the lead's
 * copies, penalised likelihood-ratio tests of the other variant, and of the product of both where both are in the model. Moving either variant's zero changes
 * neither test. Beside the conditional test the exact trend under labels redrawn from risks that were fitted with the lead. In a matched design both
 * stay within the sets. Null where the store lacks the lead.
 */
export async function givenLead(
  lead: { key: string; chromosome: string; position: number },
  half: number,
  sources: { store: GenotypeStore; keep: Uint8Array | null; design: SealedDesign; labels: Labels },
  { signal, progress }: { signal: AbortSignal; progress(label: string, fraction: number): void },
): Promise<LeadRegion | null> {
  const { store, keep, design, labels } = sources
  const start = Math.max(1, lead.position - half)
  const end = lead.position + half
  const range = await storeRegion(store, lead.chromosome, start, end, signal)
  const at = range.index.get(lead.key)
  if (at === undefined) return null
  const first = Math.max(range.first, at - mostVariants / 2)
  const last = Math.min(range.end, first + mostVariants)
  const own = await leadCopies(store, design, at)
  const people = Array.from(design.bits.keys()).filter((i) => own[i] >= 0)
  const cases = Uint8Array.from(people, (i) => labels.cases[i])
  const leadColumn = Float64Array.from(people, (i) => own[i])
  const columns = design.covariates.columns.map((column) => Float64Array.from(people, (i) => column[i]))
  // On X copies depend on sex, as in the scan.
  const sex = Float64Array.from(people, (i) => design.sex[i])
  const bothSexes = !sex.includes(0) && sex.includes(1) && sex.includes(2)
  const sets = design.matched === null ? null : Int32Array.from(people, (i) => design.strata.of[i])
  if (sets === null && lead.chromosome === 'X' && bothSexes && !design.covariates.names.includes('sex'))
    columns.push(sex)
  const scheme = conditionalScheme(design, people, cases, leadColumn)
  const variants: GivenLead[] = []
  for await (const block of readVariants(store, design, first, last, signal)) {
    signal.throwIfAborted()
    for (const variant of block) {
      if (variant.index === at || (keep !== null && !hasBit(keep, variant.index))) continue
      const copies = copiesOf(variant)
      const tested = Float64Array.from(people, (i) => (copies[i] < 0 ? Number.NaN : copies[i]))
      variants.push(
        fitted(
          variant,
          { cases, columns, leadColumn, tested, sets },
          scheme === null
            ? null
            : trendP(
                Int8Array.from(people, (i) => variant.genotypes[i]),
                cases,
                scheme,
              ),
        ),
      )
    }
    progress('given the lead', variants.length / Math.max(1, last - first))
  }
  const thresholdOf = (count: number) => (count === 0 ? null : 0.05 / count)
  const found: Omit<LeadRegion, 'sentence'> = {
    lead: lead.key,
    start,
    end,
    people: people.length,
    conditionalThreshold: thresholdOf(variants.filter((v) => v.conditionalP !== null).length),
    interactionThreshold: thresholdOf(variants.filter((v) => v.interactionP !== null).length),
    variants,
  }
  return { ...found, sentence: sentenceOf(found) }
}

async function leadCopies(store: GenotypeStore, design: SealedDesign, index: number): Promise<ArrayLike<number>> {
  for await (const [variant] of readVariants(store, design, index, index + 1)) return copiesOf(variant)
  return []
}

interface Model {
  cases: Uint8Array
  columns: Float64Array[]
  leadColumn: Float64Array
  /** NaN where missing. */
  tested: Float64Array
  /** Number of each person's set in a matched design. */
  sets: Int32Array | null
}

/** Firth's test of a column beside others, within sets where there are any. */
function firthOf({ cases, sets }: Model, columns: readonly Float64Array[], tested: Float64Array): Fit {
  return sets === null
    ? firthRegression({ cases, columns, tested }, { profile: false })
    : new MatchedFirth({ cases, sets, columns }).test(tested)
}

function fitted(variant: LeadVariant, model: Model, trend: number | null): GivenLead {
  const { columns, leadColumn, tested } = model
  const alone = firthOf(model, columns, tested)
  const given = firthOf(model, [...columns, leadColumn], tested)
  const product = tested.map((x, i) => x * leadColumn[i])
  // Missing copies are missing in the product too, which leaves these people out.
  const filled = tested.map((x) => (Number.isNaN(x) ? 0 : x))
  const interaction = firthOf(model, [...columns, leadColumn, filled], product)
  const p = (fit: Fit) => (estimated(fit) ? exp(fit.logP) : null)
  const scale = (fit: Fit) => (estimated(fit) ? neglog10(fit.logP) : null)
  const bound = (fit: Fit, of: number | null) => (estimated(fit) && of !== null ? exp(of) : null)
  return {
    key: keyOf(variant),
    rsid: variant.rsid,
    position: variant.position,
    negLog10P: scale(alone),
    conditionalP: p(given),
    conditionalNegLog10P: scale(given),
    conditionalOr: bound(given, given.beta),
    conditionalLow: bound(given, given.low),
    conditionalHigh: bound(given, given.high),
    conditionalStatus: given.status,
    conditionalTrendP: trend,
    interactionP: p(interaction),
    interactionNegLog10P: scale(interaction),
    interactionOr: bound(interaction, interaction.beta),
    interactionStatus: interaction.status,
  }
}

/** Labels redrawn from risks fitted to covariates and the lead; null where that is refused. */
function conditionalScheme(
  design: SealedDesign,
  people: readonly number[],
  cases: Uint8Array,
  leadColumn: Float64Array,
): LabelScheme | null {
  const family = design.families.at(0)
  if (family === undefined) return null
  const stratified = family.masks === 'stratified' || design.matched !== null
  const strata = Int32Array.from(people, (i) => (stratified ? design.strata.of[i] : 0))
  const counts = new Int32Array(stratified ? design.strata.cases.length : 1)
  people.forEach((_, k) => {
    if (cases[k] === 1) counts[strata[k]]++
  })
  try {
    const covariates = design.covariates.names.map((name, j) => ({
      name,
      values: people.map((i) => design.covariates.columns[j][i]),
    }))
    const all = [...covariates, { name: 'the lead', values: Array.from(leadColumn) }]
    const { risks } = design.matched === null ? fitNull(cases, all) : fitNullWithin(cases, strata, all)
    const scheme = labelScheme(strata, counts, risks)
    requireRelabelling(scheme, cases, ['the lead'])
    return scheme
  } catch (error) {
    // No people of one group, a lead that depends on covariates or all but names the cases: Firth stands alone.
    if (isUpturnError(error)) return null
    throw error
  }
}

function trendP(genotypes: Int8Array, cases: Uint8Array, scheme: LabelScheme): number | null {
  const null_ = labelNull(genotypes, scheme)
  let [c, t] = [0, 0]
  for (let i = 0; i < genotypes.length; i++)
    if (cases[i] === 1 && genotypes[i] >= 0) {
      c++
      t += genotypes[i]
    }
  const logP = null_.logP[(c - null_.from) * null_.stride + t]
  return Number.isNaN(logP) ? null : exp(logP)
}

function sentenceOf({
  lead,
  variants,
  conditionalThreshold,
  interactionThreshold,
}: Omit<LeadRegion, 'sentence'>): string {
  if (conditionalThreshold === null) return `No other variant near ${lead} could be fitted beside it.`
  const best = (of: 'conditionalP' | 'interactionP') =>
    variants.reduce<GivenLead | null>(
      (a, b) => (b[of] !== null && (a === null || (b[of] ?? 1) < (a[of] ?? 1)) ? b : a),
      null,
    )
  const name = (v: GivenLead) => (v.rsid === '' ? v.key : `${v.rsid} (${v.key})`)
  const second = best('conditionalP')
  const product = best('interactionP')
  const count = variants.filter((v) => v.conditionalP !== null).length
  const parts: string[] = []
  if (second !== null)
    parts.push(
      `Given ${lead}, the strongest of ${count} other variants is ${name(second)}, p ${sayP(second.conditionalP ?? 1)} (alone ${sayP(exp(-(second.negLog10P ?? 0) * Math.LN10))}): ${
        (second.conditionalP ?? 1) <= conditionalThreshold
          ? `below ${sayNumber(conditionalThreshold)}, so a second signal is possible`
          : `not below ${sayNumber(conditionalThreshold)}, so nothing is left that the lead does not explain, as far as so few cases can tell`
      }.`,
    )
  if (product !== null && interactionThreshold !== null)
    parts.push(
      (product.interactionP ?? 1) <= interactionThreshold
        ? `Interaction with the lead: ${name(product)}, p ${sayP(product.interactionP ?? 1)}, below ${sayNumber(interactionThreshold)}.`
        : `No interaction with the lead is seen (smallest p ${sayP(product.interactionP ?? 1)}, ${sayNumber(interactionThreshold)} would be needed); with so few cases only a very strong one could be.`,
    )
  return parts.join(' ')
}
