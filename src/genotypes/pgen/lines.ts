import { isUpturnError, UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'

const readBytes = 1 << 20
/** A longer line cannot be one: alleles and annotations of millions of letters. */
const lineBytesLimit = 64 << 20

async function* sourcePieces(source: ByteSource, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < source.size; at += readBytes) yield await source.read(at, at + readBytes, signal)
}

/** The text of a file, plain or Zstandard by its first bytes; refuses what is neither. */
export async function textPieces(
  host: Host,
  source: ByteSource,
  signal?: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const head = await source.read(0, 4, signal)
  if (head[0] === 0x1f && head[1] === 0x8b)
    throw new UpturnError('FormatUnknown', 'this file is compressed with gzip; inflate it with gunzip', {
      place: { file: source.name },
    })
  const pieces = sourcePieces(source, signal)
  const isZstd = head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd
  return isZstd ? host.inflateZstdPieces(pieces) : pieces
}

/** Whole lines of a text that comes in pieces. */
export class LineReader {
  readonly #file: string
  readonly #pieces: AsyncIterator<Uint8Array>
  #buffer: Uint8Array = new Uint8Array(1 << 16)
  #start = 0
  #end = 0
  /** Bytes of the buffer that are known to hold no line feed. */
  #searched = 0
  #done = false
  /** Lines taken so far. */
  lines = 0

  constructor(pieces: AsyncIterable<Uint8Array>, file: string) {
    this.#file = file
    this.#pieces = pieces[Symbol.asyncIterator]()
  }

  /** First byte of the next line, -1 at the end. */
  async peek(): Promise<number> {
    while (this.#start === this.#end && !this.#done) await this.#more()
    return this.#start < this.#end ? this.#buffer[this.#start] : -1
  }

  /**
   * The next lines with their line feeds, at most `most` and at least one, of about `bytes` bytes at most; the last line
   * of the text may lack its line feed. Empty at the end. The bytes are the caller's.
   */
  async take(most: number, bytes: number): Promise<{ text: Uint8Array; lines: number }> {
    let lines = 0
    let end = this.#start
    while (lines < most && (lines === 0 || end - this.#start < bytes)) {
      const from = Math.max(end, this.#searched)
      const feed = this.#buffer.subarray(from, this.#end).indexOf(10)
      if (feed >= 0) {
        end = from + feed + 1
        lines++
        continue
      }
      this.#searched = this.#end
      if (this.#done) {
        if (end < this.#end) {
          end = this.#end
          lines++
        }
        break
      }
      if (this.#end - end > lineBytesLimit)
        throw new UpturnError('FormatInvalid', 'a line is longer than 64 MiB', {
          place: { file: this.#file, line: this.lines + lines + 1 },
        })
      const taken = end - this.#start
      await this.#more()
      end = this.#start + taken
    }
    const text = this.#buffer.slice(this.#start, end)
    this.#start = end
    this.#searched = Math.max(this.#searched, end)
    this.lines += lines
    return { text, lines }
  }

  /** The next line, without taking it. */
  async peekLine(): Promise<Uint8Array> {
    const { text, lines } = await this.take(1, 1)
    this.#start -= text.length
    this.#searched = this.#start
    this.lines -= lines
    return text
  }

  async close(): Promise<void> {
    await this.#pieces.return?.()
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#next()
    if (done) {
      this.#done = true
      return
    }
    if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end)
      this.#end -= this.#start
      this.#searched = Math.max(0, this.#searched - this.#start)
      this.#start = 0
    }
    if (this.#end + value.length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(this.#end + value.length, 2 * this.#buffer.length))
      larger.set(this.#buffer.subarray(0, this.#end))
      this.#buffer = larger
    }
    this.#buffer.set(value, this.#end)
    this.#end += value.length
  }

  /** A refusal of the stream gets the file's name. */
  async #next(): Promise<IteratorResult<Uint8Array>> {
    try {
      return await this.#pieces.next()
    } catch (error) {
      if (!isUpturnError(error) || error.place.file !== undefined) throw error
      const { code, message, details } = error
      throw new UpturnError(code, message, { place: { file: this.#file }, details, cause: error })
    }
  }
}
