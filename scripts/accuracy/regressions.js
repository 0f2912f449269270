import { absolute, decimal, logarithmic, logOf, relative } from './exact-numbers.js'
import { row, section } from './page.js'
import { genotypes, table, text } from './read.js'

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length

/** Firth's regression of tables (intercept and copies) and of variants with covariates and missing calls. */
export function firth(statistics, kernels) {
  const { firthRegression } = statistics
  const rows = []
  const own = 'own fit to 1e-11, R 4.2.2'
  const tables = new Map(table('01_tables/inputs').map((r) => [r.id, r]))
  const fits = table('01_tables/expected_firth').map((r) => {
    const t = tables.get(r.id)
    const counts = [t.case_rr, t.case_ra, t.case_aa, t.ctrl_rr, t.ctrl_ra, t.ctrl_aa].map(Number)
    const cases = Uint8Array.from(counts.flatMap((n, cell) => Array(n).fill(cell < 3 ? 1 : 0)))
    const tested = Float64Array.from(counts.flatMap((n, cell) => Array(n).fill(cell % 3)))
    return { fit: firthRegression({ cases, tested, columns: [] }, { profile: true }), r }
  })
  const measure = (name, oracle, bar, of, found) =>
    rows.push(
      row(
        name,
        oracle,
        of.map(([f, e]) => found(f, e)),
        bar,
      ),
    )
  const pick = (list, value, column) =>
    list.filter(({ r }) => r[column] !== 'NA').map(({ fit, r }) => [value(fit), r[column]])
  const off = (f, e) => absolute(f, decimal(e))
  const logOff = (f, e) => logarithmic(f, logOf(decimal(e)))
  measure(
    'firthRegression, 2x3 tables: log OR',
    own,
    1e-8,
    pick(fits, (f) => f.beta, 'own_firth_beta'),
    off,
  )
  measure(
    'the same',
    'brglm2 0.9',
    1e-8,
    pick(fits, (f) => f.beta, 'brglm2_beta'),
    off,
  )
  measure(
    'the same',
    'logistf 1.26.1',
    1e-8,
    pick(fits, (f) => f.beta, 'firth_beta'),
    off,
  )
  measure(
    'its standard error',
    own,
    1e-8,
    pick(fits, (f) => f.standardError, 'own_firth_se'),
    off,
  )
  measure(
    'its p (logarithm)',
    own,
    1e-8,
    pick(fits, (f) => f.logP, 'own_firth_lrt_p'),
    logOff,
  )
  const limits = [
    ...pick(fits, (f) => f.low, 'own_firth_ci_lo'),
    ...pick(fits, (f) => f.high, 'own_firth_ci_hi'),
  ].filter(([f]) => f !== null)
  measure('its profile limits', own, 1e-6, limits, off)

  for (const set of ['n125', 'n265']) {
    const people = table(`02_firth/${set}.pheno`)
    const calls = genotypes(`02_firth/${set}.vcf.gz`)
    const cases = people.map((p) => Number(p.case) - 1)
    const ages = people.map((p) => Number(p.age))
    const columns = [
      people.map((p) => Number(p.sex) - 1),
      ages.map((a) => (a - mean(ages)) / 10),
      people.map((p) => 10 * Number(p.pc1)),
      people.map((p) => 10 * Number(p.pc2)),
    ]
    const expected = table(`02_firth/${set}.expected`).filter((r) => r.status === 'ok' && r.own_converged === '1')
    const found = expected.map((r) => ({
      fit: firthRegression({
        cases,
        columns,
        tested: Float64Array.from(calls.get(r.id), (g) => (g < 0 ? Number.NaN : g)),
      }),
      r,
    }))
    const name = `firthRegression, 4 covariates, ${people.length} people`
    measure(
      `${name}: log OR`,
      own,
      1e-8,
      pick(found, (f) => f.beta, 'own_beta'),
      off,
    )
    measure(
      'its standard error',
      own,
      1e-8,
      pick(found, (f) => f.standardError, 'own_se'),
      off,
    )
    measure(
      'its p (logarithm)',
      own,
      1e-8,
      pick(found, (f) => f.logP, 'own_lrt_p'),
      logOff,
    )
    const both = [...pick(found, (f) => f.low, 'logistf_ci_lo'), ...pick(found, (f) => f.high, 'logistf_ci_hi')]
    measure('its profile limits', 'logistf 1.26.1', 1e-6, both, off)
    const together = inBatches(
      statistics,
      kernels(),
      { cases, columns },
      expected.map((r) => calls.get(r.id)),
    )
      .map((fit, v) => ({ fit, r: expected[v] }))
      .filter(({ fit }) => fit.outcome === 2)
    measure(
      `FirthBatch, the same ${people.length} people: log OR`,
      own,
      1e-8,
      pick(together, (f) => f.beta, 'own_beta'),
      off,
    )
    measure(
      'its standard error',
      own,
      1e-8,
      pick(together, (f) => f.standardError, 'own_se'),
      off,
    )
    measure(
      'its p (logarithm)',
      own,
      1e-8,
      pick(together, (f) => f.logP, 'own_lrt_p'),
      logOff,
    )
  }
  return section(
    "Firth's penalised regression",
    'Absolute errors of log odds ratios, standard errors and limits; p by the measure of exact tests. The own fit in R maximises the penalised likelihood independently and takes the standard error from the ordinary information.',
    rows,
  )
}

