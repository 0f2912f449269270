import type { UpturnError } from '../../errors/index.ts'
import type { Reading } from './reading.ts'

/** The files of a clinical source before any is read. */
export interface SourceFiles {
  /** As given: a folder, or a file. */
  readonly path: string
  /** Names of the files in the folder, sorted by code unit; of a file its own name. */
  readonly names: readonly string[]
  readonly isFolder: boolean
  /** Where a file of this name lies: in the folder, or beside the file. */
  pathOf(name: string): string
  /** Column names of a table among them; null when the file cannot be opened as a table. */
  header(name: string): Promise<readonly string[] | null>
  /** Why a table whose header was asked for could not be opened. */
  problem(name: string): UpturnError | undefined
  /** The first bytes of a file as text, whatever it is: enough to see that it is JSON. */
  beginning(name: string): Promise<string>
}

/**
 * A layout in which clinical records are exported: how it is recognised and how it is read. A new one is a file with such an object
 * and an entry in `layouts`.
 */
export interface ClinicalLayout {
  /** What `source:` and `--source` call it. */
  readonly name: string
  /** What people call it. */
  readonly title: string
  /**
   * Whether these files are of this layout. Names are looked at before headers, and no more is opened than needed. It must be
   * sure: a source that two layouts recognise is asked about, not guessed.
   */
  recognise(files: SourceFiles): Promise<boolean>
  /** Reads the files into what `reading` gathers; what only shows when everything is known is checked afterwards. */
  read(reading: Reading): Promise<void>
}

/** Names that end as tables do. */
export const isTableName = (name: string): boolean => /\.(?:csv|tsv|txt|xlsx|parquet)$/i.test(name)

/** Names that end as JSON does: one value a file, or one a line. */
export const isJsonName = (name: string): boolean => /\.(?:json|ndjson|jsonl)$/i.test(name)

/** A name without its ending, in lower case. */
export function stem(name: string): string {
  const dot = name.lastIndexOf('.')
  return (dot > 0 ? name.slice(0, dot) : name).toLowerCase()
}

/**
 * Column names of a table among the files that a layout goes through; null of what is no table. One that is broken at its head is refused:
 * left out it would be missing from the records. Plain text (.txt) may be anything.
 */
export async function headerOfTable(files: SourceFiles, name: string): Promise<readonly string[] | null> {
  const header = isTableName(name) ? await files.header(name) : null
  const problem = files.problem(name)
  if (problem !== undefined && !/\.txt$/i.test(name)) throw problem
  return header
}
