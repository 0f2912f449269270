import { rm } from 'node:fs/promises'
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

async function writeTable(path: string, schema: TableSchema): Promise<TableWriter> {
  // The target must be writable before a long stage ends, and a folder that is missing is made.
  const probe = await createFile(path)
  await probe.discard()
  const database = `${path}.${process.pid}.duckdb`
  const temporary = `${database}.tmp`
  const { DuckDBDataChunk, INTEGER, VARCHAR, DOUBLE, BOOLEAN } = await import('@duckdb/node-api')
  const vector = { string: VARCHAR, int32: INTEGER, float64: DOUBLE, boolean: BOOLEAN }
  const { instance, connection } = await openDuckDb(database, temporary).catch((error: unknown) => {
    throw translated(error, path)
  })
  const types = schema.columns.map((column) => vector[column.type])
  const definition = schema.columns.map((column) => `${named(column.name)} ${sqlType[column.type]}`).join(', ')
  await connection.run(`CREATE TABLE rows (${definition})`)
  const appender = await connection.createAppender('rows')
  let open = true
  const discard = async () => {
    if (open) {
      open = false
      try {
        appender.closeSync()
      } catch {
        // A failed flush is reported by the call that failed.
      }
      connection.closeSync()
      instance.closeSync()
    }
    await rm(database, { force: true })
    await rm(`${database}.wal`, { force: true })
    await rm(temporary, { force: true, recursive: true })
    await rm(`${path}.${process.pid}.parquet`, { force: true })
  }
  return {
    async append(batch) {
      const columns = schema.columns.map((column) => {
        const values = batch[column.name]
        if (values === undefined)
          throw new UpturnError('Internal', `table ${schema.name} was given no column ${column.name}`)
        return values
      })
      const rows = columns[0].length
      try {
        for (let start = 0; start < rows; start += chunkRows) {
          const end = Math.min(rows, start + chunkRows)
          const chunk = DuckDBDataChunk.create(types, end - start)
          columns.forEach((values, index) => {
            chunk.setColumnValues(index, values.slice(start, end))
          })
          appender.appendDataChunk(chunk)
        }
      } catch (error) {
        throw translated(error, path)
      }
    },
    async commit() {
      const partial = `${path}.${process.pid}.parquet`
      try {
        appender.flushSync()
        await connection.run(
          `COPY (SELECT * FROM rows ORDER BY rowid) TO ${quoted(partial)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupRows})`,
        )
        const { open: openHandle, rename } = await import('node:fs/promises')
        const handle = await openHandle(partial, 'r+')
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
