import { RandomStream } from '../../numerics/random.ts'
import { type Allotment, denseGene, type Segment } from './chromosomes.ts'

/** Distinct positions, ascending: `dense` of them even over the segment's gene, the others over the whole segment. */
export function drawPositions(seed: number, segment: Segment, { total, dense }: Allotment): Int32Array {
  const random = new RandomStream(seed, 'simulation/positions', segment.index)
  const taken = new Set<number>()
  const gene = denseGene(segment)
  const fill = (count: number, first: number, last: number) => {
    for (const wanted = taken.size + count; taken.size < wanted; ) taken.add(first + random.integer(last - first + 1))
  }
  fill(dense, gene.first, gene.last)
  fill(total - dense, segment.first, segment.last)
  return Int32Array.from(taken).sort()
}
