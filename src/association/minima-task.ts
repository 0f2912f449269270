import type { ChunkTask } from '../compute/task.ts'
import { type Kernels, kernels } from '../numerics/kernels.ts'
import { HeldView, LabelMinima, type LabelScheme } from '../statistics/labels/index.ts'
import {
  blockReader,
  GenotypeCounter,
  type Inheritance,
  population,
  prepareMode,
  type ScanBlock,
  type ScanChunk,
  type ScanSetup,
  visitVariants,
} from './scan.ts'
import { FamilyTable, TrendTables } from './tables.ts'

/** A family with the label sets to be scanned. */
export interface FamilySets {
  scheme: LabelScheme
  /** Bit of each person. */
  bits: Int32Array
  /** Label sets as planes, one after another. */
  planes: Uint8Array
}

export interface MinimaSetup {
  scan: ScanSetup
  families: FamilySets[]
  /** The observed cases, for the accounting; null in a sealed design. */
  observed: Uint8Array | null
  /** Leave out what cannot change a minimum. False only to prove that it does not. */
  skip: boolean
}

/** What one chunk says. Arrays over tested variants are in their order in the store. */
export interface MinimaResult {
  /** For each family the smallest log p of every label set. */
  minima: Float64Array[]
  /** Pairs of a variant and a label set that were not looked up. */
  skipped: number[]
  /** Index in the store of every variant tested: polymorphic, and sex known where it is needed. */
  tested: Int32Array
  /** Two words a tested variant: digest of its column, the same for a mirror image. */
  digests: Uint32Array
  /** Smallest attainable log p of the first family given the cases called. Empty without observed cases. */
  least: Float64Array
  /** For each family the observed labels' smallest log p and where it is; index -1 when nothing was tested. */
  best: { index: number; logP: number }[]
}

/** Families that share a scheme, and so each variant's table. */
interface SharedTable {
  table: FamilyTable
  /** Their numbers in the setup. */
  families: number[]
}

const equal = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  a.length === b.length && Array.prototype.every.call(a, (v, i) => v === b[i])
const sameScheme = (a: FamilySets, b: FamilySets) =>
  equal(a.scheme.order, b.scheme.order) &&
  equal(a.scheme.p, b.scheme.p) &&
  equal(a.scheme.starts, b.scheme.starts) &&
  equal(a.scheme.cases, b.scheme.cases) &&
  equal(a.bits, b.bits)

function sharedTables(families: readonly FamilySets[], words: number, trend: TrendTables): SharedTable[] {
  const shared: SharedTable[] = []
  families.forEach((family, f) => {
    const same = shared.find((s) => sameScheme(family, families[s.families[0]]))
    if (same !== undefined) same.families.push(f)
    else shared.push({ table: new FamilyTable(family.scheme, family.bits, words, trend), families: [f] })
  })
  return shared
}

/** The first of identical columns, where its record lies, and its smallest attainable log p. */
interface SeenColumn {
  block: ScanBlock
  row: number
  inheritance: Inheritance
  least: number
}

/** Columns of a chunk by 64-bit digests in two words, told apart by their records. */
class SeenColumns {
  readonly #k: Kernels
  readonly #setup: ScanSetup
  readonly #included: number
  readonly #males: number
  readonly #raw: number
  readonly #other: number
  readonly #last = new Map<number, number>()
  readonly #high: number[] = []
  readonly #low: number[] = []
  readonly #before: number[] = []
  readonly #columns: SeenColumn[] = []

  /** Valid inside the scope in which it was made. */
  constructor(k: Kernels, setup: ScanSetup) {
    this.#k = k
    this.#setup = setup
    this.#included = k.put(setup.included)
    this.#males = k.put(setup.males)
    this.#raw = k.allocate(16 * setup.words)
    this.#other = k.allocate(16 * setup.words)
  }

