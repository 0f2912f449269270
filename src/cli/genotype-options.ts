import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { Workshop } from '../compute/index.ts'
import { UpturnError } from '../errors/index.ts'
import type { ReferenceSummary } from '../results/genotypes.ts'
import { sayCount } from '../results/say.ts'
import { bgenOptions, type CommandOptions, interruption, openOptionsOf, progressOf, workersOf } from './command.ts'

/** Options of every command that reads genotypes and writes tables, without a study file. */
export function defineTables(command: Command, written: string): Command {
  bgenOptions(command)
  return command
    .requiredOption('--out <folder>', `where to write ${written}`)
    .addOption(buildOption())
    .option('--sex <file>', 'table with a column of sample ids and one called sex; goes before what the files say')
    .addOption(new Option('--format <name>', 'of the tables').choices(['tsv', 'parquet']).default('tsv'))
}

export const buildOption = (): Option =>
  new Option('--build <name>', 'assembly of the positions; a packed store knows its own')
    .choices(['GRCh38', 'GRCh37', 'NCBI36', 'NCBI35'])
    .default('GRCh38')

export function tableOptions(genotypes: readonly string[], options: CommandOptions) {
  return {
    genotypes,
    out: resolve(String(options.out)),
    build: String(options.build),
    open: openOptionsOf(options),
    sex: options.sex as string | undefined,
    format: options.format as 'tsv' | 'parquet',
  }
}

/** Which autosomal variants a command takes. */
export function defineChoice(
  command: Command,
  defaults: { maf: string; callRate: string; prune: string; excludeLongRange?: boolean },
): Command {
  return command
    .option('--maf <x>', 'smallest minor-allele frequency', defaults.maf)
    .option('--call-rate <x>', 'smallest share of people called', defaults.callRate)
    .option('--prune <r2>', 'largest r2 of two variants within 200 kb; none leaves LD as it is', defaults.prune)
    .option(
      '--long-range <take>',
      'exclude or keep the regions where LD spans megabases (HLA, the inversion on 8, centromeres)',
      defaults.excludeLongRange === true ? 'exclude' : 'keep',
    )
}

/** A number from 0 to 1 from an option. */
export function share(name: string, value: unknown): number {
  const number = Number(value)
  if (String(value).trim() === '' || !(number >= 0 && number <= 1))
    throw new UpturnError('BadArgument', `--${name} takes a number from 0 to 1, not ${String(value)}`)
  return number
}

function longRange(value: unknown): boolean {
  if (value !== 'exclude' && value !== 'keep')
    throw new UpturnError('BadArgument', `--long-range takes exclude or keep, not ${String(value)}`)
  return value === 'exclude'
}

/** A number above 0 from an option. */
export function positiveNumber(name: string, value: unknown): number {
  const number = Number(value)
  if (!(number > 0 && number < Number.POSITIVE_INFINITY))
    throw new UpturnError('BadArgument', `--${name} takes a number above 0, not ${String(value)}`)
  return number
}

export const choiceOptions = (options: CommandOptions) => ({
  maf: share('maf', options.maf),
  callRate: share('call-rate', options.callRate),
  prune: options.prune === 'none' ? null : share('prune', options.prune),
  excludeLongRange: longRange(options.longRange),
})

/** Runs `work` with worker threads, progress and a way to stop, and takes all of them down again. */
export async function inWorkshop<T>(
  label: string,
  options: CommandOptions,
  work: (workshop: Workshop) => Promise<T>,
): Promise<T> {
  const { openWorkshop } = await import('../study/workshop.ts')
  const progress = progressOf(options)
  const { signal, release } = interruption()
  const workshop = openWorkshop({ workers: workersOf(options), signal, progress })
  const began = performance.now()
  try {
    progress.stage(label, 1, 1)
    const result = await work(workshop)
    progress.stageDone(label, (performance.now() - began) / 1000, false)
    return result
  } finally {
    progress.close()
    release()
    await workshop.close()
  }
}

/** Sentences on what reading genotype files left out. */
export function importLines(
  imported: {
    records: number
    dropped: Record<string, number>
    notes: string[]
    reference: ReferenceSummary | null
  } | null,
): string[] {
  if (imported === null) return []
  const { reference } = imported
  return [
    ...(reference === null
      ? []
      : [
          `  ${sayCount(reference.compared)} variants compared with ${reference.file}: ${sayCount(reference.exchanged)} SNVs had reference and alternate exchanged, ${sayCount(reference.leftAligned)} indels were left-aligned`,
        ]),
    ...Object.entries(imported.dropped).map(
      ([reason, count]) => `  of ${sayCount(imported.records)} records left out: ${count}, ${reason}`,
    ),
    ...imported.notes.map((note) => `  ${note}`),
  ]
}
