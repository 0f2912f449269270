// Tests within matched sets on every variant, beside the unmatched ones of the same people:
//   npm run build && npm run bench matched [VARIANTS [ROUNDS]]        1,000,000 1
// 22 sets of one case and four controls, copies of alt in proportion to 1/k, 1% of calls missing, two threads; with no covariate and with three.
// Compared first: rows that are fitted when screened are those of the scan that fits every row.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rowsOf, upturn } from './genotypes.js'
import { interleave, machine, table } from './measure.js'
import { writeSpectrum } from './spectrum.js'

const [sets, controls] = [22, 4]
const people = sets * (1 + controls)
const variants = Number(process.argv[2] ?? 1_000_000)
const rounds = Number(process.argv[3] ?? 1)
const scratch = mkdtempSync(join(tmpdir(), 'upturn-bench-matched-'))
const at = (name) => join(scratch, name)
try {
  writeSpectrum(at('a'), { people, cases: sets, variants })
  await upturn('import', at('a.bed'), '--out', at('store'), '--quiet')
  // Sets are made of cases and controls in their order.
  const [head, ...lines] = readFileSync(at('a.tsv'), 'utf8').trim().split('\n')
  const isCase = head.split('\t').indexOf('case')
  let [ofCases, ofControls] = [0, 0]
  const inSets = lines.map((line) =>
    line.split('\t')[isCase] === '2' ? `${line}\tS${ofCases++}` : `${line}\tS${Math.floor(ofControls++ / controls)}`,
  )
  writeFileSync(at('a.tsv'), [`${head}\tset`, ...inSets, ''].join('\n'))
  const own =
    (name, ...more) =>
    () =>
      upturn(
        ...['associate', at('store'), '--phenotypes', at('a.tsv'), '--case', 'case', '--permutations', '0'],
        ...['--workers', '2', '--quiet', '--out', at(name), ...more],
      )
  const within = ['--matched', 'set']
  const three = ['--covariates', 'x1,x2,x3']
  const screened = ['--firth', 'screened']
  const arms = {
    'within sets': own('sets', ...within),
    'within sets, screened': own('sets-screened', ...within, ...screened),
    'sets ignored': own('ignored'),
    'within sets, three covariates': own('adjusted', ...within, ...three),
    'within sets, three covariates, screened': own('adjusted-screened', ...within, ...three, ...screened),
    'sets ignored, three covariates': own('ignored-adjusted', ...three),
  }
  for (const arm of Object.values(arms)) await arm()
  compare('sets')
  compare('adjusted')
  const results = await interleave(arms, rounds)
  console.log(`${machine()}; ${variants} variants, ${sets} sets of one case and ${controls} controls\n`)
  console.log(table(results))
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

function compare(name) {
  const screened = rowsOf(at(`${name}-screened/associations.tsv`))
  let same = 0
  for (const row of rowsOf(at(`${name}/associations.tsv`))) {
    const other = screened.next().value
    if (other.flags.includes('firth_screened_out')) continue
    same++
    for (const column of Object.keys(row))
      if (row[column] !== other[column]) throw new Error(`${row.rsid}: ${column} ${row[column]} and ${other[column]}`)
  }
  console.log(`${name}: ${same} rows that screening fits are the same in every column`)
}
