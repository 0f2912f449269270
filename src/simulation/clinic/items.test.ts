import { expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { drawLoads, itemsOfTotal } from './items.ts'

it('are whole numbers from 0 to 4 that sum to every total, and do not jump up as the total falls', () => {
  for (const [seed, site] of [
    [1, 'bulbar'],
    [2, 'limb'],
    [3, 'limb'],
  ] as const) {
    const loads = drawLoads(new RandomStream(seed, 'test/loads'), site)
    let before = itemsOfTotal(48, loads)
    for (let total = 48; total >= 0; total--) {
      const items = itemsOfTotal(total, loads)
      expect(items).toHaveLength(12)
      expect(items.every((item) => Number.isInteger(item) && item >= 0 && item <= 4)).toBe(true)
      expect(items.reduce((sum, item) => sum + item, 0)).toBe(total)
      for (const [i, item] of items.entries()) expect(item - before[i]).toBeLessThanOrEqual(1)
      before = items
    }
  }
})

it('are lost where the disease began', () => {
  const mean = (site: 'bulbar' | 'limb', items: number[]) => {
    let sum = 0
    for (let seed = 0; seed < 50; seed++) {
      const scores = itemsOfTotal(36, drawLoads(new RandomStream(seed, 'test/loads'), site))
      for (const item of items) sum += scores[item] / (50 * items.length)
    }
    return sum
  }
  expect(mean('bulbar', [0, 1, 2])).toBeLessThan(mean('limb', [0, 1, 2]) - 1)
  expect(mean('limb', [7, 8])).toBeLessThan(mean('bulbar', [7, 8]) - 0.7)
})

it('survives loads of zero', () => {
  expect(itemsOfTotal(40, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]).reduce((a, b) => a + b, 0)).toBe(40)
})
