import { UpturnError } from '../../errors/index.ts'
import type { TextReader } from './text.ts'

/** Where the bases of one sequence lie in the text of a FASTA file, as in a `.fai` index. */
export interface SequencePlace {
  readonly name: string
  /** Bases. */
  readonly length: number
  /** Byte of the text at which the first base stands. */
  readonly offset: number
  /** Bases on a line, and bytes of a line with its end. */
  readonly lineBases: number
  readonly lineBytes: number
}

/** Bytes of the text from the first base to behind the last one. */
export function sequenceBytes({ length, lineBases, lineBytes }: SequencePlace): number {
  if (length === 0) return 0
  const wholeLines = Math.floor((length - 1) / lineBases)
  return wholeLines * (lineBytes - lineBases) + length
}

/**
 * Parses a `.fai` index (samtools faidx): name, length, offset, bases a line, bytes a line. Refuses places that the text
 * cannot hold.
 */
export function parseFai(text: string, file: string, textBytes: number): SequencePlace[] {
  const places: SequencePlace[] = []
  for (const [k, line] of text.split('\n').entries()) {
    if (line === '' || line === '\r') continue
    const refuse = (message: string) => new UpturnError('FormatInvalid', message, { place: { file, line: k + 1 } })
    const fields = line.replace(/\r$/, '').split('\t')
    if (fields.length < 5 || !fields.slice(1, 5).every((field) => /^\d{1,15}$/.test(field)))
      throw refuse('a line of a FASTA index has a name and four whole numbers; make the index again (samtools faidx)')
    const [length, offset, lineBases, lineBytes] = fields.slice(1, 5).map(Number)
    if (length > 0 && (lineBases < 1 || lineBytes <= lineBases || lineBytes > lineBases + 2))
      throw refuse('the line lengths of this sequence are impossible; make the index again (samtools faidx)')
    const place = { name: fields[0], length, offset, lineBases, lineBytes }
    if (offset + sequenceBytes(place) > textBytes)
      throw refuse(
        'this sequence would end behind the end of the FASTA file; the two do not belong together: make the index again (samtools faidx)',
      )
    places.push(place)
  }
  return places
}

/** A header line longer than this is none. */
const headerLimit = 1 << 16
/** Far above the contigs of any assembly. */
const sequencesLimit = 1 << 21

/**
 * Finds the sequences of a FASTA file from its text, given piece by piece. All lines of a sequence but the last must be
 * equally long, as for `samtools faidx`.
 */
export class FastaIndexer {
  readonly places: SequencePlace[] = []
  readonly #file: string
  /** Byte of the text at which the current line began, and its number. */
  #lineStart = 0
  #line = 1
  #header: Uint8Array[] | undefined
  #headerBytes = 0
  #name: string | undefined
  #offset = 0
  #length = 0
  #lineBases = 0
  #lineBytes = 0
  /** A line shorter than the others was seen: only the end of the sequence may follow. */
  #ended = false
  #at = 0
  #lastByte = 10
  #atLineStart = true

  constructor(file: string) {
    this.#file = file
  }

  push(text: Uint8Array): void {
    let at = 0
    while (at < text.length) {
      if (this.#atLineStart) {
        this.#atLineStart = false
        this.#lineStart = this.#at + at
        if (text[at] === 62) {
          this.#closeSequence()
          this.#header = []
          this.#headerBytes = 0
        } else if (this.#name === undefined && text[at] !== 10 && text[at] !== 13)
          throw this.#refuse('a FASTA file begins with a line that starts with ">"')
      }
      const feed = text.indexOf(10, at)
      const end = feed < 0 ? text.length : feed
      if (this.#header !== undefined) {
        this.#header.push(text.slice(at, end))
        this.#headerBytes += end - at
        if (this.#headerBytes > headerLimit) throw this.#refuse('the header of this sequence is longer than 64 KiB')
      }
      if (end > at) this.#lastByte = text[end - 1]
      if (feed < 0) break
      this.#endLine(this.#at + feed, true)
      at = feed + 1
    }
    this.#at += text.length
  }

  finish(): SequencePlace[] {
    if (!this.#atLineStart) this.#endLine(this.#at, false)
    this.#closeSequence()
    return this.places
  }

  #endLine(feed: number, hasFeed: boolean): void {
    const returned = this.#lastByte === 13 && feed > this.#lineStart
    const bases = feed - this.#lineStart - (returned ? 1 : 0)
    const bytes = feed - this.#lineStart + (hasFeed ? 1 : 0)
    if (this.#header !== undefined) {
      this.#name = headerName(this.#header)
      this.#header = undefined
      this.#offset = feed + 1
      this.#length = 0
      this.#lineBases = 0
      this.#lineBytes = 0
      this.#ended = false
    } else if (bases === 0) this.#ended = true
    else {
      if (this.#ended || (this.#lineBases > 0 && bases > this.#lineBases))
        throw this.#refuse(
          `the lines of the sequence ${this.#name} are not equally long, so places cannot be found in it; write the file again with lines of one length`,
        )
      if (this.#lineBases === 0) {
        this.#lineBases = bases
        this.#lineBytes = bytes
      } else if (bases < this.#lineBases || (hasFeed && bytes !== this.#lineBytes)) this.#ended = true
      this.#length += bases
    }
    this.#line++
    this.#atLineStart = true
    this.#lastByte = 10
  }

  #closeSequence(): void {
    if (this.#name === undefined) return
    if (this.places.length === sequencesLimit)
      throw this.#refuse(`there are more than ${sequencesLimit} sequences, which no reference has`)
    // One line without an end has no line feed to count.
    const lineBytes = Math.max(this.#lineBytes, this.#lineBases + 1)
    this.places.push({
      name: this.#name,
      length: this.#length,
      offset: this.#offset,
      lineBases: this.#lineBases,
      lineBytes,
    })
    this.#name = undefined
  }

  #refuse(message: string): UpturnError {
    return new UpturnError('FormatInvalid', message, { place: { file: this.#file, line: this.#line } })
  }
}

/** The first word behind `>`. */
function headerName(pieces: readonly Uint8Array[]): string {
  const decoder = new TextDecoder()
  const line = pieces.map((piece) => decoder.decode(piece, { stream: true })).join('')
  return line.slice(1).split(/\s/, 1)[0]
}

/** True when the sequence's header line stands right before its first base, and nothing of it behind its last. */
export async function placeFits(text: TextReader, place: SequencePlace, signal?: AbortSignal): Promise<boolean> {
  const before = await text.read(Math.max(0, place.offset - headerLimit), place.offset, signal)
  if (place.offset > text.size || before.at(-1) !== 10) return false
  const feed = before.lastIndexOf(10, before.length - 2)
  if (before[feed + 1] !== 62 || headerName([before.subarray(feed + 1, before.length - 1)]) !== place.name) return false
  const end = place.offset + sequenceBytes(place)
  const after = await text.read(end, end + 3, signal)
  const next = after.findIndex((byte) => byte !== 13 && byte !== 10)
  return next < 0 || after[next] === 62
}
