/**
 * A Zstandard frame (RFC 8878, 3.1.1) that declares no larger window than `size` bytes of text can need, so that a
 * decoder, which sets the window aside before it reads a block, does not take gigabytes for a file of a hundred bytes.
 * No text is longer than its frame, so a frame that holds `size` bytes gives the same. Null for what is no frame, and for
 * what is more than one: the next would have a window of its own.
 */
export function frameWithin(bytes: Uint8Array, size: number): Uint8Array | null {
  if (bytes.length < 6 || bytes[0] !== 0x28 || bytes[1] !== 0xb5 || bytes[2] !== 0x2f || bytes[3] !== 0xfd) return null
  const descriptor = bytes[4]
  if (frameBytes(bytes) !== bytes.length) return null
  if ((descriptor & 0x20) !== 0) {
    // One segment: the window is the size that the frame declares.
    const dictionary = [0, 1, 2, 4][descriptor & 3]
    const width = [1, 2, 4, 8][descriptor >> 6]
    let declared = width === 2 ? 256 : 0
    for (let k = 0; k < width; k++) declared += (bytes[5 + dictionary + k] ?? 0) * 256 ** k
    return declared === size ? bytes : null
  }
  const exponent = Math.max(10, Math.ceil(Math.log2(Math.max(1, size))))
  const window = (exponent - 10) << 3
  if (bytes[5] <= window) return bytes
  // Of a Buffer, slice() is no copy.
  const copy = Uint8Array.from(bytes)
  copy[5] = window
  return copy
}

/** Length of the frame that begins here, by its blocks; beyond the bytes where it is cut. */
function frameBytes(bytes: Uint8Array): number {
  const descriptor = bytes[4]
  const single = (descriptor & 0x20) !== 0
  const sizeBytes = descriptor >> 6 === 0 && !single ? 0 : [1, 2, 4, 8][descriptor >> 6]
  let at = (single ? 5 : 6) + [0, 1, 2, 4][descriptor & 3] + sizeBytes
  for (let last = false; !last && at < bytes.length; ) {
    const header = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16)
    last = (header & 1) === 1
    // A block of one repeated byte holds that byte alone.
    at += 3 + (((header >> 1) & 3) === 1 ? 1 : header >> 3)
  }
  return at + ((descriptor & 4) !== 0 ? 4 : 0)
}
