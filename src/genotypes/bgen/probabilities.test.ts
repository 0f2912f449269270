import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { hardCall, readDosages } from '../store/dosages.ts'
import { recordBytes } from '../store/layout.ts'
import { numbers, packed } from '../testing/cohort.ts'
import { placeBytes } from './inflate.ts'
import { type BgenColumns, decodeLayout1, decodeLayout2, type TakeAllele } from './probabilities.ts'
import { twinDosages } from './testing/twin.ts'
import { layout2Bytes, type StoredCall, type StoredVariant } from './testing/write-bgen.ts'

const inOrder = (samples: number, reference: 'first' | 'last' = 'first'): BgenColumns => ({
  samples,
  people: samples,
  permutation: Int32Array.from({ length: samples }, (_, s) => s),
  inOrder: true,
  ref: reference,
})

/** One row of dosages and the hard calls of each alternate allele, and calls of more than two alleles. */
interface Decoded {
  readonly records: number[][]
  readonly dosages: (number[] | undefined)[]
  readonly otherPloidy: number
}

function collected(people: number, decode: (take: TakeAllele) => number): Decoded {
  const records: number[][] = []
  const dosages: (number[] | undefined)[] = []
  const otherPloidy = decode((alternate, planes, at, row) => {
    expect(alternate).toBe(records.length)
    const record = planes.slice(at, at + recordBytes(people))
    records.push([...record])
    const values = new Uint16Array(people)
    const rows = row && { start: Uint32Array.of(0, row.length), rows: row.slice() }
    expect(readDosages(rows, 0, record, values)).toBe(row !== undefined)
    dosages.push(row && [...values])
  })
  return { records, dosages, otherPloidy }
}

const layout1 = (data: Uint8Array, columns: BgenColumns) =>
  collected(columns.people, (take) => kernels().scope(() => decodeLayout1(placeBytes(data), columns, take)))
const layout2 = (data: Uint8Array, alleles: number, columns: BgenColumns) =>
  collected(columns.people, (take) => kernels().scope(() => decodeLayout2(placeBytes(data), alleles, columns, take)))

function expectDecoded(decoded: Decoded, dosages: readonly (readonly number[])[], people: number): void {
  expect(decoded.records).toEqual(dosages.map((row) => [...packed([row.map(hardCall)], people)]))
  for (const [a, row] of dosages.entries()) {
    const whole = row.every((dosage) => dosage % 16384 === 0 || dosage === 65535)
    expect(decoded.dosages[a]).toEqual(whole ? undefined : row)
  }
}

/** Number of stored values: of z alleles out of k, unordered, but for the last. */
function storedCount(z: number, k: number, phased: boolean): number {
  if (phased) return z * (k - 1)
  let count = 1
  for (let t = 1; t <= z; t++) count = (count * (k - 1 + t)) / t
  return count - 1
}

/** Values that add up to at most `one`; often all of it, often near a certain genotype. */
function split(random: () => number, count: number, one: number): number[] {
  const values = new Array<number>(count).fill(0)
  let left = one
  for (let tries = Math.floor(random() * 4); tries > 0 && count > 0; tries--) {
    const part = random() < 0.3 ? left : Math.min(left, Math.floor(random() * random() * (one + 1)))
    values[Math.floor(random() * count)] += part
    left -= part
  }
  return values
}

function randomVariant(seed: number, options: { diploid: boolean; people: number; alleles: number; bits: number }) {
  const random = numbers(seed)
  for (let k = 0; k < 5; k++) random()
  const { bits, alleles } = options
  const one = 2 ** bits - 1
  const phased = random() < 0.5
  const calls = Array.from({ length: options.people }, (): StoredCall => {
    const ploidy = options.diploid ? 2 : Math.floor(random() * random() * 6)
    const missing = random() < 0.1
    const groups = phased ? ploidy : 1
    const each = phased ? alleles - 1 : storedCount(ploidy, alleles, false)
    return {
      ploidy,
      missing,
      values: Array.from({ length: groups }, () =>
        missing ? new Array<number>(each).fill(0) : split(random, each, one),
      ).flat(),
    }
  })
  return { alleles: 'ACGTNRYK'.slice(0, alleles).split(''), bits, phased, calls } satisfies StoredVariant
}

