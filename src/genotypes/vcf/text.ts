import type { Kernels } from '../../numerics/kernels.ts'
import type { BatchBuilder } from '../import/batch.ts'
import type { Counts } from '../import/counts.ts'
import type { RegionFilter } from '../regions/regions.ts'
import { linesInside } from './inside.ts'
import type { LineFailure } from './refusals.ts'
import { textPadding, type VcfScanner } from './scan.ts'

/** A line longer than this is refused: sixteen million people with nothing but GT. */
export const lineBytesLimit = 64 << 20
/** Text gathers to about this much before it is scanned, so that it is still in the cache. */
const windowBytes = 256 << 10
/** Room that every piece may take, and bytes behind it that may be overwritten. */
export const pieceBytes = 65536
const pieceSlack = 320

/** Writes the next piece of text, at most `pieceBytes`, to kernel memory; -1 when there is none left. */
export type TextFill = (at: number) => number

/** What becomes of whole lines. */
export interface LineSink {
  readonly scanner: VcfScanner
  readonly batch: BatchBuilder
  readonly counts: Counts
  /** Only lines inside are scanned. */
  readonly filter?: RegionFilter
}

/** Where a run of text stands. */
export interface TextState {
  /** Bytes of a line that has no line feed yet. */
  carry: Uint8Array
  /** The first line feed has not been met, and nothing before it counts. */
  skipping: boolean
  /** Line feeds met, the skipped one included. */
  feeds: number
  /** Lines scanned. */
  lines: number
  records: number
  failure: LineFailure | null
}

export function textState(skipping: boolean): TextState {
  return { carry: new Uint8Array(0), skipping, feeds: 0, lines: 0, records: 0, failure: null }
}

/**
 * Scans the whole lines of a text that comes in pieces, in kernel memory, where pieces are written by whoever makes them:
 * nothing is copied but the beginning of a line that a window cuts. What follows the last line feed is kept as `carry`.
 * @param drop bytes of the first piece that are no text of lines
 */
export function scanPieces(k: Kernels, sink: LineSink, fill: TextFill, state: TextState, drop = 0): void {
  let target = windowBytes
  let capacity = 0
  let textAt = 0
  let length = state.carry.length
  const reserve = (bytes: number) => {
    const larger = k.allocate(bytes + textPadding)
    if (length > 0) k.u8(larger, length).set(k.u8(textAt, length))
    textAt = larger
    capacity = bytes
  }
  const removeFront = (bytes: number) => {
    k.u8(textAt, length).copyWithin(0, bytes)
    length -= bytes
  }
  const first = state.carry
  length = 0
  reserve(windowBytes + first.length + 2 * (pieceBytes + pieceSlack))
  k.u8(textAt, first.length).set(first)
  length = first.length
  let left = drop
  for (let more = true; more && state.failure === null; ) {
    while (more && length < target) {
      if (capacity - length < pieceBytes + pieceSlack) reserve(2 * capacity)
      const written = fill(textAt + length)
      if (written < 0) more = false
      else length += written
      if (left > 0) {
        const gone = Math.min(left, length)
        removeFront(gone)
        left -= gone
      }
    }
    if (state.skipping) {
      const feed = k.call.nextLineFeed(textAt, textAt + length) - textAt
      if (feed === length) {
        length = 0
        continue
      }
      state.skipping = false
      state.feeds++
      removeFront(feed + 1)
    }
    const whole = k.call.behindLastLineFeed(textAt, textAt + length) - textAt
    if (whole === 0) {
      if (length > lineBytesLimit)
        state.failure = {
          message: 'a line is longer than 64 MiB; this cannot be a VCF file',
          line: state.lines,
          column: 0,
        }
      target = 2 * length + windowBytes
      continue
    }
    const lines = scanRuns(k, sink, textAt, whole, state)
    state.lines += lines
    state.feeds += lines
    removeFront(whole)
    target = windowBytes
  }
  state.carry = k.u8(textAt, length).slice()
}

/** Scans the lines of a text that are inside; returns the number of all, up to a failure. */
function scanRuns(
  k: Kernels,
  { scanner, batch, counts, filter }: LineSink,
  textAt: number,
  length: number,
  state: TextState,
): number {
  const inside = filter && linesInside(k.u8(textAt, length), filter)
  let lines = 0
  for (const run of inside?.runs ?? [{ start: 0, end: length, line: 0 }]) {
    const scanned = scanner.scan(textAt + run.start, run.end - run.start, batch, counts)
    lines = run.line + scanned.lines
    state.records += scanned.records
    if (scanned.failure === undefined) continue
    state.failure = { ...scanned.failure, line: state.lines + run.line + scanned.failure.line }
    return lines
  }
  return inside?.lines ?? lines
}
