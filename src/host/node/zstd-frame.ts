/**
 * A Zstandard frame (RFC 8878, 3.1.1) that declares no larger window than `size` bytes of text can need, so that a
 * decoder, which sets the window aside before it reads a block, does not take gigabytes for a file of a hundred bytes.
 * No text is longer than its frame, so a frame that holds `size` bytes gives the same. Null for what is no frame.
 */
export function frameWithin(bytes: Uint8Array, size: number): Uint8Array | null {
  if (bytes.length < 6 || bytes[0] !== 0x28 || bytes[1] !== 0xb5 || bytes[2] !== 0x2f || bytes[3] !== 0xfd) return null
  const descriptor = bytes[4]
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
  const copy = bytes.slice()
  copy[5] = window
  return copy
}
