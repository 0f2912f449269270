import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { areSameCases, leaveOneOut, metaAnalysis, peto, sameCaseCounts, signAgreement, woolf } from './index.ts'
import { studentSpan } from './quantile.ts'

it('Peto’s odds ratio does not hear studies that cannot say anything', () => {
  const table = { caseWith: 12, caseWithout: 10, controlWith: 8, controlWithout: 95 }
  const silent = [
    { caseWith: 0, caseWithout: 9, controlWith: 0, controlWithout: 40 },
    { caseWith: 5, caseWithout: 0, controlWith: 60, controlWithout: 0 },
    { caseWith: 3, caseWithout: 2, controlWith: 0, controlWithout: 0 },
    { caseWith: 0, caseWithout: 0, controlWith: 0, controlWithout: 0 },
    { caseWith: 1, caseWithout: 0, controlWith: 0, controlWithout: 0 },
  ]
  expect(peto(silent)).toEqual({ effect: null, heterogeneity: null })
  expect(peto([...silent, table])).toEqual(peto([table]))
  expect(peto([table]).heterogeneity).toBeNull()
  expect(() => peto([{ ...table, caseWith: 0.5 }])).toThrow(/whole numbers/)
})

describe('effects', () => {
  it('returns one study as it is', () => {
    const found = metaAnalysis([{ estimate: 2.48, standardError: 0.55 }])
    expect(found.fixed.estimate).toBe(2.48)
    expect(found.random.REML.normal.standardError).toBeCloseTo(0.55, 15)
    expect(found.random.REML).toMatchObject({
      tau2: 0,
      hartungKnapp: null,
      hartungKnappModified: null,
      prediction: null,
    })
    expect(found.heterogeneity).toEqual({ q: 0, df: 0, logP: 0, i2: 0, h2: null })
    expect(found.tau2Interval).toBeNull()
    expect(() => leaveOneOut([{ estimate: 1, standardError: 1 }])).toThrow(/none to leave out/)
  })

  it('knows identical estimates, where Hartung and Knapp have no error to go by', () => {
    const found = metaAnalysis(Array.from({ length: 3 }, () => ({ estimate: 0.7, standardError: 0.4 })))
    expect(found.heterogeneity.q).toBe(0)
    expect(found.random.REML.tau2).toBe(0)
    expect(found.tau2Interval).toBeNull()
    expect(found.i2Interval).toBeNull()
    expect(found.random.REML.hartungKnapp).toBeNull()
    expect(found.random.REML.predictionHartungKnapp).toBeNull()
    expect(found.random.REML.hartungKnappModified?.standardError).toBeCloseTo(0.4 / Math.sqrt(3), 14)
  })

  it('does not lose digits to a common shift', () => {
    const studies = [0.1, 0.5, 0.9].map((estimate) => ({ estimate, standardError: 0.2 }))
    const shifted = studies.map((s) => ({ ...s, estimate: s.estimate + 1000 }))
    expect(metaAnalysis(shifted).heterogeneity.q).toBeCloseTo(metaAnalysis(studies).heterogeneity.q, 9)
  })

  it.each([
    ['no study', []],
    ['a standard error of 0', [{ estimate: 1, standardError: 0 }]],
    ['an infinite estimate', [{ estimate: Number.POSITIVE_INFINITY, standardError: 1 }]],
    ['a missing standard error', [{ estimate: 1, standardError: Number.NaN }]],
  ])('refuses %s', (_, studies) => {
    expect(() => metaAnalysis(studies)).toThrow(/meta-analysis needs/)
  })

  it('adds one half where it is told to', () => {
    const table = { caseWith: 3, caseWithout: 19, controlWith: 0, controlWithout: 103 }
    expect(woolf(table, 'only0')?.estimate).toBeCloseTo(Math.log((3.5 * 103.5) / (19.5 * 0.5)), 14)
    expect(woolf({ caseWith: 0, caseWithout: 0, controlWith: 0, controlWithout: 0 }, 'all')).toBeNull()
  })

  it('has quantiles of t', () => {
    // R: qt(0.975, c(1, 2, 7, 30))
    for (const [df, t] of [
      [1, 12.706204736174694],
      [2, 4.3026527297494619],
      [7, 2.3646242515927853],
      [30, 2.0422724563012378],
    ])
      expect(studentSpan(0.95, df) / t).toBeCloseTo(1, 13)
  })
})

describe('overlap of people', () => {
  const random = new RandomStream(13, 'test/meta overlap')
  const draw = () => Float64Array.from({ length: 4000 }, () => random.normal())
  it('finds the correlation that shared people make, and none where there are none', () => {
    const shared = draw()
    const own = [draw(), draw()].map((x) => x.map((v, i) => Math.SQRT1_2 * (v + shared[i])))
    const half = signAgreement(own[0], own[1])
    expect(half?.low).toBeLessThan(0.5)
    expect(half?.high).toBeGreaterThan(0.5)
    expect(half?.low).toBeGreaterThan(0.4)
    const none = signAgreement(draw(), draw())
    expect(none?.low).toBeLessThan(0)
    expect(none?.high).toBeGreaterThan(0)
    expect(signAgreement(shared, shared)).toMatchObject({ agreement: 1, correlation: 1, high: 1 })
    expect(signAgreement([1, 2], [1, 2])).toBeNull()
    expect(() => signAgreement([1], [])).toThrow(/every variant/)
  })

  it('knows the same 22 cases beside other controls', () => {
    const group = (): [number, number, number][] =>
      Array.from({ length: 300 }, (_, v) => {
        const f = 0.02 + 0.001 * v
        const counts: [number, number, number] = [0, 0, 0]
        for (let i = 0; i < 22; i++) counts[(random.uniform() < f ? 1 : 0) + (random.uniform() < f ? 1 : 0)]++
        return counts
      })
    const cases = group()
    expect(areSameCases(sameCaseCounts(cases, cases))).toBe(true)
    expect(areSameCases(sameCaseCounts(cases, group()))).toBe(false)
    expect(areSameCases(sameCaseCounts(cases.slice(0, 5), cases.slice(0, 5)))).toBe(false)
    expect(sameCaseCounts([[22, 0, 0]], [[22, 0, 0]])).toEqual({ variants: 0, identical: 0 })
    expect(() => sameCaseCounts([], cases)).toThrow(/every variant/)
  })
})

it('a study that outweighs the others by far costs no digits', () => {
  const found = metaAnalysis([
    { estimate: 0.0843, standardError: 1.2e-3 },
    { estimate: 9.315, standardError: 93.9 },
  ])
  const variance = 93.9 ** 2 + 1.2e-3 ** 2
  expect(found.random.REML.tau2).toBe(0)
  // P = (1, -1)'(1, -1) / (v1 + v2): tr(PP) = (2 / (v1 + v2))^2.
  expect(Math.abs((found.random.REML.tau2Se ?? 0) / ((Math.SQRT2 * variance) / 2) - 1)).toBeLessThan(1e-12)
  expect(found.heterogeneity.i2).toBe(0)
})
