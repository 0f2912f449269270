import { absolute, decimal } from './exact-numbers.js'
import { row, section } from './page.js'
import { table, text } from './read.js'

const near = (found, value) => absolute(found, decimal(String(value))) / Math.max(1, Math.abs(value))
const numbers = (rows, name) => rows.map((r) => Number(r[name]))

/** Matched sets, survival, and the distances of matching. */
export function survival({ conditionalLogistic, coxRegression }, { mahalanobisDistances }) {
  const expected = JSON.parse(text('08_survival/expected.json'))
  const rows = []
  const compare = (name, oracle, fits) => {
    const each = (pick) => fits.flatMap(([fit, wanted, keys]) => pick(fit, wanted, keys))
    const coefficients = each((f, w, keys) => keys.map((key, j) => near(f.coefficients[j], w.coef[key])))
    const errors = each((f, w, keys) => keys.map((key, j) => near(f.standardErrors[j], w.se[key])))
    const likelihoods = each((f, w) => [near(f.nullLogLikelihood, w.loglik[0]), near(f.logLikelihood, w.loglik[1])])
    rows.push(
      row(`${name}: coefficients`, oracle, coefficients, 1e-9),
      row(`${name}: standard errors`, oracle, errors, 1e-8),
      row(`${name}: log-likelihoods`, oracle, likelihoods, 1e-11),
    )
  }
  const one = table('08_survival/inputs_clogit')
  const several = table('08_survival/inputs_clogit_mn')
  const clogit = (people, names) =>
    conditionalLogistic({
      cases: numbers(people, 'case'),
      sets: numbers(people, 'set'),
      columns: names.map((name) => numbers(people, name)),
    })
  compare('conditionalLogistic, exact', 'clogit, survival 3.5-3', [
    [clogit(one, ['g']), expected.clogit_exact_g, ['g']],
    [clogit(one, ['g', 'dfs']), expected.clogit_exact_g_dfs, ['g', 'dfs']],
    [clogit(several, ['g', 'age']), expected.clogit_mn_exact, ['g', 'age']],
  ])
  const people = table('08_survival/inputs_cox')
  const cox = (kept, more, ties) =>
    coxRegression(
      {
        time: numbers(kept, 'time'),
        status: numbers(kept, 'status'),
        columns: [numbers(kept, 'g'), numbers(kept, 'age')],
        ...more,
      },
      ties,
    )
  const entered = people.filter((r) => Number(r.entry) < Number(r.time))
  compare('coxRegression', 'coxph, survival 3.5-3', [
    [cox(people, {}, 'efron'), expected.cox_efron, ['g', 'age']],
    [cox(people, {}, 'breslow'), expected.cox_breslow, ['g', 'age']],
    [
      cox(entered, { entry: numbers(entered, 'entry'), strata: numbers(entered, 'bulbar') }),
      expected.cox_entry_strata_efron,
      ['g', 'age'],
    ],
  ])
  const names = ['age', 'onset_m', 'dfs', 'sex']
  const matched = table('08_matching/inputs_match')
  const of = (code) => matched.filter((r) => r.case === code).map((r) => names.map((name) => Number(r[name])))
  const { distances } = mahalanobisDistances(of('1'), of('0'), names)
  const wanted = text('08_matching/expected_mahalanobis.tsv')
    .trim()
    .split('\n')
    .slice(1)
    .flatMap((line) => line.split('\t').slice(1))
  rows.push(
    row(
      'mahalanobisDistances',
      'MatchIt 4.5.1',
      wanted.map((cell, i) => near(distances[i], Number(cell))),
      1e-12,
    ),
  )
  return section(
    'Matched sets, survival, matching',
    'Errors over the larger of 1 and the number. The penalised forms stand among the likelihoods of few people.',
    rows,
  )
}
