import type { ChunkTask, Workshop } from '../../compute/task.ts'
import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { blockGroups, groupVariants, hasBit } from '../quality/scan.ts'
import { type BlockGroup, openGroups } from '../store/groups.ts'
import { openStore } from '../store/open.ts'

export interface KingSetup {
  folder: string
  /** Variants to use, one bit each. */
  chosen: Uint8Array
  /** Columns of the store. */
  people: Int32Array
}

/** A tile of pairs (rows and columns are places in `people`, ends excluded) over a stretch of blocks. */
export interface KingChunk extends BlockGroup {
  row: number
  rowEnd: number
  column: number
  columnEnd: number
}

// 1,024 variants of 2 x 512 people are 384 kB of planes, which fits in a core's own cache.
const tileWords = 16
const tilePeople = 512
// Blocks in memory at once.
const stretchBlocks = 8

/** Counts of kingCounts for a tile: rows x columns x 4; on the diagonal only column < row is filled. */
export const kingTask: ChunkTask<KingSetup, KingChunk, Int32Array> = {
  name: 'genotypes/king',
  async prepare({ folder, chosen, people }, host) {
    const store = await openGroups(host, folder)
    const { header } = store
    const words = header.wordsPerPlane
    const rankOf = (from: number, end: number): Int32Array => {
      const rank = new Int32Array(64 * words).fill(-1)
      for (let i = from; i < end; i++) rank[people[i]] = i - from
      return rank
    }
    return async (chunk, signal) => {
      const rows = chunk.rowEnd - chunk.row
      const columns = chunk.columnEnd - chunk.column
      const triangle = chunk.row === chunk.column
      const total = new Int32Array(4 * rows * columns)
      for (let first = chunk.first; first < chunk.end; first += stretchBlocks) {
        const stretch = { first, end: Math.min(chunk.end, first + stretchBlocks) }
        const { first: offset, variants } = groupVariants(header, stretch)
        const index: number[] = []
        for (let v = 0; v < variants; v++) if (hasBit(chosen, offset + v)) index.push(v)
        if (index.length === 0) continue
        const records = await store.records(stretch, signal)
        const k = kernels()
        k.scope(() => {
          const at = k.put(records)
          const indexAt = k.put(Int32Array.from(index))
          const rowRank = k.put(rankOf(chunk.row, chunk.rowEnd))
          const columnRank = k.put(rankOf(chunk.column, chunk.columnEnd))
          const rowPlanes = k.allocate(24 * tileWords * rows)
          const columnPlanes = triangle ? rowPlanes : k.allocate(24 * tileWords * columns)
          const scratch = k.allocate(1024)
          const out = k.put(total)
          for (let v = 0; v < index.length; v += 64 * tileWords) {
            const count = Math.min(64 * tileWords, index.length - v)
            const tile = Math.ceil(count / 64)
            k.call.planesByPerson(at, indexAt + 4 * v, count, words, rowRank, tile, rowPlanes, scratch)
            if (!triangle)
              k.call.planesByPerson(at, indexAt + 4 * v, count, words, columnRank, tile, columnPlanes, scratch)
            k.call.kingCounts(rowPlanes, rows, columnPlanes, columns, tile, triangle ? 1 : 0, out)
          }
          total.set(k.i32(out, total.length))
        })
      }
      return total
    }
  },
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

/**
 * Kinship of all pairs of `people` (columns of the store) over the chosen variants: those at or above `threshold`, in
 * order of a, then b; and the mean number of opposite homozygotes. Memory: n^2 / 2 pairs in tiles of 512 x 512, whatever the number of variants.
 */
export async function kinshipPairs(setup: KingSetup, threshold: number, workshop: Workshop): Promise<Kinship> {
  const n = setup.people.length
  if (new Set(setup.people).size !== n)
    throw new UpturnError('Internal', 'kinship was asked for with a person named twice')
  const store = await openStore(workshop.host, setup.folder)
  const groups = blockGroups(store.header, 32)
  await store.close()
  const tiles: { row: number; rowEnd: number; column: number; columnEnd: number }[] = []
  for (let row = 0; row < n; row += tilePeople)
    for (let column = 0; column <= row; column += tilePeople)
      tiles.push({
        row,
        rowEnd: Math.min(n, row + tilePeople),
        column,
        columnEnd: Math.min(n, column + tilePeople),
      })
  const chunks = tiles.flatMap((tile) => groups.map((group) => ({ ...tile, ...group })))
  const pairs: KingPair[] = []
  let done = 0
  let opposite = 0
  let sum: Int32Array | undefined
  for await (const counts of workshop.run(kingTask, setup, chunks, { label: 'comparing pairs of people' })) {
    if (sum === undefined) sum = counts
    else for (let i = 0; i < sum.length; i++) sum[i] += counts[i]
    done++
    if (done % groups.length !== 0) continue
    const tile = tiles[done / groups.length - 1]
    const columns = tile.columnEnd - tile.column
    for (let a = tile.row; a < tile.rowEnd; a++)
      for (let b = tile.column; b < Math.min(a, tile.columnEnd); b++) {
        const o = 4 * ((a - tile.row) * columns + b - tile.column)
        const kinship = kingRobust(sum[o], sum[o + 1], sum[o + 2], sum[o + 3])
        opposite += sum[o + 1]
        if (kinship >= threshold)
          pairs.push({ a, b, kinship, bothHeterozygous: sum[o], oppositeHomozygotes: sum[o + 1] })
      }
    sum = undefined
  }
  pairs.sort((x, y) => x.a - y.a || x.b - y.b)
  return { pairs, meanOpposite: n < 2 ? 0 : opposite / ((n * (n - 1)) / 2) }
}
