import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { memoryHost } from '../testing/memory-host.ts'
import { daysOfDate } from './cells.ts'
import { readClinical } from './index.ts'

const signal = new AbortController().signal

describe('readTables', () => {
  it('finds the planted errors of a real dirty table', async () => {
    const text = readFileSync(new URL('../../../tests/oracles/als-dirty-table.csv', import.meta.url), 'utf8')
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
    expect(visits.filter((visit) => visit.total === null).map((visit) => visit.patient)).toEqual([
      '11',
      '12',
      '13',
      '6',
    ])
    expect(visits.find((visit) => visit.patient === '1')?.total).toBe(32)
  })

  it('reads canonical names from a folder without a mapping, labs included', async () => {
    const { patients, visits, labs, intake } = await readClinical(
      { kind: 'table', path: 't', cohort: 'c' },
      memoryHost({
        't/visits.tsv': 'patient\tday\tscale\ttotal\na\t0\tALSFRS-R\t40\na\t90\tALSFRS-R\t44\nb\t0\tALSFRS\t41\n',
        't/patients.csv': 'patient;sex;onset_day;death_day\na;F;-300;\nb;M;-100;50\n',
        't/labs.csv': 'patient,day,test,value,unit\na,0,igf-1,<20,ng/mL\n',
      }),
      signal,
    )
    expect(patients.map((p) => [p.patient, p.sex, p.onset_day, p.death_day])).toEqual([
      ['a', 'female', -300, null],
      ['b', 'male', -100, 50],
    ])
    expect(visits.map((v) => [v.patient, v.day, v.scale, v.total])).toEqual([
      ['a', 0, 'ALSFRS-R', 40],
      ['a', 90, 'ALSFRS-R', 44],
    ])
    expect(labs).toEqual([{ patient: 'a', day: 0, test: 'IGF-1', value: 20, qualifier: '<', unit: 'ng/mL' }])
    expect(intake.findings.map((finding) => [finding.code, finding.count])).toEqual([
      ['lab_qualified', 1],
      ['patient_without_visits', 1],
      ['total_unverified', 2],
      ['value_invalid', 1],
      ['visit_empty', 1],
    ])
  })

  it('counts days between dates', () => {
    expect(daysOfDate('1970-01-01')).toBe(0)
    expect(daysOfDate('2000-03-01')).toBe(11017)
    expect(daysOfDate('1999-02-29')).toBe(null)
    expect(daysOfDate('9999-12-30')).toBe(null)
    expect(daysOfDate('01/02/2003')).toBe(null)
  })
})
