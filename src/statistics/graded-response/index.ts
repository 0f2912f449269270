export { fitGradedResponse, type GradedResponseFit, type Ratings } from './fit.ts'
export { type GradedResponseModel, type ItemTables, itemTables, perTrait, traitCount, traitLow } from './model.ts'
export { profileOf } from './profile.ts'
