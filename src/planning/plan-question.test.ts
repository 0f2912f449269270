import { describe, expect, it } from 'vitest'
import { type PlanQuestion, planQuestion, planTrial } from './index.ts'

const published: PlanQuestion = {
  or: 12,
  limits: { low: 4.1, high: 34.6 },
  selectedAt: 1e-4,
  frequency: 0.04,
  inheritance: 'additive',
  test: 'trend_exact_p',
  alpha: 0.05,
  power: 0.8,
  ratio: 4,
  otherRatios: [1],
  maxCases: 300,
  size: { cases: 22, controls: 103 },
  registry: { patients: 10_000, stay: 3, reversalRate: 0.005, consent: 0.5 },
  otherRates: [0.001],
  trial: { effectCarriers: 3, effectOthers: 0, sd: 6, alpha: 0.05, power: 0.8, mostPerArm: 3000 },
  seed: 1,
  replicates: 400,
}

describe('a plan from numbers alone', () => {
  const answer = planQuestion(published)

  it('corrects the published odds ratio as R does', () => {
    // R 4.2.2, optimize and integrate on the same likelihood: 6.7775, 5.5344, 6.1245.
    expect(answer.winnersCurse?.mle).toBeCloseTo(6.7775, 3)
    expect(answer.winnersCurse?.mean).toBeCloseTo(5.5344, 3)
    expect(answer.winnersCurse?.average).toBeCloseTo(6.1245, 3)
    expect(answer.winnersCurse?.conditionedOn).toBe('p below 1 x 10^-4')
  })

  it('gives the power of the size asked and the size for the power asked', () => {
    expect(answer.achieved?.or).toBe(answer.winnersCurse?.average)
    expect(answer.achieved?.power).toBeGreaterThan(0.85)
    const [observed, corrected, half] = answer.replication.map((r) => r.casesNeeded ?? Infinity)
    expect(observed).toBeLessThan(corrected)
    expect(corrected).toBeLessThan(half)
    expect(answer.byRatio.map((r) => r.ratio)).toEqual([1, 4])
    expect(answer.byRatio[1].casesNeeded).toBe(corrected)
  })

  it('says how long a registry takes, at each rate, and what a trial takes', () => {
    expect(answer.recruitment.map((r) => [r.reversalRate, r.wanted])).toEqual([
      [0.005, answer.replication[1].casesNeeded],
      [0.001, answer.replication[1].casesNeeded],
    ])
    expect(answer.recruitment[1].yearsHalf).toBeGreaterThan(answer.recruitment[0].yearsHalf)
    expect(answer.trial.map((t) => t.design)).toEqual(['carriers only', 'carriers and others', 'all comers'])
    expect(answer.sentence).toContain('A registry of 10000 people')
    expect(answer.notes.join(' ')).toContain('Research use only')
  })

  it('is the same again', () => {
    expect(planQuestion(published)).toEqual(answer)
  })

  it('leaves out what was not asked', () => {
    const { limits: _, selectedAt: __, size: ___, registry: ____, trial: _____, ...bare } = published
    const plain = planQuestion(bare)
    expect(plain).toMatchObject({ winnersCurse: null, achieved: null, recruitment: [], trial: [] })
    expect(plain.replication.map((r) => r.or)).toEqual([12])
  })

  it('refuses what cannot be', () => {
    const asked = (change: Partial<PlanQuestion>) => () => planQuestion({ ...published, ...change })
    expect(asked({ or: 1 })).toThrow(/no power/)
    expect(asked({ or: -2 })).toThrow(/no power/)
    expect(asked({ frequency: 1 })).toThrow(/no genetic model/)
    expect(asked({ limits: undefined })).toThrow(/--low, --high/)
    expect(asked({ limits: { low: 13, high: 34 } })).toThrow(/do not lie around/)
    expect(asked({ selectedAt: 5e-8 })).toThrow(/was not selected/)
    expect(asked({ alpha: 0 })).toThrow(/level/)
    expect(asked({ ratio: 0 })).toThrow(/controls a case/)
    const best = planQuestion({ ...published, selectedAt: 5e-8, bestOf: 1_000_000, size: undefined, trial: undefined })
    expect(best.winnersCurse?.conditionedOn).toContain('best of 1000000')
    expect(best.winnersCurse?.low).toBeLessThan(1)
  })
})

describe('a trial in carriers and others', () => {
  const question = {
    carriers: 0.15,
    effectCarriers: 3,
    effectOthers: 0,
    sd: 6,
    alpha: 0.05,
    power: 0.8,
    mostPerArm: 5000,
  }

  it('needs 64 carriers an arm for half a standard deviation, and more to show that others differ', () => {
    const [carriers, both, all] = planTrial(question)
    // R 4.2.2: power.t.test(delta = 0.5, power = 0.8) gives n = 63.77.
    expect(carriers).toMatchObject({ perArm: 64, enrolled: 128, genotyped: 854, carriersPower: null })
    // Four cells of n with a contrast of variance 4 / n: twice as many a cell.
    expect(both.perArm).toBeGreaterThan(120)
    expect(both.perArm).toBeLessThan(130)
    expect(both.genotyped).toBe(Math.ceil((2 * (both.perArm ?? 0)) / 0.15))
    expect(both.carriersPower).toBeGreaterThan(0.95)
    // 15% of half a standard deviation.
    expect(all.perArm).toBeGreaterThan(2500)
    expect(all.genotyped).toBe(all.enrolled)
  })

  it('says that no size is enough, and refuses what is no trial', () => {
    expect(planTrial({ ...question, effectCarriers: 0 })[0]).toMatchObject({ perArm: null, power: null })
    expect(() => planTrial({ ...question, carriers: 0 })).toThrow(/no trial/)
    expect(() => planTrial({ ...question, sd: 0 })).toThrow(/no trial/)
    expect(() => planTrial({ ...question, effectOthers: Number.NaN })).toThrow(/numbers/)
    expect(() => planTrial({ ...question, power: 0.01 })).toThrow(/on purpose/)
  })
})
