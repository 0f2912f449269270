import { describe, expect, it } from 'vitest'
import { memoryHost } from '../testing/memory-host.ts'
import { daysOfDate } from './cells.ts'
import { readClinical } from './index.ts'

const signal = new AbortController().signal

describe('readTables', () => {
  it('reads one table for visits and people, with dates, and places every error', async () => {
    const text = `id,s1,s2,s3,s4,s5,s6,s7,s8,s9,b1,b2,b3,age_now,age_then,site,seen,died
1,4,4,3,3,4,3,4,3,4,4,4,4,60,58,bulbar,2010-01-01,2012-01-01
2,4,4,3,3,4,3,4,3,4,4,5,4,60,58,bulba,2010-01-01,9999-12-30
3,4,4,3,3,4,3,4,NA,4,4,4,4,60,160,spinal,2010-03-01,
4,4,4,3,3,4,3,4,3,4,4,4,4,60,-3,spinal,2010-03-01,2010-02-30
5,4,4,3,3,4,3,4,3,4,4,4,4,60,61,respiratory,2010-03-01,2011-03-01
6,4,4,3,3,4,3,4,3,4,4,4,4,60,50,spinal,2010-03-01,2011-03-01
6,3,4,3,3,4,3,4,3,4,4,4,4,60,51,spinal,2010-06-01,2011-03-01
7,4,4,3,3,4,3,4,3,4,4,4,4,60,50,limb,2010-06-01,
7,4,4,3,3,4,3,4,3,4,4,4,4,60,50,limb,2010-05-01,
`
    const items = {
      q1: 's1',
      q2: 's2',
      q3: 's3',
      q4: 's4',
      q5a: 's5',
      q6: 's6',
      q7: 's7',
      q8: 's8',
      q9: 's9',
      r1: 'b1',
      r2: 'b2',
      r3: 'b3',
    }
    const { patients, visits, intake } = await readClinical(
      {
        kind: 'table',
        path: 'd/clinic.csv',
        cohort: 'clinic',
        mapping: {
          visits: { patient: 'id', date: 'seen', scale: 'ALSFRS-R', items },
          patients: {
            file: 'clinic.csv',
            patient: 'id',
            age_at_onset: 'age_then',
            age_at_entry: 'age_now',
            onset_site: 'site',
            death_date: 'died',
          },
        },
      },
      memoryHost({ 'd/clinic.csv': text }),
      signal,
    )
    const places = intake.findings.flatMap((finding) =>
      finding.where.map((place) => `${finding.code} ${place.line} ${place.column ?? ''}`.trim()),
    )
    expect(places.sort()).toEqual([
      'age_impossible 6 age_then',
      'patient_conflict 8 age_then',
      'value_invalid 3 b2',
      'value_invalid 3 died',
      'value_invalid 3 site',
      'value_invalid 4 age_then',
      'value_invalid 5 age_then',
      'value_invalid 5 died',
    ])
    expect(patients.map((p) => [p.patient, p.age_at_onset, p.onset_site, p.death_day, p.last_visit_day])).toEqual([
      ['1', 58, 'bulbar', 730, 0],
      ['2', 58, null, null, 0],
      ['3', null, 'limb', null, 0],
      ['4', null, 'limb', null, 0],
      ['5', null, 'respiratory', 365, 0],
      ['6', null, 'limb', 365, 92],
      ['7', 50, 'limb', null, 31],
    ])
    expect(visits.map((visit) => [visit.patient, visit.day, visit.total])).toEqual([
      ['1', 0, 44],
      ['2', 0, null],
      ['3', 0, null],
      ['4', 0, 44],
      ['5', 0, 44],
      ['6', 0, 44],
      ['6', 92, 43],
      ['7', 0, 44],
      ['7', 31, 44],
    ])
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
