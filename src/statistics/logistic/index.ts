export { type Covariate, requireIndependent, requireOverlap, standardise } from './covariates.ts'
export { fitNull, type NullFit } from './null-fit.ts'
