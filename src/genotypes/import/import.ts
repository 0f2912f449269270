import type { Workshop } from '../../compute/task.ts'
import { UpturnError } from '../../errors/index.ts'
import type { GenotypesSummary } from '../../results/genotypes.ts'
import { ReferenceChecker } from '../reference/check.ts'
import type { ReferenceInput } from '../reference/table.ts'
import { type Regions, regionRule } from '../regions/regions.ts'
import { type OnDuplicate, storeHeader } from '../store/write.ts'
import { collect, type SampleList, unitePeople } from './collect.ts'
import { count, sortedCounts } from './counts.ts'
import { meanDepths } from './depths.ts'
import type { GenotypeFilters, OpenOptions, Sex } from './file.ts'
import { filterRules, refuseFilters } from './filters.ts'
import { openGenotypeFile } from './format.ts'
import { folderRuns } from './runs.ts'
import { StoreSorter } from './sorter.ts'
import { blockFiles, createBlockFiles, writeHeader } from './store-files.ts'

export interface GenotypeInput extends ReferenceInput {
  /** One file a cohort, or several with the same people (one a chromosome). */
  files: readonly ({ path: string; format: string } & OpenOptions)[]
  /** GRCh38, GRCh37, NCBI36 or NCBI35. */
  build: string
  /** Id in the files to id in the study. */
  sampleMap?: Readonly<Record<string, string>>
  filters?: GenotypeFilters
  /** Only records that overlap these. */
  regions?: Regions
  /** Only these people; everyone in the files without it. */
  samples?: SampleList
  /** Write `variants.parquet` beside the store. Default true. */
  table?: boolean
  onDuplicate?: OnDuplicate
}

/**
 * Reads genotype files of any format that is known and writes the packed store (`store/layout.ts`) and
 * `variants.parquet` into a folder, `store.json` last. People are sorted by id; keys are normalised (chromosome without
 * `chr`, shared bases trimmed, multi-allelic records split; left-aligned where a reference sequence is given), sorted, and of
 * equal keys the first is kept. The store is
 * the same whatever the format, the order of records, columns and files, and the number of workers; memory does not
 * depend on the number of variants.
 */
export async function importGenotypes(
  input: GenotypeInput,
  outFolder: string,
  workshop: Workshop,
): Promise<GenotypesSummary & { sexes: Record<string, Sex>; depths: Record<string, number>; notes: string[] }> {
  const { host, run, signal } = workshop
  if (input.files.length === 0) throw new UpturnError('BadArgument', 'no genotype file is named')
  const files = []
  for (const { path, format, ...options } of input.files)
    files.push(await openGenotypeFile(host, path, format, signal, options))
  const { filters = {} } = input
  for (const { format, path } of files) refuseFilters(format, path, filters)
  const people = unitePeople(files, input.sampleMap, input.samples)
  if (people.samples.length === 0)
    throw new UpturnError('FormatInvalid', 'the file holds variants but no genotypes of anybody', {
      place: { file: files[0].path },
    })
  const sorter = new StoreSorter(host, people.samples.length, {
    ...blockFiles,
    storage: folderRuns(host, outFolder),
    onDuplicate: input.onDuplicate,
    open: () => createBlockFiles(host, outFolder, input.table ?? true),
  })
  const reference =
    input.reference && new ReferenceChecker(input.reference, people.samples.length, input.onReferenceRows)
  const notes = files.flatMap((file) => file.notes ?? [])
  try {
    const { records, dropped, depths } = await collect(files, people, sorter, {
      host,
      run,
      signal,
      filters,
      regions: input.regions,
      note: (text) => notes.push(text),
      reference,
    })
    const compared = reference?.finish() ?? null
    for (const [reason, by] of Object.entries(compared?.dropped ?? {})) count(dropped, reason, by)
    const { writer, duplicates } = await sorter.finish()
    count(dropped, 'duplicate of an earlier variant', duplicates)
    const header = storeHeader(host, input.build, people.samples, writer.blocks)
    if (header.variants === 0)
      throw new UpturnError(
        'FormatInvalid',
        records === 0 && input.regions !== undefined
          ? 'no record lies inside the regions asked for'
          : `none of the ${records} records gave a variant that can be studied`,
        { place: { file: files[0].path }, details: { dropped: sortedCounts(dropped) } },
      )
    await writeHeader(host, outFolder, header)
    const rules = [
      ...(input.regions === undefined ? [] : [regionRule(input.regions)]),
      ...(input.samples === undefined ? [] : [`only the ${people.samples.length} people of a list were read`]),
      ...filterRules(filters),
    ]
    return {
      format: [...new Set(files.map((file) => file.format))].join(', '),
      build: input.build,
      files: files.map((file) => file.path),
      samples: people.samples.length,
      variants: header.variants,
      ...(writer.variantsWithDosages > 0 && { variantsWithDosages: writer.variantsWithDosages }),
      records,
      ...(rules.length > 0 && { filters: rules }),
      dropped: sortedCounts(dropped),
      reference: compared,
      storeDigest: header.digest,
      sexes: Object.fromEntries(people.sexes),
      depths: meanDepths(people.samples, depths),
      notes,
    }
  } catch (error) {
    await sorter.discard()
    throw error
  }
}
