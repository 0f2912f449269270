import { kernels } from '../../numerics/kernels.ts'
import { countsAt } from '../quality/scan.ts'

/**
 * Numbers a pair in the counts of a scan, all over variants at which both are called: both heterozygous; opposite homozygotes
 * (one no copy, the other two); only the first heterozygous; only the second; variants at which both are called.
 */
export const numbersPerPair = 5

/** Some people of a store, by place: rank by column of the store (padded to whole words), -1 for everybody else. */
interface Side {
  readonly people: number
  readonly rank: Int32Array
  /** Words of a plane in which they lie. */
  readonly firstWord: number
  readonly endWord: number
  /** Columns of the store. */
  readonly columns: Int32Array
}

function sideOf(columns: Int32Array, words: number): Side {
  const rank = new Int32Array(64 * words).fill(-1)
  columns.forEach((s, i) => {
    rank[s] = i
  })
  return {
    people: columns.length,
    rank,
    columns,
    firstWord: Math.min(...columns) >> 6,
    endWord: (Math.max(...columns) >> 6) + 1,
  }
}

// Where fewer than one person in 20 carries the rarer allele, pairs of carriers are visited instead of all pairs.
const carriersShare = 20
// 2,048 variants of 512 people are 256 kB of planes; two sides fit in a core's own cache.
const tileWords = 32

/**
 * Counts pairs of people of two sides over variants that come in pieces. Planes and distances are of calls taken as they
 * are, missing ones as no copy; what missing calls add is counted apart, for they are few, and taken off in the end.
 */
export class PairCounter {
  readonly #words: number
  readonly #rows: Side
  readonly #columns: Side
  readonly #same: boolean
  // Per pair: one heterozygous and the other not, opposite homozygotes (genotypeDistances).
  readonly #distances: Int32Array
  // For each column person, by person of the rows' words: heterozygous, two copies, missing where the first has no call.
  readonly #overRows: Int32Array
  // The same with rows and columns exchanged.
  readonly #overColumns: Int32Array
  // Heterozygous calls at variants with many carriers, and missing calls.
  readonly #rowTotals: Int32Array
  readonly #columnTotals: Int32Array
  // What sharedByCarriers adds up, in place of distances, where carriers are few.
  readonly #shared: Int32Array
  readonly #rowCarriers: Int32Array
  readonly #columnCarriers: Int32Array
  readonly #everyone: Uint8Array
  #used = 0

  /** @param rows, columns columns of the store; the same array where both sides are the same people */
  constructor(rows: Int32Array, columns: Int32Array, words: number) {
    this.#words = words
    this.#same = rows === columns
    this.#rows = sideOf(rows, words)
    this.#columns = this.#same ? this.#rows : sideOf(columns, words)
    this.#distances = new Int32Array(2 * rows.length * columns.length)
    const overlaps = (of: Side, over: Side) => new Int32Array(3 * of.people * 64 * (over.endWord - over.firstWord))
    this.#overRows = overlaps(this.#columns, this.#rows)
    this.#overColumns = this.#same ? this.#overRows : overlaps(this.#rows, this.#columns)
    this.#rowTotals = new Int32Array(2 * rows.length)
    this.#columnTotals = this.#same ? this.#rowTotals : new Int32Array(2 * columns.length)
    this.#shared = new Int32Array(this.#distances.length)
    this.#rowCarriers = new Int32Array(2 * rows.length)
    this.#columnCarriers = this.#same ? this.#rowCarriers : new Int32Array(2 * columns.length)
    this.#everyone = new Uint8Array(8 * words)
    for (const s of [...rows, ...columns]) this.#everyone[s >> 3] |= 1 << (s & 7)
  }

