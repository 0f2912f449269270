import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { fisherTest } from './fisher.ts'
import type { TwoByTwoTable } from './genotype-table.ts'
import { agree, choose, logRatio } from './testing/enumeration.ts'
import { barnardTest, boschlooTest } from './unconditional.ts'

const two = (a: number, b: number, c: number, d: number): TwoByTwoTable => ({
  caseWith: a,
  caseWithout: b,
  controlWith: c,
  controlWithout: d,
})

/** For every number of people having: integer weight of the tables as extreme as the observed, by plain comparison of fractions. */
function region(t: TwoByTwoTable, kind: 'barnard' | 'boschloo'): bigint[] {
  const [cases, controls] = [t.caseWith + t.caseWithout, t.controlWith + t.controlWithout]
  const people = cases + controls
  const score = (x: number, y: number): [bigint, bigint] => {
    const m = x + y
    const n = BigInt(x * controls - y * cases)
    return m === 0 || m === people ? [0n, 1n] : [n * n, BigInt(m * (people - m))]
  }
  const fisher = (x: number, y: number): bigint => {
    const m = x + y
    const weight = (at: number) => choose(m, at) * choose(people - m, cases - at)
    let sum = 0n
    for (let at = 0; at <= Math.min(cases, m); at++) if (weight(at) <= weight(x)) sum += weight(at)
    return sum
  }
  const [n0, d0] = score(t.caseWith, t.controlWith)
  const f0 = fisher(t.caseWith, t.controlWith)
  const out = new Array<bigint>(people + 1).fill(0n)
  for (let x = 0; x <= cases; x++)
    for (let y = 0; y <= controls; y++) {
      const [n, d] = kind === 'barnard' ? score(x, y) : [0n, 1n]
      const extreme = kind === 'barnard' ? n * d0 >= n0 * d : fisher(x, y) <= f0
      if (extreme) out[x + y] += choose(cases, x) * choose(controls, y)
    }
  return out
}

/** log of the probability of the region at share a / b, from integers. */
function logProbability(weights: bigint[], a: bigint, b: bigint): number {
  const people = weights.length - 1
  let sum = 0n
  weights.forEach((w, m) => {
    sum += w * a ** BigInt(m) * (b - a) ** BigInt(people - m)
  })
  return logRatio(sum, b ** BigInt(people))
}

describe('unconditional exact tests', () => {
  it('equal the integers at their share, and nowhere on a fine grid is the probability larger', () => {
    const random = new RandomStream(21, 'test/unconditional')
    for (let i = 0; i < 150; i++) {
      const size = i % 30 === 0 ? 40 : 9
      const even = i % 4 === 0
      const cases = 1 + random.integer(size)
      const controls = even ? cases : 1 + random.integer(size)
      const x = random.integer(cases + 1)
      const y = random.integer(controls + 1)
      const table = two(x, cases - x, y, controls - y)
      for (const kind of ['barnard', 'boschloo'] as const) {
        const found = kind === 'barnard' ? barnardTest(table) : boschlooTest(table)
        const weights = region(table, kind)
        const name = `${kind} ${JSON.stringify(table)}`
        const b = 1n << 52n
        const a = BigInt(Math.round(found.nuisance * 2 ** 52))
        agree(found.logP, logProbability(weights, a, b), 1e-12, name)
        expect(found.gap, name).toBeLessThan(1e-12)
        let largest = Number.NEGATIVE_INFINITY
        for (let g = 0; g <= 400; g++) largest = Math.max(largest, logProbability(weights, BigInt(g), 400n))
        for (let g = -40; g <= 40; g++) {
          const near = a + BigInt(g) * (b >> 16n)
          if (near >= 0n && near <= b) largest = Math.max(largest, logProbability(weights, near, b))
        }
        expect(largest, name).toBeLessThanOrEqual(found.logP + 1e-12 * Math.max(1, -found.logP))
        if (kind === 'boschloo') expect(found.logP, name).toBeLessThanOrEqual(fisherTest(table).logP + 1e-12)
      }
    }
  })

  it('give known values', () => {
    // SciPy 1.17.1, barnard_exact(pooled=True, n=4096). Where it loses a tied table to rounding, fractions in Python: 7/8 v 12/3.
    for (const [t, expected] of [
      [two(12, 10, 8, 95), 1.674603743026468e-6],
      [two(3, 19, 0, 103), 0.0013440399600245143],
      [two(1, 8, 9, 3), 0.003970146179199213],
    ] as const)
      expect(Math.abs(barnardTest(t).p / expected - 1)).toBeLessThan(1e-9)
    expect(barnardTest(two(7, 8, 12, 3)).p).toBeCloseTo(0.06821830931994216, 9)
  })

  it('hold far below the smallest double', () => {
    const found = barnardTest(two(600, 0, 0, 600))
    // Only this table and its mirror image are as extreme: 2 (pq)^600, largest at one half.
    agree(found.logP, Math.LN2 - 1200 * Math.LN2, 1e-12)
    expect(found.nuisance).toBe(0.5)
    agree(boschlooTest(two(600, 0, 0, 600)).logP, found.logP, 1e-12)
  })

  it.each([
    ['nobody', two(0, 0, 0, 0)],
    ['no cases', two(0, 0, 3, 4)],
    ['no controls', two(3, 4, 0, 0)],
    ['nobody having', two(0, 5, 0, 6)],
    ['all having', two(5, 0, 6, 0)],
    ['one person', two(1, 0, 0, 0)],
    ['equal shares', two(2, 2, 3, 3)],
  ])('are 1 when %s', (_, table) => {
    expect(barnardTest(table)).toMatchObject({ p: 1, logP: 0 })
    expect(boschlooTest(table)).toMatchObject({ p: 1, logP: 0 })
  })

  it('refuse what they are not made for', () => {
    expect(() => barnardTest(two(1000, 1000, 1, 0))).toThrow(/2000 people/)
    expect(() => boschlooTest(two(0.5, 0, 0, 0))).toThrow(/whole numbers/)
  })
})
