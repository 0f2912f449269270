import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { conditionalOddsRatio } from '../exact/conditional-odds-ratio.ts'
import { exactTrend } from '../exact/exact-trend.ts'
import { fisherExact } from '../exact/fisher.ts'
import type { GenotypeTable, TwoByTwoTable } from '../exact/genotype-table.ts'
import { agree, choose, logRatio } from '../exact/testing/enumeration.ts'
import { labelNull, labelScheme } from '../labels/index.ts'
import { stratifiedExact } from './exact-strata.ts'
import { mantelHaenszel } from './mantel-haenszel.ts'
import { stratifiedTrend } from './stratified-trend.ts'

function read(name: string): Record<string, string>[] {
  const lines = readFileSync(new URL(`../../../tests/oracles/07_strata/${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
  const names = lines[0].split('\t')
  return lines.slice(1).map((line) => Object.fromEntries(line.split('\t').map((cell, i) => [names[i], cell])))
}

const two = (a: number, b: number, c: number, d: number): TwoByTwoTable => ({
  caseWith: a,
  caseWithout: b,
  controlWith: c,
  controlWithout: d,
})

/** Every sum with its integer weight, one stratum's outcomes (value, weight) after another. */
function sums(strata: { value: number; weight: bigint }[][]): Map<number, bigint> {
  let all = new Map([[0, 1n]])
  for (const outcomes of strata) {
    const next = new Map<number, bigint>()
    for (const [sum, weight] of all)
      for (const o of outcomes) next.set(sum + o.value, (next.get(sum + o.value) ?? 0n) + weight * o.weight)
    all = next
  }
  return all
}

function compare(
  found: { logP: number; logMidp: number; logMinAttainableP: number },
  outcomes: { weight: bigint; extreme: number | bigint }[],
  observed: number | bigint,
  name: string,
): void {
  let total = 0n
  let beyond = 0n
  let tied = 0n
  let most = observed
  for (const { extreme } of outcomes) if (extreme > most) most = extreme
  let least = 0n
  for (const { weight, extreme } of outcomes) {
    total += weight
    if (extreme > observed) beyond += weight
    if (extreme === observed) tied += weight
    if (extreme === most) least += weight
  }
  agree(found.logP, logRatio(beyond + tied, total), 1e-12, `${name} p`)
  agree(found.logMidp, logRatio(2n * beyond + tied, 2n * total), 1e-12, `${name} mid-p`)
  agree(found.logMinAttainableP, logRatio(least, total), 1e-12, `${name} least`)
}

describe('2 x 2 tables over strata', () => {
  const inputs = read('inputs_strata.tsv')
  const strataOf = (set: string) =>
    inputs
      .filter((row) => row.set === set)
      .map((row) => two(Number(row.ai), Number(row.bi), Number(row.ci), Number(row.di)))

  it('equal metafor, mantelhaen.test and the convolution in R on 42 sets', () => {
    const rows = read('expected_strata.tsv')
    expect(rows.length).toBe(42)
    for (const row of rows) {
      const strata = strataOf(row.set)
      const exact = stratifiedExact(strata)
      if (row.own_exact_p !== 'NA') agree(exact.logP, Math.log(Number(row.own_exact_p)), 2e-12, `${row.set} exact`)
      // R solves odds ratios, or their inverses above 1, to about 1e-4; the equations themselves are checked below to 1e-11.
      for (const [value, name] of [
        [exact.oddsRatio, 'exact_cmle_or'],
        [exact.low, 'exact_lo95'],
        [exact.high, 'exact_hi95'],
      ] as const) {
        // R gives 0 where the margins leave one table.
        if (row[name] === 'NA' || Number.isNaN(value)) continue
        const expected = Number(row[name] === 'Inf' ? Infinity : row[name])
        if (expected === 0 || expected === Infinity) expect(value, `${row.set} ${name}`).toBe(expected)
        else
          expect(Math.abs(Math.log(value / expected)), `${row.set} ${name} ${value}`).toBeLessThan(
            1.5e-4 * Math.max(expected, 1 / expected),
          )
      }
      const found = mantelHaenszel(strata)
      const near = (value: number, name: string, tolerance = 1e-9) => {
        if (row[name] === 'NA') return
        const expected = Number(row[name])
        expect(Math.abs(value - expected), `${row.set} ${name} ${value} ${expected}`).toBeLessThan(
          tolerance * Math.max(1, Math.abs(expected)),
        )
      }
      near(Math.log(found.oddsRatio), 'mh_logor')
      near(found.standardError, 'mh_se')
      near(Math.exp(found.logP), 'mh_p')
      near(found.chiSquare, 'cmh_chi2_nocorr')
      near(Math.exp(found.chiSquareLogP), 'cmh_p_nocorr')
      near(found.breslowDay, 'breslow_day_chi2')
      near(found.tarone, 'tarone_chi2')
      near(Math.exp(found.taroneLogP), 'tarone_p')
      // metafor squares a negative corrected distance too; here it is none.
      if (found.correctedChiSquare > 0) {
        near(found.correctedChiSquare, 'cmh_chi2_corr')
        near(Math.exp(found.correctedLogP), 'cmh_p_corr')
      } else expect(found.correctedLogP).toBe(0)
    }
  })

  it('equal the enumeration in integers, ties included', () => {
    const random = new RandomStream(11, 'test/stratified')
    for (let i = 0; i < 400; i++) {
      const size = i % 20 === 0 ? 300 : 12
      const pairs = i % 5 === 0
      const strata = Array.from({ length: 1 + random.integer(i % 20 === 0 ? 3 : 6) }, () => {
        if (pairs) return random.uniform() < 0.5 ? two(1, 0, 0, 1) : two(0, 1, 1, 0)
        const [having, without] = [random.integer(size), random.integer(size)]
        const [x, y] = [random.integer(having + 1), random.integer(without + 1)]
        return two(x, y, having - x, without - y)
      })
      const all = sums(
        strata.map((t) => {
          const cases = t.caseWith + t.caseWithout
          const having = t.caseWith + t.controlWith
          const without = t.caseWithout + t.controlWithout
          return Array.from({ length: cases + 1 }, (_, x) => ({
            value: x,
            weight: choose(having, x) * choose(without, cases - x),
          })).filter((o) => o.weight > 0n)
        }),
      )
      const observed = strata.reduce((sum, t) => sum + t.caseWith, 0)
      const weight = all.get(observed)
      if (weight === undefined) throw all
      const found = stratifiedExact(strata)
      compare(
        found,
        [...all.values()].map((w) => ({ weight: w, extreme: -w })),
        -weight,
        JSON.stringify(strata),
      )
      if (strata.length === 1) {
        const one = fisherExact(strata[0])
        agree(found.logP, one.logP, 1e-12)
        if (one.oddsRatio > 0 && one.oddsRatio < Infinity) expect(found.oddsRatio / one.oddsRatio).toBeCloseTo(1, 11)
      }
      // Limits solve what they say, and those by mid-p lie inside.
      const mid = stratifiedExact(strata, 0.95, 'mid-p')
      expect(mid.low).toBeGreaterThanOrEqual(found.low)
      expect(mid.high).toBeLessThanOrEqual(found.high)
      if (strata.length === 1) {
        const one = conditionalOddsRatio(strata[0], 0.95, 'mid-p')
        if (mid.low > 0) expect(one.low / mid.low).toBeCloseTo(1, 11)
        if (mid.high < Infinity) expect(one.high / mid.high).toBeCloseTo(1, 11)
      }
      if (found.low > 0 && size < 50) {
        const tail = (ratio: number, share: number) => {
          let [above, total] = [0, 0]
          for (const [x, w] of all) {
            const v = Number(w) * ratio ** (x - observed)
            total += v
            if (x >= observed) above += x === observed ? share * v : v
          }
          return above / total
        }
        expect(tail(found.low, 1)).toBeCloseTo(0.025, 11)
        expect(tail(mid.low, 0.5)).toBeCloseTo(0.025, 11)
      }
    }
  })

  it('hold far below the smallest double', () => {
    const strata = Array.from({ length: 40 }, () => two(30, 0, 0, 30))
    const found = stratifiedExact(strata)
    agree(found.logP, Math.LN2 - 40 * -logRatio(1n, choose(60, 30)), 1e-12)
    expect(found.logP).toBeLessThan(-1500)
    expect(found.oddsRatio).toBe(Infinity)
    expect(found.high).toBe(Infinity)
  })

  it.each([
    ['no strata', []],
    ['nobody', [two(0, 0, 0, 0)]],
    [
      'no cases, no controls, nobody having, all having',
      [two(0, 0, 3, 4), two(3, 4, 0, 0), two(0, 5, 0, 5), two(5, 0, 5, 0)],
    ],
  ] as const)('without variation (%s): p is 1, mid-p one half', (_, strata) => {
    expect(stratifiedExact(strata)).toMatchObject({ p: 1, midp: 0.5, minAttainableP: 1, low: 0, high: Infinity })
    expect(stratifiedExact(strata).oddsRatio).toBeNaN()
    expect(mantelHaenszel(strata)).toMatchObject({
      chiSquare: 0,
      chiSquareLogP: 0,
      correctedLogP: 0,
      low: 0,
      high: Infinity,
    })
    expect(mantelHaenszel(strata).oddsRatio).toBeNaN()
    expect(stratifiedTrend([])).toMatchObject({ p: 1, midp: 0.5, minAttainableP: 1 })
  })

  it('gives an infinite Mantel-Haenszel odds ratio without limits where one diagonal is empty', () => {
    const found = mantelHaenszel([two(3, 1, 0, 8), two(1, 0, 0, 2)])
    expect(found).toMatchObject({ oddsRatio: Infinity, low: 0, high: Infinity })
    expect(found.standardError).toBeNaN()
    expect(found.chiSquareLogP).toBeLessThan(0)
  })

  it('refuses what is no table', () => {
    expect(() => stratifiedExact([two(1.5, 0, 0, 0)])).toThrow(/whole numbers/)
    expect(() => stratifiedExact([two(1, 1, 1, 1)], 1)).toThrow(/level/)
    expect(() => stratifiedExact([two(15_000, 15_000, 15_000, 15_000)])).toThrow(/20000 outcomes/)
    expect(() => mantelHaenszel([two(-1, 0, 0, 0)])).toThrow(/whole numbers/)
  })
})

describe('trend over strata', () => {
  const table = (n: number[]): GenotypeTable => ({
    caseRef: n[0],
    caseHet: n[1],
    caseAlt: n[2],
    controlRef: n[3],
    controlHet: n[4],
    controlAlt: n[5],
  })

  it('equals the enumeration in integers, one stratum the plain test, and person-wise data the same', () => {
    const random = new RandomStream(12, 'test/stratified-trend')
    for (let i = 0; i < 200; i++) {
      const size = i % 20 === 0 ? 60 : 7
      const strata = Array.from({ length: 1 + random.integer(5) }, () =>
        table(Array.from({ length: 6 }, () => random.integer(size))),
      )
      const outcomes = strata.map((t) => {
        const [n0, n1, n2] = [t.caseRef + t.controlRef, t.caseHet + t.controlHet, t.caseAlt + t.controlAlt]
        const cases = t.caseRef + t.caseHet + t.caseAlt
        const out: { value: number; weight: bigint }[] = []
        for (let x2 = 0; x2 <= Math.min(n2, cases); x2++)
          for (let x1 = 0; x1 <= Math.min(n1, cases - x2); x1++)
            if (cases - x1 - x2 <= n0)
              out.push({ value: x1 + 2 * x2, weight: choose(n0, cases - x1 - x2) * choose(n1, x1) * choose(n2, x2) })
        return out
      })
      const all = sums(outcomes)
      const observed = strata.reduce((sum, t) => sum + t.caseHet + 2 * t.caseAlt, 0)
      let total = 0n
      let first = 0n
      for (const [t, w] of all) {
        total += w
        first += w * BigInt(t)
      }
      const distance = (t: number) => {
        const d = BigInt(t) * total - first
        return d < 0n ? -d : d
      }
      const found = stratifiedTrend(strata)
      compare(
        found,
        [...all].map(([t, weight]) => ({ weight, extreme: distance(t) })),
        distance(observed),
        JSON.stringify(strata),
      )
      if (strata.length === 1) agree(found.logP, exactTrend(strata[0]).logP, 1e-12)
      if (i % 10 !== 3) continue
      const of: number[] = []
      const genotypes: number[] = []
      const cases = new Int32Array(strata.length)
      strata.forEach((t, s) => {
        const cells = [t.caseRef, t.caseHet, t.caseAlt, t.controlRef, t.controlHet, t.controlAlt]
        cells.forEach((count, cell) => {
          for (let j = 0; j < count; j++) {
            of.push(s)
            genotypes.push(cell % 3)
          }
          if (cell < 3) cases[s] += count
        })
      })
      const total_ = cases.reduce((a, b) => a + b, 0)
      if (total_ === 0 || of.length === 0) continue
      const null_ = labelNull(genotypes, labelScheme(of, cases))
      agree(null_.logP[(total_ - null_.from) * null_.stride + observed], found.logP, 1e-11, 'person-wise')
    }
  })

  it('refuses more allele counts than it is made for', () => {
    expect(() => stratifiedTrend([table([10, 10, 11_000, 1, 1, 1])])).toThrow(/20000 allele counts/)
  })
})
