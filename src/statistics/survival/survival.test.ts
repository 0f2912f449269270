import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { firthObjective } from '../likelihood/partial.ts'
import { cumulativeIncidence, fineGray } from './competing.ts'
import { coxFirth, coxRegression } from './cox.ts'
import { partialLikelihood, riskSets } from './risk-sets.ts'

const oracle = new URL('../../../tests/oracles/08_survival/', import.meta.url)
const expected = JSON.parse(readFileSync(new URL('expected.json', oracle), 'utf8'))
const [header, ...lines] = readFileSync(new URL('inputs_cox.tsv', oracle), 'utf8').trim().split('\n')
const cells = lines.map((line) => line.split('\t').map(Number))
const column = (name: string) => cells.map((row) => row[header.split('\t').indexOf(name)])
const [time, status, g, age, bulbar, entry, id] = ['time', 'status', 'g', 'age', 'bulbar', 'entry', 'id'].map(column)
const competing = status.map((s, i) => (s === 1 && id[i] % 3 === 0 ? 2 : s))

const near = (found: number, wanted: number, tolerance: number, name = '') =>
  expect(Math.abs(found - wanted), `${name} ${found} v ${wanted}`).toBeLessThan(
    tolerance * Math.max(1, Math.abs(wanted)),
  )
const kept = entry.flatMap((e, i) => (e < time[i] ? [i] : []))
const of = (values: number[]) => kept.map((i) => values[i])

