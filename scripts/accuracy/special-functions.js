import { decimal, fixed, logarithmicOf, logOf, rational, ulps } from './exact-numbers.js'
import { row, section } from './page.js'
import { table } from './read.js'

const oracle = 'mpmath 1.3.0, 60 digits'

/** Special functions: errors in units of the last place of the true value. */
export function specialFunctions(s) {
  const rows = []
  const measure = (name, file, bar, { keep = () => true, found, expected, error = ulps }) => {
    const points = table(`11_special/expected_${file}`).filter((r) => !/inf/.test(expected(r)) && keep(r))
    rows.push(
      row(
        name,
        oracle,
        points.map((r) => error(found(r), decimal(expected(r)))),
        bar,
      ),
    )
  }
  const normal = (text) => !/e-3(0[89]|[1-9]\d)/.test(text)
  const elementary = { exp: 1, expm1: 2, log: 1, log1p: 2, pow: 3, sin: 1, cos: 1, logChoose: 45 }
  for (const [name, bar] of Object.entries(elementary))
    measure(name, 'elementary', bar, {
      keep: (r) => r.function === name && normal(r.value),
      found: (r) => s[name](Number(r.x), Number(r.y)),
      expected: (r) => r.value,
    })
  // The oracle's own digits test the logarithm that stands behind every other page of exact numbers.
  for (const r of table('11_special/expected_elementary').filter((r) => r.function === 'log')) {
    const [a, b] = fixed(logOf(rational(Number(r.x))))
    const [c, d] = decimal(r.value)
    const off = a * d - c * b
    if ((off < 0n ? -off : off) * 10n ** 22n > (c < 0n ? -c : c) * b) throw new Error(`log ${r.x} is not ${r.value}`)
  }
  const unary = (name, file, bar, argument, value, keep) =>
    measure(name, file, bar, { keep, found: (r) => s[name](Number(r[argument])), expected: (r) => r[value] })
  unary('logGamma', 'lgamma', 50, 'x', 'lgamma')
  unary('digamma', 'digamma', 200, 'x', 'digamma')
  unary('erfc', 'erfc', 5, 'x', 'erfc', (r) => normal(r.erfc))
  unary('normalLogTail', 'normal_tail', 3, 'z', 'log_p_upper')
  unary('normalQuantile', 'normal_quantile', 5, 'p', 'z_lower')
  unary('normalQuantileLog', 'normal_quantile_log', 3, 'log_p_upper', 'z')
  measure('betaIncomplete', 'betainc', 2000, {
    keep: (r) => normal(r.I_x) && !/e-[3-9]\d\d/.test(r.I_x),
    found: (r) => s.betaIncomplete(Number(r.a), Number(r.b), Number(r.x)),
    expected: (r) => r.I_x,
  })
  const ofLog = (name, file, bar, found, value, keep) =>
    measure(name, file, bar, {
      keep,
      found,
      expected: (r) => r[value],
      // Units of the last place of 1, or of the logarithm where that is larger: what is wrong with p itself.
      error: (f, e) => logarithmicOf(f, e) * 2 ** 52,
    })
  ofLog('chiSquareLogTail', 'chi2_upper', 20, (r) => s.chiSquareLogTail(Number(r.x), Number(r.df)), 'log_p_upper')
  ofLog(
    'logBetaIncomplete',
    'betainc',
    40,
    (r) => s.logBetaIncomplete(Number(r.a), Number(r.b), Number(r.x)),
    'log_I_x',
  )
  ofLog(
    'studentLogTail, both sides',
    'student_t',
    40,
    (r) => s.studentLogTail(Math.abs(Number(r.t)), Number(r.df)) + Math.LN2,
    'log_p_two_sided',
  )
  ofLog(
    'hypergeometricLogPmf',
    'hypergeometric',
    20,
    (r) => s.hypergeometricLogPmf(Number(r.x), Number(r.K_marked), Number(r.n_drawn), Number(r.N_total)),
    'log_pmf',
  )
  const large = {
    chiSquareLogTail: (r) => s.chiSquareLogTail(Number(r.x), Number(r.a)),
    studentLogTail: (r) => s.studentLogTail(Number(r.x), Number(r.a)),
    binomialLogPmf: (r) => s.binomialLogPmf(Number(r.x), Number(r.a), Number(r.b)),
    logBetaIncomplete: (r) => s.logBetaIncomplete(Number(r.a), Number(r.b), Number(r.x)),
  }
  for (const [name, found] of Object.entries(large))
    ofLog(`${name}, large parameters`, 'large', 90, found, 'log_value', (r) => r.function === name)
  return section(
    'Special functions',
    'Errors are in units of the last place (ulps): of the true value for functions down to `betaIncomplete`; below it stand logarithms of probabilities, whose unit is the last place of 1 or, where it is larger, of the logarithm: an error of one such unit changes the probability by 2.2e-16 of itself. True values were computed with 60 digits at the exact double that was given. Values below the smallest normal double are left out.',
    rows,
  )
}
