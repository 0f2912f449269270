export { type JointData, type JointSurvival, layoutOf } from './data.ts'
export {
  type Estimate,
  fitJointModel,
  fitJointModelBySlopes,
  type JointFit,
  type JointOptions,
  jointLogLikelihood,
} from './fit.ts'
export { gaussHermite, type HermiteRule } from './quadrature.ts'
