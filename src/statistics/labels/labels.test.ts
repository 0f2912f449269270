import { describe, expect, it } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { RandomStream } from '../../numerics/index.ts'
import { exactTrendNull } from '../exact/trend-null.ts'
import { inclusionProbabilities, LabelSets } from './draw.ts'
import { labelNull } from './null.ts'
import { meanOverlap, requireRelabelling, requireRelabellingWithin } from './overlap.ts'
import { type LabelScheme, labelScheme } from './scheme.ts'

/** Every label set of the scheme with its probability, by listing all subsets of people. */
function enumerate(strata: number[], cases: number[], risks?: number[]): { set: number[]; probability: number }[] {
  const n = strata.length
  const sets: { set: number[]; probability: number }[] = []
  let total = 0
  for (let bits = 0; bits < 2 ** n; bits++) {
    const set = Array.from({ length: n }, (_, i) => i).filter((i) => Math.floor(bits / 2 ** i) % 2 === 1)
    if (cases.some((m, s) => set.filter((i) => strata[i] === s).length !== m)) continue
    const weight = set.reduce((w, i) => w * (risks === undefined ? 1 : risks[i] / (1 - risks[i])), 1)
    sets.push({ set, probability: weight })
    total += weight
  }
  return sets.map(({ set, probability }) => ({ set, probability: probability / total }))
}

/** The plain twin of the kernel: p of (c, T) by listing label sets. */
function bruteForce(genotypes: number[], sets: { set: number[]; probability: number }[]) {
  const law = new Map<number, Map<number, number>>()
  for (const { set, probability } of sets) {
    const called = set.filter((i) => genotypes[i] >= 0)
    const t = called.reduce((sum, i) => sum + genotypes[i], 0)
    const row = law.get(called.length) ?? new Map<number, number>()
    row.set(t, (row.get(t) ?? 0) + probability)
    law.set(called.length, row)
  }
  return new Map(
    [...law].map(([c, row]) => {
      const total = [...row.values()].reduce((a, b) => a + b, 0)
      const mean = [...row].reduce((sum, [t, q]) => sum + (t * q) / total, 0)
      const entries = [...row].map(([t, q]) => {
        const further = [...row].filter(([u]) => Math.abs(u - mean) > Math.abs(t - mean) + 1e-9)
        const tied = [...row].filter(([u]) => Math.abs(Math.abs(u - mean) - Math.abs(t - mean)) <= 1e-9)
        const beyond = further.reduce((sum, [, w]) => sum + w, 0) / total
        const equal = tied.reduce((sum, [, w]) => sum + w, 0) / total
        return [t, { probability: q / total, p: beyond + equal, midp: beyond + equal / 2 }] as const
      })
      return [c, new Map(entries)] as const
    }),
  )
}

function expectEqual(genotypes: number[], scheme: LabelScheme, sets: { set: number[]; probability: number }[]) {
  const made = labelNull(genotypes, scheme)
  const expected = bruteForce(genotypes, sets)
  const seen = new Set<number>()
  for (let r = 0; r * made.stride < made.logP.length; r++) {
    const c = made.from + r
    const row = expected.get(c)
    let least = 0
    for (let t = 0; t < made.stride; t++) {
      const at = r * made.stride + t
      const one = row?.get(t)
      if (one === undefined) {
        expect(made.logP[at]).toBeNaN()
        continue
      }
      seen.add(c)
      expect(made.probability[at]).toBeCloseTo(one.probability, 12)
      expect(made.logP[at]).toBeCloseTo(Math.log(one.p), 11)
      expect(made.logMidp[at]).toBeCloseTo(Math.log(one.midp), 11)
      least = Math.min(least, Math.log(one.p))
    }
    expect(made.logMinAttainable[r]).toBeCloseTo(least, 11)
  }
  expect([...seen].sort()).toEqual([...expected.keys()].sort())
}

