import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { FindingLog, findingRules } from './findings.ts'

it('documents every rule as it is', () => {
  const page = readFileSync(new URL('../../../docs/clinical-sources.md', import.meta.url), 'utf8')
  for (const [code, { action, message }] of Object.entries(findingRules))
    expect(page).toContain(`| \`${code}\` | ${action} | ${message} |`)
})

it('counts everything and keeps the first hundred places', () => {
  const log = new FindingLog()
  for (let line = 1; line <= 250; line++) log.add('visit_empty', { file: 'a', line })
  log.add('day_missing', { file: 'b', line: 7, column: 'day' })
  const [first, second] = log.findings()
  expect([first.code, first.count, first.action]).toEqual(['day_missing', 1, 'refused'])
  expect([second.count, second.where.length, second.where[99].line]).toEqual([250, 100, 100])
})
