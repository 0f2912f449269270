import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { meanRisk, solveCausalModel } from './causal-model.ts'
import { drawPerson, traitsOf } from './traits.ts'

const target = { oddsRatio: 12, mediatedShare: 0.3, frequency: 0.04, prevalence: 0.01 }
const odds = (p: number) => p / (1 - p)

describe('the causal model', () => {
  it('averages over a normal to 10 digits', () => {
    // E expit(a + b Z): exact where the integrand is odd about one half
    expect(meanRisk(0, 3)).toBeCloseTo(0.5, 14)
    expect(meanRisk(2, 0)).toBeCloseTo(1 / (1 + Math.exp(-2)), 14)
    // independent quadrature: midpoint rule on a much finer, wider grid
    const fine = (at: number, slope: number) => {
      let sum = 0
      const step = 1e-3
      for (let z = -12 + step / 2; z < 12; z += step)
        sum += (Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI) / (1 + Math.exp(-(at + slope * z)))) * step
      return sum
    }
    for (const [at, slope] of [
      [-6, 1.4],
      [-3, 2.5],
      [1, 0.5],
    ] as const)
      expect(meanRisk(at, slope) / fine(at, slope)).toBeCloseTo(1, 10)
  })

  it.each([
    target,
    { ...target, oddsRatio: 3, mediatedShare: 0 },
    { ...target, oddsRatio: 2, mediatedShare: 1 },
    { ...target, oddsRatio: 0.5, mediatedShare: 0.6, frequency: 0.3, prevalence: 0.1 },
  ])('reaches what was asked for: %o', (asked) => {
    const model = solveCausalModel(asked)
    const [none, one, two] = model.risk
    expect(odds(one) / odds(none)).toBeCloseTo(asked.oddsRatio, 7)
    expect(odds(two) / odds(one)).toBeCloseTo(asked.oddsRatio, 7)
    expect(model.mediatedShare).toBeCloseTo(asked.mediatedShare, 8)
    const { frequency: q } = asked
    expect((1 - q) ** 2 * none + 2 * q * (1 - q) * one + q * q * two).toBeCloseTo(asked.prevalence, 9)
    if (asked.mediatedShare === 0) expect(model.mediated).toBeCloseTo(0, 8)
    if (asked.mediatedShare === 1) expect(model.direct[1]).toBeCloseTo(0, 8)
  })

  it('has no effect at all at odds ratio 1', () => {
    const model = solveCausalModel({ ...target, oddsRatio: 1 })
    expect(model.mediated).toBeCloseTo(0, 9)
    expect(model.direct.map((value) => Math.abs(value) < 1e-9)).toEqual([true, true, true])
    expect(model.risk[2]).toBeCloseTo(0.01, 9)
  })

  it('refuses a mediated effect larger than free IGF-1 can carry', () => {
    expect(() => solveCausalModel({ ...target, oddsRatio: 50, mediatedShare: 1 })).toThrow(/no model has/)
  })

  it('is what simulated people follow: risks by dosage, and the sign of each step', () => {
    const model = solveCausalModel({ ...target, oddsRatio: 3, prevalence: 0.1 })
    const random = new RandomStream(5, 'test/dosage')
    const sums = [0, 1, 2].map(() => ({ n: 0, cases: 0, igfbp7: 0, igf1: 0 }))
    for (let i = 0; i < 30_000; i++) {
      const dosage = random.integer(3)
      const traits = traitsOf(drawPerson(5, i, 0.15, 0.04), dosage, model)
      const sum = sums[dosage]
      sum.n++
      sum.cases += traits.reverses ? 1 : 0
      sum.igfbp7 += traits.igfbp7
      sum.igf1 += traits.freeIgf1
    }
    sums.forEach(({ n, cases, igfbp7, igf1 }, dosage) => {
      const p = model.risk[dosage]
      expect(Math.abs(cases / n - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / n))
      expect(Math.abs(igfbp7 / n + 1.2 * dosage)).toBeLessThan(4 / Math.sqrt(n))
      expect(Math.abs(igf1 / n - 0.84 * dosage)).toBeLessThan(4 / Math.sqrt(n))
    })
  })
})
