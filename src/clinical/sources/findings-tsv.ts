import { tsvCell } from '../tables/tsv.ts'
import type { Findings } from './findings.ts'

const columns = ['cohort', 'action', 'code', 'file', 'line', 'column', 'was', 'now'] as const
const rowsPerPiece = 1000

/**
 * Every finding as a tab-separated table, a piece at a time. `was` is what was read, `now` what is used; what a spreadsheet program would take for a
 * formula has an apostrophe before it.
 */
export function* findingsTsv(findings: Findings): Generator<string> {
  let lines: string[] = [columns.join('\t')]
  for (const row of findings.rows()) {
    const cells = { ...row, cohort: row.cohort ?? '', was: harmless(row.was), now: harmless(row.now) }
    lines.push(columns.map((name) => tsvCell(cells[name])).join('\t'))
    if (lines.length >= rowsPerPiece) {
      yield `${lines.join('\n')}\n`
      lines = []
    }
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`
}

const harmless = (text: string): string =>
  /^[=+\-@]/.test(text) && !/^[+-]?[\d.,]+(?:[eE][+-]?\d+)?$/.test(text) ? `'${text}` : text
