import { expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { countBits } from './bits.ts'
import { missingCalls, personMultipliers } from './missing.ts'

it('marks about the asked share, more often in some people, and both planes alike', () => {
  const samples = 200
  const multipliers = personMultipliers(1, 0, samples)
  const mark = missingCalls(new RandomStream(1, 'test/missing'), 0.01, multipliers)
  const byPerson = new Float64Array(samples)
  let sum = 0
  const variants = 4000
  let most = 0
  for (let v = 0; v < variants; v++) {
    const record = new Uint8Array(64)
    mark(record, 32)
    expect(record.subarray(0, 32)).toEqual(record.subarray(32))
    const count = countBits(record.subarray(0, 32))
    sum += count
    most = Math.max(most, count)
    for (let s = 0; s < samples; s++) byPerson[s] += (record[s >> 3] >> (s & 7)) & 1
  }
  const mean = multipliers.reduce((a, b) => a + b, 0) / samples
  expect(Math.abs(sum / (variants * samples) / (0.01 * mean) - 1)).toBeLessThan(0.06)
  // an exponential rate by variant: the worst of 4,000 misses several times the mean
  expect(most).toBeGreaterThan(8)
  const order = [...multipliers.keys()].sort((a, b) => multipliers[a] - multipliers[b])
  const part = (people: number[]) => people.reduce((total, s) => total + byPerson[s], 0)
  expect(part(order.slice(-50))).toBeGreaterThan(3 * part(order.slice(0, 50)))
})

it('marks nothing at rate zero', () => {
  const record = new Uint8Array(64)
  missingCalls(new RandomStream(1, 'test/missing'), 0, personMultipliers(1, 0, 10))(record, 32)
  expect(countBits(record)).toBe(0)
})
