import { UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import { parseVcfHeader, type VcfHeader } from '../vcf/header.ts'
import { type TextKind, type TextPlace, textKind, textPieces } from '../vcf/source.ts'
import { type BcfDictionary, bcfDictionary } from './dictionary.ts'

/** A header of 64 MiB would have a million samples with long names. */
const headerBytesLimit = 64 << 20
/** Magic and the length of the text. */
const magicBytes = 9

export interface BcfStart {
  readonly kind: TextKind
  readonly header: VcfHeader
  readonly dictionary: BcfDictionary
  /** Where the first record begins, as in a VCF file. */
  readonly records: TextPlace
}

/** The first bytes of BCF 2.2, decompressed. */
export function isBcf(bytes: Uint8Array): boolean {
  return bytes.length >= 3 && bytes[0] === 0x42 && bytes[1] === 0x43 && bytes[2] === 0x46
}

/**
 * Reads the header of a BCF 2.2 file, BGZF, gzip or not compressed: the text of a VCF header, read as such, with its
 * dictionaries. Refuses other versions and a text that is cut off, larger than 64 MiB or not UTF-8.
 */
export async function readBcfStart(host: Host, source: ByteSource, signal?: AbortSignal): Promise<BcfStart> {
  const kind = await textKind(source, signal)
  const file = source.name
  const parts: Uint8Array[] = []
  let size = 0
  let needed = magicBytes
  let records: TextPlace | undefined
  for await (const { text, byte, next } of textPieces(host, source, kind, signal)) {
    parts.push(text)
    size += text.length
    if (needed === magicBytes && size >= magicBytes) needed += textLength(joined(parts, magicBytes), file)
    if (size < needed) continue
    const within = text.length - (size - needed)
    // A record never begins behind the last byte of a block: then it begins with the next one.
    if (kind !== 'bgzf') records = { byte: byte + within, within: 0 }
    else records = within < text.length ? { byte, within } : { byte: next, within: 0 }
    break
  }
  if (records === undefined) {
    if (needed === magicBytes) textLength(joined(parts, size), file)
    throw new UpturnError('FileTruncated', 'the file ends within its header; copy it again', {
      place: { file },
      details: { byte: source.size },
    })
  }
  const lines = headerLines(joined(parts, needed).subarray(magicBytes), file)
  return { kind, header: parseVcfHeader(lines, file), dictionary: bcfDictionary(lines, file), records }
}

/** Checks the magic and returns the length of the text behind it. */
function textLength(head: Uint8Array, file: string): number {
  if (!isBcf(head)) throw new UpturnError('FormatInvalid', 'the file does not begin like BCF', { place: { file } })
  if (head.length < magicBytes)
    throw new UpturnError('FileTruncated', 'the file ends within its header; copy it again', { place: { file } })
  if (head[3] !== 2 || head[4] !== 2)
    throw new UpturnError(
      'FormatInvalid',
      `this is BCF ${head[3]}.${head[4]}; BCF 2.2 is read, so convert it with bcftools view -Ob`,
      { place: { file } },
    )
  const length = new DataView(head.buffer, head.byteOffset).getUint32(5, true)
  if (length > headerBytesLimit)
    throw new UpturnError('FormatInvalid', 'the header is larger than 64 MiB', { place: { file } })
  return length
}

function headerLines(bytes: Uint8Array, file: string): string[] {
  const end = bytes.indexOf(0)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(end < 0 ? bytes : bytes.subarray(0, end))
  } catch (cause) {
    throw new UpturnError('FormatInvalid', 'the header is not UTF-8 text', { place: { file }, cause })
  }
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  while (lines.at(-1) === '') lines.pop()
  return lines
}

/** The first bytes of several pieces. */
function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part.subarray(0, length - at), at)
    at += Math.min(part.length, length - at)
    if (at === length) break
  }
  return bytes
}
