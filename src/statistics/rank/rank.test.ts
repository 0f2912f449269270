import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  hodgesLehmannShift,
  isExactTrendShort,
  jonckheereTerpstra,
  kruskalWallis,
  permutedTrend,
  spearman,
} from './index.ts'

/** J of every relabelling, by enumeration. */
function relabellings(values: number[], groups: number[]): number[] {
  const found: number[] = []
  const left = new Map<number, number>()
  for (const g of groups) left.set(g, (left.get(g) ?? 0) + 1)
  const labels: number[] = []
  const visit = (): void => {
    if (labels.length === values.length) {
      let j = 0
      for (let a = 0; a < values.length; a++)
        for (let b = 0; b < values.length; b++)
          if (labels[a] < labels[b]) j += values[a] < values[b] ? 1 : values[a] === values[b] ? 0.5 : 0
      found.push(j)
      return
    }
    for (const [g, n] of left) {
      if (n === 0) continue
      left.set(g, n - 1)
      labels.push(g)
      visit()
      labels.pop()
      left.set(g, n)
    }
  }
  visit()
  return found
}

describe('jonckheereTerpstra', () => {
  it('is the enumeration of all relabellings, ties included', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 7, maxLength: 7 }),
        fc.constantFrom<number[][]>([0, 0, 0, 1, 1, 2, 2], [0, 1, 1, 1, 1, 0, 0], [2, 1, 0, 2, 1, 0, 0]),
        (values, groups) => {
          const all = relabellings(values, groups)
          const test = jonckheereTerpstra(values, groups)
          const mean = all.reduce((a, b) => a + b, 0) / all.length
          expect(test.mean).toBeCloseTo(mean, 10)
          expect(test.increasing).toBeCloseTo(all.filter((j) => j >= test.statistic).length / all.length, 10)
          expect(test.decreasing).toBeCloseTo(all.filter((j) => j <= test.statistic).length / all.length, 10)
          const far = Math.abs(test.statistic - mean) - 1e-9
          expect(test.twoSided).toBeCloseTo(all.filter((j) => Math.abs(j - mean) >= far).length / all.length, 10)
        },
      ),
      { numRuns: 40, seed: 3 },
    )
  })

  it('has p 1 when all values are equal and refuses an empty group', () => {
    expect(jonckheereTerpstra([2, 2, 2, 2], [0, 1, 2, 0])).toMatchObject({ increasing: 1, twoSided: 1, variance: 0 })
    expect(() => jonckheereTerpstra([1, 2], [0, 2])).toThrow(/group/)
    expect(() => kruskalWallis([1, Number.NaN], [0, 1])).toThrow(/finite/)
  })
})

describe('kruskalWallis', () => {
  it('is the table worked by hand', () => {
    // Ranks 1 2 3 | 4 5 6: H = 12/(6 7) * 3 (1.5^2 + 1.5^2) = 27/7, p = P(chi2_1 > 27/7).
    const test = kruskalWallis([1, 2, 3, 4, 5, 6], [0, 0, 0, 1, 1, 1])
    expect(test.statistic).toBeCloseTo(27 / 7, 13)
    expect(test.p).toBeCloseTo(0.04953461, 8)
    expect(kruskalWallis([5, 5, 5], [0, 1, 1])).toEqual({ statistic: 0, degrees: 1, p: 1, logP: 0 })
  })
})

describe('permutedTrend', () => {
  const values = [3.1, 1.2, 4.4, 2.2, 2.2, 5.9, 0.4, 3.3, 2.8, 6.1, 4.4]
  const groups = [0, 0, 1, 0, 1, 2, 0, 1, 1, 2, 2]
  it('agrees with the exact distribution: moments to rounding, p within what its draws allow', () => {
    const exact = jonckheereTerpstra(values, groups)
    const drawn = permutedTrend(values, groups, { draws: 19_999, seed: 4 })
    expect(drawn.statistic).toBe(exact.statistic)
    expect(drawn.mean).toBeCloseTo(exact.mean, 12)
    expect(drawn.variance).toBeCloseTo(exact.variance, 10)
    expect(Math.abs(drawn.p - exact.twoSided)).toBeLessThan(5 * Math.sqrt(exact.twoSided / 20_000))
    expect(permutedTrend(values, groups, { draws: 999, seed: 4 })).toEqual(
      permutedTrend(values, groups, { draws: 999, seed: 4 }),
    )
  })
  it('has p 1 when all values are equal and refuses an empty group', () => {
    expect(permutedTrend([2, 2, 2], [0, 1, 1], { draws: 99, seed: 1 })).toMatchObject({ p: 1, z: 0, normalP: 1 })
    expect(() => permutedTrend([1, 2], [0, 2], { draws: 9, seed: 1 })).toThrow(/group/)
  })
})

describe('spearman', () => {
  it('is the correlation of mid-ranks worked by hand, with the exact share of relabellings', () => {
    // Ranks 1 2 3 4 against 1 2.5 2.5 4: rho = 4.5 / sqrt(5 x 4.5).
    const found = spearman([1, 5, 6, 9], [2, 7, 7, 8], { draws: 40_000, seed: 2 })
    expect(found.rho).toBeCloseTo(4.5 / Math.sqrt(22.5), 12)
    // Of 24 orders 2 are as far to each side (the tie).
    expect(Math.abs(found.p - 4 / 24)).toBeLessThan(0.01)
    expect(found.low).toBeNull()
    const five = spearman([1, 2, 3, 4, 5], [2, 1, 4, 3, 5], { draws: 99, seed: 2 })
    expect(five.rho).toBeCloseTo(0.8, 12)
    const margin = 1.959963984540054 * Math.sqrt(1.32 / 2)
    expect(five.low).toBeCloseTo(Math.tanh(Math.atanh(0.8) - margin), 12)
    expect(five.high).toBeCloseTo(Math.tanh(Math.atanh(0.8) + margin), 12)
  })
  it('says when there is no correlation to speak of', () => {
    expect(spearman([1, 1, 1], [1, 2, 3], { draws: 9, seed: 1 })).toMatchObject({ status: 'constant', p: 1 })
    expect(() => spearman([1, 2], [1, 2], { draws: 9, seed: 1 })).toThrow(/three people/)
  })
})

describe('hodgesLehmannShift', () => {
  it('is the median of all differences', () => {
    expect(hodgesLehmannShift([1, 4], [0, 2])).toBe(1.5)
    expect(hodgesLehmannShift([1, 4, 9], [2])).toBe(2)
    expect(() => hodgesLehmannShift([], [1])).toThrow(/both groups/)
  })
})

it('says beforehand which exact tests are refused as too long', () => {
  const groups = (small: number, large: number) => [...Array(large).fill(0), ...Array(small).fill(1)] as number[]
  const apart = groups(26, 472).map((_, i) => i)
  const tied = apart.map((i) => Math.max(i, 150))
  expect(isExactTrendShort(apart, groups(26, 472))).toBe(true)
  expect(isExactTrendShort(tied, groups(26, 472))).toBe(false)
  expect(() => jonckheereTerpstra(tied, groups(26, 472))).toThrow('too long for groups of 472, 26')
  expect(isExactTrendShort([1, 2, 2, 3], [0, 0, 1, 1])).toBe(true)
})
