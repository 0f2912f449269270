import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { compareVirtual } from '../bgzf/virtual.ts'
import { numbers } from '../testing/cohort.ts'
import { binOf, binOverlaps, tbiBinning } from './bins.ts'
import { IndexBuilder, type IndexForm, tbiForm } from './build.ts'
import { parseIndex, queryIndex, recordPlaces } from './read.ts'

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
  expect(queryIndex(index, 0, 0, 10)).toEqual([{ start: { block: 100, within: 0 }, end: { block: 150, within: 0 } }])
  expect(queryIndex(index, 0, 2048, 2049)).toEqual([
    { start: { block: 500, within: 0 }, end: { block: 550, within: 0 } },
  ])
  expect(queryIndex(index, 0, 1024, 2048)).toEqual([])
  expect(queryIndex(index, 1, 0, 10)).toEqual([])
})

const forms: IndexForm[] = [
  tbiForm,
  { kind: 'csi', binning: { shift: 14, depth: 6 } },
  { kind: 'csi', binning: { shift: 13, depth: 5 }, sequences: ['1', 'empty', '2'] },
]

test('an index finds what lies in a region, in whichever form it is written', () => {
  const random = numbers(4)
  for (const form of forms) {
    const builder = new IndexBuilder(form)
    const records: { name: string; start: number; end: number; place: number }[] = []
    for (const name of ['1', '2'])
      for (let k = 0, start = 0; k < 400; k++) {
        start += Math.floor(random() ** 6 * 400_000)
        const end = start + 1 + Math.floor(random() ** 8 * 300_000)
        records.push({ name, start, end, place: records.length })
      }
    // Ten records a block, each of ten bytes of text.
    const placeOf = (k: number) => ({ block: 1000 * Math.floor(k / 10), within: 10 * (k % 10) })
    for (const { name, start, end, place } of records) builder.add(name, start, end, placeOf(place), placeOf(place + 1))
    const index = parseIndex(builder.encode(), 'x')
    expect(index.names).toEqual(form.sequences === undefined ? ['1', '2'] : null)
    expect(recordPlaces(index).end).toEqual(placeOf(800))
    expect(recordPlaces(index).starts[0]).toEqual(placeOf(0))
    for (let k = 0; k < 300; k++) {
      const sequence = k % 3
      const name = (form.sequences ?? ['1', '2'])[sequence]
      const start = Math.floor(random() * 12_000_000)
      const end = start + 1 + Math.floor(random() ** 4 * 3_000_000)
      const ranges = queryIndex(index, sequence, start, end)
      for (const record of records) {
        if (record.name !== name || record.start >= end || record.end <= start) continue
        const place = placeOf(record.place)
        const found = ranges.some((r) => compareVirtual(r.start, place) <= 0 && compareVirtual(place, r.end) < 0)
        expect(found).toBe(true)
      }
      for (const [r, range] of ranges.entries())
        if (r > 0) expect(compareVirtual(ranges[r - 1].end, range.start)).toBeLessThan(0)
    }
  }
})

test('an index cut or changed anywhere is refused or read, never more', () => {
  for (const form of forms) {
    const builder = new IndexBuilder(form)
    for (let k = 0; k < 50; k++)
      builder.add(
        k < 30 ? '1' : '2',
        k * 9000,
        k * 9000 + 3,
        { block: k * 100, within: k },
        { block: k * 100, within: k + 1 },
      )
    const bytes = builder.encode()
    expect(parseIndex(bytes, 'x').references.length).toBe(form.sequences?.length ?? 2)
    // The last eight bytes, a count of records without place, are optional.
    for (let length = 0; length < bytes.length - 8; length++)
      expect(() => parseIndex(bytes.slice(0, length), 'x')).toThrow('index')
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const changed = bytes.slice()
        changed[at] = value
        try {
          const index = parseIndex(changed, 'x')
          queryIndex(index, 0, 0, 100_000)
          recordPlaces(index)
        } catch (error) {
          if (!isUpturnError(error, 'FormatInvalid')) throw error
        }
      }),
      { numRuns: 1000 },
    )
  }
})

test('unsorted records are refused', () => {
  const at = { block: 0, within: 0 }
  const builder = new IndexBuilder()
  builder.add('1', 10, 11, at, at)
  expect(() => builder.add('1', 9, 10, at, at)).toThrow('sorted')
  builder.add('2', 9, 10, at, at)
  expect(() => builder.add('1', 20, 21, at, at)).toThrow('together')
})
