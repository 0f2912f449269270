export { countedCalls } from './confirmed.ts'
export { exclusionOf, type Strictness, strictnessLevels } from './exclusions.ts'
export { confidence } from './groups.ts'
export { type CallOptions, type CallsResult, makeCalls } from './make-calls.ts'
export { neededTests } from './needed-tests.ts'
export {
  type Alternatives,
  type CohortModel,
  defaultPriors,
  type PriorSettings,
  posteriorOf,
  publishedModel,
  type ReversalPosterior,
  reversalPosterior,
} from './posterior/index.ts'
export { posteriorTask } from './posterior/task.ts'
export { callDefinitions } from './rules.ts'
export { callsTsv } from './tsv.ts'
