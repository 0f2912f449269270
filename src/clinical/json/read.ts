import { UpturnError } from '../../errors/index.ts'
import type { ByteSource } from '../../host/host.ts'

/** A file beyond this would not fit in a text; records of so many people come one a file, or one a line. */
const largestFile = 1 << 28
const pieceBytes = 1 << 20

/** The whole text of a JSON file: UTF-8, without byte order mark. Refuses other bytes, with the line, and what is over 256 MB. */
export async function readJsonText(source: ByteSource, signal: AbortSignal): Promise<string> {
  const file = source.name
  if (source.size > largestFile)
    throw new UpturnError(
      'FormatInvalid',
      'the file is over 256 MB; write one file a person, or one record a line (.ndjson)',
      {
        place: { file },
      },
    )
  let text = ''
  for await (const piece of jsonPieces(source, signal)) text += piece
  return text
}

/** The lines of a file of one JSON value a line, with their numbers; empty lines are passed over. */
export async function* jsonLines(
  source: ByteSource,
  signal: AbortSignal,
): AsyncGenerator<{ text: string; line: number }> {
  let pending: string[] = []
  let held = 0
  let line = 1
  for await (const piece of jsonPieces(source, signal)) {
    const parts = piece.split('\n')
    for (const [k, part] of parts.entries()) {
      if (k > 0) {
        const text = pending.join('')
        if (text.trim() !== '') yield { text, line }
        line++
        pending = []
        held = 0
      }
      pending.push(part)
      held += part.length
    }
    if (held > largestFile)
      throw new UpturnError('FormatInvalid', 'the line has no end; a record a line is expected', {
        place: { file: source.name, line },
      })
  }
  const text = pending.join('')
  if (text.trim() !== '') yield { text, line }
}

async function* jsonPieces(source: ByteSource, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  for (let start = 0; start < source.size; start += pieceBytes) {
    signal.throwIfAborted()
    const bytes = await source.read(start, Math.min(start + pieceBytes, source.size), signal)
    let text: string
    try {
      text = decoder.decode(bytes, { stream: start + pieceBytes < source.size })
    } catch {
      throw new UpturnError('FormatInvalid', 'the file holds bytes that are not UTF-8; JSON is UTF-8', {
        place: { file: source.name, line: line + countLines(new TextDecoder().decode(bytes), true) },
      })
    }
    line += countLines(text, false)
    yield text
  }
}

function countLines(text: string, toReplaced: boolean): number {
  const end = toReplaced ? text.indexOf('�') : text.length
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count++
  return count
}
