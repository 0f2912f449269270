import { UpturnError } from '../../errors/index.ts'
import type { ByteSink, Host, TableWriter } from '../../host/host.ts'
import { compareVariants, type VariantBatch } from '../import/batch.ts'
import { decodeKeys } from './keys.ts'
import { blockVariants, recordBytes, type StoreBlock, type StoreHeader, wordsPerPlane } from './layout.ts'

/** Where a store's bytes go; either may be absent when only the digest is wanted. */
export interface BlockSinks {
  readonly genotypes?: ByteSink
  readonly keys?: ByteSink
  /** `variants.parquet`. */
  readonly table?: TableWriter
}

/** Cuts a stream of sorted batches into the blocks of a store; memory for one block. */
export class BlockWriter {
  readonly #host: Host
  readonly #sinks: BlockSinks
  readonly #recordBytes: number
  readonly #genotypes: Uint8Array
  #lines: Uint8Array = new Uint8Array(65536)
  #linesEnd = 0
  #inBlock = 0
  #variants = 0
  #genotypesOffset = 0
  #keysOffset = 0
  #last: VariantBatch | undefined
  #lastIndex = 0
  readonly blocks: StoreBlock[] = []
  /** Variants left out because their key had been written already. */
  duplicates = 0

  constructor(host: Host, samples: number, sinks: BlockSinks) {
    this.#host = host
    this.#sinks = sinks
    this.#recordBytes = recordBytes(samples)
    this.#genotypes = new Uint8Array(blockVariants * this.#recordBytes)
  }

  get variants(): number {
    return this.#variants + this.#inBlock
  }

  /** Appends a sorted batch that begins at or behind everything before it. */
  async append(batch: VariantBatch): Promise<void> {
    const n = batch.rank.length
    let from = 0
    for (let v = 0; v < n; v++) {
      const order = this.#compareWithLast(batch, v)
      if (order < 0) throw new UpturnError('Internal', 'variants came to the store out of order')
      if (order === 0) {
        await this.#copy(batch, from, v)
        from = v + 1
        this.duplicates++
      } else {
        this.#last = batch
        this.#lastIndex = v
      }
    }
    await this.#copy(batch, from, n)
  }

  /** Writes the last block. */
  async finish(): Promise<void> {
    if (this.#inBlock > 0) await this.#flush()
  }

  #compareWithLast(batch: VariantBatch, v: number): number {
    return this.#last === undefined ? 1 : compareVariants(batch, v, this.#last, this.#lastIndex)
  }

  async #copy(batch: VariantBatch, start: number, end: number): Promise<void> {
    let from = start
    while (from < end) {
      const to = Math.min(end, from + blockVariants - this.#inBlock)
      this.#genotypes.set(
        batch.genotypes.subarray(from * this.#recordBytes, to * this.#recordBytes),
        this.#inBlock * this.#recordBytes,
      )
      const lines = batch.lines.subarray(batch.lineStart[from], batch.lineStart[to])
      const linesEnd = this.#linesEnd + lines.length
      if (linesEnd > this.#lines.length) {
        const larger = new Uint8Array(Math.max(linesEnd, 2 * this.#lines.length))
        larger.set(this.#lines)
        this.#lines = larger
      }
      this.#lines.set(lines, this.#linesEnd)
      this.#linesEnd = linesEnd
      this.#inBlock += to - from
      from = to
      if (this.#inBlock === blockVariants) await this.#flush()
    }
  }

  async #flush(): Promise<void> {
    const count = this.#inBlock
    const genotypes = this.#genotypes.subarray(0, count * this.#recordBytes)
    const lines = this.#lines.subarray(0, this.#linesEnd)
    const hash = this.#host.sha256()
    hash.update(genotypes)
    hash.update(lines)
    this.blocks.push({
      first: this.#variants,
      variants: count,
      genotypesOffset: this.#genotypesOffset,
      genotypesBytes: genotypes.length,
      keysOffset: this.#keysOffset,
      keysBytes: lines.length,
      digest: hash.hex(),
    })
    // Sinks may keep what they are given until later; the buffers here are used again.
    await this.#sinks.genotypes?.write(genotypes.slice())
    await this.#sinks.keys?.write(lines.slice())
    if (this.#sinks.table !== undefined) {
      const keys = decodeKeys(lines, count, 'variants.bin')
      await this.#sinks.table.append({
        index: Array.from({ length: count }, (_, v) => this.#variants + v),
        chromosome: keys.chromosome,
        position: Array.from(keys.position),
        ref: keys.ref,
        alt: keys.alt,
        rsid: keys.rsid,
      })
    }
    this.#variants += count
    this.#genotypesOffset += genotypes.length
    this.#keysOffset += lines.length
    this.#linesEnd = 0
    this.#inBlock = 0
  }
}

/** The digest of a whole store: samples, keys and genotypes, but neither the build nor the file they came from. */
export function storeDigest(host: Host, samples: readonly string[], blocks: readonly StoreBlock[]): string {
  const hash = host.sha256()
  hash.update(new TextEncoder().encode(JSON.stringify([samples, blocks.map((block) => block.digest)])))
  return hash.hex()
}

/** The header of a finished store. */
export function storeHeader(host: Host, build: string, samples: readonly string[], blocks: StoreBlock[]): StoreHeader {
  const header = {
    format: 1 as const,
    build,
    samples,
    variants: blocks.reduce((sum, block) => sum + block.variants, 0),
    wordsPerPlane: wordsPerPlane(samples.length),
    blocks,
    digest: storeDigest(host, samples, blocks),
  }
  return { ...header, seal: sealOf(host, header) }
}

/** A digest of the header itself. */
export function sealOf(host: Host, header: Omit<StoreHeader, 'seal'>): string {
  const { format, build, samples, variants, wordsPerPlane: words, blocks, digest } = header
  const places = blocks.map((b) => [
    b.first,
    b.variants,
    b.genotypesOffset,
    b.genotypesBytes,
    b.keysOffset,
    b.keysBytes,
    b.digest,
  ])
  const hash = host.sha256()
  hash.update(new TextEncoder().encode(JSON.stringify([format, build, samples, variants, words, places, digest])))
  return hash.hex()
}
