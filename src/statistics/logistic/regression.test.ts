import { describe, expect, it } from 'vitest'
import { exactTrend } from '../exact/exact-trend.ts'
import { logFRegression } from './log-f.ts'
import { maximumLikelihood } from './maximum-likelihood.ts'
import { saddlepointScore } from './saddlepoint.ts'

// 80 people made by arithmetic, so that another program can make them too. Expected numbers: R 4.2.2, glm (epsilon 1e-15); for log-F glm on
// the data with m/2 cases and m/2 controls added; for the saddlepoint the formula written out with uniroot (tol 1e-15).
const i80 = Array.from({ length: 80 }, (_, i) => i)
const x1 = i80.map((i) => ((i * 37) % 23) / 7)
const x2 = i80.map((i) => ((i * 13) % 5 < 2 ? 1 : 0))
const g = i80.map((i) => (i * i + (i % 7)) % 3)
const cases = i80.map((i) => ((i * 29) % 80 < 14 + 8 * g[i] ? 1 : 0))
const offset = i80.map((i) => ((i * 17) % 9) / 10)

/** The six cells of a genotype table as weighted rows. */
const cells = (counts: number[]) => ({
  cases: [1, 1, 1, 0, 0, 0],
  columns: [],
  tested: [0, 1, 2, 0, 1, 2],
  weights: counts,
})
const each = (counts: number[]) => {
  const y: number[] = []
  const tested: number[] = []
  counts.forEach((count, cell) => {
    for (let j = 0; j < count; j++) {
      y.push(cell < 3 ? 1 : 0)
      tested.push(cell % 3)
    }
  })
  return { cases: y, columns: [], tested }
}
const near = (found: ArrayLike<number>, expected: number[], tolerance: number) =>
  expected.forEach((e, j) => {
    expect(Math.abs(found[j] - e), `${found[j]} v ${e}`).toBeLessThan(tolerance * Math.max(1, Math.abs(e)))
  })

describe('maximum-likelihood logistic regression', () => {
  const covariates = [
    { name: 'x1', values: x1 },
    { name: 'x2', values: x2 },
    { name: 'g', values: g },
  ]

  it('equals glm, with an offset too', () => {
    const fit = maximumLikelihood(cases, covariates)
    expect(fit.status).toBe('ok')
    near(fit.coefficients, [-1.5481972382853433, 0.04310067340323397, 0.21367589903996226, 0.47357400912014397], 1e-10)
    near(fit.standardErrors, [0.641163336133361, 0.26496934175805936, 0.5105563632636675, 0.31944481068834757], 1e-7)
    expect(fit.logLikelihood).toBeCloseTo(-46.754460936919088, 11)
    near(
      maximumLikelihood(cases, covariates, offset).coefficients,
      [-2.0199157167594577, 0.07853446705452274, 0.2335420147916112, 0.4643388620552281],
      1e-10,
    )
  })

  it('says what cannot be fitted', () => {
    expect(maximumLikelihood([1, 1], [{ name: 'x', values: [1, 2] }]).status).toBe('one_group')
    expect(maximumLikelihood([0], []).status).toBe('one_group')
    expect(maximumLikelihood([0, 1, 1], [{ name: 'x', values: [3, 3, 3] }]).status).toBe('collinear')
    expect(maximumLikelihood(cases, [covariates[0], { name: 'twice', values: x1.map((v) => 2 * v) }]).status).toBe(
      'collinear',
    )
    const fit = maximumLikelihood([0, 0, 1, 1], [{ name: 'x', values: [1, 2, 2, 3] }])
    expect(fit.status).toBe('separated')
    expect(fit.separation).toEqual({ kind: 'quasi', covariates: ['x'], alone: ['x'] })
    expect(fit.coefficients[1]).toBeNaN()
    expect(() => maximumLikelihood([0, 1], [{ name: 'x', values: [Number.NaN, 1] }])).toThrow(/no number to fit/)
    expect(() => maximumLikelihood([], [])).toThrow(/1 row or more/)
  })
})

