import { describe, expect, it } from 'vitest'
import { alsfrsItems, type LabValue, type Patient, type Visit } from '../../results/clinical.ts'
import { measureEveryone, olsSlope, progressionRateLimits, seriesOf, slopeLimits, vitalCapacity } from './index.ts'

const patient = (id: string, change: Partial<Patient> = {}): Patient => ({
  patient: id,
  cohort: 'c',
  sample: null,
  sex: null,
  age_at_onset: null,
  onset_site: null,
  onset_day: -365,
  onset_uncertainty_days: null,
  diagnosis_day: null,
  first_visit_day: 0,
  last_visit_day: 200,
  death_day: null,
  el_escorial: null,
  riluzole: null,
  dna_source: null,
  mimic: null,
  known_mutation: null,
  ...change,
})

const visit = (id: string, day: number, change: Partial<Visit> = {}): Visit => ({
  patient: id,
  day,
  scale: 'ALSFRS-R',
  total: 48,
  ...(Object.fromEntries(alsfrsItems.map((item) => [item, item === 'q5b' || item === 'q10' ? null : 4])) as Omit<
    Visit,
    'patient' | 'day' | 'scale' | 'total'
  >),
  ...change,
})

const lab = (id: string, day: number, test: string, value: number, change: Partial<LabValue> = {}): LabValue => ({
  patient: id,
  day,
  test,
  value,
  qualifier: '',
  unit: '% of normal',
  ...change,
})

describe('the progression rate with limits', () => {
  it('allows for the noise of a visit', () => {
    // 12 points in 12 months; 1.959964 x 1.6 = 3.135942 points either way.
    const found = progressionRateLimits(36, 48, -365.25, 0, null)
    expect(found?.rate).toBeCloseTo(1, 12)
    expect(found?.low).toBeCloseTo((12 - 3.1359424) / 12, 7)
    expect(found?.high).toBeCloseTo((12 + 3.1359424) / 12, 7)
  })

  it('allows for an onset of which only the year is known', () => {
    const found = progressionRateLimits(36, 48, -365.25, 0, 183)
    expect(found?.low).toBeCloseTo((12 - 3.1359424) / ((365.25 + 183) / 30.4375), 7)
    expect(found?.high).toBeCloseTo((12 + 3.1359424) / ((365.25 - 183) / 30.4375), 7)
  })

  it('has no upper limit where onset may have been as late as the visit', () => {
    const found = progressionRateLimits(40, 48, -100, 0, 183)
    expect(found?.high).toBe(null)
    expect(found?.low).toBeCloseTo((8 - 3.1359424) / (283 / 30.4375), 7)
    // Fewer points lost than noise makes: the least may be negative, and is most negative over the shortest time.
    expect(progressionRateLimits(47, 48, -100, 0, null)?.low).toBeCloseTo((1 - 3.1359424) / (100 / 30.4375), 7)
    expect(progressionRateLimits(47, 48, -100, 0, 183)).toMatchObject({ low: null, high: null })
    expect(progressionRateLimits(47, 48, null, 0, 183)).toBe(null)
    expect(progressionRateLimits(47, 48, 10, 0, null)).toBe(null)
  })
})

describe('slopes', () => {
  it('have the limits of confint in R', () => {
    // R: confint(lm(s ~ t)), t = c(0, 61, 122) / 30.4375, s = c(40, 36, 35)
    const slope = olsSlope({ days: [0, 61, 122], scores: [40, 36, 35] }, 0, 2)
    expect(slope?.slope).toBeCloseTo(-1.24743852459, 10)
    const limits = slope === null ? null : slopeLimits(slope)
    expect(limits?.low).toBeCloseTo(-6.7381120845, 8)
    expect(limits?.high).toBeCloseTo(4.24323503532, 8)
    const two = olsSlope({ days: [0, 61], scores: [40, 36] }, 0, 1)
    expect(two === null ? undefined : slopeLimits(two)).toBe(null)
  })
})

describe('vital capacity', () => {
  it('is of one test, the better measured, one value a day, without values beyond a limit', () => {
    const labs = [
      lab('a', 0, 'FVC_PERCENT', 80),
      lab('a', 0, 'FVC_PERCENT', 84),
      lab('a', 61, 'FVC_PERCENT', 80),
      lab('a', 122, 'FVC_PERCENT', 20, { qualifier: '<' }),
      lab('a', 5, 'SVC_PERCENT', 99),
      lab('a', 61, 'FVC_PERCENT', 3.2, { unit: 'L' }),
    ]
    const found = vitalCapacity(labs)
    expect(found).toMatchObject({ test: 'FVC_PERCENT', values: 2, first: 84, last: 80, firstDay: 0, lastDay: 61 })
    expect(found?.slope?.slope).toBeCloseTo((-4 / 61) * 30.4375, 12)
    expect(found?.slope?.se).toBe(null)
    expect(vitalCapacity([lab('a', 0, 'IGF-1', 100)])).toBe(null)
    expect(vitalCapacity([lab('a', 0, 'SVC_PERCENT', 70)])?.slope).toBe(null)
    expect(seriesOf(labs, ['FVC_PERCENT'], true)[0].scores).toEqual([80, 80])
  })
})

