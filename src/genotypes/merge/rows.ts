import { wordsPerPlane } from '../store/layout.ts'

/**
 * Puts the people of one record into a record of more people, as bits [offset, offset + people) of each plane; those bits are 0 there.
 * @param from records of the packed store with `people` people
 * @param record place of the record in `from`
 * @param to records with `total` people
 * @param at byte of `to` at which its record begins
 */
export function placePeople(
  from: Uint8Array,
  record: number,
  people: number,
  to: Uint8Array,
  at: number,
  total: number,
  offset: number,
): void {
  const fromPlane = 8 * wordsPerPlane(people)
  const toPlane = 8 * wordsPerPlane(total)
  const bytes = Math.ceil(people / 8)
  const shift = offset & 7
  for (let plane = 0; plane < 2; plane++) {
    const source = (2 * record + plane) * fromPlane
    const target = at + plane * toPlane + (offset >> 3)
    for (let k = 0; k < bytes; k++) {
      const byte = from[source + k]
      to[target + k] |= byte << shift
      // What runs over holds people, and so stays within the plane.
      if (byte >> (8 - shift) !== 0) to[target + k + 1] |= byte >> (8 - shift)
    }
  }
}

/** Makes everybody of bits [offset, offset + people) missing in the record of `total` people that begins at byte `at`. */
export function placeMissing(to: Uint8Array, at: number, people: number, total: number, offset: number): void {
  const plane = 8 * wordsPerPlane(total)
  for (let s = offset; s < offset + people; s++) {
    to[at + (s >> 3)] |= 1 << (s & 7)
    to[at + plane + (s >> 3)] |= 1 << (s & 7)
  }
}
