import { describe, expect, it } from 'vitest'
import { keyPlaces } from '../genotypes/store/key-lines.ts'
import { RandomStream } from '../numerics/index.ts'
import { type LabelScheme, LabelSets, labelScheme } from '../statistics/labels/index.ts'
import { scanEverySet } from './every-set.ts'
import { MinimaScanner } from './minima-scanner.ts'
import type { MinimaSetup } from './minima-task.ts'

const random = new RandomStream(6, 'test/minima scanner')

interface Shape {
  people: number
  /** Of those; the others' bits are no label set's. */
  included?: number
  sets: number[]
  cases: number
}

/** Genotypes of one variant by person: 0, 1, 2 or -1 missing. */
type Draw = (person: number, variant: number) => number

const byFrequency =
  (q: number, missing: number): Draw =>
  () =>
    random.uniform() < missing ? -1 : (random.uniform() < q ? 1 : 0) + (random.uniform() < q ? 1 : 0)

function planeOf(bits: Iterable<number>, words: number): Uint8Array {
  const plane = new Uint8Array(8 * words)
  for (const bit of bits) plane[bit >> 3] |= 1 << (bit & 7)
  return plane
}

/** Runs variants through the scanner and through the scan that leaves nothing out; returns the share of pairs skipped. */
function compare(shape: Shape, variants: number, draw: Draw, schemes?: (people: number) => LabelScheme[]): number {
  const { people, included = people, sets, cases } = shape
  const words = Math.ceil(people / 64)
  const left = Array.from({ length: people }, (_, i) => i)
  const bits = Int32Array.from({ length: included }, () => left.splice(random.integer(left.length), 1)[0]).sort()
  const laws = schemes?.(included) ?? [labelScheme(new Int32Array(included), Int32Array.of(cases))]
  const families = laws.flatMap((scheme, l) =>
    sets.map((count, f) => ({
      scheme,
      bits,
      planes: new LabelSets(scheme).planes(9, `test ${l} ${f}`, 0, count, bits, words),
    })),
  )
  const observed = new LabelSets(laws[0]).planes(9, 'observed', 0, 1, bits, words)
  const columns = new Map<string, number[]>()
  for (let v = 0; v < variants; v++) {
    const genotypes = Array.from(bits, (_, i) => draw(i, v))
    const mirror = genotypes.map((g) => (g < 0 ? g : 2 - g))
    // The table of a mirror image may differ in its last digits.
    if (!columns.has(mirror.join())) columns.set(genotypes.join(), genotypes)
  }
  const records = new Uint8Array(16 * words * columns.size)
  let v = 0
  for (const genotypes of columns.values()) {
    const where = (...values: number[]) =>
      planeOf(
        bits.filter((_, i) => values.includes(genotypes[i])),
        words,
      )
    records.set(where(1, -1), 16 * words * v)
    records.set(where(2, -1), 16 * words * v + 8 * words)
    v++
  }
  const setup: MinimaSetup = {
    scan: {
      store: '',
      build: 'GRCh38',
      words,
      included: planeOf(bits, words),
      males: new Uint8Array(8 * words),
      sexKnown: true,
      keep: null,
      maleCopies: 2,
    },
    families,
    observed: random.integer(3) > 0 ? observed : null,
    skip: true,
    ceilings: null,
  }
  const lines = new TextEncoder().encode('1\t1\tA\tG\t\n'.repeat(columns.size))
  const places = keyPlaces(lines, columns.size, 'variants.bin')
  const expected = scanEverySet(setup, [{ first: 7, lines, places, genotypes: records }])
  const scanner = new MinimaScanner(setup)
  const made = scanner.scan(records, new Uint8Array(columns.size), 7)
  expect({ ...made, skipped: expected.skipped }).toEqual(expected)
  // A chunk's result does not depend on the chunk before.
  expect(scanner.scan(records, new Uint8Array(columns.size), 7)).toEqual(made)
  // From minima that are known already, near those to be found or the same for all.
  for (const depth of [0, 1, 3, 6]) {
    const ceilings = made.minima.map((m) =>
      m.map((p) => Math.min(-0.1, depth === 0 ? p - random.uniform() + 0.5 : -depth)),
    )
    // Room for one table alone: each is made anew.
    const lowered = new MinimaScanner({ ...setup, ceilings }, depth === 1 ? 0 : undefined).scan(
      records,
      new Uint8Array(columns.size),
      7,
    )
    expect({ ...lowered, skipped: [], minima: [] }).toEqual({ ...made, skipped: [], minima: [] })
    expect(lowered.minima).toEqual(made.minima.map((m, f) => m.map((p, r) => Math.min(p, ceilings[f][r]))))
  }
  const pairs = made.tested.length * sets.reduce((a, b) => a + b, 0) * laws.length
  return pairs === 0 ? 0 : made.skipped.reduce((a, b) => a + b, 0) / pairs
}

