import { expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { bitAt, copyBits, countBits } from './bits.ts'

it('copies any run of bits as one bit at a time would', () => {
  const random = new RandomStream(2, 'test/bits')
  const from = Uint32Array.from({ length: 8 }, () => random.uint32())
  const bytes = new Uint8Array(from.buffer)
  for (const first of [0, 1, 31, 32, 33, 63, 64, 100])
    for (const count of [1, 31, 32, 33, 64, 65, 127]) {
      const into = new Uint32Array(6).fill(0xffffffff)
      copyBits(from, first, count, into)
      const out = new Uint8Array(into.buffer)
      for (let bit = 0; bit < 192; bit++) expect(bitAt(out, bit)).toBe(bit < count ? bitAt(bytes, first + bit) : 0)
    }
  expect(countBits(Uint8Array.of(0, 1, 3, 255))).toBe(11)
})
