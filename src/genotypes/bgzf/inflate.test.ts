import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, deflateRawSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { host, numbers, scratchFolder } from '../testing/cohort.ts'
import { inflateGzip } from './gzip.ts'
import { Inflater } from './inflate.ts'

const folder = scratchFolder()

/** Feeds a stream in pieces of a given size. */
function inflated(data: Uint8Array, step: number): Buffer {
  const inflater = new Inflater()
  const parts: Uint8Array[] = []
  let at = 0
  while (!inflater.ended) {
    const piece = inflater.pull()
    if (piece !== undefined) parts.push(piece)
    else if (!inflater.ended) {
      inflater.push(data.subarray(at, at + step), at + step >= data.length)
      at += step
    }
  }
  return Buffer.concat(parts)
}

test('equals zlib at every level and strategy, whatever pieces it comes in', () => {
  const random = numbers(11)
  const texts = [
    new Uint8Array(0),
    Uint8Array.of(7),
    new Uint8Array(1_200_000),
    Uint8Array.from({ length: 300_000 }, () => random() * 256),
    Uint8Array.from({ length: 700_000 }, () => 48 + random() * random() * 9),
  ]
  for (const text of texts)
    for (const options of [
      { level: 0 },
      { level: 1 },
      { level: 9 },
      { strategy: constants.Z_FIXED },
      { strategy: constants.Z_HUFFMAN_ONLY },
    ]) {
      const data = deflateRawSync(text, options)
      for (const step of [3001, 1 << 20]) expect(inflated(data, step).equals(text)).toBe(true)
    }
})

async function gunzipped(bytes: Uint8Array): Promise<Buffer> {
  const path = join(folder, 'x.gz')
  writeFileSync(path, bytes)
  const source = await host.open(path)
  try {
    const parts: Uint8Array[] = []
    for await (const piece of inflateGzip(source)) parts.push(piece)
    return Buffer.concat(parts)
  } finally {
    await source.close()
  }
}

test('members follow each other, with names and padding', async () => {
  const named = Buffer.from(gzipSync('world'))
  const withName = Buffer.concat([
    named.subarray(0, 3),
    Buffer.from([8]),
    named.subarray(4, 10),
    Buffer.from('a.txt\0'),
    named.subarray(10),
  ])
  expect((await gunzipped(Buffer.concat([gzipSync('hello '), withName, Buffer.alloc(512)]))).toString()).toBe(
    'hello world',
  )
})

test('a file cut anywhere or changed anywhere is refused, or reads the same', async () => {
  const random = numbers(4)
  const text = Buffer.from(Uint8Array.from({ length: 3000 }, () => 48 + random() * 5))
  const whole = gzipSync(text)
  for (let length = 1; length < whole.length; length += 13) {
    const error = await gunzipped(whole.subarray(0, length)).catch((caught: unknown) => caught)
    if (!isUpturnError(error, 'FileTruncated')) throw error
    expect(error.message).toContain(`byte ${length}`)
  }
  for (let at = 0; at < whole.length; at += 3) {
    const changed = Buffer.from(whole)
    changed[at] ^= 1 << (at % 8)
    const result = await gunzipped(changed).catch((caught: unknown) => caught)
    if (!isUpturnError(result)) expect((result as Buffer).equals(text)).toBe(true)
  }
})

test('any bytes end in bounded time', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (bytes) => {
      try {
        expect(inflated(bytes, 4096).length).toBeLessThan(600_000)
      } catch (error) {
        if (!isUpturnError(error, 'FileDamaged')) throw error
      }
    }),
    { numRuns: 3000 },
  )
})
