export * from './cochran-armitage.ts'
export * from './conditional-odds-ratio.ts'
export * from './exact-trend.ts'
export * from './fisher.ts'
export * from './freeman-halton.ts'
export {
  allelicTable,
  dominantTable,
  type ExactResult,
  type GenotypeTable,
  recessiveTable,
  type TwoByTwoTable,
} from './genotype-table.ts'
export * from './hardy-weinberg.ts'
export * from './hardy-weinberg-null.ts'
export type { ConditionalOddsRatio, ExactLimits } from './noncentral.ts'
export * from './trend-null.ts'
export { barnardTest, boschlooTest, mostUnconditional, type UnconditionalTest } from './unconditional.ts'
