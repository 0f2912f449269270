import type { Segment } from './chromosomes.ts'

/** A genome made by the coalescent: two haplotypes of one ancestry. */
export interface Founder {
  readonly column: number
  readonly ancestry: 0 | 1
}

/** A genome made of others: a child of two, or a copy of one. */
export type Derived =
  | { readonly kind: 'child'; readonly column: number; readonly father: number; readonly mother: number }
  | { readonly kind: 'copy'; readonly column: number; readonly of: number }

/** People who go to one set of files: neighbouring columns, in the order of the samples. */
interface Output {
  readonly first: number
  readonly samples: number
}

/**
 * Where each genome stands while segments are made. A site's record is two planes of `words` 64-bit words, the first and
 * the second haplotype of each column; a man's only X is the first.
 */
export interface GenomeLayout {
  readonly columns: number
  readonly words: number
  /** First ancestry first. */
  readonly founders: readonly Founder[]
  /** Parents and originals come before those made of them. */
  readonly derived: readonly Derived[]
  /** By column: the sex of the genome, whatever its owner's record says. */
  readonly male: readonly boolean[]
  readonly outputs: readonly Output[]
}

/** Leaves of a segment's trees: the bit of each, those of the first ancestry first. */
export function leafBits(layout: GenomeLayout, segment: Segment): { bitOf: Uint32Array; first: number } {
  const bits: number[] = []
  let first = 0
  for (const { column, ancestry } of layout.founders) {
    bits.push(column)
    if (segment.kind !== 'X' || !layout.male[column]) bits.push(64 * layout.words + column)
    if (ancestry === 0) first = bits.length
  }
  return { bitOf: Uint32Array.from(bits), first }
}

/** Bytes of one site's record. */
export function haplotypeBytes(layout: GenomeLayout): number {
  return 16 * layout.words
}
