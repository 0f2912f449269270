import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { maximumLikelihood } from './maximum-likelihood.ts'
import { findSeparation } from './separation.ts'

const cross = (a: number[], b: number[]) => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
]
const dot = (a: number[], b: number[]) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

/** The extreme rays of {b: z'b >= 0 for all z}, in integers: each is orthogonal to two of the z. */
function rays(z: number[][]): number[][] {
  const out: number[][] = []
  for (let i = 0; i < z.length; i++)
    for (let j = 0; j < i; j++) {
      const b = cross(z[i], z[j])
      for (const sign of [1, -1]) {
        const ray = b.map((v) => sign * v)
        if (ray.some((v) => v !== 0) && z.every((row) => dot(row, ray) >= 0)) out.push(ray)
      }
    }
  return out
}

describe('separation', () => {
  it('is found exactly where the integers say, with the covariates that take part', () => {
    const random = new RandomStream(31, 'test/separation')
    const seen = { none: 0, quasi: 0, complete: 0 }
    for (let i = 0; i < 1500; i++) {
      const n = 4 + random.integer(9)
      const range = 2 + random.integer(4)
      const x = [0, 1].map(() => Array.from({ length: n }, () => random.integer(range)))
      const cases = Array.from({ length: n }, () => random.integer(2))
      const z = cases.map((y, r) => [1, x[0][r], x[1][r]].map((v) => (y === 1 ? v : -v)))
      // All three columns independent: some triple of rows has a determinant that is not 0.
      const independent = z.some((a) => z.some((b) => z.some((c) => dot(a, cross(b, c)) !== 0)))
      if (!independent || cases.every((y) => y === cases[0])) continue
      const found = findSeparation(cases, [
        { name: 'first', values: x[0] },
        { name: 'second', values: x[1] },
      ])
      const all = rays(z)
      const sum = all.reduce((a, b) => a.map((v, j) => v + b[j]), [0, 0, 0])
      const kind = all.length === 0 ? 'none' : z.every((row) => dot(row, sum) > 0) ? 'complete' : 'quasi'
      const name = JSON.stringify({ x, cases })
      expect(found.kind, name).toBe(kind)
      seen[kind]++
      const taking = ['first', 'second'].filter((_, j) => all.some((ray) => ray[j + 1] !== 0))
      expect(found.covariates, name).toEqual(taking)
      const fit = maximumLikelihood(cases, [
        { name: 'first', values: x[0] },
        { name: 'second', values: x[1] },
      ])
      expect(fit.status, name).toBe(kind === 'none' ? 'ok' : 'separated')
    }
    expect(Math.min(seen.none, seen.quasi, seen.complete)).toBeGreaterThan(50)
  })

  it('names the one that separates alone', () => {
    const random = new RandomStream(32, 'test/separation')
    const n = 125
    const cases: number[] = Array.from({ length: n }, (_, i) => (i < 22 ? 1 : 0))
    const age = cases.map(() => 40 + 30 * random.uniform())
    const site: number[] = cases.map((y, i) => (y === 1 ? 1 : i % 4 === 0 ? 1 : 0))
    const found = findSeparation(cases, [
      { name: 'age', values: age },
      { name: 'site', values: site },
    ])
    expect(found).toEqual({ kind: 'quasi', covariates: ['site'], alone: ['site'] })
    const both = findSeparation(cases, [
      { name: 'age', values: age },
      { name: 'sum', values: age.map((a, i) => 1000 * cases[i] - a) },
    ])
    expect(both.kind).toBe('complete')
    expect(both.covariates).toContain('sum')
    expect(findSeparation(cases, [{ name: 'age', values: age }]).kind).toBe('none')
    expect(findSeparation(cases, []).kind).toBe('none')
    expect(findSeparation([1, 1, 1], []).kind).toBe('complete')
  })
})
