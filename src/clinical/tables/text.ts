import { UpturnError } from '../../errors/index.ts'
import type { ByteSource } from '../../host/host.ts'
import type { TableEncoding } from './format.ts'

const pieceBytes = 1 << 16

/**
 * The text of a file, 64 kB at a time: what is made of a piece should die young, without byte order mark. A file is UTF-8, or UTF-16 where it begins with the mark of that; only a
 * file that is neither is read in the encoding declared. (Text in another encoding that is not plain ASCII is hardly ever valid UTF-8, while UTF-8
 * read as another encoding silently gives other letters.)
 *
 * Refuses, with the line: NUL characters, bytes that have no meaning in the encoding, and those that are not UTF-8 where nothing is declared.
 */
export async function* textPieces(
  source: ByteSource,
  signal: AbortSignal,
  declared: TableEncoding = 'utf-8',
): AsyncGenerator<string> {
  let decoder: Decoder | undefined
  let line = 1
  // New memory for every piece would keep the collector of garbage busy.
  const room = new ArrayBuffer(Math.min(pieceBytes, source.size))
  for (let start = 0; start < source.size; start += pieceBytes) {
    signal.throwIfAborted()
    const bytes = await source.read(start, Math.min(start + pieceBytes, source.size), signal, room)
    decoder ??= await decoderOf(source, bytes, declared, signal)
    const text = decoder.decode(bytes, start + pieceBytes >= source.size)
    if (typeof text !== 'string')
      throw new UpturnError('FormatInvalid', text.message, {
        place: { file: source.name, line: line + text.lines(bytes) },
      })
    const nul = text.indexOf('\0')
    if (nul >= 0)
      throw new UpturnError('FormatInvalid', 'the table holds NUL bytes, so it is not a text file', {
        place: { file: source.name, line: line + countNewlines(text, nul) },
      })
    line += countNewlines(text, text.length)
    yield text
  }
}

async function decoderOf(
  source: ByteSource,
  [first, second]: Uint8Array,
  declared: TableEncoding,
  signal: AbortSignal,
): Promise<Decoder> {
  if (first === 0xff && second === 0xfe) return unicode('utf-16le')
  if (first === 0xfe && second === 0xff) return unicode('utf-16be')
  return declared === 'utf-8' || (await isUtf8(source, signal)) ? unicode('utf-8') : singleByte(declared)
}

interface Undecodable {
  message: string
  /** Lines of the piece before the one that cannot be decoded. */
  lines(bytes: Uint8Array): number
}

interface Decoder {
  decode(bytes: Uint8Array, last: boolean): string | Undecodable
}

function unicode(encoding: 'utf-8' | 'utf-16le' | 'utf-16be'): Decoder {
  const decoder = new TextDecoder(encoding, { fatal: true })
  const wide = encoding !== 'utf-8'
  return {
    decode(bytes, last) {
      try {
        return decoder.decode(bytes, { stream: !last })
      } catch {
        return wide
          ? { message: 'the table is no valid UTF-16 text; save it as UTF-8', lines: () => 0 }
          : {
              message:
                'the table holds bytes that are not UTF-8; save it as UTF-8, or declare encoding: windows-1252 (or iso-8859-1) if that is what it is',
              lines: linesBeforeInvalid,
            }
      }
    },
  }
}

/** Windows-1252 at 0x80 to 0x9f (WHATWG Encoding, index-windows-1252, without the five bytes that stand for control characters there). */
const windows1252 = '€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ'

/** Both encodings are Latin-1 but for 0x80 to 0x9f, which no text in ISO 8859-1 uses. */
function singleByte(encoding: 'windows-1252' | 'iso-8859-1'): Decoder {
  const table = Array.from({ length: 256 }, (_, byte) =>
    byte < 0x80 || byte >= 0xa0 ? byte : encoding === 'windows-1252' ? windows1252.charCodeAt(byte - 0x80) : 0,
  )
  const codes = Uint16Array.from(table)
  return {
    decode(bytes) {
      let text = ''
      for (let start = 0; start < bytes.length; start += 8192) {
        const part = Uint16Array.from(bytes.subarray(start, start + 8192), (byte) => codes[byte])
        text += String.fromCharCode(...part)
      }
      const wrong = bytes.findIndex((byte) => byte !== 0 && codes[byte] === 0)
      if (wrong < 0) return text
      const other = encoding === 'iso-8859-1' ? ', as windows-1252 has it: declare that' : ''
      return {
        message: `the table holds the byte 0x${bytes[wrong].toString(16)}, which is no character of ${encoding}${other}`,
        lines: () => countNewlines(text, wrong),
      }
    },
  }
}

async function isUtf8(source: ByteSource, signal: AbortSignal): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for (let start = 0; start < source.size; start += pieceBytes) {
      signal.throwIfAborted()
      const bytes = await source.read(start, Math.min(start + pieceBytes, source.size), signal)
      decoder.decode(bytes, { stream: start + pieceBytes < source.size })
    }
    return true
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}

function countNewlines(text: string, end: number): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count++
  return count
}

/** Newlines before the first line of the piece that does not decode by itself. */
function linesBeforeInvalid(bytes: Uint8Array): number {
  let lines = 0
  let start = 0
  while (start < bytes.length) {
    const newline = bytes.indexOf(10, start)
    const end = newline < 0 ? bytes.length : newline
    // The first line of a piece may begin inside a character that an earlier piece opened.
    let from = start
    if (start === 0) while (from < end && from < 3 && (bytes[from] & 0xc0) === 0x80) from++
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(from, end))
    } catch {
      return lines
    }
    if (newline < 0) break
    lines++
    start = newline + 1
  }
  return Math.max(0, lines - 1)
}
