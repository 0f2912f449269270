import { describe, expect, it } from 'vitest'
import { exampleFiles, readFiles } from '../testing/examples.ts'

const mapping = { visit_days: { 1: 0, 2: 120, 3: 300, 4: 510, 5: 730 } }
const files = exampleFiles('target-als')
const clinical = 'nhs_clinical_data.csv'

describe('Target ALS', () => {
  it('is recognised, and its visits stand on the days that the study file gives', async () => {
    const { source, visits, patients, labs, counts } = await readFiles(files, { mapping })
    expect(source).toBe('target-als')
    expect(visits.map(({ patient, day, scale, total, q5a, q5b }) => [patient, day, scale, total, q5a, q5b])).toEqual([
      ['TALS1001', 0, 'ALSFRS-R', 42, 2, null],
      ['TALS1001', 120, 'ALSFRS-R', 34, 1, null],
      ['TALS1001', 300, 'ALSFRS-R', 42, 2, null],
      ['TALS1001', 510, 'ALSFRS-R', 47, 3, null],
      ['TALS1001', 730, 'ALSFRS-R', 48, 4, null],
      ['TALS1002', 0, 'ALSFRS-R', 44, 4, null],
      ['TALS1002', 120, 'ALSFRS-R', 40, 4, null],
      ['TALS1002', 300, 'ALSFRS-R', 34, null, 4],
      ['TALS1003', 0, 'ALSFRS-R', 40, 3, null],
      ['TALS1003', 120, 'ALSFRS-R', 38, 3, null],
      ['TALS1003', 300, 'ALSFRS-R', 36, 2, null],
      ['TALS1004', 0, 'ALSFRS-R', 41, 4, null],
      ['TALS1004', 120, 'ALSFRS-R', 39, 4, null],
    ])
    expect(patients.map((p) => [p.patient, p.sex, p.onset_site, p.el_escorial, p.riluzole, p.known_mutation])).toEqual([
      ['TALS1001', 'female', 'limb', 'Definite ALS', true, null],
      ['TALS1002', 'male', 'bulbar', 'Probable ALS', true, null],
      ['TALS1003', 'male', 'limb', null, true, 'C9ORF72'],
      ['TALS1004', 'female', null, 'Possible ALS', true, null],
    ])
    expect(
      [...labs].filter(({ patient }) => patient === 'TALS1002').map((lab) => [lab.day, lab.test, lab.value, lab.unit]),
    ).toEqual([
      [0, 'SVC', 3.2, 'L'],
      [0, 'SVC_PERCENT', 88, '% of normal'],
      [120, 'SVC', 3.1, 'L'],
      [120, 'SVC_PERCENT', 85.5, '% of normal'],
      [300, 'SVC', 3, 'L'],
      [300, 'SVC_PERCENT', 83, '% of normal'],
      [0, 'NFL', 118.5, 'pg/mL'],
    ])
    // A control without ALS is no patient; years cannot be placed without dates.
    expect(counts).toMatchObject({ not_als: 1, onset_year_unplaced: 7 })
  })

  it('uses no visit that has a number and no day', async () => {
    const { visits, patients, counts } = await readFiles(files, { mapping: { visit_days: { 1: 0 } } })
    expect(visits.map(({ patient, day }) => [patient, day])).toEqual([
      ['TALS1001', 0],
      ['TALS1002', 0],
      ['TALS1003', 0],
      ['TALS1004', 0],
    ])
    // Scores and spirometry of 9 rows.
    expect(counts.visit_undated).toBe(18)
    expect(patients).toHaveLength(4)
    const strange = await readFiles(
      { [clinical]: files[clinical].replace('TALS1002,2,', 'TALS1002,__proto__,') },
      { mapping },
    )
    expect(strange.visits.filter(({ patient }) => patient === 'TALS1002').map(({ day }) => day)).toEqual([0, 300])
    const none = await readFiles(files)
    expect([none.visits.length, none.labs.size, none.counts.patient_without_visits]).toEqual([0, 0, 4])
  })

  it('places years where visits have dates, and says how far they can be off', async () => {
    const text = files[clinical].split('\n').map((line, k) => {
      const day =
        k === 0
          ? 'seen'
          : ['', '2020-02-03', '2020-06-01', '2020-12-07', '2021-07-05', '2022-02-07'][Number(line.split(',')[1])]
      return line === '' ? line : `${line},${day}`
    })
    const { patients, visits, counts } = await readFiles(
      { [clinical]: text.join('\n') },
      { mapping: { visits: { date: 'seen' } } },
    )
    expect(visits.filter(({ patient }) => patient === 'TALS1001').map(({ day }) => day)).toEqual([
      0, 119, 308, 518, 735,
    ])
    // 2019-01-01 to 2019-12-31 is day -398 to -34; the diagnosis, 2020, is known by year only.
    expect(patients[0]).toMatchObject({ onset_day: -216, onset_uncertainty_days: 182, diagnosis_day: null })
    expect(counts).toMatchObject({ onset_by_period: 3, date_incomplete: 4 })
  })

  it('refuses dirty values with file, line and column', async () => {
    const dirty = files[clinical]
      .replace('TALS1001,1,ALS,Definite ALS,Limb', 'TALS1001,1,ALS,Definite ALS,Knee')
      .replace(/(TALS1002,1,.*?),3,2,3,/, '$1,7,2.5,x,')
    const { places, visits } = await readFiles({ [clinical]: dirty }, { mapping })
    expect(places.filter((place) => place.startsWith('value_invalid'))).toEqual([
      `value_invalid ${clinical}:2 site_of_motor_onset`,
      `value_invalid ${clinical}:7 alsfrs_r_subscore_1`,
      `value_invalid ${clinical}:7 alsfrs_r_subscore_2`,
      `value_invalid ${clinical}:7 alsfrs_r_subscore_3`,
    ])
    expect(visits.find(({ patient }) => patient === 'TALS1002')).toMatchObject({
      q1: null,
      q2: null,
      q3: null,
      total: 44,
    })
    // A table that is broken at its head is not passed over as one that nobody reads.
    const nfl = 'nhs_simoa_nfl_proteomics_data.csv'
    await expect(readFiles({ ...files, [nfl]: `\0${files[nfl]}` }, { mapping })).rejects.toMatchObject({
      code: 'FormatInvalid',
      place: { line: 1 },
    })
    await expect(readFiles({ [clinical]: `\0${files[clinical]}` }, { mapping })).rejects.toMatchObject({
      place: { line: 1 },
    })
    await expect(readFiles({ [clinical]: `${files[clinical]}TALS9,1\n` }, { mapping })).rejects.toMatchObject({
      code: 'FormatInvalid',
      place: { line: 16 },
    })
  })
})