describe('measureEveryone', () => {
  const patients = [
    patient('b', { el_escorial: 'Possible', onset_uncertainty_days: 183 }),
    patient('a', { death_day: 400, el_escorial: 'Probable ALS - Lab Supported' }),
    patient('c', { onset_day: null, first_visit_day: null, last_visit_day: null }),
  ]
  const visits = [
    visit('a', 0, { total: 46, q1: 3, q8: 3 }),
    visit('a', 90, { total: 40, q3: null }),
    visit('a', 150, { total: null, r2: null }),
    visit('a', 200, { total: 44, r3: 0 }),
    visit('b', 0, { scale: 'ALSFRS', total: 36, r1: null, r2: null, r3: null, q10: 4 }),
    visit('b', 60, { scale: 'ALSFRS', total: 34, r1: null, r2: null, r3: null, q10: 3 }),
    visit('b', 100, { total: 40 }),
  ]
  const labs = [
    lab('a', 90, 'GASTROSTOMY', 1),
    lab('a', 0, 'FVC_PERCENT', 90),
    ...['UMN', 'LMN'].flatMap((sign) =>
      ['BULBAR', 'CERVICAL', 'LUMBOSACRAL'].map((at) => lab('b', 0, `${sign}_${at}`, 1)),
    ),
    lab('b', 0, 'PROGRESSION_DOCUMENTED', 1),
  ]
  const found = measureEveryone(patients, visits, labs)

  it('has a row a visit, with what is missing kept missing', () => {
    expect(
      found.visits.map(({ patient: id, day, kings, mitos, items_total }) => [id, day, kings, mitos, items_total]),
    ).toEqual([
      ['a', 0, '2', 0, 46],
      ['a', 90, '4A', null, null],
      ['a', 150, '4A', 0, null],
      ['a', 200, '4A+4B', 1, 44],
      ['b', 0, null, null, 40],
      ['b', 60, null, null, 39],
      ['b', 100, '0', 0, 48],
    ])
    expect(found.visits[0]).toMatchObject({ bulbar: 11, fine_motor: 12, gross_motor: 11, respiratory: 12 })
    expect(found.visits[0].delta_fs).toBeCloseTo(2 / (365 / 30.4375), 12)
    expect(found.visits[2].delta_fs).toBe(null)
    expect(found.visits[4]).toMatchObject({ respiratory: 4, scale: 'ALSFRS' })
    expect(found.visits[4].delta_fs).toBeCloseTo(4 / (365 / 30.4375), 12)
  })

  it('has a row a person, on one scale', () => {
    const [a, b, c] = found.people
    expect(a).toMatchObject({
      scale: 'ALSFRS-R',
      visits: 3,
      visits_other_scale: 0,
      visits_unscored: 1,
      first_score: 46,
      last_score: 44,
      nadir_day: 90,
      nadir_score: 40,
      pre_nadir_visits: 2,
      post_nadir_visits: 2,
      pre_nadir_slope_low: null,
      kings_first: '2',
      kings_last: '4A+4B',
      mitos_last: 1,
      el_escorial: 'probable-laboratory-supported',
      el_escorial_by: 'recorded',
      awaji: null,
      gold_coast: null,
      vc_values: 1,
      vc_first: 90,
      vc_slope: null,
      followed_from: 365,
      followed_to: 765,
      followed_end: 'death',
      followed_why: null,
      observed_days: 765,
      observed_days_low: 765,
      observed_days_high: 765,
    })
    expect(a.pre_nadir_slope).toBeCloseTo((-6 / 90) * 30.4375, 12)
    expect(a.post_nadir_slope).toBeCloseTo((4 / 110) * 30.4375, 12)
    expect(b).toMatchObject({
      scale: 'ALSFRS',
      visits: 2,
      visits_other_scale: 1,
      el_escorial: 'definite',
      el_escorial_by: 'findings',
      el_escorial_recorded: 'possible',
      awaji: 'definite',
      // Nobody recorded whether other disease is excluded.
      gold_coast: null,
      d50_status: 'other_scale',
      onset_uncertainty_days: 183,
      followed_end: 'last seen',
    })
    expect(c).toMatchObject({
      scale: null,
      visits: 0,
      nadir_day: null,
      d50_status: 'few_visits',
      followed_from: null,
      followed_why: 'day of onset not known',
      observed_days: null,
      observed_days_low: null,
      observed_days_high: null,
    })
  })

  it('counts what could be measured', () => {
    expect(found.summary).toMatchObject({
      people: 3,
      visits: 7,
      scales: { 'ALSFRS-R': 1, ALSFRS: 1, both: 1, none: 1 },
      onsetUncertain: 1,
      onsetUnknown: 1,
      kings: { '0': 1, '2': 1, '4A': 2, '4A+4B': 1, missing: 2 },
      elEscorial: { definite: 1, 'probable-laboratory-supported': 1, missing: 1 },
      categoriesDiffer: 1,
      vitalCapacity: 1,
      deaths: 1,
    })
    expect(found.summary.notes).toHaveLength(2)
    expect(measureEveryone([], [], []).summary.people).toBe(0)
  })
})
