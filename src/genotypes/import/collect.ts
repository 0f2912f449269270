import type { RunChunks } from '../../compute/task.ts'
import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import type { ReferenceChecker } from '../reference/check.ts'
import type { Regions } from '../regions/regions.ts'
import { type Counts, count } from './counts.ts'
import { addInto, noDepths } from './depths.ts'
import type { GenotypeFile, GenotypeFilters, Sex } from './file.ts'
import type { StoreSorter } from './sorter.ts'

/** The people of a cohort's files: who they are, in the order of a store, and where each file has them. */
export interface People {
  /** By code unit. */
  readonly samples: readonly string[]
  readonly sexes: ReadonlyMap<string, Sex>
  /** One a file: bit of each sample column. */
  readonly permutations: readonly Int32Array[]
}

/** People asked for by name. */
export interface SampleList {
  /** Ids in the study, no id twice. */
  readonly samples: readonly string[]
  /** The file that names them, for messages. */
  readonly file?: string
}

/**
 * Names and orders the people of several files of one cohort, which must hold the same ones; of a list, those on it, whom
 * every file must hold.
 * @param sampleMap id in the files to id in the study; ids that it does not name stay as they are
 */
export function unitePeople(
  files: readonly GenotypeFile[],
  sampleMap: Readonly<Record<string, string>> = {},
  list?: SampleList,
): People {
  const rename = (id: string) => (Object.hasOwn(sampleMap, id) ? sampleMap[id] : id)
  const names = files.map((file) => {
    const seen = new Map<string, string>()
    return file.samples.map((id) => {
      const name = rename(id)
      const other = seen.get(name)
      if (other !== undefined)
        throw new UpturnError('FormatInvalid', `the samples ${other} and ${id} are both mapped to ${name}`, {
          place: { file: file.path },
        })
      seen.set(name, id)
      return name
    })
  })
  for (const [f, file] of files.entries()) refuseUnknown(list, new Set(names[f]), file.path)
  const samples = [...(list?.samples ?? names[0] ?? [])].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const index = new Map(samples.map((id, s) => [id, s]))
  const sexes = new Map<string, Sex>(samples.map((id) => [id, null]))
  const permutations = files.map((file, f) => {
    const stranger = list === undefined ? names[f].find((id) => !index.has(id)) : undefined
    if (stranger !== undefined || (list === undefined && names[f].length !== samples.length)) {
      const here = new Set(names[f])
      const who = stranger ?? samples.find((id) => !here.has(id))
      const missing = stranger === undefined ? 'does not have' : 'has'
      throw new UpturnError(
        'FormatInvalid',
        `this file ${missing} the sample ${who}, unlike ${files[0].path}; the files of one cohort must hold the same people`,
        { place: { file: file.path } },
      )
    }
    for (const [s, id] of names[f].entries()) if (index.has(id) && file.sexes[s] !== null) sexes.set(id, file.sexes[s])
    return Int32Array.from(names[f], (id) => index.get(id) ?? -1)
  })
  return { samples, sexes, permutations }
}

/** Refuses a list with ids that a file does not hold, and names all of them. */
function refuseUnknown(list: SampleList | undefined, here: ReadonlySet<string>, path: string): void {
  const unknown = list?.samples.filter((id) => !here.has(id)) ?? []
  if (unknown.length === 0) return
  throw new UpturnError(
    'BadArgument',
    `${path} does not hold ${unknown.length === 1 ? 'this sample' : `these ${unknown.length} samples`} of the list: ${unknown.join(', ')}`,
    { place: { file: list?.file }, details: { unknown } },
  )
}

export interface CollectOptions {
  readonly host: Host
  readonly run: RunChunks
  readonly signal: AbortSignal
  readonly filters: GenotypeFilters
  readonly regions?: Regions
  readonly note?: (text: string) => void
  /** Compares what is read with a reference sequence; nothing is compared without it. */
  readonly reference?: ReferenceChecker
}

/** Reads all variants of the files into a sorter, files in the order of their first record. */
export async function collect(
  files: readonly GenotypeFile[],
  people: People,
  sorter: StoreSorter,
  options: CollectOptions,
): Promise<{ records: number; dropped: Counts; depths: Float64Array }> {
  const inOrder = files.map((_, f) => f)
  inOrder.sort(
    (a, b) => files[a].first.rank - files[b].first.rank || files[a].first.position - files[b].first.position || a - b,
  )
  const dropped: Counts = {}
  const depths = noDepths(people.samples.length)
  let records = 0
  for (const [done, f] of inOrder.entries()) {
    const label = files.length === 1 ? 'reading genotypes' : `reading genotypes, file ${done + 1} of ${files.length}`
    const request = { ...options, label, permutation: people.permutations[f], people: people.samples.length }
    for await (const part of files[f].batches(request)) {
      options.signal.throwIfAborted()
      records += part.records
      if (part.depths !== undefined) addInto(depths, part.depths)
      for (const [reason, by] of Object.entries(part.counts)) count(dropped, reason, by)
      const { batch, order } =
        options.reference === undefined
          ? part
          : await options.reference.check(part.batch, part.order, files[f].path, options.signal)
      await sorter.add(batch, order)
      if (sorter.lost) return { records, dropped, depths }
    }
  }
  return { records, dropped, depths }
}
