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
  const { patients, visits, intake, findings } = await readClinical(
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
  // The planted errors, with their places. Lines 12 to 14 have an item that is missing (NA), which is no error. Person 9, whose onset lies 19 years
  // before entry where it is 5 years for everybody else, may be one more: nothing of the row is impossible, and it is not found.
  const places = [...findings.rows()].map(({ code, line, column, was }) => `${line} ${column} ${code}: ${was}`)
  expect(places).toEqual([
    '3 onset value_invalid: bulba',
    '4 death_date value_invalid: 9999-12-30',
    '7 x2r value_invalid: 5',
    '9 age_at_onset age_impossible: 62 at onset, 50 at entry',
    '16 age_at_onset value_invalid: 376',
    '25 death_date visit_after_death: death -1349, last visit 0',
    '29 age_at_onset value_invalid: -23',
    // Person 30 stands in two rows with two ages and two dates of death.
    '32 age_at_onset patient_conflict: 48, but 80 in line 31',
    '32 age_at_baseline patient_conflict: 53, but 85 in line 31',
    '32 death_date patient_conflict: 3158, but 3487 in line 31',
  ])
  expect(intake.files).toEqual([{ file: 'dirty.csv', rows: 31, columnsNotRead: [] }])
  const by = new Map(patients.map((patient) => [patient.patient, patient]))
  expect(by.get('1')).toMatchObject({ age_at_onset: 46, onset_site: 'bulbar', death_day: 2763 })
  expect(by.get('3')).toMatchObject({ onset_site: 'limb', death_day: null })
  expect(by.get('15')?.age_at_onset).toBe(null)
  expect(by.get('30')).toMatchObject({ age_at_onset: null, first_visit_day: 0, last_visit_day: 838 })
  // Items 8 of people 11 to 13 are missing, so they have no total.
  expect(visits.filter((visit) => visit.total === null).map((visit) => visit.patient)).toEqual(['11', '12', '13', '6'])
  expect(visits.find((visit) => visit.patient === '1')?.total).toBe(32)
})
