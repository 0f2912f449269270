import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { scratch, upturn } from './upturn.ts'

const examples = fileURLToPath(new URL('../../examples/clinical/', import.meta.url))

it('reads the sources of a study with their mappings, five layouts of the same people', () => {
  const visits = join(scratch(), 'visits.tsv')
  const { code, stdout } = upturn(['intake', join(examples, 'study.yaml'), '--visits', visits, '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    source: 'target-als, all-als, omop, redcap, phenopackets',
    patients: 20,
    visits: 65,
  })
  const rows = readFileSync(visits, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
  const totals = (cohort: string) => rows.filter(([patient]) => patient.startsWith(`${cohort}:`)).map((row) => row[3])
  for (const cohort of ['allals', 'answer', 'clinic', 'packets']) expect(totals(cohort)).toEqual(totals('target'))
})

it('recognises each layout by its files, and asks for a mapping where one is needed', () => {
  for (const layout of ['all-als', 'omop', 'phenopackets', 'target-als']) {
    const { code, stdout } = upturn(['intake', join(examples, layout), '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ source: layout, patients: 4, visits: layout === 'target-als' ? 0 : 13 })
  }
  const { code, stderr } = upturn(['intake', join(examples, 'redcap')])
  expect(code).toBe(2)
  expect(stderr).toContain('name them in the study file under mapping: visits: items:')
  const both = upturn(['intake', join(examples, 'study.yaml'), '--source', 'omop'])
  expect(both.code).toBe(2)
  expect(both.stderr).toContain('stands in the study file')
})
