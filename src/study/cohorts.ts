import type { Patient } from '../results/clinical.ts'
import type { LoadedStudy } from './load.ts'
import type { Cohort, Study } from './schema.ts'

/** The cohorts of a study in the order of its file, the first of which gives alleles their orientation. */
export function cohortsOf({ study }: LoadedStudy): { name: string; cohort: Cohort }[] {
  return Object.entries(study.cohorts).map(([name, cohort]) => ({ name, cohort }))
}

/** Assembly of the study's positions: that of all its cohorts. */
export function buildOf({ study }: LoadedStudy): string {
  return Object.values(study.cohorts)[0].genotypes.build
}

export function hasSeveralCohorts(study: Study): boolean {
  return Object.keys(study.cohorts).length > 1
}

/**
 * Id of a patient or a sample in the study. In a study of one cohort it is that of the files; of several, the cohort's name stands before
 * it, so that ids that two cohorts use by accident stay apart.
 */
export function studyId(study: Study, cohort: string, id: string): string {
  return hasSeveralCohorts(study) ? `${cohort}:${id}` : id
}

/** The cohort that a patient or a sample of the study is of. */
export function cohortOfId(study: Study, id: string): string {
  return hasSeveralCohorts(study) ? id.slice(0, id.indexOf(':')) : Object.keys(study.cohorts)[0]
}

/**
 * Where each person's DNA came from, null when nothing is known: in a study of several cohorts the cohort, and its own source of DNA where
 * that is recorded.
 */
export function dnaSources(patients: readonly Pick<Patient, 'cohort' | 'dna_source'>[]): (string | null)[] {
  const several = new Set(patients.map(({ cohort }) => cohort)).size > 1
  return patients.map(({ cohort, dna_source }) =>
    several ? (dna_source === null ? cohort : `${cohort}, ${dna_source}`) : dna_source,
  )
}
