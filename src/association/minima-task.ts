import type { ChunkTask } from '../compute/task.ts'
import { kernels } from '../numerics/kernels.ts'
import type { LabelScheme } from '../statistics/labels/index.ts'
import {
  blockReader,
  GenotypeCounter,
  population,
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

/** The scan of one chunk over blocks in memory. */
export function scanMinima(setup: MinimaSetup, blocks: readonly ScanBlock[]): MinimaResult {
  const k = kernels()
  return k.scope(() => {
    const { words, included } = setup.scan
    const people = population(included)
    const trend = new TrendTables(people)
    const tables = setup.families.map((f) => new FamilyTable(f.scheme, f.bits, words, trend))
    const planes = setup.families.map((f) => k.put(f.planes))
    const sets = setup.families.map((f) => f.planes.length / (8 * words))
    const minima = sets.map((n) => k.allocate(8 * Math.max(1, n)))
    minima.forEach((pointer, f) => {
      k.f64(pointer, sets[f]).fill(0)
    })
    const scratch = k.allocate(24 * words)
    const digest = k.allocate(16)
    const everyone = k.put(included)
    const counter = new GenotypeCounter(words, setup.observed === null ? [included] : [included, setup.observed])
    const skipped = sets.map(() => 0)
    const tested: number[] = []
    const digests: number[] = []
    const least: number[] = []
    const seen = new Map<string, number>()
    const best = sets.map(() => ({ index: -1, logP: 0 }))
    visitVariants(setup.scan, blocks, ({ index, inheritance, record }) => {
      if ((inheritance === 1 || inheritance === 2) && !setup.scan.sexKnown) return
      const [[n0, n1, n2, missing], cases] = counter.count(record)
      if (Math.max(n0, n1, n2) === n0 + n1 + n2) return
      tested.push(index)
      k.call.labelsDigest(record, words, everyone, digest)
      const [low, high] = k.u32(digest, 2)
      digests.push(low, high)
      // An identical column, or its mirror image, has the same p under every label set.
      const key = `${low} ${high}`
      const known = seen.get(key)
      if (known !== undefined) {
        if (setup.observed !== null) least.push(known)
        if (setup.skip) return
      }
      tables.forEach((table, f) => {
        table.make(record, n0, n1, n2, missing)
        if (sets[f] > 0)
          skipped[f] += k.call.labelsMinima(
            record,
            words,
            planes[f],
            sets[f],
            table.cases,
            table.pointer,
            table.stride,
            table.from,
            table.least,
            setup.skip ? 1 : 0,
            minima[f],
            scratch,
          )
        if (cases === undefined) {
          seen.set(key, 0)
          return
        }
        const called = cases[0] + cases[1] + cases[2]
        const logP = table.logP(called, cases[1] + 2 * cases[2])
        if (best[f].index < 0 || logP < best[f].logP) best[f] = { index, logP }
        if (f !== 0 || known !== undefined) return
        least.push(table.leastOf(called))
        seen.set(key, table.leastOf(called))
      })
    })
    return {
      minima: minima.map((pointer, f) => k.f64(pointer, sets[f]).slice()),
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
    return async (chunk, signal) => scanMinima(setup, await read(chunk, signal))
  },
}
