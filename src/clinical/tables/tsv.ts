import type { TableSchema } from '../../host/host.ts'

/** Rows as a tab-separated table with header, empty where missing, cells quoted where they must be; numbers are the shortest that read back the same. */
export function rowsTsv(schema: TableSchema, rows: readonly object[]): string {
  const names = schema.columns.map(({ name }) => name)
  const lines = [names.join('\t')]
  for (const row of rows) {
    const cells = row as Record<string, string | number | boolean | null | undefined>
    lines.push(names.map((name) => tsvCell(cells[name])).join('\t'))
  }
  return `${lines.join('\n')}\n`
}

/** A cell, quoted where it must be. */
export function tsvCell(value: string | number | boolean | null | undefined): string {
  const text = value === null || value === undefined ? '' : String(value)
  return /["\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
