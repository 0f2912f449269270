import { describe, expect, it } from 'vitest'
import { exampleFiles, readFiles } from '../testing/examples.ts'

const files = exampleFiles('omop')

describe('OMOP', () => {
  it('is recognised; concepts become items, onset, diagnosis, site and death', async () => {
    const { source, visits, patients, labs, counts, places } = await readFiles(files)
    expect(source).toBe('omop')
    expect(visits.map(({ patient, day, total, q1, q5a, q5b, r1 }) => [patient, day, total, q1, q5a, q5b, r1])).toEqual([
      ['1', 0, 42, 4, 2, null, 4],
      ['1', 119, 34, 4, 1, null, 3],
      ['1', 308, 42, 4, 2, null, 4],
      ['1', 518, 47, 4, 3, null, 4],
      ['1', 735, 48, 4, 4, null, 4],
      ['2', 0, 44, 3, 4, null, 4],
      ['2', 98, 40, 2, 4, null, 4],
      ['2', 210, 34, 1, null, 4, 4],
      ['3', 0, 40, 4, 3, null, 4],
      // Its rows have no date; the visit has.
      ['3', 119, 38, 4, 3, null, 4],
      ['3', 245, 36, 4, 2, null, 4],
      ['4', 0, 41, 4, 4, null, 2],
      ['4', 189, 39, 4, 4, null, 2],
    ])
    expect(patients.map((p) => [p.patient, p.sex, p.onset_site, p.onset_day, p.diagnosis_day, p.death_day])).toEqual([
      ['1', 'female', 'limb', -330, -19, null],
      ['2', 'male', 'bulbar', -437, -85, 414],
      ['3', 'male', 'limb', -299, -35, null],
      ['4', 'female', 'respiratory', -1014, -553, null],
    ])
    expect([...labs].filter(({ test }) => test.startsWith('LABS')).map((lab) => Object.values(lab))).toEqual([
      ['1', 0, 'LABS+IGF1', 25, '<', 'ng/mL'],
      ['2', 0, 'LABS+NFL', 118.5, '', 'pg/mL'],
    ])
    expect(counts).toEqual({ age_from_birth_period: 4, concept_unread: 4, lab_qualified: 1 })
    expect(places).toContain('concept_unread observation.csv:177 observation_concept_id: 4005823')
    expect(places).toContain('concept_unread measurement.csv:2 measurement_concept_id: 3025315 (4 times)')
  })

  it('takes the meaning of a concept from the study file first', async () => {
    const mapping = {
      concepts: { 3025315: 'weight', 4005823: 'ignore', 'labs+igf1': 'IGF-1', 'labs+nfl': 'NfL', 2000000397: 'ignore' },
    }
    const { labs, patients, counts } = await readFiles(files, { mapping })
    expect(new Set([...labs].map(({ test }) => test))).toEqual(new Set(['WEIGHT', 'IGF-1', 'NFL']))
    expect(patients.map(({ onset_day }) => onset_day)).toEqual([null, null, null, null])
    expect(counts.concept_unread).toBeUndefined()
  })

  it('keeps an unknown measurement as a test, and an observation of the same concept as nothing', async () => {
    const { labs, counts } = await readFiles({
      ...files,
      'measurement.csv': `${files['measurement.csv']}90,1,777,2020-02-03,32851,,5,,mg,1_0,x\n91,1,777,2020-02-04,32851,,6,,mg,1_0,x\n`,
      'measurement_2.csv': `${files['measurement.csv'].split('\n')[0]}\n92,1,777,2020-02-05,32851,,7,,mg,1_0,x\n`,
      'observation_2.csv': `${files['observation.csv'].split('\n')[0]}\n9001,1,777,2020-02-03,32851,5,,,1_0,x\n`,
    })
    expect([...labs].filter(({ test }) => test === 'X').map(({ day, value }) => [day, value])).toEqual([
      [0, 5],
      [1, 6],
      [2, 7],
    ])
    expect(counts.concept_unread).toBe(5)
  })

  it('leaves out people with scores for whom no ALS is listed, where it is for others', async () => {
    const conditions = files['condition_occurrence.csv']
    const lines = conditions.split('\n')
    const without = lines.filter((line) => !/^\d+,3,/.test(line)).join('\n')
    const { patients, counts, places } = await readFiles({ ...files, 'condition_occurrence.csv': without })
    expect(patients.map(({ patient }) => patient)).toEqual(['1', '2', '4'])
    expect(places.find((place) => place.startsWith('als_unlisted'))).toMatch(/^als_unlisted observation.csv:\d+$/)
    expect(counts.als_unlisted).toBe(1)
    // A source without conditions tells nothing of anybody.
    const none = await readFiles({ ...files, 'condition_occurrence.csv': `${lines[0]}\n` })
    expect(none.patients).toHaveLength(4)
  })

  it('refuses contradictions and impossible scores, placed', async () => {
    const rows = files['observation.csv'].trimEnd().split('\n')
    const speech = rows.findIndex((row) => row.includes(',42529071,')) // person 1, first visit
    const cells = rows[speech].split(',')
    const changed = [...rows]
    changed[speech] = rows[speech].replace('alsfrs_r+alsfrs1', 'alsfrs_r+alsfrs2')
    changed[speech + 1] = rows[speech + 1].replace(/^(\d+,1,42529072,2020-02-03,32851),4,/, '$1,5,')
    changed.push(['9001', ...cells.slice(1)].join(',')) // the same again, in its right form
    changed.push(['9002', ...cells.slice(1)].join(',').replace(',32851,4,', ',32851,3,')) // another score on that day
    changed.push('9003,1,42529073,2020-02-30,32851,4,,,,')
    changed.push('9004,1,42529073,,32851,4,,,nowhere,')
    const { places, visits } = await readFiles({ ...files, 'observation.csv': changed.join('\n') })
    const line = (k: number) => `observation.csv:${k + 1}`
    expect(places.filter((place) => /conflict|invalid|missing/.test(place))).toEqual([
      `concept_conflict ${line(speech)} observation_concept_id`,
      `day_missing ${line(rows.length + 2)} observation_date`,
      `day_missing ${line(rows.length + 3)} observation_date`,
      `score_conflict ${line(rows.length + 1)}`,
      `value_invalid ${line(speech + 1)} value_as_number`,
      `value_invalid ${line(rows.length + 2)} observation_date`,
    ])
    expect(visits[0]).toMatchObject({ patient: '1', day: 0, q1: null, q2: null, total: 42 })
  })

  it('reads other sexes, several sites of onset, and refuses a table cut short', async () => {
    const { patients, counts } = await readFiles({
      ...files,
      'person.csv': files['person.csv'].replace('1,8532', '1,8521').replace('2,8507,1955,,,0,0,,', '2,0,1955,,,0,0,,M'),
      'observation.csv': `${files['observation.csv']}9001,2,2000000396,2020-01-13,32851,,,4282006,2_0,\n9002,2,2000000396,2020-01-13,32851,,,77,2_0,\n`,
    })
    expect(patients.slice(0, 2).map(({ sex, onset_site }) => [sex, onset_site])).toEqual([
      [null, 'limb'],
      ['male', 'other'],
    ])
    expect(counts).toMatchObject({ sex_other: 1, concept_unread: 5 })
    const twice = `${files['visit_occurrence.csv']}3_1,3,9202,2020-11-12,2020-11-12,32851\n`
    const undated = await readFiles({ ...files, 'visit_occurrence.csv': twice })
    expect(undated.visits.filter(({ patient }) => patient === '3').map(({ day }) => day)).toEqual([0, 245])
    expect(undated.counts).toMatchObject({ date_conflict: 1, day_missing: 13 })
    await expect(readFiles({ ...files, 'death.csv': 'person_id,death_date\n2\n' })).rejects.toMatchObject({
      code: 'FormatInvalid',
      place: { line: 2 },
    })
    await expect(readFiles({ 'person.csv': files['person.csv'] }, { kind: 'omop' })).rejects.toMatchObject({
      code: 'FileNotFound',
    })
  })
})
