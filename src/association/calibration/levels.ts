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
type TestOfLabels = 'trend_conditional_p' | 'trend_conditional_midp' | 'trend_stratified_p' | 'trend_stratified_midp'

/** Tests that are counted on label sets of a kind: those of the bare table, and the trend under these very label sets. */
export function exactTests(masks: FamilySummary['masks']): readonly ((typeof tableTests)[number] | TestOfLabels)[] {
  if (masks === 'uniform') return tableTests
  return masks === 'stratified'
    ? ['trend_stratified_p', 'trend_stratified_midp', ...tableTests]
    : ['trend_conditional_p', 'trend_conditional_midp', ...tableTests]
}
