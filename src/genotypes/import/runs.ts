import { UpturnError } from '../../errors/index.ts'
import type { ByteSink, ByteSource, Host } from '../../host/host.ts'
import { type DosageRows, decodeDosageSection } from '../store/dosages.ts'
import { type DosageSection, recordBytes, type StoreBlock } from '../store/layout.ts'
import { compareVariants, gather, type VariantBatch, type VariantPlace } from './batch.ts'
import { chromosomes } from './chromosome.ts'

/** Where sorted runs wait to be merged. */
export interface RunStorage {
  create(name: string): Promise<ByteSink>
  open(name: string): Promise<ByteSource>
  remove(name: string): Promise<void>
}

/** A sorted run: blocks as in a store, in files of a storage. */
export interface Run {
  readonly genotypes: string
  readonly keys: string
  /** There only where a block has dosages. */
  readonly dosages: string
  readonly blocks: readonly StoreBlock[]
}

/** A sink that is made at its first bytes, and never where none come. */
export function lazySink(create: () => Promise<ByteSink>): ByteSink {
  let sink: ByteSink | undefined
  return {
    async write(bytes) {
      sink ??= await create()
      await sink.write(bytes)
    },
    async commit() {
      await sink?.commit()
    },
    async discard() {
      await sink?.discard()
    },
  }
}

/** Runs as files of a folder. */
export function folderRuns(host: Host, folder: string): RunStorage {
  return {
    create: (name) => host.create(`${folder}/${name}`),
    open: (name) => host.open(`${folder}/${name}`),
    remove: (name) => host.remove(`${folder}/${name}`),
  }
}

/** Runs in memory, for reading a file without writing one; refuses more than `limit` bytes. */
export function memoryRuns(limit: number): RunStorage {
  const files = new Map<string, Uint8Array>()
  let held = 0
  return {
    async create(name) {
      const parts: Uint8Array[] = []
      return {
        async write(bytes) {
          held += bytes.length
          if (held > limit)
            throw new UpturnError(
              'FormatInvalid',
              'the records are neither in order nor few enough to be sorted in memory; sort the file by position',
            )
          parts.push(bytes)
        },
        async commit() {
          const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
          let at = 0
          for (const part of parts) {
            whole.set(part, at)
            at += part.length
          }
          files.set(name, whole)
        },
        async discard() {
          parts.length = 0
        },
      }
    },
    async open(name) {
      const bytes = files.get(name) ?? new Uint8Array(0)
      return {
        name,
        size: bytes.length,
        read: async (start, end) => bytes.subarray(start, end),
        close: async () => undefined,
      }
    },
    async remove(name) {
      held -= files.get(name)?.length ?? 0
      files.delete(name)
    },
  }
}

/** Merges runs into one sorted stream; of equal keys the earlier run's come first. */
export async function* mergeRuns(
  host: Host,
  storage: RunStorage,
  runs: readonly Run[],
  samples: number,
): AsyncGenerator<VariantBatch> {
  const cursors: RunCursor[] = []
  try {
    for (const [order, run] of runs.entries()) {
      const cursor = await RunCursor.open(host, storage, run, order, samples)
      if (await cursor.load()) cursors.push(cursor)
      else await cursor.close()
    }
    heapify(cursors)
    let places: VariantPlace[] = []
    while (cursors.length > 0) {
      const least = cursors[0]
      places.push({ batch: least.batch, index: least.index })
      if (places.length === 1024) {
        yield gather(places, recordBytes(samples))
        places = []
      }
      if (++least.index === least.batch.rank.length && !(await least.load())) {
        await least.close()
        const last = cursors.pop()
        if (cursors.length > 0 && last !== undefined) cursors[0] = last
      }
      siftDown(cursors, 0)
    }
    if (places.length > 0) yield gather(places, recordBytes(samples))
  } finally {
    for (const cursor of cursors) await cursor.close()
  }
}

export function hasDosages(run: Run): boolean {
  return run.blocks.some(({ dosages }) => dosages !== undefined)
}

/** The place that a merge has reached in one run, or store; `load` first. */
export class RunCursor {
  batch: VariantBatch = {
    rank: new Uint8Array(0),
    position: new Int32Array(0),
    lines: new Uint8Array(0),
    lineStart: new Uint32Array(1),
    genotypes: new Uint8Array(0),
  }
  index = 0
  #block = 0
  readonly order: number
  readonly #host: Host
  readonly #run: Run
  readonly #samples: number
  readonly #genotypes: ByteSource
  readonly #keys: ByteSource
  readonly #dosages: ByteSource | undefined

