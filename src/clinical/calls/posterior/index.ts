export { type CohortModel, defaultPriors, type PriorSettings, publishedModel } from './model.ts'
export { type Alternatives, type ReversalPosterior, reversalPosterior } from './posterior.ts'
