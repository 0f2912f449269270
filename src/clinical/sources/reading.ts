import type { Host } from '../../host/host.ts'
import { type Columns, columnsOf, openTable, type TableFormat, type TableRow, type TextTable } from '../tables/index.ts'
import { CellReader } from './cells.ts'
import { PatientDrafts } from './drafts.ts'
import { FindingLog } from './findings.ts'
import { LabCollector } from './labs.ts'
import type { SourceFiles } from './layout.ts'
import type { TableMapping } from './table.ts'
import type { PlacedVisit } from './visit-rows.ts'

/** Takes the rows of one table, one at a time. */
export type TakeRow = (row: TableRow) => void

/** What a layout reads with, and what it fills. */
export interface Reading {
  readonly files: SourceFiles
  readonly host: Host
  readonly signal: AbortSignal
  readonly format: TableFormat
  readonly mapping: TableMapping
  /** Counts and places everything that is mended, refused or noted. */
  readonly log: FindingLog
  readonly drafts: PatientDrafts
  readonly visits: PlacedVisit[]
  /** Days since 1970-01-01 of each person's day 0, where the source gives dates. */
  readonly origins: Map<string, number>
  /** Reads one table from end to end. `prepare` finds its columns and returns what takes its rows. */
  scan(path: string, prepare: (cells: CellReader, columns: Columns, table: TextTable) => TakeRow): Promise<void>
  /** Where the laboratory values of one file go. */
  labs(cells: CellReader): LabCollector
  readonly collectors: readonly LabCollector[]
}

export function createReading(
  files: SourceFiles,
  host: Host,
  signal: AbortSignal,
  options: { format?: TableFormat; mapping?: TableMapping },
): Reading {
  const log = new FindingLog()
  const collectors: LabCollector[] = []
  return {
    files,
    host,
    signal,
    format: options.format ?? {},
    mapping: options.mapping ?? {},
    log,
    drafts: new PatientDrafts(log),
    visits: [],
    origins: new Map(),
    collectors,
    labs(cells) {
      const collector = new LabCollector(cells.file, log)
      collectors.push(collector)
      return collector
    },
    async scan(path, prepare) {
      const source = await host.open(path)
      try {
        const table = await openTable(source, signal)
        const file = path.slice(path.lastIndexOf('/') + 1)
        const take = prepare(new CellReader({ file, header: table.header }, log), columnsOf(table), table)
        for await (const batch of table.rows) for (const row of batch) take(row)
      } finally {
        await source.close()
      }
    },
  }
}
