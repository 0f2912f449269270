/** Label sets a block: bits of a vector. */
export const setsPerBlock = 128

/**
 * Label sets laid out by person: in blocks of 128 sets, for each bit of a plane of people a vector of the sets in which that
 * person is a case. `planes`: the sets one after another, `words` 64-bit words each. Behind the people of a block stand an
 * empty vector and that of the sets that exist.
 */
export function labelBlocks(planes: Uint8Array, words: number): Uint8Array {
  const plane = 8 * words
  const sets = planes.length / plane
  const size = 16 * (64 * words + 2)
  const blocks = new Uint8Array(size * Math.ceil(sets / setsPerBlock))
  for (let r = 0; r < sets; r++) {
    const at = Math.floor(r / setsPerBlock) * size + ((r % setsPerBlock) >> 3)
    const bit = 1 << (r & 7)
    blocks[at + size - 16] |= bit
    for (let i = 0; i < plane; i++)
      for (let byte = planes[r * plane + i]; byte > 0; byte &= byte - 1)
        blocks[at + 16 * (8 * i + 31 - Math.clz32(byte & -byte))] |= bit
  }
  return blocks
}
