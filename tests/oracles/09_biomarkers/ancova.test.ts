import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { linearModel, partialF } from '../../../src/statistics/linear/index.ts'

const [head, ...rows] = readFileSync(new URL('inputs_ancova.tsv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split('\t'))
const column = (name: string) => rows.map((cells) => Number(cells[head.indexOf(name)]))
const expected = JSON.parse(readFileSync(new URL('expected.json', import.meta.url), 'utf8')).ancova

it('ANCOVA: coefficients, errors, p, F and HC3 of R to 1e-10', () => {
  const columns = [column('base'), column('grp'), column('age')]
  const fit = linearModel(column('y'), columns)
  const close = (found: number, wanted: number) => expect(Math.abs(found - wanted)).toBeLessThan(1e-10)
  Object.values(expected.coef as Record<string, number>).forEach((b, j) => close(fit.coefficients[j], b))
  Object.values(expected.se as Record<string, number>).forEach((s, j) => close(fit.standardErrors[j], s))
  Object.values(expected.p as Record<string, number>).forEach((p, j) => close(fit.p[j], p))
  Object.values(expected.hc3_se as Record<string, number>).forEach((s, j) => close(fit.robustErrors[j], s))
  close(fit.sigma, expected.sigma)
  close(fit.rSquared, expected.r2)
  expect(fit.degrees).toBe(expected.df)
  ;['base', 'factor(grp)', 'age'].forEach((name, j) => {
    const test = partialF(column('y'), columns, [j])
    expect(Math.abs(test.f / expected.F[name] - 1)).toBeLessThan(1e-10)
    expect(Math.abs(test.p / expected.F_p[name] - 1)).toBeLessThan(1e-9)
  })
})
