import { openTable, survivalRegression } from '../clinical/index.ts'
import { UpturnError } from '../errors/index.ts'
import type { Host } from '../host/host.ts'
import type { SurvivalRegression } from '../results/survival.ts'
import { covariateReader, missingWords } from './phenotypes.ts'

export interface SurvivalTableOptions {
  table: string
  /** Names of columns. */
  time: string
  event: string
  covariates: readonly string[]
  entry?: string
  strata?: string
  /** The incidence is shown by the values of this column. */
  by?: string
  /** Values of the event column. */
  eventValue?: string
  competing?: string
  ties: 'efron' | 'breslow'
}

const censoredWords = new Set(['0', 'false', 'no', 'censored', 'alive'])
const eventWords = new Set(['1', 'true', 'yes'])

/** How the event column was read, and its statuses. */
function eventReader({ event, eventValue, competing }: SurvivalTableOptions): {
  coding: string
  read: (text: string) => 0 | 1 | 2 | null
} {
  if (competing !== undefined && competing === eventValue)
    throw new UpturnError('BadArgument', `--competing and --event-value are both ${competing}; name two values`)
  const isEvent = (text: string) =>
    eventValue === undefined ? eventWords.has(text.toLowerCase()) : text === eventValue
  return {
    coding: `${event}: ${eventValue ?? '1, true or yes'} is the event${competing === undefined ? '' : `, ${competing} the competing one`}, 0, false, no, alive or censored nothing`,
    read: (text) => (text === competing ? 2 : isEvent(text) ? 1 : censoredWords.has(text.toLowerCase()) ? 0 : null),
  }
}

export type SurvivalTable = SurvivalRegression & {
  coding: string
  /** Rows that were left out, by reason. */
  left: Record<string, number>
}

/**
 * Reads a table with one row a person and fits its survival models. Rows that lack something asked for are left out and counted. Refuses, with the line, what is
 * no number, an entry not before the end, and an event of unknown meaning.
 */
export async function survivalTable(
  options: SurvivalTableOptions,
  host: Host,
  signal: AbortSignal,
): Promise<SurvivalTable> {
  const source = await host.open(options.table)
  try {
    const table = await openTable(source, signal)
    const column = (name: string): number => {
      const at = table.header.indexOf(name)
      if (at < 0)
        throw new UpturnError('ColumnMissing', `there is no column ${name}; the table has ${table.header.join(', ')}`, {
          place: { file: options.table, line: 1 },
        })
      return at
    }
    const doubled = options.covariates.find((name, j) => options.covariates.indexOf(name) !== j)
    if (doubled !== undefined) throw new UpturnError('BadArgument', `--covariates names ${doubled} twice`)
    const timeAt = column(options.time)
    const eventAt = column(options.event)
    const entryAt = options.entry === undefined ? -1 : column(options.entry)
    const strataAt = options.strata === undefined ? -1 : column(options.strata)
    const byAt = options.by === undefined ? -1 : column(options.by)
    const covariatesAt = options.covariates.map(column)
    const rows: { line: number; cells: string[] }[] = []
    for await (const batch of table.rows)
      for (const { line, cells } of batch) rows.push({ line, cells: cells.map((cell) => cell.trim()) })
    const readers = covariatesAt.map((at, j) => covariateReader(options.covariates[j], at, rows, options.table))
    const { coding, read } = eventReader(options)

    const left: Record<string, number> = {}
    const [time, status, entry]: number[][] = [[], [], []]
    const strata: string[] = []
    const by: string[] = []
    const columns: number[][] = options.covariates.map(() => [])
    const refuse = (line: number, at: number, why: string): never => {
      throw new UpturnError('ValueInvalid', why, { place: { file: options.table, line, column: at + 1 } })
    }
    const numberAt = (cells: readonly string[], line: number, at: number): number => {
      const value = Number(cells[at])
      if (!Number.isFinite(value)) refuse(line, at, `${table.header[at]} is ${cells[at]}, where a number is needed`)
      return value
    }
    for (const { line, cells } of rows) {
      const values = readers.map((reader) => reader(cells, line))
      const missing = [timeAt, eventAt, entryAt, strataAt, byAt].find(
        (at) => at >= 0 && missingWords.has(cells[at].toLowerCase()),
      )
      const gap = missing ?? covariatesAt[values.indexOf(null)]
      if (gap !== undefined) {
        const reason = `${table.header[gap]} is missing`
        left[reason] = (left[reason] ?? 0) + 1
        continue
      }
      const end = numberAt(cells, line, timeAt)
      const from = entryAt < 0 ? undefined : numberAt(cells, line, entryAt)
      if (from !== undefined && from >= end)
        refuse(line, entryAt, `${options.entry} is ${from}, not before the end at ${end}`)
      if (end <= 0 && from === undefined) refuse(line, timeAt, `${options.time} is ${end}; a time is above 0`)
      const what =
        read(cells[eventAt]) ??
        refuse(
          line,
          eventAt,
          `${options.event} is ${cells[eventAt]}, which is neither the event nor nothing; name values with --event-value and --competing`,
        )
      time.push(end)
      status.push(what)
      if (from !== undefined) entry.push(from)
      if (strataAt >= 0) strata.push(cells[strataAt])
      if (byAt >= 0) by.push(cells[byAt])
      for (const [j, value] of values.entries()) columns[j].push(value as number)
    }
    if (time.length === 0)
      throw new UpturnError('ValueInvalid', 'no row has all that was asked for', {
        place: { file: options.table, line: 1 },
      })
    return {
      ...survivalRegression({
        time,
        status,
        columns,
        names: options.covariates,
        ties: options.ties,
        ...(entryAt >= 0 && { entry }),
        ...(strataAt >= 0 && { strata }),
        ...(byAt >= 0 && { by }),
      }),
      coding,
      left,
    }
  } finally {
    await source.close()
  }
}
