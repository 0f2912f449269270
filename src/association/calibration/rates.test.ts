import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { ReplicateIntervals } from './rates.ts'

describe('limits of a rate whose p is found among shared label sets', () => {
  it('cover the level where limits of the replicates alone do not', () => {
    const random = new RandomStream(3, 'test/rates')
    const [replicates, reference, alpha] = [200, 199, 0.1]
    const intervals = new ReplicateIntervals(replicates, 1, 'test')
    const covered = [0, 0]
    const rounds = 400
    for (let round = 0; round < rounds; round++) {
      const sets = Float64Array.from({ length: reference }, () => random.uniform()).sort()
      // p = (b + 1) / (m + 1) at or below alpha: below the 20th smallest of 199.
      const threshold = sets[Math.round(alpha * (reference + 1)) - 1]
      const rejections = Array.from({ length: replicates }, () => (random.uniform() < threshold ? 1 : 0))
      ;[undefined, reference].forEach((shared, which) => {
        const { low, high } = intervals.rate('all', alpha, 1, rejections, shared)
        if (low <= alpha && alpha <= high) covered[which]++
      })
    }
    expect(covered[0] / rounds).toBeLessThan(0.88)
    expect(covered[1] / rounds).toBeGreaterThan(0.92)
  })

  it('are those of half as many replicates where nothing was rejected and both are as many', () => {
    const none = new Int32Array(100)
    const half = new ReplicateIntervals(50, 1, 'test').rate('all', 0.05, 1, new Int32Array(50))
    expect(new ReplicateIntervals(100, 1, 'test').rate('all', 0.05, 1, none, 100).high).toBe(half.high)
  })
})
