// The binning scheme of UCSC and SAM (SAM specification, 5.3), general in the smallest window and the depth as in CSI.

export interface Binning {
  /** log2 of the smallest window in bases: 14 in TBI. */
  readonly shift: number
  /** Levels below the root: 5 in TBI. */
  readonly depth: number
}

export const tbiBinning: Binning = { shift: 14, depth: 5 }

/** First bin of a level; level 0 is the root. */
export function firstBin(level: number): number {
  return (8 ** level - 1) / 7
}

/** The smallest bin that holds all of [start, end), 0-based. */
export function binOf(start: number, end: number, { shift, depth }: Binning): number {
  const last = end - 1
  for (let level = depth; level > 0; level--) {
    const size = 2 ** (shift + 3 * (depth - level))
    if (Math.floor(start / size) === Math.floor(last / size)) return firstBin(level) + Math.floor(start / size)
  }
  return 0
}

/** Whether a bin may hold something that overlaps [start, end), 0-based. */
export function binOverlaps(bin: number, start: number, end: number, { shift, depth }: Binning): boolean {
  let level = depth
  while (level > 0 && firstBin(level) > bin) level--
  const size = 2 ** (shift + 3 * (depth - level))
  const from = (bin - firstBin(level)) * size
  return from < end && start < from + size
}

/** The bins, among those that exist, that may hold something that overlaps [start, end), 0-based. */
export function binsOverlapping(
  bins: ReadonlyMap<number, unknown>,
  start: number,
  end: number,
  binning: Binning,
): number[] {
  const found: number[] = []
  for (let level = 0; level <= binning.depth; level++) {
    const size = 2 ** (binning.shift + 3 * (binning.depth - level))
    const first = Math.floor(start / size)
    const last = Math.min(8 ** level - 1, Math.floor((end - 1) / size))
    if (last - first >= bins.size) return [...bins.keys()].filter((bin) => binOverlaps(bin, start, end, binning))
    for (let k = first; k <= last; k++) if (bins.has(firstBin(level) + k)) found.push(firstBin(level) + k)
  }
  return found
}
