import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import type { GroupRow, LabValue, Patient, ProgressionGroup } from '../../results/clinical.ts'
import { analyseBiomarkers, type BiomarkerOptions } from './index.ts'

const options: BiomarkerOptions = { tests: null, leadVariant: '4:57040000:A:G' }

interface Someone {
  id: string
  group: ProgressionGroup
  value: number
  qualifier?: '' | '<' | '>'
  age?: number | null
  sex?: 'male' | 'female'
  nadir?: number
  exclusion?: string
}

function cohort(people: Someone[]) {
  const patients = people.map(
    (p): Patient => ({
      patient: p.id,
      cohort: 'a',
      sample: p.id,
      sex: p.sex ?? 'male',
      age_at_onset: p.age === undefined ? 60 : p.age,
      onset_site: null,
      onset_day: 0,
      onset_uncertainty_days: null,
      diagnosis_day: null,
      first_visit_day: null,
      last_visit_day: null,
      death_day: null,
      el_escorial: null,
      riluzole: null,
      dna_source: null,
      mimic: null,
      known_mutation: null,
    }),
  )
  const groups = people.map(
    (p): GroupRow => ({
      patient: p.id,
      group: p.group,
      case: null,
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
      nadir_day: p.nadir ?? null,
      nadir_score: null,
      gain: null,
      pre_nadir_slope: null,
      visits: 5,
      observed_days: 1000,
      exclusion: p.exclusion ?? null,
    }),
  )
  const labs = people.map(
    (p): LabValue => ({
      patient: p.id,
      day: 10,
      test: 'IGF-1',
      value: p.value,
      qualifier: p.qualifier ?? '',
      unit: 'ng/mL',
    }),
  )
  return { patients, groups, labs }
}

/** Reversals at 200 times e^(+-0.1), typical at 100 times e^(+-0.1), all of one age and sex. */
const simple: Someone[] = [-1, 1, -1, 1].flatMap((sign, i) => [
  { id: `r${i}`, group: 'reversal' as const, value: 200 * Math.exp(sign * 0.1) },
  { id: `t${i}`, group: 'typical' as const, value: 100 * Math.exp(sign * 0.1) },
])

