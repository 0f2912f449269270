import { expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { exp } from '../../numerics/special.ts'
import { firthRegression } from '../firth/index.ts'
import { groupedFirthLogP } from './grouped-firth.ts'
import type { GenotypeCounts } from './rejection.ts'

function personByPerson(a: GenotypeCounts, b: GenotypeCounts): number {
  const cases: number[] = []
  const tested: number[] = []
  for (const [label, counts] of [[1, a] as const, [0, b] as const])
    counts.forEach((n, g) => {
      for (let i = 0; i < n; i++) {
        cases.push(label)
        tested.push(g)
      }
    })
  const fit = firthRegression({ cases, columns: [], tested }, { profile: false })
  return fit.converged ? fit.logP : 0
}

it('is the p of logistf for a published table', () => {
  // logistf: 3.485736e-7
  expect(exp(groupedFirthLogP([10, 9, 3], [95, 8, 0])) / 3.485736e-7).toBeCloseTo(1, 6)
})

it('equals the regression on people, separated and lopsided tables included', () => {
  const random = new RandomStream(3, 'test/grouped-firth')
  const draw = (most: number): number => Math.floor(random.uniform() * (most + 1))
  const tables: [GenotypeCounts, GenotypeCounts][] = [
    [
      [0, 0, 5],
      [40, 0, 0],
    ],
    [
      [1, 0, 0],
      [0, 0, 90],
    ],
    [
      [0, 12, 0],
      [200, 0, 0],
    ],
    [
      [5, 0, 0],
      [9, 0, 0],
    ],
  ]
  for (let i = 0; i < 150; i++) {
    const most = [4, 30, 150][i % 3]
    const a: GenotypeCounts = [1 + draw(most), draw(most), draw(i % 5)]
    tables.push([a, [draw(most), 1 + draw(most), draw(most >> 2)]])
  }
  for (const [a, b] of tables) {
    const expected = personByPerson(a, b)
    expect(Math.abs(groupedFirthLogP(a, b) - expected), `${a.join()} ${b.join()}`).toBeLessThan(
      expected > -0.01 ? 1e-4 : 1e-6 * Math.max(1, -expected),
    )
  }
})
