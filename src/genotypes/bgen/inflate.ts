import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import { kernels } from '../../numerics/kernels.ts'

/** Inflates one zlib stream (RFC 1950) of known decompressed size; checks its header and its Adler-32. */
export async function inflateZlib(host: Host, bytes: Uint8Array, size: number): Promise<Uint8Array> {
  // Method 8, window at most 32 kB, no dictionary, and the two bytes a multiple of 31.
  const good =
    bytes.length >= 8 &&
    (bytes[0] & 15) === 8 &&
    bytes[0] >> 4 <= 7 &&
    (bytes[1] & 32) === 0 &&
    ((bytes[0] << 8) | bytes[1]) % 31 === 0
  if (!good) throw new UpturnError('FileDamaged', 'the genotypes are no zlib data; copy or make the file again')
  const end = bytes.length - 4
  const inflated = await host.inflateRaw(bytes.subarray(2, end), size)
  const declared = ((bytes[end] << 24) | (bytes[end + 1] << 16) | (bytes[end + 2] << 8) | bytes[end + 3]) >>> 0
  if (adler32(inflated) !== declared)
    throw new UpturnError('FileDamaged', 'the checksum of the genotypes does not fit them; copy the file again')
  return inflated
}

/** Adler-32 (RFC 1950) as an unsigned number. */
export function adler32(bytes: Uint8Array): number {
  const k = kernels()
  return k.scope(() => k.call.adler32(k.put(bytes), bytes.length) >>> 0)
}
