import type { ByteSink, Host } from '../../host/host.ts'
import { blockVariants, recordBytes } from '../store/layout.ts'
import { type BlockSinks, BlockWriter, type OnDuplicate } from '../store/write.ts'
import {
  batchBytes,
  compareVariants,
  concatenate,
  type FileOrder,
  sliceBatch,
  sortBatch,
  type VariantBatch,
} from './batch.ts'
import { hasDosages, lazySink, mergeRuns, type Run, type RunStorage } from './runs.ts'

/** Variants that came out of order are sorted this many bytes at a time. */
const gatherBytes = 48 << 20
/** Variants held back because a later one of the file may still come before them; beyond this they count as disorder. */
const carryLimit = 1 << 16
/** Bytes for one block of every run in a merge. */
const mergeBytes = 192 << 20

/** Where the finished store goes. */
export interface StoreOutput {
  /** Names of the files in the storage. */
  readonly genotypes: string
  readonly keys: string
  readonly dosages: string
  readonly storage: RunStorage
  /** Asked for anew when what was written first has to become a run. */
  open(): Promise<BlockSinks>
  readonly onDuplicate?: OnDuplicate
}

/**
 * Brings variants into the order of a store. Input in order of position goes straight through; only variants that a
 * later record could still precede are held back (a trimmed key lies at or to the right of its record, a left-aligned one seldom
 * more than `reach` to its left). At the first disorder what was written becomes the first of several sorted runs, which are merged at the end: any order of input
 * gives the same store, in bounded memory.
 */
export class StoreSorter {
  readonly #host: Host
  readonly #samples: number
  readonly #output: StoreOutput
  readonly #gatherBytes: number
  #writer: BlockWriter | undefined
  #sinks: BlockSinks = {}
  #carry: VariantBatch | undefined
  #lastRank = -1
  #lastPosition = 0
  #runs: Run[] | undefined
  #runCount = 0
  #pending: VariantBatch[] = []
  #pendingBytes = 0
  #duplicates = 0
  /** True when input was out of order and the output keeps nothing that could become a run: begin again with `runs`. */
  lost = false

  /** @param runs sort from the beginning instead of expecting order */
  constructor(host: Host, samples: number, output: StoreOutput, { runs = false, bytes = gatherBytes } = {}) {
    this.#host = host
    this.#samples = samples
    this.#output = output
    this.#gatherBytes = bytes
    if (runs) this.#runs = []
  }

