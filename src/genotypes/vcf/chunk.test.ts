import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { endOfFileBlock } from '../bgzf/block.ts'
import { compressBlocks } from '../bgzf/write.ts'
import { concatenate, type VariantBatch } from '../import/batch.ts'
import { host, packed, randomCohort, scratchFolder, vcfText, workshop, writeBgzf } from '../testing/cohort.ts'
import { planVcfChunks, type VcfSetup, vcfChunkTask } from './chunk.ts'
import { readVcfStart } from './source.ts'
import { scanOptions } from './testing/options.ts'

const folder = scratchFolder()
const signal = new AbortController().signal

async function readInChunks(path: string, bytes: number) {
  const source = await host.open(path)
  const start = await readVcfStart(host, source, signal)
  const people = start.header.samples.length
  const setup: VcfSetup = { path, kind: start.kind, options: scanOptions(people) }
  const chunks = planVcfChunks(source.size, start, bytes)
  await source.close()
  const batches: VariantBatch[] = []
  let feeds = start.header.lines
  const failures: { line: number; message: string }[] = []
  let nextBlock = start.records.byte
  for await (const result of workshop().run(vcfChunkTask, setup, chunks)) {
    const chunk = chunks[batches.length]
    if (start.kind === 'bgzf') {
      expect(result.firstBlock).toBe(nextBlock < chunk.end ? nextBlock : -1)
      if (result.firstBlock >= 0) nextBlock = result.nextBlock
    }
    if (result.failure !== null)
      failures.push({
        line: feeds + (chunk.within < 0 ? 1 : 0) + result.failure.line + 1,
        message: result.failure.message,
      })
    feeds += result.feeds
    batches.push(result.batch)
  }
  return { whole: concatenate(batches), feeds, failures, chunks: chunks.length }
}

const cohort = randomCohort(3, 9, 400)
const text = vcfText(cohort)

test('plain text: no line is lost or doubled wherever it is cut', async () => {
  const path = join(folder, 'plain.vcf')
  writeFileSync(path, text)
  const short = randomCohort(3, 9, 30)
  for (const bytes of [1, 7, 50, 301, 5000, 1 << 20]) {
    const expected = bytes < 50 ? short : cohort
    writeFileSync(path, vcfText(expected))
    const { whole, feeds, chunks } = await readInChunks(path, bytes)
    expect(Buffer.from(whole.genotypes).equals(packed(expected.codes, 9))).toBe(true)
    expect(feeds).toBe(3 + expected.codes.length)
    if (bytes < 5000) expect(chunks).toBeGreaterThan(5)
  }
})

test('BGZF: blocks of any size, chunks that begin anywhere', async () => {
  const path = join(folder, 'blocks.vcf.gz')
  const bytes = new TextEncoder().encode(text)
  for (const perBlock of [37, 211, 4000]) {
    const parts: Uint8Array[] = []
    for (let at = 0; at < bytes.length; at += perBlock)
      parts.push((await compressBlocks(host, bytes.subarray(at, at + perBlock))).bytes)
    // An empty block in the middle is allowed.
    parts.splice(2, 0, endOfFileBlock)
    writeFileSync(path, Buffer.concat([...parts, endOfFileBlock]))
    for (const chunkBytes of [64 << 10, 1000, 61]) {
      const { whole, feeds } = await readInChunks(path, chunkBytes)
      expect(Buffer.from(whole.genotypes).equals(packed(cohort.codes, 9))).toBe(true)
      expect(feeds).toBe(403)
    }
  }
})

test('a mistake is found in its line whichever chunk holds it', async () => {
  const lines = text.split('\n')
  for (const wrong of [4, 5, 200, 403]) {
    const broken = lines.with(wrong - 1, lines[wrong - 1].replace('\tGT\t', '\tGT\t9'))
    const plain = join(folder, 'wrong.vcf')
    const bgzf = join(folder, 'wrong.vcf.gz')
    writeFileSync(plain, broken.join('\n'))
    await writeBgzf(bgzf, broken.join('\n'))
    for (const path of [plain, bgzf])
      for (const bytes of [97, 3001, 1 << 20]) {
        const { failures } = await readInChunks(path, bytes)
        expect(failures).toEqual([{ line: wrong, message: expect.stringContaining('genotype') }])
      }
  }
})

test('a file cut anywhere is refused or read in full, never in part', async () => {
  const path = join(folder, 'cut.vcf.gz')
  await writeBgzf(path, text)
  const whole = readFileSync(path)
  for (let length = 1; length < whole.length; length += 97) {
    writeFileSync(path, whole.subarray(0, length))
    const error = await readInChunks(path, 4096).catch((caught: unknown) => caught)
    if (!isUpturnError(error)) throw error
    expect(['FileTruncated', 'FileDamaged', 'FormatInvalid']).toContain(error.code)
    if (length > 100) {
      expect(error.code).toBe('FileTruncated')
      expect(error.details.byte).toBe(length)
    }
  }
})
