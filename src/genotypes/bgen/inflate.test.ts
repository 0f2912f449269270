import { deflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { numbers } from '../testing/cohort.ts'
import { inflateZlib } from './inflate.ts'

test('a zlib stream must have its header and its checksum', () => {
  const plain = Uint8Array.from({ length: 5000 }, (_, k) => (k * k) >> 5)
  const packed = Uint8Array.from(deflateSync(plain))
  const inflated = (bytes: Uint8Array, size = 5000) => {
    const k = kernels()
    return k.scope(() => {
      const { at, length } = inflateZlib(bytes, size)
      return k.u8(at, length).slice()
    })
  }
  expect(inflated(packed)).toEqual(plain)
  for (const at of [0, 1, packed.length - 4, packed.length - 1, packed.length >> 1]) {
    const broken = packed.slice()
    broken[at] ^= 4
    try {
      inflated(broken)
      expect.unreachable()
    } catch (error) {
      expect(isUpturnError(error, 'FileDamaged'), String(error)).toBe(true)
    }
  }
  expect(() => inflated(packed.subarray(0, 7))).toThrow(/no zlib data/)
  expect(() => inflated(packed, 5001)).toThrow(/5001 bytes declared/)
})

test('Adler-32 is that of zlib', () => {
  const k = kernels()
  const random = numbers(8)
  const lengths = [...Array.from({ length: 80 }, (_, n) => n), 5551, 5552, 5553, 100_003]
  for (const length of lengths)
    for (const bytes of [new Uint8Array(length).fill(255), new Uint8Array(length).map(() => random() * 256)]) {
      const packed = deflateSync(bytes)
      expect(k.scope(() => k.call.adler32(k.put(bytes), length) >>> 0)).toBe(packed.readUInt32BE(packed.length - 4))
    }
})