  get(low: number, high: number, record: number): SeenColumn | undefined {
    // Small integers make quick keys.
    for (let i = this.#last.get(low >>> 2) ?? -1; i >= 0; i = this.#before[i])
      if (this.#high[i] === high && this.#low[i] === low && this.#same(this.#columns[i], record))
        return this.#columns[i]
    return undefined
  }

  add(low: number, high: number, column: SeenColumn): void {
    this.#before.push(this.#last.get(low >>> 2) ?? -1)
    this.#last.set(low >>> 2, this.#columns.length)
    this.#low.push(low)
    this.#high.push(high)
    this.#columns.push(column)
  }

  #same({ block, row, inheritance }: SeenColumn, record: number): boolean {
    const { words } = this.#setup
    const bytes = 16 * words
    this.#k.u8(this.#raw, bytes).set(block.genotypes.subarray(row * bytes, (row + 1) * bytes))
    const mode = prepareMode(this.#setup, inheritance)
    this.#k.call.labelsPrepare(this.#raw, words, this.#included, this.#males, mode, this.#other)
    return this.#k.call.labelsSame(this.#other, record, words, this.#included) === 1
  }
}

/** Minima by looking up every label set of every variant, counted one after another. */
class EverySet {
  readonly minima: Float64Array
  readonly #words: number
  readonly #planes: number
  readonly #out: number

  constructor(planes: Uint8Array, words: number) {
    const k = kernels()
    const sets = planes.length / (8 * words)
    this.minima = new Float64Array(sets)
    this.#words = words
    this.#planes = k.put(planes)
    this.#out = k.allocate(8 * sets)
  }

  /** `table`: every row that can occur is made. */
  lower(record: number, table: FamilyTable): void {
    const k = kernels()
    const sets = this.minima.length
    k.call.labelsStatistics(record, this.#words, this.#planes, sets, table.cases, this.#out)
    const out = k.i32(this.#out, 2 * sets)
    const rows = k.f64(table.pointer, (table.cases + 1) * table.stride)
    for (let r = 0; r < sets; r++) {
      const p = rows[out[2 * r] * table.stride + out[2 * r + 1]]
      if (p < this.minima[r]) this.minima[r] = p
    }
  }
}

/** The scan of one chunk over blocks in memory. `trend`: tables kept from chunk to chunk. */
export function scanMinima(
  setup: MinimaSetup,
  blocks: readonly ScanBlock[],
  trend = new TrendTables(population(setup.scan.included)),
): MinimaResult {
  const k = kernels()
  return k.scope(() => {
    const { words, included } = setup.scan
    const tables = sharedTables(setup.families, words, trend)
    const labels: LabelMinima[] = []
    for (const { table, families } of tables)
      for (const f of families) labels[f] = new LabelMinima(setup.families[f].planes, words, table.cases, included)
    const unskipped = setup.skip ? undefined : setup.families.map((f) => new EverySet(f.planes, words))
    const digest = k.allocate(16)
    const everyone = k.put(included)
    const counter = new GenotypeCounter(words, setup.observed === null ? [included] : [included, setup.observed])
    const skipped = setup.families.map(() => 0)
    const tested: number[] = []
    const digests: number[] = []
    const least: number[] = []
    const seen = new SeenColumns(k, setup.scan)
    const held = new HeldView(() => k.u32(digest, 2))
    const best = setup.families.map(() => ({ index: -1, logP: 0 }))
    visitVariants(setup.scan, blocks, ({ index, block, row, inheritance, record }) => {
      if ((inheritance === 1 || inheritance === 2) && !setup.scan.sexKnown) return
      const [[n0, n1, n2, missing], cases] = counter.count(record)
      if (Math.max(n0, n1, n2) === n0 + n1 + n2) return
      tested.push(index)
      k.call.labelsDigest(record, words, everyone, digest)
      const { now } = held
      const low = now[0]
      const high = now[1]
      digests.push(low, high)
      // An identical column, or its mirror image, has the same p under every label set.
      const known = seen.get(low, high, record)
      if (known !== undefined) {
        if (setup.observed !== null) least.push(known.least)
        if (setup.skip) return
      }
      const called = cases === undefined ? -1 : cases[0] + cases[1] + cases[2]
      for (const { table, families } of tables) {
        if (called < 0) table.want()
        else table.want(called)
        if (unskipped !== undefined) {
          table.wantFeasible(n0 + n1 + n2, missing)
          table.make(record, n0, n1, n2, 0)
          for (const f of families) unskipped[f].lower(record, table)
        } else {
          let limit = Number.NEGATIVE_INFINITY
          for (const f of families) {
            if (called >= 0) limit = Math.max(limit, best[f].index < 0 ? 0 : best[f].logP)
            if (labels[f].sets === 0) continue
            labels[f].add(record, n0, n1, n2, missing, table.wanted)
            limit = Math.max(limit, labels[f].largest)
          }
          table.make(record, n0, n1, n2, limit)
          for (const f of families)
            if (labels[f].sets > 0)
              skipped[f] += labels[f].sets - labels[f].lower(table.pointer, table.stride, table.wanted)
        }
        if (cases === undefined) continue
        const logP = table.logP(called, cases[1] + 2 * cases[2])
        for (const f of families) {
          if (best[f].index < 0 || logP < best[f].logP) best[f] = { index, logP }
          if (f === 0 && known === undefined) least.push(table.leastOf(called))
        }
      }
      if (known === undefined) seen.add(low, high, { block, row, inheritance, least: least.at(-1) ?? 0 })
    })
    return {
      minima: unskipped?.map((u) => u.minima) ?? labels.map((l) => l.minima()),
      skipped,
      tested: Int32Array.from(tested),
      digests: Uint32Array.from(digests),
      least: Float64Array.from(least),
      best,
    }
  })
}

export const minimaTask: ChunkTask<MinimaSetup, ScanChunk, MinimaResult> = {
  name: 'association/minima',
  async prepare(setup, host) {
    const read = blockReader(host, setup.scan.store)
    const trend = new TrendTables(population(setup.scan.included))
    return async (chunk, signal) => scanMinima(setup, await read(chunk, signal), trend)
  },
}
