export type { Method } from './deviance.ts'
export { fitFromSums, fitMixedModel, type MixedModelFit } from './fit.ts'
export { type LocalSums, type LongitudinalData, localSums } from './local-sums.ts'
