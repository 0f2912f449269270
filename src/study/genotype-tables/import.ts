import { rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Workshop } from '../../compute/index.ts'
import { UpturnError } from '../../errors/index.ts'
import type { OpenOptions } from '../../genotypes/import/file.ts'
import { detectFormat } from '../../genotypes/import/format.ts'
import { type GenotypeInput, importGenotypes, withReference } from '../../genotypes/index.ts'
import { withPath, writeWhole } from '../../host/node/files.ts'
import type { GenotypesSummary } from '../../results/genotypes.ts'
import { temporaryFolder } from '../lock.ts'
import { readSelection, type SelectionGiven } from '../selection.ts'

export interface ImportOptions {
  /** Files of one cohort: one, or one a chromosome. */
  genotypes: readonly string[]
  out: string
  build: string
  /** What BGEN files need. */
  open?: OpenOptions
  /** What of the genotypes is read; all without it. */
  selection?: SelectionGiven
  /** FASTA file with which every reference allele is compared; what disagrees is listed in `reference.parquet`. */
  reference?: string
}

/**
 * Makes a packed store of genotype files in the folder `out`, with `sexes.json` beside it; the folder appears when it is
 * whole. Refuses a folder that is there already.
 */
export async function importStore(
  { genotypes, out, build, open, selection = {}, reference }: ImportOptions,
  workshop: Workshop,
): Promise<GenotypesSummary & { notes: string[] }> {
  if ((await stat(out).catch(() => undefined)) !== undefined)
    throw new UpturnError('BadArgument', 'the store is there already; name another folder, or remove this one', {
      place: { file: out },
    })
  const partial = await temporaryFolder(dirname(out), basename(out))
  try {
    const files: GenotypeInput['files'][number][] = []
    const { host, signal } = workshop
    for (const path of genotypes) files.push({ path, format: await detectFormat(host, path, signal), ...open })
    const selected = await readSelection(host, selection, signal)
    const { sexes, ...summary } = await withReference(
      host,
      reference,
      { table: join(partial, 'reference.parquet'), signal },
      (input) => importGenotypes({ files, build, ...input, ...selected }, partial, workshop),
    )
    await writeWhole(join(partial, 'sexes.json'), `${JSON.stringify(sexes)}\n`)
    await withPath(out, () => rename(partial, out))
    return summary
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
  }
}
