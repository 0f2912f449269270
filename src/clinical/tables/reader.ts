import { UpturnError } from '../../errors/index.ts'
import type { ByteSource } from '../../host/host.ts'
import type { TableEncoding } from './format.ts'
import { textPieces } from './text.ts'

/** What a cell of a spreadsheet is beside its text. `rounded`: a number too long for a spreadsheet to have kept it. */
export type CellNote = 'formula' | 'formula_empty' | 'error' | 'rounded'

/** One record. `line` is where it begins (1-based); quoted cells may span lines. */
export interface TableRow {
  line: number
  cells: string[]
  /** Notes on cells, by column. */
  notes?: Map<number, CellNote>
}

export type Delimiter = ',' | '\t' | ';' | '|'

export const delimiterNames: Readonly<Record<Delimiter, string>> = {
  ',': 'comma',
  '\t': 'tab',
  ';': 'semicolon',
  '|': 'pipe',
}

/** A table being read: its header at once, its rows as a stream of batches. */
export interface TextTable {
  file: string
  header: string[]
  /** Of delimited text: detected from the header unless it was given. */
  delimiter?: Delimiter
  /** Of a workbook: the names of its sheets, and the one that is read. */
  sheets?: readonly string[]
  sheet?: string
  /** Batches of rows in the order of the file, each row as wide as the header. To be consumed once. */
  rows: AsyncGenerator<TableRow[]>
}

/** A record longer than this is taken for a quote that is never closed. */
const longestRecord = 1 << 24

/**
 * Streams a delimited text table (RFC 4180): quoted cells with doubled quotes and embedded line ends, LF or CRLF, byte
 * order mark, UTF-8, UTF-16 with its mark, or the encoding given. A cell that starts with `=` is plain text. Empty lines hold no record and are passed over.
 *
 * Refuses (`FormatInvalid`, with line): no header, a header that names a column twice (letter case aside), a row that
 * is wider or narrower than the header, text after a closing quote, a quote that is never closed, what is not text in the encoding.
 */
export async function openTable(
  source: ByteSource,
  signal: AbortSignal,
  options: { delimiter?: Delimiter; encoding?: TableEncoding } = {},
): Promise<TextTable> {
  const records = splitRecords(source, signal, options)
  const first = await records.next()
  if (first.done)
    throw new UpturnError('FormatInvalid', 'the table is empty; a header line is needed', {
      place: { file: source.name, line: 1 },
    })
  const { rows: opening, delimiter } = first.value
  const header = opening[0].cells.map((name) => name.trim())
  checkHeader(header, source.name, opening[0].line)
  async function* rows(): AsyncGenerator<TableRow[]> {
    const rest = opening.slice(1)
    checkWidths(rest, header.length, source.name)
    if (rest.length > 0) yield rest
    for await (const batch of records) {
      checkWidths(batch.rows, header.length, source.name)
      yield batch.rows
    }
  }
  return { file: source.name, header, delimiter, rows: rows() }
}

/** Refuses a header that names a column twice, letter case aside. */
export function checkHeader(header: string[], file: string, line: number): void {
  const seen = new Map<string, number>()
  header.forEach((name, index) => {
    const folded = name.toLowerCase()
    const before = seen.get(folded)
    if (before !== undefined)
      throw new UpturnError(
        'FormatInvalid',
        `the header names '${name}' twice (columns ${before + 1} and ${index + 1}); rename one`,
        { place: { file, line, column: index + 1 } },
      )
    seen.set(folded, index)
  })
}

function checkWidths(rows: readonly TableRow[], width: number, file: string): void {
  for (const row of rows)
    if (row.cells.length !== width)
      throw new UpturnError(
        'FormatInvalid',
        `the row has ${row.cells.length} cells where the header has ${width}; mend the row`,
        { place: { file, line: row.line } },
      )
}

/** The delimiter that occurs most often in the header outside quotes; comma before tab, semicolon and pipe on a tie. */
export function detectDelimiter(headerLine: string): Delimiter {
  const counts = new Map<Delimiter, number>([
    [',', 0],
    ['\t', 0],
    [';', 0],
    ['|', 0],
  ])
  let quoted = false
  for (const character of headerLine) {
    if (character === '"') quoted = !quoted
    else if (!quoted) {
      const count = counts.get(character as Delimiter)
      if (count !== undefined) counts.set(character as Delimiter, count + 1)
    }
  }
  let best: Delimiter = ','
  for (const [delimiter, count] of counts) if (count > (counts.get(best) ?? 0)) best = delimiter
  return best
}

interface RecordBatch {
  rows: TableRow[]
  delimiter: Delimiter
}

