import type { Cell, ColumnBatch, TableSchema } from '../host/host.ts'

const cellText = (value: Cell): string =>
  value === null || (typeof value === 'number' && Number.isNaN(value)) ? '' : String(value)

export const tsvHeader = (schema: TableSchema): string => `${schema.columns.map(({ name }) => name).join('\t')}\n`

/** Lines of a table: every column, numbers in the shortest digits that read back the same, nothing where there is none. */
export function tsvLines(schema: TableSchema, batch: ColumnBatch): string {
  const columns = schema.columns.map(({ name }) => batch[name])
  let text = ''
  for (let row = 0; row < columns[0].length; row++)
    text += `${columns.map((column) => cellText(column[row])).join('\t')}\n`
  return text
}
