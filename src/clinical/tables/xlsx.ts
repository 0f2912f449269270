import { UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import type { TableFormat } from './format.ts'
import { type CellNote, checkHeader, type TableRow, type TextTable } from './reader.ts'
import { dateOfSerial, type NumberKind, numberKind, timeOfSerial } from './serial-date.ts'
import { type XmlPiece, xmlPieces } from './xml.ts'
import { openZip, type ZipArchive } from './zip.ts'

const rowsPerBatch = 1024
const mostColumns = 16_384
const mostRows = 1_048_576
/** Digits that a spreadsheet keeps of a number. */
const digitsKept = 1e15

interface Sheet {
  name: string
  part: string
  hidden: boolean
}

interface Workbook {
  file: string
  archive: ZipArchive
  sheets: Sheet[]
  from1904: boolean
  strings: string[]
  /** What each cell style shows. */
  styles: NumberKind[]
}

/**
 * Reads one sheet of an Office Open XML workbook (ECMA-376 part 1: SpreadsheetML) as a table. `line` is the row number that the spreadsheet program
 * shows. The first row with content is the header.
 *
 * Cells become text: numbers as stored, whatever a format rounds them to on the screen, with a comma before the decimals where `decimals: comma` is declared;
 * dates, which are serial numbers with a date format, as YYYY-MM-DD in the system (1900 or 1904) of the workbook, with a time of day behind a space; shares
 * shown with % keep the sign, so that they are no plain numbers. Of a formula the value that was last calculated is read and noted; formulas without one and
 * error values (#N/A) are noted and must not be used. Hidden rows and columns are read like others.
 *
 * The sheet is the one declared, else the only one that is not hidden, else one called `preferred`. Refused: several sheets and none named; merged cells among
 * the rows; content right of the header; an encrypted workbook; what is not SpreadsheetML.
 */
export async function openXlsx(
  source: ByteSource,
  host: Host,
  signal: AbortSignal,
  format: TableFormat,
  preferred?: string,
): Promise<TextTable> {
  const workbook = await openWorkbook(source, host, signal)
  const sheet = chooseSheet(workbook, format.sheet, preferred)
  const text = decode(await workbook.archive.read(sheet.part), workbook.file)
  refuseMerged(text, workbook.file, sheet.name)
  const rows = sheetRows(text, workbook, format.decimals === 'comma')
  const first = rows.next()
  if (first.done)
    throw new UpturnError('FormatInvalid', `the sheet ${sheet.name} is empty; a header row is needed`, {
      place: { file: source.name, line: 1 },
    })
  const header = first.value.cells.map((name) => name.trim())
  checkHeader(header, source.name, first.value.line)
  async function* batches(): AsyncGenerator<TableRow[]> {
    let batch: TableRow[] = []
    for (const row of rows) {
      signal.throwIfAborted()
      if (row.cells.length > header.length)
        throw new UpturnError('FormatInvalid', 'the row has content right of the header; name the column or empty it', {
          place: { file: source.name, line: row.line, column: row.cells.length },
        })
      while (row.cells.length < header.length) row.cells.push('')
      if (batch.push(row) === rowsPerBatch) {
        yield batch
        batch = []
      }
    }
    if (batch.length > 0) yield batch
  }
  return {
    file: source.name,
    header,
    sheets: workbook.sheets.map(({ name }) => name),
    sheet: sheet.name,
    rows: batches(),
  }
}

const kindOfPart = (relation: string) => relation.slice(relation.lastIndexOf('/') + 1)

async function openWorkbook(source: ByteSource, host: Host, signal: AbortSignal): Promise<Workbook> {
  const file = source.name
  const archive = await openZip(source, host, signal)
  if (!archive.has('_rels/.rels')) throw noWorkbook(file)
  const main = (await relations(archive, '_rels/.rels', '', file)).find(({ kind }) => kind === 'officeDocument')
  if (main === undefined) throw noWorkbook(file)
  const slash = main.part.lastIndexOf('/')
  const folder = main.part.slice(0, slash + 1)
  const beside = await relations(archive, `${folder}_rels/${main.part.slice(slash + 1)}.rels`, folder, file)
  const targets = new Map(beside.map(({ id, part, kind }) => [id, { part, kind }]))
  const sheets: Sheet[] = []
  let from1904 = false
  let isWorkbook = false
  for (const piece of xmlPieces(decode(await archive.read(main.part), file), file)) {
    if (piece.kind !== 'open') continue
    const { name, attributes } = piece
    if (name === 'workbook') isWorkbook = true
    else if (name === 'workbookPr') from1904 = /^(?:1|true|on)$/.test(attributes.get('date1904') ?? '')
    else if (name === 'sheet') {
      const target = targets.get(attributes.get('id') ?? '')
      if (target === undefined || target.kind !== 'worksheet') continue
      sheets.push({
        name: attributes.get('name') ?? '',
        part: target.part,
        hidden: (attributes.get('state') ?? 'visible') !== 'visible',
      })
    }
  }
  if (!isWorkbook) throw noWorkbook(file)
  const part = async (kind: string) => {
    const found = beside.find((relation) => relation.kind === kind)
    return found === undefined ? '' : decode(await archive.read(found.part), file)
  }
  return {
    file,
    archive,
    sheets,
    from1904,
    strings: sharedStrings(await part('sharedStrings'), file),
    styles: cellStyles(await part('styles'), file),
  }
}

const noWorkbook = (file: string) =>
  new UpturnError('FormatUnknown', 'this archive is no .xlsx workbook; save the table as .xlsx or CSV', {
    place: { file },
  })

function decode(bytes: Uint8Array, file: string): string {
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  try {
    return new TextDecoder(wide ? (bytes[0] === 0xff ? 'utf-16le' : 'utf-16be') : 'utf-8', { fatal: true }).decode(
      bytes,
    )
  } catch (cause) {
    throw new UpturnError('FileDamaged', 'a part of the workbook is not text in UTF-8; save the workbook again', {
      place: { file },
      cause,
    })
  }
}

async function relations(archive: ZipArchive, name: string, folder: string, file: string) {
  const found: { id: string; kind: string; part: string }[] = []
  if (!archive.has(name)) return found
  for (const piece of xmlPieces(decode(await archive.read(name), file), file)) {
    if (piece.kind !== 'open' || piece.name !== 'Relationship') continue
    const { attributes } = piece
    if (attributes.get('TargetMode') === 'External') continue
    const target = attributes.get('Target') ?? ''
    const path = (target.startsWith('/') ? target.slice(1) : folder + target).split('/')
    const parts: string[] = []
    for (const step of path) {
      if (step === '..') parts.pop()
      else if (step !== '.') parts.push(step)
    }
    found.push({
      id: attributes.get('Id') ?? '',
      kind: kindOfPart(attributes.get('Type') ?? ''),
      part: parts.join('/'),
    })
  }
  return found
}

function chooseSheet({ sheets, file }: Workbook, declared: string | undefined, preferred: string | undefined): Sheet {
  const names = sheets.map(({ name }) => `'${name}'`).join(', ')
  const called = (wanted: string) => sheets.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase())
  if (declared !== undefined) {
    const [sheet] = called(declared)
    if (sheet !== undefined) return sheet
    throw new UpturnError('FormatInvalid', `the workbook has no sheet '${declared}'; its sheets are ${names}`, {
      place: { file },
    })
  }
  const shown = sheets.filter(({ hidden }) => !hidden)
  if (shown.length === 1) return shown[0]
  const [own] = preferred === undefined ? [] : called(preferred)
  if (own !== undefined) return own
  throw new UpturnError(
    'FormatInvalid',
    sheets.length === 0
      ? 'the workbook has no sheet with cells'
      : `the workbook has several sheets (${names}); name one as sheet: in the study file, or with --sheet`,
    { place: { file } },
  )
}

