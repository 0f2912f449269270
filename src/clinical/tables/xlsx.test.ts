import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { memoryHost } from '../testing/memory-host.ts'
import { type WorkbookParts, workbook, workbookFiles, zip } from '../testing/workbook.ts'
import type { TableFormat } from './format.ts'
import { openTableFile, type TableRow } from './index.ts'
import { dateOfSerial, numberKind, timeOfSerial } from './serial-date.ts'

const signal = new AbortController().signal

async function readBytes(bytes: Uint8Array, format: TableFormat = {}, sheet?: string) {
  const table = await openTableFile('b.xlsx', memoryHost({ 'b.xlsx': bytes }), signal, format, sheet)
  const rows: TableRow[] = []
  for await (const batch of table.rows) rows.push(...batch)
  await table.close()
  return { header: table.header, rows }
}

const read = (parts: WorkbookParts, format?: TableFormat, sheet?: string) => readBytes(workbook(parts), format, sheet)
const cellsOf = async (parts: WorkbookParts, format?: TableFormat) =>
  (await read(parts, format)).rows.map((row) => row.cells)

async function refusal(work: Promise<unknown>) {
  try {
    await work
  } catch (error) {
    if (isUpturnError(error)) return { code: error.code, message: error.message, ...error.place }
    throw error
  }
  return undefined
}

/** Header `a b c` in row 1 as inline text, then rows of cells with their own XML. */
const sheet = (...rows: string[]) =>
  `<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t> b </t></is></c><c r="C1" t="inlineStr"><is><t>c</t></is></c></row>${rows.join('')}`

