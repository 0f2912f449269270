import type { AssociationRows } from '../association/index.ts'
import type { Host } from '../host/host.ts'
import { associationsTable } from '../results/association.ts'
import { tsvHeader } from './tsv.ts'

/** `<path>.tsv` while it is filled with rows, and `<path>.parquet`, which is made of it. */
export interface AssociationsFiles {
  append(rows: AssociationRows): Promise<void>
  commit(): Promise<void>
  discard(): Promise<void>
}

/** @param keepLines leave `<path>.tsv` beside the Parquet table */
export async function openAssociations(host: Host, path: string, keepLines: boolean): Promise<AssociationsFiles> {
  const tsv = await host.create(`${path}.tsv`)
  await tsv.write(new TextEncoder().encode(tsvHeader(associationsTable)))
  let rows = 0
  return {
    async append(more) {
      await tsv.write(more.lines)
      rows += more.rows
    },
    async commit() {
      await tsv.commit()
      let made = false
      try {
        await host.tables.fromLines(`${path}.tsv`, rows, `${path}.parquet`, associationsTable, 'headed')
        made = true
      } finally {
        if (!made || !keepLines) await host.remove(`${path}.tsv`)
      }
    },
    discard: () => tsv.discard(),
  }
}
