import { describe, expect, test } from 'vitest'
import { kernels } from '../../numerics/kernels.ts'
import { memoryWorkshop, packRecord, storeFiles } from '../quality/testing/memory-store.ts'
import { randomGenotypes, uniform } from '../quality/testing/random-genotypes.ts'
import { kingRobust, kingTask, kinshipPairs } from './king.ts'
import { PairCounter } from './king-counts.ts'

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
  { n: 130, m: 2100 },
])('$n people, $m variants', ({ n, m }) => {
  const random = uniform(n + m)
  const variants = Array.from({ length: m }, (_, v) =>
    v % 50 === 7
      ? new Int8Array(n).fill((v % 4) - 1)
      : randomGenotypes(random, n, v % 3 === 0 ? 0.02 : v % 3 === 1 ? 0.985 : random(), 0.1),
  )
  const of = (s: number, index: number[]): number[] => index.map((v) => variants[v][s])

  test('counts agree with the plain count on any subset of people and variants, in pieces', () => {
    const index = Int32Array.from(variants.keys()).filter((v) => v === 0 || random() < 0.8)
    const words = Math.ceil(n / 64)
    const rows = Int32Array.from(Array(n).keys()).filter((s) => s % 3 !== 1)
    const columns = Int32Array.from(Array(n).keys())
      .filter((s) => s % 2 === 0)
      .reverse()
    const k = kernels()
    for (const [one, other] of [
      [rows, columns],
      [columns, rows],
      [rows, rows],
    ]) {
      const counter = new PairCounter(one, other, words)
      const cut = Math.floor(index.length / 3)
      k.scope(() => {
        const at = k.put(Buffer.concat(variants.map(packRecord)))
        counter.add(at, m, index.slice(0, cut))
        counter.add(at, m, index.slice(cut))
      })
      const counts = counter.counts()
      const calls = new Map(Array.from(Array(n).keys(), (s) => [s, of(s, [...index])]))
      one.forEach((a, i) => {
        other.forEach((b, j) => {
          if (one === other && j >= i) return
          const o = 5 * (i * other.length + j)
          const left = calls.get(a) ?? []
          const right = calls.get(b) ?? []
          const called = left.reduce((sum, g, v) => sum + (g >= 0 && right[v] >= 0 ? 1 : 0), 0)
          expect([...counts.subarray(o, o + 5)]).toEqual([...plainCounts(left, right), called])
        })
      })
    }
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
    const calls = Array.from(people, (s) => of(s, index))
    const expected: (typeof pairs)[number][] = []
    for (let a = 0; a < people.length; a++)
      for (let b = 0; b < a; b++) {
        const [both, ibs0, first, second] = plainCounts(calls[a], calls[b])
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
      expect(part.slice(5 * ((a - 12) * 12 + b), 5 * ((a - 12) * 12 + b) + 5)).toEqual(
        whole.slice(5 * (20 * a + b), 5 * (20 * a + b) + 5),
      )
})

test('kinship by hand', () => {
  expect(kingRobust(10, 0, 0, 0)).toBe(0.5)
  // 4 shared hets of 5 and 7, one opposite pair: 1/2 - (4 + 1 + 3) / 20.
  expect(kingRobust(4, 1, 1, 3)).toBeCloseTo(0.1, 15)
  expect(kingRobust(0, 3, 0, 2)).toBeNaN()
})

test('missing calls beyond a byte, everybody missing, nobody heterozygous', () => {
  const n = 130
  const random = uniform(9)
  // 4,000 variants of which two people have hardly a call, and some that nobody has.
  const variants = Array.from({ length: 4000 }, (_, v) => {
    const genotypes = v % 97 === 0 ? new Int8Array(n).fill(-1) : randomGenotypes(random, n, 0.4, 0)
    if (v % 7 !== 0) genotypes[3] = -1
    if (v % 5 !== 0) genotypes[100] = -1
    for (let s = 110; s < 120; s++) if (genotypes[s] === 1) genotypes[s] = 0
    return genotypes
  })
  const people = Int32Array.from(Array(n).keys())
  const counter = new PairCounter(people, people, 3)
  const k = kernels()
  k.scope(() => counter.add(k.put(Buffer.concat(variants.map(packRecord))), 4000, Int32Array.from(variants.keys())))
  const counts = counter.counts()
  for (const [a, b] of [
    [100, 3],
    [5, 3],
    [129, 100],
    [115, 3],
    [115, 112],
    [129, 0],
  ])
    expect([...counts.subarray(5 * (n * a + b), 5 * (n * a + b) + 4)]).toEqual(
      plainCounts(
        variants.map((g) => g[a]),
        variants.map((g) => g[b]),
      ),
    )
})