/** Fits of variants four at once, as a scan makes them. Copies below 0 are missing. */
function inBatches({ FirthBatch, fitNull, lanes }, k, { cases, columns }, variants) {
  const covariates = columns.map((values, j) => ({ name: `${j}`, values: Float64Array.from(values) }))
  const base = fitNull(Uint8Array.from(cases), covariates)
  const words = Math.ceil(cases.length / 64)
  const fits = []
  k.scope(() => {
    const batch = new FirthBatch(cases, base.columns, base.coefficients)
    const bits = k.put(Int32Array.from(cases, (_, i) => i))
    for (let from = 0; from < variants.length; from += lanes) {
      const some = variants.slice(from, from + lanes).map((copies) => {
        const record = new Uint8Array(16 * words)
        copies.forEach((g, i) => {
          const code = g < 0 ? 3 : g
          record[i >> 3] |= (code & 1) << (i & 7)
          record[8 * words + (i >> 3)] |= (code >> 1) << (i & 7)
        })
        return k.put(record)
      })
      fits.push(...batch.test(some, words, bits))
    }
  })
  return fits
}

/** The mixed model of visits. */
export function mixedModel({ fitMixedModel }) {
  const visits = table('05_mixed/inputs')
  const ids = [...new Set(visits.map((r) => r.id))]
  const index = new Map(ids.map((id, i) => [id, i]))
  const month = visits.map((r) => Number(r.month))
  const group = visits.map((r) => Number(r.group))
  const errors = {}
  const note = (name, value) => {
    ;(errors[name] ??= []).push(value)
  }
  const terms = ['(Intercept)', 'month', 'group', 'sitelimb', 'month:group']
  for (const [outcome, method] of [
    ['score_cont', 'REML'],
    ['score_cont', 'ML'],
    ['score', 'REML'],
  ]) {
    const fit = fitMixedModel(
      {
        subjects: ids.length,
        subject: visits.map((r) => index.get(r.id)),
        time: month,
        response: visits.map((r) => Number(r[outcome])),
        fixed: [
          visits.map(() => 1),
          month,
          group,
          visits.map((r) => (r.site === 'limb' ? 1 : 0)),
          month.map((m, i) => m * group[i]),
        ],
      },
      { method },
    )
    const mine = (r) => r.outcome === outcome && r.method === method
    const variance = table('05_mixed/expected_variance').find(mine)
    note('log-likelihood', absolute(fit.logLikelihood, decimal(variance.loglik)))
    for (const [value, column] of [
      [fit.varIntercept, 'var_int'],
      [fit.varSlope, 'var_slope'],
      [fit.covariance, 'cov'],
      [fit.varResidual, 'sigma2'],
    ])
      note('variances', relative(value, decimal(variance[column])))
    for (const r of table('05_mixed/expected_fixed').filter(mine)) {
      const j = terms.indexOf(r.term)
      note('fixed effects', absolute(fit.fixed[j], decimal(r.lmer_est)))
      note('their standard errors', absolute(fit.fixedSe[j], decimal(r.lmer_se)))
    }
    for (const r of table('05_mixed/expected_blups').filter(mine)) {
      const i = index.get(r.id)
      note('BLUPs', absolute(fit.blupIntercept[i], decimal(r.blup_int)))
      note('BLUPs', absolute(fit.blupSlope[i], decimal(r.blup_slope)))
    }
  }
  const bars = {
    'log-likelihood': 1e-7,
    variances: 1e-4,
    'fixed effects': 1e-5,
    'their standard errors': 1e-5,
    BLUPs: 1e-4,
  }
  return section(
    'Mixed model of visits',
    '`fitMixedModel` is `fitFromSums` of `localSums`. Random intercept and slope, 400 people, 3,017 visits, by REML and ML. Absolute errors, variances relative. The peer stops at a tolerance of its own (lme4 and nlme agree with each other to 1e-7 in the variances), which is what these errors show.',
    Object.entries(errors).map(([name, list]) => row(`fitMixedModel: ${name}`, 'lme4 1.1-31', list, bars[name])),
  )
}

