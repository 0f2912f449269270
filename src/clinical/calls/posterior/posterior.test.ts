import { describe, expect, it } from 'vitest'
import { posteriorOf, publishedModel, type ReversalPosterior } from './index.ts'
import { simulatePerson } from './simulate.ts'

const of = posteriorOf(publishedModel)

function weigh(points: [number, number][]): ReversalPosterior {
  const result = of({
    patient: 'a',
    scale: 'ALSFRS-R',
    days: points.map(([day]) => day),
    scores: points.map(([, score]) => score),
  })
  if (result === null) throw new RangeError('no posterior')
  return result
}

describe('reversalPosterior', () => {
  it('is confident of a large gain that lasts', () => {
    const clear = weigh([
      [0, 38],
      [90, 33],
      [150, 30],
      [210, 27],
      [300, 34],
      [400, 38],
      [520, 39],
      [640, 38],
      [760, 39],
    ])
    expect(clear.posterior).toBeGreaterThan(0.9)
    const rising = weigh([
      [0, 28],
      [90, 30],
      [180, 33],
      [270, 36],
      [360, 38],
      [450, 40],
      [600, 41],
      [750, 42],
    ])
    expect(rising.low).toBeGreaterThan(0.95)
  })

  it.each<[string, [number, number][], number]>([
    [
      'steady decline',
      [
        [0, 40],
        [90, 37],
        [180, 34],
        [270, 31],
        [360, 28],
      ],
      0.002,
    ],
    [
      'a plateau',
      [
        [0, 38],
        [90, 38],
        [180, 37],
        [270, 38],
        [360, 36],
        [450, 37],
        [600, 38],
      ],
      0.01,
    ],
    [
      'one low visit',
      [
        [0, 38],
        [90, 38],
        [180, 32],
        [270, 37],
        [360, 37],
        [450, 37],
        [600, 36],
      ],
      0.02,
    ],
    [
      'the plain rule met by noise',
      [
        [0, 38],
        [90, 36],
        [180, 34],
        [270, 38],
        [360, 38],
        [450, 38],
        [600, 39],
        [750, 38],
      ],
      0.2,
    ],
    [
      'two neighbouring low visits',
      [
        [0, 47],
        [95, 45],
        [175, 33],
        [276, 32],
        [375, 44],
        [447, 45],
        [539, 43],
        [641, 43],
        [734, 41],
      ],
      0.05,
    ],
    [
      'a gain that is lost',
      [
        [0, 38],
        [90, 36],
        [180, 33],
        [270, 40],
        [360, 38],
        [450, 30],
        [600, 27],
      ],
      0.02,
    ],
    [
      'a gain not yet followed',
      [
        [0, 38],
        [90, 33],
        [180, 28],
        [270, 33],
        [360, 37],
      ],
      0.5,
    ],
    [
      'the floor',
      [
        [0, 8],
        [90, 3],
        [180, 1],
        [270, 0],
        [360, 0],
        [450, 0],
      ],
      0.02,
    ],
    [
      'outliers at the floor',
      [
        [0, 30],
        [167, 15],
        [346, 6],
        [519, 0],
        [686, 0],
        [865, 10],
      ],
      0.1,
    ],
    [
      'the ceiling',
      [
        [0, 48],
        [90, 48],
        [180, 47],
        [270, 48],
        [360, 45],
        [450, 44],
        [600, 40],
      ],
      0.01,
    ],
  ])('is not taken in by %s', (_, points, most) => {
    expect(weigh(points).posterior).toBeLessThan(most)
  })

  it('says nothing of one visit, and grows with the prior', () => {
    expect(of({ patient: 'a', scale: 'ALSFRS-R', days: [0], scores: [40] })).toBe(null)
    const { low, posterior, high } = weigh([
      [0, 30],
      [400, 36],
    ])
    expect(low).toBeLessThan(posterior)
    expect(posterior).toBeLessThan(high)
  })

  it('does not take practice for a gain', () => {
    const person = {
      patient: 'a',
      scale: 'ALSFRS-R' as const,
      days: [0, 90, 180, 270, 360, 450, 600],
      scores: [33, 35, 37, 37, 38, 37, 38],
    }
    const plain = of(person)?.posterior ?? 0
    const practised = posteriorOf({ ...publishedModel, early: [-2, -1] })(person)?.posterior ?? 1
    expect(plain).toBeGreaterThan(0.05)
    expect(practised).toBeLessThan(plain / 3)
    // All ratings off alike are a matter of the level alone.
    const shifted = posteriorOf({ ...publishedModel, early: Array(7).fill(0) })(person)?.posterior
    expect(shifted).toBe(plain)
  })

  it('shares one among the explanations', () => {
    const { posterior, alternatives } = weigh([
      [0, 38],
      [90, 33],
      [180, 28],
      [270, 33],
      [360, 37],
    ])
    let sum = posterior
    for (const share of Object.values(alternatives)) sum += share
    expect(sum).toBeCloseTo(1, 12)
  })

  it('keeps to the scale: the same shape says less at either end', () => {
    const course = (level: number): [number, number][] =>
      [2, -1, -3, -5, -5, 1, 4, 4, 4, 4, 4].map((change, k) => [k * 80, Math.min(48, level + change)])
    const middle = weigh(course(30)).posterior
    expect(middle).toBeGreaterThan(0.5)
    expect(weigh(course(47)).posterior).toBeLessThan(middle)
    // Above 44 there is no room for four points.
    expect(weigh(course(51).map(([day, score]) => [day, Math.max(46, score)])).posterior).toBeLessThan(0.02)
  })
})

describe('simulatePerson', () => {
  it('is reproducible and true to its course', () => {
    const one = simulatePerson(1, 5, 'reversal', publishedModel)
    expect(simulatePerson(1, 5, 'reversal', publishedModel)).toEqual(one)
    expect(one.event).toBe(true)
    let events = 0
    for (let i = 0; i < 100; i++) events += simulatePerson(1, i, 'decline', publishedModel).event ? 1 : 0
    expect(events).toBe(0)
    for (const score of one.trajectory.scores) expect(Number.isInteger(score) && score >= 0 && score <= 48).toBe(true)
  })
})
