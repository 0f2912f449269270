import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import type { GroupRow, LabValue, Patient, ProgressionGroup } from '../../results/clinical.ts'
import { analyseBiomarkers } from './index.ts'

const groupsOf: ProgressionGroup[] = ['rapid', 'typical', 'slow', 'reversal']

/** A cohort whose level rises from rapid to reversal, falls a year in everybody, and protects from death. */
function cohort(people: number, seed: number) {
  const random = new RandomStream(seed, 'biomarker questions', 0)
  const patients: Patient[] = []
  const groups: GroupRow[] = []
  const labs: LabValue[] = []
  for (let i = 0; i < people; i++) {
    const id = `p${String(i).padStart(3, '0')}`
    const g = i % 4
    const level = Math.log(100) + 0.3 * g + 0.3 * random.normal()
    const death = Math.round((700 * random.exponential()) / Math.exp(-1.2 * (level - Math.log(150))))
    const last = Math.min(1200, Math.max(1, death))
    patients.push({
      patient: id,
      cohort: 'a',
      sample: id,
      sex: random.uniform() < 0.5 ? 'male' : 'female',
      age_at_onset: 50 + Math.round(20 * random.uniform()),
      onset_site: null,
      onset_day: -300 - Math.round(200 * random.uniform()),
      onset_uncertainty_days: null,
      diagnosis_day: null,
      first_visit_day: 0,
      last_visit_day: last,
      death_day: death <= 1200 ? last : null,
      el_escorial: null,
      riluzole: null,
      dna_source: null,
      mimic: null,
      known_mutation: null,
    })
    groups.push({
      patient: id,
      group: groupsOf[g],
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
      nadir_day: null,
      nadir_score: null,
      gain: null,
      pre_nadir_slope: -(2 - 0.5 * g + 0.1 * random.normal()),
      visits: 5,
      observed_days: 1000,
      exclusion: null,
    })
    labs.push({ patient: id, day: 0, test: 'BMI', value: 24 + random.normal(), qualifier: '', unit: 'kg/m2' })
    for (let day = 0; day <= last && day <= 900; day += 180) {
      const value = Math.exp(level - (0.2 * day) / 365.25 + 0.15 * random.normal())
      const below = value < 75
      labs.push({
        patient: id,
        day,
        test: 'IGF-1',
        value: below ? 75 : value,
        qualifier: below ? '<' : '',
        unit: 'ng/mL',
      })
    }
  }
  return { patients, groups, labs }
}

describe('the questions asked of a biomarker', () => {
  const { patients, groups, labs } = cohort(100, 2)
  const [igf] = analyseBiomarkers(labs, groups, patients, null, {
    tests: ['IGF-1'],
    leadVariant: null,
    seed: 5,
  }).biomarkers

  it('finds the trend over groups and the claim borne out, with its evidence against', () => {
    expect(igf.trend?.order).toEqual(['rapid', 'typical', 'slow', 'reversal'])
    expect(igf.trend?.trend.method).toBe('permutation')
    expect(igf.trend?.trend.z).toBeGreaterThan(4)
    expect(igf.trend?.trend.p).toBe(1 / 20_000)
    expect(igf.claim).toMatchObject({ verdict: 'supported', claim: 'People whose ALS reversed have higher IGF-1.' })
    expect(igf.sentence).toContain('which one study of this size cannot settle')
    expect(igf.sentence).toContain('Corbo 2010')
  })

  it('finds that faster loss goes with less, by model and by ranks', () => {
    expect(igf.rate?.n).toBe(100)
    // 0.3 a group, 0.5 points a month a group: e^-0.6 for each point.
    expect(Math.abs(Math.log((igf.rate?.ratio?.ratio ?? 0) / Math.exp(-0.6)))).toBeLessThan(0.2)
    expect(igf.rate?.spearman?.rho).toBeLessThan(-0.5)
  })

  it('adjusts for body mass index among those who have one', () => {
    expect(igf.withBodyMass?.n).toBe(100)
    expect(igf.withBodyMass?.adjusted.adjustedFor).toContain('body mass index')
    const { adjusted, without } = igf.withBodyMass ?? { adjusted: { ratio: 0 }, without: { ratio: 9 } }
    expect(Math.abs(Math.log(adjusted.ratio / without.ratio))).toBeLessThan(0.1)
  })

  it('follows levels over time, censored ones included', () => {
    expect(igf.course?.status).toBe('ok')
    expect(igf.course?.censored).toBeGreaterThan(10)
    for (const g of igf.course?.groups ?? []) {
      expect(g.low).toBeLessThan(Math.exp(-0.2) * 1.05)
      expect(g.high).toBeGreaterThan(Math.exp(-0.2) * 0.95)
    }
    expect(igf.course?.contrast?.p).toBeGreaterThan(0.001)
  })

  it('joins level and survival; measurement error pulls the first value towards no effect', () => {
    expect(igf.survival?.status).toBe('ok')
    expect(igf.survival?.deaths).toBeGreaterThan(40)
    const truth = 2 ** -1.2
    const { low, high, p } = igf.survival?.joint ?? { low: 9, high: 0, p: 1 }
    expect(low).toBeLessThan(truth)
    expect(high).toBeGreaterThan(truth)
    expect(p).toBeLessThan(0.01)
    expect(igf.survival?.firstValue?.hazardRatio).toBeGreaterThan(igf.survival?.joint?.hazardRatio ?? 1)
  })

  it('says what it cannot answer', () => {
    const few = analyseBiomarkers(labs.slice(0, 12), groups, patients, null, { tests: ['IGF-1'], leadVariant: null })
    expect(few.biomarkers[0]).toMatchObject({ survival: null, rate: null, claim: { verdict: 'untested' } })
    const far = labs
      .slice(0, 40)
      .map((lab) =>
        lab.patient === 'p003' && lab.test === 'IGF-1'
          ? { ...lab, value: lab.value * 1000, qualifier: '' as const }
          : lab,
      )
    const noted = analyseBiomarkers(far, groups, patients, null, { tests: ['IGF-1'], leadVariant: null }).biomarkers[0]
    expect(noted.notes.join(' ')).toContain('1 value lies more than 50-fold from the median')
  })
})
