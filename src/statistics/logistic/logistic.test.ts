import { describe, expect, it } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { RandomStream } from '../../numerics/index.ts'
import { fitNull } from './null-fit.ts'

function caught(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
}

describe('null fit of case on covariates', () => {
  const random = new RandomStream(8, 'test/logistic')
  const n = 60
  const age = Array.from({ length: n }, () => 40 + 30 * random.uniform())
  const sex = Array.from({ length: n }, () => random.integer(2))
  const cases: number[] = age.map((a, i) => (random.uniform() < 0.15 + 0.004 * (a - 40) + 0.1 * sex[i] ? 1 : 0))

  it('solves the penalised score equations', () => {
    const { risks, columns } = fitNull(cases, [
      { name: 'age', values: age },
      { name: 'sex', values: sex },
    ])
    // Leverages by the 3x3 inverse, written out.
    const rows = cases.map((_, i) => [1, columns[0][i], columns[1][i]])
    const w = Array.from(risks, (p) => p * (1 - p))
    const m = [0, 1, 2].map((a) => [0, 1, 2].map((b) => rows.reduce((s, r, i) => s + w[i] * r[a] * r[b], 0)))
    const cofactor = (a: number, b: number) => {
      const [i, j] = [0, 1, 2].filter((v) => v !== a)
      const [k, l] = [0, 1, 2].filter((v) => v !== b)
      return (m[i][k] * m[j][l] - m[i][l] * m[j][k]) * ((a + b) % 2 === 0 ? 1 : -1)
    }
    const determinant = [0, 1, 2].reduce((s, b) => s + m[0][b] * cofactor(0, b), 0)
    for (const a of [0, 1, 2]) {
      const score = rows.reduce((sum, r, i) => {
        let q = 0
        for (const c of [0, 1, 2]) for (const d of [0, 1, 2]) q += (r[c] * r[d] * cofactor(c, d)) / determinant
        return sum + r[a] * (cases[i] - risks[i] + w[i] * q * (0.5 - risks[i]))
      }, 0)
      expect(Math.abs(score)).toBeLessThan(1e-8)
    }
  })

  it('without covariates gives everyone the same risk, half a person added to each group', () => {
    const total = cases.reduce((a, b) => a + b, 0)
    expect(fitNull(cases, []).risks[7]).toBeCloseTo((total + 0.5) / (n + 1), 14)
  })

  it('names the covariate that is wrong', () => {
    const separated = caught(() =>
      fitNull(cases, [
        { name: 'age', values: age },
        { name: 'site', values: cases.map((c, i) => c * 10 + (i % 3)) },
      ]),
    )
    expect(isUpturnError(separated, 'SeparatedByCovariate') && separated.details.covariate).toBe('site')
    const together = caught(() =>
      fitNull(cases, [
        { name: 'age', values: age },
        { name: 'sex', values: sex },
        { name: 'visits', values: cases.map((c, i) => 20 * c - age[i]) },
      ]),
    )
    expect(isUpturnError(together, 'SeparatedByCovariate') && together.details.covariates).toContain('visits')
    const twice = caught(() =>
      fitNull(cases, [
        { name: 'age', values: age },
        { name: 'sex', values: sex },
        { name: 'mix', values: age.map((a, i) => 2 * a - sex[i]) },
      ]),
    )
    expect(isUpturnError(twice, 'CollinearCovariates') && twice.details.covariate).toBe('mix')
    const constant = caught(() => fitNull(cases, [{ name: 'country', values: cases.map(() => 3) }]))
    expect(isUpturnError(constant, 'CollinearCovariates') && constant.details.covariate).toBe('country')
  })
})
