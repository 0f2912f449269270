import { describe, expect, it } from 'vitest'
import { fitCohort, fitNoise, fitShifts } from './cohort.ts'
import { defaultPriors, priorsOf, publishedModel } from './model.ts'
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
    expect(fitNoise([], publishedModel, defaultPriors)).toBe(publishedModel)
  })
})

describe('fitShifts', () => {
  it('keeps to the priors unless the ratings speak loudly', () => {
    expect(fitShifts(decliners(80, {}), publishedModel, defaultPriors).shifts).toBe(undefined)
    const raters = decliners(80, { raterChange: { probability: 0.3, sd: 4 } })
    expect(fitShifts(raters, publishedModel, defaultPriors).shifts?.share).toBeGreaterThan(0.1)
  })

  it('takes shifts from those who decline', () => {
    const priors = priorsOf({ ...publishedModel, shifts: { share: 0.5, sd: 2.5 } }, defaultPriors)
    expect([priors.ratingShift, priors.shiftSd]).toEqual([0.5, 2.5])
    const { decline, plateau, transientGain, smallGain, ratingShift, outlyingSpell } = priors
    expect(decline + plateau + transientGain + smallGain + ratingShift + outlyingSpell).toBeCloseTo(1, 12)
  })
})
