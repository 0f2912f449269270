import type { Host, TableWriter } from '../../host/host.ts'
import { referenceTable } from '../../results/genotypes.ts'
import { type ReferenceRow, referenceColumns } from './check.ts'
import { openReference, type ReferenceSequence } from './fasta.ts'

/** What an import is given to compare its variants with a reference sequence; empty where there is none. */
export interface ReferenceInput {
  reference?: ReferenceSequence
  /** @param cohort named in the table, where there are several */
  onReferenceRows?: (rows: readonly ReferenceRow[], cohort?: string) => Promise<void>
}

/**
 * Opens a FASTA file for some work and closes it afterwards. What does not agree with it goes into a table
 * (`reference.parquet`), which is there only when the work was done.
 * @param fasta undefined: the work is done without
 * @param table path of the table; none is written without
 * @param nameOf how a file is to be called in the table
 */
export async function withReference<T>(
  host: Host,
  fasta: string | undefined,
  options: { table?: string; nameOf?: (file: string) => string; signal: AbortSignal },
  work: (input: ReferenceInput) => Promise<T>,
): Promise<T> {
  if (fasta === undefined) return work({})
  const { table, nameOf = (file) => file, signal } = options
  const reference = await openReference(host, fasta, signal)
  let writer: TableWriter | undefined
  let written = 0
  try {
    writer = table === undefined ? undefined : await host.tables.write(table, referenceTable)
    const result = await work({
      reference,
      async onReferenceRows(rows, cohort) {
        const named = rows.map((row) => ({ ...row, file: nameOf(row.file) }))
        await writer?.append(referenceColumns(named, written, cohort ?? null))
        written += rows.length
      },
    })
    await writer?.commit()
    return result
  } catch (error) {
    await writer?.discard()
    throw error
  } finally {
    await reference.close()
  }
}
