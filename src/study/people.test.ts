import { expect, test } from 'vitest'
import type { GroupRow, Patient } from '../results/clinical.ts'
import type { SampleQuality } from '../results/genotypes.ts'
import { associationPeople } from './people.ts'

const patient = (id: string, over: Partial<Patient> = {}): Patient =>
  ({ patient: id, cohort: 'star', sample: null, sex: null, age_at_onset: 50, dna_source: null, ...over }) as Patient
const group = (id: string, isCase: number): GroupRow => ({ patient: id, case: isCase }) as GroupRow
const sample = (id: string, sex: SampleQuality['recorded_sex']): SampleQuality =>
  ({ sample: id, kept: true, reason: null, recorded_sex: sex }) as SampleQuality

test('sex is that of the clinic, and of the genotype files where the clinic does not say', () => {
  const patients = [patient('a', { sex: 'female' }), patient('b'), patient('c')]
  const found = associationPeople(
    patients,
    patients.map(({ patient: id }, i) => group(id, i === 0 ? 1 : 0)),
    [sample('a', 'female'), sample('b', 'male'), sample('c', null)],
    new Map(),
    ['sex'],
  )
  expect(found.samples).toEqual(['a', 'b'])
  expect(found.sexes).toEqual(['female', 'male'])
  expect(found.covariates.rows).toEqual([[0], [1]])
  expect(found.left).toEqual([{ reason: 'sex is missing', people: 1 }])
})

test('of several cohorts the cohort is a source of DNA, of one it is not', () => {
  const sources = (patients: Patient[]) =>
    associationPeople(
      patients,
      patients.map(({ patient: id }) => group(id, 0)),
      patients.map(({ patient: id }) => sample(id, null)),
      new Map(),
      [],
    ).sources
  expect(sources([patient('a'), patient('b', { dna_source: 'saliva' })])).toEqual([null, 'saliva'])
  expect(sources([patient('a'), patient('b', { dna_source: 'saliva' }), patient('c', { cohort: 'harbor' })])).toEqual([
    'star',
    'star, saliva',
    'harbor',
  ])
})
