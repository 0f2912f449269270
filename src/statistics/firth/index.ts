export { type BatchedFit, batches, FirthBatch, lanes } from './batch.ts'
export { type ProfileLimits, profileLimits, standardNormal975 } from './limits.ts'
export {
  type FirthFit,
  type FirthRung,
  type FirthTest,
  firthRegression,
  limitsAfter,
  profileBelow,
  testLastColumn,
} from './test.ts'
export { type FirthClimb, type FirthData, FirthWorkspace } from './workspace.ts'