describe('openXlsx', () => {
  it('reads numbers, texts, booleans, gaps and the row numbers that the program shows', async () => {
    const { header, rows } = await read({
      strings: [
        'x & "y"',
        '<r><t>rich</t></r><r><t xml:space="preserve"> text</t></r><rPh><t>no</t></rPh>',
        'a_x000D_b',
      ],
      sheets: {
        S: sheet(
          '<row r="3"><c r="A3"><v>0.1</v></c><c r="C3" t="s"><v>0</v></c></row>',
          '<row r="4" hidden="1"><c r="A4"><v>4</v></c><c r="B4" t="b"><v>1</v></c><c r="C4" t="s"><v>1</v></c></row>',
          '<row r="5"/><row r="6"><c r="B6" s="0"/></row>',
          '<row><c><v>1.5E-7</v></c><c t="s"><v>2</v></c><c t="inlineStr"><is><t><![CDATA[<i>]]></t></is></c></row>',
        ),
      },
    })
    expect(header).toEqual(['a', 'b', 'c'])
    expect(rows).toEqual([
      { line: 3, cells: ['0.1', '', 'x & "y"'] },
      { line: 4, cells: ['4', 'TRUE', 'rich text'] },
      { line: 7, cells: ['1.5e-7', 'a\rb', '<i>'] },
    ])
  })

  it('gives dates as dates, in both systems, and nothing else', async () => {
    const row = (r: number, ...values: string[]) =>
      `<row r="${r}">${values.map((value, i) => `<c s="${i + 1}"><v>${value}</v></c>`).join('')}</row>`
    const formats = [14, 'dd\\.mm\\.yyyy', '0.00%'] as const
    const sheets = { S: sheet(row(2, '43831', '43831.75', '0.57'), row(3, '1', '60', '1')) }
    expect(await cellsOf({ formats, sheets })).toEqual([
      ['2020-01-01', '2020-01-01 18:00:00', '57%'],
      ['1900-01-01', '60', '100%'],
    ])
    expect(await cellsOf({ formats, sheets, from1904: true })).toEqual([
      ['2024-01-02', '2024-01-02 18:00:00', '57%'],
      ['1904-01-02', '1904-03-01', '100%'],
    ])
    const iso = sheet('<row r="2"><c t="d"><v>2020-12-31T00:00:00</v></c><c t="d"><v>2020-12-31T10:00:00</v></c></row>')
    expect(await cellsOf({ sheets: { S: iso } })).toEqual([['2020-12-31', '2020-12-31 10:00:00', '']])
  })

  it('writes numbers with a comma where that is declared', async () => {
    const sheets = { S: sheet('<row r="2"><c><v>1.5</v></c><c t="str"><v>1.5</v></c><c><v>7</v></c></row>') }
    expect(await cellsOf({ sheets }, { decimals: 'comma' })).toEqual([['1,5', '1.5', '7']])
  })

  it('notes formulas, formulas without value, errors and numbers that are too long', async () => {
    const { rows } = await read({
      sheets: {
        S: sheet(
          '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2"><f>1+1</f></c><c r="C2" t="e"><v>#N/A</v></c></row>',
          '<row r="3"><c r="A3"><v>1234567890123450</v></c><c r="B3" t="str"><f>"x"</f><v>x</v></c><c r="C3"><f/><v></v></c></row>',
        ),
      },
    })
    expect(rows.map(({ cells, notes }) => [cells, [...(notes ?? [])]])).toEqual([
      [
        ['2', '', '#N/A'],
        [
          [0, 'formula'],
          [1, 'formula_empty'],
          [2, 'error'],
        ],
      ],
      [
        ['1234567890123450', 'x', ''],
        [
          [0, 'rounded'],
          [1, 'formula'],
          [2, 'formula_empty'],
        ],
      ],
    ])
  })

  it('takes the sheet that is named, the only one shown, or the one asked for', async () => {
    const one = (text: string) => sheet(`<row r="2"><c t="str"><v>${text}</v></c></row>`)
    const sheets = { Visits: one('v'), Labs: one('l'), Notes: one('n') }
    const first = async (parts: WorkbookParts, format?: TableFormat, preferred?: string) =>
      (await read(parts, format, preferred)).rows[0].cells[0]
    expect(await first({ sheets }, { sheet: 'labs' })).toBe('l')
    expect(await first({ sheets }, {}, 'visits')).toBe('v')
    expect(await first({ sheets, hidden: ['Visits', 'Labs'] })).toBe('n')
    expect(await refusal(read({ sheets }))).toMatchObject({
      code: 'FormatInvalid',
      message: expect.stringContaining("'Visits', 'Labs', 'Notes'"),
    })
    expect(await refusal(read({ sheets }, { sheet: 'x' }))).toMatchObject({ code: 'FormatInvalid' })
  })

  it('refuses merged cells, content beside the header, double names and an empty sheet, with the place', async () => {
    const merged = `${sheet('<row r="2"><c><v>1</v></c></row>')}</sheetData><mergeCells count="1"><mergeCell ref="B2:B5"/></mergeCells>`
    expect(await refusal(read({ sheets: { S: merged } }))).toMatchObject({ line: 2, column: 2 })
    expect(await refusal(read({ sheets: { S: sheet('<row r="9"><c r="D9"><v>1</v></c></row>') } }))).toMatchObject({
      line: 9,
      column: 4,
    })
    const twice =
      '<row r="1"><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>A</t></is></c></row><row r="2"/>'
    expect(await refusal(read({ sheets: { S: twice } }))).toMatchObject({ code: 'FormatInvalid', line: 1, column: 2 })
    expect(await refusal(read({ sheets: { S: '' } }))).toMatchObject({ code: 'FormatInvalid' })
  })

  it('refuses what is damaged, encrypted, too large or no workbook', async () => {
    const parts = { sheets: { S: sheet('<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>') } }
    const code = async (bytes: Uint8Array) => (await refusal(readBytes(bytes)))?.code
    expect(await code(workbook(parts))).toBe('FileDamaged')
    const files = workbookFiles({ sheets: { S: sheet() } })
    const name = 'xl/worksheets/sheet1.xml'
    expect(await code(zip(files))).toBe(undefined)
    expect(await code(zip(files, { [name]: { size: 300 * 2 ** 20 } }))).toBe('FormatUnknown')
    expect(await code(zip(files, { [name]: { flags: 1 } }))).toBe('FormatUnknown')
    expect(await code(zip(files, { [name]: { crc: 1 } }))).toBe('FileDamaged')
    expect(await code(zip(files, { [name]: { method: 99 } }))).toBe('FileDamaged')
    expect(await code(zip(files).subarray(0, -30))).toBe('FileDamaged')
    expect(await code(zip({ 'word/document.xml': '<x/>' }))).toBe('FormatUnknown')
    const entity = { ...files, [name]: '<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>' }
    expect(await code(zip(entity))).toBe('FileDamaged')
    expect(await code(zip({ ...files, [name]: files[name].replace('>a<', '>&a;<') }))).toBe('FileDamaged')
    expect(await code(Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1))).toBe('FormatUnknown')
    expect(await code(Uint8Array.of(0x1f, 0x8b, 8))).toBe('FormatUnknown')
    expect(await code(new TextEncoder().encode('a,b\n1,2\n'))).toBe('FormatUnknown')
  })

  it('any change of bytes gives rows or a tagged error', async () => {
    const rows = Array.from(
      { length: 20 },
      (_, i) =>
        `<row r="${i + 2}"><c r="A${i + 2}" t="s"><v>${i % 2}</v></c><c r="B${i + 2}"><v>${i}.5</v></c><c r="C${i + 2}" s="1"><v>${43831 + i}</v></c></row>`,
    )
    const parts = { strings: ['p', 'q'], formats: [14], sheets: { S: sheet(...rows) } }
    const files = workbookFiles(parts)
    const names = Object.keys(files)
    const truth = JSON.stringify((await read(parts)).rows)
    let whole = 0
    await fc.assert(
      fc.asyncProperty(
        fc.nat(names.length - 1),
        fc.nat(100_000),
        fc.nat(255),
        fc.boolean(),
        async (file, at, value, packed) => {
          const bytes = packed ? workbook(parts) : undefined
          if (bytes !== undefined) bytes[at % bytes.length] = value
          const text = files[names[file]]
          const spot = at % text.length
          const changed = text.slice(0, spot) + String.fromCharCode(value) + text.slice(spot + 1)
          try {
            const found = await readBytes(bytes ?? zip({ ...files, [names[file]]: changed }))
            whole++
            // Checksums stand over the packed bytes, so that what is read of them is what was written.
            if (bytes !== undefined) expect(JSON.stringify(found.rows)).toBe(truth)
          } catch (error) {
            expect(isUpturnError(error)).toBe(true)
          }
        },
      ),
      { numRuns: 400 },
    )
    expect(whole).toBeGreaterThan(0)
  })
})

