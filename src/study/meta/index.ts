import { basename, dirname, join } from 'node:path'
import { poolStudies, sameNumbers } from '../../association/index.ts'
import type { Workshop } from '../../compute/index.ts'
import { UpturnError } from '../../errors/index.ts'
import type { ColumnBatch } from '../../host/host.ts'
import { makeFolder, writeWhole } from '../../host/node/files.ts'
import { metaForest } from '../../report/index.ts'
import { type MetaSummary, type MetaVariant, metaTable } from '../../results/meta.ts'
import { writeFigures } from '../figures.ts'
import { tsvHeader, tsvLines } from '../tsv.ts'
import { poolScans, type StudyFile } from './several-studies.ts'
import { readStudyTable } from './study-table.ts'

export interface MetaOptions {
  files: readonly string[]
  /** Names of the files' studies; made from the paths without them. */
  names?: readonly string[]
  /** Folder for tables and figures; none are written without it. */
  out?: string
  ambiguous: 'drop' | 'keep'
}

/** One table of studies: every variant of it, with a forest of each (at most this many) where a folder is given. */
const mostForests = 100

/** The studies of one table. */
export async function metaOfTable(
  options: MetaOptions & { files: readonly [string] },
  workshop: Workshop,
): Promise<MetaVariant[]> {
  const questions = await readStudyTable(options.files[0], workshop.host, workshop.signal)
  const found = questions.map(({ studies, ...name }) => poolStudies(name, studies, sameNumbers(studies)))
  if (options.out !== undefined) {
    await makeFolder(options.out)
    await writeWhole(join(options.out, 'meta.json'), `${JSON.stringify(found, null, 1)}\n`)
    const figures = found.slice(0, mostForests).map((variant, i) => {
      const figure = metaForest(variant)
      return found.length === 1 ? figure : { ...figure, name: `${figure.name}-${i + 1}` }
    })
    await writeFigures(join(options.out, 'figures'), figures)
  }
  return found
}

/** A name for each file: its own without endings, or its folder's where files are called alike. */
export function studyNames(paths: readonly string[]): string[] {
  const own = paths.map((path) => basename(path).replace(/(\.ssf)?\.(tsv|txt|csv)(\.gz)?$|\.parquet$/i, ''))
  if (new Set(own).size === own.length) return own
  const folders = paths.map((path) => basename(dirname(path)))
  if (new Set(folders).size === folders.length && !folders.includes('.')) return folders
  return own.map((name, i) => `${name} ${i + 1}`)
}

/** Several studies' scans: `meta.tsv`, `meta.json` and the lead's forest where a folder is given. */
export async function metaOfScans(options: MetaOptions, workshop: Workshop): Promise<MetaSummary> {
  const { host, signal } = workshop
  const { files, out } = options
  const names = options.names ?? studyNames(files)
  if (names.length !== files.length)
    throw new UpturnError('BadArgument', `${names.length} names are given for ${files.length} files; give one for each`)
  if (new Set(names).size < names.length)
    throw new UpturnError('BadArgument', 'two studies have the same name; every study needs its own')
  const again = files.find((file, i) => files.indexOf(file) < i)
  if (again !== undefined)
    throw new UpturnError('BadArgument', `${again} is given twice: the same study twice is not two studies`)
  const studies: StudyFile[] = files.map((path, i) => ({ name: names[i], path }))
  if (out === undefined) return poolScans(studies, options, host, signal, async () => undefined)
  await makeFolder(out)
  const tsv = await host.create(join(out, 'meta.tsv'))
  const encoder = new TextEncoder()
  try {
    await tsv.write(encoder.encode(tsvHeader(metaTable)))
    const summary = await poolScans(studies, options, host, signal, async (rows: ColumnBatch) => {
      await tsv.write(encoder.encode(tsvLines(metaTable, rows)))
    })
    await tsv.commit()
    await writeWhole(join(out, 'meta.json'), `${JSON.stringify(summary, null, 1)}\n`)
    if (summary.lead !== null) await writeFigures(join(out, 'figures'), [metaForest(summary.lead)])
    return summary
  } catch (error) {
    await tsv.discard()
    throw error
  }
}
