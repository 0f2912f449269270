import { open, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { DuckDBAppender, DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { UpturnError } from '../../errors/index.ts'
import type { Cell, ColumnBatch, ColumnType, LinesForm, TableSchema, Tables, TableWriter } from '../host.ts'
import { createFile, fileError, withPath } from './files.ts'

/** Loaded by `require`: `import` would read every file of a CommonJS package twice, 60 instead of 150 ms. */
const duckDb = () => createRequire(import.meta.url)('@duckdb/node-api') as typeof import('@duckdb/node-api')

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

/** A DuckDB in memory that stays on this machine, within 400 MB, with a temporary folder of its own. */
async function openDuckDb(
  temporary: string,
  threads: 1 | 2,
): Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }> {
  const { DuckDBInstance } = duckDb()
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: '400MB',
    temp_directory: temporary,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    // Tables are copied in the order of their rows.
    preserve_insertion_order: 'true',
    threads: String(threads),
    // What was read or written once is not read again.
    enable_external_file_cache: 'false',
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

const parquet = `(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupRows})`

/**
 * Fills a table in DuckDB's memory and copies it out whenever it has a row group: a table that grew to all rows would take
 * their size in memory, whatever limit DuckDB is given. The parts are joined in order at the end; a second thread would
 * take twice the time, and memory that grows with the number of parts.
 */
async function openParts(schema: TableSchema, partName: (part: number) => string, temporary: string) {
  const { DuckDBDataChunk, INTEGER, VARCHAR, DOUBLE, BOOLEAN } = duckDb()
  const vector = { string: VARCHAR, int32: INTEGER, float64: DOUBLE, boolean: BOOLEAN }
  const { instance, connection } = await openDuckDb(temporary, 1)
  const types = schema.columns.map((column) => vector[column.type])
  const definition = schema.columns.map((column) => `${named(column.name)} ${sqlType[column.type]}`).join(', ')
  // Used again for every append: a chunk's memory is given back only when its wrapper is collected.
  const chunk = DuckDBDataChunk.create(types, 0)
  const parts: string[] = []
  let appender: DuckDBAppender | undefined
  let rows = 0
  const copy = async (path: string) => {
    appender?.closeSync()
    appender = undefined
    await connection.run(`COPY rows TO ${quoted(path)} ${parquet}`)
    await connection.run('DROP TABLE rows')
    rows = 0
  }
  const fill = async () => {
    if (appender !== undefined) return appender
    await connection.run(`CREATE TABLE rows (${definition})`)
    appender = await connection.createAppender('rows')
    return appender
  }
  return {
    async append(columns: readonly (readonly Cell[])[]) {
      const count = columns[0].length
      for (let start = 0; start < count; start += chunkRows) {
        const end = Math.min(count, start + chunkRows)
        if (rows >= rowGroupRows) {
          const part = partName(parts.length)
          parts.push(part)
          await copy(part)
        }
        const to = await fill()
        chunk.reset()
        chunk.rowCount = end - start
        columns.forEach((values, index) => {
          chunk.setColumnValues(index, values.slice(start, end))
        })
        to.appendDataChunk(chunk)
        rows += end - start
      }
    },
    async finish(path: string) {
      await fill()
      if (parts.length === 0) return copy(path)
      const last = partName(parts.length)
      parts.push(last)
      await copy(last)
      const list = parts.map(quoted).join(', ')
      await connection.run(`COPY (SELECT * FROM read_parquet([${list}])) TO ${quoted(path)} ${parquet}`)
    },
    async close() {
      try {
        appender?.closeSync()
      } catch {
        // A failed flush is reported by the call that failed.
      }
      connection.closeSync()
      instance.closeSync()
      for (const part of parts) await rm(part, { force: true })
    },
  }
}

/** Syncs a finished file and puts it in place. */
async function put(partial: string, path: string): Promise<void> {
  const handle = await open(partial, 'r+')
  await handle.sync()
  await handle.close()
  await rename(partial, path)
}

async function writeTable(path: string, schema: TableSchema): Promise<TableWriter> {
  // The target must be writable before a long stage ends, and a folder that is missing is made.
  const probe = await createFile(path)
  await probe.discard()
  const partial = `${path}.${process.pid}.parquet`
  const temporary = `${partial}.tmp`
  let waiting: (readonly Cell[])[][] = []
  let waitingRows = 0
  let parts: Awaited<ReturnType<typeof openParts>> | undefined
  const empty = async () => {
    parts ??= await openParts(schema, (part) => `${path}.${process.pid}.${part}.parquet`, temporary)
    for (const columns of waiting) await parts.append(columns)
    waiting = []
    waitingRows = 0
  }
  const discard = async () => {
    await parts?.close()
    parts = undefined
    await rm(partial, { force: true })
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
        if (parts !== undefined || waitingRows > rowGroupRows) await empty()
      } catch (error) {
        throw translated(error, path)
      }
    },
    async commit() {
      try {
        await empty()
        await parts?.finish(partial)
        await put(partial, path)
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
  const { instance, connection } = await openDuckDb(`${path}.${process.pid}.tmp`, 2)
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

const numberTypes = /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|FLOAT|DOUBLE|DECIMAL\(.*)$/

/** How a column of any type is told as text. */
function asText(name: string, type: string): string {
  const cell = named(name)
  if (type === 'FLOAT' || type === 'DOUBLE') return `regexp_replace(${cell}::VARCHAR, '\\.0$', '')`
  if (type.startsWith('TIMESTAMP')) {
    const zoned = type === 'TIMESTAMP WITH TIME ZONE'
    const plain = zoned ? `(${cell} AT TIME ZONE 'UTC')` : cell
    return `regexp_replace(${plain}::VARCHAR, ' 00:00:00$', '') || '${zoned ? 'Z' : ''}'`
  }
  return `${cell}::VARCHAR`
}

/** The columns and rows of a Parquet file that somebody else wrote. */
async function textTable(path: string): ReturnType<Tables['text']> {
  const place = { file: path }
  if (/[*?[\]]/.test(path))
    throw new UpturnError('BadArgument', 'the path of a Parquet file may not hold *, ?, [ or ]; rename the file', {
      place,
    })
  const unreadable = (error: unknown): unknown => {
    const known = translated(error, path)
    if (known instanceof UpturnError && known.code !== 'FileDamaged') return known
    return new UpturnError('FileDamaged', 'this is no whole Parquet file; copy or make it again', {
      place,
      cause: error,
    })
  }
  const query = async <T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> => {
    const { instance, connection } = await openDuckDb(`${path}.${process.pid}.tmp`, 1)
    try {
      return await work(connection)
    } catch (error) {
      throw unreadable(error)
    } finally {
      connection.closeSync()
      instance.closeSync()
    }
  }
  const from = `FROM read_parquet(${quoted(path)})`
  const described = await query(async (connection) => {
    const found = await connection.runAndReadAll(
      `SELECT column_name, column_type FROM (DESCRIBE SELECT * ${from}) AS columns`,
    )
    return found.getRows() as [string, string][]
  })
  async function* batches(): AsyncGenerator<(readonly (string | null)[])[]> {
    const { instance, connection } = await openDuckDb(`${path}.${process.pid}.tmp`, 1)
    try {
      const cells = described.map(([name, type]) => asText(name, type)).join(', ')
      const result = await connection.stream(`SELECT ${cells} ${from}`)
      for (;;) {
        const chunk = await result.fetchChunk()
        if (chunk === null || chunk.rowCount === 0) break
        yield described.map((_, index) => chunk.getColumnValues(index) as (string | null)[])
      }
    } catch (error) {
      throw unreadable(error)
    } finally {
      connection.closeSync()
      instance.closeSync()
    }
  }
  return {
    columns: described.map(([name, type]) => ({ name, number: numberTypes.test(type) })),
    batches: batches(),
  }
}

/** Longest line that DuckDB reads with the memory it is given. */
const lineBytesLimit = 2_000_000

async function tableFromLines(
  lines: string,
  rows: number,
  path: string,
  schema: TableSchema,
  form: LinesForm,
): Promise<void> {
  // DuckDB would take these for patterns of several names.
  if (/[*?[\]]/.test(lines)) return tableLineByLine(lines, rows, path, schema, form)
  const probe = await createFile(path)
  await probe.discard()
  const partial = `${path}.${process.pid}.parquet`
  const temporary = `${partial}.tmp`
  const { instance, connection } = await openDuckDb(temporary, 1)
  const counted = form === 'counted'
  const columns = schema.columns.slice(counted ? 1 : 0)
  const types = columns.map((column) => `${quoted(column.name)}: ${quoted(sqlType[column.type])}`).join(', ')
  // No cell is quoted, whatever it holds; a text with control characters is none that is written here, so that none is null.
  const options = `delim='\t', header=${!counted}, quote='', escape='', nullstr='${counted ? '\x01' : ''}', new_line='\\n', auto_detect=false, max_line_size=${lineBytesLimit}`
  const selected = columns.map(({ name, emptyText }) =>
    emptyText ? `coalesce(${named(name)}, '') AS ${named(name)}` : named(name),
  )
  const { name, type } = schema.columns[0]
  if (counted) selected.unshift(`(row_number() OVER () - 1)::${sqlType[type]} AS ${named(name)}`)
  try {
    const copied = await connection.runAndReadAll(
      `COPY (SELECT ${selected.join(', ')} FROM read_csv(${quoted(lines)}, ${options}, columns={${types}})) TO ${quoted(partial)} ${parquet}`,
    )
    if (Number(copied.getRows()[0]?.[0]) !== rows) throw new Error('the lines were not read one by one')
    await put(partial, path)
  } catch (error) {
    const known = translated(error, path)
    if (known instanceof UpturnError) throw known
    // Lines that are too long for DuckDB, or no UTF-8.
    await tableLineByLine(lines, rows, path, schema, form)
  } finally {
    connection.closeSync()
    instance.closeSync()
    await rm(partial, { force: true })
    await rm(temporary, { force: true, recursive: true })
  }
}

/** The plain way of `tableFromLines`. */
async function tableLineByLine(
  lines: string,
  rows: number,
  path: string,
  schema: TableSchema,
  form: LinesForm,
): Promise<void> {
  const writer = await writeTable(path, schema)
  const counted = form === 'counted'
  const [counter] = schema.columns
  const columns = schema.columns.slice(counted ? 1 : 0)
  let row = 0
  try {
    let texts: string[] = []
    const append = async () => {
      const cells = texts.map((text) => text.split('\t'))
      const batch: Record<string, Cell[]> = counted ? { [counter.name]: texts.map((_, k) => row + k) } : {}
      for (const [c, { name, type, emptyText }] of columns.entries())
        batch[name] = cells.map((fields) => {
          const text = fields[c]
          if (text === '' && !counted && !emptyText) return null
          return type === 'string' ? text : type === 'boolean' ? text === 'true' : Number(text)
        })
      await writer.append(batch)
      row += texts.length
      texts = []
    }
    const handle = await withPath(lines, () => open(lines, 'r'))
    let header = !counted
    for await (const text of handle.readLines())
      if (header) header = false
      else if (texts.push(text) === chunkRows) await append()
    await append()
    if (row !== rows) throw new UpturnError('Internal', `${rows} lines were written and ${row} are there`)
    await writer.commit()
  } catch (error) {
    await writer.discard()
    throw error
  }
}

export const duckDbTables: Tables = { write: writeTable, fromLines: tableFromLines, read: readTable, text: textTable }
