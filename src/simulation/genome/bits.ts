/** Copies `count` bits from bit `first` on of a plane of 32-bit words into another plane, whose other bits become 0. */
export function copyBits(from: Uint32Array, first: number, count: number, into: Uint32Array): void {
  const word = first >> 5
  const shift = first & 31
  const used = Math.ceil(count / 32)
  for (let w = 0; w < used; w++) {
    const low = from[word + w] >>> shift
    // a shift by 32 would be a shift by 0
    into[w] = shift === 0 ? low : low | ((from[word + w + 1] ?? 0) << (32 - shift))
  }
  if (count % 32 !== 0) into[used - 1] &= 2 ** (count % 32) - 1
  into.fill(0, used)
}

export function bitAt(record: Uint8Array, bit: number): number {
  return (record[bit >> 3] >> (bit & 7)) & 1
}

/** Bits set in a plane. */
export function countBits(bytes: Uint8Array): number {
  let sum = 0
  for (let value of bytes) for (; value !== 0; value &= value - 1) sum++
  return sum
}
