import type { Cell, ColumnBatch } from '../host/host.ts'
import { associationsTable } from './association.ts'

/** Lines of `associationsTable`, without a header, as its columns. */
export function associationCells(lines: Uint8Array): ColumnBatch {
  const rows = new TextDecoder()
    .decode(lines)
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'))
  return Object.fromEntries(
    associationsTable.columns.map(({ name, type, emptyText }, c) => [
      name,
      rows.map((cells): Cell => {
        const text = cells[c]
        if (text === '' && !emptyText) return null
        return type === 'string' ? text : Number(text)
      }),
    ]),
  )
}
