import { describe, expect, it } from 'vitest'
import { fisherTest } from '../exact/fisher.ts'
import { exactTrendNull } from '../exact/trend-null.ts'
import {
  asymptoticPower,
  caseGenotypes,
  casesNeeded,
  controlGenotypes,
  type PowerOptions,
  rejectionRule,
  tablePower,
  trendRejection,
} from './index.ts'

const options: PowerOptions = { seed: 11, replicates: 2000, enumerationLimit: 2_000_000 }
const simulated: PowerOptions = { ...options, enumerationLimit: 0 }

describe('the genetic model', () => {
  it('has Hardy-Weinberg controls and cases whose allele odds differ by the odds ratio', () => {
    const model = { frequency: 0.1, or: 6 }
    expect([...controlGenotypes(model)]).toEqual([0.81, 0.18, 0.01].map((x) => expect.closeTo(x, 12)))
    const [c0, c1, c2] = caseGenotypes(model)
    expect(c1 / c0 / (0.18 / 0.81)).toBeCloseTo(6, 12)
    expect(c2 / c0 / (0.01 / 0.81)).toBeCloseTo(36, 12)
    expect(c0 + c1 + c2).toBeCloseTo(1, 14)
    expect(() => controlGenotypes({ frequency: 0, or: 2 })).toThrow(/no genetic model/)
  })
})

describe('models of inheritance', () => {
  it('give carriers, or people with two copies, the odds ratio', () => {
    const [k0, k1, k2] = controlGenotypes({ frequency: 0.1, or: 6 })
    const dominant = caseGenotypes({ frequency: 0.1, or: 6, inheritance: 'dominant' })
    expect((dominant[1] + dominant[2]) / dominant[0] / ((k1 + k2) / k0)).toBeCloseTo(6, 12)
    expect(dominant[2] / dominant[1]).toBeCloseTo(k2 / k1, 12)
    const recessive = caseGenotypes({ frequency: 0.1, or: 6, inheritance: 'recessive' })
    expect(recessive[2] / (recessive[0] + recessive[1]) / (k2 / (k0 + k1))).toBeCloseTo(6, 12)
  })

  it('have power by their own exact test: carriers in a 2x2 table, written out', () => {
    const model = { frequency: 0.2, or: 8, inheritance: 'dominant' } as const
    const [c, k] = [caseGenotypes(model), controlGenotypes(model)].map(([none]) => 1 - none)
    const choose = (n: number, i: number): number => (i === 0 ? 1 : (choose(n, i - 1) * (n - i + 1)) / i)
    let sum = 0
    for (let a = 0; a <= 8; a++)
      for (let b = 0; b <= 11; b++) {
        const table = { caseWith: a, caseWithout: 8 - a, controlWith: b, controlWithout: 11 - b }
        if (fisherTest(table).p <= 0.05)
          sum += choose(8, a) * c ** a * (1 - c) ** (8 - a) * choose(11, b) * k ** b * (1 - k) ** (11 - b)
      }
    const found = tablePower(model, 8, 11, rejectionRule('dominant_p', 0.05), options)
    expect(found.power).toBeCloseTo(sum, 7)
    // The trend test asks another question of the same tables.
    expect(tablePower(model, 8, 11, trendRejection('trend_exact_p', 0.05), options).power).not.toBeCloseTo(sum, 3)
  })

  it('are found by the test of the model with fewer people than by another', () => {
    const question = { alpha: 0.05, ratio: 4, power: 0.8, maxCases: 400 }
    const model = { frequency: 0.3, or: 6, inheritance: 'recessive' } as const
    const by = (test: 'recessive_p' | 'dominant_p'): number =>
      casesNeeded({ ...question, model, rule: rejectionRule(test, 0.05) }, simulated).cases ?? Infinity
    expect(by('recessive_p')).toBeLessThan(by('dominant_p'))
    const allelic = rejectionRule('allelic_p', 0.05).forSizes(22, 103)
    expect(allelic([10, 9, 3], [95, 8, 0])).toBe(true)
    expect(allelic([20, 2, 0], [95, 8, 0])).toBe(false)
  })
})

describe('asymptoticPower', () => {
  // Values of the same formula in R (qchisq, pchisq with ncp), three digits.
  it.each([
    [22, 103, 0.04, 12, 5e-8, 0.18],
    [22, 103, 0.04, 6, 5e-8, 0.014],
    [22, 103, 0.1, 12, 5e-8, 0.32],
    [22, 243, 0.1, 6, 5e-8, 0.23],
    [22, 243, 0.1, 12, 5e-8, 0.64],
  ])('%i v %i at frequency %f, OR %f, alpha %f is %f', (cases, controls, frequency, or, alpha, expected) => {
    const digits = expected < 0.1 ? 3 : 2
    expect(asymptoticPower({ frequency, or }, cases, controls, alpha)).toBeCloseTo(expected, digits)
  })
})

