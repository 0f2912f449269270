import { UpturnError } from '../../errors/index.ts'
import type { ByteSink, Host } from '../../host/host.ts'
import { compareVariants, type VariantBatch } from '../import/batch.ts'
import { encodeDosageSection, variantsWithDosages } from './dosages.ts'
import { blockVariants, recordBytes, type StoreBlock, type StoreHeader, wordsPerPlane } from './layout.ts'

/** Where a store's bytes go; any may be absent when only the digest is wanted. */
export interface BlockSinks {
  readonly genotypes?: ByteSink
  readonly keys?: ByteSink
  /** Written to only where a variant has dosages. */
  readonly dosages?: ByteSink
  /** `variants.parquet`: made of the keys when they are in place. */
  readonly table?: KeysTable
}

/** A table that is made of the finished file of keys. */
export interface KeysTable {
  commit(variants: number): Promise<void>
}

/** Told of the key line of a variant that is left out because its key was there already. */
export type OnDuplicate = (keyLine: Uint8Array) => Promise<void> | void

/** Cuts a stream of sorted batches into the blocks of a store; memory for one block. */
export class BlockWriter {
  readonly #host: Host
  readonly #sinks: BlockSinks
  readonly #recordBytes: number
  readonly #genotypes: Uint8Array
  #lines: Uint8Array = new Uint8Array(65536)
  #linesEnd = 0
  #dosages: Uint8Array = new Uint8Array(0)
  readonly #dosageStart = new Uint32Array(blockVariants + 1)
  #inBlock = 0
  #variants = 0
  #genotypesOffset = 0
  #keysOffset = 0
  #dosagesOffset = 0
  #last: VariantBatch | undefined
  #lastIndex = 0
  readonly blocks: StoreBlock[] = []
  readonly #samples: number
  /** Of the variants in blocks, those with dosages. */
  variantsWithDosages = 0
  /** Variants left out because their key had been written already. */
  duplicates = 0

  readonly #onDuplicate: OnDuplicate | undefined

  /** @param onDuplicate told of the key line of each variant that is left out */
  constructor(host: Host, samples: number, sinks: BlockSinks, onDuplicate?: OnDuplicate) {
    this.#onDuplicate = onDuplicate
    this.#host = host
    this.#sinks = sinks
    this.#samples = samples
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
        if (this.#onDuplicate !== undefined)
          await this.#onDuplicate(batch.lines.subarray(batch.lineStart[v], batch.lineStart[v + 1]))
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

  /** True when variant v of the batch need not stand before anything that was appended. */
  mayFollow(batch: VariantBatch, v: number): boolean {
    return this.#compareWithLast(batch, v) >= 0
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
      this.#lines = withRoom(this.#lines, linesEnd)
      this.#lines.set(lines, this.#linesEnd)
      this.#linesEnd = linesEnd
      this.#copyDosages(batch, from, to)
      this.#inBlock += to - from
      from = to
      if (this.#inBlock === blockVariants) await this.#flush()
    }
  }

  #copyDosages({ dosages }: VariantBatch, from: number, to: number): void {
    const end = this.#dosageStart[this.#inBlock]
    for (let v = from; v < to; v++)
      this.#dosageStart[this.#inBlock + 1 + v - from] =
        end + (dosages === undefined ? 0 : dosages.start[v + 1] - dosages.start[from])
    if (dosages === undefined) return
    this.#dosages = withRoom(this.#dosages, this.#dosageStart[this.#inBlock + to - from])
    this.#dosages.set(dosages.rows.subarray(dosages.start[from], dosages.start[to]), end)
  }

  async #flush(): Promise<void> {
    const count = this.#inBlock
    const genotypes = this.#genotypes.subarray(0, count * this.#recordBytes)
    const lines = this.#lines.subarray(0, this.#linesEnd)
    const hash = this.#host.sha256()
    hash.update(genotypes)
    hash.update(lines)
    const start = this.#dosageStart.subarray(0, count + 1)
    const section = encodeDosageSection({ start, rows: this.#dosages }, this.#samples)
    this.blocks.push({
      first: this.#variants,
      variants: count,
      genotypesOffset: this.#genotypesOffset,
      genotypesBytes: genotypes.length,
      keysOffset: this.#keysOffset,
      keysBytes: lines.length,
      digest: hash.hex(),
      ...(section.length > 0 && {
        dosages: { offset: this.#dosagesOffset, bytes: section.length, digest: digestOf(this.#host, section) },
      }),
    })
    // Sinks may keep what they are given until later; the buffers here are used again.
    await this.#sinks.genotypes?.write(genotypes.slice())
    await this.#sinks.keys?.write(lines.slice())
    if (section.length > 0) await this.#sinks.dosages?.write(section)
    this.variantsWithDosages += variantsWithDosages({ start, rows: this.#dosages })
    this.#variants += count
    this.#genotypesOffset += genotypes.length
    this.#keysOffset += lines.length
    this.#dosagesOffset += section.length
    this.#linesEnd = 0
    this.#inBlock = 0
  }
}

/** The same bytes, or a copy of them with room for `bytes`. */
function withRoom(buffer: Uint8Array, bytes: number): Uint8Array {
  if (bytes <= buffer.length) return buffer
  const larger = new Uint8Array(Math.max(bytes, 2 * buffer.length))
  larger.set(buffer)
  return larger
}

function digestOf(host: Host, bytes: Uint8Array): string {
  const hash = host.sha256()
  hash.update(bytes)
  return hash.hex()
}

/**
 * The digest of a whole store: samples, keys, genotypes and dosages, but neither the build nor the file they came from.
 */
export function storeDigest(host: Host, samples: readonly string[], blocks: readonly StoreBlock[]): string {
  const digests = blocks.map(({ digest, dosages }) => (dosages === undefined ? digest : [digest, dosages.digest]))
  return digestOf(host, new TextEncoder().encode(JSON.stringify([samples, digests])))
}

/** The header of a finished store. */
export function storeHeader(host: Host, build: string, samples: readonly string[], blocks: StoreBlock[]): StoreHeader {
  const header = {
    format: blocks.some(({ dosages }) => dosages !== undefined) ? (2 as const) : (1 as const),
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
    ...(b.dosages === undefined ? [] : [b.dosages.offset, b.dosages.bytes, b.dosages.digest]),
  ])
  return digestOf(
    host,
    new TextEncoder().encode(JSON.stringify([format, build, samples, variants, words, places, digest])),
  )
}
