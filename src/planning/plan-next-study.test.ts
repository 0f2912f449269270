import { describe, expect, it } from 'vitest'
import { matchedPower } from '../statistics/power/index.ts'
import { planDefaults, planNextStudy, type StudySummary } from './index.ts'
import { matchedTest } from './scenario.ts'

/** 10/9/3 v 95/8/0: Firth odds ratio 11.00036, likelihood-ratio p 3.485736e-7. */
const lead = {
  lead: '4:57040000:A:G',
  or: 11.00036,
  firthNegLog10P: -Math.log10(3.485736e-7),
  counts: [10, 9, 3, 95, 8, 0] as [number, number, number, number, number, number],
  significant: true,
}
const study: StudySummary = {
  cases: 22,
  controls: 103,
  test: 'family_p',
  threshold: 1e-5,
  familyAlpha: 0.05,
  variants: 200_000,
}
const quick = { ...planDefaults, replicates: 100, maxCases: 100, otherRatios: [] }
const options = { ...planDefaults, replicates: 400, maxCases: 400 }

describe('planNextStudy', () => {
  const plan = planNextStudy(lead, study, options, 7)

  it('corrects the odds ratio by the conditional likelihood at the threshold', () => {
    const curse = plan.winnersCurse
    // |z| with p = 3.485736e-7 (two-sided) by R's qnorm.
    expect(curse?.z).toBeCloseTo(5.095091098, 7)
    expect(curse?.se).toBeCloseTo(Math.log(11.00036) / 5.095091098, 8)
    expect(curse?.selected).toBe(true)
    expect(curse?.conditionedOn).toBe('passing the family-wise threshold')
    // R 4.2.2: optimize and integrate on the same likelihood at z = 5.095, c = 4.417, times log OR / z.
    expect(curse?.mle).toBeCloseTo(6.723385189, 4)
    expect(curse?.mean).toBeCloseTo(5.310417644, 5)
    expect(curse?.average).toBeCloseTo(5.975281026, 5)
    expect(curse?.low).toBeLessThan(curse?.average ?? 0)
    expect(curse?.high).toBeLessThan(40)
  })

  it('gives the power that the study had, at the corrected odds ratio and its own threshold', () => {
    const { achieved } = plan
    expect(achieved?.or).toBe(plan.winnersCurse?.average)
    expect(achieved?.maf).toBeCloseTo(8 / 206, 12)
    expect(achieved?.test).toBe('exact conditional trend')
    expect(achieved?.power).toBeGreaterThan(0.1)
    expect(achieved?.power).toBeLessThan(0.75)
    expect(achieved?.low).toBeLessThanOrEqual(achieved?.power ?? 0)
  })

  it('needs more cases for smaller effects and for discovery, and fewer with more controls', () => {
    const [observed, corrected, half] = plan.replication.map((r) => r.casesNeeded ?? Infinity)
    expect(observed).toBeLessThan(corrected)
    expect(corrected).toBeLessThan(half)
    expect(half).toBeLessThan(400)
    plan.discovery.forEach((d, i) => {
      expect(d.casesNeeded ?? Infinity).toBeGreaterThan(plan.replication[i].casesNeeded ?? 0)
    })
    const byRatio = plan.byRatio.map((r) => r.casesNeeded ?? Infinity)
    expect(plan.byRatio.map((r) => r.ratio)).toEqual([1, 2, 4, 10])
    expect(byRatio[0]).toBeGreaterThan(byRatio[2])
    expect(byRatio[2]).toBe(corrected)
    expect(byRatio[3]).toBeLessThanOrEqual(byRatio[2])
  })

  it('has curves that pass 80% at the size given', () => {
    for (const { curve, casesNeeded } of [...plan.replication, ...plan.discovery]) {
      const at = curve.find((p) => p.cases === casesNeeded)
      expect(at?.power).toBeGreaterThanOrEqual(0.8)
      expect(curve[0].power).toBeLessThan(0.8)
      expect(curve.every((p) => p.low <= p.power && p.power <= p.high && p.controls === 4 * p.cases)).toBe(true)
    }
  })

  it('says it in a sentence, and what recruiting that many means', () => {
    const needed = plan.replication[1].casesNeeded
    expect(plan.sentence).toContain(`about ${needed} new cases with 4 controls each`)
    const { fewest, most } = plan.replicationRange ?? {}
    expect(fewest).toBeLessThan(needed ?? 0)
    expect(most === null || (most ?? 0) > (needed ?? 0)).toBe(true)
    expect(plan.sentence).toContain(`if the odds ratio is ${Number(plan.replication[2].or.toPrecision(3))}.`)
    expect(plan.sentence).toContain('The odds ratio of 11 becomes about')
    expect(plan.notes.join(' ')).toContain(`more than ${100 * (needed ?? 0)} people with ALS`)
  })

  it('is the same again', () => {
    expect(planNextStudy(lead, study, quick, 7)).toEqual(planNextStudy(lead, study, quick, 7))
  })

  it('conditions a lead that is not significant on being the best', () => {
    const weak = { ...lead, significant: false }
    const few = planNextStudy(weak, { ...study, threshold: 1e-7 }, quick, 7)
    expect(few.winnersCurse?.selected).toBe(false)
    // The family-wise threshold of 1e-7 at 5% implies log(0.95) / log(1 - 1e-7) = 512,933 variants; only 200,000 were tested.
    expect(few.winnersCurse?.conditionedOn).toContain('being the best of 200000 independent')
    const alone = planNextStudy(weak, { ...study, familyAlpha: null, variants: 1 }, quick, 7)
    expect(alone.winnersCurse?.average).toBeCloseTo(11.00036, 6)
    expect(few.winnersCurse?.average).toBeLessThan(alone.winnersCurse?.average ?? 0)
    expect(few.sentence).toContain('is not significant and is shown because it was the best. If it is real at all')
    const curse = few.winnersCurse
    expect(curse?.low).toBeLessThan(1)
    expect(few.replicationRange).toMatchObject({ most: null, holdsNoEffect: true })
    expect(few.sentence).toContain(`from ${few.replicationRange?.fewest} upwards without limit over the interval`)
  })

  it('uses its own p where exact test and likelihood ratio disagree about the threshold', () => {
    const odd = planNextStudy(lead, { ...study, threshold: 1e-7 }, quick, 7)
    expect(odd.winnersCurse?.conditionedOn).toBe('passing its own p-value')
    expect(odd.notes[0]).toContain('not by the penalised likelihood ratio')
  })

  it('plans for a protective allele and for one that no control has', () => {
    const protective = { ...lead, or: 1 / 11.00036, counts: [3, 9, 10, 0, 8, 95] as typeof lead.counts }
    const mirrored = planNextStudy(protective, study, { ...options, otherRatios: [] }, 7)
    expect(mirrored.winnersCurse?.average).toBeCloseTo(1 / (plan.winnersCurse?.average ?? 1), 9)
    // The counted allele is the common one among controls.
    expect([mirrored.achieved?.maf, mirrored.achieved?.altFrequency]).toEqual([
      expect.closeTo(8 / 206, 12),
      expect.closeTo(198 / 206, 12),
    ])
    expect(mirrored.replication[1].casesNeeded).toBe(plan.replication[1].casesNeeded)
    const absent = planNextStudy({ ...lead, counts: [19, 3, 0, 103, 0, 0] }, study, quick, 7)
    expect(absent.achieved?.maf).toBeCloseTo(0.5 / 207, 12)
    expect(absent.notes[0]).toContain('half an allele')
  })

  it('plans a matched study after a matched one, by the test within sets', () => {
    const sizes = [{ cases: 1, controls: 4, sets: 22 }]
    const found = planNextStudy(lead, { ...study, cases: 22, controls: 88, matched: sizes }, quick, 7)
    expect(found.achieved?.test).toBe('exact conditional trend within matched sets')
    const { maf, alpha, power } = found.achieved ?? { maf: 0, alpha: 0, power: 0 }
    const own = matchedPower({ frequency: maf, or: found.achieved?.or ?? 1 }, sizes, 'trend_exact_p', alpha, {
      seed: 7,
      replicates: 4 * quick.replicates,
    })
    expect(power).toBe(own.power)
    const needed = found.replication[1].casesNeeded ?? 0
    expect(needed).toBeGreaterThan(3)
    expect(found.replication[1].curve.find((p) => p.cases === needed)?.power).toBeGreaterThanOrEqual(0.8)
    expect(found.notes.join(' ')).toContain('within matched sets at a minor allele frequency')
    expect(() => matchedTest('dominant_p')).toThrow(/within matched sets is not known/)
  })

  it('plans nothing without a lead or an effect', () => {
    expect(planNextStudy(null, study, options, 7)).toMatchObject({ lead: null, winnersCurse: null, replication: [] })
    const unfitted = planNextStudy({ ...lead, or: null }, study, options, 7)
    expect(unfitted.notes).toEqual(['The effect of the lead could not be estimated.'])
    expect(() => planNextStudy(lead, { ...study, threshold: 0 }, options, 7)).toThrow(/threshold is 0/)
  })
})