/** `_x000D_` stands for a character that XML cannot hold. */
const unescapeString = (text: string): string =>
  text.includes('_x')
    ? text.replace(/_x([0-9a-fA-F]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : text

function sharedStrings(text: string, file: string): string[] {
  const strings: string[] = []
  let current = ''
  let inText = false
  let phonetic = 0
  for (const piece of xmlPieces(text, file)) {
    if (piece.kind === 'text') {
      if (inText && phonetic === 0) current += piece.text
    } else if (piece.kind === 'open') {
      if (piece.name === 'si') {
        current = ''
        if (piece.closed) strings.push('')
      } else if (piece.name === 't') inText = !piece.closed
      else if (piece.name === 'rPh' && !piece.closed) phonetic++
    } else if (piece.name === 't') inText = false
    else if (piece.name === 'rPh') phonetic--
    else if (piece.name === 'si') strings.push(unescapeString(current))
  }
  return strings
}

function cellStyles(text: string, file: string): NumberKind[] {
  const codes = new Map<number, string>()
  const styles: NumberKind[] = []
  let inCells = false
  for (const piece of xmlPieces(text, file)) {
    if (piece.kind === 'text') continue
    if (piece.name === 'cellXfs') inCells = piece.kind === 'open' && !piece.closed
    if (piece.kind !== 'open') continue
    if (piece.name === 'numFmt')
      codes.set(Number(piece.attributes.get('numFmtId')), piece.attributes.get('formatCode') ?? '')
    else if (piece.name === 'xf' && inCells) {
      const id = Number(piece.attributes.get('numFmtId') ?? 0)
      styles.push(numberKind(id, codes.get(id)))
    }
  }
  return styles
}

/** Merged cells hold one value for several: which of them it belongs to is not for a reader to guess. */
function refuseMerged(text: string, file: string, sheet: string): void {
  const merged = /<(?:\w+:)?mergeCell\s[^>]*?\bref\s*=\s*["']([A-Z]+)(\d+)(?::[A-Z]+\d+)?["']/.exec(text)
  if (merged === null) return
  throw new UpturnError(
    'FormatInvalid',
    `the sheet ${sheet} has merged cells from ${merged[1]}${merged[2]} on; unmerge them, so that each row says all of itself`,
    { place: { file, line: Number(merged[2]), column: columnNumber(merged[1]) } },
  )
}

/** The rows that have content. Cells end with the last that has some. */
function* sheetRows(text: string, workbook: Workbook, comma: boolean): Generator<TableRow> {
  const { file } = workbook
  let line = 0
  let column = -1
  let row: TableRow | undefined
  let cell: RawCell | undefined
  let into: 'value' | 'inline' | undefined
  let phonetic = 0
  let inData = false
  for (const piece of xmlPieces(text, file)) {
    if (piece.kind === 'text') {
      if (cell !== undefined && into !== undefined && phonetic === 0) {
        cell.text += piece.text
        cell.filled = true
      }
      continue
    }
    const { name } = piece
    if (name === 'sheetData') inData = piece.kind === 'open' && !piece.closed
    if (!inData) continue
    if (piece.kind === 'close' || (piece.kind === 'open' && piece.closed)) {
      if (piece.kind === 'close') {
        if (name === 'v' || name === 't') into = undefined
        else if (name === 'rPh') phonetic--
        else if (name === 'c' && cell !== undefined && row !== undefined) {
          put(row, column, cell, workbook, comma)
          cell = undefined
        } else if (name === 'row' && row !== undefined) {
          if (row.cells.length > 0) yield row
          row = undefined
        }
        continue
      }
      if (name === 'f' && cell !== undefined) cell.formula = true
      if (name === 'row') line = lineOf(piece, line, file)
      else if (name === 'c') column = columnOf(piece, column, line, file)
      continue
    }
    if (name === 'row') {
      line = lineOf(piece, line, file)
      column = -1
      row = { line, cells: [] }
    } else if (name === 'c') {
      column = columnOf(piece, column, line, file)
      const { attributes } = piece
      cell = {
        type: attributes.get('t') ?? 'n',
        style: Number(attributes.get('s') ?? -1),
        text: '',
        filled: false,
        formula: false,
      }
    } else if (name === 'v') into = 'value'
    else if (name === 't') into = 'inline'
    else if (name === 'rPh') phonetic++
    else if (name === 'f' && cell !== undefined) cell.formula = true
  }
}

interface RawCell {
  type: string
  style: number
  text: string
  filled: boolean
  formula: boolean
}

const damaged = (what: string, file: string, line: number) =>
  new UpturnError('FileDamaged', `${what}; save the workbook again`, { place: { file, line } })

function lineOf(piece: XmlPiece & { kind: 'open' }, before: number, file: string): number {
  const given = piece.attributes.get('r')
  const line = given === undefined ? before + 1 : Number(given)
  if (!(Number.isInteger(line) && line > before && line <= mostRows))
    throw damaged('the rows of the sheet are not in order', file, before)
  return line
}

function columnOf(piece: XmlPiece & { kind: 'open' }, before: number, line: number, file: string): number {
  const given = piece.attributes.get('r')
  if (given === undefined) return before + 1
  const place = /^([A-Z]{1,3})(\d+)$/.exec(given)
  const column = place === null ? 0 : columnNumber(place[1])
  if (place === null || column - 1 <= before || column > mostColumns || Number(place[2]) !== line)
    throw damaged(`the cell ${given.slice(0, 12)} is not in its place`, file, line)
  return column - 1
}

/** A is 1, Z 26, AA 27. */
function columnNumber(letters: string): number {
  let column = 0
  for (let at = 0; at < letters.length; at++) column = column * 26 + letters.charCodeAt(at) - 64
  return column
}

function put(row: TableRow, column: number, cell: RawCell, workbook: Workbook, comma: boolean): void {
  let note: CellNote | undefined = cell.formula ? 'formula' : undefined
  let text = cell.text
  if (cell.formula && !cell.filled) note = 'formula_empty'
  else if (cell.type === 'e') note = 'error'
  else if (cell.type === 's') {
    const string = /^\d+$/.test(text.trim()) ? workbook.strings[Number(text)] : undefined
    if (string === undefined) throw damaged('a cell names a text that the workbook lacks', workbook.file, row.line)
    text = string
  } else if (cell.type === 'b') text = text.trim() === '1' ? 'TRUE' : 'FALSE'
  else if (cell.type === 'd') text = text.replace(/T00:00(?::00(?:\.0+)?)?Z?$/, '').replace('T', ' ')
  else if (cell.type === 'str' || cell.type === 'inlineStr') text = unescapeString(text)
  else if (cell.filled) {
    const value = Number(text)
    if (text.trim() === '' || !Number.isFinite(value))
      throw damaged('a cell of numbers holds something else', workbook.file, row.line)
    text = numberText(value, workbook.styles[cell.style] ?? 'number', workbook.from1904, comma)
    if (Math.abs(value) >= digitsKept) note ??= 'rounded'
  }
  if (text.trim() === '' && note !== 'formula_empty') return
  while (row.cells.length < column) row.cells.push('')
  row.cells.push(text)
  if (note === undefined) return
  row.notes ??= new Map()
  row.notes.set(column, note)
}

function numberText(value: number, kind: NumberKind, from1904: boolean, comma: boolean): string {
  const plain = comma ? String(value).replace('.', ',') : String(value)
  // A number that cannot be a date is left as it is, and refused by whoever asks for a date.
  if (kind === 'date') return dateOfSerial(value, from1904) ?? plain
  if (kind === 'time') return timeOfSerial(value)
  return kind === 'percent' ? `${Number((value * 100).toPrecision(15))}%` : plain
}