  /**
   * Adds the records index[..], at most 65,535, of the first `variants` in kernel memory at `records`, whose alleles may be
   * exchanged.
   */
  add(records: number, variants: number, index: Int32Array): void {
    const k = kernels()
    const { few, many, incomplete, missing } = this.#split(records, variants, index)
    this.#used += index.length
    k.scope(() => {
      const rank = k.put(this.#rows.rank)
      const columnRank = this.#same ? rank : k.put(this.#columns.rank)
      this.#compare(records, many, rank, columnRank)
      this.#share(records, few, rank, columnRank)
      if (missing === 0) return
      const at = k.put(incomplete)
      const overlap = (own: number, of: Side, totals: Int32Array, over: Side, sums: Int32Array) =>
        k.scope(() => {
          const heads = k.allocate(4 * of.people)
          const counts = k.allocate(4 * of.people)
          const links = k.allocate(8 * missing)
          k.call.missingChains(records, at, incomplete.length, this.#words, own, of.people, heads, counts, links)
          const scratch = k.allocate(768)
          const width = sums.length / of.people
          const out = k.put(sums)
          const firsts = k.i32(heads, of.people).slice()
          const lengths = k.i32(counts, of.people).slice()
          for (let r = 0; r < of.people; r++) {
            totals[2 * r + 1] += lengths[r]
            k.call.missingOverlaps(
              records,
              links,
              firsts[r],
              lengths[r],
              this.#words,
              over.firstWord,
              over.endWord,
              out + 4 * r * width,
              scratch,
            )
          }
          sums.set(k.i32(out, sums.length))
        })
      overlap(columnRank, this.#columns, this.#columnTotals, this.#rows, this.#overRows)
      if (!this.#same) overlap(rank, this.#rows, this.#rowTotals, this.#columns, this.#overColumns)
    })
  }

  // Variants with few carriers of the rarer allele, which becomes the one that is counted, and the others; and those that
  // some have no call at, with the number of missing calls.
  #split(
    records: number,
    variants: number,
    index: Int32Array,
  ): { few: Int32Array; many: Int32Array; incomplete: Int32Array; missing: number } {
    const k = kernels()
    return k.scope(() => {
      const counts = countsAt(records, variants, this.#words, this.#everyone)
      const most = (this.#rows.people + this.#columns.people) / (this.#same ? 2 : 1) / carriersShare
      const flips = new Uint8Array(index.length)
      const few: number[] = []
      const many: number[] = []
      const incomplete: number[] = []
      let missing = 0
      for (let i = 0; i < index.length; i++) {
        const v = index[i]
        const ref = counts[4 * v]
        const alt = counts[4 * v + 2]
        flips[i] = alt > ref ? 1 : 0
        if (counts[4 * v + 1] + Math.min(ref, alt) <= most) few.push(v)
        else many.push(v)
        if (counts[4 * v + 3] === 0) continue
        incomplete.push(v)
        missing += counts[4 * v + 3]
      }
      k.call.exchangeAlleles(records, k.put(index), k.put(flips), index.length, this.#words, k.put(this.#everyone))
      return {
        few: Int32Array.from(few),
        many: Int32Array.from(many),
        incomplete: Int32Array.from(incomplete),
        missing,
      }
    })
  }

  #share(records: number, index: Int32Array, rank: number, columnRank: number): void {
    if (index.length === 0) return
    const k = kernels()
    k.scope(() => {
      const shared = k.put(this.#shared)
      const rowTotals = k.put(this.#rowCarriers)
      const columnTotals = this.#same ? rowTotals : k.put(this.#columnCarriers)
      k.call.sharedByCarriers(
        records,
        k.put(index),
        index.length,
        this.#words,
        rank,
        this.#rows.people,
        columnRank,
        this.#columns.people,
        shared,
        rowTotals,
        columnTotals,
        k.allocate(4 * (this.#rows.people + this.#columns.people)),
      )
      for (const [held, at] of [
        [this.#shared, shared],
        [this.#rowCarriers, rowTotals],
        [this.#columnCarriers, columnTotals],
      ] as const)
        held.set(k.i32(at, held.length))
    })
  }

  #compare(records: number, index: Int32Array, rank: number, columnRank: number): void {
    if (index.length === 0) return
    const k = kernels()
    const words = this.#words
    const rows = this.#rows.people
    const columns = this.#columns.people
    k.scope(() => {
      const indexAt = k.put(index)
      const rowPlanes = k.allocate(16 * tileWords * rows)
      const columnPlanes = this.#same ? rowPlanes : k.allocate(16 * tileWords * columns)
      const rowTotals = k.put(this.#rowTotals)
      const columnTotals = this.#same ? rowTotals : k.put(this.#columnTotals)
      const scratch = k.allocate(1024)
      const out = k.put(this.#distances)
      for (let v = 0; v < index.length; v += 64 * tileWords) {
        const count = Math.min(64 * tileWords, index.length - v)
        const tile = 2 * Math.ceil(count / 128)
        const at = indexAt + 4 * v
        k.call.planesByPerson(records, at, count, words, rank, tile, rowPlanes, scratch)
        k.call.heterozygousInPlanes(rowPlanes, rows, tile, rowTotals)
        if (!this.#same) {
          k.call.planesByPerson(records, at, count, words, columnRank, tile, columnPlanes, scratch)
          k.call.heterozygousInPlanes(columnPlanes, columns, tile, columnTotals)
        }
        k.call.genotypeDistances(rowPlanes, rows, columnPlanes, columns, tile, this.#same ? 1 : 0, out)
      }
      for (const [held, at] of [
        [this.#distances, out],
        [this.#rowTotals, rowTotals],
        [this.#columnTotals, columnTotals],
      ] as const)
        held.set(k.i32(at, held.length))
    })
  }

  /** The numbers of every pair, rows x columns x 5; of one side with itself only column < row. */
  counts(): Int32Array<ArrayBuffer> {
    const rows = this.#rows
    const columns = this.#columns
    const counts = new Int32Array(numbersPerPair * rows.people * columns.people)
    const rowWidth = this.#overRows.length / columns.people
    const columnWidth = this.#overColumns.length / rows.people
    for (let i = 0; i < rows.people; i++)
      for (let j = 0; j < (this.#same ? i : columns.people); j++) {
        const pair = i * columns.people + j
        // What i has where j has no call, and the other way round.
        const ofI = j * rowWidth + 3 * (rows.columns[i] - 64 * rows.firstWord)
        const ofJ = i * columnWidth + 3 * (columns.columns[j] - 64 * columns.firstWord)
        const hetI = this.#rowTotals[2 * i] + this.#rowCarriers[2 * i] - this.#overRows[ofI]
        const hetJ = this.#columnTotals[2 * j] + this.#columnCarriers[2 * j] - this.#overColumns[ofJ]
        const carriersOne = this.#rowCarriers[2 * i] + this.#columnCarriers[2 * j] - 2 * this.#shared[2 * pair]
        const carriersTwo = this.#rowCarriers[2 * i + 1] + this.#columnCarriers[2 * j + 1] - this.#shared[2 * pair + 1]
        const one = this.#distances[2 * pair] + carriersOne - this.#overRows[ofI] - this.#overColumns[ofJ]
        const both = (hetI + hetJ - one) / 2
        const o = numbersPerPair * pair
        counts[o] = both
        counts[o + 1] =
          this.#distances[2 * pair + 1] + carriersTwo - this.#overRows[ofI + 1] - this.#overColumns[ofJ + 1]
        counts[o + 2] = hetI - both
        counts[o + 3] = hetJ - both
        counts[o + 4] =
          this.#used - this.#rowTotals[2 * i + 1] - this.#columnTotals[2 * j + 1] + this.#overRows[ofI + 2]
      }
    return counts
  }
}
