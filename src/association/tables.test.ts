import { describe, expect, it } from 'vitest'
import { RandomStream } from '../numerics/index.ts'
import { kernels } from '../numerics/kernels.ts'
import { exactTrendNull } from '../statistics/exact/index.ts'
import { labelNull, labelScheme } from '../statistics/labels/index.ts'
import { FamilyTable, TrendTables } from './tables.ts'

const random = new RandomStream(8, 'test/tables')
const people = 90
const cases = 11
const genotypes = Array.from({ length: people }, (_, i) => (i % 29 === 3 ? -1 : random.integer(7) % 3))
// Bits with gaps, over two words and more.
const bits = Int32Array.from({ length: people }, (_, i) => i + 40 * Math.floor(i / 50))
const words = 3
const strata = Array.from({ length: people }, (_, i) => i % 3)
const risks = Array.from({ length: people }, () => 0.02 + 0.3 * random.uniform())
const [n0, n1, n2] = [0, 1, 2].map((g) => genotypes.filter((v) => v === g).length)

/** Rows of the table by c: NaN where it was not wanted. */
function rowsOf(scheme: ReturnType<typeof labelScheme>, wanted: number[], limit: number): Map<number, number[]> {
  const k = kernels()
  return k.scope(() => {
    const record = k.allocate(16 * words)
    const planes = k.u8(record, 16 * words).fill(0)
    genotypes.forEach((g, i) => {
      const bit = 1 << (bits[i] & 7)
      if (g === 1 || g === -1) planes[bits[i] >> 3] |= bit
      if (g === 2 || g === -1) planes[8 * words + (bits[i] >> 3)] |= bit
    })
    const table = new FamilyTable(scheme, bits, words, new TrendTables(people))
    table.want(wanted[0])
    for (const c of wanted) k.u8(table.wanted + c, 1)[0] = 1
    table.make(record, n0, n1, n2, limit)
    return new Map(wanted.map((c) => [c, Array.from({ length: 2 * c + 1 }, (_, t) => table.logP(c, t))]))
  })
}

describe('tables of one variant', () => {
  it.each([
    ['uniform', labelScheme(new Int32Array(people), Int32Array.of(cases))],
    ['weighted', labelScheme(new Int32Array(people), Int32Array.of(cases), risks)],
    ['stratified', labelScheme(strata, Int32Array.of(4, 0, 7))],
    ['weighted within strata', labelScheme(strata, Int32Array.of(2, 3, 6), risks)],
  ])('%s: rows that are wanted are those of the whole table, bit for bit, down to the limit', (name, scheme) => {
    const whole = labelNull(genotypes, scheme)
    for (const wanted of [[cases], [cases - 1], [cases - 2, cases]]) {
      const rows = rowsOf(scheme, wanted, 0)
      const limited = rowsOf(scheme, wanted, -3)
      for (const [c, row] of rows) {
        const expected = Array.from(whole.logP.subarray((c - whole.from) * whole.stride).subarray(0, 2 * c + 1))
        if (name === 'uniform') for (let t = 0; t <= 2 * c; t++) expect(row[t]).toBeCloseTo(expected[t], 9)
        else expect(row).toEqual(expected)
        limited.get(c)?.forEach((p, t) => {
          if (row[t] <= -3 || Number.isNaN(row[t])) expect(p).toBe(row[t])
          else expect(p === 0 || p === row[t]).toBe(true)
        })
        if (name !== 'uniform') expect(limited.get(c)?.filter((p) => p === 0).length).toBeGreaterThan(3)
      }
    }
  })

  it('of the trend test are those of the test, without what cannot occur', () => {
    const tables = new TrendTables(300)
    const examples: [number, number, number, number][] = [
      [200, 50, 10, 20],
      [5, 0, 0, 2],
      [0, 3, 2, 5],
      [1, 1, 1, 0],
    ]
    for (const margins of examples) {
      const expected = exactTrendNull(...margins)
      const made = tables.get(...margins)
      expect(made.least).toBe(expected.logMinAttainable)
      expect(Array.from(made.logP)).toEqual(Array.from(expected.logP.subarray(0, made.logP.length)))
      expect(Array.from(made.logMidp)).toEqual(Array.from(expected.logMidp.subarray(0, made.logP.length)))
      expect(expected.logP.subarray(made.logP.length).every(Number.isNaN)).toBe(true)
      expect(tables.get(...margins)).toBe(made)
    }
  })
})
