import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { conditionalFirth } from './fit.ts'
import { MatchedFirth } from './matched-firth.ts'
import { fitNullWithin } from './null-fit.ts'

const random = new RandomStream(12, 'test/matched Firth')

/** Sets of a few people with cases, sizes drawn; `one` asks for one case a set. */
function study(sets: number, one: boolean): { cases: number[]; of: number[] } {
  const cases: number[] = []
  const of: number[] = []
  for (let s = 0; s < sets; s++) {
    const n = 2 + random.integer(5)
    const m = one ? 1 : 1 + random.integer(n - 1)
    for (let i = 0; i < n; i++) {
      of.push(s)
      cases.push(i < m ? 1 : 0)
    }
  }
  return { cases, of }
}

const copies = (n: number, f: number, missing: number): number[] =>
  Array.from({ length: n }, () =>
    random.uniform() < missing ? Number.NaN : (random.uniform() < f ? 1 : 0) + (random.uniform() < f ? 1 : 0),
  )

/** Sets' tables of hard calls. */
function tablesOf(cases: number[], of: number[], tested: number[]): Int32Array {
  const tables = new Int32Array(6 * (Math.max(...of) + 1))
  tested.forEach((g, i) => {
    if (Number.isNaN(g)) return
    tables[6 * of[i] + g]++
    if (cases[i] === 1) tables[6 * of[i] + 3 + g]++
  })
  return tables
}

describe('MatchedFirth', () => {
  it.each([
    ['one case a set', true, 0],
    ['one case a set, two covariates', true, 2],
    ['any number of cases', false, 0],
    ['any number of cases, a covariate', false, 1],
  ])('says what conditionalFirth says: %s', (_, one, width) => {
    for (let r = 0; r < 12; r++) {
      const { cases, of } = study(14, one)
      const n = cases.length
      const columns = Array.from({ length: width }, () => Array.from({ length: n }, () => random.normal()))
      const tested = copies(n, 0.05 + 0.4 * random.uniform(), 0.05)
      const scan = new MatchedFirth({ cases, sets: of, columns })
      const wanted = conditionalFirth({ cases, sets: of, columns, tested })
      const results = [scan.test(tested, true)]
      if (width === 0) results.push(scan.testTables(tablesOf(cases, of, tested), Math.max(...of) + 1))
      for (const [i, found] of results.entries()) {
        expect(found.status === 'collinear').toBe(wanted.status === 'collinear')
        if (wanted.status !== 'ok' && wanted.status !== 'separated') continue
        expect(found.beta).toBeCloseTo(wanted.beta, 5)
        expect(Math.abs(found.chiSquare - wanted.chiSquare)).toBeLessThan(1e-9)
        expect(found.standardError).toBeCloseTo(wanted.standardError, 5)
        if (i === 0 && wanted.low !== null) expect(found.low).toBeCloseTo(wanted.low, 5)
        if (i === 0 && wanted.high !== null) expect(found.high).toBeCloseTo(wanted.high, 5)
      }
    }
  })

  it('equals the penalised likelihood that R maximises, on the oracle’s 1:k sets', () => {
    const text = readFileSync(new URL('../../../tests/oracles/08_survival/inputs_clogit.tsv', import.meta.url), 'utf8')
    const [header, ...lines] = text.trim().split('\n')
    const cells = lines.map((line) => line.split('\t').map(Number))
    const [set, cases, g, dfs] = ['set', 'case', 'g', 'dfs'].map((name) =>
      cells.map((row) => row[header.split('\t').indexOf(name)]),
    )
    const sets = set.map((s) => [...new Set(set)].indexOf(s))
    const found = new MatchedFirth({ cases, sets, columns: [dfs] }).test(g, true)
    // As in conditional-logistic.test.ts.
    expect(found.beta).toBeCloseTo(2.90150984576997, 4)
    expect(found.chiSquare).toBeCloseTo(24.8552965798295, 6)
    expect(found.low).toBeCloseTo(1.57537337940839, 5)
    expect(found.high).toBeCloseTo(4.75037473877179, 5)
  })

  it('has a closed form for two discordant pairs, and Wald limits where p is not small', () => {
    // Both cases carry, no control: log(2.5 / 0.5).
    const scan = new MatchedFirth({ cases: [1, 0, 1, 0], sets: [0, 0, 1, 1], columns: [] })
    const found = scan.test([1, 0, 1, 0])
    expect(found.beta).toBeCloseTo(Math.log(5), 8)
    expect(found.limits).toBe('wald')
    expect(found.high).toBeCloseTo(found.beta + 1.959963984540054 * found.standardError, 12)
    // 1:1 turned round is the same pair.
    expect(scan.test([0, 1, 0, 1]).beta).toBeCloseTo(-Math.log(5), 8)
  })

  it('names what cannot be fitted', () => {
    const { cases, of } = { cases: [1, 0, 0, 1, 1, 0], of: [0, 0, 0, 1, 1, 2] }
    const scan = new MatchedFirth({ cases, sets: of, columns: [] })
    // Alike in the only set with cases and controls; nobody called there; no set at all.
    expect(scan.test([1, 1, 1, 0, 2, 0]).status).toBe('collinear')
    expect(scan.test([Number.NaN, 1, 0, 0, 2, 0]).status).toBe('collinear')
    expect(scan.testTables(new Int32Array(0), 0).status).toBe('collinear')
    const twice = new MatchedFirth({ cases: [1, 0, 1, 0], sets: [0, 0, 1, 1], columns: [[1, 0, 2, 0]] })
    expect(twice.test([1, 0, 2, 0]).status).toBe('collinear')
    // A covariate that is constant in every set cancels.
    const constant = new MatchedFirth({ cases: [1, 0, 1, 0], sets: [0, 0, 1, 1], columns: [[3, 3, 4, 4]] })
    expect(constant.test([1, 0, 1, 0]).beta).toBeCloseTo(Math.log(5), 8)
  })
})

