import { describe, expect, test } from 'vitest'
import { kernels } from '../../numerics/kernels.ts'
import { memoryWorkshop, packRecord, storeFiles } from '../quality/testing/memory-store.ts'
import { randomGenotypes, uniform } from '../quality/testing/random-genotypes.ts'
import { kingRobust, kingTask, kinshipPairs } from './king.ts'

/** Plain twin: both heterozygous, opposite homozygotes, first only heterozygous, second only, where both are called. */
function plainCounts(a: number[], b: number[]): number[] {
  const counts = [0, 0, 0, 0]
  for (let v = 0; v < a.length; v++) {
    if (a[v] < 0 || b[v] < 0) continue
    if (a[v] === 1 && b[v] === 1) counts[0]++
    else if (a[v] === 1) counts[2]++
    else if (b[v] === 1) counts[3]++
    else if (a[v] !== b[v]) counts[1]++
  }
  return counts
}

describe.each([
  { n: 3, m: 1 },
  { n: 64, m: 64 },
  { n: 65, m: 130 },
  { n: 70, m: 1100 },
])('$n people, $m variants', ({ n, m }) => {
  const random = uniform(n + m)
  const variants = Array.from({ length: m }, (_, v) =>
    v % 50 === 7 ? new Int8Array(n).fill((v % 4) - 1) : randomGenotypes(random, n, random(), 0.1),
  )
  const of = (s: number, index: number[]): number[] => index.map((v) => variants[v][s])

  test('kernels agree with the plain count on any subset of people and variants', () => {
    const index = [...variants.keys()].filter((v) => v === 0 || random() < 0.8).slice(0, 1024)
    const tile = Math.ceil(index.length / 64)
    const words = Math.ceil(n / 64)
    const rows = [...Array(n).keys()].filter((s) => s % 3 !== 1)
    const columns = [...Array(n).keys()].filter((s) => s % 2 === 0)
    const rankOf = (people: number[]): Int32Array => {
      const rank = new Int32Array(64 * words).fill(-1)
      people.forEach((s, i) => {
        rank[s] = i
      })
      return rank
    }
    const k = kernels()
    k.scope(() => {
      const at = k.put(Buffer.concat(variants.map(packRecord)))
      const indexAt = k.put(Int32Array.from(index))
      const scratch = k.allocate(1024)
      const planesOf = (people: number[]): number => {
        const rank = k.put(rankOf(people))
        const planes = k.allocate(24 * tile * people.length)
        k.u8(planes, 24 * tile * people.length).fill(255)
        k.call.planesByPerson(at, indexAt, index.length, words, rank, tile, planes, scratch)
        return planes
      }
      const out = k.put(new Int32Array(4 * rows.length * columns.length))
      k.call.kingCounts(planesOf(rows), rows.length, planesOf(columns), columns.length, tile, 0, out)
      const counts = k.i32(out, 4 * rows.length * columns.length)
      rows.forEach((a, i) => {
        columns.forEach((b, j) => {
          const o = 4 * (i * columns.length + j)
          expect([...counts.subarray(o, o + 4)]).toEqual(plainCounts(of(a, index), of(b, index)))
        })
      })
    })
  })

  test('a scan gives the same, with people in any order and some left out', async () => {
    const samples = Array.from({ length: n }, (_, s) => `s${s}`)
    const workshop = memoryWorkshop(
      storeFiles(
        samples,
        'GRCh38',
        variants.map((genotypes, v) => ({ chromosome: '1', position: v + 1, genotypes })),
      ),
    )
    const chosen = new Uint8Array(Math.ceil(m / 8)).fill(0b10110111)
    const index = [...variants.keys()].filter((v) => (0b10110111 >> (v & 7)) & 1)
    const people = Int32Array.from(samples.keys())
      .filter((s) => s % 5 !== 3)
      .reverse()
    const { pairs, meanOpposite } = await kinshipPairs({ folder: 'store', chosen, people }, -10, workshop)
    let opposite = 0
    const expected: (typeof pairs)[number][] = []
    for (let a = 0; a < people.length; a++)
      for (let b = 0; b < a; b++) {
        const [both, ibs0, first, second] = plainCounts(of(people[a], index), of(people[b], index))
        opposite += ibs0
        const kinship = kingRobust(both, ibs0, first, second)
        if (kinship >= -10) expected.push({ a, b, kinship, bothHeterozygous: both, oppositeHomozygotes: ibs0 })
      }
    expect(pairs).toEqual(expected)
    expect(meanOpposite).toBeCloseTo(opposite / ((people.length * (people.length - 1)) / 2), 12)
  })
})

test('tiles of people off the diagonal count every pair once', async () => {
  const random = uniform(5)
  const samples = Array.from({ length: 20 }, (_, s) => `s${String(s).padStart(2, '0')}`)
  const variants = Array.from({ length: 200 }, (_, v) => ({
    chromosome: '1',
    position: v + 1,
    genotypes: randomGenotypes(random, 20, random(), 0.05),
  }))
  const { host, signal } = memoryWorkshop(storeFiles(samples, 'GRCh38', variants))
  const people = Int32Array.from(samples.keys())
  const work = await kingTask.prepare({ folder: 'store', chosen: new Uint8Array(25).fill(255), people }, host)
  const whole = await work({ first: 0, end: 1, row: 0, rowEnd: 20, column: 0, columnEnd: 20 }, signal)
  const part = await work({ first: 0, end: 1, row: 12, rowEnd: 20, column: 0, columnEnd: 12 }, signal)
  for (let a = 12; a < 20; a++)
    for (let b = 0; b < 12; b++)
      expect(part.slice(4 * ((a - 12) * 12 + b), 4 * ((a - 12) * 12 + b) + 4)).toEqual(
        whole.slice(4 * (20 * a + b), 4 * (20 * a + b) + 4),
      )
})

test('kinship by hand', () => {
  expect(kingRobust(10, 0, 0, 0)).toBe(0.5)
  // 4 shared hets of 5 and 7, one opposite pair: 1/2 - (4 + 1 + 3) / 20.
  expect(kingRobust(4, 1, 1, 3)).toBeCloseTo(0.1, 15)
  expect(kingRobust(0, 3, 0, 2)).toBeNaN()
})
