import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import type { TableFormat } from './format.ts'
import { openParquet } from './parquet.ts'
import { openTable, type TextTable } from './reader.ts'
import { openXlsx } from './xlsx.ts'

/** A table and what closes its file. */
export interface OpenedTable extends TextTable {
  close(): Promise<void>
}

/**
 * Opens a table by what it holds, whatever its name says: delimited text, an Excel workbook (.xlsx) or Parquet. `sheet`: the sheet that is read of a workbook
 * with several when none is declared.
 * Refuses what looks like something else: older workbooks (.xls), encrypted ones, compressed files, and text that is named like a workbook or Parquet.
 */
export async function openTableFile(
  path: string,
  host: Host,
  signal: AbortSignal,
  format: TableFormat = {},
  sheet?: string,
): Promise<OpenedTable> {
  const source = await host.open(path)
  try {
    const start = await source.read(0, 4, signal)
    const begins = (...bytes: number[]) => bytes.every((byte, i) => start[i] === byte)
    const unknown = (message: string) => new UpturnError('FormatUnknown', message, { place: { file: source.name } })
    if (begins(0xd0, 0xcf, 0x11, 0xe0))
      throw unknown('this is an old workbook (.xls) or an encrypted one; save it as .xlsx or CSV without a password')
    if (begins(0x1f, 0x8b) || begins(0x28, 0xb5, 0x2f, 0xfd)) throw unknown('this is a compressed file; unpack it')
    const isWorkbook = begins(0x50, 0x4b, 0x03, 0x04)
    const isParquet = begins(0x50, 0x41, 0x52, 0x31)
    const named = /\.(xlsx|parquet)$/i.exec(path)?.[1].toLowerCase()
    if (!isWorkbook && !isParquet && named !== undefined)
      throw unknown(
        `the file is no ${named === 'xlsx' ? 'workbook' : 'Parquet file'}, as its name says; copy or save it again`,
      )
    const table = isWorkbook
      ? await openXlsx(source, host, signal, format, sheet)
      : isParquet
        ? await openParquet(path, host, signal, format)
        : await openTable(source, signal, { encoding: format.encoding })
    return { ...table, close: () => source.close() }
  } catch (error) {
    await source.close()
    throw error
  }
}
