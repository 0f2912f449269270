import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { scratch, upturn } from './upturn.ts'

const folder = scratch()
const oracle = new URL('../oracles/08_survival/', import.meta.url)
const table = fileURLToPath(new URL('inputs_cox.tsv', oracle))
const expected = JSON.parse(readFileSync(new URL('expected.json', oracle), 'utf8'))
const base = ['--time', 'time', '--event', 'status', '--covariates']

it('fits a table with entry times and strata as coxph does', () => {
  const lines = readFileSync(table, 'utf8').trim().split('\n')
  const names = lines[0].split('\t')
  const kept = lines.filter((line, i) => {
    const cells = line.split('\t').map(Number)
    return i === 0 || cells[names.indexOf('entry')] < cells[names.indexOf('time')]
  })
  const path = join(folder, 'entered.tsv')
  writeFileSync(path, `${kept.join('\n')}\n`)
  const { code, stdout } = upturn([
    'survival',
    path,
    ...base,
    'g,age',
    '--entry',
    'entry',
    '--strata',
    'bulbar',
    '--json',
  ])
  expect(code).toBe(0)
  const found = JSON.parse(stdout)
  const wanted = expected.cox_entry_strata_efron
  expect(Math.log(found.columns[0].plain.ratio)).toBeCloseTo(wanted.coef.g, 8)
  expect(Math.log(found.columns[1].plain.ratio)).toBeCloseTo(wanted.coef.age, 8)
  // R: coxph's penalised likelihood maximised by optim, as in the tests of the model.
  expect(Math.log(found.columns[0].firth.ratio)).toBeCloseTo(0.294247203923365, 5)
  const wrong = join(folder, 'wrong.tsv')
  writeFileSync(wrong, `time\tstatus\tg\tentry\n9\t1\t0\t2\n5\t0\t1\t5\n`)
  const refused = upturn(['survival', wrong, ...base, 'g', '--entry', 'entry'])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('entry is 5, not before the end at 5')
  expect(refused.stderr).toContain('wrong.tsv')
})

it('tells a competing event, missing cells and words', () => {
  const path = join(folder, 'people.csv')
  const rows = Array.from({ length: 40 }, (_, i) => {
    const what = i % 4 === 0 ? 'reversal' : i % 4 === 3 ? 'alive' : 'death'
    return [`p${i}`, 10 + ((i * 7) % 23), what, i % 3 === 0 ? 'yes' : 'no', i === 5 ? 'NA' : 50 + ((i * 5) % 17)].join()
  })
  writeFileSync(path, ['id,months,end,carrier,age', ...rows, ''].join('\n'))
  const args = ['survival', path, '--time', 'months', '--event', 'end', '--covariates', 'carrier,age']
  const named = [...args, '--event-value', 'reversal', '--competing', 'death']
  const { code, stdout } = upturn(named)
  expect(code).toBe(0)
  expect(stdout).toContain('39 people: 10 with the event, 19 with the competing one, 10 with neither')
  expect(stdout).toContain('left out: 1, age is missing')
  expect(stdout).toMatch(/incidence, Fine and Gray +\d/)
  expect(stdout).toContain('Research use only')
  expect(JSON.parse(upturn([...named, '--json']).stdout)).toMatchObject({ ok: true, people: 39, competing: 19 })
  const svg = join(folder, 'incidence.svg')
  const grouped = upturn([...named, '--by', 'carrier', '--figure', svg])
  expect(grouped.stdout).toContain('Cumulative incidence of the event where carrier is yes:')
  const drawn = readFileSync(svg, 'utf8')
  expect(drawn).toMatch(
    /<title>Cumulative incidence of reversal: .*% where carrier is no, .*% where carrier is yes<\/title>/,
  )
  expect(drawn).toContain('death, before reversal')
  expect(drawn).not.toMatch(/NaN|undefined/)
  const unknown = upturn(args)
  expect(unknown.code).toBe(2)
  expect(unknown.stderr).toContain('end is reversal, which is neither the event nor nothing')
  const absent = upturn(['survival', path, '--time', 'years', '--event', 'end', '--covariates', 'age'])
  expect(absent.stderr).toContain('there is no column years')
})
