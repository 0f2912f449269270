import { describe, expect, it } from 'vitest'
import { declinedMonths } from './pace.ts'

describe('declinedMonths', () => {
  it('is time itself where loss does not grow', () => {
    for (const t of [0, 1.5, 30, 100]) expect(declinedMonths(t, 0)).toBe(t)
    expect(declinedMonths(30, 1e-6)).toBeCloseTo(30, 3)
  })

  it.each([-0.0375, -0.01, 0.02, 0.0375])(
    'ascends, with twelve months in the first year, at a growth of %f',
    (pace) => {
      expect(declinedMonths(0, pace)).toBe(0)
      expect(declinedMonths(12, pace)).toBeCloseTo(12, 12)
      // The rate at 20 months against that at the start.
      const rate = (t: number) => (declinedMonths(t + 1e-4, pace) - declinedMonths(t, pace)) / 1e-4
      expect(rate(20) / rate(0)).toBeCloseTo(Math.exp(20 * pace), 3)
      // The growth ends after four years.
      expect(rate(48) / rate(90)).toBeCloseTo(1, 6)
      expect(declinedMonths(48 + 1e-9, pace)).toBeCloseTo(declinedMonths(48, pace), 6)
    },
  )
})
