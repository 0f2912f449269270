import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/index.ts'
import { logFRegression, misclassifiedCases } from './index.ts'

/** People by genotype: counts of cases and controls. */
function table(cases: number[], controls: number[]) {
  const genotypes: number[] = []
  const isCase: number[] = []
  const add = (counts: number[], value: number) => {
    for (const [g, n] of counts.entries())
      for (let i = 0; i < n; i++) {
        genotypes.push(g)
        isCase.push(value)
      }
  }
  add(cases, 1)
  add(controls, 0)
  return { genotypes, isCase }
}

describe('misclassifiedCases', () => {
  it('is the log-F logistic regression where every case is certain', () => {
    for (const [cases, controls] of [
      [
        [10, 9, 3],
        [95, 8, 0],
      ],
      [
        [30, 12, 2],
        [60, 30, 9],
      ],
      [
        [5, 0, 0],
        [40, 3, 1],
      ],
    ]) {
      const { genotypes, isCase } = table(cases, controls)
      const found = misclassifiedCases(genotypes, isCase, isCase)
      const logF = logFRegression({ cases: isCase, columns: [], tested: genotypes })
      expect(found.beta).toBeCloseTo(logF.beta, 5)
      expect(found.logP).toBeCloseTo(logF.logP, 4)
      for (const side of ['low', 'high'] as const) expect(found[side]).toBeCloseTo(logF[side] ?? Number.NaN, 3)
      expect(found.meanTruth).toBe(1)
    }
  })

  it('finds the odds ratio that false cases have diluted', () => {
    // A third of the cases are none; true odds ratio 3 a copy, frequency 0.2.
    const odds = [0.64, 0.32, 0.04]
    const tilted = odds.map((q, g) => q * 3 ** g)
    const z = tilted.reduce((a, b) => a + b, 0)
    const replicates = 12
    let naive = 0
    let corrected = 0
    let covered = 0
    for (let replicate = 0; replicate < replicates; replicate++) {
      const draw = new RandomStream(5, 'test/misclassified', replicate)
      const pick = (q: number[]) => {
        const u = draw.uniform()
        return u < q[0] ? 0 : u < q[0] + q[1] ? 1 : 2
      }
      const truth = Array.from({ length: 900 }, (_, i) => (i >= 300 ? Number.NaN : i % 2 === 0 ? 0.9 : 13 / 30))
      const isCase = truth.map((p) => (Number.isNaN(p) ? 0 : 1))
      const genotypes = truth.map((p) => pick(draw.uniform() < p ? tilted.map((t) => t / z) : odds))
      const found = misclassifiedCases(genotypes, isCase, truth)
      corrected += found.beta / replicates
      naive += misclassifiedCases(genotypes, isCase, isCase).beta / replicates
      if ((found.low ?? 9) < Math.log(3) && (found.high ?? 0) > Math.log(3)) covered++
      expect(found.meanTruth).toBeCloseTo(2 / 3, 12)
    }
    expect(Math.exp(naive)).toBeLessThan(2.4)
    expect(Math.exp(corrected)).toBeGreaterThan(2.7)
    expect(Math.exp(corrected)).toBeLessThan(3.3)
    expect(covered).toBeGreaterThanOrEqual(10)
  })

  it('says little where little is certain, and names what cannot be told', () => {
    const { genotypes, isCase } = table([10, 9, 3], [95, 8, 0])
    const doubtful = misclassifiedCases(
      genotypes,
      isCase,
      isCase.map(() => 0.02),
    )
    const sure = misclassifiedCases(genotypes, isCase, isCase)
    expect(doubtful.logP).toBeGreaterThan(sure.logP)
    const none = misclassifiedCases(
      genotypes,
      isCase,
      isCase.map(() => 0),
    )
    expect(none.logP).toBeCloseTo(0, 6)
    expect([none.low !== null && none.low > 0, none.status]).toEqual([false, 'ok'])
    expect(misclassifiedCases([1, 1, 1], [1, 0, 0], [1, 0, 0]).status).toBe('monomorphic')
    expect(misclassifiedCases([0, 1, 2], [1, 1, 1], [1, 1, 1]).status).toBe('monomorphic')
    expect(misclassifiedCases([-1, 1, 2], [1, 0, 0], [1, 0, 0]).status).toBe('monomorphic')
    expect(() => misclassifiedCases([0, 1], [1, 0], [1.5, 0])).toThrow(/between 0 and 1, not 1.5/)
  })
})
