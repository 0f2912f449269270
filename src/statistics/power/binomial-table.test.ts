import { expect, it } from 'vitest'
import { binomialLogPmf, exp } from '../../numerics/special.ts'
import { binomialCumulative, quantile } from './binomial-table.ts'

it.each([
  [0, 0.3],
  [1, 0.999],
  [7, 0.02],
  [40, 0.5],
  [900, 0.37],
  [4000, 0.0004],
  [4000, 0.9996],
])('sums every probability of binomial(%i, %f)', (n, p) => {
  const found = binomialCumulative(n, p)
  let sum = 0
  for (let k = 0; k <= n; k++) {
    sum += exp(binomialLogPmf(k, n, p))
    expect(Math.abs(found[k] - sum), `${k}`).toBeLessThan(1e-10)
  }
  expect(found[n]).toBe(1)
  expect(found.length).toBe(n + 1)
  const k = quantile(found, 0.6)
  expect(found[k]).toBeGreaterThanOrEqual(0.6)
  expect(k === 0 || found[k - 1] < 0.6).toBe(true)
})
