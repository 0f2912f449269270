import { UpturnError } from '../../errors/index.ts'
import { chromosomeRank, chromosomes } from '../import/chromosome.ts'

const lastBase = 2 ** 31 - 1

/** Bases `start` to `end` of a chromosome, 1-based, both included. */
export interface Region {
  /** Index in the order of chromosomes of a store. */
  readonly rank: number
  readonly start: number
  readonly end: number
  /** What a list calls it. */
  readonly name?: string
}

/**
 * What is asked for of a genotype file, as plain data that travels to workers: intervals sorted by chromosome and start,
 * none of which overlaps or touches another. A record is inside when the bases of its reference allele, as the file has
 * it and before any trimming, overlap an interval: POS to POS + length of REF - 1, whatever INFO/END says.
 */
export interface Regions {
  readonly rank: Uint8Array
  readonly start: Int32Array
  readonly end: Int32Array
}

/**
 * One region as bcftools writes it: `chr1`, `1:1000` (one base), `1:1000-2000`, `1:1000-`, `1:-2000`. Chromosomes go by
 * any of their names. BadArgument for another form, an empty interval, and contigs that are not studied.
 */
export function parseRegion(text: string): Region {
  const match = /^([^:]+)(?::(?:(\d+)|(\d*)-(\d*)))?$/.exec(text.trim())
  const bad = (what: string) =>
    new UpturnError(
      'BadArgument',
      `the region ${JSON.stringify(text)} ${what}; write chr1, chr1:1000 or chr1:1000-2000`,
    )
  if (match === null || match[0].endsWith(':-')) throw bad('has no such form')
  const rank = chromosomeRank(match[1])
  if (rank < 0) throw bad('names no chromosome among 1 to 22, X, Y and MT')
  const [, , single, from, to] = match
  const start = Number(single ?? (from || 1))
  const end = Number(single ?? (to || lastBase))
  if (start < 1 || end > lastBase || start > lastBase) throw bad('lies outside 1 to 2147483647')
  if (start > end) throw bad('ends before it begins')
  return { rank, start, end }
}

/** Sorts regions and joins those that overlap or touch. */
export function mergeRegions(regions: readonly Region[]): Regions {
  const sorted = [...regions].sort((a, b) => a.rank - b.rank || a.start - b.start)
  const joined: Region[] = []
  for (const region of sorted) {
    const last = joined.at(-1)
    if (last === undefined || last.rank !== region.rank || region.start > last.end + 1) joined.push(region)
    else if (region.end > last.end) joined[joined.length - 1] = { ...last, end: region.end }
  }
  return {
    rank: Uint8Array.from(joined, ({ rank }) => rank),
    start: Int32Array.from(joined, ({ start }) => start),
    end: Int32Array.from(joined, ({ end }) => end),
  }
}

/** Regions in words, the first three by name. */
export function regionRule({ rank, start, end }: Regions): string {
  const names = Array.from(rank.subarray(0, 3), (chromosome, k) => {
    const whole = start[k] === 1 && end[k] === lastBase
    return `${chromosomes[chromosome]}${whole ? '' : `:${start[k]}-${end[k] === lastBase ? '' : end[k]}`}`
  })
  const more = rank.length > names.length ? ` and ${rank.length - names.length} more` : ''
  return `only records that overlap ${rank.length === 1 ? 'this region' : `these ${rank.length} regions`} were read: ${names.join(', ')}${more}`
}

/** The intervals of one chromosome. */
export function regionsOf(regions: Regions, rank: number): { start: number; end: number }[] {
  const from = regions.rank.indexOf(rank)
  if (from < 0) return []
  const to = regions.rank.lastIndexOf(rank) + 1
  return Array.from({ length: to - from }, (_, k) => ({ start: regions.start[from + k], end: regions.end[from + k] }))
}

/** Tells what is inside regions. */
export class RegionFilter {
  readonly #start: Int32Array
  readonly #end: Int32Array
  /** First interval of each rank, and one behind the last. */
  readonly #first = new Int32Array(257)

  constructor(regions: Regions) {
    this.#start = regions.start
    this.#end = regions.end
    for (const rank of regions.rank) this.#first[rank + 1]++
    for (let rank = 0; rank < 256; rank++) this.#first[rank + 1] += this.#first[rank]
  }

  /** Whether bases `first` to `last` of a chromosome overlap an interval; never for rank -1 or position 0, which are none. */
  overlaps(rank: number, first: number, last: number): boolean {
    if (rank < 0 || first < 1) return false
    // The first interval that does not end before `first`.
    let low = this.#first[rank]
    let high = this.#first[rank + 1]
    const stop = high
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#end[middle] < first) low = middle + 1
      else high = middle
    }
    return low < stop && this.#start[low] <= last
  }
}
