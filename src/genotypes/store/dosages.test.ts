import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BatchBuilder, concatenate, gather, sliceBatch, type VariantBatch } from '../import/batch.ts'
import {
  type DosageRows,
  decodeDosageSection,
  dosageMissing,
  dosageRowLimit,
  encodeDosageSection,
  encodeDosages,
  hardCall,
  readDosages,
  variantsWithDosages,
} from './dosages.ts'
import { recordBytes } from './layout.ts'
import { encodeDosageRow, hardCalls } from './testing/dosage-twin.ts'

const encoder = new TextEncoder()
const allele = (text: string) => ({ text: encoder.encode(text), start: 0, end: text.length })

/** A batch of variants at positions 1, 2, ..; null for one without dosages, where everybody has one copy. */
function batchOf(variants: readonly (readonly number[] | null)[], samples: number): VariantBatch {
  const builder = new BatchBuilder(samples)
  const ones = new Uint8Array(recordBytes(samples))
  for (let s = 0; s < samples; s++) ones[s >> 3] |= 1 << (s & 7)
  for (const [v, dosages] of variants.entries())
    builder.add(
      0,
      1 + v,
      allele('A'),
      allele('G'),
      allele('.'),
      ones,
      0,
      dosages ? Uint16Array.from(dosages) : undefined,
    )
  return builder.finish().batch
}

function rowsOf(batch: { genotypes: Uint8Array; dosages?: DosageRows }, variants: number, samples: number) {
  return Array.from({ length: variants }, (_, v) => {
    const row = new Uint16Array(samples)
    readDosages(batch.dosages, v, batch.genotypes, row)
    return [...row]
  })
}

test('a hard call is the nearest whole number within 0.1 of it', () => {
  const plain = (dosage: number) => {
    const copies = dosage / 16384
    const nearest = Math.round(copies)
    return Math.abs(copies - nearest) <= 0.1 ? nearest : 3
  }
  for (let dosage = 0; dosage <= 32768; dosage++)
    if (hardCall(dosage) !== plain(dosage)) throw new Error(`${dosage}: ${hardCall(dosage)}`)
  expect([0, 1638, 1639, 14745, 14746, 16384, 18022, 18023, 31129, 31130, 32768, 65535].map(hardCall)).toEqual([
    0, 0, 3, 3, 1, 1, 1, 3, 3, 2, 2, 3,
  ])
  const record = new Uint8Array(recordBytes(5))
  hardCalls(Uint16Array.of(100, 16000, 32000, 8192, dosageMissing), record, 0)
  expect([record[0], record[8]]).toEqual([0b11010, 0b11100])
})

const dosage = fc.oneof(
  fc.constantFrom(0, 16384, 32768, dosageMissing),
  fc.integer({ min: 0, max: 32768 }),
  fc.constantFrom(1, 1638, 1639, 14745, 14746, 32767),
)

const cohorts = fc
  .integer({ min: 1, max: 140 })
  .chain((samples) =>
    fc.tuple(
      fc.constant(samples),
      fc.array(fc.option(fc.array(dosage, { minLength: samples, maxLength: samples })), { maxLength: 12 }),
      fc.array(fc.nat(11), { maxLength: 14 }),
      fc.nat(12),
    ),
  )

test('the kernel writes the hard calls and the row that the plain twin writes', () => {
  const every = Uint16Array.from({ length: 32770 }, (_, dosage) => (dosage === 32769 ? dosageMissing : dosage))
  const check = (dosages: Uint16Array) => {
    const size = dosageRowLimit(dosages.length)
    const [record, row] = [new Uint8Array(recordBytes(dosages.length)), new Uint8Array(size)]
    hardCalls(dosages, record, 0)
    const bytes = encodeDosageRow(dosages, row, 0)
    const [ours, rows] = [new Uint8Array(3 + record.length), new Uint8Array(5 + size)]
    expect(encodeDosages(dosages, ours, 3, rows, 5)).toBe(bytes)
    expect(ours.subarray(3)).toEqual(record)
    if (bytes > 0) expect(rows.subarray(5, 5 + bytes)).toEqual(row.subarray(0, bytes))
  }
  check(every)
  fc.assert(
    fc.property(fc.array(dosage, { minLength: 1, maxLength: 200 }), (dosages) => check(Uint16Array.from(dosages))),
    { numRuns: 500 },
  )
})

