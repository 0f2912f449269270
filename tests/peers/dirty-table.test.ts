import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readClinical } from '../../src/clinical/index.ts'
import { memoryHost } from '../../src/clinical/testing/memory-host.ts'

const signal = new AbortController().signal
const path = new URL('../../../shared/data/als-dirty-table.csv', import.meta.url)
const present = existsSync(path)
if (!present) console.warn('skipped: ../shared/data/als-dirty-table.csv (CRAN qualitycontrol) is not here')

it.runIf(present)('finds the planted errors of a real dirty table', async () => {
  const text = readFileSync(path, 'utf8')
  const { patients, visits, intake } = await readClinical(
    {
      kind: 'table',
      path: 'd/dirty.csv',
      cohort: 'clinic',
      mapping: {
        visits: {
          patient: 'subjid',
          date: 'baseline_date',
          scale: 'ALSFRS-R',
          items: {
            q1: 'p1',
            q2: 'p2',
            q3: 'p3',
            q4: 'p4',
            q5a: 'p5',
            q6: 'p6',
            q7: 'p7',
            q8: 'p8',
            q9: 'p9',
            r1: 'x1r',
            r2: 'x2r',
            r3: 'x3r',
          },
        },
        patients: {
          file: 'dirty.csv',
          patient: 'subjid',
          age_at_onset: 'age_at_onset',
          age_at_entry: 'age_at_baseline',
          onset_site: 'onset',
          death_date: 'death_date',
        },
      },
    },
    memoryHost({ 'd/dirty.csv': text }),
    signal,
  )
  expect(patients.length).toBe(30)
  expect(visits.length).toBe(31)
  const places = intake.findings.flatMap((finding) =>
    finding.where.map((place) => `${finding.code} ${place.line} ${place.column ?? ''}`.trim()),
  )
  expect(places.filter((place) => place.startsWith('value_invalid')).sort()).toEqual([
    'value_invalid 16 age_at_onset',
    'value_invalid 29 age_at_onset',
    'value_invalid 3 onset',
    'value_invalid 4 death_date',
    'value_invalid 7 x2r',
  ])
  // Person 30 stands in two rows with two ages; the dates of death differ too.
  expect(places.filter((place) => place.startsWith('patient_conflict'))).toEqual([
    'patient_conflict 32 age_at_onset',
    'patient_conflict 32 death_date',
  ])
  const by = new Map(patients.map((patient) => [patient.patient, patient]))
  expect(by.get('1')).toMatchObject({ age_at_onset: 46, onset_site: 'bulbar', death_day: 2763 })
  expect(by.get('3')).toMatchObject({ onset_site: 'limb', death_day: null })
  expect(by.get('15')?.age_at_onset).toBe(null)
  expect(by.get('30')).toMatchObject({ age_at_onset: null, first_visit_day: 0, last_visit_day: 838 })
  // Items 8 of people 11 to 13 are missing, so they have no total.
  expect(visits.filter((visit) => visit.total === null).map((visit) => visit.patient)).toEqual(['11', '12', '13', '6'])
  expect(visits.find((visit) => visit.patient === '1')?.total).toBe(32)
})
