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
import { logFRegression, saddlepointScore } from '../statistics/logistic/index.ts'
import type { Labels, SealedDesign } from './design.ts'
import type { LeadVariant } from './lead.ts'
import { type AddTest, ratios } from './lead-test.ts'

/** Tests that stand beside the lead for comparison are made up to so many people. */
const mostForComparison = 50_000

/** Steps of one evaluation of the conditional likelihood with this many columns, and how many are made. */
const mostWithinWork = 1_000_000
const withinWork = ({ strata }: SealedDesign, columns: number): number => {
  const people = new Float64Array(strata.names.length)
  for (const s of strata.of) people[s]++
  return people.reduce((sum, n, s) => sum + n * strata.cases[s], 0) * columns ** 3
}

/** The tests of a lead that know of no sets. */
export function addUnmatched(variant: LeadVariant, design: SealedDesign, labels: Labels, add: AddTest): void {
  const { genotypes } = variant
  const copiesOf = variant.dosages ?? genotypes
  const table = tableOf(genotypes, labels.cases)
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
}

export function tableOf(genotypes: ArrayLike<number>, cases: ArrayLike<number>): GenotypeTable {
  const counts = [0, 0, 0, 0, 0, 0]
  for (let i = 0; i < genotypes.length; i++) if (genotypes[i] >= 0) counts[(cases[i] === 1 ? 0 : 3) + genotypes[i]]++
  const [caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt] = counts
  return { caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt }
}
