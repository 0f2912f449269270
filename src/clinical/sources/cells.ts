import { UpturnError } from '../../errors/index.ts'
import type { DateStyle, TableFormat, TableRow, TextTable } from '../tables/index.ts'
import type { Change, FindingCode, FindingLog, Place } from './findings.ts'

const missing = new Set(['', 'na', 'n/a', '.', 'nan', 'null', 'none', '-'])
const sentinels = new Set(['-5555', '-7777', '-8888', '-9999', 'pen', 'n/d'])
const sentinelNumbers = new Set([-5555, -7777, -8888, -9999])
/** Whether a number is a code for missing. */
export const isSentinel = (value: number): boolean => sentinelNumbers.has(value)

/** Days that stand for no day in the medications of PRO-ACT. */
const sentinelDays = new Set([73_299, 1_096_331])
const plainNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
/** A number as a spreadsheet shows one that has no room. */
const scientific = /^\d(?:[.,]\d+)?[eE]\+\d{2,}$/
const commaNumber = /^[+-]?(?:\d+,\d*|,\d+)(?:[eE][+-]?\d+)?$/

/** Days further from day 0 than a hundred years are a date gone wrong. */
const furthestDay = 36525

export interface NumberLimits {
  min: number
  max: number
  integer?: boolean
}

/** Days since 1970-01-01 between which a date lies: one day, or a month or year that is all that is known. */
export interface Period {
  earliest: number
  latest: number
}

/** What an undeclared way of writing did to a column: cells that were refused for it, and cells that could be read. */
interface Style {
  refused: number
  read: number
  first: { row: TableRow; text: string } | undefined
}

/**
 * Reads typed cells of one table; what cannot be a value is logged with its place and read as null. Numbers and dates are read as
 * the source declares them; nothing is guessed from the look of a cell.
 */
export class CellReader {
  readonly file: string
  readonly header: readonly string[]
  readonly log: FindingLog
  /** Columns whose cells are not repeated in findings or messages: dates of birth, and what is marked as an identifier. */
  readonly masked = new Set<number>()
  readonly #format: TableFormat
  readonly #numbers = new Map<number, Style>()
  readonly #dates = new Map<number, Style>()
  /** Whole numbers read, by column. */
  readonly #whole: Float64Array

  constructor(table: Pick<TextTable, 'file' | 'header'>, log: FindingLog, format: TableFormat = {}) {
    this.file = table.file
    this.header = table.header
    this.log = log
    this.#format = format
    this.#whole = new Float64Array(table.header.length)
  }

  place(row: TableRow, at?: number): Place {
    const place = { file: this.file, line: row.line }
    return at === undefined || at < 0 ? place : { ...place, column: this.header[at] }
  }

  /** Logs a finding on a cell, with what it holds. */
  found(code: FindingCode, row: TableRow, at: number, now?: Change['now']): void {
    this.log.add(code, this.place(row, at), { was: this.masked.has(at) ? undefined : row.cells[at], now })
  }

  /** Trimmed text, or null where the cell is empty, a word for missing, a missing-data code, or has no value that can be used. */
  text(row: TableRow, at: number): string | null {
    if (at < 0) return null
    const text = row.cells[at].trim()
    if (row.notes !== undefined && !this.#usable(row, at)) return null
    if (text.length > 6) return text
    const first = text.charCodeAt(0)
    // Most cells are numbers without sign.
    if (first >= 48 && first <= 57) return text
    const folded = text.toLowerCase()
    if (missing.has(folded)) return null
    if (sentinels.has(folded)) {
      this.found('sentinel', row, at)
      return null
    }
    return text
  }

  /** Who or what a row is about: text of any kind, but for numbers too long for a spreadsheet to have kept. Empty is null. */
  id(row: TableRow, at: number): string | null {
    const text = row.cells[at].trim()
    if (row.notes !== undefined && !this.#usable(row, at)) return null
    // What a spreadsheet made of a long number before it wrote the text.
    if (text.length > 5 && scientific.test(text)) {
      this.found('cell_rounded', row, at)
      return null
    }
    return text === '' ? null : text
  }

  #usable(row: TableRow, at: number): boolean {
    const note = row.notes?.get(at)
    if (note !== undefined) this.found(`cell_${note}`, row, at)
    return note === undefined || note === 'formula'
  }

  number(row: TableRow, at: number, limits: NumberLimits): number | null {
    const text = this.text(row, at)
    if (text === null) return null
    const value = this.#number(row, at, text)
    if (value === undefined) return null
    if (isSentinel(value)) {
      this.found('sentinel', row, at)
      return null
    }
    if (!(value >= limits.min && value <= limits.max) || (limits.integer === true && !Number.isInteger(value))) {
      this.invalid(row, at)
      return null
    }
    return value === 0 ? 0 : value
  }

  /**
   * The number that a text of this cell is, written as declared: NaN for what is none. Undefined, and refused, for one that is written in the
   * other way, `1,5` where decimals have a point: it might as well be 15 thousand and more.
   */
  numberOf(row: TableRow, at: number, text: string): number | undefined {
    return this.#number(row, at, text)
  }

  #number(row: TableRow, at: number, text: string): number | undefined {
    const comma = this.#format.decimals === 'comma'
    if (text.indexOf(',') >= 0 && commaNumber.test(text)) {
      if (comma) {
        this.#tally(this.#numbers, at).read++
        return Number(text.replace(',', '.'))
      }
      this.#refuse(this.#numbers, 'decimal_comma', row, at, text)
      return undefined
    }
    if (!plainNumber.test(text)) return Number.NaN
    if (text.indexOf('.') < 0) {
      this.#whole[at]++
      return Number(text)
    }
    if (comma) {
      this.#refuse(this.#numbers, 'decimal_point', row, at, text)
      return undefined
    }
    this.#tally(this.#numbers, at).read++
    return Number(text)
  }

