// Size of tests where the genotype tracks a component that raises the risk, and has no effect of its own: the ordinary exact
// table, the trend conditional on fitted risks, the efficient score by Monte Carlo, Firth with the component as covariate.
// npm run bench confounded [DATASETS] writes docs/statistics/confounding.md. Needs a build.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
const load = (path) => import(new URL(`dist/${path}`, root).href)
const { installKernels } = await load('numerics/kernels.js')
installKernels(new WebAssembly.Module(readFileSync(fileURLToPath(new URL('kernels/build/kernels.wasm', root)))))
const { RandomStream } = await load('numerics/random.js')
const { exp, log } = await load('numerics/special.js')
const s = await load('statistics/index.js')
const { efficientScores } = await load('association/efficient-score.js')

const datasets = Number(process.argv[2] ?? 1000)
const [people, cases, variants, draws] = [265, 22, 5, 999]
const seed = 4
const levels = [0.05, 0.01]
const tests = [
  ['ordinary exact trend', 'no covariate'],
  ['trend conditional on fitted risks', 'its own table of (c, T)'],
  ['efficient score', `${draws} label sets, (b + 1) / (m + 1)`],
  ['Firth with the component', 'penalised likelihood ratio'],
]
const scenarios = [
  { name: 'not at all', risk: 0, drift: 0, frequency: 0.15 },
  { name: 'the risk does, the genotype does not', risk: 1, drift: 0, frequency: 0.15 },
  {
    name: 'moderately (risk x 2, allele odds x 1.6 a standard deviation)',
    risk: log(2),
    drift: log(1.6),
    frequency: 0.15,
  },
  { name: 'strongly (risk x 2.7, allele odds x 2.7)', risk: 1, drift: 1, frequency: 0.15 },
  { name: 'strongly, rarer allele', risk: 1, drift: 1, frequency: 0.03 },
]

const logistic = (x) => 1 / (1 + exp(-x))

/** One study: a component, labels that follow it with the number of cases fixed, variants that track it. */
function study({ risk, drift, frequency }, index) {
  const random = new RandomStream(seed, 'benchmarks/confounded', index)
  const component = Float64Array.from({ length: people }, () => random.normal())
  // Exactly 22 cases, with odds exp(risk x component), as the sampler of label sets draws them.
  const scheme = s.labelScheme(
    new Int32Array(people),
    Int32Array.of(cases),
    component.map((x) => logistic(risk * x)),
  )
  const labels = new Uint8Array(people)
  for (const person of new s.LabelSets(scheme).draw(seed, 'benchmarks/confounded labels', index)) labels[person] = 1
  const odds = log(frequency / (1 - frequency))
  const columns = Array.from({ length: variants }, () =>
    Int8Array.from(component, (x) => {
      const p = logistic(odds + drift * x)
      return (random.uniform() < p ? 1 : 0) + (random.uniform() < p ? 1 : 0)
    }),
  )
  return { component, labels, columns }
}

/** p of the four tests for every variant of a study; null where the variant does not vary. */
function test({ component, labels, columns }, index) {
  const fit = s.fitNull(labels, [{ name: 'component', values: component }])
  const scheme = s.labelScheme(new Int32Array(people), Int32Array.of(cases), fit.risks)
  const inclusion = s.inclusionProbabilities(scheme)
  const sampler = new s.LabelSets(scheme)
  const sets = Array.from({ length: draws }, (_, r) => sampler.draw(seed + index, 'benchmarks/confounded sets', r))
  return columns.map((column) => {
    const counts = [0, 0, 0, 0, 0, 0]
    column.forEach((g, i) => {
      counts[(labels[i] === 1 ? 0 : 3) + g]++
    })
    const [caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt] = counts
    if (caseHet + caseAlt + controlHet + controlAlt === 0) return null
    const ordinary = s.exactTrend({ caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt }).p
    const law = s.labelNull(column, scheme)
    const conditional = exp(law.logP[(cases - law.from) * law.stride + caseHet + 2 * caseAlt])
    const scores = efficientScores(column, fit.columns, fit.risks)
    let expected = 0
    let seen = 0
    scores.forEach((score, i) => {
      expected += inclusion[i] * score
      if (labels[i] === 1) seen += score
    })
    const limit = Math.abs(seen - expected) * (1 - 1e-12)
    let beyond = 0
    for (const set of sets) {
      let sum = 0
      for (const person of set) sum += scores[person]
      if (Math.abs(sum - expected) >= limit) beyond++
    }
    const firth = s.firthRegression({ cases: labels, columns: fit.columns, tested: Float64Array.from(column) })
    return [ordinary, conditional, (beyond + 1) / (draws + 1), firth.converged ? exp(firth.logP) : 1]
  })
}

