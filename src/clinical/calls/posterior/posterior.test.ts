import { describe, expect, it } from 'vitest'
import { log } from '../../../numerics/index.ts'
import { calibrate } from './calibration.ts'
import { CourseEvidence, LogSum } from './evidence.ts'
import { defaultPriors, posteriorOf, publishedModel, type ReversalPosterior } from './index.ts'
import { changeAtTurn, fillShape, type Shape, shapeFamilies, turnTimes } from './shapes.ts'
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
    expect(rising.low).toBeGreaterThan(0.99)
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

  it('is calibrated at the stated prevalence, keeps most of what it is sure of, and hardly ever errs', () => {
    const { bins, sensitivity, sensitivityObserved, falseCalls } = calibrate(20240815, {
      decline: 300,
      plateau: 150,
      transientGain: 120,
      smallGain: 80,
      reversal: 200,
    })
    const sure = bins.filter(({ from }) => from >= 0.9)
    const people = sure.reduce((sum, bin) => sum + bin.people, 0)
    expect(people).toBeGreaterThan(25)
    expect(falseCalls).toBeLessThan(0.001)
    expect(sensitivity).toBeGreaterThan(0.12)
    expect(sensitivityObserved).toBeGreaterThan(0.3)
    const lowest = bins[0]
    expect(lowest.trueShare ?? 1).toBeLessThan(0.005)
  })
})

describe('CourseEvidence', () => {
  it('equals numerical integration over intercept, slope and gain', () => {
    const months = Float64Array.of(0, 3, 6, 10, 14, 20)
    const scores = Float64Array.of(34, 31, 27, 33, 34, 33)
    const model = { ...publishedModel, correlation: 0.3 }
    const priors = { ...defaultPriors, outlyingVisit: 1e-12, outlyingSpell: 1e-12 }
    const shape: Shape = {
      logWeight: 0,
      turn: 7,
      early: 1,
      late: 0,
      resume: Number.POSITIVE_INFINITY,
      rise: 4,
      fall: Number.POSITIVE_INFINITY,
    }
    const evidence = new CourseEvidence({ months, scores, highest: 48 }, model, priors)
    const family = () => ({ clean: new LogSum(), outlying: new LogSum() })
    const [large, small] = [family(), family()]
    evidence.addTurn(shape, large, small)

    const s = new Float64Array(6)
    const r = new Float64Array(6)
    fillShape(shape, months, s, r)
    const normal = (x: number, mean: number, sd: number) =>
      Math.exp(-0.5 * ((x - mean) / sd) ** 2) / (sd * Math.sqrt(2 * Math.PI))
    let above = 0
    let below = 0
    let slopes = 0
    const gains = [0, 0]
    const step = 0.05
    for (let b = -5; b < 0; b += step) {
      const pb = normal(b + step / 2, model.slopePerMonth, model.sdSlope) * step
      slopes += pb
      const mean = model.intercept + (0.3 * model.sdIntercept * (b + step / 2 - model.slopePerMonth)) / model.sdSlope
      const sd = model.sdIntercept * Math.sqrt(1 - 0.09)
      for (let a = 26; a < 44; a += 0.25)
        for (let g = 0; g < 25; g += 0.25) {
          let density = pb * normal(a, mean, sd) * 0.25 * normal(g + 0.125, 0, priors.gainScale) * 0.25
          for (let k = 0; k < 6; k++)
            density *= normal(scores[k], a + (b + step / 2) * s[k] + (g + 0.125) * r[k], model.sdResidual)
          if (g >= 4) above += density
          else below += density
        }
    }
    for (let g = 0; g < 80; g += 0.25) gains[g >= 4 ? 0 : 1] += normal(g + 0.125, 0, priors.gainScale) * 0.25
    expect(large.clean.value).toBeCloseTo(log(above / slopes / gains[0]), 1)
    expect(small.clean.value).toBeCloseTo(log(below / slopes / gains[1]), 1)
  })

  it('adds logarithms of sums', () => {
    const sum = new LogSum()
    expect(sum.value).toBe(Number.NEGATIVE_INFINITY)
    sum.add(-1000)
    sum.add(-1000, 2)
    sum.add(Number.NEGATIVE_INFINITY)
    expect(sum.value).toBeCloseTo(-1000 + Math.log(3), 10)
    sum.add(0)
    expect(sum.value).toBeCloseTo(0, 12)
  })
})

describe('shapes', () => {
  it('weigh one in each family and start at nothing', () => {
    const families = shapeFamilies(turnTimes(24, 1.5), log)
    const months = Float64Array.of(0, 1, 30)
    for (const family of Object.values(families)) {
      let weight = 0
      for (const shape of family) {
        weight += Math.exp(shape.logWeight)
        const s = new Float64Array(3)
        const r = new Float64Array(3)
        fillShape(shape, months, s, r)
        expect([s[0], r[0]]).toEqual([0, 0])
      }
      expect(weight).toBeCloseTo(1, 12)
    }
  })

  it('turn, hold and resume', () => {
    const shape: Shape = {
      logWeight: 0,
      turn: 4,
      early: 1,
      late: 0,
      resume: 20,
      rise: 4,
      fall: Number.POSITIVE_INFINITY,
    }
    const months = Float64Array.of(0, 4, 6, 8, 20, 25)
    const s = new Float64Array(6)
    const r = new Float64Array(6)
    fillShape(shape, months, s, r)
    expect([...s]).toEqual([0, 4, 4, 4, 4, 9])
    expect([...r]).toEqual([0, 0, 0.5, 1, 1, 1])
    expect(changeAtTurn(shape, -2, 10)).toBe(-8)
    fillShape({ ...shape, late: 1, fall: 10 }, months, s, r)
    expect([...r]).toEqual([0, 0, 0.5, 1, 0, 0])
  })

  it('span the follow-up with at most forty times', () => {
    for (const span of [1, 12, 24, 80, 400]) {
      const times = turnTimes(span, 1.5)
      expect(times.length).toBeLessThanOrEqual(41)
      expect(times[0]).toBeGreaterThan(-6)
      expect(times[times.length - 1]).toBeGreaterThan(span - (times[1] - times[0]))
    }
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
