export {
  type Alternatives,
  type CohortModel,
  defaultPriors,
  type PriorSettings,
  publishedModel,
  type ReversalPosterior,
  reversalPosterior,
} from './posterior/index.ts'
export { callDefinitions } from './rules.ts'
