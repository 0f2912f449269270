import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import type { Kernels } from '../../numerics/kernels.ts'

// BGZF: gzip members of at most 64 KiB whose extra field `BC` holds the member's size (SAM specification, section 4.1).

/** Largest block, compressed or not. */
export const maximumBlockBytes = 65536
/** Fixed gzip header, extra length and the shortest extra field that can hold `BC`. */
export const minimumHeaderBytes = 18
/** CRC-32 and size behind the compressed data. */
const trailerBytes = 8

/** The empty block that ends every complete BGZF file. */
export const endOfFileBlock: Uint8Array = Uint8Array.from([
  0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, 0x42, 0x43, 2, 0, 0x1b, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0,
])

export interface BlockHeader {
  /** Bytes of the whole block. */
  readonly blockBytes: number
  /** Where the compressed data begin, from the block's first byte. */
  readonly dataStart: number
}

/** True when the bytes begin like any gzip file. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 3 && bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8
}

/** The header of the block at `offset`, or undefined where these bytes are not the whole header of a BGZF block. */
export function blockHeader(bytes: Uint8Array, offset = 0): BlockHeader | undefined {
  if (offset + minimumHeaderBytes > bytes.length) return undefined
  if (bytes[offset] !== 0x1f || bytes[offset + 1] !== 0x8b || bytes[offset + 2] !== 8 || bytes[offset + 3] !== 4)
    return undefined
  const extraBytes = bytes[offset + 10] | (bytes[offset + 11] << 8)
  const dataStart = 12 + extraBytes
  const extraEnd = offset + dataStart
  if (extraEnd > bytes.length) return undefined
  for (let at = offset + 12; at + 4 <= extraEnd; ) {
    const length = bytes[at + 2] | (bytes[at + 3] << 8)
    if (bytes[at] === 0x42 && bytes[at + 1] === 0x43 && length === 2 && at + 6 <= extraEnd) {
      const blockBytes = (bytes[at + 4] | (bytes[at + 5] << 8)) + 1
      return blockBytes >= dataStart + trailerBytes ? { blockBytes, dataStart } : undefined
    }
    at += 4 + length
  }
  return undefined
}

/** Decompressed size that a whole block declares; at most 64 KiB in a true one. */
export function declaredSize(bytes: Uint8Array, offset: number, blockBytes: number): number {
  const at = offset + blockBytes - 4
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0
}

function declaredCrc(bytes: Uint8Array, offset: number, blockBytes: number): number {
  const at = offset + blockBytes - 8
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0
}

/**
 * The text of the whole block at `offset` of `bytes`. `fileOffset` is where the block lies in the file, for messages.
 * Refuses a size above 64 KiB, damaged data and a wrong checksum with FileDamaged.
 */
export async function inflateBlock(
  host: Host,
  bytes: Uint8Array,
  offset: number,
  header: BlockHeader,
  file: string,
  fileOffset: number,
): Promise<Uint8Array> {
  const size = declaredSize(bytes, offset, header.blockBytes)
  const damaged = (what: string, cause?: unknown) => damagedBlock(what, file, fileOffset, cause)
  if (size > maximumBlockBytes) throw damaged(`declares ${size} bytes of text, more than a block may hold`)
  const compressed = bytes.subarray(offset + header.dataStart, offset + header.blockBytes - trailerBytes)
  let text: Uint8Array
  try {
    const inflated = host.inflateRaw(compressed, size)
    text = inflated instanceof Uint8Array ? inflated : await inflated
  } catch (error) {
    throw damaged('cannot be decompressed', error)
  }
  if (text.length !== size) throw damaged(`holds ${text.length} bytes of text where it declares ${size}`)
  if (host.crc32(text) !== declaredCrc(bytes, offset, header.blockBytes))
    throw damaged('does not have the checksum it declares')
  return text
}

function damagedBlock(what: string, file: string, fileOffset: number, cause?: unknown): UpturnError {
  return new UpturnError(
    'FileDamaged',
    `the compressed block at byte ${fileOffset} ${what}; copy the file again and compare checksums`,
    { place: { file }, details: { byte: fileOffset }, cause },
  )
}

/** Bytes that must be writable behind the text of a block that `BlockInflater` writes. */
export const blockSlack = 320

/** Inflates blocks into kernel memory, for as long as the scope of the kernels lasts in which it was made. */
export class BlockInflater {
  readonly #k: Kernels
  readonly #host: Host
  readonly #file: string
  readonly #inputAt: number
  readonly #scratchAt: number

  constructor(k: Kernels, host: Host, file: string) {
    this.#k = k
    this.#host = host
    this.#file = file
    this.#inputAt = k.allocate(maximumBlockBytes + 16)
    this.#scratchAt = k.allocate(k.call.inflateScratchBytes())
  }

  /**
   * Writes the text of the whole block at `offset` of `bytes` to `at`, where 64 KiB and `blockSlack` bytes must be writable;
   * returns its length. Refuses what `inflateBlock` refuses.
   */
  inflate(bytes: Uint8Array, offset: number, header: BlockHeader, fileOffset: number, at: number): number {
    const size = declaredSize(bytes, offset, header.blockBytes)
    const damaged = (what: string) => damagedBlock(what, this.#file, fileOffset)
    if (size > maximumBlockBytes) throw damaged(`declares ${size} bytes of text, more than a block may hold`)
    const compressed = bytes.subarray(offset + header.dataStart, offset + header.blockBytes - trailerBytes)
    this.#k.u8(this.#inputAt, compressed.length).set(compressed)
    const length = this.#k.call.inflateRaw(this.#inputAt, compressed.length, at, size, this.#scratchAt)
    if (length < 0) throw damaged('cannot be decompressed')
    if (length !== size) throw damaged(`holds ${length} bytes of text where it declares ${size}`)
    if (this.#host.crc32(this.#k.u8(at, size)) !== declaredCrc(bytes, offset, header.blockBytes))
      throw damaged('does not have the checksum it declares')
    return size
  }
}

/** The message for a compressed file that stops too early. */
export function truncatedAt(file: string, byte: number, what: string): UpturnError {
  return new UpturnError('FileTruncated', `the file is cut off at byte ${byte}: ${what}; copy or download it again`, {
    place: { file },
    details: { byte },
  })
}
