// Size of tests in matched designs where what was matched on raises the risk and tracks the genotype, and the genotype has no effect of
// its own: sets ignored, within sets, and within sets with the matching variable as covariate.
// npm run bench matched-size [DATASETS] writes docs/statistics/matched-confounding.md. Needs a build.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
const load = (path) => import(new URL(`dist/${path}`, root).href)
const { installKernels } = await load('numerics/kernels.js')
installKernels(new WebAssembly.Module(readFileSync(fileURLToPath(new URL('kernels/build/kernels.wasm', root)))))
const { RandomStream } = await load('numerics/random.js')
const { exp, log } = await load('numerics/special.js')
const s = await load('statistics/index.js')

const datasets = Number(process.argv[2] ?? 1000)
const [cases, ratio, variants] = [22, 4, 5]
const seed = 6
const levels = [0.05, 0.01]
const scenarios = [
  { name: 'nothing: it raises no risk', pool: 400, risk: 0, drift: 1, frequency: 0.15 },
  {
    name: 'an exact variable of two levels (risk x 4, allele odds x 4)',
    pool: 400,
    risk: log(4),
    drift: log(4),
    frequency: 0.1,
    levels: true,
  },
  { name: 'strongly, closely matched', pool: 2000, risk: 1, drift: 1, frequency: 0.15 },
  { name: 'strongly, matched from few', pool: 250, risk: 1, drift: 1, frequency: 0.15 },
  { name: 'strongly, matched from few, rarer allele', pool: 250, risk: 1, drift: 1, frequency: 0.03 },
]
const tests = [
  ['exact trend, everybody', 'unmatched'],
  ['Firth, everybody, adjusted', 'unmatched, the variable as covariate'],
  ['exact trend, matched people, sets ignored', 'nothing'],
  ['exact trend within sets', 'nothing'],
  ['Firth within sets', 'nothing'],
  ['trend within sets on fitted risks', 'the variable as covariate'],
  ['Firth within sets, adjusted', 'the variable as covariate'],
]

const logistic = (x) => 1 / (1 + exp(-x))

/** One study: people with a variable, cases drawn by it, controls matched on it by the smallest total distance; variants that track it. */
function study({ pool, risk, drift, frequency, levels: twoLevels }, index) {
  const random = new RandomStream(seed, 'benchmarks/matched size', index)
  const all = Float64Array.from({ length: pool }, () =>
    twoLevels ? (random.uniform() < 0.25 ? 1 : 0) : random.normal(),
  )
  const scheme = s.labelScheme(
    new Int32Array(pool),
    Int32Array.of(cases),
    all.map((x) => logistic(risk * x)),
  )
  const isCase = new Uint8Array(pool)
  for (const person of new s.LabelSets(scheme).draw(seed, 'benchmarks/matched size labels', index)) isCase[person] = 1
  const [ofCases, ofControls] = [1, 0].map((wanted) => [...isCase.keys()].filter((i) => isCase[i] === wanted))
  const cost = new Float64Array(ofCases.length * ofControls.length)
  ofCases.forEach((c, i) => {
    ofControls.forEach((k, j) => {
      const d = Math.abs(all[c] - all[k])
      cost[i * ofControls.length + j] = twoLevels && d > 0 ? Number.POSITIVE_INFINITY : d
    })
  })
  const { columns } = s.assign(cost, ofCases.length, ofControls.length, ratio)
  const people = []
  const sets = []
  const labels = []
  ofCases.forEach((c, i) => {
    if (columns[i].length === 0) return
    for (const [person, label] of [[c, 1], ...columns[i].map((j) => [ofControls[j], 0])]) {
      people.push(person)
      sets.push(i)
      labels.push(label)
    }
  })
  const names = [...new Set(sets)]
  const of = Int32Array.from(sets, (set) => names.indexOf(set))
  const variable = Float64Array.from(people, (i) => all[i])
  const odds = log(frequency / (1 - frequency))
  const everybody = Array.from({ length: variants }, () =>
    Int8Array.from(all, (x) => {
      const p = logistic(odds + drift * x)
      return (random.uniform() < p ? 1 : 0) + (random.uniform() < p ? 1 : 0)
    }),
  )
  const genotypes = everybody.map((own) => Int8Array.from(people, (i) => own[i]))
  // How far cases and matched controls are apart, in standard deviations of all cases.
  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length
  const caseValues = ofCases.map((i) => all[i])
  const centre = mean(caseValues)
  const sd = Math.sqrt(caseValues.reduce((a, x) => a + (x - centre) ** 2, 0) / (caseValues.length - 1))
  const apart = names.map((_, set) => {
    const own = [...of.keys()].filter((i) => of[i] === set)
    const inSet = (label) => mean(own.filter((i) => labels[i] === label).map((i) => variable[i]))
    return inSet(1) - inSet(0)
  })
  return {
    all,
    isCase,
    everybody,
    of,
    labels: Uint8Array.from(labels),
    variable,
    genotypes,
    smd: sd > 0 ? mean(apart) / sd : 0,
  }
}

