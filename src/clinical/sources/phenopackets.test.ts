import { describe, expect, it } from 'vitest'
import { exampleFiles, readFiles } from '../testing/examples.ts'
import { parseAge, timestampDay } from './ages.ts'

const files = exampleFiles('phenopackets')
const visit = (total: number, time: object) => ({
  assay: { id: 'UPTURN:ALSFRS-R', label: 'ALSFRS-R' },
  value: { quantity: { value: total } },
  timeObserved: time,
})
const packet = (more: object) =>
  JSON.stringify({ id: 'p', subject: { id: 'a' }, metaData: { phenopacketSchemaVersion: '2.0' }, ...more })
const total = (value: number, time: object) => ({
  ...visit(value, time),
  assay: { id: 'UPTURN:total', label: 'total' },
})
const age = (iso8601duration: string) => ({ age: { iso8601duration } })
const read = (more: object) => readFiles({ 'a.json': packet(more) })

describe('Phenopackets', () => {
  it('are recognised: one a file by age, a cohort by date', async () => {
    const { source, visits, patients, labs, counts, places } = await readFiles(files)
    expect(source).toBe('phenopackets')
    // Ages leave the length of each year open: days are right to one day, where birth is dated exactly right.
    expect(visits.map(({ patient, day, total: sum, q1, q5a, q5b }) => [patient, day, sum, q1, q5a, q5b])).toEqual([
      ['PP1001', 0, 42, 4, 2, null],
      ['PP1001', 119, 34, 4, 1, null],
      ['PP1001', 307, 42, 4, 2, null],
      ['PP1001', 517, 47, 4, 3, null],
      ['PP1001', 734, 48, 4, 4, null],
      ['PP1002', 0, 44, 3, 4, null],
      ['PP1002', 98, 40, 2, 4, null],
      ['PP1002', 209, 34, 1, null, 4],
      ['PP1003', 0, 40, 4, 3, null],
      ['PP1003', 119, 38, 4, 3, null],
      ['PP1003', 245, 36, 4, 2, null],
      ['PP1004', 0, 41, 4, 4, null],
      ['PP1004', 189, 39, 4, 4, null],
    ])
    expect(patients.map((p) => [p.patient, p.sex, p.onset_site, p.onset_day, p.death_day, p.riluzole])).toEqual([
      ['PP1001', 'female', 'limb', -331, null, true],
      ['PP1002', 'male', 'bulbar', -437, 413, true],
      ['PP1003', 'male', 'limb', -299, null, true],
      ['PP1004', 'female', 'respiratory', -1014, null, true],
    ])
    expect([...labs]).toEqual([
      { patient: 'PP1001', day: 0, test: 'INSULIN-LIKE GROWTH FACTOR-I', value: 131.5, qualifier: '', unit: 'ng/mL' },
    ])
    expect(counts).toEqual({ age_from_birth: 2, concept_unread: 2, feature_resolved: 1 })
    expect(places).toContain(
      'concept_unread PP1001.json:11 phenotypicFeatures[0].type: HP:0003551 (Difficulty climbing stairs) (4 times)',
    )
  })

  it('take the meaning of a code from the study file', async () => {
    const { labs, counts } = await readFiles(files, {
      mapping: { concepts: { 'LOINC:2484-4': 'IGF-1', 'HP:0003551': 'ignore' } },
    })
    expect([...labs][0].test).toBe('IGF-1')
    expect(counts.concept_unread).toBeUndefined()
  })

  it('read the same from an array and from one a line', async () => {
    const one = JSON.stringify(JSON.parse(files['PP1001.json']))
    const two = JSON.stringify(JSON.parse(files['PP1002.json']))
    const whole = await readFiles({ 'a.json': `[${one},\n${two}]` })
    const lines = await readFiles({ 'a.ndjson': `${one}\n\n${two}\n` })
    expect(lines.visits).toEqual(whole.visits)
    expect(lines.patients).toEqual(whole.patients)
    expect(lines.places).toContain('feature_resolved a.ndjson:1 phenotypicFeatures[0]')
    const family = {
      id: 'f',
      proband: JSON.parse(one),
      relatives: [{ id: 'r', subject: { id: 'sister' } }, JSON.parse(two)],
      pedigree: {},
    }
    const related = await readFiles({ 'f.json': JSON.stringify(family) })
    expect(related.patients.map(({ patient }) => patient)).toEqual(['PP1001', 'PP1002'])
    expect(related.counts).toMatchObject({ not_als: 1, section_unread: 1 })
  })

  it('carry on how far an onset is uncertain, and place no class', async () => {
    const disease = (onset: object) => ({ diseases: [{ term: { id: 'MONDO:0004976', label: 'ALS' }, onset }] })
    const scored = { measurements: [total(40, age('P60Y0D')), total(38, age('P60Y90D'))] }
    const year = await read({ ...scored, ...disease(age('P58Y')) })
    // Between the birthdays 58 and 59: 730.5 to 366.5 days before the first visit.
    expect(year.patients[0]).toMatchObject({ onset_day: -548, onset_uncertainty_days: 182 })
    expect(year.counts).toMatchObject({ onset_by_period: 1, time_coarse: 1 })
    const range = await read({
      ...scored,
      ...disease({ ageRange: { start: { iso8601duration: 'P58Y0D' }, end: { iso8601duration: 'P59Y0D' } } }),
    })
    expect(range.patients[0]).toMatchObject({ onset_day: -548, onset_uncertainty_days: 183 })
    const late = await read({ ...scored, ...disease({ ontologyClass: { id: 'HP:0003584', label: 'Late onset' } }) })
    expect(late.patients[0].onset_day).toBe(null)
    expect(late.counts).toMatchObject({ onset_by_class: 1 })
    const excluded = await read({ ...scored, diseases: [{ term: { id: 'ORPHA:803', label: 'ALS' }, excluded: true }] })
    expect(excluded.patients).toEqual([])
    expect(excluded.counts).toMatchObject({ not_als: 1 })
  })

  it('mix ages and dates only where birth is dated', async () => {
    const measurements = [total(40, { timestamp: '2020-01-01T00:00:00Z' }), total(44, age('P60Y0D'))]
    const apart = await read({ measurements })
    expect(apart.visits.map(({ day, total: sum }) => [day, sum])).toEqual([[0, 44]])
    expect(apart.counts.day_missing).toBe(1)
    const joined = await read({ subject: { id: 'a', dateOfBirth: '1960-07-01T00:00:00Z' }, measurements })
    expect(joined.visits.map(({ day, total: sum }) => [day, sum])).toEqual([
      [0, 40],
      [182, 44],
    ])
  })

  it('refuse what is wrong, placed', async () => {
    const { places, visits } = await read({
      subject: { id: 'a', sex: 'WOMAN', karyotypicSex: 'XX', vitalStatus: { status: 'DECEASED' } },
      biosamples: [],
      measurements: [
        total(49, age('P60Y0D')),
        total(40.5, age('P60Y1D')),
        total(40, age('60 years')),
        { ...total(40, age('P60Y2D')), timeObserved: undefined },
        { assay: { id: 'X:1', label: 'words' }, value: { ontologyClass: { id: 'X:2', label: 'high' } } },
        'no measurement',
        total(41, { age: { iso8601duration: 'P60Y' }, timestamp: '2020-01-01T00:00:00Z' }),
        total(42, age('P60Y5D')),
      ],
    })
    expect(visits.map(({ day, total: sum }) => [day, sum])).toEqual([[0, 42]])
    expect(places).toEqual([
      'als_unrecorded a.json:1 subject',
      'day_missing a.json:1 measurements[3]',
      'death_without_day a.json:1 subject.vitalStatus',
      'lab_text a.json:1 measurements[4].value',
      'section_unread a.json:1 subject.karyotypicSex',
      'section_unread a.json:1 biosamples',
      'total_unverified a.json:1 measurements[7]',
      'value_invalid a.json:1 subject.sex',
      'value_invalid a.json:1 measurements[5]',
      'value_invalid a.json:1 measurements[0].value.quantity',
      'value_invalid a.json:1 measurements[1].value.quantity',
      'value_invalid a.json:1 measurements[2].timeObserved',
      'value_invalid a.json:1 measurements[6].timeObserved',
    ])
  })

  it('refuse files that are no phenopackets, with line and column', async () => {
    const broken = async (text: string) => {
      const error = await readFiles({ 'a.json': text }, { kind: 'phenopackets' }).catch((reason) => reason)
      return `${error.place.line}:${error.place.column} ${error.message}`
    }
    expect(await broken('{"subject": {"id": "a"},\n "measurements": [}')).toBe('2:19 no JSON value')
    expect(await broken('{"id": "a"}')).toMatch(/^1:1 the object is no phenopacket/)
    expect(await broken('[3]')).toMatch(/^1:2 a phenopacket, family or cohort is expected/)
    expect(await broken(packet({ metaData: { phenopacketSchemaVersion: '1.0' } }))).toMatch(
      /is of version 1.0; version 2 is read/,
    )
    expect(await broken('{"subject": {"id": "a", "id": "b"}}')).toMatch(/^1:25 the object names 'id' twice/)
  })

  it('know ages and timestamps', () => {
    expect(parseAge('P45Y3M10D')).toEqual({ days: 45 * 365.25 + 3 * 30.4375 + 10, unit: 'day' })
    expect(parseAge('P58Y400D')).toEqual({ days: 58 * 365.25 + 400, unit: 'day' })
    expect(parseAge('P60Y')).toEqual({ days: 21915, unit: 'year' })
    expect(parseAge('P2W')).toEqual({ days: 14, unit: 'week' })
    expect(parseAge('P60.5Y')).toEqual({ days: 22097.625, unit: 'day' })
    for (const text of ['P', 'P5', '5Y', 'P-5Y', 'PY', 'P1.5Y2M', 'P200Y', 'P1Y2Y', ''])
      expect(parseAge(text)).toBe(null)
    expect(timestampDay('1970-01-02T00:00:00Z')).toBe(1)
    expect(timestampDay('1970-01-02T00:30:00+01:00')).toBe(0)
    expect(timestampDay('1899-12-31')).toBe(-25568)
    for (const text of ['2021-02-29T00:00:00Z', '2021-13-01', '2021-1-1', 'yesterday', '2021-01-01T25:00:00Z'])
      expect(timestampDay(text)).toBe(null)
  })
})
