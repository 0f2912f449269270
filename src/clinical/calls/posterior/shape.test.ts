import { describe, expect, it } from 'vitest'
import { publishedModel } from './model.ts'
import { fitShape } from './shape.ts'
import { type Departures, simulatePerson } from './simulate.ts'

const decliners = (n: number, departures: Departures = {}) =>
  Array.from({ length: n }, (_, i) => simulatePerson(31, i, 'decline', publishedModel, departures).trajectory)

const shapeOf = (departures: Departures) => {
  const shape = fitShape(decliners(600, departures))
  if (shape === null) throw new RangeError('no shape')
  return shape
}

describe('fitShape', () => {
  it('finds nothing where there is nothing', () => {
    const { pace, early, neighbours } = shapeOf({})
    expect(Math.abs(12 * pace)).toBeLessThan(0.08)
    for (const points of early) expect(Math.abs(points)).toBeLessThan(0.45)
    expect(neighbours).toBeLessThan(0.06)
  })

  it('finds a practice effect, and no growth in its place', () => {
    const { pace, early } = shapeOf({ practice: 2 })
    // 2 points at the first visit; what later visits still lack, up to 0.8 points, is not told apart from the line.
    expect(early[0]).toBeLessThan(-1)
    expect(early[0]).toBeGreaterThan(-2)
    expect(early[1]).toBeLessThan(0)
    expect(Math.abs(12 * pace)).toBeLessThan(0.12)
  })

  it('finds the growth of loss', () => {
    expect(12 * shapeOf({ acceleration: 0.3 }).pace).toBeGreaterThan(0.12)
    expect(12 * shapeOf({ acceleration: -0.2 }).pace).toBeLessThan(-0.2)
  })

  it('finds the correlation of neighbouring visits, and never one below zero', () => {
    const { neighbours } = shapeOf({ autocorrelation: 0.4 })
    expect(neighbours).toBeGreaterThan(0.25)
    expect(neighbours).toBeLessThan(0.42)
    expect(shapeOf({ autocorrelation: -0.3 }).neighbours).toBe(0)
  })

  it('says nothing of few people, of short courses, and of courses without noise', () => {
    expect(fitShape([])).toBe(null)
    expect(fitShape(decliners(20))).toBe(null)
    expect(
      fitShape(
        decliners(80).map(({ days, scores, ...rest }) => ({
          ...rest,
          days: days.slice(0, 3),
          scores: scores.slice(0, 3),
        })),
      ),
    ).toBe(null)
    const smooth = decliners(60).map(({ patient, scale }, i) => {
      const days = Array.from({ length: 6 }, (_, k) => 30.4375 * k)
      return { patient, scale, days, scores: days.map((_, k) => 40 - (i % 4) * k) }
    })
    expect(fitShape(smooth)).toBe(null)
    const same = smooth.map((person) => ({ ...person, scores: person.days.map(() => 30) }))
    expect(fitShape(same)).toBe(null)
  })

  it('is not bent by the floor of the scale', () => {
    const low = decliners(600).map((person) => ({
      ...person,
      scores: person.scores.map((score) => Math.max(0, score - 12)),
    }))
    expect(Math.abs(12 * (fitShape(low)?.pace ?? 1))).toBeLessThan(0.12)
  })
})
