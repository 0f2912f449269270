import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../../numerics/index.ts'
import { CourseEvidence, type Evidence } from './evidence.ts'
import { defaultPriors, publishedModel } from './model.ts'
import { plainEvidence } from './testing/plain-evidence.ts'
import { noiseParts, totalLikelihood } from './visit-noise.ts'

const model = { ...publishedModel, slopePerMonth: -0.3, sdSlope: 0.5, correlation: 0.4, tails: 0.1 }

function both(months: number[], scores: number[], highest = 48, pace = 0): [Evidence, Evidence] {
  const parts = noiseParts(1.8, model, defaultPriors)
  const visits = scores.map((score) => totalLikelihood(score, highest, parts))
  const evidence = new CourseEvidence({ ...model, pace }, defaultPriors, highest, 6)
  const at = Float64Array.from(months)
  return [
    evidence.weigh(
      at,
      visits.map(({ all }) => evidence.keep(all)),
      visits.map(({ regular }) => evidence.keep(regular)),
      scores,
    ),
    plainEvidence(
      evidence.grids,
      at,
      visits.map(({ all }) => all),
      visits.map(({ regular }) => regular),
      scores,
    ),
  ]
}

describe('CourseEvidence', () => {
  it.each<[string, number[], number[]]>([
    ['a turn', [0, 3, 6.2, 9, 13.1, 20.5], [36, 33, 30, 36, 37, 38]],
    ['two visits', [0, 7.7], [30, 36]],
    ['the floor', [0, 4, 8, 15], [3, 0, 0, 2]],
    ['the ceiling', [0, 4, 8, 22], [48, 47, 43, 48]],
    ['all alike, close together', [0, 0.5, 1], [24, 24, 24]],
  ])('equals its plain twin for %s', (_, months, scores) => {
    const [kernel, plain] = both(months, scores)
    for (const name of Object.keys(plain) as (keyof Evidence)[]) {
      expect(Math.abs(kernel[name] - plain[name]), name).toBeLessThanOrEqual(1e-3 * plain[name] + 1e-12)
      expect(kernel[name]).toBeGreaterThanOrEqual(0)
    }
  })

  it.each([-0.03, 0.04])('equals its plain twin where loss grows by %f of itself a month', (pace) => {
    const [kernel, plain] = both([0, 3, 6.2, 9, 13.1, 30.5], [36, 33, 30, 36, 37, 30], 48, pace)
    const [straight] = both([0, 3, 6.2, 9, 13.1, 30.5], [36, 33, 30, 36, 37, 30])
    for (const name of Object.keys(plain) as (keyof Evidence)[])
      expect(Math.abs(kernel[name] - plain[name]), name).toBeLessThanOrEqual(1e-3 * plain[name] + 1e-12)
    expect(Math.abs(kernel.decline / straight.decline - 1)).toBeGreaterThan(0.01)
  })

  it('equals its plain twin for random visits', () => {
    for (let i = 0; i < 3; i++) {
      const draw = new RandomStream(4, 'test/evidence', i)
      const months = [0]
      for (let k = 1; k < 4; k++) months.push(months[k - 1] + 0.3 + 6 * draw.uniform())
      const scores = months.map(() => 20 + draw.integer(12))
      const [kernel, plain] = both(months, scores, 40)
      for (const name of Object.keys(plain) as (keyof Evidence)[])
        expect(Math.abs(kernel[name] - plain[name]), `${i} ${name}`).toBeLessThanOrEqual(1e-3 * plain[name])
    }
  })

  it('of decline is the density of a normal distribution, where nothing else plays a part', () => {
    // Slopes far from zero, scores far from the ends, normal noise: the scores are multivariate normal.
    const normal = {
      ...publishedModel,
      slopePerMonth: -2,
      sdSlope: 0.5,
      sdIntercept: 4,
      intercept: 36,
      correlation: -0.3,
    }
    const priors = { ...defaultPriors, outlyingVisit: 0, flat: 0 }
    const evidence = new CourseEvidence(normal, priors, 48, 1.5)
    const months = [0, 2, 5, 9]
    const logDecline = (scores: number[]) => {
      const visits = scores.map((score) =>
        totalLikelihood(score, 48, [
          { share: 1, sd: 1.8 },
          { share: 1e-300, sd: 9 },
        ]),
      )
      const found = evidence.weigh(
        Float64Array.from(months),
        visits.map(({ all }) => evidence.keep(all)),
        visits.map(({ regular }) => evidence.keep(regular)),
        scores,
      )
      return Math.log(found.decline) + visits.reduce((sum, { logMost }) => sum + logMost, 0)
    }
    const exact = (scores: number[]) => {
      const cov = months.map((s, i) =>
        months.map((t, j) => 16 - 0.3 * 4 * 0.5 * (s + t) + 0.25 * s * t + (i === j ? 1.8 * 1.8 + 1 / 12 : 0)),
      )
      const deviation = scores.map((score, i) => score - 36 + 2 * months[i])
      let logDet = 0
      let square = 0
      // Cholesky by columns, solving along the way.
      const z: number[] = []
      const l = cov.map((row) => row.map(() => 0))
      for (let i = 0; i < 4; i++) {
        for (let j = 0; j <= i; j++) {
          let sum = cov[i][j]
          for (let k = 0; k < j; k++) sum -= l[i][k] * l[j][k]
          l[i][j] = i === j ? Math.sqrt(sum) : sum / l[j][j]
        }
        z.push((deviation[i] - z.reduce((sum, value, k) => sum + l[i][k] * value, 0)) / l[i][i])
        logDet += 2 * Math.log(l[i][i])
        square += z[i] * z[i]
      }
      return -0.5 * (4 * Math.log(2 * Math.PI) + logDet + square)
    }
    for (const scores of [
      [36, 32, 27, 19],
      [40, 35, 27, 21],
      [30, 27, 22, 12],
      [36, 30, 29, 17],
    ])
      expect(logDecline(scores)).toBeCloseTo(exact(scores), 1)
  })

  it('hardly changes with a finer grid of turns', () => {
    const months = Float64Array.of(0, 3, 6, 10, 14, 20)
    const scores = [34, 31, 27, 33, 34, 33]
    const parts = noiseParts(1.8, model, defaultPriors)
    const visits = scores.map((score) => totalLikelihood(score, 48, parts))
    const at = (step: number) => {
      const evidence = new CourseEvidence(model, defaultPriors, 48, step)
      const { reversal, decline } = evidence.weigh(
        months,
        visits.map(({ all }) => evidence.keep(all)),
        visits.map(({ regular }) => evidence.keep(regular)),
        scores,
      )
      return Math.log(reversal / decline)
    }
    expect(Math.abs(at(1.5) - at(0.5))).toBeLessThan(0.1)
  })
})
