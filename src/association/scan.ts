import { chromosomes } from '../genotypes/import/chromosome.ts'
import { type SexChromosomeKind, sexChromosomeKind } from '../genotypes/sex-chromosomes.ts'
import {
  blockVariants,
  type DosageRows,
  type GenotypeStore,
  type KeyPlaces,
  keyPlaces,
  openStore,
} from '../genotypes/store/index.ts'
import type { Host } from '../host/host.ts'
import { HeldView } from '../numerics/held-view.ts'
import { type Kernels, kernels } from '../numerics/kernels.ts'
import { personPlane, type SealedDesign } from './design.ts'

/** Store blocks a chunk: 8192 variants. Part of the chunk plan, so it never changes with machine or workers. */
export const blocksPerChunk = 8

/** What every scan of the store needs; plain data. */
export interface ScanSetup {
  /** Folder of the store. */
  store: string
  build: string
  words: number
  included: Uint8Array
  males: Uint8Array
  /** Sex is recorded for everyone, so that X and Y can be tested. */
  sexKnown: boolean
  /** Bit i (least significant first) of byte i >> 3; null keeps all. */
  keep: Uint8Array | null
  /** Copies for which a man's one allele on X counts. */
  maleCopies: 1 | 2
}

/** Blocks [first, last) of the store. */
export interface ScanChunk {
  first: number
  last: number
}

export function scanSetup(store: string, design: SealedDesign, keep: Uint8Array | null): ScanSetup {
  return {
    store,
    build: design.build,
    words: design.words,
    included: personPlane(design, () => true),
    males: personPlane(design, (i) => design.sex[i] === 1),
    sexKnown: !design.sex.includes(0),
    keep,
    maleCopies: 2,
  }
}

export function scanChunks(storeVariants: number): ScanChunk[] {
  const blocks = Math.ceil(storeVariants / blockVariants)
  const chunks: ScanChunk[] = []
  for (let first = 0; first < blocks; first += blocksPerChunk)
    chunks.push({ first, last: Math.min(blocks, first + blocksPerChunk) })
  return chunks
}

/** 0 autosome or pseudoautosomal, 1 X, 2 Y, 3 mitochondria. */
export type Inheritance = 0 | 1 | 2 | 3

export function inheritanceOf(kind: SexChromosomeKind): Inheritance {
  return kind === 'X' ? 1 : kind === 'Y' ? 2 : kind === 'MT' ? 3 : 0
}

export interface ScanBlock {
  /** Index in the store of its first variant. */
  first: number
  /** Key lines of the block, and where its variants lie. */
  lines: Uint8Array
  places: KeyPlaces
  genotypes: Uint8Array
  /** Read for scans that fit dosages; undefined where no variant of the block has any. */
  dosages?: DosageRows
}

/** A scan comes to every block once: keeping more than the one at hand is of no use. */
const cacheBytes = 1 << 20

/** Opens the store on first use (its files are closed when the task has ended) and reads the blocks of chunks, `withDosages` with theirs. */
export function blockReader(
  host: Host,
  folder: string,
  withDosages = false,
): (chunk: ScanChunk, signal: AbortSignal) => Promise<ScanBlock[]> {
  let store: Promise<GenotypeStore> | undefined
  return async (chunk, signal) => {
    store ??= openStore(host, folder, cacheBytes)
    const open = await store
    const blocks: ScanBlock[] = []
    for (let b = chunk.first; b < chunk.last; b++) {
      const lines = await open.keyLines(b, signal)
      blocks.push({
        first: open.header.blocks[b].first,
        lines,
        places: keyPlaces(lines, open.header.blocks[b].variants, `${folder}/variants.bin`),
        genotypes: await open.genotypes(b, signal),
        ...(withDosages && { dosages: await open.dosages(b, signal) }),
      })
    }
    return blocks
  }
}

/** The mode of `labelsPrepare`. */
export function prepareMode(setup: ScanSetup, inheritance: Inheritance): number {
  return inheritance === 1 && setup.maleCopies === 1 ? 4 : inheritance
}

export interface ScannedVariant {
  /** Index in the store. */
  index: number
  block: ScanBlock
  /** In the block. */
  row: number
  inheritance: Inheritance
  /** Pointer to the prepared record: included people only, impossible calls missing. */
  record: number
  /** The same record, as a view that the next variant takes over. */
  column: Int32Array
}