describe('layout 2', () => {
  test('any bits, ploidy, phase, number of alleles and order of people is what was stored', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 32 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 150 }),
        fc.boolean(),
        fc.constantFrom('first' as const, 'last' as const),
        (seed, bits, alleles, people, diploid, reference) => {
          const variant = randomVariant(seed, { diploid, people, alleles, bits })
          const data = layout2Bytes(variant)
          const dosages = twinDosages(variant, reference)
          expectDecoded(layout2(data, alleles, inOrder(people, reference)), dosages, people)
          // Somebody left out, the others in another order.
          const random = numbers(seed + 1)
          const order = Array.from({ length: people }, (_, s) => s).sort(() => random() - 0.5)
          const kept = order.slice(0, Math.max(1, people - 1))
          const permutation = Int32Array.from({ length: people }, (_, s) => kept.indexOf(s))
          expectDecoded(
            layout2(data, alleles, {
              samples: people,
              people: kept.length,
              permutation,
              inOrder: false,
              ref: reference,
            }),
            dosages.map((row) => kept.map((s) => row[s])),
            kept.length,
          )
          const more = variant.calls.filter(({ ploidy, missing }) => !missing && (ploidy ?? 2) > 2).length
          expect(layout2(data, alleles, inOrder(people, reference)).otherPloidy).toBe(more)
        },
      ),
      { numRuns: 600 },
    )
  })

  test('every pair of 8-bit probabilities gives the nearest dosage', () => {
    const calls: StoredCall[] = []
    for (let a = 0; a <= 255; a++) for (let b = 0; a + b <= 255; b++) calls.push({ values: [a, b] })
    for (const reference of ['first', 'last'] as const) {
      const variant = { calls }
      const decoded = layout2(layout2Bytes(variant), 2, inOrder(calls.length, reference))
      expect([...(decoded.dosages[0] ?? [])]).toEqual(twinDosages(variant, reference)[0])
    }
  })

  test('every pair of 8-bit haplotype probabilities gives the nearest dosage', () => {
    const calls: StoredCall[] = []
    for (let a = 0; a <= 255; a++) for (let b = 0; b <= 255; b++) calls.push({ values: [a, b] })
    const variant = { calls, phased: true }
    const decoded = layout2(layout2Bytes(variant), 2, inOrder(calls.length))
    expect([...(decoded.dosages[0] ?? [])]).toEqual(twinDosages(variant, 'first')[0])
  })

  test('missing people are missing whatever is stored for them', () => {
    const calls = Array.from(
      { length: 19 },
      (_, s): StoredCall => ({ missing: s % 3 === 0, values: [200, s % 3 === 0 ? 200 : 55] }),
    )
    const decoded = layout2(layout2Bytes({ calls }), 2, inOrder(19))
    expect(decoded.dosages[0]?.filter((dosage) => dosage === 65535).length).toBe(7)
  })

  const good: StoredVariant = {
    calls: Array.from({ length: 11 }, () => ({ values: [10, 20] })),
  }
  const changed = (at: number, ...values: number[]) => {
    const data = Uint8Array.from(layout2Bytes(good))
    data.set(values, at)
    return data
  }
  test.each<[string, Uint8Array, RegExp]>([
    ['people', changed(0, 12), /those of 12 people, the file has 11/],
    ['alleles', changed(4, 3), /those of 3 alleles, the variant has 2/],
    ['ploidy limits', changed(6, 3, 2), /ploidy cannot be 3 to 2/],
    ['a ploidy above 63', changed(7, 64), /ploidy cannot be 2 to 64/],
    ['a ploidy outside its limits', changed(7 + 5, 3), /person 5: the ploidy/],
    ['an undefined bit of the ploidy', changed(7 + 5, 2 | 64), /person 5: the ploidy/],
    ['the phase flag', changed(8 + 11, 2), /phase flag is 2/],
    ['no bits', changed(9 + 11, 0), /cannot have 0 bits/],
    ['33 bits', changed(9 + 11, 33), /cannot have 33 bits/],
    ['16 bits where there are 8', changed(9 + 11, 16), /end too early/],
    ['4 bits where there are 8', changed(9 + 11, 4), /more probabilities/],
    ['a sum above one', changed(10 + 11 + 2 * 9, 200, 56), /person 10: the probabilities add up to more than one/],
    ['a cut', layout2Bytes(good).subarray(0, 20), /end too early/],
  ])('refuses %s', (_, data, message) => {
    expect(() => layout2(data, 2, inOrder(11))).toThrow(message)
  })

  test('refuses sums above one of any bits, phased and with more alleles', () => {
    for (let bits = 1; bits <= 32; bits++) {
      const one = 2 ** bits - 1
      for (const [alleles, phased, values] of [
        [2, false, [one, 1]],
        [3, false, [0, 0, one, 1, 0]],
        [3, true, [0, 0, one, 1]],
      ] as const) {
        const variant = { alleles: ['A', 'C', 'G'].slice(0, alleles), bits, phased, calls: [{ values }] }
        expect(() => layout2(layout2Bytes(variant), alleles, inOrder(1))).toThrow(/person 1: .*more than one/)
      }
    }
  })

  test('63 copies of many alleles do not overflow the number of probabilities', () => {
    const variant: StoredVariant = {
      alleles: Array.from({ length: 300 }, () => 'A'),
      calls: [{ ploidy: 63, values: [1] }],
    }
    expect(() => layout2(layout2Bytes(variant), 300, inOrder(1))).toThrow(/end too early/)
  })
})

describe('layout 1', () => {
  const bytesOf = (calls: readonly StoredCall[]) =>
    new Uint8Array(Uint16Array.from(calls.flatMap(({ values }) => values)).buffer)
  test('probabilities are taken relative to their sum, ties to even', () => {
    const random = numbers(5)
    const pick = (n: number) => Math.floor(random() * n)
    const calls = Array.from({ length: 3000 }, (_, s): StoredCall => {
      if (s % 7 === 0) return { values: [0, 0, 0] }
      const sum = s % 3 === 0 ? 32768 : s % 3 === 1 ? 1 + pick(33423) : 32768 - 4 + pick(9)
      const a = pick(sum + 1)
      const b = pick(sum - a + 1)
      return { values: [a, b, sum - a - b] }
    })
    for (const reference of ['first', 'last'] as const)
      expectDecoded(
        layout1(bytesOf(calls), inOrder(calls.length, reference)),
        twinDosages({ calls }, reference, 1),
        calls.length,
      )
    expect(twinDosages({ calls: [{ values: [10449, 2897, 19422] }] }, 'first', 1)).toEqual([[20870]])
  })

  test('sums above 1.02 are refused, with the person', () => {
    const calls = Array.from({ length: 5 }, () => ({ values: [33423, 0, 0] }))
    expect(layout1(bytesOf(calls), inOrder(5)).otherPloidy).toBe(0)
    calls[3] = { values: [33423, 1, 0] }
    try {
      layout1(bytesOf(calls), inOrder(5))
      expect.unreachable()
    } catch (error) {
      expect(isUpturnError(error, 'FormatInvalid') && error.details.person).toBe(4)
    }
    expect(() => layout1(new Uint8Array(29), inOrder(5))).toThrow(/do not fit/)
  })
})