describe('tablePower', () => {
  it('is the sum over every pair of tables, written out', () => {
    const model = { frequency: 0.3, or: 4 }
    const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))
    const mass = (n: number, f: readonly number[], k: readonly number[]): number =>
      (factorial(n) / (factorial(k[0]) * factorial(k[1]) * factorial(k[2]))) *
      f[0] ** k[0] *
      f[1] ** k[1] *
      f[2] ** k[2]
    const tables = (n: number): [number, number, number][] => {
      const all: [number, number, number][] = []
      for (let a1 = 0; a1 <= n; a1++) for (let a2 = 0; a2 <= n - a1; a2++) all.push([n - a1 - a2, a1, a2])
      return all
    }
    let sum = 0
    for (const a of tables(5))
      for (const b of tables(7)) {
        const { logP } = exactTrendNull(a[0] + b[0], a[1] + b[1], a[2] + b[2], 5)
        if (logP[a[1] + 2 * a[2]] <= Math.log(0.05))
          sum += mass(5, caseGenotypes(model), a) * mass(7, controlGenotypes(model), b)
      }
    const found = tablePower(model, 5, 7, trendRejection('trend_exact_p', 0.05), options)
    expect(found.method).toBe('enumeration')
    expect(found.power).toBeCloseTo(sum, 8)
    expect(found.high - found.low).toBeLessThan(1e-8)
  })

  it('never exceeds alpha without an effect, and mid-p has more power than p', () => {
    const none = { frequency: 0.2, or: 1 }
    const level = tablePower(none, 12, 30, trendRejection('trend_exact_p', 0.05), options)
    expect(level.power).toBeLessThanOrEqual(0.05)
    expect(level.power).toBeGreaterThan(0.02)
    const model = { frequency: 0.05, or: 6 }
    const exact = tablePower(model, 22, 60, trendRejection('trend_exact_p', 0.01), options)
    const mid = tablePower(model, 22, 60, trendRejection('trend_midp', 0.01), options)
    expect(mid.power).toBeGreaterThan(exact.power)
  })

  it('by simulation agrees with the enumeration inside its interval, and repeats itself', () => {
    const model = { frequency: 0.08, or: 5 }
    const rule = trendRejection('trend_exact_p', 0.01)
    const exact = tablePower(model, 15, 40, rule, options)
    const drawn = tablePower(model, 15, 40, rule, simulated)
    expect([exact.method, drawn.method]).toEqual(['enumeration', 'simulation'])
    expect(drawn.low).toBeLessThan(exact.power)
    expect(drawn.high).toBeGreaterThan(exact.power)
    expect(tablePower(model, 15, 40, rule, simulated)).toEqual(drawn)
    expect(tablePower(model, 15, 40, rule, { ...simulated, seed: 12 }).power).not.toBe(drawn.power)
  })

  it('approaches the asymptotic power when the study is large', () => {
    const model = { frequency: 0.3, or: 1.5 }
    const large = tablePower(model, 250, 250, trendRejection('trend_exact_p', 0.01), simulated)
    expect(Math.abs(large.power - asymptoticPower(model, 250, 250, 0.01))).toBeLessThan(0.04)
  })

  it('knows the tests of a 2x3 table apart', () => {
    // 10/9/3 v 95/8/0: exact trend 5.2e-7, Freeman-Halton 6.65e-7, Firth 3.49e-7.
    const at = (test: Parameters<typeof rejectionRule>[0], alpha: number): boolean =>
      rejectionRule(test, alpha).forSizes(22, 103)([10, 9, 3], [95, 8, 0])
    expect([at('trend_exact_p', 5.1e-7), at('trend_exact_p', 5.3e-7)]).toEqual([false, true])
    expect([at('fisher_p', 6.6e-7), at('fisher_p', 6.7e-7)]).toEqual([false, true])
    expect([at('firth_p', 3.4e-7), at('firth_p', 3.5e-7)]).toEqual([false, true])
    expect(at('trend_midp', 5.1e-7)).toBe(true)
    expect(rejectionRule('firth_p', 0.9).forSizes(5, 5)([5, 0, 0], [5, 0, 0])).toBe(false)
  })

  it('does not differ in crowded tables from the exact test without its shortcut', () => {
    const model = { frequency: 0.35, or: 1.7 }
    const rule = trendRejection('trend_exact_p', 1e-4)
    const plain: typeof rule = {
      test: 'trend_exact_p',
      forSizes: (cases, controls) => (a, b) => {
        const n1 = a[1] + b[1]
        const n2 = a[2] + b[2]
        return exactTrendNull(cases + controls - n1 - n2, n1, n2, cases).logP[a[1] + 2 * a[2]] <= Math.log(1e-4)
      },
    }
    const few = { ...simulated, replicates: 150 }
    const found = tablePower(model, 180, 360, rule, few)
    expect(found.power).toBe(tablePower(model, 180, 360, plain, few).power)
    expect(found.power).toBeGreaterThan(0.3)
    expect(found.power).toBeLessThan(0.9)
  })

  it('settles crowded tables as the exact null does', () => {
    let crowded = 0
    for (const [n, share, f] of [
      [500, 0.2, 0.5],
      [500, 0.1, 0.5],
      [1500, 0.1, 0.3],
      [1500, 0.2, 0.65],
      [4500, 0.1, 0.1],
      [4500, 0.2, 0.3],
    ]) {
      const cases = Math.round(n * share)
      const n1 = Math.round(2 * f * (1 - f) * n)
      const n2 = Math.round(f * f * n)
      expect(n1 * n2).toBeGreaterThan(20_000)
      const found = exactTrendNull(n - n1 - n2, n1, n2, cases)
      for (const alpha of [0.05, 1e-3, 1e-5, 5e-8])
        for (const test of ['trend_exact_p', 'trend_midp'] as const) {
          const rejects = trendRejection(test, alpha).forSizes(cases, n - cases)
          const logP = test === 'trend_midp' ? found.logMidp : found.logP
          for (let t = 0; t < logP.length; t++) {
            const a2 = Math.min(n2, t >> 1, Math.max(0, Math.round((t * n2) / (n1 + 2 * n2))))
            const a1 = t - 2 * a2
            if (!Number.isFinite(logP[t]) || a1 < 0 || a1 > n1 || a1 + a2 > cases) continue
            crowded++
            const b: [number, number, number] = [n - cases - (n1 - a1) - (n2 - a2), n1 - a1, n2 - a2]
            if (b[0] < 0) continue
            expect(rejects([cases - a1 - a2, a1, a2], b), `${n} ${share} ${f} ${test} ${alpha} ${t}`).toBe(
              logP[t] <= Math.log(alpha) + 1e-12,
            )
          }
        }
    }
    expect(crowded).toBeGreaterThan(5000)
  })
})

