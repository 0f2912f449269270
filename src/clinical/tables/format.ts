/** What a text table cannot say of itself, as declared in the study file. Nothing of it is guessed. */
export interface TableFormat {
  /** For files that are neither UTF-8 nor begin with the byte order mark of UTF-16. */
  encoding?: TableEncoding
  /** What stands before the decimals of a number; `point` unless declared. */
  decimals?: 'point' | 'comma'
  /** How dates are written; YYYY-MM-DD unless declared. */
  dates?: DateStyle
  /** The sheet of a workbook, for workbooks with several. */
  sheet?: string
}

export const tableEncodings = ['utf-8', 'windows-1252', 'iso-8859-1'] as const
export type TableEncoding = (typeof tableEncodings)[number]

export const dateStyles = ['YYYY-MM-DD', 'DD.MM.YYYY', 'DD/MM/YYYY', 'MM/DD/YYYY'] as const
export type DateStyle = (typeof dateStyles)[number]
