import { describe, expect, it } from 'vitest'
import { daysPerMonth, type Trajectory } from '../visits/trajectory.ts'
import { fitD50 } from './d50.ts'

const course = (months: number[], scores: number[]): Trajectory => ({
  patient: 'a',
  scale: 'ALSFRS-R',
  days: months.map((month) => month * daysPerMonth),
  scores,
})

describe('fitD50', () => {
  // R 4.2: nls(s ~ 48 / (1 + exp((t - d) / x))), tol 1e-10; pchisq(sum(resid^2) / 1.6^2, n - 2, lower.tail = FALSE)
  it.each<[string, number[], number[], number, number, number, number]>([
    [
      'a fall',
      [6, 9, 12, 15, 18, 21, 24],
      [45, 43, 40, 36, 31, 25, 20],
      21.7154572868,
      6.0441062861,
      0.291185586,
      0.9987323011,
    ],
    ['a slow fall', [20, 26, 32, 38, 44], [44, 43, 41, 40, 38], 74.6685599467, 23.0807833036, 0.2423785157, 0.9900116],
  ])('agrees with nls in R on %s', (_, months, scores, d50, dx, rmse, p) => {
    const fit = fitD50(course(months, scores), 0)
    expect(fit).toMatchObject({ status: 'ok', flag: 'fits' })
    expect(fit.d50).toBeCloseTo(d50, 6)
    expect(fit.dx).toBeCloseTo(dx, 6)
    expect(fit.rmse).toBeCloseTo(rmse, 8)
    expect(fit.lackOfFit).toBeCloseTo(p, 7)
    expect(fit.relativeTime).toBeCloseTo((months.at(-1) ?? 0) / (2 * d50), 8)
  })

  it('is at 24 at D50, and finds the curve that made the scores', () => {
    const months = [3, 8, 14, 20, 26, 33]
    const scores = months.map((month) => 48 / (1 + Math.exp((month - 18) / 5)))
    const fit = fitD50(course(months, scores), 0)
    expect(fit.d50).toBeCloseTo(18, 6)
    expect(fit.dx).toBeCloseTo(5, 6)
    expect(fit.lackOfFit).toBeCloseTo(1, 10)
  })

  it('flags a course that falls and rises, which no falling curve can follow', () => {
    const fit = fitD50(course([4, 6, 8, 10, 13, 16, 20, 24], [42, 36, 30, 27, 31, 36, 38, 38]), 0)
    expect(fit).toMatchObject({ status: 'no_decline', d50: null, flag: 'rises', lateRun: 3 })
    // The mean is 34.75: residuals 7.25 1.25 -4.75 -7.75 -3.75 1.25 3.25 3.25.
    expect(fit.rmse).toBeCloseTo(Math.sqrt(173.5 / 8), 10)
    expect(fit.lateExcess).toBeCloseTo(7.75 / 3, 10)
    expect(fit.lackOfFit).toBeLessThan(1e-10)
  })

  it('says why there is no fit', () => {
    expect(fitD50(course([1, 2, 3], [40, 39, 38]), null).status).toBe('no_onset')
    expect(fitD50({ ...course([1, 2, 3], [40, 39, 38]), scale: 'ALSFRS' }, 0).status).toBe('other_scale')
    expect(fitD50(course([1, 2], [40, 39]), 0).status).toBe('few_visits')
    // Visits by the day of onset say nothing of the time since.
    expect(fitD50(course([0, 1, 2], [40, 39, 38]), 0).status).toBe('few_visits')
    expect(fitD50(course([10, 12, 14], [48, 48, 48]), 0)).toMatchObject({ status: 'no_decline', flag: 'fits' })
    expect(fitD50(course([10, 12, 14], [0, 0, 0]), 0).status).toBe('ok')
  })
})
