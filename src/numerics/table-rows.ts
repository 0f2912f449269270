import { powersOfTen } from './decimal.ts'
import { kernels } from './kernels.ts'

/**
 * A column of a text table. `lines`: a line a row, which may hold several cells; its bytes stand as they are. `wholes`: `width`
 * whole numbers a row, a cell each, missing below 0. `numbers`: missing where NaN. `exponentials`: exp of each value, NaN
 * missing. `logs`: two cells, p and -log10 p, of the natural logarithm of p; `negativeLogs` has the second alone. `texts`: a text
 * by its place in a list, missing below 0.
 */
export type TextColumn =
  | { kind: 'lines'; lines: Uint8Array }
  | { kind: 'wholes'; values: Int32Array; width: number }
  | { kind: 'numbers' | 'exponentials' | 'logs' | 'negativeLogs'; values: Float64Array }
  | { kind: 'texts'; codes: Int32Array; texts: readonly string[] }

export interface CellRules {
  /** What a missing cell holds. */
  missing: string
  /** An infinite number is written as JavaScript writes it; otherwise it is missing. */
  infinite: boolean
}

const kinds = ['lines', 'wholes', 'numbers', 'exponentials', 'logs', 'negativeLogs', 'texts'] as const
/** Bytes of the longest number, and of the longest whole number that an i32 holds. */
const longestNumber = 25
const longestWhole = 10
/** With fewer rows no number's text is kept for the next. */
const fewRows = 256

let powers: BigUint64Array | undefined
const encoder = new TextEncoder()

/**
 * The rows of a table as UTF-8 text, tabs between cells and a line feed behind each row; numbers in the shortest digits that
 * read back the same, as `String` writes them. In `spare` where they fit.
 * @param rows rows that every column has
 */
export function tableRows(
  columns: readonly TextColumn[],
  rows: number,
  rules: CellRules,
  spare?: ArrayBuffer,
): Uint8Array<ArrayBuffer> {
  const k = kernels()
  return k.scope(() => {
    powers ??= powersOfTen()
    const powersAt = k.put(powers)
    const missing = encoder.encode(rules.missing)
    const missingAt = k.put(missing)
    const table = new Uint32Array(4 * columns.length)
    /** Most bytes of all rows. */
    let bytes = rows
    const cell = (longest: number) => {
      bytes += rows * (Math.max(longest, missing.length) + 1)
    }
    columns.forEach((column, c) => {
      const entry = table.subarray(4 * c, 4 * c + 4)
      entry[0] = kinds.indexOf(column.kind)
      if (column.kind === 'lines') {
        entry[1] = k.put(column.lines)
        bytes += column.lines.length
      } else if (column.kind === 'wholes') {
        entry[1] = k.put(column.values)
        entry[3] = column.width
        for (let i = 0; i < column.width; i++) cell(longestWhole)
      } else if (column.kind === 'texts') {
        const texts = column.texts.map((text) => encoder.encode(text))
        const places = Uint32Array.from(texts.flatMap((text) => [k.put(text), text.length]))
        entry[1] = k.put(column.codes)
        entry[2] = k.put(places)
        cell(texts.reduce((longest, text) => Math.max(longest, text.length), 0))
      } else {
        entry[1] = k.put(column.values)
        cell(longestNumber)
        if (column.kind === 'logs') cell(longestNumber)
      }
    })
    const tableAt = k.put(table)
    const memo = rows < fewRows ? 0 : k.allocate(k.call.rowsMemoBytes())
    if (memo > 0) k.u8(memo, k.call.rowsMemoBytes()).fill(0)
    // A text taken from the memo is written 64 bytes wide.
    const out = k.allocate(bytes + 64)
    const infinite = rules.infinite ? 1 : 0
    const count = columns.length
    const written = k.call.tableRows(tableAt, count, rows, powersAt, missingAt, missing.length, infinite, memo, out)
    const fits = spare !== undefined && spare.byteLength >= written
    // An eighth more, as the next may be a little longer.
    const text = new Uint8Array(fits ? spare : new ArrayBuffer(written + (written >> 3)), 0, written)
    text.set(k.u8(out, written))
    return text
  })
}
