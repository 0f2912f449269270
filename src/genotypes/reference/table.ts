import type { Host } from '../../host/host.ts'
import { referenceTable } from '../../results/genotypes.ts'
import { type ReferenceRow, referenceColumns } from './check.ts'

/** `reference.parquet` while it is filled. */
export interface ReferenceTable {
  append(rows: readonly ReferenceRow[], cohort?: string): Promise<void>
  commit(): Promise<void>
  discard(): Promise<void>
}

/** @param nameOf how a file is to be called in the table */
export async function openReferenceTable(
  host: Host,
  path: string,
  nameOf: (file: string) => string = (file) => file,
): Promise<ReferenceTable> {
  const writer = await host.tables.write(path, referenceTable)
  let written = 0
  return {
    async append(rows, cohort) {
      const named = rows.map((row) => ({ ...row, file: nameOf(row.file) }))
      await writer.append(referenceColumns(named, written, cohort ?? null))
      written += rows.length
    },
    commit: () => writer.commit(),
    discard: () => writer.discard(),
  }
}
