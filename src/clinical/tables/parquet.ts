import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import type { TableFormat } from './format.ts'
import { checkHeader, type TableRow, type TextTable } from './reader.ts'

/**
 * A Parquet file as a table of text, through the host. `line` counts rows from 1. Missing cells are empty; numbers have the shortest digits that give them
 * back, with a comma before the decimals where that is declared; dates are YYYY-MM-DD, times of day follow a space.
 */
export async function openParquet(
  path: string,
  host: Host,
  signal: AbortSignal,
  format: TableFormat,
): Promise<TextTable> {
  const { columns, batches } = await host.tables.text(path)
  const header = columns.map(({ name }) => name.trim())
  if (header.length === 0)
    throw new UpturnError('FormatInvalid', 'the table has no columns', { place: { file: path, line: 1 } })
  checkHeader(header, path, 1)
  const comma = columns.map(({ number }) => number && format.decimals === 'comma')
  async function* rows(): AsyncGenerator<TableRow[]> {
    let line = 0
    for await (const batch of batches) {
      signal.throwIfAborted()
      const count = batch[0].length
      const part: TableRow[] = []
      for (let i = 0; i < count; i++) {
        line++
        part.push({
          line,
          cells: batch.map((values, c) => {
            const text = values[i] ?? ''
            return comma[c] ? text.replace('.', ',') : text
          }),
        })
      }
      if (part.length > 0) yield part
    }
  }
  return { file: path, header, rows: rows() }
}
