import { UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import { blockHeader, endOfFileBlock, inflateBlock, isGzip, maximumBlockBytes, truncatedAt } from '../bgzf/block.ts'
import { inflateGzip } from '../bgzf/gzip.ts'
import { type Declarations, readDeclarations } from './declarations.ts'
import { parseVcfHeader, type VcfHeader } from './header.ts'
import { versionRules } from './version.ts'

/** How a file's text is stored. */
export type TextKind = 'plain' | 'bgzf' | 'gzip'

/** Bytes that are read at a time when text is read from its beginning. */
const readBytes = 1 << 20
/** A header of 64 MiB would have a million samples with long names. */
const headerBytesLimit = 64 << 20

/**
 * Where the first record begins: a byte of a plain file, a block and a byte of its text in a BGZF file, a byte of the
 * whole text in a gzip file.
 */
export interface TextPlace {
  readonly byte: number
  readonly within: number
}

export interface VcfStart {
  readonly kind: TextKind
  readonly header: VcfHeader
  readonly declarations: Declarations
  readonly records: TextPlace
}

/** What the first bytes say; a BGZF file must have its end-of-file block. */
export async function textKind(source: ByteSource, signal?: AbortSignal): Promise<TextKind> {
  const head = await source.read(0, maximumBlockBytes, signal)
  if (!isGzip(head)) return 'plain'
  if (blockHeader(head) === undefined) return 'gzip'
  const tail = await source.read(source.size - endOfFileBlock.length, source.size, signal)
  if (tail.length !== endOfFileBlock.length || tail.some((byte, k) => byte !== endOfFileBlock[k]))
    throw truncatedAt(source.name, source.size, 'the block that ends every BGZF file is missing')
  return 'bgzf'
}

/** A piece of text with where it begins in the file (in the text, for gzip) and where the next piece does. */
export interface TextPiece {
  readonly text: Uint8Array
  readonly byte: number
  readonly next: number
}

/** The text of a file from its beginning, piece by piece. */
export async function* textPieces(
  host: Host,
  source: ByteSource,
  kind: TextKind,
  signal?: AbortSignal,
): AsyncGenerator<TextPiece> {
  if (kind === 'plain') {
    yield* plainPieces(source, 0, source.size, readBytes, signal)
  } else if (kind === 'gzip') {
    let byte = 0
    for await (const text of inflateGzip(source, signal)) {
      yield { text, byte, next: byte + text.length }
      byte += text.length
    }
  } else yield* bgzfPieces(host, source, 0, source.size, signal)
}

/** Bytes [start, end) of a plain file. */
export async function* plainPieces(
  source: ByteSource,
  start: number,
  end: number,
  bytes: number,
  signal?: AbortSignal,
): AsyncGenerator<TextPiece> {
  for (let byte = start; byte < end; byte += bytes) {
    const next = Math.min(end, byte + bytes)
    yield { text: await source.read(byte, next, signal), byte, next }
  }
}

/** Blocks that begin in [start, end) of a BGZF file; one must begin at `start`. */
export async function* bgzfPieces(
  host: Host,
  source: ByteSource,
  start: number,
  end: number,
  signal?: AbortSignal,
): AsyncGenerator<TextPiece> {
  let bytes: Uint8Array = new Uint8Array(0)
  let bytesAt = start
  for (let at = start; at < end; ) {
    signal?.throwIfAborted()
    let header = blockHeader(bytes, at - bytesAt)
    if (header === undefined || at - bytesAt + header.blockBytes > bytes.length) {
      bytes = await source.read(at, Math.max(at + maximumBlockBytes, Math.min(end, at + readBytes)), signal)
      bytesAt = at
      header = blockHeader(bytes)
    }
    if (header === undefined || at + header.blockBytes > source.size) throw brokenBlock(source, at, bytes)
    const text = await inflateBlock(host, bytes, at - bytesAt, header, source.name, at)
    const next = at + header.blockBytes
    yield { text, byte: at, next }
    at = next
  }
}

/** The error for bytes, of the file from `at` on, that are no whole block. */
export function brokenBlock(source: ByteSource, at: number, bytes: Uint8Array): UpturnError {
  const header = blockHeader(bytes)
  if (
    header !== undefined ? at + header.blockBytes > source.size : source.size - at < maximumBlockBytes && isGzip(bytes)
  )
    return truncatedAt(source.name, source.size, `the block that begins at byte ${at} is not whole`)
  return new UpturnError('FileDamaged', `there is no BGZF block at byte ${at}, where one must begin; copy it again`, {
    place: { file: source.name },
    details: { byte: at },
  })
}

/** Reads and parses the header and says where the records begin. */
export async function readVcfStart(host: Host, source: ByteSource, signal?: AbortSignal): Promise<VcfStart> {
  const kind = await textKind(source, signal)
  const lines: string[] = []
  let pending: Uint8Array[] = []
  let total = 0
  let line = 0
  const startOf = (records: TextPlace): VcfStart => {
    const header = parseVcfHeader(lines, source.name)
    const declarations = readDeclarations(lines.slice(0, -1), versionRules(header.version), source.name)
    return { kind, header, declarations, records }
  }
  const refuse = (message: string) =>
    new UpturnError('FormatInvalid', message, { place: { file: source.name, line: line + 1 } })
  for await (const { text, byte } of textPieces(host, source, kind, signal)) {
    let start = 0
    while (start < text.length) {
      if (pending.length === 0 && text[start] !== 35) return startOf(placeOf(kind, byte, start))
      const feed = text.indexOf(10, start)
      const piece = text.slice(start, feed < 0 ? text.length : feed)
      total += piece.length
      if (total > headerBytesLimit) throw refuse('the header is larger than 64 MiB')
      pending.push(piece)
      if (feed < 0) break
      lines.push(headerLine(pending, source.name, line + 1))
      pending = []
      line++
      start = feed + 1
      if (lines[line - 1].startsWith('#CHROM')) return startOf(placeOf(kind, byte, start))
    }
  }
  if (pending.length > 0) {
    if (lines.length === 0) throw refuse('the first line must be ##fileformat=VCFv4.1 to VCFv4.5')
    throw new UpturnError('FileTruncated', 'the file ends within its header; copy it again', {
      place: { file: source.name, line: line + 1 },
    })
  }
  return startOf({ byte: source.size, within: 0 })
}

function placeOf(kind: TextKind, byte: number, start: number): TextPlace {
  return kind === 'bgzf' ? { byte, within: start } : { byte: byte + start, within: 0 }
}

function headerLine(pieces: readonly Uint8Array[], file: string, line: number): string {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.endsWith('\r') ? text.slice(0, -1) : text
  } catch (cause) {
    throw new UpturnError('FormatInvalid', 'the header is not UTF-8 text', { place: { file, line }, cause })
  }
}
