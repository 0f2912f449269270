// Tests of few cases on every variant beside PLINK:
//   npm run build && npm run bench firth [VARIANTS [ROUNDS]]        1,000,000 3
// 22 cases of 125 people, three covariates, copies of alt in proportion to 1/k, 1% of calls missing; two threads each. One arm of
// Upturn fits Firth to every row, one only where the exact trend p is below 0.05; both also make the exact trend (p, mid-p, smallest
// attainable p), Fisher's and the table's other columns, and write them, as lines of text like the peers. `upturn exact` makes the exact tests alone. Peers: plink2 --glm firth (Wald p), plink2 --glm with its
// default fallback to Firth, plink1.9 --model fisher. Compared first: log odds ratio and standard error of Firth, and Fisher's p of the 2x3 table.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requirePeers, rowsOf, upturn } from './genotypes.js'
import { interleave, machine, measure, table } from './measure.js'
import { writeSpectrum } from './spectrum.js'

requirePeers('plink1.9', 'plink2')
const people = 125
const cases = 22
const variants = Number(process.argv[2] ?? 1_000_000)
const rounds = Number(process.argv[3] ?? 3)
const scratch = mkdtempSync(join(tmpdir(), 'upturn-bench-firth-'))
const at = (name) => join(scratch, name)
try {
  writeSpectrum(at('a'), { people, cases, variants })
  await measure('plink2', ['--bfile', at('a'), '--make-pgen', '--out', at('a')])
  await upturn('import', at('a.bed'), '--out', at('store'), '--quiet')
  const own = (firth) => () =>
    upturn(
      ...['associate', at('store'), '--phenotypes', at('a.tsv'), '--case', 'case', '--covariates', 'x1,x2,x3'],
      ...['--permutations', '0', '--firth', firth, '--workers', '2', '--tables', 'tsv', '--quiet', '--out', at(firth)],
    )
  const environment = { ...process.env, OPENBLAS_NUM_THREADS: '1' }
  const glm = (...modifiers) =>
    measure(
      'plink2',
      [
        ...[
          '--pfile',
          at('a'),
          '--glm',
          ...modifiers,
          'hide-covar',
          'cols=chrom,pos,ref,alt,a1freq,firth,test,nobs,orbeta,se,p',
        ],
        ...['--pheno', at('a.tsv'), '--pheno-name', 'case', '--covar', at('a.tsv'), '--covar-name', 'x1-x3'],
        ...[
          '--covar-variance-standardize',
          '--threads',
          '2',
          '--memory',
          '2000',
          '--out',
          at(modifiers[0] ?? 'fallback'),
        ],
      ],
      { env: environment },
    )
  const arms = {
    'upturn, Firth on every row': own('every'),
    'plink2 --glm firth': () => glm('firth'),
    'upturn, screened': own('screened'),
    'plink2 --glm': () => glm(),
    'upturn exact': () =>
      upturn('exact', at('store'), '--phenotypes', at('a.tsv'), '--case', 'case', '--quiet', '--out', at('exact')),
    'plink1.9 --model fisher': () =>
      measure('plink1.9', ['--bfile', at('a'), '--model', 'fisher', '--threads', '2', '--out', at('model')]),
  }
  for (const arm of Object.values(arms)) await arm()
  compare()
  const results = await interleave(arms, rounds)
  console.log(`${machine()}; ${variants} variants, ${cases} cases and ${people - cases} controls, 3 covariates\n`)
  console.log(table(results))
  console.log()
  for (const [peer, arm] of [
    ['plink2 --glm firth', 'upturn, Firth on every row'],
    ['plink2 --glm', 'upturn, screened'],
    ['plink1.9 --model fisher', 'upturn exact'],
  ])
    for (const of of ['minimum', 'processor'])
      console.log(`${peer} / ${arm}, ${of}: ${(results[peer][of] / results[arm][of]).toFixed(2)}`)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

function compare() {
  let fits = 0
  let near = 0
  let tables = 0
  const firth = rowsOf(at('firth.case.glm.firth'))
  const models = rowsOf(at('model.model'))
  const exact = rowsOf(at('exact/exact.tsv'))
  for (const row of rowsOf(at('every/associations.tsv'))) {
    const peer = firth.next().value
    if (peer === undefined || Number(peer.POS) !== Number(row.position)) throw new Error(`${row.rsid}: other rows`)
    for (const [name, cell] of Object.entries(exact.next().value))
      if (cell !== row[name])
        throw new Error(`${row.rsid}: ${name} is ${cell} where a row of all tests has ${row[name]}`)
    let model = models.next().value
    while (model.TEST !== 'GENO') model = models.next().value
    if (model.SNP !== row.rsid) throw new Error(`${row.rsid}: other rows than ${model.SNP}`)
    if (model.P !== 'NA') {
      tables++
      if (Math.abs(Math.log(Number(model.P) / Number(row.fisher_p))) > 6e-4)
        throw new Error(`${row.rsid}: Fisher's p ${row.fisher_p} where PLINK has ${model.P}`)
    }
    if (peer.OR === 'NA' || row.or === '') continue
    fits++
    const sign = peer.A1 === row.alt ? 1 : -1
    const se = Number(row.or_se)
    const apart = Math.abs(Math.log(Number(row.or)) - sign * Math.log(Number(peer.OR)))
    if (apart < 3e-3 * se && Math.abs(se - Number(peer['LOG(OR)_SE'])) < 3e-3 * se) near++
  }
  console.log(
    `Fisher's p agrees at all ${tables} tables; of ${fits} Firth fits ${((100 * near) / fits).toFixed(2)}% agree within 0.003 standard errors`,
  )
  if (near < 0.97 * fits) throw new Error('too few fits agree')
}
