import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { blockSlack } from '../bgzf/block.ts'

/** Bytes in the memory of the kernels, with 16 behind them that may be read; they live as long as the scope around them. */
export interface PlacedBytes {
  readonly at: number
  readonly length: number
}

/** Copies bytes into the memory of the kernels. */
export function placeBytes(bytes: Uint8Array): PlacedBytes {
  const k = kernels()
  const at = k.allocate(bytes.length + 16)
  k.u8(at, bytes.length).set(bytes)
  return { at, length: bytes.length }
}

/**
 * Inflates one zlib stream (RFC 1950) of known decompressed size; checks its header and its Adler-32. A kernel does it:
 * a file has hundreds of thousands of short streams, and Node takes a new inflater, and memory, for each.
 */
export function inflateZlib(bytes: Uint8Array, size: number): PlacedBytes {
  // Method 8, window at most 32 kB, no dictionary, and the two bytes a multiple of 31.
  const good =
    bytes.length >= 8 &&
    (bytes[0] & 15) === 8 &&
    bytes[0] >> 4 <= 7 &&
    (bytes[1] & 32) === 0 &&
    ((bytes[0] << 8) | bytes[1]) % 31 === 0
  if (!good) throw new UpturnError('FileDamaged', 'the genotypes are no zlib data; copy or make the file again')
  const end = bytes.length - 4
  const packed = bytes.subarray(2, end)
  const k = kernels()
  const at = k.allocate(size + blockSlack)
  const written = k.scope(() => {
    const from = placeBytes(packed)
    return k.call.inflateRaw(from.at, from.length, at, size, k.allocate(k.call.inflateScratchBytes()))
  })
  if (written !== size)
    throw new UpturnError(
      'FileDamaged',
      `the compressed genotypes cannot be inflated to the ${size} bytes declared; copy or make the file again`,
    )
  const declared = ((bytes[end] << 24) | (bytes[end + 1] << 16) | (bytes[end + 2] << 8) | bytes[end + 3]) >>> 0
  if (k.call.adler32(at, size) >>> 0 !== declared)
    throw new UpturnError('FileDamaged', 'the checksum of the genotypes does not fit them; copy the file again')
  return { at, length: size }
}
