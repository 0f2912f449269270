import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { integerChoose } from '../exact/comparison.ts'
import type { GenotypeTable } from '../exact/genotype-table.ts'
import { freemanHalton } from '../exact/index.ts'
import { setCounts } from './set-tables.ts'
import { stratifiedTrend } from './stratified-trend.ts'
import { fisherWithinSets, trendWithinSets } from './within-sets.ts'

const random = new RandomStream(7, 'test/within sets')

/** Random tables: people by copies and, of these, the cases. */
function randomTables(sets: number, one: boolean): number[] {
  return Array.from({ length: sets }, () => {
    const people = Array.from({ length: 1 + random.integer(6) }, () => random.integer(3))
    const m = one ? Math.min(1, people.length) : random.integer(people.length + 1)
    const table = [0, 0, 0, 0, 0, 0]
    people.forEach((g, i) => {
      table[g]++
      if (i < m) table[3 + g]++
    })
    return table
  }).flat()
}

/** The joint law of heterozygous and homozygous cases in integers: ways of each pair. */
function listed(tables: number[]): { ways: Map<string, bigint>; observed: [number, number]; e: [bigint, bigint] } {
  let ways = new Map<string, bigint>([['0 0', 1n]])
  const observed: [number, number] = [0, 0]
  // E of T as a fraction.
  let [top, bottom] = [0n, 1n]
  for (let s = 0; s < tables.length; s += setCounts) {
    const [n0, n1, n2, c0, c1, c2] = tables.slice(s, s + setCounts)
    const [n, m] = [n0 + n1 + n2, c0 + c1 + c2]
    observed[0] += c1
    observed[1] += c2
    top = top * BigInt(n) + bottom * BigInt(m * (n1 + 2 * n2))
    bottom *= BigInt(n)
    const next = new Map<string, bigint>()
    for (const [key, count] of ways)
      for (let x1 = 0; x1 <= Math.min(m, n1); x1++)
        for (let x2 = 0; x2 <= Math.min(m - x1, n2); x2++) {
          if (m - x1 - x2 > n0) continue
          const own = integerChoose(n0, m - x1 - x2) * integerChoose(n1, x1) * integerChoose(n2, x2)
          const [a, b] = key.split(' ').map(Number)
          const to = `${a + x1} ${b + x2}`
          next.set(to, (next.get(to) ?? 0n) + count * own)
        }
    ways = next
  }
  return { ways, observed, e: [top, bottom] }
}

/** A ratio of integers to full precision. */
const ratio = (a: bigint, b: bigint) => Number((a * 10n ** 40n) / b) / 1e40

describe('within matched sets', () => {
  it('trend and Fisher equal the listing of all choices in integers', () => {
    for (let r = 0; r < 60; r++) {
      const tables = randomTables(1 + random.integer(7), r % 2 === 0)
      const sets = tables.length / setCounts
      const { ways, observed, e } = listed(tables)
      const all = [...ways.values()].reduce((a, b) => a + b, 0n)
      const distance = (key: string) => {
        const [a, b] = key.split(' ').map(BigInt)
        const d = (a + 2n * b) * e[1] - e[0]
        return d < 0n ? -d : d
      }
      const own = distance(observed.join(' '))
      const most = [...ways.keys()].map(distance).reduce((a, b) => (a > b ? a : b))
      const sum = (keep: (key: string) => boolean) =>
        [...ways].reduce((total, [key, count]) => (keep(key) ? total + count : total), 0n)
      const trend = trendWithinSets(tables, sets)
      const beyond = sum((key) => distance(key) > own)
      const reached = sum((key) => distance(key) >= own)
      expect(Math.exp(trend.logP)).toBeCloseTo(ratio(reached, all), 12)
      expect(Math.exp(trend.logMidp)).toBeCloseTo(ratio(beyond + reached, 2n * all), 12)
      expect(Math.exp(trend.logLeast)).toBeCloseTo(
        ratio(
          sum((key) => distance(key) === most),
          all,
        ),
        12,
      )
      const seen = ways.get(observed.join(' ')) ?? 0n
      const rare = [...ways.values()].reduce((total, count) => (count <= seen ? total + count : total), 0n)
      expect(Math.exp(fisherWithinSets(tables, sets))).toBeCloseTo(ratio(rare, all), 12)
    }
  })

  it('of one set are the tests of its table; of many the stratified trend, also far in the tail', () => {
    const table = [20, 7, 3, 2, 3, 3]
    const asTable = (t: number[]): GenotypeTable => ({
      ...{ caseRef: t[3], caseHet: t[4], caseAlt: t[5] },
      ...{ controlRef: t[0] - t[3], controlHet: t[1] - t[4], controlAlt: t[2] - t[5] },
    })
    expect(fisherWithinSets(table, 1)).toBeCloseTo(freemanHalton(asTable(table)).logP, 11)
    // 200 sets of 1:4 in which only the case carries: p = 5^-200.
    const far = Array.from({ length: 200 }, () => [4, 1, 0, 0, 1, 0]).flat()
    const found = trendWithinSets(far, 200)
    expect(found.logP / (-200 * Math.log(5))).toBeCloseTo(1, 12)
    const mixed = [...Array.from({ length: 9 }, () => [3, 2, 0, 0, 1, 0]), [6, 4, 2, 1, 1, 1], [5, 0, 0, 1, 0, 0]]
    const wanted = stratifiedTrend(mixed.map(asTable))
    const own = trendWithinSets(mixed.flat(), mixed.length)
    expect(own.logP).toBeCloseTo(wanted.logP, 12)
    expect(own.logMidp).toBeCloseTo(wanted.logMidp, 12)
    expect(own.logLeast).toBeCloseTo(wanted.logMinAttainableP, 12)
  })

  it('say nothing where no set does: one person, all cases, one genotype, none', () => {
    for (const tables of [[], [1, 0, 0, 1, 0, 0], [0, 2, 1, 0, 2, 1], [0, 4, 0, 0, 1, 0], [0, 0, 0, 0, 0, 0]]) {
      const { logP, logMidp, logLeast } = trendWithinSets(tables, tables.length / setCounts)
      expect([logP, logMidp, logLeast]).toEqual([0, Math.log(0.5), 0])
      expect(fisherWithinSets(tables, tables.length / setCounts)).toBe(0)
    }
    // Too many steps for the joint law.
    expect(fisherWithinSets([3000, 3000, 3000, 1000, 1000, 1000], 1)).toBeNaN()
  })
})
