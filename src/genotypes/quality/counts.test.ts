import { describe, expect, test } from 'vitest'
import { kernels } from '../../numerics/kernels.ts'
import { commonVariants } from './heterozygosity.ts'
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

test('common variants are those that a plain look at each finds', () => {
  const random = uniform(5)
  for (const n of [0, 1, 20, 265])
    for (const [maf, variantCallRate] of [
      [0, 0],
      [0.05, 0.95],
      [0.5, 1],
    ]) {
      const rows = Array.from({ length: 400 }, () => {
        const missing = random() < 0.5 ? 0 : Math.floor(random() * 0.2 * (n + 1))
        const het = random() < 0.2 ? 0 : Math.floor(random() * (n - missing + 1))
        const alt = random() < 0.3 ? 0 : Math.floor(random() * (n - missing - het + 1))
        return [n - missing - het - alt, het, alt, missing]
      })
      const places = Int32Array.from(rows.keys()).filter(() => random() < 0.9)
      const common = commonVariants(Int32Array.from(rows.flat()), places, { n, maf, variantCallRate })
      const alleles = (v: number) => 2 * (rows[v][0] + rows[v][1] + rows[v][2])
      const copies = (v: number) => rows[v][1] + 2 * rows[v][2]
      const isCommon = (v: number) => {
        const rarer = Math.min(copies(v), alleles(v) - copies(v))
        return rarer > 0 && rarer >= maf * alleles(v) && alleles(v) >= 2 * variantCallRate * n
      }
      const weights = [...places]
        .filter(isCommon)
        .map((v) => (2 * copies(v) * (alleles(v) - copies(v))) / (alleles(v) * alleles(v)))
      expect([...common.places]).toEqual([...places].filter(isCommon))
      expect([...common.others]).toEqual([...places].filter((v) => !isCommon(v)))
      expect([...common.weights]).toEqual(weights)
      expect(common.expected).toBe(weights.reduce((sum, weight) => sum + weight, 0))
    }
})
