import { expect, test } from 'vitest'
import { isUpturnError } from '../errors/index.ts'
import { zstdFrames } from './testing/zstd-frames.ts'
import { inflateZstdFrame, inflateZstdPieces } from './zstd.ts'

const frames = zstdFrames.map(({ text, frame }) => ({
  text,
  frame: Uint8Array.from(Buffer.from(frame.join(''), 'base64')),
}))

async function inflated(bytes: Uint8Array, size: number): Promise<Buffer> {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  const parts: Uint8Array[] = []
  for await (const part of inflateZstdPieces(pieces())) parts.push(part)
  return Buffer.concat(parts)
}

/** A frame without checksum, of blocks: whether compressed, and their bytes. */
function frameOf(...blocks: number[][]): Uint8Array {
  const body = blocks.flatMap((bytes, k) => {
    const head = bytes.length * 8 + 4 + Number(k === blocks.length - 1)
    return [head & 255, (head >> 8) & 255, head >> 16, ...bytes]
  })
  return Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x50, ...body])
}

test('what zstd made comes out as it went in, also in one stream', async () => {
  for (const { text, frame } of frames) expect(Buffer.compare(inflateZstdFrame(frame, text.length), text)).toBe(0)
  const all = Buffer.concat(frames.map(({ frame }) => frame))
  const texts = Buffer.concat(frames.map(({ text }) => text))
  for (const size of [1, 3, 1000, all.length]) expect((await inflated(all, size)).equals(texts)).toBe(true)
})

test('literals of one byte, and offsets that repeat', () => {
  // Five times A, no sequence.
  expect(inflateZstdFrame(frameOf([(5 << 3) | 1, 65, 0]), 5).toString()).toBe('65,65,65,65,65')
  // ABC, then sequences by codes of one symbol: two literals and a match of three from the second last offset, 4, is refused
  // with three bytes there; from the last, 1, it repeats the last byte.
  const literals = [(3 << 3) | 0, 65, 66, 67]
  const sequence = (offset: number) => [...literals, 1, 0b01010100, 2, offset, 0, 0b10]
  expect(String(inflateZstdFrame(frameOf(sequence(0).with(-1, 0b1)), 6))).toBe('65,66,66,66,66,67')
  expect(() => inflateZstdFrame(frameOf(sequence(1)), 6)).toThrow('cannot be inflated')
})

test('Huffman weights by a code of no bits end', () => {
  // The FSE code has one symbol, 0, with all 32 states: reading one takes no bits, and would go on for ever.
  for (const stream of [
    [0xff, 0x80],
    [0x01, 0x04],
    [0xff, 0xff, 0xff],
  ]) {
    const tree = [2 + stream.length, 0xf0, 0x03, ...stream]
    const packed = tree.length + 1
    const block = [0b0010 | (5 << 4), (packed & 3) << 6, packed >> 2, ...tree, 1, 0]
    expect(() => inflateZstdFrame(frameOf(block), 5)).toThrow('cannot be inflated')
  }
})

test('changed frames give bytes or are refused, in bounded time and memory', async () => {
  let state = 1
  const pick = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
  let refused = 0
  for (let round = 0; round < 3000; round++) {
    const { frame, text } = frames[pick(frames.length)]
    const changed = Uint8Array.from(frame)
    for (let k = 0; k <= pick(4); k++)
      changed[pick(10) === 0 ? pick(40) % frame.length : pick(frame.length)] = pick(256)
    for (const work of [async () => inflateZstdFrame(changed, text.length), () => inflated(changed, 4096)])
      try {
        await work()
      } catch (error) {
        if (!isUpturnError(error) || error.code === 'Internal') throw error
        refused++
      }
  }
  expect(refused).toBeGreaterThan(4000)
  // The tables of earlier frames do no harm to a good one.
  for (const { text, frame } of frames) expect(Buffer.compare(inflateZstdFrame(frame, text.length), text)).toBe(0)
})
