import { expect, it } from 'vitest'
import { largestOn } from './largest.ts'

it('finds the top of a parabola, and keeps to the grid where there is none', () => {
  const { at, value } = largestOn([0, 1, 2, 3], (x) => 5 - (x - 1.3) * (x - 1.3))
  expect(at).toBeCloseTo(1.3, 12)
  expect(value).toBeCloseTo(5, 12)
  expect(largestOn([0, 1, 2], (x) => x)).toEqual({ at: 2, value: 2 })
  expect(largestOn([0, 1, 2], (x) => (x === 1 ? 3 : Number.NEGATIVE_INFINITY))).toEqual({ at: 1, value: 3 })
  expect(largestOn([0, 1, 2], () => 4)).toEqual({ at: 0, value: 4 })
})
