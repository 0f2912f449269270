import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { scratch, upturn } from './upturn.ts'

const folder = scratch()
const clinical = join(folder, 'study', 'clinical')

beforeAll(() => {
  const { code } = upturn([
    'simulate',
    '--clinical-only',
    '--people',
    '120',
    '--cases',
    '12',
    '--out',
    join(folder, 'study'),
  ])
  expect(code).toBe(0)
})

it('matches a folder of records without a study file: table, TSV, figure', () => {
  const out = join(folder, 'match')
  const { code, stdout } = upturn([
    'match',
    clinical,
    '--out',
    out,
    '--ratio',
    '2',
    '--calipers',
    'age_at_onset=5',
    '--json',
  ])
  expect(code).toBe(0)
  const found = JSON.parse(stdout)
  const [header, ...rows] = readFileSync(join(out, 'matching.tsv'), 'utf8').trim().split('\n')
  expect(header).toBe('set\tpatient\trole\tdistance')
  expect(rows.filter((row) => row.split('\t')[2] === 'control')).toHaveLength(found.controlsMatched)
  expect(rows.filter((row) => row.split('\t')[2] === 'case')).toHaveLength(found.matchedCases)
  // Whoever is short of controls is named, and nobody else.
  const short = found.sets.filter((s: { matched: number }) => s.matched < 2).map((s: { case: string }) => s.case)
  expect(found.losses.map((l: { case: string }) => l.case)).toEqual(short)
  expect(readFileSync(join(out, 'balance.tsv'), 'utf8')).toMatch(/^variable\tmean_cases/)
  expect(readFileSync(join(out, 'balance.svg'), 'utf8')).toContain('Age at onset')
  const said = upturn(['match', clinical, '--out', out, '--distance', 'propensity', '--calipers', 'propensity=0.2'])
  expect(said.stdout).toMatch(/propensity within 0.2 standard deviations/)
  expect(said.stdout).toMatch(/Research use only/)
})

it('says what is wrong with options of matching', () => {
  const wrong = upturn(['match', clinical, '--calipers', 'age_at_onset', '--json'])
  expect(wrong.code).toBe(2)
  expect(JSON.parse(wrong.stdout).error.message).toContain('name=width')
  expect(upturn(['match', 'a.yaml', '--ratio', '2']).stderr).toContain('under matching:')
  expect(upturn(['match', clinical, '--variables', 'gain']).stderr).toContain('gain cannot be matched on')
})

it('answers what is asked of biomarkers in a folder: table, TSV, figures', () => {
  const out = join(folder, 'biomarkers')
  const { code, stdout } = upturn(['biomarkers', clinical, '--out', out, '--json'])
  expect(code).toBe(0)
  const [igf] = JSON.parse(stdout).biomarkers
  expect(igf).toMatchObject({ name: 'IGF-1', unit: 'ng/mL', course: { status: 'ok' }, plates: { how: 'none' } })
  expect(['compatible', 'supported', 'contrary']).toContain(igf.claim.verdict)
  const rows = readFileSync(join(out, 'biomarkers.tsv'), 'utf8').trim().split('\n')
  expect(rows[0]).toBe('test\tquestion\tgroup\tn\tmeasure\testimate\tlow\thigh\tp\tadjusted_for')
  const contrast = rows.map((row) => row.split('\t')).find(([, question]) => question === 'reversal v typical')
  expect(Number(contrast?.[5])).toBe(igf.contrast.ratio)
  const values = readFileSync(join(out, 'biomarkers-values.tsv'), 'utf8').trim().split('\n')
  expect(values).toHaveLength(1 + igf.n)
  expect(readFileSync(join(out, 'figures', 'biomarker-igf-1-course.svg'), 'utf8')).toContain('a year')
})
