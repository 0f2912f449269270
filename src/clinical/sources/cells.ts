import type { TableRow, TextTable } from '../tables/index.ts'
import type { FindingLog } from './findings.ts'

const missing = new Set(['', 'na', 'n/a', '.', 'nan', 'null', 'none', '-'])
const sentinels = new Set(['-5555', '-7777', '-8888', '-9999', 'pen', 'n/d'])
const sentinelNumbers = new Set([-5555, -7777, -8888, -9999])
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/** Days further from day 0 than a hundred years are a date gone wrong. */
const furthestDay = 36525

export interface NumberLimits {
  min: number
  max: number
  integer?: boolean
}

/** Reads typed cells of one table; what cannot be a value is logged with its place and read as null. */
export class CellReader {
  readonly file: string
  readonly header: readonly string[]
  readonly log: FindingLog

  constructor(table: Pick<TextTable, 'file' | 'header'>, log: FindingLog) {
    this.file = table.file
    this.header = table.header
    this.log = log
  }

  place(row: TableRow, at?: number): { file: string; line: number; column?: string } {
    const place = { file: this.file, line: row.line }
    return at === undefined || at < 0 ? place : { ...place, column: this.header[at] }
  }

  /** Trimmed text, or null where the cell is empty, a word for missing, or a missing-data code. */
  text(row: TableRow, at: number): string | null {
    if (at < 0) return null
    const text = row.cells[at].trim()
    if (text.length <= 6) {
      const folded = text.toLowerCase()
      if (missing.has(folded)) return null
      if (sentinels.has(folded)) {
        this.log.add('sentinel', this.place(row, at))
        return null
      }
    }
    return text
  }

  number(row: TableRow, at: number, limits: NumberLimits): number | null {
    const text = this.text(row, at)
    if (text === null) return null
    const value = decimal.test(text) ? Number(text) : Number.NaN
    if (sentinelNumbers.has(value)) {
      this.log.add('sentinel', this.place(row, at))
      return null
    }
    if (!(value >= limits.min && value <= limits.max) || (limits.integer === true && !Number.isInteger(value))) {
      this.invalid(row, at)
      return null
    }
    return value === 0 ? 0 : value
  }

  day(row: TableRow, at: number): number | null {
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

  /** Days since 1970-01-01 of an ISO 8601 date (YYYY-MM-DD) between 1900 and 2100. */
  date(row: TableRow, at: number): number | null {
    const text = this.text(row, at)
    if (text === null) return null
    const day = daysOfDate(text)
    if (day === null) this.invalid(row, at)
    return day
  }

  invalid(row: TableRow, at: number): void {
    this.log.add('value_invalid', this.place(row, at))
  }
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
