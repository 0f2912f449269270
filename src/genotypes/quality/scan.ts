import { kernels } from '../../numerics/kernels.ts'
import type { BlockGroup } from '../store/groups.ts'
import type { StoreHeader } from '../store/layout.ts'

/** Blocks a group, except the last: part of the chunk plan, so it depends on nothing but the store. */
const groupBlocks = 8

/** The groups of a store, at most `limit` of them (a whole number of times 8 blocks each) where a limit is given. */
export function blockGroups(header: StoreHeader, limit = Number.POSITIVE_INFINITY): BlockGroup[] {
  const blocks = header.blocks.length
  const size = groupBlocks * Math.max(1, Math.ceil(blocks / groupBlocks / limit))
  const groups: BlockGroup[] = []
  for (let first = 0; first < blocks; first += size) groups.push({ first, end: Math.min(blocks, first + size) })
  return groups
}

/**
 * Groups for a scan whose chunks have large results: as many as make each worth `worth` operations of `operations` in all; at
 * least four where these are worth a tenth of it, so that there is something to share out.
 */
export function groupsWorth(header: StoreHeader, operations: number, worth: number): BlockGroup[] {
  return blockGroups(
    header,
    Math.max(1, Math.ceil(operations / worth), Math.min(4, Math.ceil((10 * operations) / worth))),
  )
}

/** Index of a group's first variant in the store, and how many it has. */
export function groupVariants(header: StoreHeader, group: BlockGroup): { first: number; variants: number } {
  const first = header.blocks[group.first].first
  const last = header.blocks[group.end - 1]
  return { first, variants: last.first + last.variants - first }
}

/** Bytes of genotypes and blocks (of at most 49,152 variants) that a scan holds at once. */
const stretchBytes = 8 << 20
const stretchBlocks = 48

/** A group cut into pieces of at most 48 blocks and 8 MB, but of one block at least. */
export function stretches(header: StoreHeader, { first, end }: BlockGroup): BlockGroup[] {
  const blocks = Math.max(1, Math.min(stretchBlocks, Math.floor(stretchBytes / header.blocks[first].genotypesBytes)))
  const pieces: BlockGroup[] = []
  for (let from = first; from < end; from += blocks) pieces.push({ first: from, end: Math.min(end, from + blocks) })
  return pieces
}

/** A plane with the bits of these people: bit s of byte s>>3, in whole 64-bit words. */
export function peopleMask(header: StoreHeader, people: Iterable<number>): Uint8Array {
  const mask = new Uint8Array(8 * header.wordsPerPlane)
  for (const s of people) mask[s >> 3] |= 1 << (s & 7)
  return mask
}

/** Whether bit i is set. */
export function hasBit(bits: Uint8Array, i: number): boolean {
  return ((bits[i >> 3] >> (i & 7)) & 1) === 1
}

/** How many bits are set. */
export function countBits(bits: Uint8Array): number {
  let count = 0
  for (let byte of bits) for (; byte !== 0; byte &= byte - 1) count++
  return count
}

/**
 * People with no copy, one copy, two copies and no call at each of `variants` records, 4 numbers a record, over the
 * people of `mask`. Records lie in kernel memory at `records`.
 */
export function countsAt(records: number, variants: number, words: number, mask: Uint8Array): Int32Array {
  const k = kernels()
  return k.scope(() => {
    const maskAt = k.put(mask)
    const out = k.allocate(16 * variants)
    k.call.variantCounts(records, variants, words, maskAt, out)
    return k.i32(out, 4 * variants).slice()
  })
}
