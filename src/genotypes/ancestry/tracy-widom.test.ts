import { expect, test } from 'vitest'
import { symmetricEigen } from '../../numerics/linear.ts'
import { uniform } from '../quality/testing/random-genotypes.ts'
import { informativeComponents, tracyWidomStatistic } from './tracy-widom.ts'

/** Eigenvalues of n people over m random standardised variants, less the one that centring makes zero. */
function noise(n: number, m: number, seed: number, groups = 1): Float64Array {
  const random = uniform(seed)
  const matrix = new Float64Array(n * n)
  for (let v = 0; v < m; v++) {
    const p = 0.2 + 0.6 * random()
    const shift = groups === 1 ? 0 : 0.15
    const g = Float64Array.from({ length: n }, (_, i) => {
      const q = p + (i % groups === 0 ? shift : -shift) * (groups === 1 ? 0 : 1)
      return (random() < q ? 1 : 0) + (random() < q ? 1 : 0)
    })
    const mean = g.reduce((sum, x) => sum + x, 0) / n
    const scale = 1 / Math.sqrt(mean * (1 - mean / 2))
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) matrix[i * n + j] += ((g[i] - mean) * (g[j] - mean) * scale * scale) / m
  }
  return symmetricEigen(matrix, n).values.subarray(0, n - 1)
}

test('noise rarely has an informative component', () => {
  const found = Array.from({ length: 40 }, (_, seed) => informativeComponents(noise(30, 400, seed + 1), 10))
  // 5% of 40 is 2; more than 6 has a probability below 0.4%.
  expect(found.filter((count) => count > 0).length).toBeLessThanOrEqual(6)
})

test('the statistic of noise is centred where the distribution of order 1 is', () => {
  const values = Array.from({ length: 60 }, (_, seed) => tracyWidomStatistic(noise(30, 400, seed + 100)))
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  // Mean -1.2065, standard deviation 1.268: four standard errors, and a little for 30 people not being many.
  expect(Math.abs(mean + 1.2065)).toBeLessThan(0.9)
})

test('two populations have one informative component', () => {
  expect(informativeComponents(noise(40, 500, 7, 2), 10)).toBe(1)
})

test('too few people, or eigenvalues that are all the same, give none', () => {
  expect(tracyWidomStatistic([1, 1])).toBeNaN()
  expect(informativeComponents(new Float64Array(20).fill(1), 5)).toBe(0)
  expect(informativeComponents(new Float64Array(0), 5)).toBe(0)
})
