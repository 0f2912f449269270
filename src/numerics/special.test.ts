import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  betaIncomplete,
  binomialLogPmf,
  chiSquareLogTail,
  chiSquareQuantile,
  chiSquareQuantileLog,
  cos,
  digamma,
  erfc,
  exp,
  expm1,
  hypergeometricLogPmf,
  log,
  log1p,
  logBetaIncomplete,
  logChoose,
  logFactorial,
  logGamma,
  logSumExp,
  normalCdf,
  normalLogTail,
  normalQuantile,
  normalQuantileLog,
  pow,
  sin,
  studentLogTail,
} from './special.ts'

/** Rows of an oracle table: 60-digit values printed to 30, so parsing rounds correctly. */
function oracle(name: string): number[][] {
  const text = readFileSync(new URL(`../../tests/oracles/11_special/expected_${name}.tsv`, import.meta.url), 'utf8')
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) =>
      line.split('\t').map((cell) => (cell === '-inf' ? -Infinity : cell === 'inf' ? Infinity : Number(cell))),
    )
}

const relative = (value: number, expected: number) =>
  value === expected ? 0 : Math.abs(value - expected) / Math.abs(expected)
/** The measure of a logarithm of a probability. */
const logarithmic = (value: number, expected: number) =>
  value === expected ? 0 : Math.abs(value - expected) / Math.max(1, Math.abs(expected))

/** The largest error over rows and where it is. */
function worst(rows: number[][], error: (row: number[]) => number): { error: number; row: number[] } {
  let at: { error: number; row: number[] } = { error: 0, row: [] }
  for (const row of rows) {
    const e = error(row)
    if (!(e <= at.error)) at = { error: e, row }
  }
  return at
}

const report = (name: string, rows: number[][], error: (row: number[]) => number, bar: number) => {
  const found = worst(rows, error)
  expect(found.error, `${name} at ${found.row.join()}`).toBeLessThanOrEqual(bar)
}