/** Censored regression and rank tests. */
export function biomarkers({ censoredRegression, kruskalWallis, jonckheereTerpstra }, log) {
  const rows = []
  const people = table('09_biomarkers/inputs_lod')
  const below = people.map((r) => r.below === '1')
  const names = ['grp', 'age', 'geno']
  const fit = censoredRegression({
    y: Float64Array.from(people, (r, i) => log(Number(below[i] ? r.lod : r.value))),
    censoring: Int8Array.from(below, (b) => (b ? -1 : 0)),
    x: Float64Array.from(people.flatMap((r) => [1, ...names.map((name) => Number(r[name]))])),
    p: 4,
  })
  const expected = JSON.parse(text('09_biomarkers/expected.json')).survreg_gaussian_log
  const near = (found, value) => absolute(found, decimal(String(value)))
  const survreg = 'survreg, survival 3.5-3'
  const coefficients = Object.values(expected.coef).map((b, i) => near(fit.beta[i], b))
  rows.push(
    row(
      'censoredRegression: coefficients and scale',
      survreg,
      [...coefficients, near(fit.sigma, expected.scale)],
      1e-7,
    ),
  )
  const errors = Object.values(expected.se_all).map((se, i) => near(Math.sqrt(fit.covariance[i * 5 + i]), se))
  rows.push(row('its standard errors', survreg, errors, 1e-7))
  rows.push(row('its log-likelihood', survreg, [near(fit.logLikelihood, expected.loglik[1])], 1e-7))
  const inputs = table('09_biomarkers/inputs_rank')
  const sets = table('09_biomarkers/expected_rank').map((r) => {
    const own = inputs.filter((p) => p.set === r.set)
    const [values, groups] = [own.map((p) => Number(p.x)), own.map((p) => Number(p.group) - 1)]
    return { r, kw: kruskalWallis(values, groups), jt: jonckheereTerpstra(values, groups) }
  })
  const relativeTo = (pick, column) => sets.map((s) => relative(pick(s), decimal(s.r[column])))
  rows.push(
    row(
      'kruskalWallis: statistic',
      'R 4.2.2',
      sets.map((s) => absolute(s.kw.statistic, decimal(s.r.kw_H))),
      1e-10,
    ),
  )
  rows.push(
    row(
      'kruskalWallis: p',
      'R 4.2.2',
      relativeTo((s) => s.kw.p, 'kw_p'),
      1e-10,
    ),
  )
  const exact = [
    ...relativeTo((s) => s.jt.increasing, 'jt_exact_increasing'),
    ...relativeTo((s) => s.jt.decreasing, 'jt_exact_decreasing'),
    ...relativeTo((s) => s.jt.twoSided, 'jt_exact_two_abs'),
  ]
  rows.push(row('jonckheereTerpstra: exact p, three directions', 'dynamic programme, R 4.2.2', exact, 1e-10))
  const two = sets.filter((s) => s.r.wx_coin_exact_p !== 'NA')
  rows.push(
    row(
      'the same for two groups',
      'coin 1.4-2, exact Wilcoxon',
      two.map((s) => relative(s.jt.twoSided, decimal(s.r.wx_coin_exact_p))),
      1e-10,
    ),
  )
  return section(
    'Biomarkers',
    'Left-censored Gaussian regression (absolute errors) and rank tests with ties (p: relative errors).',
    rows,
  )
}
