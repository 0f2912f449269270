import { resolve } from 'node:path'
import { UpturnError } from '../errors/index.ts'
import type { GenotypeFilters } from '../genotypes/import/file.ts'
import type { GenotypeInput } from '../genotypes/import/import.ts'
import { readRegionsBed, readSampleList } from '../genotypes/regions/lists.ts'
import { mergeRegions, parseRegion, type Region } from '../genotypes/regions/regions.ts'
import type { Host } from '../host/host.ts'
import type { LoadedStudy } from './load.ts'
import type { Cohort } from './schema.ts'

/** What of genotype files is asked for, as a person writes it. */
export interface SelectionGiven {
  /** `chr1:1000-2000`. */
  region?: readonly string[]
  /** A BED file. */
  regions?: string
  sample?: readonly string[]
  /** A file with one id a line. */
  samples?: string
  filters?: GenotypeFilters
}

export type Selection = Pick<GenotypeInput, 'regions' | 'samples' | 'filters'>

/** Reads the lists that a selection names; nothing is selected where nothing was given. */
export async function readSelection(host: Host, given: SelectionGiven, signal?: AbortSignal): Promise<Selection> {
  const regions: Region[] = (given.region ?? []).map(parseRegion)
  if (given.regions !== undefined) regions.push(...(await readRegionsBed(host, given.regions, signal)))
  const { sample = [] } = given
  if (sample.length > 0 && given.samples !== undefined)
    throw new UpturnError('BadArgument', 'samples are named twice, by --sample and by --samples; use one of them')
  const twice = sample.find((id, k) => sample.indexOf(id) !== k)
  if (twice !== undefined) throw new UpturnError('BadArgument', `the sample ${twice} is named twice`)
  const list =
    given.samples === undefined
      ? sample.length > 0
        ? { samples: sample }
        : undefined
      : await readSampleList(host, given.samples, signal)
  return {
    ...(regions.length > 0 && { regions: mergeRegions(regions) }),
    ...(list && { samples: list }),
    ...(given.filters && { filters: given.filters }),
  }
}

/** The selection of a study's genotypes, paths made absolute. */
export function selectionOf(loaded: LoadedStudy, { regions, samples, filters }: Cohort['genotypes']): SelectionGiven {
  return {
    ...(typeof regions === 'string' ? { regions: resolve(loaded.folder, regions) } : { region: regions }),
    ...(samples !== undefined && { samples: resolve(loaded.folder, samples) }),
    ...(filters !== undefined && {
      filters: {
        keepFiltered: filters.keep_filtered,
        minGq: filters.min_gq,
        minDp: filters.min_dp,
        alleleBalance: filters.allele_balance,
      },
    }),
  }
}

/** The files that a selection is read from. */
export function selectionFiles({ regions, samples }: SelectionGiven): string[] {
  return [regions, samples].filter((path) => path !== undefined)
}

/** What of selections a stage depends on besides files; nothing where nothing is selected, so that older results hold. */
export function selectionParameters(genotypes: readonly Cohort['genotypes'][]): Record<string, unknown> {
  const selected = genotypes.map(({ regions, samples }) => ({
    regions: typeof regions === 'string' ? 'a file' : (regions ?? null),
    samples: samples === undefined ? null : 'a file',
  }))
  const filters = genotypes.map((of) => of.filters ?? null)
  return {
    ...(selected.some(({ regions, samples }) => regions !== null || samples !== null) && { selected }),
    ...(filters.some((of) => of !== null) && { filters }),
  }
}
