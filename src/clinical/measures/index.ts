export {
  type Awaji,
  awaji,
  type ElEscorial,
  elEscorialCategories,
  goldCoast,
  recordedElEscorial,
  revisedElEscorial,
} from './criteria.ts'
export { type D50Fit, fitD50 } from './d50.ts'
export {
  type BodyRegion,
  bodyRegions,
  type DiagnosticFindings,
  findingsOf,
  findingTests,
  gastrostomyDay,
  type RegionFindings,
} from './findings.ts'
export { type Measures, measureEveryone } from './measure.ts'
export { visitNoise } from './noise.ts'
export { cutting, type Subscores, subscores, totalOfItems } from './scores.ts'
export {
  olsSlope,
  postNadirSlope,
  preNadirSlope,
  progressionRate,
  progressionRateLimits,
  type RateLimits,
  type Slope,
  slopeLimits,
} from './slopes.ts'
export { type KingsStage, kingsStage, type LostFunctions, lostFunctions, mitosStage } from './stages.ts'
export { followUpDays, lastObservedDay, observedDays } from './time-at-risk.ts'
export { type Series, seriesOf, type VitalCapacity, vitalCapacity, vitalCapacityTests } from './vital-capacity.ts'
