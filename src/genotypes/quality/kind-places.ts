import { autosomes } from '../import/chromosome.ts'
import type { SexChromosomeKind } from '../sex-chromosomes.ts'
import { keyPlaces } from '../store/key-lines.ts'
import { kindRuns } from './variant-kinds.ts'

/** Which of some consecutive variants are of which kind. */
export interface KindPlaces {
  of(v: number): SexChromosomeKind
  /** Places of each kind that there is, in order. */
  readonly places: ReadonlyMap<SexChromosomeKind, Int32Array>
}

const lineFeed = 10

/** 0, 1 .. count - 1. */
function upTo(count: number): Int32Array {
  const places = new Int32Array(count)
  for (let v = 0; v < count; v++) places[v] = v
  return places
}

/** Kinds of the `variants` > 0 sorted key lines; where the last is on an autosome, no other is looked at. */
export function kindPlaces(build: string, lines: Uint8Array, variants: number, file: string): KindPlaces {
  const last = lines.lastIndexOf(lineFeed, lines.length - 2) + 1
  if (keyPlaces(lines.subarray(last), 1, file).rank[0] < autosomes)
    return { of: () => 'autosome', places: new Map([['autosome', upTo(variants)]]) }
  const runs = kindRuns(build, keyPlaces(lines, variants, file), 0)
  const kinds: SexChromosomeKind[] = []
  const places = new Map<SexChromosomeKind, number[]>()
  for (const { kind, first, end } of runs)
    for (let v = first; v < end; v++) {
      kinds.push(kind)
      const own = places.get(kind)
      if (own === undefined) places.set(kind, [v])
      else own.push(v)
    }
  return { of: (v) => kinds[v], places: new Map([...places].map(([kind, own]) => [kind, Int32Array.from(own)])) }
}
