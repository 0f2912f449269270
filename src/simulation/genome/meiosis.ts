import { RandomStream } from '../../numerics/random.ts'
import type { Segment } from './chromosomes.ts'

const indexesPerGamete = 4096

/** Crossovers of one gamete in one segment: where, and which haplotype of the parent comes first. */
export interface Gamete {
  /** Ascending Morgans from the segment's first base. */
  readonly crossovers: Float64Array
  /** 0 or 1. */
  readonly start: number
}

function crossoverCount(random: RandomStream, morgans: number): number {
  return random.poisson(morgans)
}

/**
 * The gamete number `gamete` in a segment: crossovers without interference, Poisson over the genetic map, one chain along
 * the whole chromosome. Segments before it are counted, not simulated, so that any worker finds the same.
 * @param segments all segments of the genome
 * @param morgansOf genetic length of a segment
 */
export function drawGamete(
  seed: number,
  gamete: number,
  segment: Segment,
  segments: readonly Segment[],
  morgansOf: (segment: Segment) => number,
): Gamete {
  const stream = (s: Segment) => new RandomStream(seed, 'simulation/meiosis', gamete * indexesPerGamete + s.index)
  const chromosome = segments.filter((s) => s.chromosome === segment.chromosome)
  let start = new RandomStream(
    seed,
    'simulation/meiosis-start',
    gamete * indexesPerGamete + chromosome[0].index,
  ).integer(2)
  for (const before of chromosome)
    if (before.index < segment.index) start ^= crossoverCount(stream(before), morgansOf(before)) & 1
  const random = stream(segment)
  const length = morgansOf(segment)
  const crossovers = Float64Array.from({ length: crossoverCount(random, length) }, () => random.uniform() * length)
  return { crossovers: crossovers.sort(), start }
}
