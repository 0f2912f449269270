import type { TestedRegion } from '../association/index.ts'
import { UpturnError } from '../errors/index.ts'
import { chromosomes } from '../genotypes/import/chromosome.ts'
import { parseRegion, type Region, readRegionsBed } from '../genotypes/index.ts'
import type { Host } from '../host/host.ts'
import type { GeneTable } from '../locus/index.ts'

export interface RegionsAsked {
  genes: readonly string[]
  /** A BED file. */
  bed?: string
  /** `chr1:1000-2000`. */
  regions?: readonly string[]
}

/** The genes and regions that a person named, in that order; a repeated place is taken once. */
export async function askedRegions(
  asked: RegionsAsked,
  genes: GeneTable | null,
  build: string,
  host: Host,
  signal: AbortSignal,
): Promise<TestedRegion[]> {
  const found: TestedRegion[] = []
  if (asked.genes.length > 0 && genes?.build !== build)
    throw new UpturnError(
      'BadArgument',
      genes === null
        ? 'the table of genes is missing: build Upturn again, or give regions'
        : `genes are known on ${genes.build} and the genotypes are on ${build}: give regions instead`,
    )
  for (const symbol of asked.genes) {
    const gene = genes?.find(symbol) ?? null
    if (gene === null)
      throw new UpturnError(
        'BadArgument',
        `no protein-coding gene is called ${symbol}; give its current symbol, or a region`,
      )
    const { chromosome, start, end } = gene
    found.push({ name: symbol, chromosome, start, end, reason: 'named' })
  }
  const add = (region: Region, reason: string) => {
    const chromosome = chromosomes[region.rank]
    const { start, end } = region
    found.push({ name: region.name ?? `${chromosome}:${start}-${end}`, chromosome, start, end, reason })
  }
  for (const text of asked.regions ?? []) add(parseRegion(text), 'named')
  if (asked.bed !== undefined)
    for (const region of await readRegionsBed(host, asked.bed, signal)) add(region, 'from a BED file')
  const seen = new Set<string>()
  return found.filter(({ name, chromosome, start, end }) => {
    const key = JSON.stringify([name, chromosome, start, end])
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
