import { describe, expect, it } from 'vitest'
import { RandomStream } from '../numerics/index.ts'
import { exp } from '../numerics/special.ts'
import { DistinctDigests, TaroneCount } from './accounting.ts'

describe('distinct digests', () => {
  it('are counted exactly, zero included, while they fit', () => {
    const random = new RandomStream(1, 'test/digests')
    const set = new DistinctDigests()
    const seen = new Set<string>()
    for (let i = 0; i < 20_000; i++) {
      const [low, high] = [random.integer(120), random.integer(120)]
      expect(set.add(low, high)).toBe(!seen.has(`${low} ${high}`))
      seen.add(`${low} ${high}`)
    }
    expect(set.count).toBe(seen.size)
  })

  it('are found part by part in bounded memory beyond', () => {
    const random = new RandomStream(2, 'test/digests')
    const pool = Array.from({ length: 24_000 }, () => [random.uint32(), random.uint32()] as const)
    pool.push([0, 0], [0, 2 ** 31 - 1], [2 ** 31, 0])
    const digests = Array.from({ length: 40_000 }, () => pool[random.integer(pool.length)])
    const seen = new Set<string>()
    const expected = digests.map(([low, high]) => seen.size < seen.add(`${low} ${high}`).size)

    const first = new DistinctDigests(4096)
    const found = digests.map(([low, high]) => first.add(low, high) === true)
    expect(first.parts).toBe(8)
    let count = first.count
    expect(count).toBeLessThanOrEqual(4096)
    for (let part = 1; part < first.parts; part++) {
      const other = first.other(part)
      for (const [i, [low, high]] of digests.entries()) {
        const isNew = other.add(low, high)
        if (isNew === undefined) continue
        // What the first pass said before it came to its limit still holds.
        if (found[i] && !isNew) throw new Error(`digest ${i} was new and then was not`)
        found[i] = isNew
      }
      count += other.count
    }
    expect(found).toEqual(expected)
    expect(count).toBe(seen.size)
  })
})

describe("Tarone's count", () => {
  it('is the smallest k with no more than k variants that could reach alpha / k', () => {
    const random = new RandomStream(3, 'test/tarone')
    for (let round = 0; round < 30; round++) {
      const logs = Array.from({ length: 1 + random.integer(80) }, () => -random.integer(12) * random.uniform())
      const count = new TaroneCount(0.05, exp, logs.length + (round % 2) * 5000)
      for (const l of logs) count.add(l)
      let k = 1
      while (logs.filter((l) => Math.exp(l) <= (0.05 / k) * (1 + 1e-12)).length > k) k++
      expect(count.tests).toBe(k)
    }
  })

  it('is one when nothing could be significant', () => {
    const count = new TaroneCount(0.05, exp, 9)
    for (let i = 0; i < 9; i++) count.add(Math.log(0.2))
    expect(count.tests).toBe(1)
  })
})
