import type { AssociationSummary } from '../results/association.ts'
import { MatchedFirth } from '../statistics/conditional-logistic/index.ts'
import { labelNull } from '../statistics/labels/index.ts'
import { trendWithinSets } from '../statistics/stratified/index.ts'
import type { Labels, SealedDesign } from './design.ts'
import type { LeadVariant } from './lead.ts'
import { leadTest, ratios } from './lead-test.ts'
import { flatTables, setTables } from './matched-lead.ts'

/** The matched form of a study that is not matched: its design, or why there is none. */
export type MatchedForm = { design: SealedDesign; labels: Labels } | { reason: string }

/** Of more sets no trend on fitted risks is given: its time grows with their square. */
const mostSets = 500

type Lead = NonNullable<AssociationSummary['lead']>

/**
 * The lead of a study that is not matched with the tests within the sets that were made of some of its people beside it, named `matched_...`: a sensitivity,
 * which decides nothing. `variant`: the lead for the people of the matched design.
 */
export function withMatchedForm(
  lead: Lead,
  { genotypes, dosages }: LeadVariant,
  { design, labels }: { design: SealedDesign; labels: Labels },
): Lead {
  const { of, names } = design.strata
  const people = `${names.length} matched sets of ${design.cases} cases and ${design.people.length - design.cases} controls`
  const matchedForm = { sets: names.length, cases: design.cases, controls: design.people.length - design.cases }
  const tests = [...lead.tests]
  if (design.risks === null) {
    const { logP } = trendWithinSets(flatTables(setTables(genotypes, labels.cases, of, names.length)), names.length)
    tests.push(leadTest('matched_trend_exact_p', logP, `sensitivity: exact trend within ${people}`))
  } else if (names.length <= mostSets) {
    const { scheme } = design.families[0]
    const null_ = labelNull(genotypes, scheme)
    let [called, copies] = [0, 0]
    for (let i = 0; i < genotypes.length; i++)
      if (labels.cases[i] === 1 && genotypes[i] >= 0) {
        called++
        copies += genotypes[i]
      }
    const logP = null_.logP[(called - null_.from) * null_.stride + copies]
    tests.push(
      leadTest(
        'matched_trend_conditional_p',
        logP,
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
  return { ...lead, tests, matchedForm }
}