describe('null distribution of (c, T)', () => {
  const random = new RandomStream(5, 'test/labels')
  const columns = [
    [0, 0, 1, 2, -1, 1, 0, 0, 2, 0, -1],
    [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0],
    [2, 2, 2, 1, 1, 1, 0, -1, -1, -1, -1],
    [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    [-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1],
    Array.from({ length: 11 }, () => random.integer(4) - 1),
  ]
  const strata = [0, 1, 0, 1, 2, 0, 1, 1, 0, 2, 0]
  const risks = Array.from({ length: 11 }, () => 0.02 + 0.9 * random.uniform())

  it.each([
    ['uniform', undefined, [4]],
    ['weighted', risks, [4]],
    ['stratified', undefined, [2, 1, 1]],
    ['weighted within strata', risks, [3, 2, 0]],
  ] as const)('%s: equals the listing of every label set', (_, p, cases) => {
    const of = cases.length === 1 ? strata.map(() => 0) : strata
    const scheme = labelScheme(of, Int32Array.from(cases), p)
    const sets = enumerate(of, [...cases], p === undefined ? undefined : [...p])
    for (const column of columns) expectEqual(column, scheme, sets)
  })

  it('with equal odds is the exact trend test, in a study of ordinary size', () => {
    const genotypes = Array.from({ length: 265 }, (_, i) => (i < 190 ? 0 : i < 250 ? 1 : i < 261 ? 2 : -1))
    const made = labelNull(genotypes, labelScheme(new Int32Array(265), Int32Array.of(22)))
    expect(made.from).toBe(18)
    for (let c = 18; c <= 22; c++) {
      const exact = exactTrendNull(190, 60, 11, c)
      for (let t = 0; t <= 2 * c; t++) {
        const logP = made.logP[(c - 18) * made.stride + t]
        const tolerance = 1e-10 * Math.max(1, Math.abs(exact.logP[t]))
        if (Number.isNaN(exact.logP[t])) expect(logP).toBeNaN()
        else expect(Math.abs(logP - exact.logP[t])).toBeLessThan(tolerance)
      }
      expect(Math.abs(made.logMinAttainable[c - 18] / exact.logMinAttainable - 1)).toBeLessThan(1e-10)
    }
  })
})

describe('label sets', () => {
  const strata = [0, 0, 0, 1, 1, 1, 1, 0]
  const risks = [0.1, 0.5, 0.9, 0.3, 0.3, 0.05, 0.7, 0.2]
  const scheme = labelScheme(strata, Int32Array.of(2, 1), risks)

  it('include people as often as the conditional law says', () => {
    const expected = new Float64Array(8)
    for (const { set, probability } of enumerate(strata, [2, 1], risks)) for (const i of set) expected[i] += probability
    const exact = inclusionProbabilities(scheme)
    for (let i = 0; i < 8; i++) expect(exact[i]).toBeCloseTo(expected[i], 12)

    const sets = new LabelSets(scheme)
    const seen = new Map<string, number>()
    const draws = 20_000
    for (let r = 0; r < draws; r++) {
      const key = [...sets.draw(1, 'test/sets', r)].sort().join()
      seen.set(key, (seen.get(key) ?? 0) + 1)
    }
    for (const { set, probability } of enumerate(strata, [2, 1], risks)) {
      const sd = Math.sqrt(draws * probability * (1 - probability))
      expect(Math.abs((seen.get(set.join()) ?? 0) - draws * probability)).toBeLessThan(4.5 * sd)
    }
    expect([...seen.values()].reduce((a, b) => a + b, 0)).toBe(draws)
  })

  it('are the same however many are drawn at once, and put the bits where the people are', () => {
    const sets = new LabelSets(scheme)
    const bits = [70, 3, 64, 1, 127, 9, 10, 11]
    const all = sets.planes(9, 'test/sets', 0, 20, bits, 2)
    const part = sets.planes(9, 'test/sets', 13, 2, bits, 2)
    expect(all.slice(13 * 16, 15 * 16)).toEqual(part)
    const chosen = [...sets.draw(9, 'test/sets', 13)].map((i) => bits[i]).sort((a, b) => a - b)
    const set = Array.from({ length: 128 }, (_, b) => b).filter((b) => part[b >> 3] & (1 << (b & 7)))
    expect(set).toEqual(chosen)
  })

  it('are refused when they repeat the observed cases', () => {
    const observed = [0, 1, 1, 0, 0, 0, 1, 0]
    expect(meanOverlap(labelScheme(new Int32Array(8), Int32Array.of(3)), observed)).toBeCloseTo(3 / 8, 12)
    const error = (() => {
      try {
        return requireRelabelling(
          labelScheme(strata, Int32Array.of(2, 1), [0.01, 0.9, 0.9, 0.01, 0.01, 0.01, 0.9, 0.01]),
          observed,
          ['site'],
        )
      } catch (e) {
        return e
      }
    })()
    expect(isUpturnError(error, 'NoOverlap')).toBe(true)
  })

  it('are refused within strata that name the cases, not for matched pairs or for more cases than controls', () => {
    const cases = [1, 1, 0, 0, 0, 0]
    const within = (strata: number[], perStratum: number[], observed: number[]) => () =>
      requireRelabellingWithin(
        labelScheme(strata, Int32Array.from(perStratum)),
        observed,
        perStratum.map((_, s) => `site ${s}`),
      )
    const error = (() => {
      try {
        within([0, 0, 1, 1, 1, 1], [2, 0], cases)()
      } catch (e) {
        return e
      }
    })()
    if (!isUpturnError(error, 'NoOverlap')) throw error
    expect(error.message).toContain('100%')
    expect(error.message).toContain('site 0 (2 of 2 are cases), site 1 (0 of 4 are cases)')
    // 2 of 3 and 1 of 9 cases: (2 x 2/3 + 1/9) / 3 = 0.48 are repeated; 3 of 4 and 0 of 8: 0.75.
    expect(within([0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1], [2, 1], [1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])).not.toThrow()
    expect(within([0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1], [3, 0], [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])).toThrow('75%')
    expect(within([0, 0, 1, 1, 2, 2], [1, 1, 1], [1, 0, 0, 1, 1, 0])).not.toThrow()
    expect(within([0, 0, 0, 0, 0, 0], [5], [1, 1, 1, 1, 1, 0])).not.toThrow()
    // More cases than controls, but the strata name them.
    expect(within([0, 0, 0, 0, 1, 1], [4, 0], [1, 1, 1, 1, 0, 0])).toThrow('100%')
  })

  it('keep to a stratum that is all cases or has none', () => {
    const sets = new LabelSets(labelScheme([0, 0, 1, 1], Int32Array.of(2, 0), [0.1, 0.2, 0.3, 0.4]))
    expect([...sets.draw(1, 'test/sets', 4)].sort()).toEqual([0, 1])
  })
})