test('log Gamma and digamma', () => {
  report('logGamma', oracle('lgamma'), ([x, v]) => relative(logGamma(x), v), 1e-14)
  report('digamma', oracle('digamma'), ([x, v]) => logarithmic(digamma(x), v), 1e-14)
})
test('normal tails and quantiles', () => {
  report(
    'erfc',
    oracle('erfc').filter((r) => r[2] > 2.3e-308),
    ([x, , v]) => relative(erfc(x), v),
    1e-14,
  )
  report('normalLogTail', oracle('normal_tail'), ([z, v]) => relative(normalLogTail(z), v), 1e-14)
  report(
    'normalCdf',
    oracle('normal_tail').filter((r) => r[0] < 37),
    ([z, v]) => relative(Math.log(normalCdf(-z)), v),
    1e-13,
  )
  report('normalQuantile', oracle('normal_quantile'), ([p, z]) => relative(normalQuantile(p), z), 1e-14)
  report('normalQuantileLog', oracle('normal_quantile_log'), ([p, z]) => relative(normalQuantileLog(p), z), 1e-14)
})
test('chi-square', () => {
  report('chiSquareLogTail', oracle('chi2_upper'), ([x, df, , v]) => logarithmic(chiSquareLogTail(x, df), v), 1e-13)
  // where the tail is within 1e-12 of 1 the oracle itself has lost digits
  report(
    'chiSquareLogTail rel',
    oracle('chi2_upper').filter((r) => r[3] < -1e-12),
    ([x, df, , v]) => relative(chiSquareLogTail(x, df), v),
    1e-12,
  )
  report(
    'chiSquareQuantileLog',
    oracle('chi2_upper').filter((r) => r[2] < 0.999),
    ([x, df, , v]) => relative(chiSquareQuantileLog(v, df), x),
    1e-12,
  )
  expect(chiSquareQuantile(0.95, 1)).toBeCloseTo(3.841458820694124, 13)
})
test('beta and t', () => {
  report('logBeta', oracle('betainc'), ([x, a, b, , , v]) => logarithmic(logBetaIncomplete(a, b, x), v), 1e-13)
  report('beta', oracle('betainc'), ([x, a, b, v]) => relative(betaIncomplete(a, b, x), v), 1e-12)
  report('student', oracle('student_t'), ([t, df, , v]) => logarithmic(studentLogTail(t, df) + Math.LN2, v), 1e-13)
})
test('hypergeometric', () => {
  report(
    'hyper',
    oracle('hypergeometric'),
    ([k, m, d, n, v]) => logarithmic(hypergeometricLogPmf(k, m, d, n), v),
    1e-13,
  )
})
/** Rows of one function in a table with the function's name in front. */
function named(file: string, name: string): number[][] {
  const text = readFileSync(new URL(`../../tests/oracles/11_special/${file}.tsv`, import.meta.url), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
    .filter((cells) => cells[0] === name)
    .map((cells) => cells.slice(1).map(Number))
}

test('elementary functions', () => {
  const unit = 2 ** -53
  const functions: [string, (x: number, y: number) => number, number][] = [
    ['exp', exp, 2],
    ['expm1', expm1, 4],
    ['log', log, 2],
    ['log1p', log1p, 3],
    ['sin', sin, 2],
    ['cos', cos, 2],
    ['pow', pow, 6],
    ['logChoose', logChoose, 90],
  ]
  for (const [name, f, halfUlps] of functions)
    report(name, named('expected_elementary', name), ([x, y, v]) => relative(f(x, y), v) / unit, halfUlps)
})

test('tails with large parameters', () => {
  const functions: [string, (x: number, a: number, b: number) => number][] = [
    ['chiSquareLogTail', chiSquareLogTail],
    ['studentLogTail', studentLogTail],
    ['binomialLogPmf', binomialLogPmf],
    ['logBetaIncomplete', (x, a, b) => logBetaIncomplete(a, b, x)],
  ]
  for (const [name, f] of functions)
    report(`large ${name}`, named('expected_large', name), ([x, a, b, v]) => logarithmic(f(x, a, b), v), 2e-14)
})

test('quantiles invert their tails, in the middle and far out', () => {
  for (const df of [0.5, 1, 2, 3, 7.5, 100, 10000])
    for (const logTail of [-1e-12, -0.01, -0.3, -1, -10, -100, -3000]) {
      logarithmicallyNear(chiSquareLogTail(chiSquareQuantileLog(logTail, df), df), logTail, `${df} ${logTail}`)
    }
  for (const z of [-30, -8, -1, -1e-3, -1e-10, 1e-200, 1e-10, 0.01, 0.3, 0.84, 2, 9, 37, 1e3, 1e8])
    expect(relative(normalQuantileLog(normalLogTail(z)), z), `${z}`).toBeLessThan(
      // beyond the middle the tail itself holds z only to this
      Math.abs(z) < 0.1 ? 1.2e-16 / Math.abs(z) + 1e-15 : z < -1 ? 2e-16 / -normalLogTail(z) + 1e-14 : 1e-14,
    )
  for (const p of [1e-300, 1e-10, 0.3, 0.4999999, 0.5000001, 0.9])
    expect(relative(normalCdf(normalQuantile(p)), p)).toBeLessThan(3e-13)
})

function logarithmicallyNear(found: number, expected: number, what: string): void {
  expect(logarithmic(found, expected), `${what}: ${found}`).toBeLessThan(1e-12)
}

test('ends of the domains', () => {
  expect([exp(0), exp(-Infinity), exp(710), exp(-746), exp(-745)]).toEqual([1, 0, Infinity, 0, 5e-324])
  expect([exp(709.78), exp(-708.5), exp(-744)].map((v, i) => v === Math.exp([709.78, -708.5, -744][i]))).toEqual([
    true,
    true,
    true,
  ])
  expect([log(1), log(0), log(5e-324), log(Infinity), log(-1)]).toEqual([
    0,
    -Infinity,
    -744.4400719213812,
    Infinity,
    NaN,
  ])
  expect([expm1(-0), expm1(-100), expm1(1000), log1p(-1), log1p(-2)]).toEqual([-0, -1, Infinity, -Infinity, NaN])
  expect([
    pow(0, 0),
    pow(-2, 3),
    pow(-2, -1),
    pow(-8, 1 / 3),
    pow(0, -1),
    pow(2, 1023),
    pow(2, -1074),
    pow(2, 1024),
  ]).toEqual([1, -8, -0.5, NaN, Infinity, 2 ** 1023, 5e-324, Infinity])
  expect([pow(-0, 3), pow(-Infinity, 3), pow(10, 22), pow(0.5, Infinity), pow(-1, Infinity), pow(NaN, 0)]).toEqual([
    -0,
    -Infinity,
    1e22,
    0,
    1,
    1,
  ])
  expect([sin(-0), sin(Infinity), cos(0), sin(2e6)]).toEqual([-0, NaN, 1, NaN])
  expect([logGamma(0), logGamma(1), logGamma(2), logGamma(-1), logGamma(Infinity)]).toEqual([
    Infinity,
    0,
    0,
    NaN,
    Infinity,
  ])
  expect([logChoose(5, 0), logChoose(5, 6), logChoose(0, 0), logFactorial(0)]).toEqual([0, -Infinity, 0, 0])
  expect([erfc(-Infinity), erfc(0), erfc(Infinity), erfc(NaN), erfc(30)]).toEqual([2, 1, 0, NaN, 0])
  expect([normalLogTail(Infinity), normalLogTail(-Infinity), normalCdf(0)]).toEqual([-Infinity, -0, 0.5])
  expect([normalQuantile(0), normalQuantile(0.5), normalQuantile(1), normalQuantile(2)]).toEqual([
    -Infinity,
    0,
    Infinity,
    NaN,
  ])
  expect([chiSquareLogTail(0, 3), chiSquareLogTail(NaN, 3), chiSquareQuantile(0, 3), chiSquareQuantile(1, 3)]).toEqual([
    0,
    NaN,
    0,
    Infinity,
  ])
  expect([betaIncomplete(2, 3, 0), betaIncomplete(2, 3, 1), betaIncomplete(0, 1, 0.5)]).toEqual([0, 1, NaN])
  expect([studentLogTail(0, 3), studentLogTail(Infinity, 3), studentLogTail(1e200, 3) < -1000]).toEqual([
    -Math.LN2,
    -Infinity,
    true,
  ])
  expect([logSumExp([]), logSumExp([-Infinity]), logSumExp([Infinity, 1])]).toEqual([-Infinity, -Infinity, Infinity])
  expect(logSumExp([-1000, -1000])).toBeCloseTo(-1000 + Math.LN2, 12)
  expect(hypergeometricLogPmf(5, 3, 4, 10)).toBe(-Infinity)
})
