import { type ErrorCode, UpturnError } from '../../errors/index.ts'
import type { ByteSource } from '../../host/host.ts'

/** What the first bytes of a BGEN file say (BGEN 1.3, "The header block" and "Sample identifier block"). */
export interface BgenHeader {
  readonly layout: 1 | 2
  readonly compression: BgenCompression
  readonly variants: number
  readonly samples: number
  /** Ids in the order of the file, null where the file names nobody. */
  readonly ids: readonly string[] | null
  /** Byte at which the first variant begins. */
  readonly firstVariant: number
}

export type BgenCompression = 'none' | 'zlib' | 'zstd'

const compressions: readonly BgenCompression[] = ['none', 'zlib', 'zstd']
const magic = [0x62, 0x67, 0x65, 0x6e]
/** Bytes of the offset and of the shortest header. */
const leastBytes = 24
/** Bits of the flags that mean something: compression, layout, sample identifiers. */
const knownFlags = 0x8000003f
const peopleLimit = 10_000_000
/** Ten million people with long ids. */
const idBytesLimit = 1 << 30

/** Whether a file begins as BGEN does. The four letters may be four zeros, which say nothing. */
export function isBgen(head: Uint8Array): boolean {
  if (head.length < leastBytes || !magic.every((byte, k) => head[16 + k] === byte)) return false
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  return view.getUint32(4, true) >= 20 && view.getUint32(4, true) <= view.getUint32(0, true)
}

/** Reads and checks the header and, where there is one, the block of sample identifiers. */
export async function readBgenHeader(source: ByteSource, signal?: AbortSignal): Promise<BgenHeader> {
  const refuse = (message: string, byte: number, code: ErrorCode = 'FormatInvalid'): never => {
    throw new UpturnError(code, message, { place: { file: source.name }, details: { byte } })
  }
  const head = await source.read(0, leastBytes, signal)
  if (head.length < leastBytes)
    return refuse('the file ends within the header of a BGEN file', head.length, 'FileTruncated')
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const firstVariant = 4 + view.getUint32(0, true)
  const headerBytes = view.getUint32(4, true)
  const variants = view.getUint32(8, true)
  const samples = view.getUint32(12, true)
  if (!magic.every((byte, k) => head[16 + k] === byte) && view.getUint32(16, true) !== 0)
    refuse('this is no BGEN file: bytes 17 to 20 are neither "bgen" nor zero', 16)
  if (headerBytes < 20 || 4 + headerBytes > firstVariant)
    refuse(`the header is said to have ${headerBytes} bytes, but variants to begin at byte ${firstVariant}`, 4)
  if (firstVariant > source.size)
    refuse('the file ends before its first variant; copy it again', source.size, 'FileTruncated')
  const flagBytes = await source.read(headerBytes, headerBytes + 4, signal)
  const flags = new DataView(flagBytes.buffer, flagBytes.byteOffset, flagBytes.byteLength).getUint32(0, true)
  if ((flags & ~knownFlags) !== 0)
    refuse('the header has flags that BGEN 1.1 to 1.3 do not define, so the file cannot be read safely', headerBytes)
  const layout = (flags >> 2) & 15
  if (layout === 0)
    refuse('this is BGEN 1.0 (layout 0), which is not read; convert it with qctool to BGEN 1.2', headerBytes)
  if (layout !== 1 && layout !== 2) return refuse(`BGEN has no layout ${layout}`, headerBytes)
  const compression: BgenCompression | undefined = compressions[flags & 3]
  if (compression === undefined || (layout === 1 && compression === 'zstd'))
    return refuse(`BGEN has no compression ${flags & 3} for layout ${layout}`, headerBytes)
  if (samples === 0) refuse('the file holds nobody', 12)
  if (samples > peopleLimit) refuse(`${samples} people are said to be in the file; at most ten million are read`, 12)
  const header = { layout, compression, variants, samples, firstVariant } as const
  if (flags >>> 31 === 0) return { ...header, ids: null }

  const start = 4 + headerBytes
  const block = await source.read(start, Math.min(firstVariant, start + idBytesLimit), signal)
  const ids = new DataView(block.buffer, block.byteOffset, block.byteLength)
  const blockBytes = block.length < 8 ? 0 : ids.getUint32(0, true)
  if (blockBytes < 8 || blockBytes > block.length)
    refuse('the block of sample identifiers does not fit between the header and the first variant', start)
  if (ids.getUint32(4, true) !== samples)
    refuse(`the header says ${samples} people, the block of sample identifiers ${ids.getUint32(4, true)}`, start + 4)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const names: string[] = []
  const seen = new Map<string, number>()
  let at = 8
  for (let s = 0; s < samples; s++) {
    const length = at + 2 <= blockBytes ? ids.getUint16(at, true) : -1
    if (length < 0 || at + 2 + length > blockBytes)
      refuse(`the block of sample identifiers ends within person ${s + 1}`, start + at)
    let name = ''
    try {
      name = decoder.decode(block.subarray(at + 2, at + 2 + length))
    } catch {
      refuse(`the id of person ${s + 1} is no UTF-8 text`, start + at)
    }
    if (name === '' || hasControl(name))
      refuse(`the id of person ${s + 1} is empty or holds a control character`, start + at)
    const earlier = seen.get(name)
    if (earlier !== undefined) refuse(`the id ${name} names both person ${earlier + 1} and person ${s + 1}`, start + at)
    seen.set(name, s)
    names.push(name)
    at += 2 + length
  }
  if (at !== blockBytes) refuse('the block of sample identifiers is longer than its identifiers', start + at)
  return { ...header, ids: names }
}

/** Whether a text has a character that would break a line or a column of a table. */
function hasControl(text: string): boolean {
  for (let k = 0; k < text.length; k++) if (text.charCodeAt(k) < 32 || text.charCodeAt(k) === 127) return true
  return false
}
