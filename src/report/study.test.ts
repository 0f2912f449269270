import { describe, expect, test } from 'vitest'
import { rateVerdict, readable } from './study.ts'

describe('the verdict of one rate', () => {
  test.each([
    ['conservative', { rate: 0.01, low: 0.005, high: 0.02, alpha: 0.05 }],
    ['anti-conservative', { rate: 0.09, low: 0.07, high: 0.11, alpha: 0.05 }],
    ['calibrated', { rate: 0.057, low: 0.045, high: 0.068, alpha: 0.05 }],
    // A tenth of the level is no departure, however narrow the interval.
    ['calibrated', { rate: 0.0545, low: 0.053, high: 0.056, alpha: 0.05 }],
    ['uncertain', { rate: 0.035, low: 0.001, high: 0.26, alpha: 0.05 }],
    ['uncertain', { rate: 0.05, low: 0.024, high: 0.1, alpha: 0.05 }],
  ] as const)('%s', (verdict, rate) => {
    expect(rateVerdict(rate)).toBe(verdict)
  })
})

test('columns and variables are words in prose', () => {
  expect(readable('Leads by trend_exact_p below 1e-5')).toBe('Leads by the exact trend below 1e-5')
  expect(readable('risk sets on pre nadir slope, sex')).toBe('risk sets on the slope before the nadir, sex')
  expect(readable('clumps by primary_p')).toBe('clumps by the primary’s p')
})
