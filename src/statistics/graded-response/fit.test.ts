import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { exp, RandomStream } from '../../numerics/index.ts'
import { fitGradedResponse, itemTables, perTrait, profileOf, traitCount, traitLow } from './index.ts'

const read = (name: string) =>
  readFileSync(new URL(`../../../tests/oracles/13_graded_response/${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))

/** Rows of people with shifts of their own, by the model's own definition. */
function simulate(people: number, rows: number, items: number, profileSd: number) {
  const draw = new RandomStream(11, 'test/graded-response')
  const discrimination = Array.from({ length: items }, (_, j) => 1.5 + 0.4 * (j % 4))
  const thresholds = [-3, -1, 1, 3]
  const starts = [0]
  const values: number[] = []
  const shifts: number[][] = []
  for (let person = 0; person < people; person++) {
    const own = Array.from({ length: items }, () => profileSd * draw.normal())
    shifts.push(own)
    for (let row = 0; row < rows; row++) {
      const trait = draw.normal()
      for (let j = 0; j < items; j++) {
        const u = draw.uniform()
        let rating = 0
        for (const b of thresholds) if (u < 1 / (1 + exp(b - discrimination[j] * (trait - own[j])))) rating++
        values.push(rating)
      }
    }
    starts.push((person + 1) * rows)
  }
  return {
    ratings: { items, categories: 5, starts, values: Int8Array.from(values) },
    discrimination,
    thresholds,
    shifts,
  }
}

describe('fitGradedResponse', () => {
  it('equals maximum likelihood in base R', () => {
    const inputs = read('inputs.tsv').slice(1)
    const expected = read('expected.tsv')
      .slice(1)
      .map((row) => row.map(Number))
    const fit = fitGradedResponse(
      {
        items: 6,
        categories: 5,
        starts: inputs.map((_, i) => i).concat(inputs.length),
        values: Int8Array.from(inputs.flat().map(Number)),
      },
      { pseudo: 0, tolerance: 1e-5, mostIterations: 2000 },
    )
    expect(fit.converged).toBe(true)
    expect(Math.abs(fit.logLikelihood - Number(read('expected_loglik.tsv')[0][1]))).toBeLessThan(1e-3)
    expected.forEach(([, a, ...b], j) => {
      expect(Math.abs(fit.model.discrimination[j] - a)).toBeLessThan(0.01)
      for (const [c, value] of b.entries()) expect(Math.abs(fit.model.thresholds[4 * j + c] - value)).toBeLessThan(0.01)
    })
  })

  it('finds items and profiles that were planted', () => {
    const { ratings, discrimination, thresholds, shifts } = simulate(120, 8, 8, 0.6)
    const { model } = fitGradedResponse(ratings, { profiles: true, mostIterations: 80 })
    expect(Math.abs(model.profileSd - 0.6)).toBeLessThan(0.08)
    let worst = 0
    discrimination.forEach((a, j) => {
      worst = Math.max(worst, Math.abs(model.discrimination[j] / a - 1))
      for (const [c, b] of thresholds.entries()) expect(Math.abs(model.thresholds[4 * j + c] - b)).toBeLessThan(0.6)
    })
    expect(worst).toBeLessThan(0.2)
    const profile = new Float64Array(8)
    profileOf(model, itemTables(model), ratings.values.subarray(0, 64), profile, 10)
    const distance = shifts[0].reduce((sum, u, j) => sum + (u - profile[j]) ** 2, 0)
    expect(distance).toBeLessThan(shifts[0].reduce((sum, u) => sum + u * u, 0))
  })

  it('stays finite where nobody uses a category, everybody agrees, or a row is missing', () => {
    const values = Int8Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 4 : i % 3 === 1 ? (i % 2) * 2 : -1))
    const { model, logLikelihood } = fitGradedResponse({ items: 3, categories: 5, starts: [0, 10, 20], values })
    for (const a of model.discrimination) expect(a > 0 && Number.isFinite(a)).toBe(true)
    for (let j = 0; j < 3; j++)
      for (let c = 1; c < 4; c++) expect(model.thresholds[4 * j + c]).toBeGreaterThan(model.thresholds[4 * j + c - 1])
    expect(Number.isFinite(logLikelihood)).toBe(true)
  })

  it('stays finite where items follow the trait without noise and a few people are unlike all others', () => {
    const draw = new RandomStream(21, 'test/steep')
    const starts = [0]
    const values: number[] = []
    for (let person = 0; person < 40; person++) {
      const odd = person % 10 === 0 ? 3 : 0.5
      const own = Array.from({ length: 12 }, () => odd * draw.normal())
      for (let row = 0; row < 8; row++)
        for (const shift of own) values.push(Math.max(0, Math.min(4, Math.round(3 - 0.4 * row - shift))))
      starts.push(values.length / 12)
    }
    const { model, logLikelihood } = fitGradedResponse(
      { items: 12, categories: 5, starts, values: Int8Array.from(values) },
      { profiles: true, mostIterations: 40 },
    )
    expect(Number.isFinite(logLikelihood)).toBe(true)
    expect(model.profileSd).toBeGreaterThan(0.1)
    expect(model.profileSd).toBeLessThanOrEqual(2)
    for (const a of model.discrimination) expect(a > 0 && a < 20).toBe(true)
  })

  it('refuses ratings that are none', () => {
    const fitOf = (values: number[], items = 2) =>
      fitGradedResponse({ items, categories: 5, starts: [0, values.length / items], values: Int8Array.from(values) })
    expect(() => fitOf([0, 5])).toThrow(/whole number from 0 to 4, not 5/)
    expect(() => fitOf([0, -2])).toThrow(/not -2/)
    expect(() => fitOf([1], 1)).toThrow(/two items or more/)
    expect(() => fitGradedResponse({ items: 2, categories: 5, starts: [0], values: new Int8Array(0) })).toThrow(/rows/)
  })
})

describe('itemTables', () => {
  it('hold distributions, their slopes and their curvature', () => {
    const model = {
      items: 1,
      categories: 4,
      discrimination: Float64Array.of(2),
      thresholds: Float64Array.of(-1, 0.5, 2),
      profileSd: 0,
    }
    const { logP, slope, information, expected } = itemTables(model)
    for (const trait of [-2, 0, 0.4, 1.5]) {
      const q = Math.round((trait - traitLow) * perTrait)
      let sum = 0
      let mean = 0
      for (let c = 0; c < 4; c++) {
        const at = c * traitCount + q
        sum += Math.exp(logP[at])
        mean += c * Math.exp(logP[at])
        const h = 1 / perTrait
        expect(slope[at]).toBeCloseTo((logP[at + 1] - logP[at - 1]) / (2 * h), 2)
        expect(information[at]).toBeCloseTo(-(logP[at + 1] - 2 * logP[at] + logP[at - 1]) / (h * h), 2)
      }
      expect(sum).toBeCloseTo(1, 12)
      expect(expected[q]).toBeCloseTo(mean, 12)
    }
  })
})
