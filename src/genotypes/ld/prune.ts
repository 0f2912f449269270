import type { ChunkTask, Workshop } from '../../compute/task.ts'
import { kernels } from '../../numerics/kernels.ts'
import { autosomes, chromosomes } from '../import/chromosome.ts'
import { blockGroups, countBits, countsAt, groupVariants, hasBit } from '../quality/scan.ts'
import { type BlockGroup, openGroups } from '../store/groups.ts'
import { keyPlaces } from '../store/key-lines.ts'
import { openStore } from '../store/open.ts'
import { inLongRangeLd } from './long-range.ts'

export interface PruneSetup {
  folder: string
  /** Over whom LD and frequencies are computed. */
  people: Uint8Array
  /** Variants that may be chosen, one bit each; null for all. */
  keep: Uint8Array | null
  /** Variants rarer or less often called than these are not chosen. */
  maf: number
  variantCallRate: number
  /** Largest r2 of two chosen variants. */
  r2: number
  /** Base pairs. */
  window: number
  /** Leaves out the regions of long-range LD. */
  excludeLongRange: boolean
}

/** Chosen variants of a group, as places within the group. */
export const pruneTask: ChunkTask<PruneSetup, BlockGroup, Int32Array> = {
  name: 'genotypes/prune',
  async prepare(setup, host) {
    const store = await openGroups(host, setup.folder)
    const { header } = store
    const n = countBits(setup.people)
    return async (group, signal) => {
      const { records, lines } = await store.read(group, signal)
      const { first, variants } = groupVariants(header, group)
      const { rank, position } = keyPlaces(lines, variants, setup.folder)
      const k = kernels()
      return k.scope(() => {
        const at = k.put(records)
        const counts = countsAt(at, variants, header.wordsPerPlane, setup.people)
        const chosen: number[] = []
        // A run of candidates on one chromosome.
        let index: number[] = []
        let positions: number[] = []
        let current = -1
        const flush = (): void => {
          for (const i of pruneRun(at, index, positions, header.wordsPerPlane, setup)) chosen.push(index[i])
          index = []
          positions = []
        }
        for (let v = 0; v < variants; v++) {
          if (rank[v] !== current) {
            flush()
            current = rank[v]
          }
          if (current >= autosomes) break
          if (setup.keep !== null && !hasBit(setup.keep, first + v)) continue
          const ref = counts[4 * v]
          const het = counts[4 * v + 1]
          const alt = counts[4 * v + 2]
          const alleles = 2 * (ref + het + alt)
          const rarer = Math.min(het + 2 * alt, alleles - het - 2 * alt)
          if (rarer === 0 || rarer < setup.maf * alleles || alleles < 2 * setup.variantCallRate * n) continue
          if (setup.excludeLongRange && inLongRangeLd(chromosomes[current], position[v])) continue
          index.push(v)
          positions.push(position[v])
        }
        flush()
        return Int32Array.from(chosen)
      })
    }
  },
}

function pruneRun(records: number, index: number[], positions: number[], words: number, setup: PruneSetup): Int32Array {
  const k = kernels()
  if (index.length === 0) return new Int32Array()
  return k.scope(() => {
    const indexAt = k.put(Int32Array.from(index))
    const positionsAt = k.put(Int32Array.from(positions))
    const maskAt = k.put(setup.people)
    const kept = k.allocate(4 * index.length)
    const scratch = k.allocate(48)
    const count = k.call.pruneByLd(
      records,
      indexAt,
      positionsAt,
      index.length,
      words,
      maskAt,
      setup.window,
      setup.r2,
      kept,
      scratch,
    )
    return k.i32(kept, count).slice()
  })
}

/**
 * Chooses autosomal variants so that no two within `window` base pairs have r2 above the limit: along a chromosome, a
 * variant is kept when its squared correlation with every kept one in the window before it is at most the limit.
 * Groups of blocks are pruned on their own, so two chosen variants on either side of a boundary (one in 8,192 variants)
 * may be in LD. Returns one bit a variant of the store and how many are set.
 */
export async function pruneByLd(setup: PruneSetup, workshop: Workshop): Promise<{ chosen: Uint8Array; count: number }> {
  const store = await openStore(workshop.host, setup.folder)
  try {
    const { header } = store
    const groups = blockGroups(header)
    const chosen = new Uint8Array(Math.ceil(header.variants / 8))
    let count = 0
    let g = 0
    for await (const places of workshop.run(pruneTask, setup, groups, { label: 'choosing independent variants' })) {
      const { first } = groupVariants(header, groups[g++])
      for (const v of places) chosen[(first + v) >> 3] |= 1 << ((first + v) & 7)
      count += places.length
    }
    return { chosen, count }
  } finally {
    await store.close()
  }
}

/** `limit` of the `count` set bits, evenly spread; all of them where they are no more. */
export function thin(chosen: Uint8Array, count: number, limit: number): { chosen: Uint8Array; count: number } {
  if (count <= limit) return { chosen, count }
  const thinned = new Uint8Array(chosen.length)
  // Each set bit adds `limit` to the account, and one is kept whenever `count` is reached.
  let account = 0
  for (let i = 0; i < 8 * chosen.length; i++) {
    if (!hasBit(chosen, i)) continue
    account += limit
    if (account < count) continue
    account -= count
    thinned[i >> 3] |= 1 << (i & 7)
  }
  return { chosen: thinned, count: limit }
}
