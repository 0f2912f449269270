import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { LabelMinima, labelBlocks } from './blocks.ts'

const random = new RandomStream(6, 'test/label blocks')

/** A plane of `words` 64-bit words with those people in it. */
function planeOf(people: readonly number[], words: number): Uint8Array {
  const plane = new Uint8Array(8 * words)
  for (const bit of people) plane[bit >> 3] |= 1 << (bit & 7)
  return plane
}

function pick(from: readonly number[], count: number): number[] {
  const left = [...from]
  return Array.from({ length: count }, () => left.splice(random.integer(left.length), 1)[0])
}

/** log p that rises towards the middle of each row, the same on neither side, NaN at the ends. */
function tableOf(cases: number): Float64Array {
  const stride = 2 * cases + 1
  const table = new Float64Array((cases + 1) * stride).fill(Number.NaN)
  for (let c = 0; c <= cases; c++) {
    const middle = random.integer(2 * c + 1)
    const fall = 0.3 + random.uniform()
    for (let t = c > 3 && c % 2 === 1 ? 1 : 0; t <= 2 * c; t++)
      table[c * stride + t] = -Math.abs(t - middle) * (t < middle ? fall : 1)
  }
  return table
}

interface Shape {
  people: number
  included: number
  sets: number
  cases: number
}

/** Genotypes by bit: 0, 1, 2 or -1 missing. */
type Draw = (bit: number, variant: number) => number

/** Runs the variants through the kernels and a plain loop over people; returns how many look-ups the kernels made. */
function compare({ people, included, sets, cases }: Shape, variants: number, draw: Draw): number {
  const words = Math.ceil(people / 64)
  const members = pick(
    Array.from({ length: people }, (_, i) => i),
    included,
  ).sort((a, b) => a - b)
  const labels = Array.from({ length: sets }, () => pick(members, cases))
  const planes = new Uint8Array(8 * words * sets)
  labels.forEach((set, r) => {
    planes.set(planeOf(set, words), 8 * words * r)
  })
  const stride = 2 * cases + 1
  const expected = new Float64Array(sets)
  const k = kernels()
  return k.scope(() => {
    const minima = new LabelMinima(planes, words, cases, planeOf(members, words))
    const record = k.allocate(16 * words)
    const seen = k.allocate(cases + 1)
    const rows = k.allocate(8 * (cases + 1) * stride)
    let looked = 0
    for (let v = 0; v < variants; v++) {
      const genotype = new Map(members.map((bit) => [bit, draw(bit, v)]))
      const of = (...values: number[]) => members.filter((bit) => values.includes(genotype.get(bit) as number))
      k.u8(record, 8 * words).set(planeOf(of(1, -1), words))
      k.u8(record + 8 * words, 8 * words).set(planeOf(of(2, -1), words))
      const table = tableOf(cases)
      k.f64(rows, table.length).set(table)
      k.u8(seen, cases + 1).fill(0)
      minima.add(record, of(0).length, of(1).length, of(2).length, of(-1).length, seen)
      const occurs = new Uint8Array(cases + 1)
      labels.forEach((set, r) => {
        const called = set.filter((bit) => genotype.get(bit) !== -1)
        const t = called.reduce((sum, bit) => sum + (genotype.get(bit) as number), 0)
        occurs[called.length] = 1
        const p = table[called.length * stride + t]
        if (p < expected[r]) expected[r] = p
      })
      expect(Array.from(k.u8(seen, cases + 1))).toEqual(Array.from(occurs))
      looked += minima.lower(rows, stride, seen)
      expect(Array.from(minima.minima())).toEqual(Array.from(expected))
      expect(minima.largest).toBe(Math.max(...expected))
    }
    return looked
  })
}

describe('minima over label sets by carry-save addition', () => {
  const byFrequency =
    (q: number, missing: number): Draw =>
    () =>
      random.uniform() < missing ? -1 : (random.uniform() < q ? 1 : 0) + (random.uniform() < q ? 1 : 0)

  it.each<[string, Shape, number, Draw]>([
    ['rare alleles', { people: 265, included: 265, sets: 1000, cases: 22 }, 6, byFrequency(0.02, 0)],
    ['common alleles, missing calls', { people: 265, included: 250, sets: 300, cases: 22 }, 12, byFrequency(0.4, 0.1)],
    ['alt the commoner allele', { people: 100, included: 99, sets: 129, cases: 9 }, 20, byFrequency(0.9, 0.05)],
    [
      'people and sets that fill words',
      { people: 128, included: 128, sets: 128, cases: 31 },
      12,
      byFrequency(0.3, 0.03),
    ],
    ['one set of one case', { people: 3, included: 2, sets: 1, cases: 1 }, 30, byFrequency(0.5, 0.3)],
    ['more cases than controls', { people: 70, included: 65, sets: 200, cases: 60 }, 12, byFrequency(0.5, 0.2)],
    ['all missing', { people: 70, included: 70, sets: 130, cases: 5 }, 2, () => -1],
    ['all without a copy', { people: 70, included: 70, sets: 130, cases: 5 }, 2, () => 0],
    ['all with two', { people: 70, included: 64, sets: 130, cases: 5 }, 2, () => 2],
    ['all heterozygous', { people: 70, included: 64, sets: 130, cases: 5 }, 2, () => 1],
  ])('equals a plain loop: %s', (_, shape, variants, draw) => {
    compare(shape, variants, draw)
  })

  it('looks up few once every set has a small minimum', () => {
    const shape = { people: 200, included: 200, sets: 256, cases: 15 }
    expect(compare(shape, 30, byFrequency(0.3, 0.01))).toBeLessThan(0.7 * 30 * 256)
  })

  it('lays label sets out by person, and marks the sets that exist', () => {
    const blocks = labelBlocks(Uint8Array.from([...planeOf([0, 63], 1), ...planeOf([5], 1)]), 1)
    expect(blocks.length).toBe(16 * 66)
    const expected = new Uint8Array(16 * 66)
    expected[0] = 1
    expected[16 * 63] = 1
    expected[16 * 5] = 2
    expected[16 * 65] = 3
    expect(Array.from(blocks)).toEqual(Array.from(expected))
    expect(labelBlocks(new Uint8Array(0), 3).length).toBe(0)
  })
})