  /** Adds the next batch of the input, itself sorted. */
  async add(batch: VariantBatch, order: FileOrder): Promise<void> {
    if (batch.rank.length === 0 || this.lost) return
    if (this.#runs === undefined) {
      const goesOn =
        order.firstRank > this.#lastRank ||
        (order.firstRank === this.#lastRank && order.firstPosition >= this.#lastPosition)
      if (order.ordered && goesOn && (this.#carry?.rank.length ?? 0) <= carryLimit) {
        await this.#stream(batch, order)
        return
      }
      await this.#becomeRuns()
    }
    this.#take(batch)
    if (this.#pendingBytes >= this.#gatherBytes) await this.#flushPending()
  }

  #take(batch: VariantBatch): void {
    this.#pending.push(batch)
    this.#pendingBytes += batchBytes(batch)
  }

  /** Writes what is left and puts the store's files in place; the writer knows blocks and counts. */
  async finish(): Promise<{ writer: BlockWriter; duplicates: number }> {
    if (this.#runs !== undefined) {
      await this.#flushPending()
      await this.#reduceRuns(this.#runs)
    } else if (this.#carry !== undefined) {
      await (await this.#open()).append(this.#carry)
      this.#carry = undefined
    }
    const writer = await this.#open()
    if (this.#runs !== undefined) {
      for await (const batch of mergeRuns(this.#host, this.#output.storage, this.#runs, this.#samples))
        await writer.append(batch)
    }
    await writer.finish()
    this.#duplicates += writer.duplicates
    // The first run may have the store's own names: it is replaced, not removed.
    for (const run of this.#runs ?? []) if (run.keys !== this.#output.keys) await this.#removeRun(run)
    await this.#sinks.genotypes?.commit()
    await this.#sinks.keys?.commit()
    await this.#sinks.dosages?.commit()
    await this.#sinks.table?.commit(writer.variants)
    this.#sinks = {}
    return { writer, duplicates: this.#duplicates }
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.#sinks.genotypes?.discard()
    await this.#sinks.keys?.discard()
    await this.#sinks.dosages?.discard()
    for (const run of this.#runs ?? []) await this.#removeRun(run)
  }

  async #open(): Promise<BlockWriter> {
    if (this.#writer === undefined) {
      this.#sinks = await this.#output.open()
      this.#writer = new BlockWriter(this.#host, this.#samples, this.#sinks, this.#output.onDuplicate)
    }
    return this.#writer
  }

  async #stream(batch: VariantBatch, order: FileOrder): Promise<void> {
    const carry = this.#carry
    let next = batch
    const held = carry?.rank.length ?? 0
    // A later record can still bring a key from here on; one that lies before it is met below.
    const openFrom = order.lastPosition - (order.reach ?? 0)
    const open = (of: VariantBatch, v: number) =>
      of.rank[v] > order.lastRank || (of.rank[v] === order.lastRank && of.position[v] >= openFrom)
    const writer = await this.#open()
    if (carry !== undefined && held > 0) {
      if (!open(carry, held - 1) && compareVariants(carry, held - 1, batch, 0) <= 0) await writer.append(carry)
      else next = sortBatch(concatenate([carry, batch]), recordBytes(this.#samples))
    }
    const n = next.rank.length
    if (n > 0 && !writer.mayFollow(next, 0)) {
      this.#carry = undefined
      await this.#becomeRuns()
      this.#take(next)
      return
    }
    let settled = n
    while (settled > 0 && open(next, settled - 1)) settled--
    await writer.append(sliceBatch(next, 0, settled))
    this.#carry = settled < n ? sliceBatch(next, settled, n) : undefined
    this.#lastRank = order.lastRank
    this.#lastPosition = order.lastPosition
  }

  /** Makes the first run of what was written so far. */
  async #becomeRuns(): Promise<void> {
    const runs: Run[] = []
    this.#runs = runs
    if (this.#writer !== undefined) {
      const writer = this.#writer
      await writer.finish()
      this.#duplicates += writer.duplicates
      if (this.#sinks.genotypes === undefined || this.#sinks.keys === undefined) this.lost = true
      else {
        await this.#sinks.genotypes.commit()
        await this.#sinks.keys.commit()
        await this.#sinks.dosages?.commit()
        const { genotypes, keys, dosages } = this.#output
        runs.push({ genotypes, keys, dosages, blocks: writer.blocks })
      }
      this.#sinks = {}
      this.#writer = undefined
    }
    if (this.#carry !== undefined) this.#pending.push(this.#carry)
    this.#carry = undefined
  }

  async #flushPending(): Promise<void> {
    if (this.#pending.length === 0) return
    const sorted = sortBatch(concatenate(this.#pending), recordBytes(this.#samples))
    this.#pending = []
    this.#pendingBytes = 0
    this.#runs?.push(
      await this.#writeRun(async (writer) => {
        await writer.append(sorted)
      }),
    )
  }

  async #writeRun(fill: (writer: BlockWriter) => Promise<void>): Promise<Run> {
    const number = this.#runCount++
    const names = {
      genotypes: `run-${number}.genotypes`,
      keys: `run-${number}.keys`,
      dosages: `run-${number}.dosages`,
    }
    const { storage } = this.#output
    const sinks: ByteSink[] = []
    try {
      const genotypes = await storage.create(names.genotypes)
      sinks.push(genotypes)
      const keys = await storage.create(names.keys)
      sinks.push(keys)
      const dosages = lazySink(() => storage.create(names.dosages))
      sinks.push(dosages)
      const writer = new BlockWriter(this.#host, this.#samples, { genotypes, keys, dosages }, this.#output.onDuplicate)
      await fill(writer)
      await writer.finish()
      this.#duplicates += writer.duplicates
      for (const sink of sinks) await sink.commit()
      return { ...names, blocks: writer.blocks }
    } catch (error) {
      for (const sink of sinks) await sink.discard()
      throw error
    }
  }

  /** Merges neighbouring runs until one merge can take them all. */
  async #reduceRuns(runs: Run[]): Promise<void> {
    const dosageBytes = runs.flatMap(({ blocks }) => blocks.map(({ dosages }) => dosages?.bytes ?? 0))
    const largest = dosageBytes.reduce((most, bytes) => Math.max(most, bytes), 0)
    const blockBytes = blockVariants * (recordBytes(this.#samples) + 64) + largest
    const fanIn = Math.max(2, Math.min(64, Math.floor(mergeBytes / blockBytes)))
    while (runs.length > fanIn) {
      for (let at = 0; at < runs.length && runs.length > fanIn; at++) {
        const group = runs.slice(at, at + fanIn)
        const merged = await this.#writeRun(async (writer) => {
          for await (const batch of mergeRuns(this.#host, this.#output.storage, group, this.#samples))
            await writer.append(batch)
        })
        runs.splice(at, group.length, merged)
        for (const run of group) await this.#removeRun(run)
      }
    }
  }

  async #removeRun(run: Run): Promise<void> {
    await this.#output.storage.remove(run.genotypes)
    await this.#output.storage.remove(run.keys)
    if (hasDosages(run)) await this.#output.storage.remove(run.dosages)
  }
}
