import type { StoreHeader, VariantKeys } from './layout.ts'

/** Streams a store block by block; every read is checked against the block's digest. */
export interface GenotypeStore {
  readonly header: StoreHeader
  /** The genotype bytes of block b: header.blocks[b].variants records. */
  genotypes(block: number, signal?: AbortSignal): Promise<Uint8Array>
  keys(block: number, signal?: AbortSignal): Promise<VariantKeys>
  close(): Promise<void>
}
