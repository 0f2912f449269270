import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { TestedRegion } from '../association/index.ts'
import { UpturnError } from '../errors/index.ts'
import { chromosomes } from '../genotypes/import/chromosome.ts'
import { parseRegion, type Region, readRegionsBed } from '../genotypes/index.ts'
import type { Host } from '../host/host.ts'
import { type GeneTable, loadGenes } from '../locus/index.ts'
import { buildOf } from './cohorts.ts'
import type { LoadedStudy } from './load.ts'

export interface RegionsAsked {
  genes: readonly string[]
  /** A BED file. */
  bed?: string
  /** `chr1:1000-2000`. */
  regions?: readonly string[]
}

async function readGenes(): Promise<GeneTable | null> {
  const bytes = await readFile(new URL('../locus/genes.tsv', import.meta.url)).catch(() => null)
  return bytes === null ? null : loadGenes(bytes)
}

/** The BED file that a study names, if it names one. */
export function regionsBed(loaded: LoadedStudy): string | undefined {
  const { regions } = loaded.study.gene_tests
  return typeof regions === 'string' ? resolve(loaded.folder, regions) : undefined
}

/** The genes and regions that a study names. */
export function studyRegions(loaded: LoadedStudy, host: Host, signal: AbortSignal): Promise<TestedRegion[]> {
  const { genes, regions } = loaded.study.gene_tests
  return askedRegions(
    { genes, bed: regionsBed(loaded), regions: typeof regions === 'object' ? regions : [] },
    buildOf(loaded),
    host,
    signal,
  )
}

/** The genes and regions that a person named, in that order; a repeated place is taken once. */
export async function askedRegions(
  asked: RegionsAsked,
  build: string,
  host: Host,
  signal: AbortSignal,
): Promise<TestedRegion[]> {
  const found: TestedRegion[] = []
  const genes = asked.genes.length === 0 ? null : await readGenes()
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
