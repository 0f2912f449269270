import { UpturnError } from '../../errors/index.ts'
import type { TextTable } from './reader.ts'

/** Finds columns of a table by name, letter case aside. */
export interface Columns {
  /** Index of the first of these names that the table has, or -1. */
  optional(...names: string[]): number
  /** The same, refusing with `ColumnMissing`. */
  required(...names: string[]): number
  /** Names of the columns that nobody asked for. */
  unused(): string[]
}

export function columnsOf(table: Pick<TextTable, 'file' | 'header'>): Columns {
  const index = new Map(table.header.map((name, at) => [name.toLowerCase(), at]))
  const used = new Set<number>()
  const optional = (...names: string[]): number => {
    for (const name of names) {
      const at = index.get(name.toLowerCase())
      if (at !== undefined) {
        used.add(at)
        return at
      }
    }
    return -1
  }
  return {
    optional,
    unused: () => table.header.filter((_, at) => !used.has(at)),
    required(...names) {
      const at = optional(...names)
      if (at < 0)
        throw new UpturnError(
          'ColumnMissing',
          `the table has no column '${names[0]}': rename one, or say in the study file's mapping or by an option which it is; its columns are ${table.header.slice(0, 20).join(', ')}`,
          { place: { file: table.file, line: 1 } },
        )
      return at
    },
  }
}