describe('casesNeeded', () => {
  it('finds the size that enumeration of every size finds', () => {
    const model = { frequency: 0.1, or: 8 }
    const rule = trendRejection('trend_exact_p', 0.05)
    const question = { model, rule, alpha: 0.05, ratio: 2, power: 0.8, maxCases: 200 }
    const { cases, tried } = casesNeeded(question, options)
    const at = (n: number): number => tablePower(model, n, 2 * n, rule, options).power
    expect(cases).not.toBeNull()
    expect(at(cases ?? 1)).toBeGreaterThanOrEqual(0.8)
    expect(at((cases ?? 1) - 1)).toBeLessThan(0.8)
    expect(tried.every((t) => t.controls === 2 * t.cases)).toBe(true)
  })

  it.each([
    // Cases with five controls each that the Wald formula asks for: 52, 27, 81 and 134.
    [0.04, 3, 0.05, 52],
    [0.1, 3, 0.05, 27],
    [0.04, 6, 5e-8, 81],
    [0.1, 3, 5e-8, 134],
  ])('at frequency %f, OR %f, alpha %f lies near the Wald formula (%i)', (frequency, or, alpha, wald) => {
    const rule = trendRejection('trend_exact_p', alpha)
    const question = { model: { frequency, or }, rule, alpha, ratio: 5, power: 0.8, maxCases: 500 }
    const { cases } = casesNeeded(question, { ...simulated, replicates: 600 })
    expect(asymptoticPower(question.model, wald, 5 * wald, alpha)).toBeGreaterThanOrEqual(0.8)
    expect(asymptoticPower(question.model, wald - 1, 5 * (wald - 1), alpha)).toBeLessThan(0.8)
    expect((cases ?? 0) / wald).toBeGreaterThan(0.85)
    expect((cases ?? Infinity) / wald).toBeLessThan(1.3)
  })

  it('says when no size up to the limit is enough', () => {
    const rule = trendRejection('trend_exact_p', 5e-8)
    const weak = { model: { frequency: 0.02, or: 1.1 }, rule, alpha: 5e-8, ratio: 1, power: 0.8, maxCases: 60 }
    expect(casesNeeded(weak, { ...simulated, replicates: 50 }).cases).toBeNull()
    expect(casesNeeded({ ...weak, model: { frequency: 0.2, or: 1 } }, options).cases).toBeNull()
  })
})
