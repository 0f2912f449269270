import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workshop } from '../../compute/index.ts'
import { UpturnError } from '../../errors/index.ts'
import type { OpenOptions } from '../../genotypes/import/file.ts'
import type { GenotypeInput } from '../../genotypes/import/import.ts'
import type { ReferenceSummary } from '../../results/genotypes.ts'
import { temporaryFolder } from '../lock.ts'

export type Sexes = ReadonlyMap<string, 'female' | 'male' | null>

export interface SourceOptions {
  /** Genotype files of one cohort (one, or one a chromosome), or the folder of a packed store. */
  genotypes: readonly string[]
  /** Where a store is made when there is none; the folder that results go to. */
  out: string
  /** Assembly of the positions of files; a store knows its own. */
  build: string
  /** What BGEN files need. */
  open?: OpenOptions
  /** Table of recorded sex, which goes before what the genotype files say. */
  sex?: string
  /** What of files is read; a store is handed over whole. */
  selection?: Pick<GenotypeInput, 'filters' | 'regions' | 'samples'>
  /** FASTA file with which every reference allele of files is compared, and the table of what disagrees. */
  reference?: { fasta: string; table: string }
}

/** A packed store to read from, and what reading the files said. */
export interface OpenedSource {
  folder: string
  sexes: Sexes
  /** Null where the store was there already. */
  imported: {
    records: number
    dropped: Record<string, number>
    /** What was left out on reading, a phrase a rule. */
    filters: readonly string[]
    format: string
    storeDigest: string
    notes: string[]
    /** What came of comparing with a FASTA file; null where none was given. */
    reference: ReferenceSummary | null
  } | null
}

/** Calls `work` with a packed store of the genotypes: the one given, or one that is made and removed afterwards. */
export async function withStore<T>(
  options: SourceOptions,
  workshop: Workshop,
  work: (source: OpenedSource) => Promise<T>,
): Promise<T> {
  const { host, signal } = workshop
  // Readers of files are loaded when there is a file: a store is read in less time than they take to load.
  const recorded =
    options.sex === undefined ? new Map() : await (await import('./sexes.ts')).readSexes(options.sex, host, signal)
  const given = await storeFolder(options.genotypes)
  if (given !== undefined && options.reference !== undefined)
    throw new UpturnError(
      'BadArgument',
      'a packed store is as its files were compared when it was made; give --reference to import',
    )
  if (given !== undefined)
    return work({ folder: given, sexes: new Map([...(await storedSexes(given)), ...recorded]), imported: null })
  const folder = await temporaryFolder(options.out, 'store')
  try {
    const [{ detectFormat }, { importGenotypes }, { withReference }] = await Promise.all([
      import('../../genotypes/import/format.ts'),
      import('../../genotypes/import/import.ts'),
      import('../../genotypes/reference/table.ts'),
    ])
    const files: GenotypeInput['files'][number][] = []
    for (const path of options.genotypes)
      files.push({ path, format: await detectFormat(host, path, signal), ...options.open })
    const {
      sexes,
      records,
      dropped,
      filters = [],
      format,
      storeDigest,
      notes,
      reference,
    } = await withReference(host, options.reference?.fasta, { table: options.reference?.table, signal }, (input) =>
      importGenotypes({ files, build: options.build, ...options.selection, ...input }, folder, workshop),
    )
    return await work({
      folder,
      sexes: new Map([...Object.entries(sexes), ...recorded]),
      imported: { records, dropped, filters, format, storeDigest, notes, reference },
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function storeFolder(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined)
    if (!found?.isDirectory()) continue
    if (paths.length > 1)
      throw new UpturnError('BadArgument', 'a packed store holds a whole cohort; name it alone', {
        place: { file: path },
      })
    if ((await stat(join(path, 'store.json')).catch(() => undefined)) === undefined)
      throw new UpturnError(
        'FileUnreadable',
        'this folder holds no packed store (store.json); name a genotype file, or the folder that upturn import made',
        { place: { file: path } },
      )
    return path
  }
  return undefined
}

/** What a store's folder says of sex: `sexes.json`, which import writes beside it. */
async function storedSexes(folder: string): Promise<Sexes> {
  const path = join(folder, 'sexes.json')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch {
    return new Map()
  }
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>)
    return new Map(entries.map(([sample, sex]) => [sample, sex === 'female' || sex === 'male' ? sex : null]))
  } catch (error) {
    throw new UpturnError('FileDamaged', 'this is no list of sexes; import the genotypes again', {
      place: { file: path },
      cause: error,
    })
  }
}
