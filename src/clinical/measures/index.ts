export { cutting, type Subscores, subscores, totalOfItems } from './scores.ts'
export { olsSlope, postNadirSlope, preNadirSlope, progressionRate, type Slope } from './slopes.ts'
export { type KingsStage, kingsStage, type LostFunctions, lostFunctions, mitosStage } from './stages.ts'
export { followUpDays, lastObservedDay, observedDays } from './time-at-risk.ts'
