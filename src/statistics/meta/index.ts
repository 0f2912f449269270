export type { TauEstimator } from './between-studies.ts'
export type { PooledEffect, StudyEffect } from './effects.ts'
export {
  type Heterogeneity,
  type Interval,
  type LeftOut,
  leaveOneOut,
  type MetaAnalysis,
  metaAnalysis,
  type RandomEffects,
} from './inverse-variance.ts'
export {
  areSameCases,
  type CaseCounts,
  type SameCases,
  type SignAgreement,
  sameCaseCounts,
  signAgreement,
} from './overlap.ts'
export { type ChiSquareTest, type Peto, peto, woolf } from './tables.ts'