describe('log-F(m, m) regression', () => {
  it.each([
    [1, 0.4620087120352868, 0.31522896033358017, 2.2045532930905836, -0.14666146355328666, 1.100395116105617],
    [2, 0.451004795644034, 0.3111866685386966, 2.1529076025321103, -0.150273791333472, 1.0804814276522208],
  ])('with covariates and m = %d equals glm on augmented data', (m, beta, se, chiSquare, low, high) => {
    const fit = logFRegression({ cases, columns: [x1, x2], tested: g }, m)
    expect(fit.status).toBe('ok')
    near([fit.beta, fit.chiSquare, fit.low ?? 0, fit.high ?? 0], [beta, chiSquare, low, high], 1e-8)
    near([fit.standardError], [se], 1e-6)
    const gaps = logFRegression(
      {
        cases: [...cases, 1, 0],
        columns: [
          [...x1, 0, 0],
          [...x2, 1, 1],
        ],
        tested: [...g, Number.NaN, Number.NaN],
      },
      m,
    )
    near([gaps.beta, gaps.logP], [fit.beta, fit.logP], 1e-9)
  })

  it.each([
    [
      [10, 9, 3, 95, 8, 0],
      1,
      2.359860552471844,
      25.13008214546592,
      5.359031047997982e-7,
      1.3828788340262441,
      3.46216494730508,
    ],
    [
      [10, 9, 3, 95, 8, 0],
      2,
      2.2487788207168893,
      24.022309353831389,
      9.522592060502286e-7,
      1.301513336505994,
      3.317920516798771,
    ],
    [
      [18, 4, 0, 103, 0, 0],
      1,
      3.715010390047647,
      11.139115311922779,
      0.0008452619486947069,
      1.379637012970409,
      8.624699284984349,
    ],
  ])('of a table %j, m = %d, by rows or people', (counts, m, beta, chiSquare, p, low, high) => {
    for (const data of [cells(counts), each(counts)]) {
      const fit = logFRegression(data, m)
      near(
        [fit.beta, fit.chiSquare, fit.logP, fit.low ?? 0, fit.high ?? 0],
        [beta, chiSquare, Math.log(p), low, high],
        1e-8,
      )
    }
  })

  it('says what cannot be fitted', () => {
    expect(logFRegression(cells([22, 0, 0, 103, 0, 0])).status).toBe('collinear')
    expect(logFRegression(cells([0, 0, 0, 0, 0, 0])).status).toBe('collinear')
    expect(logFRegression(cells([5, 5, 5, 0, 0, 0])).status).toBe('separated')
    expect(logFRegression({ ...each([1, 2, 0, 5, 1, 1]), columns: [[1, 1, 1, 0, 0, 0, 0, 0, 0, 0]] }).status).toBe(
      'separated',
    )
    expect(logFRegression({ ...each([10, 9, 3, 95, 8, 0]), columns: [each([10, 9, 3, 95, 8, 0]).tested] }).status).toBe(
      'collinear',
    )
    expect(() => logFRegression(cells([1, 1, 1, 1, 1, 1]), 0)).toThrow(/log-F/)
    // Carriers that are cases only: finite.
    const fit = logFRegression(cells([0, 22, 0, 103, 0, 0]))
    expect(fit.status).toBe('ok')
    expect(fit.beta).toBeGreaterThan(5)
  })
})

describe('saddlepoint score test', () => {
  it('equals the formula written out in R', () => {
    const people = saddlepointScore({ cases, columns: [x1, x2], tested: g })
    near([people.z, people.logP], [1.4987505951440203, Math.log(0.13423186444090146)], 1e-9)
    for (const data of [cells([10, 9, 3, 95, 8, 0]), each([10, 9, 3, 95, 8, 0])]) {
      const found = saddlepointScore(data)
      near([found.z, found.logP], [5.778671753195002, Math.log(2.6542439333451126e-7)], 1e-9)
      near([found.normalLogP], [Math.log(7.529265714761181e-9)], 1e-9)
    }
    near([saddlepointScore(cells([21, 1, 0, 90, 13, 0])).logP], [Math.log(0.2776987850176253)], 1e-9)
  })

  it('is near the exact mid-p where the normal approximation is a hundred times too small', () => {
    const counts = { caseRef: 10, caseHet: 9, caseAlt: 3, controlRef: 95, controlHet: 8, controlAlt: 0 }
    const exact = exactTrend(counts).logMidp
    const found = saddlepointScore(cells([10, 9, 3, 95, 8, 0]))
    expect(Math.abs(found.logP - exact)).toBeLessThan(0.1)
    expect(Math.abs(found.normalLogP - exact)).toBeGreaterThan(3)
  })

  it('passes through the middle and reaches the end of the support', () => {
    expect(Math.abs(saddlepointScore(cells([10, 10, 0, 20, 20, 0])).logP)).toBeLessThan(1e-9)
    // Carriers are all cases, others all controls: one labelling, with its own probability on each side that it can reach.
    const end = saddlepointScore(cells([0, 5, 0, 5, 0, 0]))
    expect(Math.exp(end.logP)).toBeCloseTo(2 * 0.5 ** 10, 12)
  })

  it('says what cannot be tested', () => {
    expect(saddlepointScore(cells([22, 0, 0, 103, 0, 0])).status).toBe('collinear')
    expect(saddlepointScore(cells([0, 0, 0, 0, 0, 0])).status).toBe('collinear')
    expect(saddlepointScore(cells([5, 5, 5, 0, 0, 0])).status).toBe('separated')
  })
})