/** Calls `visit` for every kept variant of the blocks, its prepared record in kernel memory. */
export function visitVariants(
  setup: ScanSetup,
  blocks: readonly ScanBlock[],
  visit: (variant: ScannedVariant) => void,
): void {
  const k = kernels()
  k.scope(() => {
    const bytes = 16 * setup.words
    const included = k.put(setup.included)
    const males = k.put(setup.males)
    const record = k.allocate(bytes)
    const column = new HeldView(() => k.i32(record, bytes / 4))
    for (const block of blocks) {
      k.scope(() => {
        const raw = k.put(block.genotypes)
        const { rank, position } = block.places
        // Rank of the autosome at hand, -1 where there is none.
        let autosome = -1
        for (let row = 0; row < rank.length; row++) {
          const index = block.first + row
          if (setup.keep !== null && ((setup.keep[index >> 3] >> (index & 7)) & 1) === 0) continue
          let inheritance: Inheritance = 0
          if (rank[row] !== autosome) {
            const kind = sexChromosomeKind(setup.build, chromosomes[rank[row]], position[row])
            autosome = kind === 'autosome' ? rank[row] : -1
            inheritance = inheritanceOf(kind)
          }
          const mode = prepareMode(setup, inheritance)
          k.call.labelsPrepare(raw + row * bytes, setup.words, included, males, mode, record)
          visit({ index, block, row, inheritance, record, column: column.now })
        }
      })
    }
  })
}

/** Counts of one variant among the people of some planes. */
export class GenotypeCounter {
  readonly #k: Kernels
  readonly #words: number
  readonly #planes: number
  readonly #out: number
  readonly #sizes: number[]
  readonly #found: HeldView<Int32Array>
  readonly #counts: [number, number, number, number][]

  /** Valid inside the scope in which it was made. */
  constructor(words: number, planes: readonly Uint8Array[]) {
    this.#k = kernels()
    this.#words = words
    this.#sizes = planes.map(population)
    const all = new Uint8Array(8 * words * planes.length)
    planes.forEach((plane, i) => {
      all.set(plane, 8 * words * i)
    })
    this.#planes = this.#k.put(all)
    this.#out = this.#k.allocate(12 * planes.length)
    this.#found = new HeldView(() => this.#k.i32(this.#out, 3 * planes.length))
    this.#counts = planes.map(() => [0, 0, 0, 0])
  }

  /** For each plane [no copy, one, two, missing]; valid until the next record is counted. */
  count(record: number): readonly (readonly [number, number, number, number])[] {
    this.#k.call.labelsCount(record, this.#words, this.#planes, this.#sizes.length, this.#out)
    const found = this.#found.now
    for (let i = 0; i < this.#sizes.length; i++) {
      const counts = this.#counts[i]
      counts[1] = found[3 * i]
      counts[2] = found[3 * i + 1]
      counts[3] = found[3 * i + 2]
      counts[0] = this.#sizes[i] - counts[1] - counts[2] - counts[3]
    }
    return this.#counts
  }
}

/** Number of ones in a plane. */
export function population(plane: Uint8Array): number {
  let ones = 0
  for (const byte of plane) for (let b = byte; b > 0; b &= b - 1) ones++
  return ones
}

/** True when a kept variant lies on X or Y outside the pseudoautosomal regions: labels must then stay within sex. */
export async function familyHasSexChromosomes(store: GenotypeStore, keep: Uint8Array | null): Promise<boolean> {
  const { header } = store
  for (let b = header.blocks.length - 1; b >= 0; b--) {
    const { chromosome, position } = await store.keys(b)
    for (let row = chromosome.length - 1; row >= 0; row--) {
      const kind = sexChromosomeKind(header.build, chromosome[row], position[row])
      // Keys are sorted 1 .. 22, X, Y, MT: nothing but autosomes lies before the first autosome met from the end.
      if (kind === 'autosome') return false
      const index = header.blocks[b].first + row
      const kept = keep === null || ((keep[index >> 3] >> (index & 7)) & 1) === 1
      if (kept && (kind === 'X' || kind === 'Y')) return true
    }
  }
  return false
}
