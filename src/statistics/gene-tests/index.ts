export { LabelDraws } from './configurations.ts'
export {
  type GeneTest,
  type GeneTestNull,
  type GeneTestOptions,
  type GeneTestStatus,
  type GeneTests,
  geneTestDefaults,
  geneTests,
} from './gene-tests.ts'
export { quadraticFormLogTail, quadraticFormQuantile } from './quadratic-form.ts'
export type { VariantWeights } from './variants.ts'