describe('analyseBiomarkers', () => {
  it('finds the ratio of geometric means and its likelihood-ratio p, as worked by hand', () => {
    const { patients, groups, labs } = cohort(simple)
    const [igf] = analyseBiomarkers(labs, groups, patients, null, options).biomarkers
    expect(igf.groups.map((g) => [g.group, g.n, g.mean])).toEqual([
      ['reversal', 4, expect.closeTo(200, 8)],
      ['typical', 4, expect.closeTo(100, 8)],
    ])
    expect(igf.contrast?.ratio).toBeCloseTo(2, 10)
    // Without censoring this is the two-sample t test: pooled variance 8 x 0.01 / 6, difference ln 2.
    const t = Math.log(2) / Math.sqrt((0.08 / 6) * (2 / 4))
    expect(t).toBeCloseTo(8.4892845, 6)
    // R: 2 * pt(-8.4892845, 6); the limits with qt(0.975, 6) = 2.446912.
    expect(igf.contrast?.p).toBeCloseTo(1.46156338786e-4, 12)
    expect(igf.contrast?.negLog10P).toBeCloseTo(-Math.log10(1.46156338786e-4), 5)
    const margin = 2.446911851 * Math.sqrt((0.08 / 6) * (2 / 4))
    expect(Math.log((igf.contrast?.high ?? 0) / 2)).toBeCloseTo(margin, 7)
    expect(Math.log(2 / (igf.contrast?.low ?? 1))).toBeCloseTo(margin, 7)
    expect(Math.log((igf.groups[0].high ?? 0) / 200)).toBeCloseTo(2.446911851 * Math.sqrt(0.08 / 6 / 4), 7)
    // Wald, with the maximum-likelihood variance 0.01: z = ln 2 / sqrt(0.01 / 2).
    expect(igf.contrast?.waldP).toBeLessThan(1e-20)
    // All four reversals above all four others: 2 / C(8, 4).
    expect(igf.contrast?.rankP).toBeCloseTo(2 / 70, 12)
    expect(igf.contrast?.adjustedFor).toEqual([])
    expect(igf.sentence).toContain('2 times that in 4 typical')
    expect(igf.sentence).toContain('is a hypothesis, not a finding')
  })

  it('removes a difference that is one of age', () => {
    const people = Array.from({ length: 20 }, (_, i): Someone => {
      const age = 45 + i
      return {
        id: `p${i}`,
        group: i < 8 ? 'reversal' : 'typical',
        age,
        value: 300 * Math.exp(-0.03 * (age - 45) + (i % 3 === 0 ? 0.05 : -0.025)),
      }
    })
    const { patients, groups, labs } = cohort(people)
    const [igf] = analyseBiomarkers(labs, groups, patients, null, options).biomarkers
    expect(igf.contrast?.adjustedFor).toEqual(['age'])
    expect(igf.contrast?.p).toBeGreaterThan(0.05)
    expect(igf.contrast?.ratio).toBeCloseTo(1, 1)
  })

  it('enters values below the limit as censored, not as the limit', () => {
    const below = simple.map((p) => (p.id === 't0' || p.id === 't2' ? { ...p, value: 95, qualifier: '<' as const } : p))
    const { patients, groups, labs } = cohort(below)
    const [igf] = analyseBiomarkers(labs, groups, patients, null, options).biomarkers
    const substituted = cohort(below.map((p) => ({ ...p, qualifier: '' as const })))
    const [naive] = analyseBiomarkers(substituted.labs, groups, patients, null, options).biomarkers
    expect(igf.limit).toBe(95)
    expect(igf.censored).toBe(2)
    expect(igf.groups[1].mean).toBeLessThan(naive.groups[1].mean)
    expect(igf.points.filter((p) => p.censored).map((p) => [p.patient, p.value])).toEqual([
      ['t0', 95],
      ['t2', 95],
    ])
  })

  it('takes the earliest value before the nadir, in one unit', () => {
    const { patients, groups } = cohort([
      ...simple.slice(1),
      { id: 'r0', group: 'reversal', value: 1, nadir: 100 },
      { id: 'r9', group: 'reversal', value: 1, nadir: 5 },
    ])
    const lab = (patient: string, day: number, value: number, unit = 'ng/mL'): LabValue => ({
      patient,
      day,
      test: 'igf-I ',
      value,
      qualifier: '',
      unit,
    })
    const labs = [
      ...cohort(simple.slice(1)).labs,
      lab('r0', 150, 999),
      lab('r0', 90, 500),
      lab('r0', 20, 20, 'nmol/L'),
      lab('r9', 10, 300),
      lab('t0', 1, 77, 'mU/L'),
    ]
    const [igf] = analyseBiomarkers(labs, groups, patients, null, options).biomarkers
    expect(igf.points.find((p) => p.patient === 'r0')?.value).toBeCloseTo(20 * 7.649, 10)
    expect(igf.points.find((p) => p.patient === 'r9')).toBeUndefined()
    expect(igf.notes).toEqual([
      '1 reversals have values after the nadir only and are left out.',
      '1 values in nmol/L were converted to ng/mL (x 7.649).',
      '1 values in mU/L were refused: there is no known conversion to ng/mL.',
    ])
  })

  it('estimates the effect of a copy within groups, so that the sampling by group does not make one', () => {
    const people = Array.from(
      { length: 24 },
      (_, i): Someone => ({
        id: `p${String(i).padStart(2, '0')}`,
        group: i < 8 ? 'reversal' : 'typical',
        value: (i < 8 ? 200 : 100) * Math.exp(0.2 * (i % 2) + (i % 4 < 2 ? 0.05 : -0.05)),
      }),
    )
    const { patients, groups, labs } = cohort(people)
    const copies = new Map(people.map((p, i) => [p.id, (i % 2) as 0 | 1]))
    const [igf] = analyseBiomarkers(labs, groups, patients, copies, options).biomarkers
    expect(igf.genotype).toMatchObject({ variant: '4:57040000:A:G', n: 24, adjustedFor: ['group'] })
    expect(igf.genotype?.ratio).toBeCloseTo(Math.exp(0.2), 10)
    // A variant that only follows the group has no effect within groups.
    const follower = new Map(people.map((p, i) => [p.id, (i < 8 ? (i % 2) + 1 : i % 2) as 0 | 1 | 2]))
    const [again] = analyseBiomarkers(labs, groups, patients, follower, options).biomarkers
    expect(again.genotype?.ratio).toBeCloseTo(Math.exp(0.2), 10)
  })

  it('rejects a true null as often as it says, with few people and a third below the limit', () => {
    let rejected = 0
    let covered = 0
    const studies = 120
    for (let study = 0; study < studies; study++) {
      const random = new RandomStream(8, 'test/biomarkers', study)
      const people = Array.from({ length: 18 }, (_, i): Someone => {
        const value = 100 * Math.exp(0.4 * random.normal() - (i < 6 ? 0 : 0.3))
        const base = { id: `p${i}`, group: i < 6 ? ('reversal' as const) : ('typical' as const) }
        return value < 75 ? { ...base, value: 75, qualifier: '<' } : { ...base, value }
      })
      const { patients, groups, labs } = cohort(people)
      const { contrast } = analyseBiomarkers(labs, groups, patients, null, options).biomarkers[0]
      if (contrast === null) continue
      // The truth is a ratio of e^0.3.
      if (contrast.low <= Math.exp(0.3) && Math.exp(0.3) <= contrast.high) covered++
      if (contrast.low > 1 || contrast.high < 1) rejected++
      expect(contrast.p < 0.05).toBe(contrast.low > 1 || contrast.high < 1)
    }
    // Four standard errors of a binomial of 120 at 0.95 are 0.08.
    expect(covered / studies).toBeGreaterThan(0.87)
    expect(covered / studies).toBeLessThanOrEqual(1)
    expect(rejected / studies).toBeGreaterThan(0.1)
  })

  it('says what it cannot do: nothing measured in a group, nobody, exclusions', () => {
    const hidden = simple.map((p) => (p.group === 'reversal' ? { ...p, value: 50, qualifier: '<' as const } : p))
    const first = cohort([...hidden, { id: 'm1', group: 'reversal', value: 400, exclusion: 'mimic' }])
    const result = analyseBiomarkers(first.labs, first.groups, first.patients, null, options)
    expect(result.biomarkers[0].contrast).toBeNull()
    expect(result.biomarkers[0].sentence).toContain('could not be compared between reversals (4 with a value)')
    expect(result.biomarkers[0].points.some((p) => p.patient === 'm1')).toBe(false)
    expect(result.notes).toContain('1 people with a recorded exclusion were left out.')
    expect(analyseBiomarkers([], first.groups, first.patients, null, options)).toMatchObject({
      biomarkers: [],
      notes: expect.arrayContaining(['No laboratory value could be used.']),
    })
    const named = analyseBiomarkers(first.labs, first.groups, first.patients, null, { ...options, tests: ['NfL'] })
    expect(named.notes).toContain('NFL has no value in this study.')
  })
})
