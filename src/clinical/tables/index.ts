export { type Columns, columnsOf } from './columns.ts'
export { type DateStyle, dateStyles, type TableEncoding, type TableFormat, tableEncodings } from './format.ts'
export { type Delimiter, delimiterNames, detectDelimiter, openTable, type TableRow, type TextTable } from './reader.ts'
export { rowsTsv } from './tsv.ts'
