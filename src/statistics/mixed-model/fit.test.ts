import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/index.ts'
import { type Factor, profile } from './deviance.ts'
import { fitMixedModel, type LongitudinalData, localSums } from './index.ts'
import { invertPositive } from './symmetric.ts'

function table(name: string): Map<string, string>[] {
  const text = readFileSync(new URL(`../../../tests/oracles/05_mixed/${name}`, import.meta.url), 'utf8')
  const [header, ...lines] = text
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
  return lines.map((cells) => new Map(header.map((column, i) => [column, cells[i]])))
}

const rows = table('inputs.tsv')
const ids = [...new Set(rows.map((row) => String(row.get('id'))))]
const index = new Map(ids.map((id, i) => [id, i]))
const number = (row: Map<string, string>, column: string) => Number(row.get(column))

function oracleData(outcome: string): LongitudinalData {
  const month = rows.map((row) => number(row, 'month'))
  const group = rows.map((row) => number(row, 'group'))
  return {
    subjects: ids.length,
    subject: rows.map((row) => index.get(String(row.get('id'))) ?? -1),
    time: month,
    response: rows.map((row) => number(row, outcome)),
    fixed: [
      rows.map(() => 1),
      month,
      group,
      rows.map((row) => (row.get('site') === 'limb' ? 1 : 0)),
      month.map((m, i) => m * group[i]),
    ],
  }
}