/** p of every test for every variant of a study; null where the variant does not vary. */
function test({ all, isCase, everybody, of, labels, variable, genotypes }) {
  const counts = new Int32Array(Math.max(...of) + 1)
  labels.forEach((label, i) => {
    counts[of[i]] += label
  })
  const plain = s.labelScheme(of, counts)
  const fit = s.fitNullWithin(labels, of, [{ name: 'variable', values: variable }])
  const adjusted = s.labelScheme(of, counts, fit.risks)
  const bare = new s.MatchedFirth({ cases: labels, sets: of, columns: [] })
  const beside = new s.MatchedFirth({ cases: labels, sets: of, columns: fit.columns })
  const tableOf = (own, who) => {
    const table = [0, 0, 0, 0, 0, 0]
    own.forEach((g, i) => {
      table[(who[i] === 1 ? 0 : 3) + g]++
    })
    const [caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt] = table
    return { caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt }
  }
  return genotypes.map((own, v) => {
    const table = tableOf(own, labels)
    const { caseRef, caseHet, caseAlt, controlHet, controlAlt } = table
    if (caseHet + caseAlt + controlHet + controlAlt === 0) return null
    const of_ = (scheme) => {
      const law = s.labelNull(own, scheme)
      const m = caseRef + caseHet + caseAlt
      return exp(law.logP[(m - law.from) * law.stride + caseHet + 2 * caseAlt])
    }
    const copies = Float64Array.from(own)
    const p = ({ logP }) => (Number.isNaN(logP) ? 1 : exp(logP))
    return [
      s.exactTrend(tableOf(everybody[v], isCase)).p,
      p(
        s.firthRegression(
          { cases: isCase, columns: [all], tested: Float64Array.from(everybody[v]) },
          { profile: false },
        ),
      ),
      s.exactTrend(table).p,
      of_(plain),
      p(bare.test(copies)),
      of_(adjusted),
      p(beside.test(copies)),
    ]
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
  let smd = 0
  let refused = 0
  for (let d = 0; d < datasets; d++) {
    const made = study(scenario, d)
    smd += made.smd / datasets
    let found
    try {
      found = test(made).filter((p) => p !== null)
    } catch (error) {
      // The variable alone tells every case from its controls: such a study is refused.
      if (error.code !== 'SeparatedByCovariate' && error.code !== 'NoOverlap') throw error
      refused++
      continue
    }
    varying += found.length
    tests.forEach((_, t) => {
      levels.forEach((alpha, l) => {
        rejected[t][l].push([found.filter((p) => p[t] <= alpha + 1e-12).length, found.length])
      })
    })
  }
  tests.forEach(([name, beside], t) => {
    const cells = levels.map((_, l) => {
      const { mean, low, high } = rate(rejected[t][l])
      return `${percent(mean)} (${percent(low)} to ${percent(high)})`
    })
    const first =
      t === 0
        ? `${scenario.name}; ${scenario.pool} people, ${smd.toFixed(2)} apart; ${varying} variants${refused > 0 ? `; ${refused} studies refused` : ''}`
        : ''
    rows.push(`| ${first} | ${name} | ${beside} | ${cells.join(' | ')} |`)
  })
  console.error(`${scenario.name}: done`)
}

const page = `# Where what was matched on confounds

A variable raises the risk and the frequency of an allele that does nothing, and controls were matched on it. What do the tests say? Written by \`npm run bench matched-size ${datasets}\`; ${datasets} simulated studies a line, ${cases} cases, up to ${ratio} controls each,
${variants} variants each, seed ${seed}. Research use only: nothing here replaces a doctor's advice.

The variable is standard normal, or has two levels (a quarter of people has the second). Cases are drawn from the people with odds exp(risk x variable), each allele has the odds of the stated frequency times exp(drift x variable); strongly: both 1. Controls are matched by the
smallest total distance, on two levels exactly. *Apart*: what is left, the mean difference of cases and their matched controls in standard deviations of the cases. *Refused*: the variable tells every case from its controls, of which Upturn says so and stops. No allele has an effect: a test that holds its level rejects no more than 5% and 1%. Limits: 95%, over studies.

| the variable tracks | test | beside it | rejected at 0.05 | at 0.01 |
|---|---|---|---|---|
${rows.join('\n')}

## What it means

- Among everybody the test that knows nothing of the variable is wildly wrong where the variable raises the risk; with it as covariate Firth holds its level.
- Where the sets are alike in the variable, tests within them hold their level whatever it does, without a covariate. Of the same people with the sets ignored the exact test errs on the safe side: cases and their controls are alike, which the relabelling of everybody does not know.
- Where controls were too few to be alike, **what is left of the variable confounds within the sets too**: matching was done, and the test is wrong all the same. No test without the variable can be trusted there.
- With the variable as covariate within the sets both the trend on fitted risks and Firth hold their level (the former on the safe side, as [elsewhere](confounding.md)). So a study with \`design: matched\` leaves a covariate to its sets only where cases and matched controls differ by no more
  than 0.1 standard deviations; every other stays in the fits and in the odds by which labels are redrawn, and the report names it with its difference.

None of this helps against what nobody measured.
`
writeFileSync(fileURLToPath(new URL('docs/statistics/matched-confounding.md', root)), page)
