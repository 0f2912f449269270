import { expect, it } from 'vitest'
import { labelBlocks } from './blocks.ts'

it('lays label sets out by person, and marks the sets that exist', () => {
  const planes = new Uint8Array(16)
  // People 0 and 63 of the first set, 5 of the second.
  planes[0] = 1
  planes[7] = 128
  planes[8] = 32
  const blocks = labelBlocks(planes, 1)
  const expected = new Uint8Array(16 * 66)
  expected[0] = 1
  expected[16 * 63] = 1
  expected[16 * 5] = 2
  expected[16 * 65] = 3
  expect(Array.from(blocks)).toEqual(Array.from(expected))
  expect(labelBlocks(new Uint8Array(0), 3).length).toBe(0)
})
