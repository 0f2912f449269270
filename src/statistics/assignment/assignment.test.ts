import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { type Assignment, assign } from './assignment.ts'
import { assignBySlots } from './testing/slot-twin.ts'

/** Every assignment, best by (columns per place from the first on, total): the definition itself. */
function bruteForce(cost: Float64Array, rows: number, columns: number, ratio: number) {
  let best: { places: number[]; total: number } | undefined
  const given: number[][] = Array.from({ length: rows }, () => [])
  const visit = (column: number): void => {
    if (column === columns) {
      const places = Array.from({ length: ratio }, (_, p) => given.filter((list) => list.length > p).length)
      let total = 0
      for (let r = 0; r < rows; r++) for (const c of given[r]) total += cost[r * columns + c]
      const better = (() => {
        if (best === undefined) return true
        for (let p = 0; p < ratio; p++) if (places[p] !== best.places[p]) return places[p] > best.places[p]
        return total < best.total
      })()
      if (better) best = { places, total }
      return
    }
    visit(column + 1)
    for (let r = 0; r < rows; r++) {
      if (given[r].length === ratio || !(cost[r * columns + column] < Infinity)) continue
      given[r].push(column)
      visit(column + 1)
      given[r].pop()
    }
  }
  visit(0)
  return best ?? { places: [], total: 0 }
}

describe('assign', () => {
  it('is the optimum found by trying every assignment, forbidden pairs included', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.oneof({ weight: 3, arbitrary: fc.integer({ min: -4, max: 9 }) }, fc.constant(Infinity)), {
          minLength: 18,
          maxLength: 18,
        }),
        (rows, columns, ratio, values) => {
          const cost = Float64Array.from(values.slice(0, rows * columns))
          const found = assign(cost, rows, columns, ratio)
          const best = bruteForce(cost, rows, columns, ratio)
          const places = Array.from({ length: ratio }, (_, p) => found.columns.filter((l) => l.length > p).length)
          expect(places).toEqual(best.places)
          expect(found.total).toBe(best.total)
          expect(new Set(found.columns.flat()).size).toBe(found.columns.flat().length)
        },
      ),
      { numRuns: 150, seed: 7 },
    )
  })

  it('is that of the plain twin where many rows contend for few columns, also with costs that are not whole', () => {
    const random = new RandomStream(11, 'assignment', 0)
    for (let trial = 0; trial < 400; trial++) {
      const rows = 1 + Math.floor(30 * random.uniform())
      const columns = Math.floor(60 * random.uniform())
      const ratio = 1 + Math.floor(4 * random.uniform())
      const share = random.uniform()
      const own = Array.from({ length: rows }, () => random.uniform())
      const cost = Float64Array.from({ length: rows * columns }, (_, at) =>
        random.uniform() > share
          ? Infinity
          : trial % 2 === 0
            ? Math.floor(50 * random.uniform())
            : own[Math.floor(at / columns)] + 0.1 * random.uniform(),
      )
      const found = assign(cost, rows, columns, ratio)
      const twin = assignBySlots(cost, rows, columns, ratio)
      const places = (a: Assignment) =>
        Array.from({ length: ratio }, (_, p) => a.columns.filter((list) => list.length > p).length)
      expect(places(found)).toEqual(places(twin))
      expect(Math.abs(found.total - twin.total)).toBeLessThan(1e-10)
    }
  })

  it('gives a first control to everyone before a second to anyone, whatever that costs', () => {
    // Row 0 could have columns 0 and 1 at no cost; row 1 can only take column 0, at 100.
    const cost = Float64Array.from([0, 0, 100, Infinity])
    expect(assign(cost, 2, 2, 2)).toEqual({ columns: [[1], [0]], total: 100 })
  })

  it('leaves a row without allowed pairs empty and does not disturb the rest', () => {
    const cost = Float64Array.from([Infinity, Number.NaN, 3, 2])
    expect(assign(cost, 2, 2, 1)).toEqual({ columns: [[], [1]], total: 2 })
  })

  it('refuses shapes that do not agree and costs without a bottom', () => {
    expect(() => assign(new Float64Array(3), 2, 2, 1)).toThrow(/costs/)
    expect(() => assign(Float64Array.from([-Infinity]), 1, 1, 1)).toThrow(/-Infinity/)
    expect(() => assign(new Float64Array(4), 2, 2, 0)).toThrow(/ratio/)
  })
})