describe('Cox regression', () => {
  it.each(['efron', 'breslow'] as const)('equals coxph with %s ties', (ties) => {
    const fit = coxRegression({ time, status, columns: [g, age] }, ties)
    const wanted = expected[`cox_${ties}`]
    near(fit.coefficients[0], wanted.coef.g, 1e-9)
    near(fit.coefficients[1], wanted.coef.age, 1e-9)
    near(fit.standardErrors[0], wanted.se.g, 1e-9)
    near(fit.nullLogLikelihood, wanted.loglik[0], 1e-12)
    near(fit.logLikelihood, wanted.loglik[1], 1e-12)
    near(fit.scoreChiSquare, wanted.score, 1e-10)
  })

  it('equals coxph with entry times and strata, and for one cause of two', () => {
    const fit = coxRegression({
      time: of(time),
      status: of(status),
      columns: [of(g), of(age)],
      entry: of(entry),
      strata: of(bulbar),
    })
    const wanted = expected.cox_entry_strata_efron
    near(fit.coefficients[0], wanted.coef.g, 1e-9)
    near(fit.coefficients[1], wanted.coef.age, 1e-9)
    near(fit.standardErrors[1], wanted.se.age, 1e-9)
    near(fit.logLikelihood, wanted.loglik[1], 1e-12)
    // R 4.2.2, survival 3.5-3: coxph(Surv(time, cause == 1) ~ g + age)
    const cause = coxRegression({ time, status: competing, columns: [g, age] })
    near(cause.coefficients[0], 0.264535420376655, 1e-9)
    near(cause.coefficients[1], 0.0293928482502924, 1e-9)
    near(cause.standardErrors[0], 0.27980929656708, 1e-9)
  })

  // R: coxph's log-likelihood and information at fixed coefficients, with half its log determinant, maximised by optim: chi-squares to 1e-7,
  // estimates to 1e-5.
  it('with Firth equals the penalised likelihood maximised in R', () => {
    const whole = { time, status, columns: [age], tested: g }
    const few = Array.from({ length: 40 }, (_, i) => i)
    const part = (values: number[]) => few.map((i) => values[i])
    const rare = {
      time: part(time),
      status: few.map((i) => (status[i] === 1 && g[i] > 0 ? 1 : 0)),
      columns: [part(age)],
      tested: few.map((i) => Math.min(g[i], 1)),
    }
    const entered = {
      time: of(time),
      status: of(status),
      columns: [of(age)],
      tested: of(g),
      entry: of(entry),
      strata: of(bulbar),
    }
    for (const [name, fit, beta, se, chiSquare, low, high] of [
      [
        'efron',
        coxFirth(whole),
        0.56342366091149,
        0.20865132512021,
        6.49634969398971,
        0.136595225480002,
        0.954875979143146,
      ],
      [
        'breslow',
        coxFirth(whole, 'breslow'),
        0.561199273675578,
        0.208779681975625,
        6.44242238915922,
        0.13415214321842,
        0.952927689149094,
      ],
      [
        'cox_entry_efron',
        coxFirth(entered, 'efron'),
        0.294247203923365,
        0.215827002472214,
        1.76235696909055,
        -0.146632697616082,
        0.699852395271889,
      ],
      [
        'cox_entry_breslow',
        coxFirth(entered, 'breslow'),
        0.297600050052742,
        0.215739892369955,
        1.80312486629407,
        -0.143077619585813,
        0.703050416139992,
      ],
      [
        'cox_sep_breslow',
        coxFirth(rare, 'breslow'),
        3.44897484631189,
        1.53305664222176,
        10.0911381095886,
        1.26017800611636,
        8.34346585209166,
      ],
      [
        'cox_sep_efron',
        coxFirth(rare, 'efron'),
        3.44897484631189,
        1.53305664222176,
        10.0911381095886,
        1.26017800611636,
        8.34346585209166,
      ],
    ] as const) {
      expect(fit.status).toBe('ok')
      near(fit.beta, beta, 1e-5, name)
      near(fit.standardError, se, 1e-5, name)
      near(fit.chiSquare, chiSquare, 1e-7, name)
      near(fit.low ?? 0, low, 1e-6, name)
      near(fit.high ?? 0, high, 1e-6, name)
    }
    const plain = coxRegression({ ...rare, columns: [rare.columns[0], rare.tested] })
    expect(plain.status).toBe('separated')
    expect(plain.infinite).toEqual([1])
  })

  it.each(['efron', 'breslow'] as const)('has the penalty whose slope it climbs, %s ties', (ties) => {
    const random = new RandomStream(51, 'test/cox')
    const n = 30
    const data = {
      time: Array.from({ length: n }, () => 1 + random.integer(8)),
      status: Array.from({ length: n }, () => random.integer(2)),
      columns: [0, 1].map(() => Array.from({ length: n }, () => random.normal())),
    }
    const likelihood = partialLikelihood(riskSets(data), data.columns, ties)
    const penalised = firthObjective(likelihood)
    const b = Float64Array.of(0.3, -0.8)
    const here = penalised(b)
    for (const j of [0, 1]) {
      const [up, down] = [1e-4, -1e-4].map((by) => penalised(b.map((v, i) => (i === j ? v + by : v))))
      if (up === undefined || down === undefined || here === undefined) throw b
      expect((up.value - down.value) / 2e-4).toBeCloseTo(here.gradient[j], 6)
    }
  })

  // More than 20,000 memberships of risk sets: summed by spans, against a plain sum over each set.
  it.each(['efron', 'breslow'] as const)('sums many risk sets as it does few, %s ties', (ties) => {
    const random = new RandomStream(52, 'test/cox')
    const n = 700
    const time = Array.from({ length: n }, () => 10 + random.integer(300))
    const data = {
      time,
      status: time.map(() => (random.uniform() < 0.8 ? 1 : 0)),
      entry: time.map((t) => random.integer(t)),
      strata: time.map(() => random.integer(2)),
      columns: [0, 1, 2].map(() => time.map(() => random.normal())),
    }
    const sets = riskSets(data)
    expect(sets.reduce((sum, { people }) => sum + people.length, 0)).toBeGreaterThan(20_000)
    const whole = partialLikelihood(sets, data.columns, ties)
    // A set at a time is below the limit.
    const parts = sets.map((set) => partialLikelihood([set], data.columns, ties))
    // Even risks, then one column that makes some people e^30 times as likely as others.
    for (const b of [Float64Array.of(0.3, -0.8, 0), Float64Array.of(0.3, -0.8, 6)]) {
      const found = whole(b, true)
      const points = parts.map((part) => part(b, true))
      for (const name of ['gradient', 'information', 'third'] as const)
        found?.[name].forEach((v, at) => {
          const sum = points.reduce((total, point) => total + (point?.[name][at] ?? Number.NaN), 0)
          near(v, sum, 1e-10, name)
        })
      near(
        found?.value ?? 0,
        points.reduce((total, point) => total + (point?.value ?? Number.NaN), 0),
        1e-12,
      )
      expect(whole(b, false)?.information).toEqual(found?.information)
    }
  })

  it('says what cannot be fitted', () => {
    const none = { time: [1, 2, 3], status: [0, 0, 2], columns: [[1, 2, 3]] }
    expect(coxRegression(none).status).toBe('uninformative')
    expect(coxRegression({ time: [3], status: [1], columns: [[1]] }).status).toBe('uninformative')
    expect(coxRegression({ time: [], status: [], columns: [[]] }).status).toBe('uninformative')
    expect(coxRegression({ time: [1, 2, 3], status: [1, 1, 1], columns: [[2, 2, 2]] }).status).toBe('collinear')
    expect(coxRegression({ time: [1, 2, 3], status: [1, 1, 1], columns: [[3, 2, 1]] })).toMatchObject({
      status: 'separated',
      infinite: [0],
    })
    expect(coxFirth({ ...none, tested: [1, 0, 1] }).status).toBe('collinear')
    const finite = coxFirth({ time: [1, 2, 3, 4], status: [1, 1, 0, 0], columns: [], tested: [1, 1, 0, 0] })
    expect(Math.abs(finite.beta)).toBeLessThan(10)
    expect(() => coxRegression({ ...none, status: [0, 1, 3] })).toThrow(/it is 0, 1 or 2/)
    expect(() => coxRegression({ ...none, entry: [0, 2, 0] })).toThrow(/enters at 2/)
    expect(() => coxRegression({ ...none, time: [1, 2, Number.NaN] })).toThrow(/no number/)
    expect(() => coxRegression({ ...none, columns: [[1]] })).toThrow(/one value for every person/)
  })
})

