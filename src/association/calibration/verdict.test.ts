import { expect, it } from 'vitest'
import { levelVerdict } from './verdict.ts'

it.each([
  [0.05, 0.04, 0.061, 0.05, 'calibrated'],
  [0.052, 0.051, 0.053, 0.05, 'calibrated'],
  [0.06, 0.055, 0.065, 0.05, 'anti-conservative'],
  [0.03, 0.02, 0.045, 0.05, 'conservative'],
  // 20 label sets: anything could be true.
  [0.035, 0.001, 0.26, 0.05, 'uncertain'],
  [0.05, 0.001, 0.26, 0.05, 'uncertain'],
  // Narrower than 2 alpha, yet half of it and twice it are both possible.
  [0.05, 0.02, 0.1, 0.05, 'uncertain'],
  [0, 0, 0.0092, 0.001, 'uncertain'],
  // Wide, but clear.
  [0.4, 0.2, 0.6, 0.05, 'anti-conservative'],
])('a rate of %d (%d to %d) at %d is %s', (rate, low, high, alpha, verdict) => {
  expect(levelVerdict(rate, low, high, alpha)).toBe(verdict)
})