async function* splitRecords(
  source: ByteSource,
  signal: AbortSignal,
  given: { delimiter?: Delimiter; encoding?: TableEncoding },
): AsyncGenerator<RecordBatch> {
  let { delimiter } = given
  let pending = ''
  let line = 1
  const take = (text: string, last: boolean): TableRow[] => {
    delimiter ??= detectDelimiter(text.slice(0, endOfRecord(text, 0, last)))
    const scan = text.includes('"')
      ? scanQuoted(text, delimiter, line, last, source.name)
      : scanPlain(text, delimiter, line, last)
    line = scan.line
    pending = text.slice(scan.consumed)
    if (pending.length > longestRecord)
      throw new UpturnError('FormatInvalid', 'a quote is opened here and never closed', {
        place: { file: source.name, line },
      })
    return scan.rows
  }
  for await (const piece of textPieces(source, signal, given.encoding)) {
    const text = pending + piece
    // Detecting a delimiter needs the whole header.
    if (delimiter === undefined && endOfRecord(text, 0, false) < 0) {
      pending = text
      if (pending.length > longestRecord)
        throw new UpturnError('FormatInvalid', 'the first line has no end; this is not a table', {
          place: { file: source.name, line: 1 },
        })
      continue
    }
    const rows = take(text, false)
    if (rows.length > 0 && delimiter !== undefined) yield { rows, delimiter }
  }
  if (pending !== '') {
    const rows = take(pending, true)
    if (rows.length > 0 && delimiter !== undefined) yield { rows, delimiter }
  }
}

/** Index of the line end that closes the record beginning at `from`, outside quotes; -1 (or the end, if last) if none. */
function endOfRecord(text: string, from: number, last: boolean): number {
  let quoted = false
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 34) quoted = !quoted
    else if (code === 10 && !quoted && text.slice(from, at).trim() !== '') return at
  }
  return last ? text.length : -1
}

interface Scan {
  rows: TableRow[]
  consumed: number
  line: number
}

function scanPlain(text: string, delimiter: Delimiter, firstLine: number, last: boolean): Scan {
  const rows: TableRow[] = []
  let line = firstLine
  let start = 0
  while (start < text.length) {
    let end = text.indexOf('\n', start)
    const closed = end >= 0
    if (!closed) {
      if (!last) break
      end = text.length
    }
    const stop = end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end
    if (stop > start) rows.push({ line, cells: text.slice(start, stop).split(delimiter) })
    line++
    start = end + 1
  }
  return { rows, consumed: Math.min(start, text.length), line }
}

function scanQuoted(text: string, delimiter: Delimiter, firstLine: number, last: boolean, file: string): Scan {
  const rows: TableRow[] = []
  const separator = delimiter.charCodeAt(0)
  let line = firstLine
  let consumed = 0
  while (consumed < text.length) {
    const recordLine = line
    const cells: string[] = []
    let at = consumed
    let closed = false
    let cellLine = line
    record: for (;;) {
      cellLine = line
      if (text.charCodeAt(at) === 34) {
        let cell = ''
        let from = at + 1
        for (;;) {
          const quote = text.indexOf('"', from)
          if (quote < 0) {
            if (last)
              throw new UpturnError('FormatInvalid', 'a quote is opened here and never closed', {
                place: { file, line: cellLine, column: cells.length + 1 },
              })
            break record
          }
          cell += text.slice(from, quote)
          if (text.charCodeAt(quote + 1) === 34) {
            cell += '"'
            from = quote + 2
            continue
          }
          // A quote at the end of what is loaded may be the first of a doubled pair.
          if (quote + 1 >= text.length && !last) break record
          at = quote + 1
          break
        }
        for (let n = cell.indexOf('\n'); n >= 0; n = cell.indexOf('\n', n + 1)) line++
        cells.push(cell)
      } else {
        let end = at
        while (end < text.length) {
          const code = text.charCodeAt(end)
          if (code === separator || code === 10) break
          end++
        }
        if (end >= text.length && !last) break
        let stop = end
        if ((end >= text.length || text.charCodeAt(end) === 10) && stop > at && text.charCodeAt(stop - 1) === 13) stop--
        cells.push(text.slice(at, stop))
        at = end
      }
      if (at >= text.length) {
        if (!last) break
        closed = true
        break
      }
      let code = text.charCodeAt(at)
      if (code === 13) {
        if (at + 1 >= text.length && !last) break
        if (at + 1 >= text.length || text.charCodeAt(at + 1) === 10) {
          at++
          code = 10
        }
      }
      if (at >= text.length) {
        closed = true
        break
      }
      if (code === separator) {
        at++
        continue
      }
      if (code === 10) {
        at++
        line++
        closed = true
        break
      }
      throw new UpturnError('FormatInvalid', 'text follows a closing quote; double the quotes inside a cell', {
        place: { file, line, column: cells.length },
      })
    }
    if (!closed) {
      line = recordLine
      break
    }
    if (!(cells.length === 1 && cells[0] === '' && text.charCodeAt(consumed) !== 34))
      rows.push({ line: recordLine, cells })
    consumed = at
  }
  return { rows, consumed, line }
}