describe('serial dates', () => {
  it('knows formats of dates from those of numbers', () => {
    const kind = (code: string) => numberKind(170, code)
    for (const code of ['yyyy-mm-dd', 'd/m/yy', '[$-407]d. mmmm yyyy;@', 'mmm yy', 'm/d/yyyy h:mm', '"Tag "dd'])
      expect(kind(code)).toBe('date')
    for (const code of ['h:mm', 'mm:ss.0', '[h]:mm', '[mm]:ss', 'h:mm AM/PM']) expect(kind(code)).toBe('time')
    for (const code of ['0.00', '#,##0 "days"', '[Red]0;-0', 'General', '0.0E+00', '"dmy"0', '\\d0', '_-* #,##0'])
      expect(kind(code)).toBe('number')
    expect(kind('0.0%')).toBe('percent')
    expect([14, 22, 9, 20, 0, 49, 2].map((id) => numberKind(id, undefined))).toEqual([
      'date',
      'date',
      'percent',
      'time',
      'number',
      'number',
      'number',
    ])
  })

  it('counts days as spreadsheets do, but for the day that never was', () => {
    expect([1, 59, 60, 61, 36526, 2_958_465].map((day) => dateOfSerial(day, false))).toEqual([
      '1900-01-01',
      '1900-02-28',
      null,
      '1900-03-01',
      '2000-01-01',
      '9999-12-31',
    ])
    expect([0, -1, Number.NaN, 2_958_466, Number.POSITIVE_INFINITY].map((day) => dateOfSerial(day, false))).toEqual(
      Array(5).fill(null),
    )
    expect([0, 35_064].map((day) => dateOfSerial(day, true))).toEqual(['1904-01-01', '2000-01-01'])
    expect(dateOfSerial(43831.999999, false)).toBe('2020-01-02')
    expect([timeOfSerial(0.5), timeOfSerial(1.25), timeOfSerial(-0.25)]).toEqual(['12:00:00', '30:00:00', '-06:00:00'])
  })
})
