import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { scratch, upturn } from './upturn.ts'

const folder = scratch()
const records = join(folder, 'visits.csv')
const file = join(folder, 'adjudications.jsonl')

/** Forty people who decline, two who fall and rise for good, one whose gain is not followed long enough. */
beforeAll(() => {
  const rows = ['patient,day,scale,total']
  const add = (patient: string, scores: number[]) => {
    for (const [k, score] of scores.entries()) rows.push(`${patient},${k * 90},ALSFRS-R,${score}`)
  }
  for (let i = 0; i < 40; i++)
    add(
      `D${String(i).padStart(2, '0')}`,
      [0, 1, 2, 3, 4, 5].map((k) => 44 - 3 * k - ((i * k) % 3)),
    )
  add('R1', [38, 30, 24, 30, 36, 38, 38, 38, 39])
  add('R2', [40, 31, 26, 33, 37, 37, 38, 37, 37])
  add('U1', [38, 30, 24, 30, 36])
  writeFileSync(records, `${rows.join('\n')}\n`)
})

const grid = ['--diagnosis', 'yes', '--progression', 'yes', '--recovery', 'yes', '--mimics', 'unclear']
const add = (patient: string, who: string, verdict: string, ...more: string[]) =>
  upturn([
    'adjudicate',
    'add',
    records,
    patient,
    '--who',
    who,
    '--verdict',
    verdict,
    '--reason',
    `${who} says so.`,
    ...grid,
    '--json',
    ...more,
  ])

it('calls a table of records by every definition, with tables, figures and reasons', () => {
  const out = join(folder, 'calls')
  const { code, stdout } = upturn(['call', records, '--out', out])
  expect(code).toBe(0)
  expect(stdout).toMatch(/\* Large sustained reversal, 12 months +2 /)
  expect(stdout).toMatch(/Called \(2\):\n {2}R1: The score rose from 24 \(day 180\) .*A true reversal has probability/)
  expect(stdout).toMatch(/Not seen for long enough \(1\):\n {2}U1: /)
  expect(stdout).toContain('Research use only')
  const tsv = readFileSync(join(out, 'calls.tsv'), 'utf8')
  expect(tsv.split('\n').filter((line) => line.startsWith('R1\t'))).toHaveLength(12)
  for (const name of ['case-flow.svg', 'agreement.svg', 'sensitivity.svg', 'trajectories.png'])
    expect(readFileSync(join(out, 'figures', name)).length).toBeGreaterThan(1000)
  expect(JSON.parse(readFileSync(join(out, 'calls.json'), 'utf8'))).toMatchObject({ cases: 2, adjudication: null })
})

it("counts a user's own definition like the rest", () => {
  const own = join(folder, 'mine.yaml')
  writeFileSync(
    own,
    'id: mine\nversion: 1.0.0\ntitle: Twelve points\ndescription: D\nsource: Ours\ngroup: reversal\nrule: { kind: sustained-gain, gain: 14, days: 183, tolerance_days: 30 }\n',
  )
  const { code, stdout } = upturn([
    'call',
    records,
    '--definitions',
    own,
    '--definition',
    'mine',
    '--out',
    join(folder, 'own'),
    '--json',
  ])
  expect(code).toBe(0)
  const summary = JSON.parse(stdout)
  expect(summary.definition).toBe('mine')
  expect(summary.definitions.find(({ id }: { id: string }) => id === 'mine').counts).toMatchObject({ yes: 1 })
  writeFileSync(own, 'id: mine\nversion: 1.0.0\n')
  const refused = upturn(['call', records, '--definitions', own])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('mine.yaml')
})

