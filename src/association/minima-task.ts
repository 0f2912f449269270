import type { ChunkTask } from '../compute/task.ts'
import { chromosomes } from '../genotypes/import/chromosome.ts'
import { sexChromosomeKind } from '../genotypes/sex-chromosomes.ts'
import { type GroupBytes, openGroups } from '../genotypes/store/groups.ts'
import { keyPlaces } from '../genotypes/store/key-lines.ts'
import type { LabelScheme } from '../statistics/labels/index.ts'
import { scanEverySet } from './every-set.ts'
import { MinimaScanner } from './minima-scanner.ts'
import { blockReader, inheritanceOf, population, prepareMode, type ScanChunk, type ScanSetup } from './scan.ts'
import { TrendTables } from './tables.ts'

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
  /** For each family a log p of every label set that its minimum is known not to exceed; null for 0. */
  ceilings: Float64Array[] | null
}

/** What one chunk says. Arrays over tested variants are in their order in the store. */
export interface MinimaResult {
  /** For each family the smallest log p of every label set, or its ceiling where that is smaller. */
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

/** The mode of `labelsPrepare` that leaves a variant out. */
const leftOut = 255

/** How each variant of some key lines is prepared. */
function modesOf(scan: ScanSetup, lines: Uint8Array, first: number, variants: number): Uint8Array {
  const modes = new Uint8Array(variants)
  // Keys are sorted 1 .. 22, X, Y, MT.
  const lastLine = lines.lastIndexOf(10, lines.length - 2) + 1
  const autosomes = lines[lastLine] >= 48 && lines[lastLine] <= 57
  if (!autosomes) {
    const { rank, position } = keyPlaces(lines, variants, `${scan.store}/variants.bin`)
    for (let v = 0; v < variants; v++) {
      const inheritance = inheritanceOf(sexChromosomeKind(scan.build, chromosomes[rank[v]], position[v]))
      modes[v] = (inheritance === 1 || inheritance === 2) && !scan.sexKnown ? leftOut : prepareMode(scan, inheritance)
    }
  }
  const { keep } = scan
  if (keep !== null)
    for (let v = 0; v < variants; v++) if (((keep[(first + v) >> 3] >> ((first + v) & 7)) & 1) === 0) modes[v] = leftOut
  return modes
}

export const minimaTask: ChunkTask<MinimaSetup, ScanChunk, MinimaResult> = {
  name: 'association/minima',
  async prepare(setup, host) {
    if (!setup.skip) {
      const read = blockReader(host, setup.scan.store)
      const trend = new TrendTables(population(setup.scan.included))
      return async (chunk, signal) => scanEverySet(setup, await read(chunk, signal), trend)
    }
    const store = await openGroups(host, setup.scan.store)
    const scanner = MinimaScanner.of(setup)
    let former: GroupBytes | undefined
    return async ({ first, last }, signal) => {
      former = await store.read({ first, end: last }, signal, former)
      const { records, lines } = former
      const from = store.header.blocks[first].first
      const modes = modesOf(setup.scan, lines, from, records.length / (16 * setup.scan.words))
      return scanner.scan(records, modes, from, setup.ceilings)
    }
  },
}
