import { type RunChunks, runInline } from '../../compute/task.ts'
import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import type { ReferenceSummary } from '../../results/genotypes.ts'
import { collect, unitePeople } from '../import/collect.ts'
import { type Counts, count, sortedCounts } from '../import/counts.ts'
import type { OpenOptions } from '../import/file.ts'
import { refuseFilters } from '../import/filters.ts'
import { detectFormat, openGenotypeFile } from '../import/format.ts'
import type { GenotypeInput } from '../import/import.ts'
import { memoryRuns } from '../import/runs.ts'
import { StoreSorter } from '../import/sorter.ts'
import { ReferenceChecker } from '../reference/check.ts'
import type { ReferenceSequence } from '../reference/fasta.ts'
import { storeDigest } from '../store/write.ts'

/** Bytes of genotypes and keys that are sorted in memory when a file is out of order. */
const memoryLimit = 1 << 30

export interface GenotypeInspection {
  file: string
  ok: true
  format: string
  samples: number
  /** Biallelic variants that an import would keep. */
  variants: number
  /** Of these, the ones with dosages: somebody's number of copies is not whole. */
  variantsWithDosages: number
  /** Records of the file. */
  records: number
  /** What an import would leave out, by reason. */
  dropped: Counts
  /** How it agrees with a reference sequence; null when none was given. */
  reference: ReferenceSummary | null
  /** The digest of the store that an import would write, whatever the build. */
  digest: string
  /** What was assumed where the file does not say, and what else a reader must know. */
  notes: string[]
}

export interface InspectOptions {
  /** In this thread when absent. */
  readonly run?: RunChunks
  /** Every reference allele is compared with it, and indels are left-aligned before they are counted. */
  readonly reference?: ReferenceSequence
  /**
   * Without it a BGEN file is read with the first allele as the reference, and its people numbered where nobody names
   * them; `notes` then says so.
   */
  readonly open?: OpenOptions
  /** What of the file is read; all of it without one. */
  readonly selection?: Pick<GenotypeInput, 'filters' | 'regions' | 'samples'>
}

/**
 * Reads a whole genotype file, its format told by content and then by name, and says what it holds. Whatever is wrong
 * with it is thrown as an UpturnError with its place. Writes nothing.
 */
export async function inspectGenotypes(
  path: string,
  host: Host,
  signal: AbortSignal,
  { run = runInline(host, signal), reference, open = {}, selection = {} }: InspectOptions = {},
): Promise<GenotypeInspection> {
  const format = await detectFormat(host, path, signal)
  const assumed: OpenOptions = format === 'bgen' ? { ref: 'first', numberPeople: true } : {}
  const file = await openGenotypeFile(host, path, format, signal, { ...assumed, ...open })
  refuseFilters(format, path, selection.filters ?? {})
  const notes = [...(file.notes ?? [])]
  if (assumed.ref !== undefined && open.ref === undefined)
    notes.push('BGEN does not say which allele is the reference: read as ref: first')
  const people = unitePeople([file], {}, selection.samples)
  for (const runs of [false, true]) {
    const sorter = new StoreSorter(
      host,
      people.samples.length,
      {
        genotypes: 'genotypes',
        keys: 'keys',
        dosages: 'dosages',
        storage: memoryRuns(memoryLimit),
        open: async () => ({}),
      },
      { runs },
    )
    const checker = reference && new ReferenceChecker(reference, people.samples.length)
    const { filters = {}, regions } = selection
    const note = (text: string) => {
      if (!notes.includes(text)) notes.push(text)
    }
    const request = { host, run, signal, filters, regions, note, reference: checker }
    const { records, dropped } = await collect([file], people, sorter, request)
    if (sorter.lost) continue
    const compared = checker?.finish() ?? null
    for (const [reason, by] of Object.entries(compared?.dropped ?? {})) count(dropped, reason, by)
    const { writer, duplicates } = await sorter.finish()
    count(dropped, 'duplicate of an earlier variant', duplicates)
    return {
      file: path,
      ok: true,
      format,
      samples: people.samples.length,
      variants: writer.variants,
      variantsWithDosages: writer.variantsWithDosages,
      records,
      dropped: sortedCounts(dropped),
      reference: compared,
      digest: storeDigest(host, people.samples, writer.blocks),
      notes,
    }
  }
  throw new UpturnError('Internal', 'a file was out of order in a way that sorting did not mend', {
    place: { file: path },
  })
}
