// The kernel that inflates blocks, held against zlib.
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { host, numbers } from '../testing/cohort.ts'
import { BlockInflater, blockHeader, blockSlack, endOfFileBlock, maximumBlockBytes } from './block.ts'
import { compressBlocks } from './write.ts'

/** Inflates to `size` bytes, and checks that nothing beyond the room it asks for is written. */
function inflated(data: Uint8Array, size: number): Uint8Array | undefined {
  const k = kernels()
  return k.scope(() => {
    const input = k.allocate(data.length + 16)
    const output = k.allocate(size + blockSlack + 64)
    const scratchBytes = k.call.inflateScratchBytes()
    const scratch = k.allocate(scratchBytes + 64)
    k.u8(input, data.length).set(data)
    k.u8(output + size + blockSlack, 64).fill(0xa5)
    k.u8(scratch + scratchBytes, 64).fill(0xa5)
    const length = k.call.inflateRaw(input, data.length, output, size, scratch)
    for (const end of [output + size + blockSlack, scratch + scratchBytes])
      expect(k.u8(end, 64).every((byte) => byte === 0xa5)).toBe(true)
    expect(length).toBeLessThanOrEqual(size)
    return length < 0 ? undefined : k.u8(output, length).slice()
  })
}

const strategies = [
  constants.Z_DEFAULT_STRATEGY,
  constants.Z_FILTERED,
  constants.Z_HUFFMAN_ONLY,
  constants.Z_RLE,
  constants.Z_FIXED,
]

function texts(random: () => number, t: number): Uint8Array {
  const n = Math.floor(random() ** 3 * 70_000)
  const k = 1 + Math.floor(random() * 255)
  const kinds = [
    () => random() * 256,
    () => random() * k,
    (i: number) => (i * k) & 255,
    () => 48 + random() ** 4 * 10,
    () => (random() < 0.99 ? 7 : random() * 256),
  ]
  return Uint8Array.from({ length: n }, (_, i) => kinds[t % kinds.length](i))
}

test('every stream of zlib comes back, whatever its level, strategy and kinds of blocks', () => {
  const random = numbers(5)
  for (let t = 0; t < 400; t++) {
    const text = texts(random, t)
    const data = deflateRawSync(text, { level: t % 10, strategy: strategies[(t >> 3) % 5], memLevel: 1 + (t % 9) })
    const found = inflated(data, text.length)
    expect(found !== undefined && Buffer.compare(found, text) === 0, `text ${t}`).toBe(true)
    if (text.length > 0) expect(inflated(data, text.length - 1)).toBeUndefined()
    const longer = inflated(data, text.length + 5)
    expect(longer?.length).toBe(text.length)
  }
})

test('a damaged stream gives what zlib makes of it, or nothing', () => {
  const random = numbers(6)
  let refused = 0
  for (let t = 0; t < 1500; t++) {
    const text = texts(random, t).subarray(0, 6000)
    const data = deflateRawSync(text, { level: 1 + (t % 9), strategy: strategies[(t >> 3) % 5] })
    const damaged = Uint8Array.from(data)
    if (t % 3 === 0) damaged[Math.floor(random() * damaged.length)] = random() * 256
    else damaged[Math.floor(random() * damaged.length)] ^= 1 << Math.floor(random() * 8)
    const cut = t % 5 === 0 ? damaged.subarray(0, random() * damaged.length) : damaged
    const found = inflated(cut, 8000)
    let expected: Uint8Array | undefined
    try {
      expected = inflateRawSync(cut, { maxOutputLength: 8000 })
    } catch {
      expected = undefined
    }
    if (found === undefined) refused++
    else expect(expected !== undefined && Buffer.compare(found, expected) === 0, `text ${t}`).toBe(true)
    // zlib stops at the end of the stream; here nothing may follow it.
    if (expected === undefined) expect(found).toBeUndefined()
  }
  expect(refused).toBeGreaterThan(300)
})

/** A raw stream by zlib: undefined where it fails, or leaves bytes over. */
function zlibInflated(data: Uint8Array, most: number): Uint8Array | undefined {
  try {
    const { buffer, engine } = inflateRawSync(data, { info: true, maxOutputLength: Math.max(1, most) }) as unknown as {
      buffer: Buffer
      engine: { bytesWritten: number }
    }
    return engine.bytesWritten === data.length && buffer.length <= most ? Uint8Array.from(buffer) : undefined
  } catch {
    return undefined
  }
}

test('short changed streams and random bytes are read or refused exactly as zlib does', () => {
  const random = numbers(7)
  let read = 0
  let refused = 0
  for (let t = 0; t < 8000; t++) {
    const size = Math.floor(random() * (t % 2 === 0 ? 60 : 2000))
    const text = Uint8Array.from({ length: size }, (_, i) => (random() < 0.3 ? random() * (1 + (t % 255)) : i >> 4))
    let data = Uint8Array.from(deflateRawSync(text, { level: t % 10, strategy: strategies[(t >> 3) % 5] }))
    if (t % 4 === 3) {
      data = Uint8Array.from({ length: 1 + Math.floor(random() * 200) }, () => random() * 256)
      // A last block with codes of its own.
      data[0] = (data[0] & 0xf8) | 5
    } else
      for (let changes = t % 3; changes >= 0; changes--)
        data[Math.floor(random() * (t % 5 === 0 ? Math.min(12, data.length) : data.length))] ^= random() * 256
    const expected = zlibInflated(data, 3000)
    const found = inflated(data, 3000)
    expect(found === undefined ? undefined : Buffer.from(found), `stream ${t}`).toEqual(
      expected === undefined ? undefined : Buffer.from(expected),
    )
    if (expected === undefined) refused++
    else read++
  }
  expect(read).toBeGreaterThan(300)
  expect(refused).toBeGreaterThan(300)
})

test('a block is refused by its size, its checksum and its data', async () => {
  const text = new TextEncoder().encode('1\t5\t.\tA\tC\n'.repeat(900))
  const { bytes } = await compressBlocks(host, text)
  const k = kernels()
  const read = (block: Uint8Array) =>
    k.scope(() => {
      const inflater = new BlockInflater(k, host, 'a.vcf.gz')
      const at = k.allocate(maximumBlockBytes + blockSlack)
      const header = blockHeader(block)
      if (header === undefined) throw new Error('no header')
      return k.u8(at, inflater.inflate(block, 0, header, 77, at)).slice()
    })
  expect(Buffer.compare(read(bytes), text)).toBe(0)
  expect(read(endOfFileBlock).length).toBe(0)
  const changed = (at: number) => {
    const block = Uint8Array.from(bytes)
    block[at < 0 ? block.length + at : at] ^= 1
    return block
  }
  for (const [at, message] of [
    [-8, 'checksum'],
    [-4, 'of text where it declares|cannot be decompressed'],
    [-2, 'more than a block may hold'],
    [19, 'cannot be decompressed|checksum'],
  ] as const) {
    let caught: unknown
    try {
      read(changed(at))
    } catch (error) {
      caught = error
    }
    if (!isUpturnError(caught, 'FileDamaged')) throw caught
    expect(caught.message).toMatch(new RegExp(message))
    expect(caught.message).toContain('byte 77')
  }
})