describe('fitMixedModel', () => {
  it.each([
    ['score_cont', 'REML'],
    ['score_cont', 'ML'],
    ['score', 'REML'],
  ] as const)('agrees with lme4 and nlme on %s by %s', (outcome, method) => {
    const fit = fitMixedModel(oracleData(outcome), { method })
    const mine = (row: Map<string, string>) => row.get('outcome') === outcome && row.get('method') === method
    const variance = table('expected_variance.tsv').find(mine) ?? new Map<string, string>()
    expect(Math.abs(fit.logLikelihood - number(variance, 'loglik'))).toBeLessThan(1e-7)
    for (const [value, column] of [
      [fit.varIntercept, 'var_int'],
      [fit.varSlope, 'var_slope'],
      [fit.covariance, 'cov'],
      [fit.varResidual, 'sigma2'],
    ] as const)
      expect(Math.abs(value / number(variance, column) - 1)).toBeLessThan(1e-4)
    const terms = ['(Intercept)', 'month', 'group', 'sitelimb', 'month:group']
    const fixed = table('expected_fixed.tsv').filter(mine)
    expect(fixed.length).toBe(5)
    for (const row of fixed) {
      const j = terms.indexOf(String(row.get('term')))
      expect(Math.abs(fit.fixed[j] - number(row, 'lmer_est'))).toBeLessThan(1e-5)
      expect(Math.abs(fit.fixedSe[j] - number(row, 'lmer_se'))).toBeLessThan(1e-5)
    }
    for (const row of table('expected_blups.tsv').filter(mine)) {
      const s = index.get(String(row.get('id'))) ?? -1
      expect(Math.abs(fit.blupIntercept[s] - number(row, 'blup_int'))).toBeLessThan(1e-4)
      expect(Math.abs(fit.blupSlope[s] - number(row, 'blup_slope'))).toBeLessThan(1e-4)
    }
    expect(fit).toMatchObject({ converged: true, singular: false, observations: 3017, subjects: 400 })
  })

  // expected_two_visits*.tsv: lme4 1.1-31 (nlme agrees to 2e-11 in log-likelihood) on each person's second and last visit.
  it('agrees with lme4 on two visits a person, standard errors of the predictions included', () => {
    const visits = new Map<string, number[]>()
    rows.forEach((row, r) => {
      const id = String(row.get('id'))
      visits.set(id, [...(visits.get(id) ?? []), r])
    })
    const kept = [...visits.values()].flatMap((own) => {
      const byDay = own.toSorted((a, b) => number(rows[a], 'day') - number(rows[b], 'day'))
      return byDay.length < 3 ? [] : [byDay[1], byDay[byDay.length - 1]]
    })
    const whole = oracleData('score_cont')
    const pick = (column: ArrayLike<number>) => kept.map((r) => column[r])
    const fit = fitMixedModel({
      subjects: whole.subjects,
      subject: pick(whole.subject),
      time: pick(whole.time),
      response: pick(whole.response),
      fixed: whole.fixed.map(pick),
    })
    const expected = new Map(table('expected_two_visits.tsv').map((row) => [row.get('name'), number(row, 'value')]))
    const of = (name: string) => expected.get(name) ?? Number.NaN
    expect(fit).toMatchObject({ observations: 800, converged: true, singular: false })
    expect(Math.abs(fit.logLikelihood - of('loglik'))).toBeLessThan(1e-7)
    for (const [value, name] of [
      [fit.varIntercept, 'var_int'],
      [fit.varSlope, 'var_slope'],
      [fit.covariance, 'cov'],
      [fit.varResidual, 'sigma2'],
    ] as const)
      expect(Math.abs(value / of(name) - 1), name).toBeLessThan(1e-4)
    for (const [j, name] of ['(Intercept)', 'month', 'group', 'sitelimb', 'month:group'].entries()) {
      expect(Math.abs(fit.fixed[j] - of(name)), name).toBeLessThan(1e-5)
      expect(Math.abs(fit.fixedSe[j] - of(`se_${name}`)), name).toBeLessThan(1e-5)
    }
    for (const row of table('expected_two_visits_blups.tsv')) {
      const s = index.get(String(row.get('id'))) ?? -1
      expect(Math.abs(fit.blupIntercept[s] - number(row, 'blup_int'))).toBeLessThan(1e-4)
      expect(Math.abs(fit.blupSlope[s] - number(row, 'blup_slope'))).toBeLessThan(1e-4)
      expect(Math.abs(fit.blupInterceptSe[s] - number(row, 'se_int'))).toBeLessThan(1e-4)
      expect(Math.abs(fit.blupSlopeSe[s] - number(row, 'se_slope'))).toBeLessThan(1e-5)
    }
  })

  it.each([
    ['one visit each', 50, (s: number) => [s % 7]],
    ['one visit each, at one time', 50, () => [3]],
    ['three visits at one time', 50, () => [3, 3, 3]],
    ['three visits at time 0', 50, () => [0, 0, 0]],
    ['the same two times for everybody', 50, () => [0, 6]],
    ['one person', 1, () => [0, 1, 2, 3, 4, 5, 6, 7]],
    ['one person with visits among others without', 3, (s: number) => (s === 1 ? [0, 1, 2, 3, 4, 5, 6, 7] : [])],
  ])('refuses %s, which no likelihood can tell apart', (_, subjects, times) => {
    const draw = new RandomStream(9, 'test/mixed-model degenerate')
    const subject: number[] = []
    const time: number[] = []
    const response: number[] = []
    for (let s = 0; s < subjects; s++)
      for (const t of times(s)) {
        subject.push(s)
        time.push(t)
        response.push(38 - t + draw.normal())
      }
    expect(() => fitMixedModel({ subjects, subject, time, response, fixed: [time.map(() => 1)] })).toThrow(
      /cannot tell how people differ|one person does not show/,
    )
  })

  it('gives a person without visits the mean, and the spread of people as its error', () => {
    const draw = new RandomStream(10, 'test/mixed-model empty')
    const subject: number[] = []
    const time: number[] = []
    const response: number[] = []
    for (let s = 1; s < 60; s++) {
      const [a, b] = [38 + 4 * draw.normal(), -1 + 0.5 * draw.normal()]
      for (const t of [0, 2 + (s % 3), 9]) {
        subject.push(s)
        time.push(t)
        response.push(a + b * t + draw.normal())
      }
    }
    const fit = fitMixedModel({ subjects: 60, subject, time, response, fixed: [time.map(() => 1), time] })
    expect([fit.blupIntercept[0], fit.blupSlope[0]]).toEqual([0, 0])
    expect(fit.blupInterceptSe[0]).toBeCloseTo(Math.sqrt(fit.varIntercept), 12)
    expect(fit.blupSlopeSe[0]).toBeCloseTo(Math.sqrt(fit.varSlope), 12)
    expect(fit.blupInterceptSe[1]).toBeLessThan(fit.blupInterceptSe[0])
  })

  it('recovers a planted model from two visits a person and twelve thousand people', () => {
    const draw = new RandomStream(7, 'test/mixed-model')
    const subjects = 12_000
    const subject: number[] = []
    const time: number[] = []
    const response: number[] = []
    for (let s = 0; s < subjects; s++) {
      const a = 38 + 4 * draw.normal()
      const b = -0.9 + 0.1 * ((a - 38) / 4) + 0.6 * draw.normal()
      for (const t of s % 3 === 0 ? [0, 3, 6, 9] : [0, 6]) {
        subject.push(s)
        time.push(t)
        response.push(a + b * t + 1.8 * draw.normal())
      }
    }
    const fit = fitMixedModel({ subjects, subject, time, response, fixed: [time.map(() => 1), time] })
    expect(fit.converged).toBe(true)
    expect(fit.fixed[0]).toBeCloseTo(38, 0)
    expect(Math.abs(fit.fixed[1] + 0.9)).toBeLessThan(4 * fit.fixedSe[1])
    expect(Math.abs(Math.sqrt(fit.varSlope) - Math.sqrt(0.37))).toBeLessThan(0.05)
    expect(Math.abs(Math.sqrt(fit.varResidual) - 1.8)).toBeLessThan(0.05)
    expect(Math.abs(fit.covariance - 0.4)).toBeLessThan(0.4)
  })

  it('does not depend on the unit of time, and says when the slope does not vary', () => {
    const draw = new RandomStream(3, 'test/mixed-model')
    const subject: number[] = []
    const months: number[] = []
    const response: number[] = []
    for (let s = 0; s < 60; s++) {
      const a = 30 + 3 * draw.normal()
      for (let t = 0; t < 5; t++) {
        subject.push(s)
        months.push(3 * t)
        response.push(a - 0.8 * 3 * t + 2 * draw.normal())
      }
    }
    const fitted = (scale: number) => {
      const time = months.map((t) => t * scale)
      return fitMixedModel({ subjects: 60, subject, time, response, fixed: [time.map(() => 1), time] })
    }
    const inMonths = fitted(1)
    const inDays = fitted(30.4375)
    expect(inDays.varSlope * 30.4375 ** 2).toBeCloseTo(inMonths.varSlope, 6)
    expect(inDays.varResidual).toBeCloseTo(inMonths.varResidual, 6)
    expect(inMonths.varSlope).toBeLessThan(0.02)
    expect(Number.isFinite(inMonths.logLikelihood)).toBe(true)
  })

  it('does not depend on units and means of time, response and columns', () => {
    const draw = new RandomStream(11, 'test/mixed-model units')
    const subject: number[] = []
    const time: number[] = []
    const response: number[] = []
    const age: number[] = []
    for (let s = 0; s < 40; s++) {
      const [a, b, years] = [38 + 4 * draw.normal(), -1 + 0.5 * draw.normal(), draw.normal()]
      for (let v = 0; v < 4; v++) {
        subject.push(s)
        time.push(4 * v + (s % 3))
        response.push(a + b * (4 * v + (s % 3)) + years + draw.normal())
        age.push(years)
      }
    }
    const ones = time.map(() => 1)
    for (const method of ['REML', 'ML'] as const) {
      const plain = fitMixedModel({ subjects: 40, subject, time, response, fixed: [ones, time, age] }, { method })
      const days = time.map((t) => 1024 * (t + 8192))
      const raw = fitMixedModel(
        {
          subjects: 40,
          subject,
          time: days,
          response: response.map((y) => 2 ** 20 + y),
          fixed: [ones, days, age.map((a) => 2 ** 21 + 2 ** 10 * a)],
        },
        { method },
      )
      expect(raw).toMatchObject({ converged: true, singular: false })
      expect(Math.abs(raw.varResidual / plain.varResidual - 1)).toBeLessThan(1e-6)
      expect(Math.abs((raw.varSlope * 1024 ** 2) / plain.varSlope - 1)).toBeLessThan(1e-6)
      expect(Math.abs(raw.fixed[1] * 1024 - plain.fixed[1])).toBeLessThan(1e-6)
      expect(Math.abs(raw.fixed[2] * 1024 - plain.fixed[2])).toBeLessThan(1e-6)
      expect(Math.abs((raw.fixedSe[2] * 1024) / plain.fixedSe[2] - 1)).toBeLessThan(1e-6)
      // X in other units: log |X'V^-1 X| differs by that of the change.
      const change = method === 'REML' ? 20 * Math.LN2 : 0
      expect(Math.abs(raw.logLikelihood + change - plain.logLikelihood)).toBeLessThan(1e-6)
      for (let s = 0; s < 40; s++) {
        expect(Math.abs(raw.blupSlope[s] * 1024 - plain.blupSlope[s])).toBeLessThan(1e-6)
        expect(Math.abs((raw.blupSlopeSe[s] * 1024) / plain.blupSlopeSe[s] - 1)).toBeLessThan(1e-6)
        const level = raw.blupIntercept[s] + 1024 * 8192 * raw.blupSlope[s]
        expect(Math.abs(level - plain.blupIntercept[s])).toBeLessThan(1e-5)
      }
    }
  })

  // lme4 1.1-31 ends at -27.6276 from its own start; its deviance function, searched from 48 starts, has this maximum.
  it('finds the higher of two peaks of few people', () => {
    const subject = [0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5, 6, 6, 7, 7]
    const time = [0, 1.696, 0, 0.581, 2.108, 0, 2.445, 0, 1, 0, 3, 0, 1.218, 4.688, 0, 2, 0, 1.784]
    const response = [2.48, 0.87, 0.08, -0.67, -2.53, -3.75, -6.17, -3.72, -3.7, 1.6, -3.26, -1.86, -3.27, -6.92, -2.16]
    response.push(-2.97, -4.17, -6.08)
    const data = { subjects: 8, subject, time, response, fixed: [time.map(() => 1), time] }
    const fit = fitMixedModel(data, { method: 'ML' })
    expect(fit.converged).toBe(true)
    expect(Math.abs(fit.logLikelihood + 26.072054245)).toBeLessThan(1e-8)
  })

  it('says that nothing measures the residual where random effects give every value', () => {
    const draw = new RandomStream(12, 'test/mixed-model boundary')
    const subject: number[] = []
    const time: number[] = []
    const response: number[] = []
    for (let s = 0; s < 30; s++) {
      const slope = draw.normal()
      for (const t of [0, 1 + draw.uniform()]) {
        subject.push(s)
        time.push(t)
        response.push(slope * t)
      }
    }
    expect(fitMixedModel({ subjects: 30, subject, time, response, fixed: [time.map(() => 1), time] }).converged).toBe(
      false,
    )
  })

  it('has the gradient of its deviance', () => {
    const sums = localSums(oracleData('score'))
    for (const factor of [
      [1.5, 0.1, 0.3],
      [0.4, -0.5, 2],
    ] as Factor[])
      factor.forEach((value, i) => {
        const move = (h: number) => factor.map((v, j) => (i === j ? v + h : v)) as unknown as Factor
        const h = 1e-4 * Math.abs(value)
        for (const method of ['REML', 'ML'] as const) {
          const numeric = (profile(sums, move(h), method).deviance - profile(sums, move(-h), method).deviance) / (2 * h)
          expect(profile(sums, factor, method).gradient[i] / numeric).toBeCloseTo(1, 4)
        }
      })
  })

  it('refuses what cannot be fitted', () => {
    const data = oracleData('score')
    expect(() => fitMixedModel({ ...data, fixed: [...data.fixed, data.fixed[1]] })).toThrow(/combination/)
    expect(() => fitMixedModel({ ...data, response: data.response.length ? rows.map(() => Number.NaN) : [] })).toThrow(
      /missing/,
    )
    expect(() => fitMixedModel({ ...data, response: data.time })).toThrow(/exact combination/)
    expect(() =>
      fitMixedModel({ subjects: 1, subject: [0, 0], time: [0, 1], response: [1, 2], fixed: [[1, 1]] }),
    ).toThrow(/too few/)
  })

  it('inverts small matrices', () => {
    const found = invertPositive([4, 2, 2, 3], 2)
    if ('dependent' in found) throw new RangeError('dependent')
    ;[3 / 8, -2 / 8, -2 / 8, 4 / 8].forEach((value, i) => {
      expect(found.inverse[i]).toBeCloseTo(value, 14)
    })
    expect(invertPositive([1, 1, 1, 1], 2)).toEqual({ dependent: 1 })
  })
})
