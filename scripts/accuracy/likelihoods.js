import { bySet, collector, scaled } from './collector.js'
import { absolute, decimal } from './exact-numbers.js'
import { section } from './page.js'
import { table } from './read.js'

const numbers = (rows, name) => rows.map((r) => Number(r[name]))

/** Expected numbers of a set by fit and name. */
function lookup(path) {
  const all = new Map(table(path).map((r) => [`${r.set} ${r.fit} ${r.name}`, r.value]))
  return (set, fit, name) => all.get(`${set} ${fit} ${name}`)
}

/** Maxima of small likelihoods against mpmath. */
export function likelihoods(statistics) {
  const to = collector('mpmath 1.3.0, 50 digits')
  logistic(statistics, to)
  misclassified(statistics, to)
  matched(statistics, to)
  cox(statistics, to)
  return section(
    'Likelihoods of few people',
    'Errors over the larger of 1 and the number; p by the measure of exact tests. Every likelihood was written once more as a value and climbed with 50 digits by central differences: 231 people in five sets (one separated), 4 sets of cases that may be none, 4 of matched sets (every choice of cases listed, one separated), 3 of survival with ties (entry times and strata in one, one separated). At a flat top an estimate is known to about the square root of what the likelihood is known to, which the bars allow for.',
    to.rows(),
  )
}

const bars = { beta: 1e-8, se: 1e-8, chi2: 1e-8, logp: 1e-8, low: 1e-8, high: 1e-8 }
const words = { beta: 'estimate', se: 'standard error', chi2: 'chi-square', logp: 'p', low: 'limits', high: 'limits' }

/** A test's numbers under `name`. */
function compareTest(to, name, found, expected, keys = Object.keys(bars)) {
  const of = {
    beta: found.beta,
    se: found.standardError,
    chi2: found.chiSquare,
    logp: found.logP,
    low: found.low,
    high: found.high,
  }
  for (const key of keys) to.note(`${name}: ${words[key]}`, bars[key], scaled(of[key], expected(key)))
}

/** Coefficients, standard errors and log-likelihood of a plain fit. */
function compareFit(to, name, fit, expected) {
  for (const [j, b] of fit.coefficients.entries()) {
    to.note(`${name}: coefficients`, 1e-9, scaled(b, expected(`b${j}`)))
    to.note(`${name}: standard errors`, 1e-8, scaled(fit.standardErrors[j], expected(`se${j}`)))
  }
  to.note(`${name}: log-likelihood`, 1e-12, scaled(fit.logLikelihood, expected('loglik')))
}

function logistic({ maximumLikelihood, logFRegression, firthRegression, saddlepointScore, fitNull }, to) {
  const expected = lookup('14_likelihoods/expected_logistic')
  const risks = bySet('14_likelihoods/expected_null_risks')
  for (const [set, people] of bySet('14_likelihoods/inputs_logistic')) {
    const cases = numbers(people, 'case')
    const [x1, x2, tested] = ['x1', 'x2', 'g'].map((name) => Float64Array.from(numbers(people, name)))
    const data = { cases, columns: [x1, x2], tested }
    const named = (columns) => columns.map((values, j) => ({ name: `x${j}`, values }))
    if (expected(set, 'ml', 'loglik') !== undefined)
      compareFit(to, 'maximumLikelihood', maximumLikelihood(cases, named([x1, x2, tested])), (name) =>
        expected(set, 'ml', name),
      )
    for (const m of [1, 2])
      compareTest(to, `logFRegression, m = ${m}`, logFRegression(data, m), (name) => expected(set, `logf${m}`, name))
    const firth = firthRegression(data)
    compareTest(to, 'firthRegression', firth, (name) => expected(set, 'firth', name), ['beta', 'chi2', 'logp'])
    to.note('firthRegression: FLIC intercept', 1e-8, scaled(firth.flicIntercept, expected(set, 'firth', 'flic')))
    const score = saddlepointScore(data)
    to.note('saddlepointScore: z', 1e-9, scaled(score.z, expected(set, 'saddlepoint', 'z')))
    to.note('saddlepointScore: p', 1e-9, scaled(score.logP, expected(set, 'saddlepoint', 'logp')))
    to.note('saddlepointScore: normal p', 1e-9, scaled(score.normalLogP, expected(set, 'saddlepoint', 'normal_logp')))
    const fitted = fitNull(cases, named([x1, x2]))
    risks.get(set).forEach((r, i) => {
      to.note('fitNull: risks', 1e-8, absolute(fitted.risks[i], decimal(r.risk)))
    })
  }
}

function misclassified({ misclassifiedCases }, to) {
  const expected = bySet('14_likelihoods/expected_misclassified')
  for (const [set, people] of bySet('14_likelihoods/inputs_misclassified')) {
    const found = misclassifiedCases(numbers(people, 'g'), numbers(people, 'case'), numbers(people, 'truth'))
    const [wanted] = expected.get(set)
    to.note('misclassifiedCases: estimate', 1e-6, scaled(found.beta, wanted.beta))
    to.note('misclassifiedCases: p', 1e-8, scaled(found.logP, wanted.logp))
    to.note('misclassifiedCases: limits', 1e-6, scaled(found.low, wanted.low))
    to.note('misclassifiedCases: limits', 1e-6, scaled(found.high, wanted.high))
  }
}

function matched({ conditionalLogistic, conditionalFirth, MatchedFirth, fitNullWithin }, to) {
  const expected = lookup('14_likelihoods/expected_matched')
  const risks = bySet('14_likelihoods/expected_within_risks')
  for (const [set, people] of bySet('14_likelihoods/inputs_matched')) {
    const [sets, cases, x, g] = ['stratum', 'case', 'x', 'g'].map((name) => Float64Array.from(numbers(people, name)))
    if (expected(set, 'ml', 'loglik') !== undefined)
      compareFit(to, 'conditionalLogistic', conditionalLogistic({ cases, sets, columns: [x, g] }), (name) =>
        expected(set, 'ml', name),
      )
    const firth = (name) => expected(set, 'firth', name)
    compareTest(to, 'conditionalFirth', conditionalFirth({ cases, sets, columns: [x], tested: g }), firth)
    compareTest(to, 'MatchedFirth', new MatchedFirth({ cases, sets, columns: [x] }).test(g, true), firth)
    const within = fitNullWithin(cases, sets, [{ name: 'x', values: x }])
    risks.get(set).forEach((r, i) => {
      to.note('fitNullWithin: risks', 1e-8, absolute(within.risks[i], decimal(r.risk)))
    })
  }
}

function cox({ coxRegression, coxFirth }, to) {
  const expected = lookup('14_likelihoods/expected_cox')
  for (const [set, people] of bySet('14_likelihoods/inputs_cox')) {
    const [entry, time, status, strata, x, g] = ['entry', 'time', 'status', 'stratum', 'x', 'g'].map((name) =>
      numbers(people, name),
    )
    for (const ties of ['efron', 'breslow']) {
      const data = { time, status, entry, strata }
      if (expected(set, `ml_${ties}`, 'loglik') !== undefined)
        compareFit(to, `coxRegression, ${ties}`, coxRegression({ ...data, columns: [x, g] }, ties), (name) =>
          expected(set, `ml_${ties}`, name),
        )
      compareTest(to, `coxFirth, ${ties}`, coxFirth({ ...data, columns: [x], tested: g }, ties), (name) =>
        expected(set, `firth_${ties}`, name),
      )
    }
  }
}
