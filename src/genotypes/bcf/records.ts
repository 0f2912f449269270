import { UpturnError } from '../../errors/index.ts'
import type { RegionFilter } from '../regions/regions.ts'

/** A record longer than this is refused, as a line of a VCF file is. */
export const recordBytesLimit = 64 << 20
/** Lengths and fixed fields of a record. */
const fixedBytes = 32
/** Records are handed on in pieces of about this size, so that they are still in the cache when they are scanned. */
const pieceBytes = 512 << 10
/** Records that must follow each other for a place to be believed. */
const chain = 8

const u32 = (bytes: Uint8Array, at: number) =>
  (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0

/** Bytes of the record at `at`, its two lengths included; eight bytes must be there. */
export function recordLength(bytes: Uint8Array, at: number): number {
  return 8 + u32(bytes, at) + u32(bytes, at + 4)
}

/** What every record of a file has in common. */
export interface RecordShape {
  readonly samples: number
  /** Contig numbers are below this. */
  readonly contigs: number
}

/** Whether a record may begin here: `fixedBytes` bytes and four more must be there. */
function looksLikeRecord(bytes: Uint8Array, at: number, { samples, contigs }: RecordShape): boolean {
  const sampleWord = u32(bytes, at + 28)
  if ((sampleWord & 0xffffff) !== samples) return false
  const shared = u32(bytes, at)
  const individual = u32(bytes, at + 4)
  if (shared < 28 || shared + individual > recordBytesLimit || sampleWord >>> 24 > 0 !== individual > 0) return false
  // contig, position and length on the reference are not negative
  if (u32(bytes, at + 8) >= contigs || (u32(bytes, at + 12) + 1) >>> 0 > 0x7fffffff || bytes[at + 19] > 127)
    return false
  const alleles = bytes[at + 26] | (bytes[at + 27] << 8)
  const id = bytes[at + 32]
  return alleles > 0 && ((id & 15) === 7 || id === 0)
}

/**
 * Where the first record begins in a text that may begin anywhere: a place from which up to eight records follow each
 * other. It is a guess, to be proved by whoever knows where the record before it ends. -1 when there is none before
 * `limit`, undefined when that takes more text than there is.
 * @param complete the file ends where `text` does
 */
export function guessRecord(
  text: Uint8Array,
  limit: number,
  complete: boolean,
  shape: RecordShape,
): number | undefined {
  for (let at = 0; at < limit; at++) {
    let place = at
    let verdict: boolean | undefined
    for (let k = 0; k < chain && verdict === undefined; k++) {
      if (place + fixedBytes + 1 > text.length) {
        if (k > 0) verdict = !complete || place === text.length
        else if (complete) verdict = false
        else return undefined
      } else if (!looksLikeRecord(text, place, shape)) verdict = false
      else place += recordLength(text, place)
    }
    if (verdict ?? true) return at
  }
  return -1
}

/**
 * Makes whole records of text that comes in pieces, and remembers at which byte of the file (of the block, if it is
 * compressed) each piece begins. Offsets count bytes of text from the first piece on.
 */
export class RecordAssembler {
  /** Text from the first record that was not taken yet. */
  #buffer: Uint8Array = new Uint8Array(65536)
  #length = 0
  #from: number
  #end: number
  #textEnd = 0
  /** Records that begin here or behind belong to somebody else. */
  limit = Number.POSITIVE_INFINITY
  #pieces: { offset: number; byte: number }[] = []

  /** @param first offset of the first record */
  constructor(first: number) {
    this.#from = first
    this.#end = first
  }

  /** Offset behind the last record that is whole. */
  get end(): number {
    return this.#end
  }

  /** Offset behind the text that was pushed. */
  get textEnd(): number {
    return this.#textEnd
  }

  /** Adds text, `within` bytes behind the beginning of its piece; refuses a record that declares more than 64 MiB. */
  push(text: Uint8Array, byte: number, within = 0): void {
    if (text.length > 0) this.#pieces.push({ offset: this.#textEnd - within, byte })
    const piece = text.subarray(Math.min(text.length, Math.max(0, this.#from - this.#textEnd)))
    this.#textEnd += text.length
    const length = this.#length + piece.length
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#buffer.length))
      larger.set(this.#buffer.subarray(0, this.#length))
      this.#buffer = larger
    }
    this.#buffer.set(piece, this.#length)
    this.#length = length
    while (this.#end < this.limit) {
      const at = this.#end - this.#from
      if (at + 8 > length) return
      const bytes = recordLength(this.#buffer, at)
      if (bytes > recordBytesLimit)
        throw new UpturnError('FormatInvalid', 'the record declares more than 64 MiB, which cannot be')
      if (at + bytes > length) return
      this.#end += bytes
    }
  }

  /** Whole records and where the first begins, when enough have gathered or `all` are asked for; undefined for none. */
  take(all: boolean): { records: Uint8Array; offset: number } | undefined {
    const bytes = this.#end - this.#from
    if (bytes === 0 || (!all && bytes < pieceBytes)) return undefined
    const taken = { records: this.#buffer.slice(0, bytes), offset: this.#from }
    this.#buffer.copyWithin(0, bytes, this.#length)
    this.#length -= bytes
    this.#from = this.#end
    const first = this.#pieces.findLastIndex((piece) => piece.offset <= taken.offset)
    this.#pieces = this.#pieces.slice(Math.max(0, first))
    return taken
  }

  /** Where in the file an offset lies that was not taken, or taken last: the byte of its piece, and how far behind it. */
  placeOf(offset: number): { byte: number; within: number } {
    const piece = this.#pieces.findLast((candidate) => candidate.offset <= offset) ?? { offset, byte: 0 }
    return { byte: piece.byte, within: offset - piece.offset }
  }
}

/** Bases of the reference allele of a record, or -1 where its fields are not where they should be. */
function referenceBases(records: Uint8Array, at: number, end: number): number {
  // Behind the fixed fields: the ID, then the reference allele, both typed strings.
  let place = at + fixedBytes
  for (let k = 0; k < 2; k++) {
    let length = records[place] >> 4
    let begin = place + 1
    if (length === 15) {
      const size = { 17: 1, 18: 2, 19: 4 }[records[begin]]
      if (size === undefined) return -1
      length = 0
      for (let b = size; b > 0; b--) length = length * 256 + (records[begin + b] ?? 0)
      begin += 1 + size
    }
    if (begin + length > end) return -1
    if (k === 1) return length
    place = begin + length
  }
  return -1
}

/**
 * The records whose reference allele overlaps a region, as runs [start, end) of neighbours, and the number of the first
 * of each. A record whose fields cannot be made out, or of no known contig, counts as inside: the scan refuses it.
 * @param ranks rank of each contig, -1 for one that is not studied, -2 for a number that no contig has
 */
export function recordsInside(
  records: Uint8Array,
  ranks: Int32Array,
  filter: RegionFilter,
): { runs: { start: number; end: number; record: number }[]; records: number } {
  const runs: { start: number; end: number; record: number }[] = []
  let open: { start: number; record: number } | undefined
  let record = 0
  for (let at = 0; at < records.length; record++) {
    const end = at + recordLength(records, at)
    const rank = end - at < fixedBytes ? -2 : (ranks[u32(records, at + 8)] ?? -2)
    const bases = rank < 0 ? 0 : referenceBases(records, at, end)
    const position = u32(records, at + 12) + 1
    if (rank === -2 || bases < 0 || filter.overlaps(rank, position, position + bases - 1))
      open ??= { start: at, record }
    else if (open !== undefined) {
      runs.push({ ...open, end: at })
      open = undefined
    }
    at = end
  }
  if (open !== undefined) runs.push({ ...open, end: records.length })
  return { runs, records: record }
}
