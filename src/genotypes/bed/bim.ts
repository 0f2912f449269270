import type { AlleleBytes, BatchBuilder } from '../import/batch.ts'
import { chromosomeRank } from '../import/chromosome.ts'
import { type Counts, count } from '../import/counts.ts'
import type { RegionFilter } from '../regions/regions.ts'

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

/** Fields of a BIM line, as bytes of a text. */
class BimLine {
  readonly #starts = new Int32Array(6)
  readonly #ends = new Int32Array(6)
  readonly #text: Uint8Array
  #lastName = ''
  name = ''
  rank = -1
  position = 0

  constructor(text: Uint8Array) {
    this.#text = text
  }

  field(k: number): AlleleBytes {
    return { text: this.#text, start: this.#starts[k], end: this.#ends[k] }
  }

  get refBases(): number {
    return this.#ends[5] - this.#starts[5]
  }

  /** Takes in the line [start, end); the refusal's message and byte of the line, or undefined. */
  read(start: number, end: number): { message: string; column: number } | undefined {
    const text = this.#text
    let fields = 0
    for (let k = start; k < end; ) {
      while (k < end && isBlank(text[k])) k++
      if (k === end) break
      if (text[k] < 32) return { message: 'there is a control character in the line', column: k - start }
      const from = k
      while (k < end && text[k] > 32) k++
      if (fields < 6) {
        this.#starts[fields] = from
        this.#ends[fields] = k
      }
      fields++
    }
    if (fields !== 6)
      return {
        message: 'a BIM line must have 6 columns: chromosome, id, cM, position, allele 1, allele 2',
        column: 0,
      }
    const digits = new TextDecoder().decode(text.subarray(this.#starts[3], this.#ends[3]))
    this.position = Number(digits)
    if (!/^-?\d{1,10}$/.test(digits) || this.position > positionLimit)
      return { message: 'the position is not a whole number below 2^31', column: this.#starts[3] - start }
    this.name = new TextDecoder().decode(text.subarray(this.#starts[0], this.#ends[0]))
    if (this.name !== this.#lastName) {
      this.#lastName = this.name
      this.rank = chromosomeRank(this.name)
    }
    return undefined
  }
}

/** Bytes [start, end) of every line; the last one may lack its line feed. */
function* linesOf(text: Uint8Array): Generator<{ start: number; end: number }> {
  for (let start = 0; start < text.length; ) {
    const feed = text.indexOf(10, start)
    const end = feed < 0 ? text.length : feed
    yield { start, end }
    start = end + 1
  }
}

/** The first and the last of whole BIM lines whose reference allele overlaps a region or that are refused; null for none. */
export function bimInside(text: Uint8Array, filter: RegionFilter): { first: number; last: number } | null {
  const fields = new BimLine(text)
  let first = -1
  let last = -1
  let line = 0
  for (const { start, end } of linesOf(text)) {
    if (fields.read(start, end) !== undefined || insideRegions(fields, filter)) {
      if (first < 0) first = line
      last = line
    }
    line++
  }
  return first < 0 ? null : { first, last }
}

function insideRegions({ rank, position, refBases }: BimLine, filter: RegionFilter): boolean {
  return filter.overlaps(rank, position, position + refBases - 1)
}

/**
 * Adds the variants of whole BIM lines with their genotypes: alt is column 5 (A1), ref column 6 (A2).
 * @param genotypes one packed record a line, from line `first` on
 * @param filter lines outside are passed over
 * @returns lines inside, and the refusal where there was one
 */
export function addBimLines(
  text: Uint8Array,
  genotypes: Uint8Array,
  bytesPerRecord: number,
  batch: BatchBuilder,
  counts: Counts,
  { filter, first = 0 }: { filter?: RegionFilter; first?: number } = {},
): { records: number; failure: BimFailure | null } {
  const fields = new BimLine(text)
  let line = -1
  let records = 0
  for (const { start, end } of linesOf(text)) {
    line++
    const refused = fields.read(start, end)
    if (refused !== undefined) return { records, failure: { ...refused, line } }
    if (filter !== undefined && !insideRegions(fields, filter)) continue
    records++
    const { rank, name, position } = fields
    const alt = fields.field(4)
    const ref = fields.field(5)
    if (name === '0' || position <= 0) count(counts, 'no position', 1)
    else if (rank < 0) count(counts, 'contig that is not studied', 1)
    else if (unseen(ref)) count(counts, 'unknown reference allele', 1)
    else if (unseen(alt)) count(counts, 'no alternate allele', 1)
    else if (!isSequence(ref) || !isSequence(alt)) count(counts, 'allele that is no sequence', 1)
    else if (!batch.add(rank, position, ref, alt, fields.field(1), genotypes, (line - first) * bytesPerRecord))
      count(counts, 'alternate allele equals the reference', 1)
  }
  return { records, failure: null }
}
