import { basename, dirname, resolve } from 'node:path'
import type { Workshop } from '../compute/index.ts'
import { UpturnError } from '../errors/index.ts'
import type { GenotypeFilters, OpenOptions } from '../genotypes/import/file.ts'
import { detectFormat, openGenotypeFile } from '../genotypes/import/format.ts'
import { openStore, type WrittenFormat, writeGenotypes } from '../genotypes/index.ts'
import { type OpenedSource, withStore } from './genotype-tables/source.ts'
import { readSelection, type SelectionGiven } from './selection.ts'

export interface ConvertOptions {
  /** Genotype files of one cohort (one, or one a chromosome), or the folder of a packed store. */
  genotypes: readonly string[]
  /** `x.vcf.gz`, `x.bcf`, or `x.bed` or `x` for PLINK 1 files. */
  out: string
  build: string
  open?: OpenOptions
  /** Table of recorded sex, which goes before what the genotype files say. */
  sex?: string
  selection?: SelectionGiven
  filters?: GenotypeFilters
  /** FASTA file with which every reference allele is compared; what disagrees is listed beside the output, in `<out>.reference.parquet`. */
  reference?: string
}

export interface ConvertResult {
  format: WrittenFormat
  files: string[]
  samples: number
  variants: number
  variantsWithDosages: number
  /** What reading the files said; null where a packed store was given. */
  imported: OpenedSource['imported']
  /** What is lost on writing. */
  notes: string[]
}

/** Format and path of what is to be written, by its name. */
function target(out: string): { format: WrittenFormat; path: string } {
  if (/\.vcf\.b?gz$/.test(out)) return { format: 'vcf', path: out }
  if (out.endsWith('.bcf')) return { format: 'bcf', path: out }
  if (out.endsWith('.bed')) return { format: 'bed', path: out.slice(0, -4) }
  if (/\.(vcf|gz|bgz|zst|zip|pgen|pvar|psam|bgen|bim|fam|txt|tsv|csv|json|ped|map)$/i.test(out) || basename(out) === '')
    throw new UpturnError(
      'BadArgument',
      `--out ${out} names no format that is written; end it in .vcf.gz, .bcf or .bed (PLINK 1; also without an ending)`,
    )
  return { format: 'bed', path: out }
}

/** The ids to write, in order: those of the list, else as the first file has them, else as the store has them. */
async function columnsOf(
  options: ConvertOptions,
  stored: readonly string[],
  list: readonly string[] | undefined,
  fromFiles: boolean,
  { host, signal }: Workshop,
): Promise<readonly string[]> {
  if (list !== undefined) {
    const known = new Set(stored)
    const unknown = list.filter((id) => !known.has(id))
    if (unknown.length > 0)
      throw new UpturnError(
        'BadArgument',
        `${options.genotypes[0]} does not hold ${unknown.length === 1 ? 'this sample' : `these ${unknown.length} samples`} of the list: ${unknown.join(', ')}`,
        { place: { file: options.selection?.samples }, details: { unknown } },
      )
    return list
  }
  if (!fromFiles) return stored
  const [path] = options.genotypes
  const file = await openGenotypeFile(host, path, await detectFormat(host, path, signal), signal, options.open)
  return file.samples
}

/**
 * Writes genotypes of any format that is read as VCF, BCF or PLINK 1 files, by way of a packed store: keys are normalised, records of several
 * alternate alleles split, variants sorted. What is written reads back as the same store.
 */
export async function convertFiles(options: ConvertOptions, workshop: Workshop): Promise<ConvertResult> {
  const { format, path } = target(resolve(options.out))
  const { host, signal } = workshop
  const written = format === 'bed' ? ['.bed', '.bim', '.fam'].map((end) => path + end) : [path]
  for (const given of options.genotypes)
    if (written.includes(resolve(given)) || written.includes(`${resolve(given)}.bed`))
      throw new UpturnError(
        'BadArgument',
        'this file would be written over while it is read; name another with --out',
        {
          place: { file: given },
        },
      )
  const stale = format === 'bed' ? [] : [format === 'vcf' ? `${path}.csi` : `${path}.tbi`]
  for (const index of stale)
    if (await host.exists(index))
      throw new UpturnError(
        'BadArgument',
        'this index of an earlier file would stand beside the new one, and programs would believe it; remove it first',
        { place: { file: index } },
      )
  const selection = await readSelection(host, options.selection ?? {}, signal)
  const filters = options.filters ?? {}
  const source = {
    genotypes: options.genotypes,
    out: dirname(path),
    build: options.build,
    open: options.open,
    sex: options.sex,
    selection: { ...selection, filters },
    ...(options.reference !== undefined && {
      reference: { fasta: options.reference, table: `${path}.reference.parquet` },
    }),
  }
  return withStore(source, workshop, async ({ folder, sexes, imported }) => {
    if (imported === null && Object.values(filters).some((limit) => limit !== undefined))
      throw new UpturnError(
        'BadArgument',
        'a packed store knows no FILTER, GQ, DP or AD; filter the files that it is made of',
      )
    const store = await openStore(host, folder)
    const stored = store.header.samples
    await store.close()
    const samples = await columnsOf(options, stored, selection.samples?.samples, imported !== null, workshop)
    const result = await writeGenotypes(
      {
        store: folder,
        format,
        path,
        samples,
        sexes,
        ...(imported === null && { regions: selection.regions }),
      },
      workshop,
    )
    const notes: string[] = []
    if (format === 'bed' && result.variantsWithDosages > 0)
      notes.push(
        `${result.variantsWithDosages} variants have dosages, which BED cannot hold: their hard calls were written`,
      )
    return { format, ...result, imported, notes }
  })
}