describe('minima over label sets by carry-save addition', () => {
  it.each<[string, Shape, number, Draw]>([
    ['rare alleles', { people: 265, sets: [1000], cases: 22 }, 20, byFrequency(0.02, 0)],
    ['few missing calls', { people: 125, sets: [256], cases: 22 }, 60, byFrequency(0.2, 0.01)],
    ['more label sets than eight blocks hold', { people: 125, sets: [1100], cases: 22 }, 40, byFrequency(0.2, 0.01)],
    ['label sets in sixteen blocks', { people: 60, sets: [2048], cases: 22 }, 20, byFrequency(0.4, 0)],
    [
      'common alleles, missing calls, two families',
      { people: 265, included: 250, sets: [300, 40], cases: 22 },
      30,
      byFrequency(0.4, 0.1),
    ],
    ['alt the commoner allele', { people: 100, included: 99, sets: [129], cases: 9 }, 40, byFrequency(0.9, 0.05)],
    ['people and sets that fill words', { people: 128, sets: [128], cases: 31 }, 30, byFrequency(0.3, 0.03)],
    ['one set of one case', { people: 3, included: 2, sets: [1], cases: 1 }, 30, byFrequency(0.5, 0.3)],
    ['more cases than controls', { people: 70, included: 65, sets: [200], cases: 60 }, 30, byFrequency(0.5, 0.2)],
    ['no label sets', { people: 70, sets: [0], cases: 5 }, 10, byFrequency(0.2, 0.02)],
    ['copies in twos', { people: 90, sets: [300], cases: 11 }, 40, () => (random.uniform() < 0.1 ? 2 : 0)],
    ['all missing', { people: 70, sets: [130], cases: 5 }, 2, () => -1],
    ['all without a copy', { people: 70, sets: [130], cases: 5 }, 2, () => 0],
    ['all with two', { people: 70, included: 64, sets: [130], cases: 5 }, 2, () => 2],
    ['all heterozygous', { people: 70, included: 64, sets: [130], cases: 5 }, 2, () => 1],
    ['all but a few missing', { people: 70, sets: [130], cases: 20 }, 30, byFrequency(0.4, 0.9)],
  ])('equals a scan of every pair: %s', (_, shape, variants, draw) => {
    compare(shape, variants, draw)
  })

  it.each<[string, (people: number) => LabelScheme[]]>([
    [
      'fitted risks and uniform',
      (people) => {
        const risks = Array.from({ length: people }, () => 0.02 + 0.3 * random.uniform())
        return [
          labelScheme(new Int32Array(people), Int32Array.of(15), risks),
          labelScheme(new Int32Array(people), Int32Array.of(15)),
        ]
      },
    ],
    [
      'strata',
      (people) => [
        labelScheme(
          Array.from({ length: people }, (_, i) => i % 3),
          Int32Array.of(4, 3, 8),
        ),
      ],
    ],
    [
      'steep risks',
      (people) => [
        labelScheme(
          new Int32Array(people),
          Int32Array.of(15),
          Array.from({ length: people }, (_, i) => (i < 12 ? 0.9 : 0.01 + 0.05 * random.uniform())),
        ),
      ],
    ],
  ])('equals it under other laws: %s', (_, schemes) => {
    const shape = { people: 140, included: 120, sets: [200, 70], cases: 15 }
    for (const [q, missing] of [
      [0.02, 0.01],
      [0.3, 0.02],
      [0.7, 0.05],
    ])
      compare(shape, 30, byFrequency(q, missing), schemes)
  })

  it('equals it with as many people as are worth a few bits more', () => {
    compare({ people: 3000, sets: [140], cases: 300 }, 12, byFrequency(0.2, 0.004))
  })

  it('looks up few once every set has a small minimum', () => {
    const shape = { people: 200, sets: [256], cases: 15 }
    expect(compare(shape, 60, byFrequency(0.3, 0.01))).toBeGreaterThan(0.4)
  })
})
