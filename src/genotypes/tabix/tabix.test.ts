import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { host, numbers, packed, randomCohort, scratchFolder } from '../testing/cohort.ts'
import { encodeVcfChunk, VcfFileWriter } from '../vcf/write.ts'
import { binOf, binOverlaps, tbiBinning } from './bins.ts'
import { TabixBuilder } from './build.ts'
import { parseIndex, queryIndex, readIndex } from './read.ts'
import { regionLines } from './region.ts'

const folder = scratchFolder()

test('a bin holds its interval, and every interval that overlaps finds it', () => {
  const interval = fc.tuple(fc.nat(2 ** 29 - 2), fc.oneof(fc.constant(1), fc.nat(50), fc.nat(10_000_000)))
  fc.assert(
    fc.property(interval, interval, ([a, aLength], [b, bLength]) => {
      const aEnd = Math.min(2 ** 29, a + 1 + aLength)
      const bEnd = Math.min(2 ** 29, b + 1 + bLength)
      const bin = binOf(a, aEnd, tbiBinning)
      expect(binOverlaps(bin, a, a + 1, tbiBinning)).toBe(true)
      expect(binOverlaps(bin, aEnd - 1, aEnd, tbiBinning)).toBe(true)
      if (a < bEnd && b < aEnd) expect(binOverlaps(bin, b, bEnd, tbiBinning)).toBe(true)
    }),
    { numRuns: 2000 },
  )
  // Worked example of the specification's reg2bin: the first bin of each level.
  expect([0, 1, 9, 73, 585, 4681]).toEqual([
    binOf(0, 2 ** 29, tbiBinning),
    binOf(0, 2 ** 26, tbiBinning),
    binOf(0, 2 ** 23, tbiBinning),
    binOf(0, 2 ** 20, tbiBinning),
    binOf(0, 2 ** 17, tbiBinning),
    binOf(0, 2 ** 14, tbiBinning),
  ])
})

test('every region of a written file is found through its index', async () => {
  const people = 40
  const cohort = randomCohort(21, people, 3000)
  const path = join(folder, 'a.vcf.gz')
  const writer = new VcfFileWriter(host, path, {
    build: 'GRCh38',
    samples: cohort.samples,
    contigs: [{ name: '1', length: 248956422 }],
  })
  const { keys } = cohort
  for (let from = 0; from < 3000; from += 1000) {
    const to = from + 1000
    const part = {
      chromosome: keys.chromosome.slice(from, to),
      position: keys.position.slice(from, to),
      ref: keys.ref.slice(from, to),
      alt: keys.alt.slice(from, to),
      rsid: keys.rsid.slice(from, to),
    }
    await writer.append(await encodeVcfChunk(part, packed(cohort.codes.slice(from, to), people), people, host))
  }
  await writer.commit()
  const index = await readIndex(host, `${path}.tbi`)
  expect(index.names).toEqual(['1', '2', '10', 'X'])
  const random = numbers(8)
  for (let k = 0; k < 60; k++) {
    const chromosome = ['1', '2', '10', 'X', '7'][k % 5]
    const start = 1 + Math.floor(random() * 1_200_000)
    const end = start + Math.floor(random() ** 3 * 500_000)
    const expected = keys.chromosome.flatMap((name, v) => {
      const last = keys.position[v] + keys.ref[v].length - 1
      return name === chromosome && keys.position[v] <= end && last >= start ? [`${name}:${keys.position[v]}`] : []
    })
    const found: string[] = []
    for await (const line of regionLines(host, path, index, { chromosome, start, end }))
      found.push(line.split('\t', 2).join(':'))
    expect(found).toEqual(expected)
  }
})

test('a CSI index with other windows is read', () => {
  // One reference, windows of 2^10, depth 2: bins 0; 1..8; 9..72.
  const name = new TextEncoder().encode('chr1\0')
  const bytes = new Uint8Array(16 + 28 + name.length + 4 + 4 + 2 * 32)
  const view = new DataView(bytes.buffer)
  bytes.set([0x43, 0x53, 0x49, 1])
  const ints = [10, 2, 28 + name.length, 2, 1, 2, 0, 35, 0, name.length]
  for (const [k, value] of ints.entries()) view.setInt32(4 + 4 * k, value, true)
  bytes.set(name, 44)
  let at = 44 + name.length
  view.setInt32(at, 1, true)
  view.setInt32(at + 4, 2, true)
  at += 8
  for (const [bin, block] of [
    [9, 100],
    [11, 500],
  ]) {
    view.setUint32(at, bin, true)
    view.setBigUint64(at + 4, BigInt(block) << 16n, true)
    view.setInt32(at + 12, 1, true)
    view.setBigUint64(at + 16, BigInt(block) << 16n, true)
    view.setBigUint64(at + 24, BigInt(block + 50) << 16n, true)
    at += 32
  }
  const index = parseIndex(bytes, 'x.csi')
  expect(queryIndex(index, 'chr1', 0, 10)).toEqual([
    { start: { block: 100, within: 0 }, end: { block: 150, within: 0 } },
  ])
  expect(queryIndex(index, 'chr1', 2048, 2049)).toEqual([
    { start: { block: 500, within: 0 }, end: { block: 550, within: 0 } },
  ])
  expect(queryIndex(index, 'chr1', 1024, 2048)).toEqual([])
  expect(queryIndex(index, 'chr2', 0, 10)).toEqual([])
})

test('an index cut or changed anywhere is refused or read, never more', () => {
  const builder = new TabixBuilder()
  for (let k = 0; k < 50; k++)
    builder.add(
      k < 30 ? '1' : '2',
      k * 9000,
      k * 9000 + 3,
      { block: k * 100, within: k },
      { block: k * 100, within: k + 1 },
    )
  const bytes = builder.encode()
  expect(parseIndex(bytes, 'x').names).toEqual(['1', '2'])
  // The last eight bytes, a count of records without place, are optional.
  for (let length = 0; length < bytes.length - 8; length++)
    expect(() => parseIndex(bytes.slice(0, length), 'x')).toThrow('index')
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
      const changed = bytes.slice()
      changed[at] = value
      try {
        queryIndex(parseIndex(changed, 'x'), '1', 0, 100_000)
      } catch (error) {
        if (!isUpturnError(error, 'FormatInvalid')) throw error
      }
    }),
    { numRuns: 1000 },
  )
})

test('unsorted records are refused', () => {
  const at = { block: 0, within: 0 }
  const builder = new TabixBuilder()
  builder.add('1', 10, 11, at, at)
  expect(() => builder.add('1', 9, 10, at, at)).toThrow('sorted')
  builder.add('2', 9, 10, at, at)
  expect(() => builder.add('1', 20, 21, at, at)).toThrow('together')
})