describe('competing risks', () => {
  // R 4.2.2: survival 3.5-3 (finegray, coxph with Breslow's ties and cluster; survfit, conf.type log-log)
  it('Fine and Gray equals survival', () => {
    const fit = fineGray({ time, status: competing, columns: [g, age] })
    near(fit.coefficients[0], 0.0329019693547169, 1e-9)
    near(fit.coefficients[1], 0.0197379171000554, 1e-9)
    near(fit.standardErrors[0], 0.281793949124568, 1e-9)
    near(fit.robustStandardErrors[0], 0.277400633256009, 1e-9)
    near(fit.robustStandardErrors[1], 0.0129950058425257, 1e-9)
    near(fit.logLikelihood, -342.58509103986, 1e-11)
  })

  it('without the competing event is Cox, and the incidence 1 - Kaplan-Meier', () => {
    const fine = fineGray({ time, status, columns: [g, age] })
    const cox = coxRegression({ time, status, columns: [g, age] }, 'breslow')
    near(fine.coefficients[0], cox.coefficients[0], 1e-12)
    const found = cumulativeIncidence({ time, status })
    let survival = 1
    let greenwood = 0
    found.time.forEach((t, j) => {
      const events = time.filter((s, i) => s === t && status[i] === 1).length
      const n = found.atRisk[j]
      survival *= 1 - events / n
      if (n > events) greenwood += events / (n * (n - events))
      near(found.incidence[j], 1 - survival, 1e-12)
      near(found.standardError[j], survival * Math.sqrt(greenwood), 1e-9)
    })
  })

  it('cumulative incidence, its standard error and limits equal survfit', () => {
    const found = cumulativeIncidence({ time, status: competing })
    for (const [t, value, se, low] of [
      [3, 0.0833333333333333, 0.0206005513530435, 0.0488068381423918],
      [10, 0.2136469980757442, 0.0307767637508274, 0.156727716553823],
      [20, 0.3748257840759696, 0.0384445506631356, 0.2998740725242628],
      [40, 0.4941470251138685, 0.046258203703686, 0.4007209034569996],
    ]) {
      const j = found.time.findLastIndex((s) => s <= t)
      near(found.incidence[j], value, 1e-12)
      near(found.standardError[j], se, 1e-9, `${t}`)
      near(found.low[j], low, 1e-9)
      expect(found.low[j]).toBeLessThan(value)
      expect(found.high[j]).toBeGreaterThan(value)
    }
  })

  it('says what cannot be estimated', () => {
    expect(fineGray({ time: [1, 2], status: [2, 0], columns: [[0, 1]] }).status).toBe('uninformative')
    expect(fineGray({ time: [1, 2], status: [2, 0], columns: [[0, 1]] }).robustStandardErrors[0]).toBeNaN()
    expect(cumulativeIncidence({ time: [1, 2], status: [0, 0] }).time.length).toBe(0)
    expect(cumulativeIncidence({ time: [], status: [] }).time.length).toBe(0)
    const all = cumulativeIncidence({ time: [1, 1], status: [1, 1] })
    expect([...all.incidence, ...all.standardError, ...all.low]).toEqual([1, 0, 1])
  })
})
