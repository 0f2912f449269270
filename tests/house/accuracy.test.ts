import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import * as statistics from '../../src/statistics/index.ts'

/** Public functions whose own numbers the page does not list, and why. */
const elsewhere: Record<string, string> = {
  FirthWorkspace: 'the fit behind firthRegression',
  LabelDraws: 'draws for geneTests',
  LabelSets: 'draws, held to the conditional law in unit tests',
  allelicTable: 'a view of a table',
  areSameCases: 'a yes or no of counts',
  batches: 'which of two fits is taken',
  casesOf: 'counts',
  censoredSums: 'sums behind censoredRegression',
  dominantTable: 'a view of a table',
  distributionScratchBytes: 'a size of memory',
  fitJointModelBySlopes: 'fitJointModel with or without slopes',
  findSeparation: 'a yes or no, held to integers in unit tests',
  isExactTrendShort: 'which of two tests is taken',
  itemTables: 'tables behind fitGradedResponse',
  labelScheme: 'the input of labelNull',
  layoutOf: 'places of parameters',
  limitsAfter: 'limits of firthRegression',
  profileLimits: 'limits of firthRegression',
  profileOf: 'a mode behind fitGradedResponse',
  recessiveTable: 'a view of a table',
  requireIndependent: 'a refusal',
  requireOverlap: 'a refusal',
  requireRelabelling: 'a refusal by meanOverlap',
  requireRelabellingWithin: 'a refusal by meanOverlap',
  sameCaseCounts: 'counts',
  schemeMembers: 'people of a scheme',
  standardise: 'the scale of covariates',
  testLastColumn: 'the test of firthRegression',
}

it('every public statistic has a row on the page of accuracy, or a reason', () => {
  const page = readFileSync(new URL('../../docs/accuracy.md', import.meta.url), 'utf8')
  const named = (name: string) => new RegExp(`\\b${name}\\b`).test(page)
  const functions = Object.entries(statistics).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []))
  expect(functions.filter((name) => !named(name) && !(name in elsewhere))).toEqual([])
  expect(Object.keys(elsewhere).filter((name) => named(name) || !functions.includes(name))).toEqual([])
})
