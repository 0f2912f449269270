import type { ChunkTask, Workshop } from '../../compute/task.ts'
import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { countBits, groupsWorth, groupVariants, hasBit, stretches } from '../quality/scan.ts'
import { type BlockGroup, openGroups } from '../store/groups.ts'
import type { StoreHeader } from '../store/layout.ts'
import { readHeader } from '../store/open.ts'
import { numbersPerPair, PairCounter } from './king-counts.ts'

export interface KingSetup {
  folder: string
  /** Variants to use, one bit each. */
  chosen: Uint8Array
  /** Columns of the store. */
  people: Int32Array
}

/** Pairs of people: rows and columns are places in a list, ends excluded. */
export interface PairTile {
  row: number
  rowEnd: number
  column: number
  columnEnd: number
}

/** A tile of pairs over a stretch of blocks. */
export interface KingChunk extends BlockGroup, PairTile {}

const tilePeople = 512
/** Comparisons of two people at one variant that make a chunk worth its result: about half a second. */
const chunkComparisons = 3e10

/** Counts of PairCounter for a tile. */
export const kingTask: ChunkTask<KingSetup, KingChunk, Int32Array<ArrayBuffer>> = {
  name: 'genotypes/king',
  async prepare({ folder, chosen, people }, host) {
    const store = await openGroups(host, folder)
    const { header } = store
    return async (chunk, signal) => {
      const rows = people.slice(chunk.row, chunk.rowEnd)
      const columns = chunk.row === chunk.column ? rows : people.slice(chunk.column, chunk.columnEnd)
      const counter = new PairCounter(rows, columns, header.wordsPerPlane)
      for (const stretch of stretches(header, chunk)) {
        const index = chosenPlaces(header, stretch, chosen)
        if (index.length === 0) continue
        const records = await store.records(stretch, signal)
        const k = kernels()
        k.scope(() => counter.add(k.put(records), groupVariants(header, stretch).variants, index))
      }
      return counter.counts()
    }
  },
  transfer: (counts) => [counts.buffer],
}

/** Places in a group of the variants that are chosen. */
export function chosenPlaces(header: StoreHeader, group: BlockGroup, chosen: Uint8Array): Int32Array {
  const { first, variants } = groupVariants(header, group)
  const index: number[] = []
  for (let v = 0; v < variants; v++) if (hasBit(chosen, first + v)) index.push(v)
  return Int32Array.from(index)
}

export interface KingPair {
  /** Places in the list of people, a > b. */
  a: number
  b: number
  kinship: number
  /** Variants at which both are heterozygous, and at which they are opposite homozygotes. */
  bothHeterozygous: number
  oppositeHomozygotes: number
}

export interface Kinship {
  pairs: KingPair[]
  /** Mean over all pairs of the number of variants at which they are opposite homozygotes; 0 without pairs. */
  meanOpposite: number
}

/**
 * Kinship of two people from counts over the variants at which both are called: hets in both, opposite homozygotes,
 * het in the first only, het in the second only. NaN where one of them has no heterozygous call.
 * KING-robust, between-family form: Manichaikul et al. 2010, Bioinformatics 26:2867, equation 11.
 */
export function kingRobust(both: number, opposite: number, first: number, second: number): number {
  const fewer = both + Math.min(first, second)
  return fewer === 0 ? Number.NaN : 0.5 - (4 * opposite + first + second) / (4 * fewer)
}

/** Tiles of all pairs of `people` with row >= column, row by row of tiles. */
export function pairTiles(people: number, size: number): PairTile[] {
  const tiles: PairTile[] = []
  for (let row = 0; row < people; row += size)
    for (let column = 0; column <= row; column += size)
      tiles.push({
        row,
        rowEnd: Math.min(people, row + size),
        column,
        columnEnd: Math.min(people, column + size),
      })
  return tiles
}

/** Counts of the pairs of a tile: `numbersPerPair` at place (a - row) (columnEnd - column) + b - column, for b < a. */
export interface TileCounts {
  tile: PairTile
  counts: Int32Array
}

/**
 * Counts of all pairs of `people` (columns of the store) over the chosen variants, a tile of 512 x 512 people at a time.
 * Memory: a few tiles a worker, whatever the number of variants.
 */
export async function* kinshipTiles(setup: KingSetup, workshop: Workshop): AsyncIterable<TileCounts> {
  const { people } = setup
  if (new Set(people).size !== people.length)
    throw new UpturnError('Internal', 'kinship was asked for with a person named twice')
  const header = await readHeader(workshop.host, `${setup.folder}/store.json`)
  const tiles = pairTiles(people.length, tilePeople)
  const most = Math.min(people.length, tilePeople) ** 2 * countBits(setup.chosen)
  const groups = groupsWorth(header, most, chunkComparisons)
  const chunks = tiles.flatMap((tile) => groups.map((group) => ({ ...tile, ...group })))
  let done = 0
  let sum: Int32Array | undefined
  for await (const counts of workshop.run(kingTask, setup, chunks, { label: 'comparing pairs of people' })) {
    if (sum === undefined) sum = counts
    else for (let i = 0; i < sum.length; i++) sum[i] += counts[i]
    done++
    if (done % groups.length !== 0) continue
    yield { tile: tiles[done / groups.length - 1], counts: sum }
    sum = undefined
  }
}

/** Calls `visit` with the places a > b of every pair of a tile and where its counts are, by a, then b. */
export function visitPairs(
  { tile, counts }: TileCounts,
  visit: (a: number, b: number, counts: Int32Array, at: number) => void,
): void {
  const columns = tile.columnEnd - tile.column
  for (let a = tile.row; a < tile.rowEnd; a++) {
    const row = (a - tile.row) * columns - tile.column
    for (let b = tile.column; b < Math.min(a, tile.columnEnd); b++) visit(a, b, counts, numbersPerPair * (row + b))
  }
}

/**
 * Kinship of all pairs of `people` (columns of the store) over the chosen variants: those at or above `threshold`, in
 * order of a, then b; and the mean number of opposite homozygotes.
 */
export async function kinshipPairs(setup: KingSetup, threshold: number, workshop: Workshop): Promise<Kinship> {
  const n = setup.people.length
  const pairs: KingPair[] = []
  let opposite = 0
  for await (const tile of kinshipTiles(setup, workshop))
    visitPairs(tile, (a, b, counts, at) => {
      opposite += counts[at + 1]
      const kinship = kingRobust(counts[at], counts[at + 1], counts[at + 2], counts[at + 3])
      if (kinship >= threshold)
        pairs.push({ a, b, kinship, bothHeterozygous: counts[at], oppositeHomozygotes: counts[at + 1] })
    })
  pairs.sort((x, y) => x.a - y.a || x.b - y.b)
  return { pairs, meanOpposite: n < 2 ? 0 : opposite / ((n * (n - 1)) / 2) }
}
