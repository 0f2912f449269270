// The largest error of every special function and exact test against the oracle tables, as a Markdown table.
// Needs a build: `npm run build && node benchmarks/accuracy.js`.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
const load = (path) => import(new URL(`dist/${path}`, root).href)
const { installKernels } = await load('numerics/kernels.js')
installKernels(new WebAssembly.Module(readFileSync(fileURLToPath(new URL('kernels/build/kernels.wasm', root)))))
const s = await load('numerics/special.js')
const x = await load('statistics/exact/index.js')

const table = (path) => {
  const lines = readFileSync(fileURLToPath(new URL(`tests/oracles/${path}.tsv`, root)), 'utf8')
    .trim()
    .split('\n')
  const names = lines[0].split('\t')
  return lines.slice(1).map((line) => Object.fromEntries(line.split('\t').map((cell, i) => [names[i], cell])))
}
const number = (cell) => (cell === '-inf' ? -Infinity : cell === 'inf' || cell === 'Inf' ? Infinity : Number(cell))
const relative = (a, b) => (a === b ? 0 : Math.abs(a - b) / Math.abs(b))
const logarithmic = (a, b) => (a === b ? 0 : Math.abs(a - b) / Math.max(1, Math.abs(b)))
const logOf = (cell) => Math.log(number(cell))

const rows = []
const measure = (name, kind, cases) => {
  let worst = 0
  for (const [found, expected] of cases)
    worst = Math.max(worst, kind === 'relative' ? relative(found, expected) : logarithmic(found, expected))
  rows.push(`| ${name} | ${cases.length} | ${kind} | ${worst.toExponential(1)} |`)
}
const special = (name, kind, file, pick, keep = () => true) =>
  measure(name, kind, table(`11_special/expected_${file}`).filter(keep).map(pick))
const elementary = table('11_special/expected_elementary')
for (const name of ['exp', 'expm1', 'log', 'log1p', 'pow', 'sin', 'cos', 'logChoose']) {
  const own = elementary.filter((r) => r.function === name)
  measure(
    name,
    'relative',
    own.map((r) => [s[name](Number(r.x), Number(r.y)), number(r.value)]),
  )
}
special('logGamma', 'relative', 'lgamma', (r) => [s.logGamma(Number(r.x)), number(r.lgamma)])
special('digamma', 'logarithm', 'digamma', (r) => [s.digamma(Number(r.x)), number(r.digamma)])
special(
  'erfc',
  'relative',
  'erfc',
  (r) => [s.erfc(Number(r.x)), number(r.erfc)],
  (r) => number(r.erfc) > 2.3e-308,
)
special('normalLogTail', 'relative', 'normal_tail', (r) => [s.normalLogTail(Number(r.z)), number(r.log_p_upper)])
special('normalQuantile', 'relative', 'normal_quantile', (r) => [s.normalQuantile(Number(r.p)), number(r.z_lower)])
special('normalQuantileLog', 'relative', 'normal_quantile_log', (r) => [
  s.normalQuantileLog(Number(r.log_p_upper)),
  number(r.z),
])
special('chiSquareLogTail', 'logarithm', 'chi2_upper', (r) => [
  s.chiSquareLogTail(Number(r.x), Number(r.df)),
  number(r.log_p_upper),
])
special('logBetaIncomplete', 'logarithm', 'betainc', (r) => [
  s.logBetaIncomplete(Number(r.a), Number(r.b), Number(r.x)),
  number(r.log_I_x),
])
special('studentLogTail', 'logarithm', 'student_t', (r) => [
  s.studentLogTail(Number(r.t), Number(r.df)) + Math.LN2,
  number(r.log_p_two_sided),
])
special('hypergeometricLogPmf', 'logarithm', 'hypergeometric', (r) => [
  s.hypergeometricLogPmf(Number(r.x), Number(r.K_marked), Number(r.n_drawn), Number(r.N_total)),
  number(r.log_pmf),
])

const inputs = new Map(table('01_tables/inputs').map((r) => [r.id, r]))
const expected = table('01_tables/expected_exact')
const genotypes = (id) => {
  const r = inputs.get(id)
  const [caseRef, caseHet, caseAlt] = [r.case_rr, r.case_ra, r.case_aa].map(Number)
  const [controlRef, controlHet, controlAlt] = [r.ctrl_rr, r.ctrl_ra, r.ctrl_aa].map(Number)
  return { caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt }
}
const exactTest = (name, test, prefix, least) => {
  const found = expected.map((r) => [test(genotypes(r.id)), r])
  measure(
    `${name} p`,
    'logarithm',
    found.map(([f, r]) => [f.logP, logOf(r[prefix])]),
  )
  measure(
    `${name} mid-p`,
    'logarithm',
    found.map(([f, r]) => [
      f.logMidp,
      logOf(r[prefix === 'trend_exact_two' ? `${prefix}_midp` : prefix.replace(/_p$/, '_midp')]),
    ]),
  )
  measure(
    `${name} smallest attainable p`,
    'logarithm',
    found.map(([f, r]) => [f.logMinAttainableP, logOf(r[least])]),
  )
}
exactTest('exactTrend', x.exactTrend, 'trend_exact_two', 'trend_min_attainable_two')
exactTest('freemanHalton', x.freemanHalton, 'ffh_p', 'ffh_min_attainable_p')
for (const [model, view] of [
  ['allelic', x.allelicTable],
  ['dominant', x.dominantTable],
  ['recessive', x.recessiveTable],
]) {
  exactTest(`fisherTest, ${model},`, (t) => x.fisherTest(view(t)), `${model}_p`, `${model}_min_attainable_p`)
  const finite = (pick, column) =>
    expected
      .map((r) => [pick(x.conditionalOddsRatio(view(genotypes(r.id)))), number(r[`${model}_${column}`])])
      .filter(([, e]) => e > 0 && e < Infinity)
  measure(
    `conditional odds ratio, ${model}`,
    'relative',
    finite((o) => o.oddsRatio, 'cmle_or'),
  )
  measure(`its limits, ${model}`, 'relative', [
    ...finite((o) => o.low, 'cmle_lo95'),
    ...finite((o) => o.high, 'cmle_hi95'),
  ])
}
const hwe = table('10_hwe/hwe').map((r) => [x.hardyWeinberg(Number(r.rr), Number(r.ra), Number(r.aa)), r])
measure(
  'hardyWeinberg p',
  'logarithm',
  hwe.map(([f, r]) => [f.logP, logOf(r.p_exact)]),
)
measure(
  'hardyWeinberg mid-p',
  'logarithm',
  hwe.map(([f, r]) => [f.logMidp, logOf(r.p_mid)]),
)

process.stdout.write(`| function | points | measure | largest error |\n|---|---|---|---|\n${rows.join('\n')}\n`)
