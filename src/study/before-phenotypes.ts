import type { Study } from './schema.ts'
import type { StageName } from './stage.ts'

/** Every cohort has clinical records. */
export const hasClinical = (study: Study): boolean =>
  Object.values(study.cohorts).every((cohort) => cohort.clinical !== undefined)

/** The certificate is asked for before any phenotype exists: cases are a number. */
export const isBlind = (study: Study): boolean => study.calibration.cases !== undefined

/** Stages that ask nobody who is a case, where the number of cases is given. */
export const blindStages: readonly StageName[] = ['genotypes', 'quality', 'ancestry', 'calibration']
