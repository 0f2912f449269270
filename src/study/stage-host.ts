import { basename } from 'node:path'
import type { ColumnBatch, Host, TableSchema } from '../host/host.ts'
import { CanonicalDigest } from './canonical.ts'

/** A host whose tables tell the digest of what was written, by file name. */
export function digestingHost(host: Host, onTable: (name: string, digest: string) => void): Host {
  return {
    ...host,
    tables: {
      read: (path, schema) => host.tables.read(path, schema),
      text: (path) => host.tables.text(path),
      async fromLines(lines, rows, path, schema, form) {
        await host.tables.fromLines(lines, rows, path, schema, form)
        const digest = tableDigest(schema)
        for await (const batch of host.tables.read(path, schema)) digest.add(batch)
        onTable(basename(path), digest.hex())
      },
      async write(path, schema) {
        const writer = await host.tables.write(path, schema)
        const digest = tableDigest(schema)
        return {
          async append(batch) {
            await writer.append(batch)
            digest.add(batch)
          },
          async commit() {
            await writer.commit()
            onTable(basename(path), digest.hex())
          },
          discard: () => writer.discard(),
        }
      },
    },
  }
}

/** A digest of the rows of a table. */
function tableDigest(schema: TableSchema): { add(batch: ColumnBatch): void; hex(): string } {
  const digest = new CanonicalDigest()
  const digested = schema.columns.filter((column) => column.inDigest !== false)
  for (const column of digested) digest.text(column.name).text(column.type)
  return {
    add(batch) {
      const columns = digested.map((column) => batch[column.name])
      const rows = columns[0].length
      for (let row = 0; row < rows; row++) for (const column of columns) digest.value(column[row])
    },
    hex: () => digest.hex(),
  }
}
