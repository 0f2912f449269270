import type { Workshop } from '../../compute/task.ts'
import { UpturnError } from '../../errors/index.ts'
import { chromosomes } from '../import/chromosome.ts'
import { blockGroups, peopleMask } from '../quality/scan.ts'
import type { Regions } from '../regions/regions.ts'
import { openGroups } from '../store/groups.ts'
import { decodeKeys } from '../store/keys.ts'
import type { VariantKeys } from '../store/layout.ts'
import { readHeader } from '../store/open.ts'
import { firstOf, type LdChunk, ldTask } from './ld-task.ts'
import type { LdRows } from './pair-rows.ts'

export interface LdPairsOptions {
  folder: string
  /** Recorded sex by sample id: on X LD is taken over women, where any are recorded. */
  sexes: ReadonlyMap<string, 'female' | 'male' | null>
  window: number
  limit: number
  haplotypes: boolean
  maf: number
  variantCallRate: number
  regions: Regions | null
  /** `chromosome:position:ref:alt` or an rsid; null for all pairs. */
  lead: string | null
  rows: 'text' | 'columns'
}

/** With a limit below this most pairs are listed, and a chunk has fewer first variants. */
const sparseLimit = 0.05
const chunkBlocks = 4
const chunkRows = 32

/**
 * LD of pairs of variants of one chromosome at most `window` base pairs apart, by the first variant, then by the second; or of
 * one lead with the variants around it. Genotypes are numbers of copies of alt; with `haplotypes`, r and D' come from
 * frequencies of haplotypes by maximum likelihood (haplotypeFrequency). Variants that do not vary have no LD.
 */
export async function* ldPairs(options: LdPairsOptions, workshop: Workshop): AsyncIterable<LdRows> {
  const { folder, sexes, lead, ...rest } = options
  const header = await readHeader(workshop.host, `${folder}/store.json`)
  const everyone = peopleMask(header, header.samples.keys())
  const women = [...header.samples.keys()].filter((s) => sexes.get(header.samples[s]) === 'female')
  const found = lead === null ? null : await findVariant(folder, lead, options.window, workshop)
  const setup = {
    ...rest,
    folder,
    people: everyone,
    peopleX: women.length === 0 ? everyone : peopleMask(header, women),
    lead: found?.index ?? null,
  }
  const chunks: LdChunk[] = []
  const whole = { row: 0, rowEnd: Math.max(0, ...header.blocks.map(({ variants }) => variants)) }
  const { first, end } = found?.blocks ?? { first: 0, end: header.blocks.length }
  if (found !== null || options.limit >= sparseLimit)
    for (let b = first; b < end; b += chunkBlocks)
      chunks.push({ first: b, end: Math.min(end, b + chunkBlocks), ...whole })
  else
    for (let b = first; b < end; b++)
      for (let row = 0; row < header.blocks[b].variants; row += chunkRows)
        chunks.push({ first: b, end: b + 1, row, rowEnd: row + chunkRows })
  yield* workshop.run(ldTask, setup, chunks, { label: 'LD of pairs' })
}

interface Place {
  rank: number
  position: number
}

const isBefore = (at: Place, other: Place) =>
  at.rank < other.rank || (at.rank === other.rank && at.position < other.position)

/** A variant by its key or rsid, and the blocks in which its neighbours within the window lie. */
async function findVariant(folder: string, name: string, window: number, { host, signal }: Workshop) {
  const store = await openGroups(host, folder)
  try {
    const { blocks } = store.header
    const readBlock = (b: number) => store.read({ first: b, end: b + 1 }, signal)
    /** The last block that begins before a place, or the first. */
    const blockBefore = async (place: Place): Promise<number> => {
      let low = 0
      let high = blocks.length - 1
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if (isBefore(firstOf((await readBlock(middle)).lines), place)) low = middle
        else high = middle - 1
      }
      return low
    }

    const [chromosome, place, ref, alt] = name.split(':')
    const rank = chromosomes.indexOf(chromosome.replace(/^chr/i, ''))
    const matches: (Place & { index: number })[] = []
    const take = (b: number, lines: Uint8Array, isWanted: (keys: VariantKeys, v: number) => boolean) => {
      const keys = decodeKeys(lines, blocks[b].variants, folder)
      for (let v = 0; v < blocks[b].variants; v++)
        if (isWanted(keys, v))
          matches.push({
            index: blocks[b].first + v,
            rank: chromosomes.indexOf(keys.chromosome[v]),
            position: keys.position[v],
          })
    }
    if (alt !== undefined && rank >= 0) {
      const position = Number(place)
      const from = await blockBefore({ rank, position })
      // Variants of one position may go on in the blocks behind.
      for (let b = from; b < blocks.length; b++) {
        const { lines } = await readBlock(b)
        if (b > from && isBefore({ rank, position }, firstOf(lines))) break
        take(
          b,
          lines,
          (keys, v) =>
            keys.position[v] === position &&
            keys.ref[v] === ref &&
            keys.alt[v] === alt &&
            keys.chromosome[v] === chromosomes[rank],
        )
      }
    } else {
      const decoder = new TextDecoder()
      for (const group of blockGroups(store.header)) {
        const { lines } = await store.read(group, signal)
        if (!decoder.decode(lines).includes(`\t${name}\n`)) continue
        for (let b = group.first; b < group.end; b++)
          take(b, (await readBlock(b)).lines, (keys, v) => keys.rsid[v] === name)
      }
    }
    if (matches.length !== 1)
      throw new UpturnError(
        'BadArgument',
        matches.length === 0
          ? `no variant is called ${name}; name it as chromosome:position:ref:alt or by its rsid`
          : `${matches.length} variants are called ${name}; name one as chromosome:position:ref:alt`,
        { place: { file: folder } },
      )
    const [match] = matches
    return {
      index: match.index,
      blocks: {
        first: await blockBefore({ rank: match.rank, position: match.position - window }),
        end: (await blockBefore({ rank: match.rank, position: match.position + window + 1 })) + 1,
      },
    }
  } finally {
    await store.close()
  }
}
