import { expect, test } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { agree, choose, logRatio } from './testing/enumeration.ts'
import { exactTrendNull } from './trend-null.ts'

/** Every T with its integer weight, by enumeration of all tables. */
function weights(n0: number, n1: number, n2: number, c: number): Map<number, bigint> {
  const out = new Map<number, bigint>()
  for (let a2 = 0; a2 <= Math.min(n2, c); a2++)
    for (let a1 = 0; a1 <= Math.min(n1, c - a2); a1++) {
      const a0 = c - a1 - a2
      if (a0 > n0) continue
      const t = a1 + 2 * a2
      out.set(t, (out.get(t) ?? 0n) + choose(n0, a0) * choose(n1, a1) * choose(n2, a2))
    }
  return out
}

function compare(n0: number, n1: number, n2: number, c: number): void {
  const found = exactTrendNull(n0, n1, n2, c)
  const all = weights(n0, n1, n2, c)
  const n = n0 + n1 + n2
  const total = choose(n, c)
  const s = n1 + 2 * n2
  let least = 0
  const name = `${n0} ${n1} ${n2} ${c}`
  for (let t = 0; t <= s; t++) {
    if (!all.has(t)) {
      expect(found.logP[t], name).toBeNaN()
      expect(found.logMidp[t], name).toBeNaN()
      continue
    }
    const distance = Math.abs(n * t - c * s)
    let beyond = 0n
    let tied = 0n
    for (const [u, w] of all) {
      const d = Math.abs(n * u - c * s)
      if (d > distance) beyond += w
      else if (d === distance) tied += w
    }
    agree(found.logP[t], logRatio(beyond + tied, total), 1e-13, `${name} p(${t})`)
    agree(found.logMidp[t], logRatio(2n * beyond + tied, 2n * total), 1e-13, `${name} midp(${t})`)
    least = Math.min(least, logRatio(beyond + tied, total))
  }
  agree(found.logMinAttainable, least, 1e-13, name)
}

test('equals the enumeration in integers on random and degenerate margins', () => {
  const random = new RandomStream(1, 'test/trend-null')
  for (let i = 0; i < 300; i++) {
    const [n0, n1, n2] = [random.integer(60), random.integer(40), random.integer(30)]
    compare(n0, n1, n2, random.integer(n0 + n1 + n2 + 1))
  }
  for (const m of [
    [0, 0, 0, 0],
    [5, 0, 0, 2],
    [0, 5, 0, 2],
    [0, 0, 5, 2],
    [5, 0, 5, 3],
    [5, 1, 5, 5],
    [0, 3, 3, 6],
    [1, 1, 1, 0],
  ])
    compare(m[0], m[1], m[2], m[3])
  compare(105, 17, 3, 22)
  compare(700, 260, 40, 300)
  compare(1000, 2, 900, 800)
})

test('the smallest p of a large table is that of the two extreme labellings', () => {
  // T = 0 and T = S are unique: C(25000, 500) and 1 labellings; compared as logarithms far below 1e-300
  const found = exactTrendNull(25000, 300, 200, 500)
  expect(found.logMinAttainable).toBeLessThan(-2000)
  agree(found.logP[700], -logRatio(choose(25500, 500), 1n), 1e-13, 'most extreme')
  const wide = exactTrendNull(25000, 20000, 5000, 25000)
  expect(Math.max(...wide.logP.filter((p) => !Number.isNaN(p)))).toBe(0)
})

test('refuses what is no table', () => {
  expect(() => exactTrendNull(1, 1, 1, 4)).toThrow(/4 cases among 3/)
  expect(() => exactTrendNull(1.5, 1, 1, 1)).toThrow(/whole numbers/)
})
