import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type MatchPerson, matchControls } from '../../../src/clinical/matching/index.ts'
import { mahalanobisDistances } from '../../../src/clinical/matching/mahalanobis.ts'
import { propensityScores } from '../../../src/clinical/matching/propensity.ts'

const read = (name: string): string[][] =>
  readFileSync(new URL(name, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))

const [header, ...inputs] = read('inputs_match.tsv')
const names = ['age', 'onset_m', 'dfs', 'sex']
const people: MatchPerson[] = inputs.map((cells) => {
  const cell = (name: string): string => cells[header.indexOf(name)]
  return {
    patient: cell('id'),
    role: cell('case') === '1' ? 'case' : 'control',
    variables: Object.fromEntries(names.map((name) => [name, Number(cell(name))])),
    exact: { bulbar: cell('bulbar') },
    observedDays: 1000,
    confirmedDay: cell('case') === '1' ? 500 : null,
  }
})

describe('matching against MatchIt and scipy', () => {
  it('has the Mahalanobis distances of MatchIt to 1e-12', () => {
    const rows = (role: string) =>
      people.filter((p) => p.role === role).map((p) => names.map((name) => p.variables[name] as number))
    const { distances } = mahalanobisDistances(rows('case'), rows('control'), names)
    const expected = read('expected_mahalanobis.tsv')
      .slice(1)
      .flatMap((cells) => cells.slice(1).map(Number))
    expect(distances.length).toBe(22 * 103)
    let worst = 0
    distances.forEach((d, i) => {
      worst = Math.max(worst, Math.abs(d - expected[i]) / expected[i])
    })
    expect(worst).toBeLessThan(1e-12)
  })

  const totals = JSON.parse(readFileSync(new URL('expected_optimal_totals.json', import.meta.url), 'utf8')) as Record<
    string,
    number
  >
  const balances = read('expected_match_balance.tsv').slice(1)
  for (const ratio of [1, 3])
    for (const exact of ['none', 'bulbar']) {
      const name = `optimal_${ratio}_${exact}`
      it(`${name}: the minimum total distance to 1e-9, and MatchIt's balance`, () => {
        const options = {
          ratio,
          exact: exact === 'none' ? [] : [exact],
          calipers: {},
          distance: 'mahalanobis' as const,
        }
        const { rows, summary } = matchControls(people, options)
        expect(Math.abs(summary.totalDistance - totals[name])).toBeLessThan(1e-9)
        expect(rows.filter((r) => r.role === 'control')).toHaveLength(22 * ratio)
        for (const variable of names) {
          const row = balances.find(([method, v]) => method === name && v === variable) as string[]
          const found = summary.balance.find((b) => b.variable === variable)
          expect(found?.smdBefore).toBeCloseTo(Number(row[2]), 12)
          expect(found?.smdAfter).toBeCloseTo(Number(row[3]), 12)
          expect(found?.meanCases).toBeCloseTo(Number(row[4]), 11)
          expect(found?.meanControlsAfter).toBeCloseTo(Number(row[5]), 11)
          if (variable !== 'sex') expect(found?.varianceRatioAfter).toBeCloseTo(Number(row[6]), 11)
          else expect(found?.varianceRatioAfter).toBeNull()
        }
      })
    }

  it('has the propensity of brglm2, and the minimum totals of lpSolve on its logit', () => {
    const expected = JSON.parse(readFileSync(new URL('expected_propensity.json', import.meta.url), 'utf8'))
    const rows = (role: string) =>
      people.filter((p) => p.role === role).map((p) => names.map((name) => p.variables[name] as number))
    const scores = propensityScores(rows('case'), rows('control'), names)
    names.forEach((name, v) => {
      const unit = names.map((_, a) => (a === v ? 1 : 0))
      expect(Math.abs(scores.of(unit) - expected.coef[name])).toBeLessThan(1e-8)
    })
    expect(Math.abs(scores.sd - expected.sd)).toBeLessThan(1e-8)
    for (const ratio of [1, 3]) {
      const { summary } = matchControls(people, { ratio, exact: [], calipers: {}, distance: 'propensity' })
      expect(Math.abs(summary.totalDistance - expected[`total_${ratio}`])).toBeLessThan(1e-6)
    }
  })
})
