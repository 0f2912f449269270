import { expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { censoredRegression } from '../censored/index.ts'
import { conditionalFirth, conditionalLogistic, MatchedFirth } from '../conditional-logistic/index.ts'
import { linearModel, partialF } from '../linear/index.ts'
import { logFRegression, maximumLikelihood, saddlepointScore } from '../logistic/index.ts'
import { coxFirth, coxRegression, fineGray } from '../survival/index.ts'
import { lessMeans, whitening } from './whitening.ts'

/** Errors of two numbers in units of the second's size, at least 1. */
const apart = (a: number | null, b: number | null) =>
  a === null || b === null ? (a === b ? 0 : Number.POSITIVE_INFINITY) : Math.abs(a - b) / Math.max(1, Math.abs(b))

/** People with two covariates and a tested column near 1 in size, and the same in units that users have. */
function people(random: RandomStream, n: number) {
  const plain = [0, 1].map(() => Array.from({ length: n }, () => random.normal()))
  const tested = Array.from({ length: n }, () => random.integer(3) + 0.2 * random.normal())
  // A date in milliseconds, and a column that all but goes along with it.
  const columns = [
    plain[0].map((v) => 1.6e12 + 2 ** 33 * v),
    plain[0].map((v, i) => 60 + 8 * (v + 2 ** -14 * plain[1][i])),
  ]
  const cases = Array.from({ length: n }, (_, i) => (random.normal() + 0.5 * plain[0][i] > 0.6 ? 1 : 0))
  return { plain, columns, tested, cases }
}

it('fits do not depend on units, means and near dependences of the columns', () => {
  const random = new RandomStream(71, 'test/whitening')
  const units = [1, 1e-6, 3000]
  for (let r = 0; r < 6; r++) {
    const n = 30 + random.integer(30)
    const { plain, columns, tested, cases } = people(random, n)
    const time = cases.map(() => 1 + random.integer(30))
    const status = cases.map((y) => (y === 1 ? 1 : random.integer(3) === 0 ? 2 : 0))
    const sets = cases.map((_, i) => i % 9)
    for (const unit of units) {
      const own = tested.map((v) => 2000 * unit + unit * v)
      for (const [name, a, b] of [
        ['cox', coxFirth({ time, status, columns: plain, tested }), coxFirth({ time, status, columns, tested: own })],
        [
          'conditional',
          conditionalFirth({ cases, sets, columns: plain, tested }),
          conditionalFirth({ cases, sets, columns, tested: own }),
        ],
      ] as const) {
        const what = `${name} ${r} ${unit}`
        expect(b.status, what).toBe(a.status)
        for (const key of ['beta', 'low', 'high', 'standardError'] as const)
          expect(apart(b[key] === null ? null : b[key] * unit, a[key]), `${what} ${key}`).toBeLessThan(1e-6)
        for (const key of ['logP', 'chiSquare'] as const)
          expect(apart(b[key], a[key]), `${what} ${key}`).toBeLessThan(1e-8)
      }
      const [a, b] = [
        coxRegression({ time, status, columns: [...plain, tested] }),
        coxRegression({ time, status, columns: [...columns, own] }),
      ]
      expect(apart(b.coefficients[2] * unit, a.coefficients[2])).toBeLessThan(1e-7)
      expect(apart(b.standardErrors[2] * unit, a.standardErrors[2])).toBeLessThan(1e-7)
      // b of the column that nearly goes along: e^-14 of the plain one's.
      expect(apart(b.standardErrors[1] * 8 * 2 ** -14, a.standardErrors[1])).toBeLessThan(1e-6)
      const gray = fineGray({ time, status, columns: [...columns, own] })
      const grayPlain = fineGray({ time, status, columns: [...plain, tested] })
      expect(apart(gray.robustStandardErrors[2] * unit, grayPlain.robustStandardErrors[2])).toBeLessThan(1e-7)
      const matched = conditionalLogistic({ cases, sets, columns: [...columns, own] })
      expect(
        apart(
          matched.standardErrors[2] * unit,
          conditionalLogistic({ cases, sets, columns: [...plain, tested] }).standardErrors[2],
        ),
      ).toBeLessThan(1e-7)
      const named = (all: number[][]) => all.map((values, j) => ({ name: `${j}`, values }))
      const [ml, mlPlain] = [
        maximumLikelihood(cases, named([...columns, own])),
        maximumLikelihood(cases, named([...plain, tested])),
      ]
      expect(ml.status).toBe(mlPlain.status)
      expect(apart(ml.coefficients[3] * unit, mlPlain.coefficients[3])).toBeLessThan(1e-7)
      expect(apart(ml.standardErrors[2] * 8 * 2 ** -14, mlPlain.standardErrors[2])).toBeLessThan(1e-6)
      expect(
        apart(
          saddlepointScore({ cases, columns, tested: own }).logP,
          saddlepointScore({ cases, columns: plain, tested }).logP,
        ),
      ).toBeLessThan(1e-8)
      const [logF, logFPlain] = [
        logFRegression({ cases, columns, tested }),
        logFRegression({ cases, columns: plain, tested }),
      ]
      for (const key of ['beta', 'low', 'high', 'standardError', 'logP'] as const)
        expect(apart(logF[key], logFPlain[key]), key).toBeLessThan(1e-7)
    }
  }
})

it('limits of a column in large or small units are where the profile has fallen by 3.84', () => {
  const time = Array.from({ length: 40 }, (_, i) => 1 + ((i * 7) % 31))
  const status = time.map((_, i) => (i % 3 === 0 ? 1 : 0))
  const plain = time.map((_, i) => ((i * 13) % 17) / 5)
  const expected = coxFirth({ time, status, columns: [], tested: plain })
  for (const unit of [1e-12, 1e-3, 1e12]) {
    const found = coxFirth({ time, status, columns: [], tested: plain.map((v) => unit * v) })
    expect(found.status).toBe('ok')
    expect(apart((found.low as number) * unit, expected.low)).toBeLessThan(1e-8)
    expect(apart((found.high as number) * unit, expected.high)).toBeLessThan(1e-8)
    const cases = status
    const sets = time.map((_, i) => i % 8)
    const matched = new MatchedFirth({ cases, sets, columns: [] }).test(
      plain.map((v) => unit * v),
      true,
    )
    const plainMatched = new MatchedFirth({ cases, sets, columns: [] }).test(plain, true)
    expect(apart((matched.high as number) * unit, plainMatched.high)).toBeLessThan(1e-8)
  }
})

it('linear and censored regressions do not depend on units, means and near dependences', () => {
  const random = new RandomStream(72, 'test/whitening')
  const n = 40
  const { plain, columns, tested } = people(random, n)
  const y = tested.map((v, i) => v + plain[1][i] + random.normal())
  const far = y.map((v) => 2 ** 20 + v)
  const [a, b] = [linearModel(y, [...plain, tested]), linearModel(far, [...columns, tested])]
  const unit = 8 * 2 ** -14
  expect(apart(b.coefficients[3], a.coefficients[3])).toBeLessThan(1e-8)
  expect(apart(b.coefficients[2] * unit, a.coefficients[2])).toBeLessThan(1e-7)
  for (const key of ['standardErrors', 'robustErrors'] as const) {
    expect(apart(b[key][3], a[key][3]), key).toBeLessThan(1e-8)
    expect(apart(b[key][2] * unit, a[key][2]), key).toBeLessThan(1e-7)
  }
  expect(apart(partialF(far, [...columns, tested], [2]).f, partialF(y, [...plain, tested], [2]).f)).toBeLessThan(1e-8)
  expect(() => partialF(y, plain, [5])).toThrow(/cannot be tested/)
  const censoring = Int8Array.from(y, (v) => (v < 0.5 ? -1 : 0))
  const at = (values: number[], given: number[][]) =>
    censoredRegression({
      y: Float64Array.from(values, (v, i) => (censoring[i] === 0 ? v : values[i] - y[i] + 0.5)),
      censoring,
      x: Float64Array.from(values.flatMap((_, i) => [1, ...given.map((column) => column[i])])),
      p: given.length + 1,
    })
  const [c, cFar] = [at(y, [...plain, tested]), at(far, [...columns, tested])]
  expect([c.status, cFar.status]).toEqual(['ok', 'ok'])
  expect(apart(cFar.sigma, c.sigma)).toBeLessThan(1e-7)
  expect(apart(cFar.logLikelihood, c.logLikelihood)).toBeLessThan(1e-7)
  expect(apart(cFar.beta[3], c.beta[3])).toBeLessThan(1e-7)
  expect(apart(Math.sqrt(cFar.covariance[2 * 5 + 2]) * unit, Math.sqrt(c.covariance[2 * 5 + 2]))).toBeLessThan(1e-6)
})

it('refuses what varies by no usable amount, and finds dependent columns', () => {
  const x = [1, 2, 4, 3]
  expect(whitening(lessMeans([x, x.map((v) => 3 - 2 * v)]).columns, 4)).toBeUndefined()
  expect(whitening(lessMeans([x, [5, 5, 5, 5]]).columns, 4)).toBeUndefined()
  expect(() => whitening(lessMeans([x.map((v) => 1e-90 * v)]).columns, 4)).toThrow(/another unit/)
  const { columns } = lessMeans([x, [1, 0, 0, 1]])
  const white = whitening(columns, 4)
  const own = white?.columns(columns) as Float64Array[]
  const product = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, i) => sum + (v * b[i]) / 4, 0)
  expect(product(own[0], own[0])).toBeCloseTo(1, 12)
  expect(product(own[1], own[1])).toBeCloseTo(1, 12)
  expect(product(own[0], own[1])).toBeCloseTo(0, 12)
})