  day(row: TableRow, at: number): number | null {
    if (at >= 0 && row.cells[at].length > 4 && sentinelDays.has(Number(row.cells[at]))) {
      this.found('sentinel', row, at)
      return null
    }
    return this.number(row, at, { min: -furthestDay, max: furthestDay, integer: true })
  }

  /** One of the accepted words (letter case aside), translated. */
  word<T>(row: TableRow, at: number, words: ReadonlyMap<string, T>): T | null {
    const text = this.text(row, at)
    if (text === null) return null
    const value = words.get(text.toLowerCase())
    if (value === undefined) {
      this.invalid(row, at)
      return null
    }
    return value
  }

  /** Days since 1970-01-01 of a date between 1900 and 2100; a time of day behind it is left out. */
  date(row: TableRow, at: number): number | null {
    const period = this.period(row, at)
    if (period === null) return null
    if (period.earliest === period.latest) return period.earliest
    this.invalid(row, at)
    return null
  }

  /** The same where a year, or a year and month (2015-03), is also an answer. */
  period(row: TableRow, at: number): Period | null {
    const text = this.text(row, at)
    if (text === null) return null
    const partial = /^(\d{4})(?:-(\d{2}))?$/.exec(text)
    if (partial !== null) {
      const earliest = daysOfDate(`${partial[1]}-${partial[2] ?? '01'}-01`)
      const month = Number(partial[2] ?? 12)
      const latest = month === 12 ? daysOfDate(`${partial[1]}-12-31`) : daysOfDate(`${partial[1]}-${two(month + 1)}-01`)
      if (earliest !== null && latest !== null) return { earliest, latest: month === 12 ? latest : latest - 1 }
      this.invalid(row, at)
      return null
    }
    const day = this.#date(row, at, text)
    return day === null ? null : { earliest: day, latest: day }
  }

  #date(row: TableRow, at: number, text: string): number | null {
    const bare = text.replace(/[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?$/, '')
    const style = this.#format.dates ?? 'YYYY-MM-DD'
    const day = daysOfDate(bare) ?? (style === 'YYYY-MM-DD' ? null : daysOfDate(rearranged(bare, style)))
    if (day !== null) {
      this.#tally(this.#dates, at).read++
      return day
    }
    const looksLikeOne = /^\d{1,2}[./-]\d{1,2}[./-]\d{4}$/.test(bare)
    if (looksLikeOne && (rearranged(bare, style) === '' || daysOfDate(rearranged(bare, exchanged[style])) !== null))
      this.#refuse(this.#dates, 'date_undeclared', row, at, text)
    else if (/^\d{5}(?:\.\d+)?$/.test(bare)) this.#refuse(this.#dates, 'date_serial', row, at, text)
    else this.invalid(row, at)
    return null
  }

  invalid(row: TableRow, at: number): void {
    this.found('value_invalid', row, at)
  }

