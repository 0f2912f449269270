import type { FamilySummary } from '../../results/association.ts'

/** Minor-allele-count bins, both ends included. */
export const countBins = [
  { name: '1-5', last: 5 },
  { name: '6-20', last: 20 },
  { name: '21-50', last: 50 },
  { name: '51-100', last: 100 },
  { name: '101+', last: Number.POSITIVE_INFINITY },
] as const

/** The bin of a minor-allele count. */
export function countLevels(count: number): number {
  return countBins.findIndex(({ last }) => count <= last)
}

/** Nominal levels; a p that equals the level up to rounding is a rejection. */
export const levels = [
  { alpha: 0.05, log: -2.995732273553991 + 1e-12 },
  { alpha: 0.01, log: -4.605170185988091 + 1e-12 },
  { alpha: 1e-3, log: -6.907755278982137 + 1e-12 },
  { alpha: 1e-4, log: -9.210340371976182 + 1e-12 },
] as const

/** Tests of the bare genotype table. */
const tableTests = [
  'trend_exact_p',
  'trend_midp',
  'fisher_p',
  'allelic_p',
  'dominant_p',
  'recessive_p',
  'trend_asymptotic_p',
] as const

/** The trend under label sets of a kind, where that is not the bare table's. */
const ownTests = {
  uniform: [],
  stratified: ['trend_stratified_p', 'trend_stratified_midp'],
  'within matched sets': ['trend_within_sets_p', 'trend_within_sets_midp'],
  'conditional on fitted risks': ['trend_conditional_p', 'trend_conditional_midp'],
} as const satisfies Record<FamilySummary['masks'], readonly string[]>

/**
 * Tests that are counted on label sets of a kind: the trend under these very label sets, and those of the bare table, which in a matched design
 * ignore the sets and are named so.
 */
export function exactTests(masks: FamilySummary['masks'], matched: boolean): readonly string[] {
  return [...ownTests[masks], ...tableTests.map((test) => (matched ? `unmatched_${test}` : test))]
}
