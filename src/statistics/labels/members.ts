import type { LabelScheme } from './scheme.ts'

/**
 * A scheme by bit, as `labelsDistribution` takes it: a plane of `words` 64-bit words for each stratum's people, and p by bit.
 * `bits`: the bit of each person, rising with the person's number.
 */
export function schemeMembers(
  scheme: LabelScheme,
  bits: ArrayLike<number>,
  words: number,
): { members: Uint8Array; p: Float64Array } {
  const members = new Uint8Array(8 * words * scheme.cases.length)
  const p = new Float64Array(64 * words)
  for (let s = 0; s < scheme.cases.length; s++)
    for (let i = scheme.starts[s]; i < scheme.starts[s + 1]; i++) {
      const bit = bits[scheme.order[i]]
      members[8 * words * s + (bit >> 3)] |= 1 << (bit & 7)
      p[bit] = scheme.p[i]
    }
  return { members, p }
}

/** Bytes of scratch that `labelsDistribution` needs for m cases and planes of `words` words. */
export function distributionScratchBytes(cases: number, words: number): number {
  return 8 * (4 * (cases + 1) + 4 + 2 * (cases + 1) * (2 * cases + 1) + cases + 4 + 64 * words)
}
