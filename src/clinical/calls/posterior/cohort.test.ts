import { describe, expect, it } from 'vitest'
import { fitCohort, fitNoise } from './cohort.ts'
import { defaultPriors, publishedModel } from './model.ts'
import { type Departures, simulatePerson } from './simulate.ts'

const decliners = (n: number, departures: Departures) =>
  Array.from({ length: n }, (_, i) => simulatePerson(12, i, 'decline', publishedModel, departures).trajectory)

describe('fitCohort', () => {
  it('needs thirty people with three visits', () => {
    expect(fitCohort(decliners(29, {}))).toBe(null)
    expect(fitCohort([])).toBe(null)
    const two = decliners(60, {}).map(({ days, scores, ...rest }) => ({
      ...rest,
      days: days.slice(0, 2),
      scores: scores.slice(0, 2),
    }))
    expect(fitCohort(two)).toBe(null)
  })

  it('counts growth and early ratings apart from slopes and noise', () => {
    const model = fitCohort(decliners(300, { practice: 2, acceleration: 0.3 }))
    expect(model?.early?.[0] ?? 0).toBeLessThan(-0.7)
    expect(model?.pace ?? 0).toBeGreaterThan(0.005)
    expect(model?.neighbours ?? 1).toBeLessThan(0.12)
    const without = fitCohort(decliners(300, { acceleration: 0.3 }))
    expect(Math.abs((model?.intercept ?? 0) - (without?.intercept ?? 9))).toBeLessThan(0.9)
  })

  it('finds the planted slopes', () => {
    const model = fitCohort(decliners(150, {}))
    // N(-1, 0.75) cut off at zero has mean -1.15.
    expect(model?.slopePerMonth).toBeGreaterThan(-1.35)
    expect(model?.slopePerMonth).toBeLessThan(-0.9)
  })
})

describe('fitNoise', () => {
  it('sees the noise of ordinary visits through outlying ones, and heavy tails', () => {
    const wild = fitNoise(decliners(80, { outlyingVisit: 0.06 }), { ...publishedModel, sdResidual: 2.6 }, defaultPriors)
    expect(wild.sdNoise ?? 0).toBeGreaterThan(1.5)
    expect(wild.sdNoise ?? 9).toBeLessThan(2.2)
    expect(wild.outlyingVisit ?? 0).toBeGreaterThan(0.025)
    const heavy = fitNoise(decliners(200, { degreesOfFreedom: 3, outlyingVisit: 0 }), publishedModel, defaultPriors)
    expect(heavy.tails ?? 0).toBeGreaterThanOrEqual(0.1)
    expect(heavy.sdNoise ?? 9).toBeLessThan(1.6)
    expect(fitNoise([], publishedModel, defaultPriors)).toBe(publishedModel)
  })
})