  /** @param order place of the run among those that are merged */
  static async open(host: Host, storage: RunStorage, run: Run, order: number, samples: number): Promise<RunCursor> {
    const genotypes = await storage.open(run.genotypes)
    const keys = await storage.open(run.keys)
    const dosages = hasDosages(run) ? await storage.open(run.dosages) : undefined
    return new RunCursor(host, run, order, samples, genotypes, keys, dosages)
  }

  private constructor(
    host: Host,
    run: Run,
    order: number,
    samples: number,
    genotypes: ByteSource,
    keys: ByteSource,
    dosages: ByteSource | undefined,
  ) {
    this.#host = host
    this.#run = run
    this.order = order
    this.#samples = samples
    this.#genotypes = genotypes
    this.#keys = keys
    this.#dosages = dosages
  }

  /** Loads the next block; false at the end. */
  async load(): Promise<boolean> {
    const block = this.#run.blocks[this.#block]
    if (block === undefined) return false
    this.#block++
    const genotypes = await this.#genotypes.read(block.genotypesOffset, block.genotypesOffset + block.genotypesBytes)
    const lines = await this.#keys.read(block.keysOffset, block.keysOffset + block.keysBytes)
    const hash = this.#host.sha256()
    hash.update(genotypes)
    hash.update(lines)
    if (hash.hex() !== block.digest || genotypes.length !== block.variants * recordBytes(this.#samples))
      throw changed(this.#run.genotypes)
    const dosages = block.dosages === undefined ? undefined : await this.#loadDosages(block, block.dosages, genotypes)
    this.batch = { ...parseBatch(lines, block.variants, genotypes), ...(dosages !== undefined && { dosages }) }
    this.index = 0
    return true
  }

  async #loadDosages(block: StoreBlock, section: DosageSection, genotypes: Uint8Array): Promise<DosageRows> {
    const bytes = await this.#dosages?.read(section.offset, section.offset + section.bytes)
    const hash = this.#host.sha256()
    if (bytes !== undefined) hash.update(bytes)
    const rows =
      bytes !== undefined && hash.hex() === section.digest
        ? decodeDosageSection(bytes, block.variants, genotypes, this.#samples)
        : undefined
    if (rows === undefined) throw changed(this.#run.dosages)
    return rows
  }

  async close(): Promise<void> {
    await this.#genotypes.close()
    await this.#keys.close()
    await this.#dosages?.close()
  }
}

function changed(file: string): UpturnError {
  return new UpturnError('FileDamaged', 'what was written to disk a moment ago reads differently; check the disk', {
    place: { file },
  })
}

const rankOf = new Map(chromosomes.map((name, rank) => [name, rank]))

/** A block of a store as a batch. */
function parseBatch(lines: Uint8Array, variants: number, genotypes: Uint8Array): VariantBatch {
  const rank = new Uint8Array(variants)
  const position = new Int32Array(variants)
  const lineStart = new Uint32Array(variants + 1)
  let at = 0
  for (let v = 0; v < variants; v++) {
    let name = ''
    while (lines[at] !== 9) name += String.fromCharCode(lines[at++])
    rank[v] = rankOf.get(name) ?? 0
    at++
    let value = 0
    while (lines[at] !== 9) value = value * 10 + lines[at++] - 48
    position[v] = value
    at = lines.indexOf(10, at) + 1
    lineStart[v + 1] = at
  }
  return { rank, position, lines, lineStart, genotypes }
}

function before(a: RunCursor, b: RunCursor): boolean {
  const order = compareVariants(a.batch, a.index, b.batch, b.index)
  return order < 0 || (order === 0 && a.order < b.order)
}

function siftDown(heap: RunCursor[], start: number): void {
  for (let at = start; ; ) {
    const left = 2 * at + 1
    if (left >= heap.length) return
    const child = left + 1 < heap.length && before(heap[left + 1], heap[left]) ? left + 1 : left
    if (!before(heap[child], heap[at])) return
    const moved = heap[at]
    heap[at] = heap[child]
    heap[child] = moved
    at = child
  }
}

function heapify(heap: RunCursor[]): void {
  for (let at = (heap.length >> 1) - 1; at >= 0; at--) siftDown(heap, at)
}
