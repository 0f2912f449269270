import { isUpturnError, UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import { openTableFile, type TableFormat } from '../tables/index.ts'
import { allAls } from './all-als.ts'
import { type ClinicalLayout, isJsonName, isTableName, type SourceFiles } from './layout.ts'
import { omop } from './omop.ts'
import { phenopackets } from './phenopackets.ts'
import { proAct } from './pro-act.ts'
import { redcap } from './redcap.ts'
import { plainTables } from './table.ts'
import { targetAls } from './target-als.ts'

/** Every layout that is read. The plain table comes last: it is what is left when no other is recognised. */
export const layouts = [
  proAct,
  targetAls,
  allAls,
  omop,
  redcap,
  phenopackets,
  plainTables,
] as const satisfies readonly ClinicalLayout[]

export type LayoutName = (typeof layouts)[number]['name']

export const layoutNames: readonly LayoutName[] = layouts.map(({ name }) => name)

export const layoutNamed = (name: string): ClinicalLayout | undefined => layouts.find((layout) => layout.name === name)

/** Recognises the layout of a source; refuses one that several layouts recognise. */
export async function recogniseLayout(files: SourceFiles): Promise<ClinicalLayout> {
  const found: ClinicalLayout[] = []
  for (const layout of layouts) if (layout !== plainTables && (await layout.recognise(files))) found.push(layout)
  if (found.length > 1)
    throw new UpturnError(
      'BadArgument',
      `the files fit several layouts (${found.map(({ name }) => name).join(', ')}); say which with --source, or as source: in the study file`,
      { place: { file: files.path } },
    )
  // A table that is broken at its head may be the one that would have told.
  const problem = files.names.map((name) => files.problem(name)).find((error) => error !== undefined)
  if (found.length === 0 && problem !== undefined && !(await plainTables.recognise(files))) throw problem
  return found[0] ?? plainTables
}

const glanceBytes = 4096

/** The files at a path. Names of files that are hidden (a leading dot) or temporary (~$, of a spreadsheet program) are left out. */
export async function sourceFiles(
  path: string,
  host: Host,
  signal: AbortSignal,
  format: TableFormat = {},
): Promise<SourceFiles> {
  const slash = path.lastIndexOf('/')
  const own = path.slice(slash + 1)
  const isFolder = !isTableName(path) && !isJsonName(path)
  const folder = isFolder ? path : path.slice(0, Math.max(0, slash))
  const names = isFolder ? (await listed(path, host)).filter((name) => !/^(?:\.|~\$)/.test(name)) : [own]
  const pathOf = (name: string) => (folder === '' || name.startsWith('/') ? name : join(folder, name))
  const headers = new Map<string, Promise<readonly string[] | null>>()
  const problems = new Map<string, UpturnError>()
  return {
    path,
    names,
    isFolder,
    pathOf,
    header(name) {
      let header = headers.get(name)
      if (header === undefined) {
        header = headerOf(pathOf(name), host, signal, format, (error) => problems.set(name, error))
        headers.set(name, header)
      }
      return header
    },
    problem: (name) => problems.get(name),
    async beginning(name) {
      const source = await host.open(pathOf(name))
      try {
        return new TextDecoder().decode(await source.read(0, Math.min(source.size, glanceBytes), signal))
      } finally {
        await source.close()
      }
    },
  }
}

async function listed(path: string, host: Host): Promise<string[]> {
  try {
    return await host.list(path)
  } catch (error) {
    if (!isUpturnError(error, 'FileNotFound') || !(await host.exists(path))) throw error
    throw new UpturnError(
      'FormatUnknown',
      'this file is of no kind that holds clinical records; give a folder, or a table (.csv, .tsv, .txt, .xlsx, .parquet) or JSON file',
      { place: { file: path } },
    )
  }
}

async function headerOf(
  path: string,
  host: Host,
  signal: AbortSignal,
  format: TableFormat,
  failed: (error: UpturnError) => void,
): Promise<readonly string[] | null> {
  if (!isTableName(path)) return null
  try {
    const table = await openTableFile(path, host, signal, format)
    await table.rows.return(undefined)
    await table.close()
    return table.header
  } catch (error) {
    // What cannot be opened is not recognised; whoever reads it says why.
    if (!isUpturnError(error) || error.code === 'Internal' || error.code === 'Interrupted') throw error
    failed(error)
    return null
  }
}

function join(folder: string, file: string): string {
  return folder.endsWith('/') ? folder + file : `${folder}/${file}`
}
