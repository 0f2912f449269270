import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { FindingLog, findingRules } from './findings.ts'

it('documents every rule as it is', () => {
  const page = readFileSync(new URL('../../../docs/clinical-sources.md', import.meta.url), 'utf8')
  const rules = Object.entries(findingRules).map(
    ([code, { action, message }]) => `| \`${code}\` | ${action} | ${message} |`,
  )
  expect(
    page
      .split('\n')
      .filter((line) => /^\| `[a-z_0-9]+` \| (?:mended|refused|noted) \|/.test(line))
      .sort(),
  ).toEqual(rules.sort())
})

it('counts everything and keeps the first hundred places', () => {
  const log = new FindingLog()
  for (let line = 1; line <= 250; line++) log.add('visit_empty', { file: 'a', line })
  log.add('day_missing', { file: 'b', line: 7, column: 'day' })
  const [first, second] = log.findings()
  expect([first.code, first.count, first.action]).toEqual(['day_missing', 1, 'refused'])
  expect([second.count, second.where.length, second.where[99].line]).toEqual([250, 100, 100])
})

it('lists everything by file and line, with what it was and what it became', () => {
  const log = new FindingLog()
  for (let line = 20_000; line >= 1; line--) log.add('total_not_sum', { file: 'a.csv', line }, { was: 44, now: 45 })
  log.add('value_invalid', { file: 'a.csv', line: 3, column: 'Q1' }, { was: '=1+1' })
  const rows = [...log.rows()]
  expect(rows.length).toBe(20_001)
  expect(rows.slice(2, 4)).toEqual([
    { code: 'total_not_sum', action: 'mended', file: 'a.csv', line: 3, column: '', was: '44', now: '45' },
    { code: 'value_invalid', action: 'refused', file: 'a.csv', line: 3, column: 'Q1', was: '=1+1', now: '' },
  ])
  expect(rows[20_000].line).toBe(20_000)
})
