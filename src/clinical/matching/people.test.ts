import { describe, expect, it } from 'vitest'
import type { Call, GroupRow, Patient, Visit } from '../../results/clinical.ts'
import { matchControls, peopleForMatching } from './index.ts'

const patient = (id: string, rest: Partial<Patient> = {}): Patient => ({
  patient: id,
  cohort: 'a',
  sample: `dna-${id}`,
  sex: 'female',
  age_at_onset: 60,
  onset_site: 'limb',
  onset_day: -300,
  onset_uncertainty_days: null,
  diagnosis_day: null,
  first_visit_day: 0,
  last_visit_day: 900,
  death_day: null,
  el_escorial: null,
  riluzole: null,
  dna_source: null,
  mimic: null,
  known_mutation: null,
  ...rest,
})
const group = (id: string, role: number | null, rest: Partial<GroupRow> = {}): GroupRow => ({
  patient: id,
  group: role === 1 ? 'reversal' : 'typical',
  case: role,
  posterior: null,
  posterior_low: null,
  posterior_high: null,
  posterior_items: null,
  p_decline: null,
  p_plateau: null,
  p_transient_gain: null,
  p_small_gain: null,
  p_rating_shift: null,
  p_outlying_visit: null,
  certainty: 'confident',
  nadir_day: 100,
  nadir_score: 30,
  gain: null,
  pre_nadir_slope: -0.8,
  visits: 9,
  observed_days: 1200,
  exclusion: null,
  ...rest,
})
const call = (id: string, verdict: Call['verdict'], end: number | null): Call => ({
  patient: id,
  definition: 'large-sustained',
  verdict,
  start_day: 0,
  end_day: end,
  value: null,
  reason: '',
})
const sources = {
  patients: [patient('c'), patient('k'), patient('u'), patient('n', { sample: null, onset_day: null })],
  groups: [group('c', 1), group('k', 0), group('u', null), group('n', 0, { observed_days: null })],
  calls: [call('c', 'yes', 700), call('k', 'no', 400)],
  ancestry: [
    { sample: 'dna-c', pc: [0.5, -1], outlier: false },
    { sample: 'dna-k', pc: [0.25, 2], outlier: false },
  ],
}

describe('peopleForMatching', () => {
  it('counts days from onset and reads components by sample', () => {
    const people = peopleForMatching(sources, ['age_at_onset', 'pre_nadir_slope', 'PC2'], ['sex', 'onset_site'])
    expect(people).toEqual([
      {
        patient: 'c',
        role: 'case',
        variables: { age_at_onset: 60, pre_nadir_slope: -0.8, PC2: -1 },
        exact: { sex: 'female', onset_site: 'limb' },
        observedDays: 1200,
        confirmedDay: 1000,
        nadirDay: 400,
      },
      {
        patient: 'k',
        role: 'control',
        variables: { age_at_onset: 60, pre_nadir_slope: -0.8, PC2: 2 },
        exact: { sex: 'female', onset_site: 'limb' },
        observedDays: 1200,
        confirmedDay: null,
        nadirDay: 400,
      },
      expect.objectContaining({ patient: 'n', confirmedDay: null, observedDays: null, nadirDay: null }),
    ])
    expect(people[2].variables.PC2).toBeNull()
  })

  it('takes of an uncertain onset what is certain: controls observed for less, cases confirmed later', () => {
    const patients = ['c', 'k'].map((id) => patient(id, { onset_uncertainty_days: 183 }))
    const people = peopleForMatching({ ...sources, patients }, ['age_at_onset'], [])
    expect(people.map(({ observedDays, confirmedDay }) => [observedDays, confirmedDay])).toEqual([
      [1200, 1183],
      [1017, null],
    ])
  })

  it('leaves a case without a confirmed call unmatched', () => {
    const people = peopleForMatching({ ...sources, calls: [call('c', 'no', 700)] }, ['age_at_onset'], [])
    const { summary } = matchControls(people, { ratio: 1, exact: [], calipers: {}, distance: 'mahalanobis' })
    expect(summary.unmatched).toEqual(['c'])
  })

  it('has no name for what is measured after the nadir, nor for a component that was not computed', () => {
    expect(() => peopleForMatching(sources, ['gain'], [])).toThrow(/gain cannot be matched on/)
    expect(() => peopleForMatching(sources, ['PC3'], [])).toThrow(/there are 2 ancestry components/)
    expect(() => peopleForMatching(sources, [], ['group'])).toThrow(/matching.exact cannot be group/)
  })

  it('takes named variables into the distance by level, and the rate of a control at each visit', () => {
    const visit = (id: string, day: number, total: number) => ({ patient: id, day, scale: 'ALSFRS-R', total }) as Visit
    const visits = [visit('c', 100, 30), visit('k', 0, 40), visit('k', 300, 20), visit('u', 0, 1)]
    const people = peopleForMatching({ ...sources, visits }, ['pre_nadir_slope', 'onset_site'], [])
    const control = people.find((p) => p.patient === 'k')
    expect(control?.timed?.pre_nadir_slope.days).toEqual([300, 600])
    expect(control?.timed?.pre_nadir_slope.values.map((v) => v.toFixed(6))).toEqual(
      [-8 / (300 / 30.4375), -28 / (600 / 30.4375)].map((v) => v.toFixed(6)),
    )
    expect(people.find((p) => p.patient === 'c')?.timed).toBeUndefined()
    const mixed = {
      ...sources,
      patients: sources.patients.map((p) => (p.patient === 'k' ? { ...p, onset_site: 'bulbar' } : p)),
    }
    expect(peopleForMatching(mixed, ['onset_site'], []).map((p) => p.variables)).toEqual([
      { 'onset_site: limb': 1 },
      { 'onset_site: limb': 0 },
      { 'onset_site: limb': 1 },
    ])
  })
})
