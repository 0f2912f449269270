import { expect, test } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { exp, normalCdf, normalQuantile } from '../../numerics/special.ts'
import { conditionalEstimates } from './conditional-estimates.ts'

const se = (Math.log(34.6) - Math.log(4.1)) / 3.919928
const published = { beta: Math.log(12), se }

test('the reversal study: odds ratio 12.0 (4.1 to 34.6) under three thresholds', () => {
  // R 4.2.2: optimize(tol = 1e-10) and integrate(rel.tol = 1e-12) on the same likelihood
  const expected: [number, number[]][] = [
    [1e-3, [10.224612662, 8.476529727, 9.309631205]],
    [1e-4, [6.777508151, 5.534433716, 6.124513827]],
    [1e-5, [1.321340125, 3.242763261, 2.069974206]],
  ]
  for (const [alpha, ratios] of expected) {
    const found = conditionalEstimates({ ...published, threshold: normalQuantile(1 - alpha / 2) })
    expect(found.condition).toBe('threshold')
    ;[found.mle, found.mean, found.average].forEach((value, i) => {
      expect(Math.abs(exp(value) / ratios[i] - 1), `${alpha} ${i}`).toBeLessThan(1e-7)
    })
  }
})

/** L(mu) on a fine grid, plainly. */
function plain(z: number, c: number): { mle: number; mean: number } {
  let best = 0
  let mle = 0
  let total = 0
  let first = 0
  const step = 1 / 4096
  for (let mu = -12; mu < z + 12; mu += step) {
    const l = Math.exp(-0.5 * (z - mu) ** 2) / (normalCdf(mu - c) + normalCdf(-c - mu))
    if (l > best) {
      best = l
      mle = mu
    }
    total += l
    first += l * mu
  }
  return { mle, mean: first / total }
}

test('equals a plain grid, on either side, and beta itself without selection', () => {
  for (const [z, alpha] of [
    [4.567, 1e-5],
    [2, 0.05],
    [6, 5e-8],
    [5.6, 5e-8],
  ]) {
    const c = normalQuantile(1 - alpha / 2)
    const expected = plain(z, c)
    const found = conditionalEstimates({ beta: z, se: 1, threshold: c })
    expect(Math.abs(found.mle - expected.mle)).toBeLessThan(1 / 4096)
    expect(found.mean).toBeCloseTo(expected.mean, 7)
    const mirrored = conditionalEstimates({ beta: -z, se: 1, threshold: c })
    expect([mirrored.mle, mirrored.mean, mirrored.low, mirrored.high]).toEqual([
      -found.mle,
      -found.mean,
      -found.high,
      -found.low,
    ])
  }
  const free = conditionalEstimates({ beta: 1.2, se: 0.3, threshold: 0, level: 0.95 })
  expect(free.mle).toBeCloseTo(1.2, 10)
  expect(free.mean).toBeCloseTo(1.2, 10)
  expect(free.low).toBeCloseTo(1.2 - 0.3 * 1.959963984540054, 10)
  expect(free.high).toBeCloseTo(1.2 + 0.3 * 1.959963984540054, 10)
})

test('limits cover the truth in 95% of the selected', () => {
  const random = new RandomStream(11, 'test/winners-curse')
  const c = 2.5
  for (const mu of [0.5, 2, 4]) {
    let selected = 0
    let covered = 0
    let average = 0
    while (selected < 500) {
      const z = mu + random.normal()
      if (Math.abs(z) <= c) continue
      selected++
      const found = conditionalEstimates({ beta: z, se: 1, threshold: c })
      if (found.low <= mu && mu <= found.high) covered++
      average += found.mle
    }
    // four standard errors
    expect(Math.abs(covered / selected - 0.95), `${mu}`).toBeLessThan(0.039)
    // corrected downwards: the naive mean would be E(Z | selected)
    expect(average / selected).toBeLessThan(mu + 0.6)
  }
})

test('the interval holds every estimate, just past the threshold too', () => {
  for (const alpha of [0.05, 1e-3, 5e-8])
    for (const past of [1e-12, 1e-4, 0.01, 0.1, 0.5, 2])
      for (const sign of [1, -1]) {
        const threshold = normalQuantile(1 - alpha / 2)
        const found = conditionalEstimates({ beta: sign * (threshold + past), se: 1, threshold })
        for (const value of [found.mle, found.mean, found.average]) {
          expect(found.low, `${alpha} ${past}`).toBeLessThanOrEqual(value)
          expect(found.high, `${alpha} ${past}`).toBeGreaterThanOrEqual(value)
        }
        if (past !== 0.1) continue
        const best = conditionalEstimates({ beta: sign * (threshold - past), se: 1, threshold, bestOf: 300 })
        expect(best.low).toBeLessThanOrEqual(Math.min(best.mle, best.mean, best.average))
        expect(best.high).toBeGreaterThanOrEqual(Math.max(best.mle, best.mean, best.average))
      }
  // Limits alone end below the mean here: the result is barely past the threshold.
  const close = conditionalEstimates({ beta: 5.005, se: 1, threshold: 5 })
  expect(close.high).toBe(close.mean)
})

test('below the threshold the condition is to be the best of m', () => {
  expect(() => conditionalEstimates({ ...published, threshold: 5.45 })).toThrow(/bestOf/)
  const one = conditionalEstimates({ ...published, threshold: 5.45, bestOf: 1 })
  expect(one.condition).toBe('best')
  expect(one.mle).toBeCloseTo(published.beta, 9)
  const many = conditionalEstimates({ ...published, threshold: 5.45, bestOf: 1e6 })
  expect(many.mle).toBeGreaterThan(0)
  expect(many.mle).toBeLessThan(one.mle)
  expect(many.low).toBeLessThan(0)

  // the mean of the maximum in simulation: at mu = mle the expected |best| is the observed z
  const m = 20
  const z = 3
  const { mle } = conditionalEstimates({ beta: z, se: 1, threshold: 4, bestOf: m })
  const random = new RandomStream(12, 'test/best')
  let sum = 0
  let count = 0
  for (let i = 0; i < 60000; i++) {
    const x = mle + random.normal()
    let best = true
    for (let j = 1; j < m && best; j++) best = Math.abs(random.normal()) < Math.abs(x)
    if (!best) continue
    count++
    sum += x
  }
  expect(Math.abs(sum / count - z)).toBeLessThan(5 / Math.sqrt(count))
})
