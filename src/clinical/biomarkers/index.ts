export { analyseBiomarkers, type BiomarkerOptions } from './analyse.ts'
export { bodyMassTests } from './body-mass.ts'
export type { PlateEffects } from './level-model.ts'
export { testName } from './units.ts'
