import { expect, it } from 'vitest'
import { genomeSegments } from './chromosomes.ts'
import { morgansAt, recombinationMap } from './recombination-map.ts'

const segment = genomeSegments()[0]
const map = recombinationMap(3, segment, 0.01)

it('is scaled exactly and puts four fifths of the crossovers into few bases', () => {
  const megabases = (segment.last + 1 - segment.first) / 1e6
  expect(map.morgans[map.morgans.length - 1]).toBeCloseTo(megabases * 0.01, 12)
  let hotMorgans = 0
  let hotBases = 0
  let spots = 0
  for (let i = 1; i < map.bases.length; i++) {
    const bases = map.bases[i] - map.bases[i - 1]
    const morgans = map.morgans[i] - map.morgans[i - 1]
    expect(bases).toBeGreaterThan(0)
    expect(morgans).toBeGreaterThan(0)
    // knots come in pairs: the stretch from an odd to an even one is a hot spot
    if (i % 2 === 0 && i + 1 < map.bases.length) {
      hotMorgans += morgans
      hotBases += bases
      spots++
    }
  }
  expect(hotMorgans / (megabases * 0.01)).toBeGreaterThan(0.79)
  expect(hotBases / (megabases * 1e6)).toBeLessThan(0.06)
  expect(spots / megabases).toBeGreaterThan(15)
  expect(spots / megabases).toBeLessThan(24)
})

it('rises along positions, from zero, and is seeded', () => {
  const positions = Int32Array.from({ length: 1000 }, (_, i) => segment.first + i * 20_000)
  const morgans = morgansAt(map, positions)
  expect(morgans[0]).toBe(0)
  for (let i = 1; i < morgans.length; i++) expect(morgans[i]).toBeGreaterThan(morgans[i - 1])
  // plain look-up of one position
  const at = positions[777]
  const knot = map.bases.findLastIndex((base) => base <= at)
  const share = (at - map.bases[knot]) / (map.bases[knot + 1] - map.bases[knot])
  expect(morgans[777]).toBeCloseTo(map.morgans[knot] * (1 - share) + map.morgans[knot + 1] * share, 12)
  expect(recombinationMap(4, segment, 0.01).bases).not.toEqual(map.bases)
})
