import type { Host, TableSchema } from '../host/host.ts'

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