test('dosages come back as they were, also from sections and from parts of batches', () => {
  fc.assert(
    fc.property(cohorts, ([samples, variants, picks, cut]) => {
      const n = variants.length
      const expected = variants.map((row) => row ?? new Array<number>(samples).fill(16384))
      const batch = batchOf(variants, samples)
      expect(rowsOf(batch, n, samples)).toEqual(expected)
      const fractional = variants.filter((row) => row?.some((d) => d % 16384 !== 0 && d !== dosageMissing)).length
      expect(batch.dosages === undefined ? 0 : variantsWithDosages(batch.dosages)).toBe(fractional)

      if (batch.dosages !== undefined) {
        const section = encodeDosageSection(batch.dosages, samples)
        const dosages = decodeDosageSection(section, n, batch.genotypes, samples)
        expect(dosages).toBeDefined()
        expect(rowsOf({ genotypes: batch.genotypes, dosages }, n, samples)).toEqual(expected)
      }

      const at = Math.min(cut, n)
      const [left, right] = [sliceBatch(batch, 0, at), sliceBatch(batch, at, n)]
      expect(rowsOf(left, at, samples)).toEqual(expected.slice(0, at))
      expect(rowsOf(right, n - at, samples)).toEqual(expected.slice(at))
      const swapped = concatenate([right, batchOf([null], samples), left])
      expect(rowsOf(swapped, n + 1, samples)).toEqual([
        ...expected.slice(at),
        new Array(samples).fill(16384),
        ...expected.slice(0, at),
      ])
      const places = picks.filter((index) => index < n)
      const gathered = gather(
        places.map((index) => (index < at ? { batch: left, index } : { batch: right, index: index - at })),
        recordBytes(samples),
      )
      expect(rowsOf(gathered, places.length, samples)).toEqual(places.map((index) => expected[index]))
    }),
    { numRuns: 300 },
  )
})

test('a section that is none is told', () => {
  fc.assert(
    fc.property(cohorts, fc.nat(), fc.integer({ min: 1, max: 255 }), ([samples, variants], where, by) => {
      const batch = batchOf(variants, samples)
      if (batch.dosages === undefined) return
      const section = encodeDosageSection(batch.dosages, samples)
      section[where % section.length] ^= by
      const rows = decodeDosageSection(section, variants.length, batch.genotypes, samples)
      if (rows === undefined) return
      // What is still taken is a section: nobody's dosage is impossible, and it goes with the hard calls.
      for (const [v, row] of rowsOf(
        { genotypes: batch.genotypes, dosages: rows },
        variants.length,
        samples,
      ).entries()) {
        const record = new Uint8Array(recordBytes(samples))
        hardCalls(Uint16Array.from(row), record, 0)
        expect(record).toEqual(batch.genotypes.subarray(v * record.length, (v + 1) * record.length))
        for (const value of row) expect(value <= 32768 || value === dosageMissing).toBe(true)
      }
      for (const length of [0, 3, section.length - 1])
        expect(
          decodeDosageSection(section.subarray(0, length), variants.length, batch.genotypes, samples),
        ).toBeUndefined()
    }),
    { numRuns: 500 },
  )
})

test('dosages that do not fit are our own mistake', () => {
  expect(() => batchOf([[1, 2]], 3)).toThrow('do not fit')
  expect(() => batchOf([[1, 32769, 3]], 3)).toThrow('above two copies')
})
