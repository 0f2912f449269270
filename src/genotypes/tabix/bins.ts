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
