import type { Cell, ColumnBatch, Host, TableSchema } from '../host/host.ts'

/** Turns row objects into the columns of a table; a member that is undefined is missing. */
export function toBatch(schema: TableSchema, rows: readonly object[]): ColumnBatch {
  return Object.fromEntries(
    schema.columns.map(({ name }) => [
      name,
      rows.map((row) => ((row as Record<string, Cell | undefined>)[name] ?? null) as Cell),
    ]),
  )
}

/** Writes rows as a Parquet table, whole. */
export async function writeRows(host: Host, path: string, schema: TableSchema, rows: readonly object[]): Promise<void> {
  const writer = await host.tables.write(path, schema)
  try {
    await writer.append(toBatch(schema, rows))
    await writer.commit()
  } catch (error) {
    await writer.discard()
    throw error
  }
}

/** Reads a whole table as row objects. For tables with one row a person or a visit, never a variant. */
export async function readRows<T>(host: Host, path: string, schema: TableSchema): Promise<T[]> {
  const rows: T[] = []
  for await (const batch of host.tables.read(path, schema)) {
    const length = batch[schema.columns[0].name].length
    for (let i = 0; i < length; i++)
      rows.push(Object.fromEntries(schema.columns.map(({ name }) => [name, batch[name][i]])) as T)
  }
  return rows
}
