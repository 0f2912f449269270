import { describe, expect, it } from 'vitest'
import { cohenKappa } from './index.ts'

describe('cohenKappa', () => {
  // R 4.2, vcd 1.4-11: Kappa(matrix(c(...), k))$Unweighted, value and ASE; columns of R's matrix are columns here.
  it.each<[number[][], number, number]>([
    [
      [
        [106, 10, 4],
        [22, 28, 10],
        [2, 12, 6],
      ],
      0.428571428571,
      0.053711004869,
    ],
    [
      [
        [20, 5],
        [10, 15],
      ],
      0.4,
      0.126996062931,
    ],
    [
      [
        [18, 2],
        [1, 5],
      ],
      0.692913385827,
      0.163892821671,
    ],
  ])('agrees with vcd', (table, kappa, se) => {
    const found = cohenKappa(table)
    expect(found.status).toBe('ok')
    expect(found.kappa).toBeCloseTo(kappa, 11)
    expect(found.se).toBeCloseTo(se, 11)
    expect(found.low).toBeCloseTo(kappa - 1.959963984540054 * se, 10)
    expect(found.high).toBeCloseTo(Math.min(1, kappa + 1.959963984540054 * se), 10)
  })

  it('of raters who never disagree is 1 with a lower limit that says how few they saw', () => {
    const found = cohenKappa([
      [10, 0],
      [0, 12],
    ])
    // Clopper and Pearson: 0 of 22, upper limit 1 - 0.025^(1/22) = 0.154372...; expected (10/22)^2 + (12/22)^2.
    const expected = (100 + 144) / 484
    expect(found).toMatchObject({ kappa: 1, se: null, high: 1, limits: 'exact disagreement' })
    expect(found.low).toBeCloseTo(1 - (1 - 0.025 ** (1 / 22)) / (1 - expected), 12)
    expect(
      cohenKappa([
        [1, 0],
        [0, 1],
      ]).low,
    ).toBeCloseTo(1 - (1 - Math.sqrt(0.025)) / 0.5, 12)
  })

  it('has a status where there is nothing to measure', () => {
    expect(cohenKappa([])).toMatchObject({ status: 'nobody', kappa: null })
    expect(
      cohenKappa([
        [0, 0],
        [0, 0],
      ]).status,
    ).toBe('nobody')
    expect(
      cohenKappa([
        [7, 0],
        [0, 0],
      ]),
    ).toMatchObject({ status: 'one_category', kappa: null, observed: 1 })
    // One rater uses one category, the other both: no better than chance.
    expect(
      cohenKappa([
        [7, 3],
        [0, 0],
      ]).kappa,
    ).toBeCloseTo(0, 12)
    expect(
      cohenKappa([
        [7, 3],
        [0, 0],
      ]),
    ).toMatchObject({ status: 'ok', se: null, low: null, high: null, limits: null })
    expect(
      cohenKappa([
        [0, 5],
        [5, 0],
      ]),
    ).toMatchObject({ status: 'ok', kappa: -1, se: null, low: null, high: null })
    expect(() => cohenKappa([[1, 2]])).toThrow(/square/)
    expect(() => cohenKappa([[1.5]])).toThrow(/square/)
    expect(() => cohenKappa([[1]], 1)).toThrow(/level/)
  })

  it('gives no limits to fewer people than twice the square of the categories in use', () => {
    const few = cohenKappa([
      [4, 1],
      [1, 1],
    ])
    expect(few).toMatchObject({ people: 7, low: null, high: null, limits: null })
    expect(few.kappa).toBeCloseTo((5 / 7 - 29 / 49) / (20 / 49), 12)
    expect(few.se).toBeGreaterThan(0)
    // A third category that nobody uses asks for no more people.
    const unused = cohenKappa([
      [5, 1, 0],
      [1, 1, 0],
      [0, 0, 0],
    ])
    expect(unused.limits).toBe('large-sample')
  })

  it('does not depend on who is first', () => {
    const table = [
      [5, 1, 2],
      [3, 9, 0],
      [1, 1, 4],
    ]
    const other = table.map((_, i) => table.map((row) => row[i]))
    expect(cohenKappa(other).kappa).toBeCloseTo(cohenKappa(table).kappa ?? Number.NaN, 14)
    expect(cohenKappa(other).se).toBeCloseTo(cohenKappa(table).se ?? Number.NaN, 14)
  })
})
