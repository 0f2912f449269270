import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { host, numbers, scratchFolder, writeBgzf } from '../testing/cohort.ts'
import { bgzfPieces, textKind } from '../vcf/source.ts'
import { blockHeader, endOfFileBlock, inflateBlock } from './block.ts'
import { findBlock } from './find.ts'
import { compareVirtual, readVirtual, writeVirtual } from './virtual.ts'
import { compressBlocks, textBytesPerBlock } from './write.ts'

const folder = scratchFolder()

test('what is written is read by gunzip and by the block reader', async () => {
  for (const length of [0, 1, textBytesPerBlock, textBytesPerBlock + 1, 200_000]) {
    const random = numbers(length)
    // Half of it does not compress at all, so blocks come out larger than their text.
    const text = Uint8Array.from({ length }, (_, k) => (k % 130_000 < 65_000 ? random() * 256 : 65))
    const { bytes, blocks } = await compressBlocks(host, text)
    expect(blocks.length).toBe(Math.ceil(length / textBytesPerBlock))
    if (length > 0) expect(gunzipSync(bytes).equals(text)).toBe(true)
    for (const [k, at] of blocks.entries()) {
      const header = blockHeader(bytes, at)
      if (header === undefined) throw new Error('no header')
      const piece = await inflateBlock(host, bytes, at, header, 'x', at)
      expect(Buffer.from(piece).equals(text.subarray(k * textBytesPerBlock, (k + 1) * textBytesPerBlock))).toBe(true)
    }
  }
})

test('the last block is the one that the specification gives', () => {
  expect(gunzipSync(endOfFileBlock).length).toBe(0)
  expect(blockHeader(endOfFileBlock)).toEqual({ blockBytes: 28, dataStart: 18 })
})

test('a changed byte is refused or changes nothing', async () => {
  const text = Uint8Array.from({ length: 3000 }, (_, k) => 65 + ((k * k) % 7))
  const { bytes } = await compressBlocks(host, text)
  for (let at = 0; at < bytes.length; at++)
    for (const flip of [1, 128]) {
      const changed = bytes.slice()
      changed[at] ^= flip
      const header = blockHeader(changed)
      if (header === undefined || header.blockBytes > changed.length) continue
      const result = await inflateBlock(host, changed, 0, header, 'file', 1234).catch((error: unknown) => error)
      if (isUpturnError(result, 'FileDamaged')) expect(result.message).toContain('byte 1234')
      else expect(Buffer.from(result as Uint8Array).equals(text)).toBe(true)
    }
})

test('a block that declares more than 64 KiB is refused before anything is allocated', async () => {
  const bytes = Uint8Array.from(endOfFileBlock)
  bytes.set([0xff, 0xff, 0xff, 0x7f], 24)
  const header = blockHeader(bytes)
  if (header === undefined) throw new Error('no header')
  await expect(inflateBlock(host, bytes, 0, header, 'f', 0)).rejects.toThrow('declares 2147483647 bytes')
})

test('a missing end is told with its byte', async () => {
  const path = join(folder, 'end.gz')
  const { bytes } = await compressBlocks(host, new Uint8Array(100))
  writeFileSync(path, bytes)
  const source = await host.open(path)
  const error = await textKind(source).catch((caught: unknown) => caught)
  if (!isUpturnError(error, 'FileTruncated')) throw error
  expect(error.details.byte).toBe(bytes.length)
  await source.close()
})

test('blocks are found from any byte', async () => {
  const path = join(folder, 'many.gz')
  const random = numbers(5)
  await writeBgzf(
    path,
    Uint8Array.from({ length: 400_000 }, () => 65 + random() * 20),
  )
  const source = await host.open(path)
  const bytes = await source.read(0, source.size)
  const starts: number[] = []
  for await (const { byte } of bgzfPieces(host, source, 0, source.size)) starts.push(byte)
  expect(starts.length).toBe(8)
  for (let from = 0; from < bytes.length; from += 7919) {
    const expected = starts.find((start) => start >= from)
    expect(findBlock(bytes.subarray(from), true)).toBe(expected === undefined ? -1 : expected - from)
  }
  await source.close()
})

test('virtual offsets keep every bit far beyond 4 GB', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(65535), (wide, within) => {
      const block = wide % 2 ** 48
      const view = new DataView(new ArrayBuffer(8))
      writeVirtual(view, 0, { block, within })
      expect(view.getBigUint64(0, true)).toBe((BigInt(block) << 16n) | BigInt(within))
      expect(compareVirtual(readVirtual(view, 0), { block, within })).toBe(0)
    }),
  )
})
