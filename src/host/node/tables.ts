import { open, rename, rm } from 'node:fs/promises'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { UpturnError } from '../../errors/index.ts'
import type { Cell, ColumnBatch, ColumnType, TableSchema, Tables, TableWriter } from '../host.ts'
import { createFile, fileError } from './files.ts'

const sqlType: Record<ColumnType, string> = {
  string: 'VARCHAR',
  int32: 'INTEGER',
  float64: 'DOUBLE',
  boolean: 'BOOLEAN',
}
/** DuckDB's vector length. */
const chunkRows = 2048
const rowGroupRows = 20_480

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
const named = (text: string) => `"${text.replaceAll('"', '""')}"`

/** A DuckDB that stays on this machine, within 400 MB, with a temporary folder of its own. */
async function openDuckDb(
  file: string,
  temporary: string,
): Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(file, {
    memory_limit: '400MB',
    temp_directory: temporary,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    threads: '2',
  })
  const connection = await instance.connect()
  await connection.run('SET lock_configuration = true')
  return { instance, connection }
}

function translated(error: unknown, path: string): unknown {
  const message = error instanceof Error ? error.message : String(error)
  if (/No space left|ENOSPC|disk full|Disk quota/i.test(message))
    return fileError(Object.assign(new Error(message), { code: 'ENOSPC' }), path)
  if (/No files found|No such file/i.test(message))
    return fileError(Object.assign(new Error(message), { code: 'ENOENT' }), path)
  if (/Parquet|magic bytes|corrupt/i.test(message))
    return new UpturnError('FileDamaged', 'this is not a whole Parquet file; delete the stage folder and run again', {
      place: { file: path },
      cause: error,
    })
  return error
}

/** Tables up to this many rows are made in memory; larger ones in a file beside the target, which keeps memory bounded. */
const rowsInMemory = 20_480

/** A DuckDB table being filled; `copy` writes it out in the order of its rows. */
async function openFill(schema: TableSchema, file: string | null, temporary: string) {
  const { DuckDBDataChunk, INTEGER, VARCHAR, DOUBLE, BOOLEAN } = await import('@duckdb/node-api')
  const vector = { string: VARCHAR, int32: INTEGER, float64: DOUBLE, boolean: BOOLEAN }
  const { instance, connection } = await openDuckDb(file ?? ':memory:', temporary)
  const types = schema.columns.map((column) => vector[column.type])
  const definition = schema.columns.map((column) => `${named(column.name)} ${sqlType[column.type]}`).join(', ')
  await connection.run(`CREATE TABLE rows (${definition})`)
  const appender = await connection.createAppender('rows')
  return {
    append(columns: readonly (readonly Cell[])[]) {
      const rows = columns[0].length
      for (let start = 0; start < rows; start += chunkRows) {
        const end = Math.min(rows, start + chunkRows)
        const chunk = DuckDBDataChunk.create(types, end - start)
        columns.forEach((values, index) => {
          chunk.setColumnValues(index, values.slice(start, end))
        })
        appender.appendDataChunk(chunk)
      }
    },
    async copy(path: string) {
      appender.flushSync()
      await connection.run(
        `COPY (SELECT * FROM rows ORDER BY rowid) TO ${quoted(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupRows})`,
      )
    },
    close() {
      try {
        appender.closeSync()
      } catch {
        // A failed flush is reported by the call that failed.
      }
      connection.closeSync()
      instance.closeSync()
    },
  }
}

async function writeTable(path: string, schema: TableSchema): Promise<TableWriter> {
  // The target must be writable before a long stage ends, and a folder that is missing is made.
  const probe = await createFile(path)
  await probe.discard()
  const database = `${path}.${process.pid}.duckdb`
  const temporary = `${database}.tmp`
  const partial = `${path}.${process.pid}.parquet`
  let waiting: (readonly Cell[])[][] = []
  let waitingRows = 0
  let fill: Awaited<ReturnType<typeof openFill>> | undefined
  const empty = () => {
    for (const columns of waiting) fill?.append(columns)
    waiting = []
    waitingRows = 0
  }
  const discard = async () => {
    fill?.close()
    fill = undefined
    for (const file of [database, `${database}.wal`, partial]) await rm(file, { force: true })
    await rm(temporary, { force: true, recursive: true })
  }
  return {
    async append(batch) {
      const columns = schema.columns.map((column) => {
        const values = batch[column.name]
        if (values === undefined)
          throw new UpturnError('Internal', `table ${schema.name} was given no column ${column.name}`)
        return values
      })
      waiting.push(columns)
      waitingRows += columns[0].length
      try {
        if (fill === undefined && waitingRows > rowsInMemory) fill = await openFill(schema, database, temporary)
        if (fill !== undefined) empty()
      } catch (error) {
        throw translated(error, path)
      }
    },
    async commit() {
      try {
        fill ??= await openFill(schema, null, temporary)
        empty()
        await fill.copy(partial)
        const handle = await open(partial, 'r+')
        await handle.sync()
        await handle.close()
        await rename(partial, path)
      } catch (error) {
        throw translated(error, path)
      } finally {
        await discard()
      }
    },
    discard,
  }
}

async function* readTable(path: string, schema: TableSchema): AsyncIterable<ColumnBatch> {
  const { instance, connection } = await openDuckDb(':memory:', `${path}.${process.pid}.tmp`)
  try {
    const columns = schema.columns.map((column) => `${named(column.name)}::${sqlType[column.type]}`).join(', ')
    const result = await connection.stream(`SELECT ${columns} FROM read_parquet(${quoted(path)})`)
    for (;;) {
      const chunk = await result.fetchChunk()
      if (chunk === null || chunk.rowCount === 0) break
      const batch: Record<string, readonly Cell[]> = {}
      schema.columns.forEach((column, index) => {
        batch[column.name] = chunk.getColumnValues(index) as Cell[]
      })
      yield batch
    }
  } catch (error) {
    throw translated(error, path)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

export const duckDbTables: Tables = { write: writeTable, read: readTable }
