import { UpturnError } from '../../errors/index.ts'

/** Text is handed on in pieces of about this size, so that it is still in the cache when it is scanned. */
const pieceBytes = 512 << 10
/** A line longer than this is refused: sixteen million people with nothing but GT. */
export const lineBytesLimit = 64 << 20

/**
 * Makes whole lines of text that comes in pieces. A chunk of a file owns the lines that begin behind a line feed of its
 * own text, and the first chunk the file's first record too; so a chunk leaves out everything through its first line
 * feed, and reads on behind its end through one line feed more. No line is lost or doubled, wherever chunks are cut.
 */
export class LineAssembler {
  #buffer: Uint8Array = new Uint8Array(65536)
  #length = 0
  #skipping: boolean
  /** Line feeds in the chunk's own text. */
  feeds = 0

  constructor(first: boolean) {
    this.#skipping = !first
  }

  /** True while no line of this chunk has begun. */
  get skipping(): boolean {
    return this.#skipping
  }

  /** Bytes of the chunk's own text; `feeds` counts its lines. */
  push(text: Uint8Array, countFeeds: (text: Uint8Array) => number): void {
    this.feeds += countFeeds(text)
    let piece = text
    if (this.#skipping) {
      const feed = text.indexOf(10)
      if (feed < 0) return
      this.#skipping = false
      piece = text.subarray(feed + 1)
    }
    this.#append(piece)
  }

  /** Text behind the chunk's end; true when the last line is complete. */
  pushBeyond(text: Uint8Array): boolean {
    const feed = text.indexOf(10)
    this.#append(feed < 0 ? text : text.subarray(0, feed + 1))
    return feed >= 0
  }

  /** Whole lines when enough have gathered, or undefined. Valid until the next push. */
  take(): Uint8Array | undefined {
    return this.#length < pieceBytes ? undefined : this.#cut()
  }

  /** Whatever whole lines are left; `rest` then says how many bytes follow the last line feed. */
  takeAll(): Uint8Array {
    return this.#cut() ?? new Uint8Array(0)
  }

  /** Bytes behind the last line feed that was taken. */
  get rest(): number {
    return this.#length
  }

  #cut(): Uint8Array | undefined {
    const feed = this.#buffer.subarray(0, this.#length).lastIndexOf(10)
    if (feed < 0) {
      if (this.#length > lineBytesLimit)
        throw new UpturnError('FormatInvalid', 'a line is longer than 64 MiB; this cannot be a VCF file')
      return undefined
    }
    const lines = this.#buffer.slice(0, feed + 1)
    this.#buffer.copyWithin(0, feed + 1, this.#length)
    this.#length -= feed + 1
    return lines
  }

  #append(piece: Uint8Array): void {
    const length = this.#length + piece.length
    if (length > this.#buffer.length) {
      if (this.#length > lineBytesLimit)
        throw new UpturnError('FormatInvalid', 'a line is longer than 64 MiB; this cannot be a VCF file')
      const larger = new Uint8Array(Math.max(length, 2 * this.#buffer.length))
      larger.set(this.#buffer.subarray(0, this.#length))
      this.#buffer = larger
    }
    this.#buffer.set(piece, this.#length)
    this.#length = length
  }
}
