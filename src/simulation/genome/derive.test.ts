import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { bitAt } from './bits.ts'
import { genomeSegments, type Segment } from './chromosomes.ts'
import { deriver } from './derive.ts'
import type { GenomeLayout } from './layout.ts'
import { drawGamete } from './meiosis.ts'

const segments = genomeSegments()
const morgansOf = (segment: Segment) => ((segment.last + 1 - segment.first) / 1e6) * 0.01

// 0 father, 1 mother, 2 son, 3 daughter, 4 copy of the mother
const layout: GenomeLayout = {
  columns: 5,
  words: 1,
  founders: [
    { column: 0, ancestry: 0 },
    { column: 1, ancestry: 0 },
  ],
  derived: [
    { kind: 'child', column: 2, father: 0, mother: 1 },
    { kind: 'child', column: 3, father: 0, mother: 1 },
    { kind: 'copy', column: 4, of: 1 },
  ],
  male: [true, false, true, false, false],
  outputs: [{ first: 0, samples: 5 }],
}

function family(segment: Segment, code: (site: number) => number, sites: number) {
  const derive = deriver(9, layout, segment, segments, morgansOf)
  return Array.from({ length: sites }, (_, site) => {
    const record = new Uint8Array(16)
    const bits = code(site)
    record[0] = bits & 3
    record[8] = bits >> 2
    derive(record, (morgansOf(segment) * site) / sites)
    return record
  })
}

describe('families', () => {
  const autosome = segments[0]

  it('hand on one haplotype of each parent, changing at crossovers', () => {
    // father 1|0, mother 0|1 everywhere: a child's planes tell which haplotype it got
    const records = family(autosome, () => 0b1001, 2000)
    for (const column of [2, 3]) {
      const paternal = records.map((record) => bitAt(record, column))
      const gamete = drawGamete(9, 2 * (column - 2), autosome, segments, morgansOf)
      const changes = paternal.filter((bit, i) => i > 0 && bit !== paternal[i - 1]).length
      expect(changes).toBe(gamete.crossovers.length)
      expect(paternal[0]).toBe(gamete.start === 0 ? 1 : 0)
    }
    expect(records.every((record) => bitAt(record, 4) === bitAt(record, 1))).toBe(true)
    expect(records.every((record) => bitAt(record, 64 + 4) === bitAt(record, 64 + 1))).toBe(true)
  })

  it('have a crossover a Morgan on average, and go on across segments of a chromosome', () => {
    let crossovers = 0
    let joined = 0
    const count = 400
    for (let gamete = 0; gamete < count; gamete++) {
      const first = drawGamete(1, gamete, segments[0], segments, morgansOf)
      const second = drawGamete(1, gamete, segments[1], segments, morgansOf)
      crossovers += first.crossovers.length
      joined += second.start === (first.start ^ (first.crossovers.length & 1)) ? 1 : 0
    }
    expect(joined).toBe(count)
    expect(Math.abs(crossovers / count / morgansOf(segments[0]) - 1)).toBeLessThan(0.3)
  })

  it("give a son his mother's X alone and a daughter her father's whole", () => {
    const x = segments.find(({ kind }) => kind === 'X')!
    const random = new RandomStream(4, 'test/x')
    const codes = Array.from(
      { length: 500 },
      () => random.integer(2) | (random.integer(2) << 1) | (random.integer(2) << 3),
    )
    const records = family(x, (site) => codes[site], 500)
    for (const record of records) {
      expect(bitAt(record, 64 + 2)).toBe(0)
      expect(bitAt(record, 64 + 3)).toBe(bitAt(record, 0))
      expect([bitAt(record, 1), bitAt(record, 65)]).toContain(bitAt(record, 2))
    }
  })
})