it('lists who waits, keeps verdicts, shows them, and counts them with and without', () => {
  const waiting = () =>
    JSON.parse(upturn(['adjudicate', 'list', records, '--json']).stdout).people.map(
      (one: { patient: string }) => one.patient,
    )
  expect(new Set(waiting())).toEqual(new Set(['R1', 'R2', 'U1']))
  expect(JSON.parse(add('R1', 'Dr A', 'confirm').stdout)).toMatchObject({ ok: true, line: 1 })
  expect(add('R1', 'Dr B', 'confirm').code).toBe(0)
  expect(add('R2', 'Dr A', 'confirm').code).toBe(0)
  expect(add('R2', 'Dr B', 'reject').code).toBe(0)
  expect(add('U1', 'Dr A', 'confirm').code).toBe(0)
  expect(waiting()).toEqual(['R2'])
  const shown = upturn(['adjudicate', 'show', records, 'R2']).stdout
  expect(shown).toMatch(/Dr A: confirm \(large-sustained\)\. Dr A says so\..*mimics: unclear/)
  expect(shown).toMatch(/Dr B: reject/)
  // What a rater writes cannot command the terminal.
  expect(add('R2', 'Dr A', 'confirm', '--reason', 'Red \u001b[31malert').code).toBe(0)
  expect(upturn(['adjudicate', 'show', records, 'R2']).stdout).toContain('Red [31malert')
  const agreement = JSON.parse(upturn(['adjudicate', 'agreement', records, '--json']).stdout).agreement
  expect(agreement).toMatchObject([{ a: 'Dr A', b: 'Dr B', differ: ['R2'], kappa: { people: 2, kappa: 0, low: null } }])
  const { stdout } = upturn(['call', records, '--out', join(folder, 'judged'), '--json'])
  // R1 and U1 are confirmed, R2 is disagreed upon; the rule alone calls R1 and R2.
  expect(JSON.parse(stdout)).toMatchObject({
    cases: 2,
    adjudication: { people: 3, confirmed: 2, disagreed: 1, without: { cases: 2 } },
  })
  const groups = readFileSync(join(folder, 'judged', 'groups.tsv'), 'utf8')
    .split('\n')
    .map((line) => line.split('\t'))
  const of = (patient: string) =>
    Object.fromEntries(groups[0].map((name, i) => [name, groups.find((row) => row[0] === patient)?.[i]]))
  expect(of('U1')).toMatchObject({
    group: 'reversal',
    case: '1',
    rule_case: '',
    adjudication: 'confirmed',
  })
  expect(of('R2')).toMatchObject({
    group: 'unassigned',
    case: '',
    rule_group: 'reversal',
    rule_case: '1',
    adjudication: 'disagreed',
  })
})

it('refuses a verdict without its grid, an unknown person, and a file that was edited', () => {
  const lacking = upturn(['adjudicate', 'add', records, 'R1', '--who', 'Dr A', '--verdict', 'reject', '--reason', 'r'])
  expect([lacking.code, lacking.stderr]).toEqual([2, expect.stringContaining('--diagnosis is missing')])
  expect(upturn(['adjudicate', 'show', records, 'nobody']).stderr).toContain('there is no person nobody')
  expect(upturn(['adjudicate', 'judge', records]).stderr).toContain('judge is no action')
  const before = readFileSync(file, 'utf8')
  writeFileSync(file, before.replace('"verdict":"reject"', '"verdict":"confirm"'))
  const edited = upturn(['call', records, '--json'])
  expect(edited.code).toBe(2)
  expect(JSON.parse(edited.stdout).error).toMatchObject({ code: 'FileDamaged', file, line: 4 })
  writeFileSync(file, before)
})

it('a study counts verdicts beside it, under another result digest, and says both', () => {
  const at = join(folder, 'study')
  const study = join(at, 'study.yaml')
  expect(
    upturn(['simulate', '--out', at, '--people', '60', '--cases', '12', '--variants', '200', '--quiet']).code,
  ).toBe(0)
  const called = () => JSON.parse(upturn(['call', study, '--json', '--quiet']).stdout)
  const before = called()
  expect(before).toMatchObject({ ok: true, calls: { definition: 'large-sustained', adjudication: null } })
  for (const name of ['calls.tsv', 'groups.tsv', 'figures/case-flow.svg'])
    expect(readFileSync(join(at, 'results', name)).length).toBeGreaterThan(100)
  const waiting = JSON.parse(upturn(['adjudicate', 'list', study, '--json']).stdout).people
  const rejected = waiting.find(
    (one: { verdict: string; excluded: string | null }) => one.verdict === 'yes' && one.excluded === null,
  )
  const judged = [
    'adjudicate',
    'add',
    study,
    rejected.patient,
    '--who',
    'Dr A',
    '--verdict',
    'reject',
    '--reason',
    'Myasthenia.',
    ...grid,
  ]
  expect(upturn(judged).code).toBe(0)
  const after = called()
  expect(after.cases).toBe(before.cases - 1)
  expect(after.controls).toBe(before.controls)
  expect(after.resultDigest).not.toBe(before.resultDigest)
  expect(after.calls.adjudication).toMatchObject({
    rejected: 1,
    without: { cases: before.cases, controls: before.controls },
  })
  const inputs = JSON.parse(readFileSync(join(at, 'results', 'manifest.json'), 'utf8')).inputs
  expect(inputs.map(({ path }: { path: string }) => path)).toContain('adjudications.jsonl')
  const path = join(at, 'adjudications.jsonl')
  writeFileSync(path, readFileSync(path, 'utf8').replace('Myasthenia', 'Myasthenie'))
  const refused = upturn(['check', study])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('adjudications.jsonl:1: this line was changed after it was written')
})
