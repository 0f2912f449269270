export { type LinearModel, linearModel, type PartialF, partialF } from './linear-model.ts'
