import { chiSquareLogTail } from '../numerics/special.ts'
import { conditionalLogistic, MatchedFirth } from '../statistics/conditional-logistic/index.ts'
import {
  allelicTable,
  dominantTable,
  exactTrend,
  freemanHalton,
  type GenotypeTable,
  recessiveTable,
} from '../statistics/exact/index.ts'
import { firthRegression } from '../statistics/firth/index.ts'
import { fisherWithinSets, stratifiedExact, trendWithinSets } from '../statistics/stratified/index.ts'
import type { Labels, MatchedDesign, SealedDesign } from './design.ts'
import type { LeadVariant } from './lead.ts'
import { type AddTest, ratios } from './lead-test.ts'
import { tableOf } from './unmatched-lead.ts'

const fit95 = 1.959963984540054

/**
 * The tests of a lead within its design's matched sets, and beside them what the same people would say if the sets were ignored: a
 * sensitivity, named `unmatched_...`, which decides nothing.
 */
export function addMatched(
  variant: LeadVariant,
  design: SealedDesign,
  matched: MatchedDesign,
  labels: Labels,
  add: AddTest,
): void {
  const { genotypes, dosages } = variant
  const { of, names } = design.strata
  const tables = setTables(genotypes, labels.cases, of, names.length)
  const flat = flatTables(tables)
  const trend = trendWithinSets(flat, tables.length)
  add('trend_exact_p', trend.logP, 'exact conditional trend within matched sets')
  add('trend_midp', trend.logMidp, 'its mid-p')
  const fisher = fisherWithinSets(flat, tables.length)
  if (!Number.isNaN(fisher)) add('fisher_p', fisher, 'Fisher 2x3 (Freeman-Halton) within matched sets')
  for (const [name, table, note] of [
    ['allelic_p', allelicTable, 'alleles within matched sets, common conditional odds ratio'],
    ['dominant_p', dominantTable, 'carriers against others within matched sets, common conditional odds ratio'],
    ['recessive_p', recessiveTable, 'two copies against others within matched sets'],
  ] as const) {
    const found = stratifiedExact(tables.map(table))
    add(name, found.logP, note, { or: found.oddsRatio, low: found.low, high: found.high })
  }
  const copies = Float64Array.from(dosages ?? genotypes, (g) => (g < 0 ? Number.NaN : g))
  const { columns, names: covariates } = design.covariates
  const data = { cases: labels.cases, sets: of, columns }
  const adjusted = (list: readonly string[]) =>
    `${dosages === null ? '' : ' on dosages'}${list.length > 0 ? `, adjusted for ${list.join(', ')}` : ''}`
  const firth = new MatchedFirth(data).test(copies, true)
  if (firth.status === 'ok' || firth.status === 'separated')
    add(
      'firth_p',
      firth.logP,
      `Firth within matched sets, conditional likelihood${adjusted(covariates)}`,
      ratios(firth),
    )
  const called = [...copies.keys()].filter((i) => !Number.isNaN(copies[i]))
  const taken = (values: ArrayLike<number>) => called.map((i) => values[i])
  const plain = (with_: readonly ArrayLike<number>[]) =>
    conditionalLogistic({ cases: taken(labels.cases), sets: taken(of), columns: with_.map(taken) })
  const likelihood = plain([...varying(columns, called, of), copies])
  if (likelihood.status === 'ok') {
    const k = likelihood.coefficients.length - 1
    const without = k === 0 ? likelihood.nullLogLikelihood : plain(varying(columns, called, of)).logLikelihood
    const beta = likelihood.coefficients[k]
    const half = fit95 * likelihood.standardErrors[k]
    add(
      'conditional_logistic_p',
      chiSquareLogTail(Math.max(0, 2 * (likelihood.logLikelihood - without)), 1),
      `conditional logistic regression, likelihood ratio, asymptotic${adjusted(covariates)}; Wald limits`,
      ratios({ beta, low: beta - half, high: beta + half }),
    )
  }
  const whole = tableOf(genotypes, labels.cases)
  add('unmatched_trend_exact_p', exactTrend(whole).logP, 'sensitivity: exact trend of the same people, sets ignored')
  add('unmatched_fisher_p', freemanHalton(whole).logP, 'sensitivity: Fisher 2x3 of the same people, sets ignored')
  const { unmatched } = matched
  const ignoring = firthRegression({ cases: labels.cases, columns: unmatched.columns, tested: copies })
  if (ignoring.converged)
    add(
      'unmatched_firth_p',
      ignoring.logP,
      `sensitivity: Firth of the same people, sets ignored${adjusted(unmatched.names)}`,
      ratios(ignoring),
    )
}

/** Columns that vary within some set among the people called: the others cancel. */
function varying(columns: readonly Float64Array[], called: readonly number[], of: Int32Array): Float64Array[] {
  return columns.filter((column) => {
    const first = new Map<number, number>()
    return called.some((i) => {
      const seen = first.get(of[i])
      if (seen === undefined) first.set(of[i], column[i])
      return seen !== undefined && seen !== column[i]
    })
  })
}

/** Six numbers a set: everybody by copies, then the cases. */
export const flatTables = (tables: readonly GenotypeTable[]): number[] =>
  tables.flatMap((t) => [
    t.caseRef + t.controlRef,
    t.caseHet + t.controlHet,
    t.caseAlt + t.controlAlt,
    ...[t.caseRef, t.caseHet, t.caseAlt],
  ])

/** The sets' tables of hard calls. */
export function setTables(genotypes: Int8Array, cases: Uint8Array, of: Int32Array, sets: number): GenotypeTable[] {
  const keys = ['Ref', 'Het', 'Alt'] as const
  const tables: GenotypeTable[] = Array.from({ length: sets }, () => ({
    ...{ caseRef: 0, caseHet: 0, caseAlt: 0 },
    ...{ controlRef: 0, controlHet: 0, controlAlt: 0 },
  }))
  for (let i = 0; i < genotypes.length; i++)
    if (genotypes[i] >= 0) tables[of[i]][`${cases[i] === 1 ? 'case' : 'control'}${keys[genotypes[i]]}`]++
  return tables
}
