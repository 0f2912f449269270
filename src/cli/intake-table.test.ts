import { expect, it } from 'vitest'
import { intakeTable } from './intake-table.ts'

it('shows counts, bars on a logarithmic scale, first places, and what was not read', () => {
  const finding = (code: string, action: 'mended' | 'refused' | 'noted', count: number) => ({
    code,
    action,
    count,
    message: `Rule ${code}.`,
    where: [{ file: 'a\u001b[31m.csv', line: 7, column: 'Q1' }],
  })
  const text = intakeTable({
    source: 'pro-act',
    patients: 12_000,
    visits: 7,
    labValues: 0,
    findings: [finding('x', 'mended', 100), finding('y', 'refused', 1), finding('z', 'mended', 10_000)],
    files: [{ file: 'a.csv', rows: 1234, columnsNotRead: ['u', 'v'] }],
    filesNotRead: ['notes.docx'],
  })
  expect(text.split('\n')).toEqual([
    'pro-act: 12,000 patients, 7 visits, 0 laboratory values',
    '  a.csv: 1,234 rows; columns not read: u, v',
    '  not read: notes.docx',
    '',
    'refused 1',
    `          1 ${'█'.repeat(4)}▊${' '.repeat(19)} Rule y.`,
    `${' '.repeat(37)}y, first at a\ufffd[31m.csv:7:Q1`,
    '',
    'mended 10,100',
    `     10,000 ${'█'.repeat(24)} Rule z.`,
    `${' '.repeat(37)}z, first at a\ufffd[31m.csv:7:Q1`,
    `        100 ${'█'.repeat(14)}▍${' '.repeat(9)} Rule x.`,
    `${' '.repeat(37)}x, first at a\ufffd[31m.csv:7:Q1`,
    '',
    'Bars are on a logarithmic scale. --out FOLDER lists every finding with what was read and what is used.',
  ])
  const none = { source: 'table', patients: 1, visits: 1, labValues: 0, findings: [] }
  expect(intakeTable(none)).toContain('Nothing was mended')
})
