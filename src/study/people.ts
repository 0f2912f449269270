import type { GroupRow, Patient } from '../results/clinical.ts'
import type { SampleQuality } from '../results/genotypes.ts'
import { dnaSources } from './cohorts.ts'

/** Samples of the association, sorted by id: `people.json`. */
export interface StudyPeople {
  cases: string[]
  controls: string[]
  /** Why people with a call are not among them. */
  left: { reason: string; people: number }[]
}

export interface Covariates {
  names: string[]
  /** One row a person, in the order of `samples`. */
  rows: number[][]
}

export interface AssociationPeople {
  /** Sorted by id. */
  samples: string[]
  isCase: boolean[]
  sexes: ('female' | 'male' | null)[]
  /** Where each person's DNA came from, null when unknown; the cohort where there are several. */
  sources: (string | null)[]
  covariates: Covariates
  /** Posterior of a true reversal at the priors of `truthPriors`, by person. */
  truth: (number | null)[][]
  left: StudyPeople['left']
}

/** A covariate of the study: 1 for a man and 0 for a woman, years, a component of ancestry; null when it is not known. */
export function covariateOf(
  name: string,
  sex: 'female' | 'male' | null,
  ageAtOnset: number | null,
  components: readonly number[] | undefined,
): number | null {
  if (name === 'sex') return sex === null ? null : sex === 'male' ? 1 : 0
  if (name === 'age_at_onset') return ageAtOnset
  return components?.[Number(name.slice(2)) - 1] ?? null
}

/**
 * Everybody who is a case or a control, has genotypes that passed quality control and every covariate. Sorted by sample
 * id, so that nothing depends on the order of a file.
 */
export function associationPeople(
  patients: readonly Patient[],
  groups: readonly GroupRow[],
  quality: readonly SampleQuality[],
  components: ReadonlyMap<string, readonly number[]>,
  covariates: readonly string[],
): AssociationPeople {
  const group = new Map(groups.map((row) => [row.patient, row]))
  const sample = new Map(quality.map((row) => [row.sample, row]))
  const left = new Map<string, number>()
  const lose = (reason: string) => left.set(reason, (left.get(reason) ?? 0) + 1)
  const rows: {
    id: string
    isCase: boolean
    sex: 'female' | 'male' | null
    source: string | null
    values: number[]
    truth: (number | null)[]
  }[] = []
  const sources = dnaSources(patients)
  for (const [i, patient] of patients.entries()) {
    const called = group.get(patient.patient)
    const role = called?.case ?? null
    if (called === undefined || role === null) continue
    const id = patient.sample ?? patient.patient
    const genotyped = sample.get(id)
    if (genotyped === undefined) {
      lose('no genotypes')
      continue
    }
    if (!genotyped.kept) {
      lose(`genotypes removed: ${genotyped.reason ?? 'quality'}`)
      continue
    }
    // What the clinic recorded comes first; a FAM file may know it too.
    const sex = patient.sex ?? genotyped.recorded_sex
    const values: number[] = []
    let missing: string | null = null
    for (const name of covariates) {
      const value = covariateOf(name, sex, patient.age_at_onset, components.get(id))
      if (value === null) missing ??= name
      else values.push(value)
    }
    if (missing !== null) {
      lose(`${missing} is missing`)
      continue
    }
    const truth = [called.posterior, called.posterior_low, called.posterior_high]
    rows.push({ id, isCase: role === 1, sex, source: sources[i], values, truth })
  }
  rows.sort((a, b) => (a.id < b.id ? -1 : 1))
  return {
    samples: rows.map((row) => row.id),
    isCase: rows.map((row) => row.isCase),
    sexes: rows.map((row) => row.sex),
    sources: rows.map((row) => row.source),
    covariates: { names: [...covariates], rows: rows.map((row) => row.values) },
    truth: rows.map((row) => row.truth),
    left: [...left].map(([reason, people]) => ({ reason, people })).sort((a, b) => (a.reason < b.reason ? -1 : 1)),
  }
}

/** The same of some samples alone. */
export function only(people: AssociationPeople, samples: ReadonlySet<string>): AssociationPeople {
  const kept = [...people.samples.keys()].filter((i) => samples.has(people.samples[i]))
  return {
    samples: kept.map((i) => people.samples[i]),
    isCase: kept.map((i) => people.isCase[i]),
    sexes: kept.map((i) => people.sexes[i]),
    sources: kept.map((i) => people.sources[i]),
    covariates: { names: people.covariates.names, rows: kept.map((i) => people.covariates.rows[i]) },
    truth: kept.map((i) => people.truth[i]),
    left: people.left,
  }
}
