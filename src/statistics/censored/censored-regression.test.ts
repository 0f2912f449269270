import { describe, expect, it } from 'vitest'
import { type CensoredData, censoredRegression, censoredSums } from './index.ts'

function data(y: number[], censoring: number[], columns: number[][]): CensoredData {
  return {
    y: Float64Array.from(y),
    censoring: Int8Array.from(censoring),
    x: Float64Array.from(y.flatMap((_, i) => columns.map((c) => c[i]))),
    p: columns.length,
  }
}
const ones = (n: number): number[] => Array.from({ length: n }, () => 1)

describe('censoredRegression', () => {
  it('without censoring is least squares, with the maximum-likelihood spread', () => {
    const x = [0, 1, 2, 3]
    const fit = censoredRegression(data([1, 3, 4, 8], [0, 0, 0, 0], [ones(4), x]))
    // Slope 11/5, intercept 7/10; residuals .3 .1 -1.1 .7, squares 1.8.
    expect(fit.beta[0]).toBeCloseTo(0.7, 10)
    expect(fit.beta[1]).toBeCloseTo(2.2, 10)
    expect(fit.sigma).toBeCloseTo(Math.sqrt(1.8 / 4), 10)
    // var(slope) = sigma^2 / 5; var(log sigma) = 1 / (2 n).
    expect(fit.covariance[4]).toBeCloseTo(0.45 / 5, 9)
    expect(fit.covariance[8]).toBeCloseTo(1 / 8, 9)
  })

  it('has the derivatives of its own log-likelihood', () => {
    const d = data([0.2, -1, 1.5, 0.7, 2], [0, -1, 1, -1, 0], [ones(5), [0.3, 1, -2, 0.5, 1]])
    const at = Float64Array.from([0.4, -0.3, 1.3])
    const sums = censoredSums(d, at)
    for (let a = 0; a < 3; a++) {
      const h = 1e-5
      const moved = (by: number) =>
        censoredSums(
          d,
          at.map((v, i) => (i === a ? v + by : v)),
        )
      expect(sums.gradient[a]).toBeCloseTo((moved(h).logLikelihood - moved(-h).logLikelihood) / (2 * h), 7)
      for (let b = 0; b < 3; b++)
        expect(sums.information[a * 3 + b]).toBeCloseTo(-(moved(h).gradient[b] - moved(-h).gradient[b]) / (2 * h), 7)
    }
  })

  it('says that a group with nothing measured has no estimate', () => {
    const group = [0, 0, 0, 0, 1, 1]
    const fit = censoredRegression(data([1, 2, 3, 5, 0, 0], [0, 0, 0, 0, -1, -1], [ones(6), group]))
    expect(fit.status).toBe('unbounded')
  })

  it('converges when most values are below the limit', () => {
    const y = [0, 0, 0, 0, 0, 0, 0, 0.4, 1.1]
    const fit = censoredRegression(data(y, [-1, -1, -1, -1, -1, -1, -1, 0, 0], [ones(9)]))
    expect(fit.status).toBe('ok')
    expect(fit.beta[0]).toBeLessThan(0)
  })

  it('refuses collinear covariates, only censored values, and no spread', () => {
    const both = [ones(4), [1, 1, 1, 1]]
    expect(() => censoredRegression(data([1, 2, 3, 4], [0, 0, 0, 0], both))).toThrow(/linear combinations/)
    expect(() => censoredRegression(data([1, 2], [-1, -1], [ones(2)]))).toThrow(/every value is censored/)
    expect(() => censoredRegression(data([2, 2, 2], [0, 0, 0], [ones(3)]))).toThrow(/do not vary/)
    expect(() => censoredRegression(data([2], [0], [ones(1)]))).toThrow(/more people/)
  })
})
