import { describe, expect, it } from 'vitest'
import { linearModel, partialF } from './index.ts'

describe('linearModel', () => {
  it('is the line worked by hand', () => {
    // x -1 0 1 2, y 0 1 3 4: slope 7/5, intercept 2 - 0.5 x 1.4.
    const fit = linearModel([0, 1, 3, 4], [[-1, 0, 1, 2]])
    expect(fit.coefficients[1]).toBeCloseTo(1.4, 13)
    expect(fit.coefficients[0]).toBeCloseTo(1.3, 13)
    expect(fit.sigma).toBeCloseTo(Math.sqrt(0.2 / 2), 12)
    const f = partialF([0, 1, 3, 4], [[-1, 0, 1, 2]], [0])
    expect(f.f).toBeCloseTo((1.4 * 1.4 * 5) / 0.1, 10)
    expect(f.p).toBeCloseTo(fit.p[1], 12)
  })
  it('refuses a constant column, collinear ones and too few people', () => {
    expect(() => linearModel([1, 2, 3], [[1, 1, 1]])).toThrow(/column 1/)
    expect(() =>
      linearModel(
        [1, 2, 3, 5],
        [
          [1, 2, 3, 5],
          [2, 4, 6, 10],
        ],
      ),
    ).toThrow(/column 2/)
    expect(() => linearModel([1, 2], [[1, 2]])).toThrow(/more than 2 people/)
    expect(() => linearModel([1, Number.NaN, 3], [[1, 2, 4]])).toThrow(/finite/)
  })
  it('gives a person alone in a column no share in the robust errors', () => {
    const fit = linearModel([1, 2, 3, 9], [[0, 0, 0, 1]])
    expect(fit.robustErrors.every(Number.isFinite)).toBe(true)
  })
})
