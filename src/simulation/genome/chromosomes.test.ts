import { describe, expect, it } from 'vitest'
import { allotVariants, chromosomes, genomeSegments, grip1, igfbp7 } from './chromosomes.ts'
import { drawPositions } from './positions.ts'

const segments = genomeSegments()

describe('segments', () => {
  it('lie in order within their chromosomes, without gaps but the telomeres, and hold both genes whole', () => {
    segments.forEach((segment, i) => {
      expect(segment.index).toBe(i)
      const before = segments[i - 1]
      if (before?.chromosome === segment.chromosome) expect(segment.first).toBe(before.last + 1)
      else expect(segment.first).toBe(10_001)
      expect(segment.last - segment.first).toBeLessThan(30_000_001)
      expect(segment.last).toBeLessThanOrEqual(chromosomes.find(({ name }) => name === segment.chromosome)!.length)
    })
    for (const gene of [igfbp7, grip1])
      expect(
        segments.filter(
          ({ chromosome, first, last }) => chromosome === gene.chromosome && first < gene.first && gene.last < last,
        ),
      ).toHaveLength(1)
    expect(segments.filter(({ causal }) => causal).map(({ chromosome }) => chromosome)).toEqual(['4'])
    expect(segments.filter(({ kind }) => kind === 'pseudoautosomal')).toHaveLength(2)
  })

  it.each([60, 61, 2000, 200_000, 10_000_000])('get exactly %d variants', (variants) => {
    const allotments = allotVariants(segments, variants)
    expect(allotments.reduce((sum, { total }) => sum + total, 0)).toBe(variants)
    for (const { total, dense } of allotments) expect(total).toBeGreaterThanOrEqual(dense)
  })

  it('get distinct ascending positions, dense within the genes', () => {
    const allotments = allotVariants(segments, 200_000)
    const causal = segments.find((segment) => segment.causal)!
    const positions = drawPositions(7, causal, allotments[causal.index])
    expect(positions).toHaveLength(allotments[causal.index].total)
    expect(new Set(positions).size).toBe(positions.length)
    expect([...positions]).toEqual([...positions].sort((a, b) => a - b))
    const inside = positions.filter((position) => position >= igfbp7.first && position <= igfbp7.last).length
    // one in 300 bases, and the few that fall there with the even ones
    expect(inside).toBeGreaterThanOrEqual(265)
    expect(inside).toBeLessThan(285)
    expect(drawPositions(7, causal, allotments[causal.index])).toEqual(positions)
    expect(drawPositions(8, causal, allotments[causal.index])).not.toEqual(positions)
  })
})
