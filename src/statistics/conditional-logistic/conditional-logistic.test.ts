import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { firthObjective } from '../likelihood/partial.ts'
import { matchedSets } from './data.ts'
import { conditionalFirth, conditionalLogistic } from './fit.ts'
import { conditionalLikelihood } from './likelihood.ts'

const oracle = new URL('../../../tests/oracles/08_survival/', import.meta.url)
const expected = JSON.parse(readFileSync(new URL('expected.json', oracle), 'utf8'))

function read(name: string): Record<string, number[]> {
  const [header, ...lines] = readFileSync(new URL(name, oracle), 'utf8').trim().split('\n')
  const cells = lines.map((line) => line.split('\t').map(Number))
  return Object.fromEntries(header.split('\t').map((key, j) => [key, cells.map((row) => row[j])]))
}

const near = (found: number, wanted: number, tolerance: number, name = '') =>
  expect(Math.abs(found - wanted), `${name} ${found} v ${wanted}`).toBeLessThan(
    tolerance * Math.max(1, Math.abs(wanted)),
  )

describe('conditional logistic regression', () => {
  it('equals clogit (exact) on 1:k sets', () => {
    const { set, case: cases, g, dfs } = read('inputs_clogit.tsv')
    for (const [name, columns, keys] of [
      ['clogit_exact_g', [g], ['g']],
      ['clogit_exact_g_dfs', [g, dfs], ['g', 'dfs']],
    ] as const) {
      const fit = conditionalLogistic({ cases, sets: set, columns })
      const wanted = expected[name]
      expect(fit.status).toBe('ok')
      keys.forEach((key, j) => {
        near(fit.coefficients[j], wanted.coef[key], 1e-9, key)
        near(fit.standardErrors[j], wanted.se[key], 1e-8, key)
      })
      near(fit.nullLogLikelihood, wanted.loglik[0], 1e-11)
      near(fit.logLikelihood, wanted.loglik[1], 1e-11)
      near(fit.chiSquare, wanted.lrt, 1e-10)
      near(fit.scoreChiSquare, wanted.score, 1e-10)
    }
  })

  it('equals clogit (exact) on m:n sets', () => {
    const { set, case: cases, g, age } = read('inputs_clogit_mn.tsv')
    const fit = conditionalLogistic({ cases, sets: set, columns: [g, age] })
    const wanted = expected.clogit_mn_exact
    near(fit.coefficients[0], wanted.coef.g, 1e-9)
    near(fit.coefficients[1], wanted.coef.age, 1e-9)
    near(fit.standardErrors[0], wanted.se.g, 1e-8)
    near(fit.logLikelihood, wanted.loglik[1], 1e-11)
    near(fit.nullLogLikelihood, wanted.loglik[0], 1e-11)
  })

  // R: the log-likelihood and information that survival 3.5-3 gives at fixed coefficients, with half its log determinant, maximised by
  // optim; chi-squares to 1e-7, where the maximum is flat estimates to 1e-5.
  it('with Firth equals the penalised likelihood maximised in R', () => {
    const mn = read('inputs_clogit_mn.tsv')
    const one = read('inputs_clogit.tsv')
    const reversal = one.case.map((y, i) => (y === 1 && one.set[i] % 3 === 0 ? 1 : 0))
    for (const [fit, other, beta, se, chiSquare, low, high] of [
      [
        conditionalFirth({ cases: mn.case, sets: mn.set, columns: [mn.age], tested: mn.g }),
        0.029547165729057,
        0.937885177785388,
        0.342150191012812,
        8.15195285646561,
        0.293162252693233,
        1.62428968616135,
      ],
      [
        conditionalFirth({ cases: one.case, sets: one.set, columns: [one.dfs], tested: one.g }),
        -2.10533540105434,
        2.90150984576997,
        0.785540811036815,
        24.8552965798295,
        1.57537337940839,
        4.75037473877179,
      ],
      [
        conditionalFirth({ cases: one.case, sets: one.set, columns: [one.dfs], tested: reversal }),
        -0.31850392421466,
        3.91899542076696,
        1.55231590329245,
        17.2148380758434,
        1.76070965920775,
        8.79817096399206,
      ],
    ] as const) {
      expect(fit.status).toBe('ok')
      near(fit.coefficients[0], other, 1e-5)
      near(fit.beta, beta, 1e-5)
      near(fit.standardError, se, 1e-5)
      near(fit.chiSquare, chiSquare, 1e-7)
      near(fit.low ?? 0, low, 1e-6)
      near(fit.high ?? 0, high, 1e-6)
    }
    const plain = conditionalLogistic({ cases: one.case, sets: one.set, columns: [one.dfs, reversal] })
    expect(plain.status).toBe('separated')
    expect(plain.infinite).toEqual([1])
  })

  it('has the likelihood, score, information and penalty of plain enumeration of choices', () => {
    const random = new RandomStream(41, 'test/conditional')
    for (let r = 0; r < 20; r++) {
      const sets: number[] = []
      const cases: number[] = []
      for (let s = 0; s < 4; s++) {
        const n = 3 + random.integer(4)
        const m = 1 + random.integer(n - 1)
        for (let i = 0; i < n; i++) {
          sets.push(s)
          cases.push(i < m ? 1 : 0)
        }
      }
      const columns = [0, 1].map(() => sets.map(() => random.normal()))
      const likelihood = conditionalLikelihood(matchedSets({ cases, sets, columns }), 2)
      /** Log-likelihood by listing every choice. */
      const plain = (b: Float64Array) => {
        let value = 0
        for (const s of new Set(sets)) {
          const people = sets.flatMap((v, i) => (v === s ? [i] : []))
          const m = people.filter((i) => cases[i] === 1).length
          const eta = people.map((i) => columns[0][i] * b[0] + columns[1][i] * b[1])
          let total = 0
          for (let mask = 0; mask < 1 << people.length; mask++) {
            const chosen = people.flatMap((_, i) => ((mask >> i) & 1 ? [eta[i]] : []))
            if (chosen.length === m) total += Math.exp(chosen.reduce((x, y) => x + y, 0))
          }
          value += people.reduce((sum, i, at) => sum + (cases[i] === 1 ? eta[at] : 0), 0) - Math.log(total)
        }
        return value
      }
      const b = Float64Array.of(random.normal(), random.normal())
      const point = likelihood(b, true)
      if (point === undefined) throw b
      expect(point.value).toBeCloseTo(plain(b), 10)
      const step = 1e-4
      const moved = (j: number, by: number) => b.map((v, i) => (i === j ? v + by : v))
      for (let j = 0; j < 2; j++) {
        expect((plain(moved(j, step)) - plain(moved(j, -step))) / (2 * step)).toBeCloseTo(point.gradient[j], 6)
        const [up, down] = [likelihood(moved(j, step), false), likelihood(moved(j, -step), false)]
        if (up === undefined || down === undefined) throw b
        for (let l = 0; l < 2; l++)
          expect((down.gradient[l] - up.gradient[l]) / (2 * step)).toBeCloseTo(point.information[j * 2 + l], 6)
        for (let a = 0; a < 4; a++)
          expect((up.information[a] - down.information[a]) / (2 * step)).toBeCloseTo(point.third[a * 2 + j], 6)
        const penalised = firthObjective(likelihood)
        const [above, below] = [penalised(moved(j, step)), penalised(moved(j, -step))]
        const here = penalised(b)
        if (above === undefined || below === undefined || here === undefined) throw b
        expect((above.value - below.value) / (2 * step)).toBeCloseTo(here.gradient[j], 6)
      }
    }
  })

  it('leaves out sets that say nothing, and people without a call', () => {
    const one = read('inputs_clogit.tsv')
    const whole = conditionalFirth({ cases: one.case, sets: one.set, columns: [], tested: one.g })
    const more = conditionalFirth({
      cases: [...one.case, 1, 0, 0, 1],
      sets: [...one.set, 900, 901, 901, one.set[0]],
      columns: [],
      tested: [...one.g, 2, 1, 0, Number.NaN],
    })
    near(more.beta, whole.beta, 1e-12)
    // What is alike in a set cancels, also where its mean is no double.
    const country = one.set.map((s) => 0.1 + s / 7)
    const cancelled = conditionalFirth({ cases: one.case, sets: one.set, columns: [country, one.dfs], tested: one.g })
    const without = conditionalFirth({ cases: one.case, sets: one.set, columns: [one.dfs], tested: one.g })
    near(cancelled.beta, without.beta, 1e-12)
    expect(conditionalLogistic({ cases: one.case, sets: one.set, columns: [country, one.g] }).status).toBe('collinear')
    near(more.logP, whole.logP, 1e-12)
  })

  it('says what cannot be fitted', () => {
    const sets = [1, 1, 2, 2]
    const cases = [1, 0, 1, 0]
    expect(conditionalLogistic({ cases: [1, 1, 0, 0], sets, columns: [[1, 2, 3, 4]] }).status).toBe('uninformative')
    expect(conditionalLogistic({ cases: [], sets: [], columns: [[]] }).status).toBe('uninformative')
    expect(conditionalLogistic({ cases, sets, columns: [[1, 1, 2, 2]] }).status).toBe('collinear')
    expect(
      conditionalLogistic({
        cases,
        sets,
        columns: [
          [1, 0, 0, 1],
          [2, 0, 0, 2],
        ],
      }).status,
    ).toBe('collinear')
    expect(conditionalLogistic({ cases, sets, columns: [[1, 0, 1, 0]] })).toMatchObject({
      status: 'separated',
      infinite: [0],
    })
    expect(conditionalFirth({ cases, sets, columns: [], tested: [1, 1, 2, 2] }).status).toBe('collinear')
    expect(conditionalFirth({ cases, sets, columns: [], tested: [Number.NaN, 0, Number.NaN, 0] }).status).toBe(
      'collinear',
    )
    // Two pairs, both discordant the same way: half a discordant pair is added to each side.
    const pairs = conditionalFirth({ cases, sets, columns: [], tested: [1, 0, 1, 0] })
    near(pairs.beta, Math.log(2.5 / 0.5), 1e-9)
    expect(() => conditionalLogistic({ cases, sets, columns: [[1, 2, 3, Number.NaN]] })).toThrow(/no number to fit/)
    expect(() => conditionalLogistic({ cases, sets: [1], columns: [] })).toThrow(/one value for every person/)
  })
})
