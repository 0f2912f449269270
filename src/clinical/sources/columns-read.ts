import type { Columns } from '../tables/index.ts'
import type { CellReader } from './cells.ts'

/** Columns that remember which of them were asked for. */
export interface WatchedColumns extends Columns {
  /** Logs every other column that holds a name as `column_unread`, `known` ones aside. */
  reportOthers(known?: (name: string) => boolean): void
}

/** Watches which columns of a table a layout asks for, so that the others are counted and not dropped in silence. */
export function watchColumns(cells: CellReader, columns: Columns): WatchedColumns {
  const used = new Set<number>()
  const watched = (at: number) => {
    if (at >= 0) used.add(at)
    return at
  }
  return {
    unused: columns.unused,
    optional: (...names) => watched(columns.optional(...names)),
    required: (...names) => watched(columns.required(...names)),
    reportOthers(known = () => false) {
      cells.header.forEach((name, at) => {
        if (name !== '' && !used.has(at) && !known(name))
          cells.log.add('column_unread', { file: cells.file, line: 1, column: name })
      })
    },
  }
}
