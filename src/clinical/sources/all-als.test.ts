import { describe, expect, it } from 'vitest'
import { exampleFiles, readFiles } from '../testing/examples.ts'

const files = exampleFiles('all-als')
const form = 'v_ALLALS_AS_ASSEALSFRSR.csv'

describe('ALL ALS', () => {
  it('is recognised and read, dates becoming days from the first visit', async () => {
    const { source, visits, patients, labs, counts } = await readFiles(files)
    expect(source).toBe('all-als')
    expect(visits.map(({ patient, day, total, q1, q5a, q5b }) => [patient, day, total, q1, q5a, q5b])).toEqual([
      ['AA1001', 0, 42, 4, 2, null],
      ['AA1001', 119, 34, 4, 1, null],
      ['AA1001', 308, 42, 4, 2, null],
      ['AA1001', 518, 47, 4, 3, null],
      ['AA1001', 735, 48, 4, 4, null],
      ['AA1002', 0, 44, 3, 4, null],
      ['AA1002', 98, 40, 2, 4, null],
      ['AA1002', 210, 34, 1, null, 4],
      ['AA1003', 0, 40, 4, 3, null],
      ['AA1003', 119, 38, 4, 3, null],
      ['AA1003', 245, 36, 4, 2, null],
      ['AA1004', 0, 41, 4, 4, null],
      ['AA1004', 189, 39, 4, 4, null],
    ])
    // Sex 1 is female here. 2019-03-10 is 330 days before 2020-02-03.
    expect(
      patients.map((p) => [
        p.patient,
        p.sex,
        p.onset_site,
        p.onset_day,
        p.onset_uncertainty_days,
        p.diagnosis_day,
        p.known_mutation,
      ]),
    ).toEqual([
      ['AA1001', 'female', 'limb', -330, null, -19, null],
      ['AA1002', 'male', 'bulbar', -437, null, -85, null],
      ['AA1003', 'male', 'limb', -299, null, -35, 'C9ORF72'],
      ['AA1004', 'female', 'respiratory', -981, 182, -553, null],
    ])
    // Born in 1961: the middle of the year, so that the age can be off by half a year.
    expect(patients[0].age_at_onset).toBeCloseTo((Date.UTC(2019, 2, 10) - Date.UTC(1961, 6, 2)) / 864e5 / 365.25, 10)
    expect([...labs].map((lab) => [lab.patient, lab.test, lab.value])).toEqual([
      ['AA1001', 'SVC', 3.3],
      ['AA1001', 'SVC_PERCENT', 91],
      ['AA1002', 'FVC', 2.2],
      ['AA1002', 'FVC_PERCENT', 64],
    ])
    expect(counts).toEqual({ age_from_birth_period: 4, not_als: 1, onset_by_period: 1 })
  })

  it('counts days where the mapping says so', async () => {
    const text = files[form].replace(/(\d{4}-\d\d-\d\d)/g, (date) => String(Date.parse(date) / 864e5 - 18000))
    const { visits } = await readFiles({ [form]: text }, { mapping: { visits: { day: 'ftdat' } } })
    expect(visits.slice(0, 3).map(({ patient, day }) => [patient, day])).toEqual([
      ['AA1001', 295],
      ['AA1001', 414],
      ['AA1001', 603],
    ])
  })

  it('leaves out gene carriers of PREVENT who have no onset', async () => {
    const prevent = {
      'v_ALLALS_PR_PREVALSFRSR.csv': files[form],
      'v_ALLALS_PR_PREVALSHIST.csv': files['v_ALLALS_AS_ASSEALSHIST.csv'].replace(
        'AA1003,7-1003,2020-02-03,2,2019-08-21',
        'AA1003,7-1003,2020-02-03,2,',
      ),
    }
    const { patients, counts } = await readFiles(prevent)
    expect(patients.map(({ patient }) => patient)).toEqual(['AA1001', 'AA1002', 'AA1004'])
    expect(counts.presymptomatic).toBe(2)
    const assess = await readFiles({
      [form]: files[form],
      'v_ALLALS_AS_ASSEALSHIST.csv': prevent['v_ALLALS_PR_PREVALSHIST.csv'],
    })
    expect(assess.patients).toHaveLength(5)
    expect(assess.counts).toMatchObject({ als_unrecorded: 2 })
  })

  it('refuses dirty values with file, line and column', async () => {
    const dirty = {
      ...files,
      [form]: files[form]
        .replace('2020-06-01,1,1,4,4,3', '2020-06-31,1,1,4,4,3')
        .replace('2020-04-20,1,1,2', '2020-04,1,1,9'),
      'v_ALLALS_AS_ASSEDEMOG.csv': files['v_ALLALS_AS_ASSEDEMOG.csv']
        .replace(',1961,1,', ',1961,3,')
        .replace(',1955,2,', ',1955,7,'),
    }
    const { places, patients } = await readFiles(dirty)
    expect(places.filter((place) => /invalid|incomplete|missing|sex_other/.test(place))).toEqual([
      `date_incomplete ${form}:8 ftdat`,
      `day_missing ${form}:3 ftdat`,
      `day_missing ${form}:8 ftdat`,
      'sex_other v_ALLALS_AS_ASSEDEMOG.csv:2 sex',
      `value_invalid ${form}:3 ftdat`,
      `value_invalid ${form}:8 speech_ftorres`,
      'value_invalid v_ALLALS_AS_ASSEDEMOG.csv:3 sex',
    ])
    expect(patients.map(({ sex }) => sex)).toEqual([null, null, 'male', 'female'])
    const genes = 'v_ALLALS_AS_ASSEPRALSGENTST.csv'
    const tests = await readFiles({
      ...files,
      [genes]: `${files[genes]}AA,AA1002,7,1,1e3,,1\n,AA1002,7,1,2,,worse\n,AA1004,7,1,99,tbk1,Likely Pathogenic\n`,
    })
    expect(tests.places.filter((place) => place.includes(genes) && place.startsWith('value_invalid'))).toEqual([
      `value_invalid ${genes}:4 gene_name`,
      `value_invalid ${genes}:5 lbclass`,
    ])
    expect(tests.patients.map(({ known_mutation }) => known_mutation)).toEqual([null, null, 'C9ORF72', 'TBK1'])
  })
})
