import type { ChunkTask, Workshop } from '../../compute/task.ts'
import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { autosomes, chromosomes } from '../import/chromosome.ts'
import { inLongRangeLd } from '../ld/long-range.ts'
import { type BlockGroup, openGroups } from '../store/groups.ts'
import { keyPlaces } from '../store/key-lines.ts'
import { readHeader } from '../store/open.ts'
import { blockGroups, countBits, countsAt, groupVariants, hasBit } from './scan.ts'

export interface ChooseSetup {
  folder: string
  /** Plane of the people over whom frequencies and call rates are taken. */
  people: Uint8Array
  /** Smallest minor-allele frequency and call rate; 0 takes every variant. */
  maf: number
  variantCallRate: number
  /** Leaves out the regions of long-range LD. */
  excludeLongRange: boolean
  /** Variants that may be chosen, one bit each; null for all. */
  among: Uint8Array | null
}

export interface ChosenVariants {
  /** One bit a variant of the store. */
  chosen: Uint8Array
  count: number
  /** Variants at which two unrelated people are expected to be opposite homozygotes. */
  expectedOpposite: number
}

interface ChosenPart {
  places: Int32Array
  expectedOpposite: number
}

/** Autosomal variants of a group that are common and well called. */
export const chooseTask: ChunkTask<ChooseSetup, BlockGroup, ChosenPart> = {
  name: 'genotypes/choose',
  async prepare(setup, host) {
    const store = await openGroups(host, setup.folder)
    const { header } = store
    const n = countBits(setup.people)
    return async (group, signal) => {
      const { records, lines } = await store.read(group, signal)
      const { first, variants } = groupVariants(header, group)
      const { rank, position } = keyPlaces(lines, variants, setup.folder)
      const k = kernels()
      const counts = k.scope(() => countsAt(k.put(records), variants, header.wordsPerPlane, setup.people))
      const places: number[] = []
      let expectedOpposite = 0
      for (let v = 0; v < variants && rank[v] < autosomes; v++) {
        if (setup.among !== null && !hasBit(setup.among, first + v)) continue
        if (setup.excludeLongRange && inLongRangeLd(chromosomes[rank[v]], position[v])) continue
        const [ref, het, alt] = counts.subarray(4 * v, 4 * v + 3)
        const alleles = 2 * (ref + het + alt)
        const copies = het + 2 * alt
        if (Math.min(copies, alleles - copies) < setup.maf * alleles || alleles < 2 * setup.variantCallRate * n)
          continue
        places.push(v)
        if (alleles > 0) {
          const both = (copies / alleles) * (1 - copies / alleles)
          expectedOpposite += 2 * both * both
        }
      }
      return { places: Int32Array.from(places), expectedOpposite }
    }
  },
}

/** The autosomal variants that are common and well called enough. Refuses a store without any. */
export async function chooseVariants(setup: ChooseSetup, workshop: Workshop): Promise<ChosenVariants> {
  const header = await readHeader(workshop.host, `${setup.folder}/store.json`)
  const groups = blockGroups(header)
  const chosen = new Uint8Array(Math.ceil(header.variants / 8))
  let count = 0
  let expectedOpposite = 0
  let g = 0
  for await (const part of workshop.run(chooseTask, setup, groups, { label: 'choosing variants' })) {
    const { first } = groupVariants(header, groups[g++])
    for (const v of part.places) chosen[(first + v) >> 3] |= 1 << ((first + v) & 7)
    count += part.places.length
    expectedOpposite += part.expectedOpposite
  }
  if (count === 0)
    throw new UpturnError(
      'BadArgument',
      'no autosomal variant is common and well called enough; ask for less with --maf and --call-rate',
      { place: { file: setup.folder } },
    )
  return { chosen, count, expectedOpposite }
}
