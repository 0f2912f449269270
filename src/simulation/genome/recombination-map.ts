import { RandomStream } from '../../numerics/random.ts'
import type { Segment } from './chromosomes.ts'

const meanGap = 50_000
const hotSpotBases = 2000
const hotShare = 0.8

/** A genetic map of one segment, piecewise linear: Morgans from its first base at ascending knots. */
export interface RecombinationMap {
  readonly bases: Float64Array
  readonly morgans: Float64Array
}

/**
 * Four fifths of all crossovers fall into hot spots of 2 kb, about one in 50 kb, of exponential strength; the rest is
 * even. The whole is scaled to `morgansPerMegabase` exactly.
 */
export function recombinationMap(seed: number, segment: Segment, morgansPerMegabase: number): RecombinationMap {
  const random = new RandomStream(seed, 'simulation/recombination-map', segment.index)
  const bases: number[] = [segment.first]
  const heat: number[] = [0]
  let hot = 0
  for (let at = segment.first; ; ) {
    at += hotSpotBases + meanGap * random.exponential()
    if (at + hotSpotBases >= segment.last) break
    bases.push(at)
    heat.push(hot)
    hot += random.exponential()
    bases.push(at + hotSpotBases)
    heat.push(hot)
  }
  bases.push(segment.last + 1)
  heat.push(hot)
  const length = segment.last + 1 - segment.first
  const total = (length / 1e6) * morgansPerMegabase
  const share = hot > 0 ? hotShare : 0
  const morgans = bases.map(
    (base, i) => total * ((1 - share) * ((base - segment.first) / length) + (hot > 0 ? (share * heat[i]) / hot : 0)),
  )
  return { bases: Float64Array.from(bases), morgans: Float64Array.from(morgans) }
}

/** Morgans at ascending positions. */
export function morgansAt(map: RecombinationMap, positions: Int32Array): Float64Array {
  const { bases, morgans } = map
  const out = new Float64Array(positions.length)
  let knot = 0
  for (let i = 0; i < positions.length; i++) {
    while (knot + 2 < bases.length && bases[knot + 1] <= positions[i]) knot++
    const share = (positions[i] - bases[knot]) / (bases[knot + 1] - bases[knot])
    out[i] = morgans[knot] + share * (morgans[knot + 1] - morgans[knot])
  }
  return out
}
