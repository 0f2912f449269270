import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { fitMixedModel } from '../mixed-model/index.ts'
import { exponentialMoments } from './exponential-moments.ts'
import { fitJointModel, gaussHermite, type JointData, layoutOf } from './index.ts'
import { JointLikelihood } from './likelihood.ts'

/** People with a level and a slope, some values below a limit, and a hazard that follows the level where `alpha` is given. */
function simulated(people: number, seed: number, limit = Number.NEGATIVE_INFINITY): JointData {
  const random = new RandomStream(seed, 'joint test', 0)
  const subject: number[] = []
  const time: number[] = []
  const y: number[] = []
  const censoring: number[] = []
  const group = Array.from({ length: people }, (_, i) => i % 2)
  for (let i = 0; i < people; i++) {
    const b0 = 0.5 * random.normal()
    const b1 = 0.2 * random.normal() - 0.3 * b0
    for (let v = 0; v < 5; v++) {
      const value = 1 + b0 + (0.1 + 0.3 * group[i] + b1) * (0.5 * v) + 0.3 * random.normal()
      subject.push(i)
      time.push(0.5 * v)
      y.push(Math.max(value, limit))
      censoring.push(value < limit ? -1 : 0)
    }
  }
  const ones = Array.from({ length: people }, () => 1)
  return { subjects: people, subject, time, y, censoring, base: [ones], slope: [ones, group], randomSlope: true }
}

function withSurvival(data: JointData, seed: number, linked = true): JointData {
  const random = new RandomStream(seed, 'joint test', 1)
  const survival = {
    time: Array.from({ length: data.subjects }, () => 0.2 + 2.5 * random.uniform()),
    event: Array.from({ length: data.subjects }, () => (random.uniform() < 0.6 ? 1 : 0)),
    columns: [Array.from({ length: data.subjects }, () => random.normal())],
    cuts: [1, 2],
    linked,
  }
  return { ...data, survival }
}

describe('gaussHermite', () => {
  it('integrates polynomials times e^(-x^2)', () => {
    const { nodes, weights } = gaussHermite(9)
    const moment = (k: number) => nodes.reduce((sum, x, i) => sum + weights[i] * x ** k, 0)
    expect(moment(0)).toBeCloseTo(Math.sqrt(Math.PI), 12)
    expect(moment(3)).toBeCloseTo(0, 11)
    expect(moment(8)).toBeCloseTo((105 / 16) * Math.sqrt(Math.PI), 9)
  })
})

describe('exponentialMoments', () => {
  it('are the integrals, on both sides of where the series stops', () => {
    const out = new Float64Array(3)
    for (const x of [-30, -1.001, -0.999, 0, 1e-9, 0.999, 1.001, 20]) {
      exponentialMoments(x, out)
      for (let k = 0; k < 3; k++) {
        // Simpson's rule with 4000 panels.
        let sum = 0
        for (let i = 0; i <= 4000; i++) {
          const s = i / 4000
          sum += (i === 0 || i === 4000 ? 1 : i % 2 === 1 ? 4 : 2) * s ** k * Math.exp(x * s)
        }
        expect(out[k] / (sum / 12000)).toBeCloseTo(1, 8)
      }
    }
  })
})

describe('fitJointModel', () => {
  it('is the mixed model by ML where nothing is censored and nobody dies', () => {
    const data = simulated(40, 3)
    const fit = fitJointModel(data)
    const mixed = fitMixedModel(
      {
        subjects: 40,
        subject: data.subject,
        time: data.time,
        response: data.y,
        fixed: [
          Array.from(data.y, () => 1),
          data.time,
          Array.from(data.time, (t, r) => t * data.slope[1][data.subject[r]]),
        ],
      },
      { method: 'ML' },
    )
    expect(fit.status).toBe('ok')
    expect(fit.logLikelihood).toBeCloseTo(mixed.logLikelihood, 7)
    ;[...fit.base, ...fit.slope].forEach(({ estimate, se }, j) => {
      expect(estimate).toBeCloseTo(mixed.fixed[j], 5)
      // From the observed information instead of the expected one.
      expect(Math.abs(se / mixed.fixedSe[j] - 1)).toBeLessThan(0.03)
    })
    expect(fit.sigma ** 2).toBeCloseTo(mixed.varResidual, 5)
    expect(fit.sdSlope ** 2).toBeCloseTo(mixed.varSlope, 5)
  })

  it('has a score that is the slope of its likelihood, censored rows, plates and survival included', () => {
    const random = new RandomStream(5, 'joint test', 2)
    const plain = withSurvival(simulated(12, 5, 0.9), 6)
    const data = { ...plain, row: [Array.from(plain.y as number[], () => Math.floor(2 * random.uniform()))] }
    const layout = layoutOf(data)
    const theta = Float64Array.from({ length: layout.size }, () => 0.3 * random.normal())
    theta[layout.sigma] = -1
    const likelihood = new JointLikelihood(data, 9)
    expect(likelihood.centre(theta)).toBe(true)
    const { gradient } = likelihood.evaluate(theta)
    for (let j = 0; j < layout.size; j++) {
      const moved = (h: number) => {
        const at = Float64Array.from(theta)
        at[j] += h
        return likelihood.evaluate(at).logLikelihood
      }
      const slope = (moved(1e-5) - moved(-1e-5)) / 2e-5
      expect(Math.abs(gradient[j] - slope)).toBeLessThan(1e-5 * Math.max(1, Math.abs(slope)))
    }
  })

  it('without a link is two models beside each other', () => {
    const data = withSurvival(simulated(25, 8), 9, false)
    const joint = fitJointModel(data)
    const alone = fitJointModel({ ...data, survival: undefined })
    expect(joint.alpha).toBeNull()
    joint.base.forEach(({ estimate }, j) => {
      expect(estimate).toBeCloseTo(alone.base[j].estimate, 5)
    })
    expect(joint.status).toBe('ok')
  })

  it('refuses what cannot be fitted', () => {
    const data = simulated(4, 1)
    expect(() => fitJointModel({ ...data, time: Array.from(data.time, (t) => t - 1) })).toThrow(/before 0/)
    expect(() => fitJointModel({ ...data, subjects: 5 })).toThrow(/unequal length/)
    expect(() => fitJointModel({ ...data, censoring: Array.from(data.y, () => -1) })).toThrow(/measured/)
    const survival = { time: [1, 2, 3, 0], event: [1, 0, 0, 0], columns: [], cuts: [], linked: true }
    expect(() => fitJointModel({ ...data, survival })).toThrow(/not above 0/)
  })
})
