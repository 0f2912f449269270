import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fitJointModel, type JointData, jointLogLikelihood } from '../../../src/statistics/joint-model/index.ts'

const table = (name: string) => {
  const [head, ...rows] = readFileSync(new URL(name, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
  return (column: string) => rows.map((cells) => Number(cells[head.indexOf(column)]))
}
const people = table('inputs_people.tsv')
const rows = table('inputs_rows.tsv')
const expected = JSON.parse(readFileSync(new URL('expected.json', import.meta.url), 'utf8'))
const ones = people('age').map(() => 1)
const data: JointData = {
  subjects: ones.length,
  subject: rows('id').map((id) => id - 1),
  time: rows('time'),
  y: rows('y'),
  censoring: rows('cens'),
  base: [ones, people('age')],
  slope: [ones, people('sex')],
  row: [rows('plate')],
  randomSlope: true,
  survival: {
    time: people('time'),
    event: people('event'),
    columns: [people('sex')],
    cuts: [1, 2],
    linked: true,
  },
}

describe('joint model against an own likelihood in R', () => {
  it('has its log-likelihood to 1e-4 at the simulated truth', () => {
    const truth = [1, 0.1, -0.1, 0.15, 0.2, Math.log(0.3), Math.log(0.5), -0.06, Math.log(0.3)]
    const survival = [Math.log(0.15), Math.log(0.25), Math.log(0.3), 0.3, 0.7]
    const found = jointLogLikelihood(data, Float64Array.from([...truth, ...survival]))
    expect(Math.abs(found - expected.at_start)).toBeLessThan(1e-4)
  })

  for (const [name, one] of [
    ['joint', data],
    ['measurements', { ...data, survival: undefined }],
  ] as const)
    it(`${name}: estimates to 1% of a standard error, standard errors to 1%, the maximum to 1e-3`, () => {
      const fit = fitJointModel(one)
      expect(fit.status).toBe('ok')
      const { par, se, loglik } = expected[name]
      expect(Math.abs(fit.logLikelihood - loglik)).toBeLessThan(1e-3)
      const effects = [...fit.base, ...fit.slope, ...fit.row]
      const survival = [...fit.hazard, ...fit.effects, ...(fit.alpha === null ? [] : [fit.alpha])]
      const check = (found: { estimate: number; se: number }, at: number) => {
        expect(Math.abs(found.estimate - par[at])).toBeLessThan(0.01 * se[at])
        expect(Math.abs(found.se / se[at] - 1)).toBeLessThan(0.01)
      }
      effects.forEach((found, j) => check(found, j))
      survival.forEach((found, j) => check(found, 9 + j))
      expect(Math.abs(Math.log(fit.sigma) - par[5])).toBeLessThan(0.01 * se[5])
      expect(Math.abs(Math.log(fit.sdLevel) - par[6])).toBeLessThan(0.01 * se[6])
    })
})
