import type { Host } from '../../host/host.ts'
import type { IntakeFile } from '../../results/clinical.ts'
import { type Columns, columnsOf, openTableFile, type TableFormat, type TableRow } from '../tables/index.ts'
import { CellReader } from './cells.ts'
import { PatientDrafts } from './drafts.ts'
import { FindingLog } from './findings.ts'
import { LabCollector } from './labs.ts'
import type { SourceFiles } from './layout.ts'
import type { TableMapping } from './table.ts'
import type { PlacedVisit } from './visit-rows.ts'
import { Weights } from './weights.ts'

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
  /**
   * Reads one table (text, .xlsx or Parquet) from end to end. `prepare` finds its columns and returns what takes its rows. `sheet`: of a workbook the
   * sheet that is named, before the one that the whole source declares, and the one preferred where neither is. Returns the names of a workbook's sheets.
   */
  scan(
    path: string,
    prepare: (cells: CellReader, columns: Columns, reading: Reading) => TakeRow,
    sheet?: { named?: string; preferred?: string },
  ): Promise<readonly string[] | undefined>
  /** Where weights go, in whatever unit; they are settled when everything is read. */
  readonly weights: Weights
  /** Where the laboratory values of one file go. */
  labs(cells: CellReader): LabCollector
  readonly collectors: readonly LabCollector[]
  /** The tables that were read; a layout whose files are none adds them itself. */
  readonly tables: IntakeFile[]
}

export function createReading(
  files: SourceFiles,
  host: Host,
  signal: AbortSignal,
  options: { format?: TableFormat; mapping?: TableMapping },
): Reading {
  const log = new FindingLog()
  const format = options.format ?? {}
  const collectors: LabCollector[] = []
  const tables: IntakeFile[] = []
  const byPlace = new Map<string, IntakeFile>()
  const reading: Reading = {
    files,
    host,
    signal,
    format,
    mapping: options.mapping ?? {},
    log,
    drafts: new PatientDrafts(log),
    visits: [],
    origins: new Map(),
    weights: new Weights(log),
    collectors,
    tables,
    labs(cells) {
      const collector = new LabCollector(cells.file, log)
      collectors.push(collector)
      return collector
    },
    async scan(path, prepare, sheet = {}) {
      const own = sheet.named === undefined ? format : { ...format, sheet: sheet.named }
      const table = await openTableFile(path, host, signal, own, sheet.preferred)
      try {
        const name = path.slice(path.lastIndexOf('/') + 1)
        // A line of a workbook with several sheets is told with its sheet.
        const file = (table.sheets?.length ?? 0) > 1 ? `${name}[${table.sheet}]` : name
        const cells = new CellReader({ file, header: table.header }, log, format)
        const columns = columnsOf(table)
        const take = prepare(cells, columns, reading)
        let rows = 0
        for await (const batch of table.rows) {
          rows += batch.length
          for (const row of batch) take(row)
        }
        cells.finish()
        // One table can hold visits and patients: what either of the two looks at is read.
        const place = table.sheets === undefined ? path : `${path}\n${sheet.named ?? sheet.preferred ?? ''}`
        const known = byPlace.get(place)
        if (known === undefined) {
          const entry = { file, rows, columnsNotRead: columns.unused() }
          byPlace.set(place, entry)
          tables.push(entry)
        } else {
          const unused = new Set(columns.unused())
          known.columnsNotRead = known.columnsNotRead.filter((name) => unused.has(name))
        }
        return table.sheets
      } finally {
        await table.close()
      }
    },
  }
  return reading
}
