import { UpturnError } from '../../errors/index.ts'
import type { ByteSource } from '../../host/host.ts'

const pieceBytes = 1 << 18

/**
 * The text of a file, a quarter megabyte at a time, as valid UTF-8 without byte order mark.
 * Refuses UTF-16, NUL bytes and bytes that are not UTF-8, with the line.
 */
export async function* textPieces(source: ByteSource, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  for (let start = 0; start < source.size; start += pieceBytes) {
    signal.throwIfAborted()
    const bytes = await source.read(start, Math.min(start + pieceBytes, source.size), signal)
    if (start === 0 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)))
      throw new UpturnError('FormatInvalid', 'the table is UTF-16 text; save it as UTF-8', {
        place: { file: source.name, line: 1 },
      })
    let text: string
    try {
      text = decoder.decode(bytes, { stream: start + pieceBytes < source.size })
    } catch {
      throw new UpturnError('FormatInvalid', 'the table holds bytes that are not UTF-8; save it as UTF-8', {
        place: { file: source.name, line: line + linesBeforeInvalid(bytes) },
      })
    }
    const nul = text.indexOf('\0')
    if (nul >= 0)
      throw new UpturnError('FormatInvalid', 'the table holds NUL bytes, so it is not a text file', {
        place: { file: source.name, line: line + countNewlines(text, nul) },
      })
    line += countNewlines(text, text.length)
    yield text
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
