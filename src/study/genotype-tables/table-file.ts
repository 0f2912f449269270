import { join } from 'node:path'
import type { ColumnBatch, Host, TableSchema } from '../../host/host.ts'
import { tsvHeader, tsvLines } from '../tsv.ts'

export type TableFormat = 'tsv' | 'parquet'

/** A table being written as `<name>.tsv` or `<name>.parquet`; it appears when it is committed. */
export interface TableFile {
  readonly name: string
  append(batch: ColumnBatch): Promise<void>
  /** Whole lines of a text table, as `tsvLines` would make them; only for `tsv`. */
  lines(text: Uint8Array): Promise<void>
  commit(): Promise<void>
  discard(): Promise<void>
}

async function openTableFile(host: Host, out: string, schema: TableSchema, format: TableFormat): Promise<TableFile> {
  const name = `${schema.name}.${format}`
  if (format === 'parquet') {
    const writer = await host.tables.write(join(out, name), schema)
    return {
      name,
      append: (batch) => writer.append(batch),
      lines: () => Promise.reject(new TypeError('a Parquet table takes no lines of text')),
      commit: () => writer.commit(),
      discard: () => writer.discard(),
    }
  }
  const sink = await host.create(join(out, name))
  const encoder = new TextEncoder()
  await sink.write(encoder.encode(tsvHeader(schema)))
  return {
    name,
    append: (batch) => sink.write(encoder.encode(tsvLines(schema, batch))),
    lines: (text) => sink.write(text),
    commit: () => sink.commit(),
    discard: () => sink.discard(),
  }
}

/**
 * Opens tables, calls `work`, and puts all of them in place when it has ended well: a run that fails or is interrupted
 * leaves what was there before. Returns what `work` returned and the names of the files.
 */
export async function writeTables<T>(
  host: Host,
  out: string,
  schemas: readonly TableSchema[],
  format: TableFormat,
  work: (tables: readonly TableFile[]) => Promise<T>,
): Promise<{ result: T; files: string[] }> {
  const tables: TableFile[] = []
  try {
    for (const schema of schemas) tables.push(await openTableFile(host, out, schema, format))
    const result = await work(tables)
    const commits = await Promise.allSettled(tables.map((table) => table.commit()))
    for (const commit of commits) if (commit.status === 'rejected') throw commit.reason
    return { result, files: tables.map((table) => table.name) }
  } catch (error) {
    for (const table of tables) await table.discard()
    throw error
  }
}