it('a label that is nearly certain keeps its digits', () => {
  // One far value leaves log odds of 35 to a person: 1 less the risk is then the difference of two numbers that are alike.
  const far = [0, 1, 2, 3, 4, 5, 6, 7, 700]
  const cases = [0, 1, 0, 1, 0, 0, 1, 1, 1]
  const fit = maximumLikelihood(cases, [{ name: 'x', values: far }])
  expect(fit.status).toBe('ok')
  let slope = 0
  far.forEach((x, i) => {
    const eta = fit.coefficients[0] + fit.coefficients[1] * x
    const small = Math.exp(-Math.abs(eta))
    slope += x * (cases[i] === 1 ? (eta > 0 ? small : 1) / (1 + small) : -((eta > 0 ? 1 : small) / (1 + small)))
  })
  expect(Math.abs(slope)).toBeLessThan(1e-10)
})

it('people whose label is certain leave the saddlepoint alone', () => {
  const columns = [[151.7, 6.11, 4.58, 218.5, 0.166, 0.773, 20.3, 0.138, 1.58, 0.0306, 0.0317, 48.2]]
  const tested = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1]
  const cases = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]
  const offset = [-5.57, -0.685, 0.783, -0.0287, 2.4, -0.929, -1.88, 1.05, 1.718, -5.445, -2.98, -1.594]
  const found = saddlepointScore({ cases, columns, tested, offset })
  expect(found.status).toBe('ok')
  expect(found.logP).toBeLessThan(0)
})
