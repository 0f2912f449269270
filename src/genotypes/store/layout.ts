/**
 * The packed genotype store, a folder:
 *
 * - `store.json`: the header below.
 * - `genotypes.bin`: blocks one after another. A block is `variants` records; a record is two bit planes of
 *   `wordsPerPlane` little-endian 64-bit words, `low` then `high`. Bit s of a plane belongs to samples[s].
 * - `variants.bin`: for each block its keys, as UTF-8 lines `chromosome TAB position TAB ref TAB alt TAB rsid`.
 *
 * - `dosages.bin`, only where a variant has dosages: for each block a section (`store/dosages.ts`), empty for a block
 *   without. Dosages are whole 16384ths of a copy of alt; the planes hold their hard calls (`hardCall`).
 *
 * (low, high) of a person: 0,0 no copy of alt; 1,0 one copy; 0,1 two copies; 1,1 missing. Bits beyond the last sample
 * are 0,0, so counts of no copy come from n minus the others. Haploid calls are stored as two equal copies.
 */
export interface StoreHeader {
  /** 2 where a block has dosages, 1 where none has. */
  readonly format: 1 | 2
  readonly build: string
  /** Sorted by code unit; column s of every plane is samples[s]. */
  readonly samples: readonly string[]
  readonly variants: number
  /** ceil(samples / 64). */
  readonly wordsPerPlane: number
  readonly blocks: readonly StoreBlock[]
  /** Over samples, keys, genotypes and dosages; the same whichever file format they came from. SHA-256, hex. */
  readonly digest: string
  /** SHA-256 of this header without the seal, hex: a header that was changed is refused. */
  readonly seal: string
}

export interface StoreBlock {
  /** Index of the block's first variant in the store. */
  readonly first: number
  readonly variants: number
  readonly genotypesOffset: number
  readonly genotypesBytes: number
  readonly keysOffset: number
  readonly keysBytes: number
  /** SHA-256 of the block's genotype bytes followed by its key bytes, hex. */
  readonly digest: string
  /** The block's section of `dosages.bin`; absent where no variant of it has dosages. */
  readonly dosages?: DosageSection
}

export interface DosageSection {
  readonly offset: number
  readonly bytes: number
  /** SHA-256 of the section, hex. */
  readonly digest: string
}

/** Variants a block, except the last: part of the chunk plan, so it never changes with machine or workers. */
export const blockVariants = 1024

/** Keys of a block's variants, sorted by chromosome (1..22, X, Y, MT), position, ref, alt. */
export interface VariantKeys {
  readonly chromosome: readonly string[]
  readonly position: Int32Array
  readonly ref: readonly string[]
  readonly alt: readonly string[]
  /** Empty where there is none. */
  readonly rsid: readonly string[]
}

/** 64-bit words of one bit plane. */
export function wordsPerPlane(samples: number): number {
  return Math.ceil(samples / 64)
}

/** Bytes of one variant's record: two planes. */
export function recordBytes(samples: number): number {
  return 16 * wordsPerPlane(samples)
}
