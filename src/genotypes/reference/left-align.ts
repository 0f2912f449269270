import type { ReferenceSequence } from './fasta.ts'

/** Bases that a variant may be moved; far above any repeat of the genome. */
export const furthestShift = 1 << 20

export interface Alleles {
  /** 1-based position of the first base of `ref`. */
  readonly position: number
  /** Upper-case bases, at least one. */
  readonly ref: Uint8Array
  readonly alt: Uint8Array
}

/**
 * The variant left-aligned and trimmed, unique among all ways to write it: shared bases are taken off on the right, an allele that
 * would be empty is extended by the base before it, again and again; then shared bases on the left. Tan, Abecasis and Kang 2015,
 * Bioinformatics 31:2202, algorithm 1 (`vt normalize`). An event that reaches the first base of the chromosome is
 * anchored at the base behind it, as VCF 4.3 has it (section 1.6.1, POS).
 *
 * `ref` must be what the reference has at its place, and the two alleles must differ. Undefined when the variant would move more than
 * `furthestShift` bases.
 */
export async function leftAlign(
  reference: ReferenceSequence,
  rank: number,
  { position, ref, alt }: Alleles,
  signal?: AbortSignal,
): Promise<Alleles | undefined> {
  let refEnd = ref.length
  let altEnd = alt.length
  while (refEnd > 0 && altEnd > 0 && ref[refEnd - 1] === alt[altEnd - 1]) {
    refEnd--
    altEnd--
  }
  if (refEnd > 0 && altEnd > 0) {
    let start = 0
    while (refEnd - start > 1 && altEnd - start > 1 && ref[start] === alt[start]) start++
    return { position: position + start, ref: ref.slice(start, refEnd), alt: alt.slice(start, altEnd) }
  }
  // Nothing but an insertion or a deletion of `event` is left, before the base at `position` or from it on.
  const event = refEnd > 0 ? ref.subarray(0, refEnd) : alt.subarray(0, altEnd)
  const length = event.length
  let shift = 0
  let before = 0
  for (; ; shift++) {
    if (shift > furthestShift) return undefined
    before = reference.base(rank, position - 1 - shift)
    if (before < 0) before = await baseAt(reference, rank, position - 1 - shift, signal)
    // The event's last base after `shift` rotations; an N is nothing that could be moved over.
    if (before !== event[(((length - 1 - shift) % length) + length) % length] || before === 78) break
  }
  const moved = new Uint8Array(length)
  for (let i = 0; i < length; i++) moved[i] = event[(((i - shift) % length) + length) % length]
  const start = position - shift
  const withAnchor = before > 0
  const anchor = withAnchor ? before : await baseAt(reference, rank, refEnd > 0 ? start + length : start, signal)
  const long = new Uint8Array(length + 1)
  long.set(moved, withAnchor ? 1 : 0)
  long[withAnchor ? 0 : length] = anchor
  const short = Uint8Array.of(anchor)
  return {
    position: withAnchor ? start - 1 : start,
    ref: refEnd > 0 ? long : short,
    alt: refEnd > 0 ? short : long,
  }
}

/** The base at a position, 0 outside the chromosome. */
export async function baseAt(
  reference: ReferenceSequence,
  rank: number,
  position: number,
  signal?: AbortSignal,
): Promise<number> {
  const base = reference.base(rank, position)
  if (base >= 0) return base
  await reference.load(rank, position, signal)
  return reference.base(rank, position)
}