describe('fitNullWithin', () => {
  it('fits what conditionalFirth fits, and drops covariates that sets share', () => {
    const { cases, of } = study(20, true)
    const n = cases.length
    const x = Array.from({ length: n }, () => random.normal())
    const shared = of.map((s) => s % 3)
    const fit = fitNullWithin(cases, of, [
      { name: 'x', values: x },
      { name: 'shared', values: shared },
    ])
    expect(fit.names).toEqual(['x'])
    expect(fit.cancelled).toEqual(['shared'])
    const wanted = conditionalFirth({ cases, sets: of, columns: [], tested: fit.columns[0] })
    expect(fit.coefficients[0]).toBeCloseTo(wanted.beta, 6)
    const odds = fit.risks.map((r) => r / (1 - r))
    const [a, b] = [0, 1]
    expect(Math.log(odds[a] / odds[b])).toBeCloseTo(fit.coefficients[0] * (fit.columns[0][a] - fit.columns[0][b]), 9)
    expect(fitNullWithin(cases, of, []).risks.every((r) => r === 0.5)).toBe(true)
  })

  it('refuses a covariate that tells every case, and covariates that repeat each other within sets', () => {
    const cases = [1, 0, 0, 1, 0, 0]
    const of = [0, 0, 0, 1, 1, 1]
    expect(() => fitNullWithin(cases, of, [{ name: 'dose', values: [5, 1, 2, 3, 0, 1] }])).toThrow(
      /dose alone tells the case of every matched set/,
    )
    expect(() =>
      fitNullWithin(cases, of, [
        { name: 'a', values: [1, 2, 3, 5, 4, 6] },
        // The same less a constant in each set.
        { name: 'b', values: [0, 1, 2, 9, 8, 10] },
      ]),
    ).toThrow(/b is a linear combination of a/)
  })
})
