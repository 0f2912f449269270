export { type CohortModel, defaultPriors, type PriorSettings, publishedModel } from './model.ts'
export { type Alternatives, posteriorOf, type ReversalPosterior, reversalPosterior } from './posterior.ts'
