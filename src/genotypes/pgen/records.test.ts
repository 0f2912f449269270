import fc from 'fast-check'
import { expect, test } from 'vitest'
import { recordBytes } from '../store/layout.ts'
import { numbers, packed, shuffled } from '../testing/cohort.ts'
import { decodeRecords, type PeopleOrder } from './records.ts'
import { Cursor, plainMain, plainRecord, Refused } from './testing/plain.ts'
import { type RandomVariant, randomVariant } from './testing/random-variant.ts'

/** Whoever is read, and in which order: everybody as in the file, everybody, or some. */
function orderOf(samples: number, seed: number): PeopleOrder & { of: number[] } {
  const kind = seed % 3
  const kept =
    samples > 1 && kind === 2 ? shuffled(samples, seed).slice(0, Math.ceil(samples / 2)) : shuffled(samples, seed)
  if (kind === 0) kept.sort((a, b) => a - b)
  const permutation = new Int32Array(samples).fill(-1)
  for (const [bit, s] of kept.entries()) permutation[s] = bit
  return { samples, permutation, people: kept.length, of: kept }
}

function decoded(
  variants: readonly RandomVariant[],
  order: PeopleOrder & { of: number[] },
  base: RandomVariant | null,
) {
  const found: { planes: Uint8Array[]; dosages: number[] | null }[] = variants.map(() => ({
    planes: [],
    dosages: null,
  }))
  const failure = decodeRecords(
    {
      data: Uint8Array.from(variants.flatMap(({ record }) => record.bytes)),
      lengths: Uint32Array.from(variants, ({ record }) => record.bytes.length),
      types: Uint8Array.from(variants, ({ record }) => record.type),
      alts: Int32Array.from(variants, ({ alts }) => alts),
      base: base === null ? null : { data: Uint8Array.from(base.record.bytes), type: base.record.type },
      plink1: false,
    },
    order,
    (v, first, count, planes, at, dosages) => {
      expect(first).toBe(found[v].planes.length + 1)
      const bytes = recordBytes(order.people)
      for (let k = 0; k < count; k++) found[v].planes.push(planes.slice(at + k * bytes, at + (k + 1) * bytes))
      found[v].dosages = dosages === undefined ? null : [...dosages]
    },
  )
  return { found, failure }
}

const sizes = fc.oneof(
  fc.integer({ min: 1, max: 140 }),
  fc.constantFrom(1, 2, 3, 31, 32, 33, 63, 64, 65, 255, 256, 257, 700),
)

test('records of every kind, for people in any order, come back as they were', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.integer({ min: 1, max: 12 }), (samples, seed, count) => {
      const random = numbers(seed)
      const variants: RandomVariant[] = []
      let base: readonly number[] | null = null
      for (let v = 0; v < count; v++) {
        const variant = randomVariant(random, samples, base)
        if ((variant.record.type & 6) !== 2) base = variant.categories
        variants.push(variant)
      }
      const order = orderOf(samples, seed)
      // The first records again, but as a chunk that begins behind the base of some of them.
      for (const from of [0, 1 + variants.slice(1).findIndex(({ record }) => (record.type & 6) === 2)]) {
        const part = variants.slice(from)
        const before = variants.slice(0, from).findLast(({ record }) => (record.type & 6) !== 2)
        const { found, failure } = decoded(part, order, from > 0 && before !== undefined ? before : null)
        expect(failure).toBeUndefined()
        for (const [v, { calls, dosages, alts }] of part.entries()) {
          const kept = calls.map((copies) => order.of.map((s) => copies[s]))
          expect(found[v].planes.length).toBe(alts)
          for (const [k, planes] of found[v].planes.entries())
            expect(Buffer.compare(planes, packed([kept[k]], order.people))).toBe(0)
          const values = dosages === null ? null : order.of.map((s) => dosages[s])
          const fractional = values?.some((d) => d !== 65535 && d % 16384 !== 0) ?? false
          expect(found[v].dosages).toEqual(fractional ? values : null)
        }
      }
    }),
    { numRuns: 150 },
  )
})

test('more people than sample ids of one and two bytes can name', () => {
  for (const [samples, seed] of [
    [65536, 6],
    [65537, 3],
    [66001, 5],
  ]) {
    const random = numbers(seed)
    const first = randomVariant(random, samples, null)
    const variants = [first, randomVariant(random, samples, first.categories)]
    const order = orderOf(samples, seed)
    const { found, failure } = decoded(variants, order, null)
    expect(failure).toBeUndefined()
    for (const [v, { calls }] of variants.entries())
      for (const [k, copies] of calls.entries())
        expect(Buffer.compare(found[v].planes[k], packed([order.of.map((s) => copies[s])], order.people))).toBe(0)
  }
})

test('a kernel and the plain way agree on records with changed bytes, also in what they refuse', () => {
  const seen = new Set<number>()
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 150 }),
      fc.nat(),
      fc.integer({ min: 1, max: 4 }),
      (samples, seed, changes) => {
        const random = numbers(seed)
        const pick = (n: number) => Math.floor(random() * n)
        const base = randomVariant(random, samples, null)
        const variant = randomVariant(random, samples, base.categories)
        const bytes = [...variant.record.bytes]
        for (let k = 0; k < changes; k++) {
          const kind = pick(5)
          if (kind === 0 && bytes.length > 1) bytes.length = 1 + pick(bytes.length - 1)
          else if (kind === 1) bytes.splice(pick(bytes.length), 0, pick(256))
          else if (kind === 2) bytes.fill(255, pick(bytes.length))
          else if (kind === 3) variant.record.type = pick(256)
          else bytes[pick(bytes.length)] ^= 1 << pick(8)
        }
        variant.record.bytes = bytes
        if (random() < 0.1) variant.alts = 1 + pick(4)
        const order = orderOf(samples, 3 * seed)
        const { found, failure } = decoded([variant], order, base)
        const main = plainMain(new Cursor(Uint8Array.from(base.record.bytes)), base.record.type, samples, null)
        let expected: ReturnType<typeof plainRecord> | Refused
        try {
          expected = plainRecord(Uint8Array.from(bytes), variant.record.type, variant.alts, samples, main)
        } catch (error) {
          if (!(error instanceof Refused)) throw error
          expected = error
        }
        if (expected instanceof Refused) {
          seen.add(expected.code)
          expect(failure?.code).toBe(expected.code)
          expect(failure?.byte).toBeLessThanOrEqual(bytes.length)
          return
        }
        expect(failure).toBeUndefined()
        for (const [k, planes] of found[0].planes.entries())
          expect(planes).toEqual(packed([expected.calls[k]], samples))
        expect(found[0].dosages).toEqual(expected.dosages)
      },
    ),
    // A fixed seed: which refusals are met must not change from run to run.
    { numRuns: 4000, seed: 5 },
  )
  expect([...seen].sort((a, b) => a - b)).toEqual([
    1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
  ])
})
