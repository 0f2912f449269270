import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import type { ByteSource } from '../../host/host.ts'
import { bytesSource } from '../testing/memory-host.ts'
import { detectDelimiter, openTable, type TableEncoding, type TableRow } from './index.ts'

const signal = new AbortController().signal

async function read(text: string | Uint8Array, options: { encoding?: TableEncoding } = {}) {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  const table = await openTable(bytesSource('t.csv', bytes), signal, options)
  const rows: TableRow[] = []
  for await (const batch of table.rows) rows.push(...batch)
  return { header: table.header, delimiter: table.delimiter, rows }
}

async function refusal(text: string | Uint8Array, options: { encoding?: TableEncoding } = {}) {
  try {
    await read(text, options)
  } catch (error) {
    if (isUpturnError(error, 'FormatInvalid')) return { ...error.place, message: error.message }
    throw error
  }
  return undefined
}

describe('openTable', () => {
  it('reads quotes, doubled quotes, embedded line ends, CRLF and the byte order mark', async () => {
    const { header, rows } = await read('\ufeffid,note\r\n1,"a ""b"", c\r\nsecond line"\r\n2,plain\r\n')
    expect(header).toEqual(['id', 'note'])
    expect(rows).toEqual([
      { line: 2, cells: ['1', 'a "b", c\r\nsecond line'] },
      { line: 4, cells: ['2', 'plain'] },
    ])
  })

  it('keeps formula cells, __proto__ and markup as text, and passes over empty lines', async () => {
    const { rows } = await read('__proto__,b\n\n=cmd|x,<script>\nconstructor,\n')
    expect(rows).toEqual([
      { line: 3, cells: ['=cmd|x', '<script>'] },
      { line: 4, cells: ['constructor', ''] },
    ])
  })

  it('reads a last record without line end, quoted or not', async () => {
    expect((await read('a,b\n1,2')).rows).toEqual([{ line: 2, cells: ['1', '2'] }])
    expect((await read('a,b\n1,"2"')).rows).toEqual([{ line: 2, cells: ['1', '2'] }])
    expect((await read('a,b\n"1",')).rows).toEqual([{ line: 2, cells: ['1', ''] }])
    expect((await read('a,b\r\n"1","2"\r')).rows).toEqual([{ line: 2, cells: ['1', '2'] }])
  })

  it('detects the delimiter outside quotes', async () => {
    expect(detectDelimiter('a\tb,c\td')).toBe('\t')
    expect(detectDelimiter('"a,b,c";d')).toBe(';')
    expect(detectDelimiter('a|b|c')).toBe('|')
    expect(detectDelimiter('single')).toBe(',')
    expect((await read('a;b\n1,5;2\n')).rows[0].cells).toEqual(['1,5', '2'])
  })

  it('refuses with the line: ragged rows, double headers, stray quotes, open quotes, other encodings', async () => {
    expect(await refusal('a,b\n1,2\n3\n')).toMatchObject({ line: 3, message: expect.stringContaining('1 cells') })
    expect(await refusal('a,b\n"x\ny",2\n3,4,5\n')).toMatchObject({ line: 4 })
    expect(await refusal('a,b,A\n')).toMatchObject({ line: 1, column: 3 })
    expect(await refusal('a,b\n1,"x"y\n')).toMatchObject({ line: 2, column: 2 })
    expect(await refusal('a,b\n1,2\n3,"open\n4,5\n')).toMatchObject({ line: 3, column: 2 })
    expect(await refusal('')).toMatchObject({ line: 1 })
    const latin1 = new Uint8Array([97, 44, 98, 10, 49, 44, 50, 10, 51, 44, 0xe9, 10])
    expect(await refusal(latin1)).toMatchObject({ line: 3, message: expect.stringContaining('UTF-8') })
    expect(await refusal(new Uint8Array([0xff, 0xfe, 97, 0, 0x00, 0xd8]))).toMatchObject({
      message: expect.stringContaining('UTF-16'),
    })
    expect(await refusal('a,b\n1,\0\n')).toMatchObject({ line: 2, message: expect.stringContaining('NUL') })
    // A character cut off at the end of the file.
    expect(await refusal(new Uint8Array([97, 10, 0xe2, 0x82]))).toMatchObject({ line: 2 })
  })

  it('reads UTF-16 by its mark, and other encodings only when declared and only what is not UTF-8', async () => {
    const text = 'a,b\r\n1,"é–Ж\n€"\r\n'
    const wide = (little: boolean) => {
      const bytes = new DataView(new ArrayBuffer(2 * text.length + 2))
      bytes.setUint16(0, 0xfeff, little)
      for (let i = 0; i < text.length; i++) bytes.setUint16(2 * i + 2, text.charCodeAt(i), little)
      return new Uint8Array(bytes.buffer)
    }
    for (const little of [true, false])
      expect((await read(wide(little))).rows).toEqual([{ line: 2, cells: ['1', 'é–Ж\n€'] }])
    const bytes = (...cell: number[]) => Uint8Array.from([97, 44, 98, 10, 49, 44, ...cell, 10])
    const one = async (encoding: TableEncoding, ...cell: number[]) =>
      (await read(bytes(...cell), { encoding })).rows[0].cells[1]
    expect(await one('windows-1252', 0x80, 0x96, 0xe9, 0xff)).toBe('€–éÿ')
    expect(await one('iso-8859-1', 0xe9, 0xa4)).toBe('é¤')
    // UTF-8 stays UTF-8 whatever is declared.
    expect(await one('windows-1252', 0xc3, 0xa9)).toBe('é')
    expect(await refusal(bytes(0xe9, 0x81), { encoding: 'windows-1252' })).toMatchObject({
      line: 2,
      message: expect.stringContaining('0x81'),
    })
    expect(await refusal(bytes(0x80), { encoding: 'iso-8859-1' })).toMatchObject({
      line: 2,
      message: expect.stringContaining('windows-1252'),
    })
    expect(await refusal(bytes(0xe9, 0), { encoding: 'windows-1252' })).toMatchObject({
      line: 2,
      message: expect.stringContaining('NUL'),
    })
  })

  it('reads back any cells it is given, wherever the pieces of the file fall', async () => {
    const cell = fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom('"', '""', '\n', '\r\n', ',', 'é', '=1', ''))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 20 }),
        fc.constantFrom('\n', '\r\n'),
        async (cells, end) => {
          const clean = cells.map((row) => row.map((value) => value.replaceAll('\0', '')))
          const quote = (value: string) => `"${value.replaceAll('"', '""')}"`
          const padding = 'x'.repeat((1 << 18) - 20)
          const text = `a,b${end}${padding},${end}${clean.map((row) => row.map(quote).join(',') + end).join('')}`
          const { rows } = await read(text)
          expect(rows.slice(1).map((row) => row.cells)).toEqual(clean)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('agrees with and without quotes, line numbers included', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => [`p${i}`, String(i % 7), i % 5 === 0 ? '' : 'é'])
    const plain = await read(`a,b,c\n${lines.map((cells) => cells.join(',')).join('\n')}\n`)
    const quoted = await read(`a,b,c\n${lines.map((cells) => cells.map((c) => `"${c}"`).join(',')).join('\n')}\n`)
    expect(plain.rows).toEqual(quoted.rows)
    expect(plain.rows.length).toBe(30_000)
    expect(plain.rows[29_999].line).toBe(30_001)
  })

  it('reads each byte once', async () => {
    const inner = bytesSource('t.csv', new TextEncoder().encode(`a,b\n${'12345,67890\n'.repeat(100_000)}`))
    let bytes = 0
    const counting: ByteSource = {
      ...inner,
      read: async (start, end, s) => {
        const piece = await inner.read(start, end, s)
        bytes += piece.length
        return piece
      },
    }
    let count = 0
    for await (const batch of (await openTable(counting, signal)).rows) count += batch.length
    expect(count).toBe(100_000)
    expect(bytes).toBe(inner.size)
  })
})