  #tally(styles: Map<number, Style>, at: number): Style {
    let style = styles.get(at)
    if (style === undefined) {
      style = { refused: 0, read: 0, first: undefined }
      styles.set(at, style)
    }
    return style
  }

  #refuse(styles: Map<number, Style>, code: FindingCode, row: TableRow, at: number, text: string): void {
    const style = this.#tally(styles, at)
    style.refused++
    style.first ??= { row, text: this.masked.has(at) ? 'a cell' : text }
    this.found(code, row, at)
  }

  /**
   * To be called when the table has ended: a column of which half the dates, or half the numbers with decimals and one in a hundred of all, are written in
   * an undeclared way stops the reading. What is left of it, the whole numbers above all, would be a wrong picture, and no account of findings would undo that.
   */
  finish(): void {
    for (const [at, { first, refused, read }] of this.#numbers)
      if (first !== undefined && refused >= read && 100 * refused >= refused + read + this.#whole[at])
        this.#stop(
          first.row,
          at,
          this.#format.decimals === 'comma'
            ? `'${first.text}' has a decimal point where decimals: comma is declared${others(refused)}; take the declaration out, or write the numbers with a comma`
            : `'${first.text}' has a decimal comma${others(refused)}; declare decimals: comma if that is meant`,
        )
    for (const [at, { first, refused, read }] of this.#dates)
      if (first !== undefined && refused >= read)
        this.#stop(
          first.row,
          at,
          /^\d{5}/.test(first.text)
            ? `'${first.text}' is a spreadsheet's number of a day${others(refused)}; give the column a date format and save it again`
            : `'${first.text}' is no date as ${this.#format.dates ?? 'YYYY-MM-DD'}${others(refused)}; declare dates: DD.MM.YYYY, DD/MM/YYYY or MM/DD/YYYY, whichever is meant`,
        )
  }

  #stop(row: TableRow, at: number, message: string): never {
    throw new UpturnError('ValueInvalid', `column ${this.header[at]}: ${message}`, {
      place: { file: this.file, line: row.line, column: at + 1 },
    })
  }
}

const others = (refused: number): string => (refused > 1 ? `, like ${refused - 1} more` : '')
const two = (n: number): string => String(n).padStart(2, '0')

/** The same marks with day and month exchanged: a date that is one only so speaks against what is declared. */
const exchanged: Readonly<Record<DateStyle, DateStyle>> = {
  'YYYY-MM-DD': 'YYYY-MM-DD',
  'DD.MM.YYYY': 'DD.MM.YYYY',
  'DD/MM/YYYY': 'MM/DD/YYYY',
  'MM/DD/YYYY': 'DD/MM/YYYY',
}

/** A date of a declared style as YYYY-MM-DD; empty when it is not written so. */
function rearranged(text: string, style: DateStyle): string {
  if (style === 'YYYY-MM-DD') return ''
  const match = /^(\d{1,2})([./])(\d{1,2})\2(\d{4})$/.exec(text)
  if (match === null || match[2] !== style[2]) return ''
  const [day, month] = style === 'MM/DD/YYYY' ? [match[3], match[1]] : [match[1], match[3]]
  return `${match[4]}-${two(Number(month))}-${two(Number(day))}`
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar; null when it is no ISO date of 1900 to 2100. */
export function daysOfDate(text: string): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (match === null) return null
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (year < 1900 || year > 2100 || month < 1 || month > 12 || day < 1) return null
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  if (day > lengths[month - 1]) return null
  const before = year - 1
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400)
  let days = before * 365 + leapDays
  for (let m = 0; m < month - 1; m++) days += lengths[m]
  return days + day - 1 - 719162
}

export const sexWords = new Map<string, 'female' | 'male'>([
  ['female', 'female'],
  ['f', 'female'],
  ['woman', 'female'],
  ['male', 'male'],
  ['m', 'male'],
  ['man', 'male'],
])

export const yesNoWords = new Map<string, boolean>([
  ['yes', true],
  ['y', true],
  ['true', true],
  ['1', true],
  ['no', false],
  ['n', false],
  ['false', false],
  ['0', false],
])

export const onsetSiteWords = new Map<string, string>([
  ['bulbar', 'bulbar'],
  ['limb', 'limb'],
  ['spinal', 'limb'],
  ['spine', 'limb'],
  ['respiratory', 'respiratory'],
  ['other', 'other'],
  ['limb and bulbar', 'other'],
  ['bulbar and limb', 'other'],
  ['bulbar | limb', 'other'],
  ['onset: bulbar', 'bulbar'],
  ['onset: limb', 'limb'],
  ['onset: spine', 'limb'],
  ['onset: limb and bulbar', 'other'],
  ['onset: other', 'other'],
  ['generalized', 'other'],
  ['axial', 'other'],
])
