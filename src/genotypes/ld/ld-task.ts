import type { ChunkTask } from '../../compute/task.ts'
import { kernels } from '../../numerics/kernels.ts'
import { countBits } from '../quality/scan.ts'
import { RegionFilter, type Regions } from '../regions/regions.ts'
import { type BlockGroup, openGroups } from '../store/groups.ts'
import { keyPlaces } from '../store/key-lines.ts'
import type { StoreHeader } from '../store/layout.ts'
import { hitBytes, type LdRows, PairRows } from './pair-rows.ts'
import { type UsableBlock, usableBlock } from './usable-block.ts'

export interface LdSetup {
  folder: string
  /** Planes of the people LD is taken over: on X outside the pseudoautosomal regions, and everywhere else. */
  people: Uint8Array
  peopleX: Uint8Array
  /** Largest distance of two variants in base pairs. */
  window: number
  /** Smallest r2. */
  limit: number
  /** r and D' of haplotypes, whose frequencies are estimated, instead of r of genotypes. */
  haplotypes: boolean
  /** Variants rarer or less often called than these are left out, except a lead. */
  maf: number
  variantCallRate: number
  /** Where both variants lie; null for everywhere. */
  regions: Regions | null
  /** Index in the store of one variant that every pair has; null for all pairs. */
  lead: number | null
  /** Rows as text lines, or as columns. */
  rows: 'text' | 'columns'
}

/**
 * Pairs whose first variant is one of rows [row, rowEnd) of each of these blocks; with a lead, pairs of the lead with a
 * variant in these blocks.
 */
export interface LdChunk extends BlockGroup {
  row: number
  rowEnd: number
}

const lineFeed = 10

/** Pairs of variants in LD, by the first variant, then by the second. */
export const ldTask: ChunkTask<LdSetup, LdChunk, LdRows> = {
  name: 'genotypes/ld',
  async prepare(setup, host) {
    const store = await openGroups(host, setup.folder)
    const { header } = store
    const words = header.wordsPerPlane
    const recordPlanes = 24 * words
    const choice = {
      ...setup,
      filter: setup.regions === null ? null : new RegionFilter(setup.regions),
      count: countBits(setup.people),
      countX: countBits(setup.peopleX),
    }
    const k = kernels()

    /** Compares variant a of one block with variants [from, end) of another. */
    const compare = (
      one: UsableBlock,
      a: number,
      other: UsableBlock,
      from: number,
      end: number,
      rows: PairRows,
    ): void => {
      if (end <= from) return
      k.scope(() => {
        const out = k.allocate(hitBytes * (end - from))
        const found = k.call.ldRow(
          one.planes + recordPlanes * a,
          one.sums + 16 * a,
          other.planes + recordPlanes * from,
          other.sums + 16 * from,
          end - from,
          words,
          one.onX[a] === 1 ? choice.countX : choice.count,
          setup.limit,
          setup.haplotypes ? 1 : 0,
          out,
        )
        if (found > 0) rows.take(out, found, one, a, other, from)
      })
    }

    return async (chunk, signal) => {
      const rows = new PairRows(setup.haplotypes, setup.rows)
      const read = (b: number) => store.read({ first: b, end: b + 1 }, signal)
      if (setup.lead !== null) {
        const block = blockOf(header, setup.lead)
        const leadBytes = await read(block)
        for (let b = chunk.first; b < chunk.end; b++) {
          const bytes = await read(b)
          k.scope(() => {
            const own = usableBlock(header, block, leadBytes, choice)
            const lead = own.index.indexOf(setup.lead ?? -1)
            if (lead < 0) return
            const other = usableBlock(header, b, bytes, choice)
            const near = (v: number) =>
              other.rank[v] === own.rank[lead] &&
              other.onX[v] === own.onX[lead] &&
              Math.abs(other.position[v] - own.position[lead]) <= setup.window
            let from = 0
            while (from < other.index.length && !near(from)) from++
            let end = from
            while (end < other.index.length && near(end)) end++
            const itself = other.index.indexOf(setup.lead ?? -1)
            compare(own, lead, other, from, itself < 0 ? end : itself, rows)
            if (itself >= 0) compare(own, lead, other, itself + 1, end, rows)
          })
        }
        rows.close()
        return rows.result()
      }
      for (let b = chunk.first; b < chunk.end; b++) {
        const ownBytes = await read(b)
        for (let partner = b, bytes = ownBytes; ; ) {
          const more = k.scope(() => {
            const own = usableBlock(header, b, ownBytes, choice)
            const other = partner === b ? own : usableBlock(header, partner, bytes, choice)
            // Both ends only ever move on, since variants are sorted.
            let end = 0
            for (let a = 0; a < own.index.length && own.row[a] < chunk.rowEnd; a++) {
              const from = partner === b ? a + 1 : 0
              end = Math.max(end, from)
              const last = own.position[a] + setup.window
              while (
                end < other.index.length &&
                other.rank[end] === own.rank[a] &&
                other.onX[end] === own.onX[a] &&
                other.position[end] <= last
              )
                end++
              if (own.row[a] >= chunk.row) compare(own, a, other, from, end, rows)
            }
            return partner + 1 < header.blocks.length && own.index.length > 0
              ? { rank: own.rank[own.index.length - 1], last: own.position[own.index.length - 1] + setup.window }
              : null
          })
          if (more === null) break
          partner++
          bytes = await read(partner)
          const first = firstOf(bytes.lines)
          if (first.rank !== more.rank || first.position > more.last) break
        }
        rows.close()
      }
      return rows.result()
    }
  },
  transfer: ({ text }) => (text === null ? [] : [text.buffer as ArrayBuffer]),
}

/** The block that holds variant `index` of the store. */
export function blockOf(header: StoreHeader, index: number): number {
  return header.blocks.findIndex(({ first, variants }) => index < first + variants)
}

/** Where the first variant of some key lines lies. */
export function firstOf(lines: Uint8Array): { rank: number; position: number } {
  const { rank, position } = keyPlaces(lines.subarray(0, lines.indexOf(lineFeed) + 1), 1, 'variants.bin')
  return { rank: rank[0], position: position[0] }
}
