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

  it('are estimated in bounded memory beyond, whatever their order', () => {
    const random = new RandomStream(2, 'test/digests')
    const digests = Array.from({ length: 60_000 }, () => [random.uint32(), random.uint32()] as const)
    const forward = new DistinctDigests(4096)
    const backward = new DistinctDigests(4096)
    for (const [low, high] of digests) forward.add(low, high)
    for (const [low, high] of [...digests].reverse()) backward.add(low, high)
    expect(forward.count).toBe(backward.count)
    // At least 2048 are held: a standard error of about 2%.
    expect(Math.abs(forward.count / 60_000 - 1)).toBeLessThan(0.08)
  })
})

describe("Tarone's count", () => {
  it('is the smallest k with no more than k variants that could reach alpha / k', () => {
    const random = new RandomStream(3, 'test/tarone')
    for (let round = 0; round < 30; round++) {
      const logs = Array.from({ length: 1 + random.integer(80) }, () => -random.integer(12) * random.uniform())
      const count = new TaroneCount(0.05, exp)
      for (const l of logs) count.add(l)
      let k = 1
      while (logs.filter((l) => Math.exp(l) <= (0.05 / k) * (1 + 1e-12)).length > k) k++
      expect(count.tests).toBe(k)
    }
  })

  it('is one when nothing could be significant', () => {
    const count = new TaroneCount(0.05, exp)
    for (let i = 0; i < 9; i++) count.add(Math.log(0.2))
    expect(count.tests).toBe(1)
  })
})
