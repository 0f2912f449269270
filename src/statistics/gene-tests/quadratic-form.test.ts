import { describe, expect, it } from 'vitest'
import { chiSquareLogTail, RandomStream } from '../../numerics/index.ts'
import { quadraticFormLogTail, quadraticFormQuantile } from './quadratic-form.ts'

/** Distinct weights in pairs: a sum of exponentials, P = sum over j of e^(-q / 2 w_j) times the product over i of w_j / (w_j - w_i). */
function pairs(q: number, weights: number[]): number {
  return weights.reduce(
    (sum, w, j) => sum + Math.exp(-q / (2 * w)) * weights.reduce((p, v, i) => (i === j ? p : (p * w) / (w - v)), 1),
    0,
  )
}

describe('tail of a quadratic form', () => {
  it.each([
    [[3, 1], 0.5],
    [[3, 1], 40],
    [[3, 1], 400],
    [[10, 4, 1], 100],
    [[100, 10, 1], 2000],
    [[2000, 300, 1], 30_000],
    [[5, 4, 3, 2, 1], 3],
    [[5, 4, 3, 2, 1], 60],
    [[5, 4, 3, 2, 1], 6000],
  ])('is that of exponentials for pairs of %j at %s', (weights, q) => {
    const found = quadraticFormLogTail(q, [...weights, ...weights])
    expect(Math.abs(found - Math.log(pairs(q, weights)))).toBeLessThan(1e-10 * Math.max(1, Math.abs(found)))
  })

  it('is chi-square for equal weights, and near it for nearly equal ones, also far out', () => {
    for (const q of [0.01, 3, 50, 2000]) {
      expect(quadraticFormLogTail(2.5 * q, [2.5, 2.5, 2.5])).toBe(chiSquareLogTail(q, 3))
      const near = quadraticFormLogTail(q, [1, 1 + 1e-9, 1 + 2e-9])
      expect(Math.abs(near - chiSquareLogTail(q, 3))).toBeLessThan(2e-6)
    }
  })

  it('agrees with drawing', () => {
    const weights = [4, 2.2, 0.7, 0.3, 0.01]
    const random = new RandomStream(1, 'test/quadratic form')
    const draws = 200_000
    const q = [2, 8, 20]
    const above = q.map(() => 0)
    for (let r = 0; r < draws; r++) {
      const sum = weights.reduce((s, w) => s + w * random.normal() ** 2, 0)
      q.forEach((limit, i) => {
        if (sum > limit) above[i]++
      })
    }
    q.forEach((limit, i) => {
      const p = Math.exp(quadraticFormLogTail(limit, weights))
      expect(Math.abs(above[i] / draws - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / draws))
    })
  })

  it('does not feel weights a thousand million times smaller, and has its quantile', () => {
    const weights = [3, 1, 1, 0.2]
    for (const q of [1, 10, 100])
      expect(Math.abs(quadraticFormLogTail(q, [...weights, 1e-9, 0]) - quadraticFormLogTail(q, weights))).toBeLessThan(
        1e-8,
      )
    for (const logTail of [-0.1, -3, -60])
      expect(quadraticFormLogTail(quadraticFormQuantile(logTail, weights), weights)).toBeCloseTo(logTail, 9)
    expect(quadraticFormLogTail(0, weights)).toBe(0)
    expect(quadraticFormLogTail(-1, weights)).toBe(0)
  })

  it.each([[[]], [[0, 0]], [[1, -1]], [[Number.NaN]], [[Number.POSITIVE_INFINITY]]])(
    'refuses weights %j',
    (weights) => {
      expect(() => quadraticFormLogTail(1, weights)).toThrow(/quadratic form/)
    },
  )
})
