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
  if (process.env.ACC) console.log(name, found.error, found.row.slice(0, 4))
  expect(found.error, `${name} at ${found.row}`).toBeLessThanOrEqual(bar)
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
test('elementary', () => {
  let seed = 1
  const u = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648
  const w: Record<string, number> = {}
  const put = (n: string, a: number, b: number) => {
    w[n] = Math.max(w[n] ?? 0, relative(a, b))
  }
  for (let i = 0; i < 200000; i++) {
    const x = (u() - 0.5) * 1400
    const y = u() * 10 ** (u() * 600 - 300)
    const s = (u() - 0.5) * 10 ** (u() * 4 - 3)
    put('exp', exp(x), Math.exp(x))
    put('log', log(y), Math.log(y))
    put('expm1', expm1(s), Math.expm1(s))
    put('log1p', log1p(Math.abs(s)), Math.log1p(Math.abs(s)))
    put('log1p', log1p(s % 1), Math.log1p(s % 1))
    put('sin', sin(x), Math.sin(x))
    put('cos', cos(x), Math.cos(x))
    const e = (u() - 0.5) * 2
    put('pow', pow(y, e), y ** e)
  }
  if (process.env.ACC) console.log(w)
  for (const [n, e] of Object.entries(w)) expect(e, n).toBeLessThan(1e-15)
  expect([exp(0), exp(-Infinity), exp(710), exp(-746), exp(-745), log(1), log(0), log(5e-324)]).toEqual([
    1,
    0,
    Infinity,
    0,
    5e-324,
    0,
    -Infinity,
    Math.log(5e-324),
  ])
  expect([logChoose(5, 2), logFactorial(0), logFactorial(5)].map((v) => Math.round(Math.exp(v)))).toEqual([10, 1, 120])
  expect(logSumExp([-1000, -1000])).toBeCloseTo(-1000 + Math.LN2, 12)
  expect(binomialLogPmf(3, 10, 0.5)).toBeCloseTo(Math.log(120 / 1024), 14)
})
