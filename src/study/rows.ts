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

export { readRows } from '../results/rows.ts'
