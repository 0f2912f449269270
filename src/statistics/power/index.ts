export { asymptoticPower } from './asymptotic.ts'
export {
  caseGenotypes,
  controlGenotypes,
  type GeneticModel,
  type GenotypeProbabilities,
  type Inheritance,
} from './genotype-model.ts'
export { type MatchedTest, matchedPower, type SetSize } from './matched-power.ts'
export { differenceSize, meanPower, tPower } from './normal-means.ts'
export {
  type GenotypeCounts,
  type PlannedTest,
  type RejectionRule,
  rejectionRule,
  trendRejection,
} from './rejection.ts'
export { casesNeeded, type SampleSize, type SampleSizeQuestion } from './sample-size.ts'
export { type PowerEstimate, type PowerOptions, tablePower } from './table-power.ts'
