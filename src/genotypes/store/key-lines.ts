import { chromosomes } from '../import/chromosome.ts'
import { keysDamaged } from './keys.ts'

/** Where the variants of some key lines lie, without a string a variant. */
export interface KeyPlaces {
  /** Line v is bytes [start[v], start[v + 1]), its line feed included. */
  readonly start: Uint32Array
  /** Rank of the chromosome (`chromosomes`). */
  readonly rank: Uint8Array
  readonly position: Int32Array
  /** Byte at which the reference allele begins. */
  readonly ref: Uint32Array
}

const tab = 9
const lineFeed = 10

/** Reads chromosome and position of `count` key lines; FileDamaged where they are others. */
export function keyPlaces(lines: Uint8Array, count: number, file: string): KeyPlaces {
  const start = new Uint32Array(count + 1)
  const rank = new Uint8Array(count)
  const position = new Int32Array(count)
  const ref = new Uint32Array(count)
  const end = lines.length
  let at = 0
  for (let v = 0; v < count; v++) {
    start[v] = at
    // One or two bytes of name, so that a rank is found without a string.
    const length = lines[at + 1] === tab ? 1 : 2
    rank[v] = rankOfBytes(lines[at], length === 1 ? 0 : lines[at + 1])
    at += length + 1
    let value = 0
    for (let byte = lines[at]; byte >= 48 && byte <= 57; byte = lines[++at]) value = 10 * value + byte - 48
    position[v] = value
    if (rank[v] === unknownRank || lines[at] !== tab) throw keysDamaged(file)
    ref[v] = at + 1
    while (at < end && lines[at] !== lineFeed) at++
    if (at === end) throw keysDamaged(file)
    at++
  }
  start[count] = at
  if (at !== end) throw keysDamaged(file)
  return { start, rank, position, ref }
}

const unknownRank = 255
const ranks = new Map(chromosomes.map((name, rank) => [256 * name.charCodeAt(0) + (name.charCodeAt(1) || 0), rank]))

function rankOfBytes(first: number, second: number): number {
  return ranks.get(256 * first + second) ?? unknownRank
}
