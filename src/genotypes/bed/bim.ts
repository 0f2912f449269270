import type { AlleleBytes, BatchBuilder } from '../import/batch.ts'
import { chromosomeRank } from '../import/chromosome.ts'
import { type Counts, count } from '../import/counts.ts'

/** A refused line: lines from the first one parsed, bytes from the line's first, both 0-based. */
export interface BimFailure {
  readonly message: string
  readonly line: number
  readonly column: number
}

const positionLimit = 2 ** 31 - 1

/** One character, `0` or `.`: the allele was never seen. */
function unseen({ text, start, end }: AlleleBytes): boolean {
  return end - start === 1 && (text[start] === 48 || text[start] === 46)
}

/** A space, tab or carriage return. */
function isBlank(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === 13
}

/** A, C, G, T and N only, in either case. */
function isSequence({ text, start, end }: AlleleBytes): boolean {
  for (let k = start; k < end; k++) {
    const letter = text[k] & 0xdf
    if (text[k] < 65 || !(letter === 65 || letter === 67 || letter === 71 || letter === 84 || letter === 78))
      return false
  }
  return end > start
}

/**
 * Adds the variants of whole BIM lines with their genotypes: alt is column 5 (A1), ref column 6 (A2).
 * @param genotypes one packed record a line
 */
export function addBimLines(
  text: Uint8Array,
  genotypes: Uint8Array,
  bytesPerRecord: number,
  batch: BatchBuilder,
  counts: Counts,
): BimFailure | undefined {
  let lastName = ''
  let lastRank = -1
  const starts = new Int32Array(6)
  const ends = new Int32Array(6)
  let line = 0
  for (let at = 0; at < text.length; line++) {
    const lineStart = at
    let lineEnd = text.indexOf(10, at)
    if (lineEnd < 0) lineEnd = text.length
    at = lineEnd + 1
    let fields = 0
    for (let k = lineStart; k < lineEnd; ) {
      while (k < lineEnd && isBlank(text[k])) k++
      if (k === lineEnd) break
      if (text[k] < 32) return { message: 'there is a control character in the line', line, column: k - lineStart }
      const start = k
      while (k < lineEnd && text[k] > 32) k++
      if (fields < 6) {
        starts[fields] = start
        ends[fields] = k
      }
      fields++
    }
    if (fields !== 6)
      return {
        message: 'a BIM line must have 6 columns: chromosome, id, cM, position, allele 1, allele 2',
        line,
        column: 0,
      }
    const digits = new TextDecoder().decode(text.subarray(starts[3], ends[3]))
    const position = Number(digits)
    if (!/^-?\d{1,10}$/.test(digits) || position > positionLimit)
      return { message: 'the position is not a whole number below 2^31', line, column: starts[3] - lineStart }
    const name = new TextDecoder().decode(text.subarray(starts[0], ends[0]))
    if (name !== lastName) {
      lastName = name
      lastRank = chromosomeRank(name)
    }
    const alt = { text, start: starts[4], end: ends[4] }
    const ref = { text, start: starts[5], end: ends[5] }
    const id = { text, start: starts[1], end: ends[1] }
    if (name === '0' || position <= 0) count(counts, 'no position', 1)
    else if (lastRank < 0) count(counts, 'contig that is not studied', 1)
    else if (unseen(ref)) count(counts, 'unknown reference allele', 1)
    else if (unseen(alt)) count(counts, 'no alternate allele', 1)
    else if (!isSequence(ref) || !isSequence(alt)) count(counts, 'allele that is no sequence', 1)
    else if (!batch.add(lastRank, position, ref, alt, id, genotypes, line * bytesPerRecord))
      count(counts, 'alternate allele equals the reference', 1)
  }
  return undefined
}
