import { type GenotypeStore, storeRegion } from '../genotypes/store/index.ts'
import type { AssociationSummary, LeadTest } from '../results/association.ts'
import type { MatchedLead } from '../results/regions.ts'
import { MatchedFirth } from '../statistics/conditional-logistic/index.ts'
import { labelNull } from '../statistics/labels/index.ts'
import { trendWithinSets } from '../statistics/stratified/index.ts'
import type { Labels, SealedDesign } from './design.ts'
import { readVariant } from './lead.ts'
import { leadTest, ratios } from './lead-test.ts'
import { flatTables, setTables } from './matched-lead.ts'

/** Of more sets no trend on fitted risks is given: its time grows with their square. */
const mostSets = 500

/**
 * The lead of a study that is not matched within the sets that were made of some of its people; the tests are named `matched_...`: a sensitivity, which decides
 * nothing. `design`: the matched form of the study. Null where the store lacks the lead.
 */
export async function testWithinSets(
  lead: NonNullable<AssociationSummary['lead']>,
  store: GenotypeStore,
  { design, labels }: { design: SealedDesign; labels: Labels },
  signal: AbortSignal,
): Promise<MatchedLead | null> {
  const { chromosome, position, ref, alt } = lead
  const range = await storeRegion(store, chromosome, position, position, signal)
  const index = range.index.get(`${chromosome}:${position}:${ref}:${alt}`)
  if (index === undefined) return null
  const { genotypes, dosages } = await readVariant(store, design, index)
  const { of, names } = design.strata
  const sets = names.length
  const controls = design.people.length - design.cases
  const people = `${sets} matched sets of ${design.cases} cases and ${controls} controls`
  const tests: LeadTest[] = []
  if (design.risks === null) {
    const { logP } = trendWithinSets(flatTables(setTables(genotypes, labels.cases, of, sets)), sets)
    tests.push(leadTest('matched_trend_exact_p', logP, `sensitivity: exact trend within ${people}`))
  } else if (sets <= mostSets) {
    const { scheme } = design.families[0]
    const null_ = labelNull(genotypes, scheme)
    let [called, copies] = [0, 0]
    for (let i = 0; i < genotypes.length; i++)
      if (labels.cases[i] === 1 && genotypes[i] >= 0) {
        called++
        copies += genotypes[i]
      }
    tests.push(
      leadTest(
        'matched_trend_conditional_p',
        null_.logP[(called - null_.from) * null_.stride + copies],
        `sensitivity: trend conditional on risks fitted (${design.covariates.names.join(', ')}) within ${people}`,
      ),
    )
  }
  const { columns, names: covariates } = design.covariates
  const copies = Float64Array.from(dosages ?? genotypes, (g) => (g < 0 ? Number.NaN : g))
  const firth = new MatchedFirth({ cases: labels.cases, sets: of, columns }).test(copies, true)
  if (firth.status === 'ok' || firth.status === 'separated')
    tests.push(
      leadTest(
        'matched_firth_p',
        firth.logP,
        `sensitivity: Firth within ${people}, conditional likelihood${covariates.length > 0 ? `, adjusted for ${covariates.join(', ')}` : ''}`,
        ratios(firth),
      ),
    )
  return { sets, cases: design.cases, controls, tests }
}
