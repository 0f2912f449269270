import type { DosageRows } from './dosages.ts'
import type { StoreHeader, VariantKeys } from './layout.ts'

/** Streams a store block by block; every read is checked against the block's digest. */
export interface GenotypeStore {
  readonly header: StoreHeader
  /** The genotype bytes of block b: header.blocks[b].variants records. */
  genotypes(block: number, signal?: AbortSignal): Promise<Uint8Array>
  /** Rows of the block's dosages, read with `readDosages`; undefined where no variant of the block has any. */
  dosages(block: number, signal?: AbortSignal): Promise<DosageRows | undefined>
  keys(block: number, signal?: AbortSignal): Promise<VariantKeys>
  /** The same as lines, `chromosome TAB position TAB ref TAB alt TAB rsid`. */
  keyLines(block: number, signal?: AbortSignal): Promise<Uint8Array>
  close(): Promise<void>
}
