import type { Host } from '../../host/host.ts'
import { mergeTable } from '../../results/genotypes.ts'
import type { MergeRow } from './merge.ts'
import { mergeReasons } from './site.ts'

/** `merge.parquet` while it is filled. */
export interface MergeTable {
  append(rows: readonly MergeRow[]): Promise<void>
  /** A variant that a cohort's files hold once more, by its key line; the first one stays. */
  repeated(keyLine: Uint8Array, cohort: string): Promise<void>
  commit(): Promise<void>
  discard(): Promise<void>
}

const rowsAtOnce = 4096
const decoder = new TextDecoder()

export async function openMergeTable(host: Host, path: string): Promise<MergeTable> {
  const writer = await host.tables.write(path, mergeTable)
  let waiting: MergeRow[] = []
  let written = 0
  const flush = async () => {
    const rows = waiting
    waiting = []
    if (rows.length === 0) return
    await writer.append({
      row: rows.map((_, k) => written + k),
      chromosome: rows.map((row) => row.chromosome),
      position: rows.map((row) => row.position),
      ref: rows.map((row) => row.ref),
      alt: rows.map((row) => row.alt),
      rsid: rows.map((row) => (row.rsid === '' ? null : row.rsid)),
      action: rows.map((row) => row.action),
      reason: rows.map((row) => row.reason),
      cohorts: rows.map((row) => row.cohorts),
      alleles: rows.map((row) => row.alleles),
    })
    written += rows.length
  }
  const take = async (rows: readonly MergeRow[]) => {
    for (const row of rows) waiting.push(row)
    if (waiting.length >= rowsAtOnce) await flush()
  }
  return {
    append: take,
    async repeated(keyLine, cohort) {
      const [chromosome, position, ref, alt, rsid] = decoder.decode(keyLine.subarray(0, -1)).split('\t')
      const action = 'first one kept' as const
      const alleles = `${cohort} ${ref}>${alt}`
      const reason = mergeReasons.duplicate
      await take([{ chromosome, position: Number(position), ref, alt, rsid, action, reason, cohorts: cohort, alleles }])
    },
    async commit() {
      await flush()
      await writer.commit()
    },
    discard: () => writer.discard(),
  }
}
