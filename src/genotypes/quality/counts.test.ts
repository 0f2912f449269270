import { describe, expect, test } from 'vitest'
import { kernels } from '../../numerics/kernels.ts'
import { missingWeights, personCounts } from './person-counts.ts'
import { countsAt } from './scan.ts'
import { packRecord } from './testing/memory-store.ts'
import { randomGenotypes, uniform } from './testing/random-genotypes.ts'

// Plain twins of the kernels.
const count = (genotypes: Int8Array, people: (s: number) => boolean, value: number): number =>
  genotypes.reduce((sum, g, s) => sum + (people(s) && g === value ? 1 : 0), 0)

const shapes = [1, 63, 64, 65, 130, 265].map((n) => ({ n }))

describe.each(shapes)('$n people', ({ n }) => {
  const random = uniform(n)
  const variants = [
    ...Array.from({ length: 300 }, () => randomGenotypes(random, n, random(), random() < 0.5 ? 0 : random())),
    new Int8Array(n).fill(-1),
    new Int8Array(n).fill(0),
    new Int8Array(n).fill(1),
    new Int8Array(n).fill(2),
  ]
  const words = Math.ceil(n / 64)
  const records = Buffer.concat(variants.map(packRecord))
  const inRecords = <T>(work: (at: number) => T): T => {
    const k = kernels()
    return k.scope(() => work(k.put(records)))
  }

  test('counts of a variant over a mask', () => {
    const mask = new Uint8Array(8 * words)
    const chosen = Array.from({ length: n }, () => random() < 0.7)
    chosen.forEach((yes, s) => {
      if (yes) mask[s >> 3] |= 1 << (s & 7)
    })
    const counts = inRecords((at) => countsAt(at, variants.length, words, mask))
    const expected = variants.flatMap((g) => [0, 1, 2, -1].map((value) => count(g, (s) => chosen[s], value)))
    expect([...counts]).toEqual(expected)
  })

  test('heterozygous and missing calls of a person', () => {
    const index = Int32Array.from(variants.keys()).filter(() => random() < 0.9)
    const { used, heterozygous, missing } = inRecords((at) => personCounts(at, index, words))
    expect(used).toBe(index.length)
    for (let s = 0; s < 64 * words; s++) {
      const calls = [...index].map((v) => variants[v][s])
      expect(heterozygous[s]).toBe(calls.filter((g) => g === 1).length)
      expect(missing[s]).toBe(calls.filter((g) => g === -1).length)
    }
  })

  test('weights of missing calls are summed in the order of the variants', () => {
    const index = Int32Array.from(variants.keys())
    const weights = Float64Array.from(index, () => random())
    const sums = inRecords((at) => missingWeights(at, index, weights, words))
    for (let s = 0; s < n; s++)
      expect(sums[s]).toBe(variants.reduce((sum, g, v) => (g[s] === -1 ? sum + weights[v] : sum), 0))
  })
})

test('vertical counters carry up to 65,535 and beyond in pieces', () => {
  const record = packRecord([1, -1, 0, 2])
  const k = kernels()
  const counts = k.scope(() => personCounts(k.put(record), new Int32Array(70_000), 1))
  expect([...counts.heterozygous.subarray(0, 5)]).toEqual([70_000, 0, 0, 0, 0])
  expect([...counts.missing.subarray(0, 5)]).toEqual([0, 70_000, 0, 0, 0])
})
