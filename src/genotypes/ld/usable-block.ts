import { kernels } from '../../numerics/kernels.ts'
import { autosomes, chromosomes } from '../import/chromosome.ts'
import { countsAt, groupVariants } from '../quality/scan.ts'
import type { RegionFilter } from '../regions/regions.ts'
import { sexChromosomeKind } from '../sex-chromosomes.ts'
import type { GroupBytes } from '../store/groups.ts'
import { keyPlaces } from '../store/key-lines.ts'
import type { StoreHeader } from '../store/layout.ts'

export interface UsableChoice {
  folder: string
  people: Uint8Array
  peopleX: Uint8Array
  /** How many people the planes have. */
  count: number
  countX: number
  maf: number
  variantCallRate: number
  filter: RegionFilter | null
  /** Index in the store of a variant that is usable whatever its counts. */
  lead: number | null
}

/** Variants of a block that have LD with others, in order. Their planes (ldPlanes) lie in kernel memory. */
export interface UsableBlock {
  /** Places in the block, and indices in the store. */
  row: Int32Array
  index: Int32Array
  rank: Uint8Array
  position: Int32Array
  /** 1 on X outside the pseudoautosomal regions. */
  onX: Uint8Array
  planes: number
  sums: number
  /** The cells of the key, tabs between them. */
  key(v: number): string
}

const decoder = new TextDecoder()

/** Prepares a block; call it within a kernel scope, which frees the planes. */
export function usableBlock(
  header: StoreHeader,
  block: number,
  { records, lines }: GroupBytes,
  choice: UsableChoice,
): UsableBlock {
  const k = kernels()
  const words = header.wordsPerPlane
  const { first, variants } = groupVariants(header, { first: block, end: block + 1 })
  const { start, rank, position } = keyPlaces(lines, variants, choice.folder)
  const at = k.put(records)
  const mixed = rank[variants - 1] >= autosomes
  const isOnX = (v: number) => mixed && sexChromosomeKind(header.build, chromosomes[rank[v]], position[v]) === 'X'
  const tally = countsAt(at, variants, words, choice.people)
  const tallyX = mixed ? countsAt(at, variants, words, choice.peopleX) : tally
  const usable: number[] = []
  const onX: number[] = []
  for (let v = 0; v < variants; v++) {
    const x = isOnX(v)
    if (first + v !== choice.lead) {
      if (choice.filter !== null && !choice.filter.overlaps(rank[v], position[v], position[v])) continue
      const counts = x ? tallyX : tally
      const het = counts[4 * v + 1]
      const alleles = 2 * (counts[4 * v] + het + counts[4 * v + 2])
      const copies = het + 2 * counts[4 * v + 2]
      const rarer = Math.min(copies, alleles - copies)
      if (rarer === 0 || rarer < choice.maf * alleles) continue
      if (alleles < 2 * choice.variantCallRate * (x ? choice.countX : choice.count)) continue
    }
    usable.push(v)
    onX.push(x ? 1 : 0)
  }
  const planes = k.allocate(24 * words * usable.length)
  const sums = k.allocate(16 * usable.length)
  for (let from = 0; from < usable.length; ) {
    let end = from + 1
    while (end < usable.length && onX[end] === onX[from]) end++
    k.scope(() =>
      k.call.ldPlanes(
        at,
        k.put(Int32Array.from(usable.slice(from, end))),
        end - from,
        words,
        k.put(onX[from] === 1 ? choice.peopleX : choice.people),
        planes + 24 * words * from,
        sums + 16 * from,
      ),
    )
    from = end
  }
  return {
    row: Int32Array.from(usable),
    index: Int32Array.from(usable, (v) => first + v),
    rank: Uint8Array.from(usable, (v) => rank[v]),
    position: Int32Array.from(usable, (v) => position[v]),
    onX: Uint8Array.from(onX),
    planes,
    sums,
    key: (v) => decoder.decode(lines.subarray(start[usable[v]], start[usable[v] + 1] - 1)),
  }
}