/** Share of rejections with limits over studies, whose variants share labels: mean and 1.96 standard errors of study means. */
function rate(byStudy) {
  const used = byStudy.filter(([, n]) => n > 0)
  const total = used.reduce((sum, [, n]) => sum + n, 0)
  const mean = used.reduce((sum, [k]) => sum + k, 0) / total
  const square = used.reduce((sum, [k, n]) => sum + (k - mean * n) ** 2, 0)
  const error = Math.sqrt(square) / total
  return { mean, low: Math.max(0, mean - 1.96 * error), high: mean + 1.96 * error }
}

const percent = (x) => `${(100 * x).toFixed(1)}%`
const rows = []
for (const scenario of scenarios) {
  const rejected = tests.map(() => levels.map(() => []))
  let varying = 0
  for (let d = 0; d < datasets; d++) {
    const found = test(study(scenario, d), d).filter((p) => p !== null)
    varying += found.length
    tests.forEach((_, t) => {
      levels.forEach((alpha, l) => {
        rejected[t][l].push([found.filter((p) => p[t] <= alpha + 1e-12).length, found.length])
      })
    })
  }
  tests.forEach(([name], t) => {
    const cells = levels.map((_, l) => {
      const { mean, low, high } = rate(rejected[t][l])
      return `${percent(mean)} (${percent(low)} to ${percent(high)})`
    })
    rows.push(`| ${t === 0 ? `${scenario.name}; ${varying} variants` : ''} | ${name} | ${cells.join(' | ')} |`)
  })
  console.error(`${scenario.name}: done`)
}

const page = `# Where a component confounds

A component of ancestry raises the risk and the frequency of an allele that does nothing. What do the tests say? Written by \`npm run bench confounded ${datasets}\`; ${datasets} simulated studies a line, ${people} people, ${cases} cases, ${variants} variants each, seed ${seed}.
Research use only: nothing here replaces a doctor's advice.

The component is standard normal. Cases are drawn with odds exp(risk x component), their number fixed; each allele of a person has the odds of the stated frequency times exp(drift x component). No allele has an effect. A test that holds
its level rejects no more than 5% and 1% of these variants. Limits: 95%, over studies, since the variants of a study share its labels.

| the component is tracked | test | rejected at 0.05 | at 0.01 |
|---|---|---|---|
${rows.join('\n')}

## What it means

- **The ordinary exact table is exact for another question**: whether cases have more copies, whatever the reason. Where a component confounds it is wildly wrong, and no permutation of labels that ignores the component mends it. In a study with
  covariates the report therefore shows neither its p nor Fisher's, the allelic, dominant, recessive or asymptotic tests, in no figure and no sentence; the numbers stay in the table of associations, and the [calibration certificate](calibration.md) shows how far off they would be on the study at hand.
- **Conditional on fitted risks** ([label sets](label-sets.md)) relabels people with the odds that a fit on the covariates gives them. It is conservative, for two reasons: p-values are discrete, and the risks were fitted to the very labels that are tested, so label sets vary more about them than they should.
- **The efficient score** takes out of the copies what the component explains. Its p from the same label sets, by Monte Carlo, is not conservative; where the component is tracked strongly it and Firth lie a little above their level, since a fit of 22 cases does not take all of it out. Leads show it beside the primary.
- **Firth with the component as covariate** needs no label sets; with few carriers its chi-square is an approximation, which the certificate checks.

None of this helps against a component that nobody measured, or a source that holds only cases.
`
writeFileSync(fileURLToPath(new URL('docs/statistics/confounding.md', root)), page)
