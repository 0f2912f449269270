import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { firthRegression, testLastColumn } from './test.ts'
import { FirthWorkspace } from './workspace.ts'

/** Penalised log-likelihood by the book: plain loops, Gaussian elimination for the determinant. */
function penalised(x: number[][], y: number[], beta: number[]): number {
  const k = beta.length
  const information = Array.from({ length: k }, () => new Array<number>(k).fill(0))
  let likelihood = 0
  x.forEach((row, i) => {
    const eta = row.reduce((sum, v, j) => sum + v * beta[j], 0)
    likelihood += y[i] === 1 ? -Math.log1p(Math.exp(-eta)) : -Math.log1p(Math.exp(eta))
    const p = 1 / (1 + Math.exp(-eta))
    for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) information[a][b] += p * (1 - p) * row[a] * row[b]
  })
  let logDeterminant = 0
  for (let a = 0; a < k; a++) {
    logDeterminant += Math.log(information[a][a])
    for (let b = a + 1; b < k; b++) {
      const f = information[b][a] / information[a][a]
      for (let c = a; c < k; c++) information[b][c] -= f * information[a][c]
    }
  }
  return likelihood + logDeterminant / 2
}

/** People of a 2x3 table, cases first. */
function people(table: number[]) {
  const cases: number[] = []
  const tested: number[] = []
  table.forEach((count, cell) => {
    for (let i = 0; i < count; i++) {
      cases.push(cell < 3 ? 1 : 0)
      tested.push(cell % 3)
    }
  })
  return { cases, tested, columns: [] }
}

/** Length of the penalised score in standard errors, by the book. */
function scoreLength(x: number[][], y: number[], called: number[], beta: ArrayLike<number>): number {
  const k = beta.length
  const rows = x.map((row, i) => {
    const p = 1 / (1 + Math.exp(-row.reduce((sum, v, j) => sum + v * beta[j], 0)))
    return { row, p, v: called[i] * p * (1 - p), r: called[i] * (y[i] - p) }
  })
  const factor = Array.from({ length: k }, () => new Array<number>(k).fill(0))
  for (let a = 0; a < k; a++)
    for (let b = 0; b <= a; b++) {
      let s = rows.reduce((sum, { row, v }) => sum + v * row[a] * row[b], 0)
      for (let m = 0; m < b; m++) s -= factor[a][m] * factor[b][m]
      factor[a][b] = a === b ? Math.sqrt(s) : s / factor[b][b]
    }
  const whitened = (values: readonly number[]) => {
    const z: number[] = []
    for (let a = 0; a < k; a++) z.push((values[a] - z.reduce((s, u, m) => s + factor[a][m] * u, 0)) / factor[a][a])
    return z
  }
  const score = new Array<number>(k).fill(0)
  for (const { row, p, v, r } of rows) {
    const q = whitened(row).reduce((s, u) => s + u * u, 0)
    for (let a = 0; a < k; a++) score[a] += row[a] * (r + v * q * (0.5 - p))
  }
  return Math.hypot(...whitened(score))
}

describe('Firth regression', () => {
  // Expected numbers: an independent R program (penalised likelihood maximised to 1e-11), tables 10/9/3 v 95/8/0 and 5/14/3 v 81/22/0.
  it.each([
    [
      [10, 9, 3, 95, 8, 0],
      2.3979282800174899,
      0.53824734079705017,
      25.959953221473526,
      3.4857361390591003e-7,
      1.4074443242651147,
      3.5140983186872825,
    ],
    [
      [5, 14, 3, 81, 22, 0],
      2.3828409539400695,
      0.52237627172121615,
      28.654746288669159,
      8.6501716347338147e-8,
      1.4373326554987904,
      3.5065449808859572,
    ],
  ])('reproduces the published kind of table %j', (table, beta, se, chiSquare, p, low, high) => {
    const fit = firthRegression(people(table))
    expect(fit.status).toBe('ok')
    expect(fit.limits).toBe('profile')
    expect(Math.abs(fit.beta - beta)).toBeLessThan(1e-9)
    expect(Math.abs(fit.standardError - se)).toBeLessThan(1e-8)
    expect(Math.abs(fit.chiSquare - chiSquare)).toBeLessThan(1e-9)
    expect(Math.abs(fit.logP - Math.log(p))).toBeLessThan(1e-8)
    expect(fit.low).toBeCloseTo(low, 8)
    expect(fit.high).toBeCloseTo(high, 8)
  })

  it('ends where no step up is left, for every number of parameters and an odd number of people', () => {
    const random = new RandomStream(3, 'test/firth')
    for (let covariates = 0; covariates < 6; covariates++) {
      const n = 37 + covariates
      const columns = Array.from({ length: covariates }, () => Array.from({ length: n }, () => random.normal()))
      const tested = Array.from({ length: n }, () => random.integer(3))
      const cases = Array.from({ length: n }, (_, i) => (random.uniform() < (tested[i] === 2 ? 0.6 : 0.25) ? 1 : 0))
      const x = tested.map((g, i) => [1, ...columns.map((c) => c[i]), g])
      kernels().scope(() => {
        const model = new FirthWorkspace({ cases, columns })
        model.setTested(tested)
        const fit = model.climb(false, true, 5, 50)
        const beta = Array.from(model.coefficients())
        const best = penalised(x, cases, beta)
        expect(fit?.logLikelihood).toBeCloseTo(best, 10)
        for (let j = 0; j < beta.length; j++)
          for (const d of [-1e-3, 1e-3])
            expect(
              penalised(
                x,
                cases,
                beta.map((b, i) => (i === j ? b + d : b)),
              ),
            ).toBeLessThan(best)
        const slope = (j: number) =>
          (penalised(
            x,
            cases,
            beta.map((b, i) => (i === j ? b + 1e-5 : b)),
          ) -
            penalised(
              x,
              cases,
              beta.map((b, i) => (i === j ? b - 1e-5 : b)),
            )) /
          2e-5
        for (let j = 0; j < beta.length; j++) expect(Math.abs(slope(j))).toBeLessThan(1e-7)
        // Fisher scoring climbs the same hill.
        model.coefficients().fill(0)
        const slow = model.climb(false, false, 0.5, 2000)
        expect(slow?.logLikelihood).toBeCloseTo(best, 10)
        for (const [j, b] of model.coefficients().entries()) expect(b).toBeCloseTo(beta[j], 7)
      })
    }
  })

  it('leaves out people without a call, and an offset moves the intercept only', () => {
    const { cases, tested } = people([10, 9, 3, 95, 8, 0])
    const gaps = firthRegression({
      cases: [...cases, 1, 0, 0],
      tested: [...tested, Number.NaN, Number.NaN, Number.NaN],
      columns: [],
    })
    const whole = firthRegression({ cases, tested, columns: [] })
    expect(gaps.beta).toBeCloseTo(whole.beta, 11)
    expect(gaps.logP).toBeCloseTo(whole.logP, 10)
    const shifted = firthRegression({ cases, tested, columns: [], offset: cases.map(() => -0.7) })
    expect(shifted.beta).toBeCloseTo(whole.beta, 9)
    expect(shifted.logP).toBeCloseTo(whole.logP, 9)
  })

  it('is finite when carriers are cases only, and says when a column adds nothing', () => {
    const fit = firthRegression(people([18, 4, 0, 103, 0, 0]))
    // Saturated 2x2: half a person is added to each cell.
    expect(fit.beta).toBeCloseTo(Math.log((4.5 * 103.5) / (18.5 * 0.5)), 9)
    expect(fit.status).toBe('ok')
    expect(firthRegression(people([22, 0, 0, 103, 0, 0])).status).toBe('collinear')
    const { cases, tested } = people([10, 9, 3, 95, 8, 0])
    expect(firthRegression({ cases, tested, columns: [tested.map((g) => 3 - 2 * g)] }).status).toBe('collinear')
  })

  it('gives the intercept whose risks sum to the cases', () => {
    const random = new RandomStream(4, 'test/firth')
    const n = 90
    const age = Array.from({ length: n }, () => random.normal())
    const offset = Array.from({ length: n }, () => random.normal() / 3)
    const tested = Array.from({ length: n }, (_, i) => (i === 7 ? Number.NaN : random.integer(3)))
    const cases = Array.from({ length: n }, (_, i) => (random.uniform() < 0.12 + 0.05 * (tested[i] || 0) ? 1 : 0))
    const fit = firthRegression({ cases, columns: [age], tested, offset })
    const sum = (intercept: number) =>
      tested.reduce((total, g, i) => {
        if (Number.isNaN(g)) return total
        const eta = intercept + offset[i] + fit.coefficients[1] * age[i] + fit.coefficients[2] * g
        return total + 1 / (1 + Math.exp(-eta))
      }, 0)
    const called = cases.filter((y, i) => y === 1 && !Number.isNaN(tested[i])).length
    expect(sum(fit.flicIntercept)).toBeCloseTo(called, 10)
    // Firth's own risks are drawn towards one half.
    expect(sum(fit.coefficients[0])).toBeGreaterThan(called + 0.1)
    expect(fit.secondMode).toBe(false)
  })

  it('finds the higher of two maxima with six cases and a separating covariate, and says that there are two', () => {
    const random = new RandomStream(5, 'test/firth modes')
    let two = 0
    let moved = 0
    for (let r = 0; r < 300; r++) {
      const cases: number[] = Array.from({ length: 30 }, (_, i) => (i < 6 ? 1 : 0))
      const gap = 3 + 6 * random.uniform()
      const covariate = cases.map((y) => gap * y + random.normal())
      const tested = cases.map((y) => (random.uniform() < (y === 1 ? 0.5 : 0.1) ? 1 : 0))
      if (tested.every((g) => g === tested[0])) continue
      const fit = firthRegression({ cases, columns: [covariate], tested }, { profile: false })
      if (fit.secondMode) two++
      // A plain grid of the tested coefficient, the others climbed to: no fit is above the one returned.
      kernels().scope(() => {
        const model = new FirthWorkspace({ cases, columns: [covariate] })
        model.setTested(tested)
        let highest = Number.NEGATIVE_INFINITY
        for (let b = -8; b <= 8; b += 1) {
          model.coefficients().set([0, 0, b])
          const found = model.climb(false, false, 1, 2000)
          if (found !== undefined) highest = Math.max(highest, found.logLikelihood)
        }
        if (highest > fit.penalisedLogLikelihood + 1e-7) moved++
      })
    }
    expect(two).toBeGreaterThan(10)
    expect(moved).toBe(0)
  })

  it('follows the highest maximum on the way to a limit', () => {
    // Base R, the penalised likelihood maximised from 60 starts with the tested coefficient held: twice the drop is 2.70 at 8.75 and 3.55 at 20, so there is
    // no limit below 20; a path of one maximum crosses 3.84 at 8.74.
    const cases = [0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
    const tested = [2, 0, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0]
    const columns = [
      [-12.5, 0.8, -9.8, -9.2, 0, -0.1, 0, 0, 0.1, -0.2, -0.7, 0.2, 0.2, 1.1, -0.8, 0.4, -1.4, 10, 0.1, 1.4, 0.1],
      [0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 0, 1],
      [0, 0, -3.2, 6.3, 0, 0.1, -0.1, -0.1, -10, 11.8, -0.1, -2.3, 9.9, -0.1, -0.5, -4.4, 0, -0.1, 0.7, 1.8, 5.6],
    ]
    const fit = firthRegression({ cases, columns, tested })
    expect(fit).toMatchObject({ status: 'separated', high: null, secondMode: true })
    expect(fit.low).toBeCloseTo(0.22026, 4)
    // The scan follows one.
    expect(firthRegression({ cases, columns, tested }, { profile: false }).secondMode).toBe(false)
  })

  it('has limits at which no start ends higher than the drop allows', () => {
    const cases = [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]
    const tested = [1, 2, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0]
    const columns = [
      [
        ...[0.10429603941301467, 3.332764270624021, 0.17349972528330374, -0.007596185340779403, -0.15236268550432877],
        ...[2.2633390713438444, 0.33219855247494035, -13.887149298630755, 0.01743033415842252, -0.07931387499280662],
        ...[-0.1651060959908586, 0.2777711172840158],
      ],
    ]
    const fit = firthRegression({ cases, columns, tested })
    expect(fit.secondMode).toBe(true)
    kernels().scope(() => {
      const model = new FirthWorkspace({ cases, columns })
      model.setTested(tested)
      for (const limit of [fit.low ?? Number.NaN, fit.high ?? Number.NaN]) {
        const drops: number[] = []
        for (const intercept of [-4, -1, 0, 2])
          for (const slope of [-3, -1, 0, 1, 3]) {
            model.coefficients().set([intercept, slope, limit])
            const found = model.climb(true, false, 0.1, 4000)
            if (found !== undefined) drops.push(2 * (fit.penalisedLogLikelihood - found.logLikelihood))
          }
        expect(Math.min(...drops)).toBeCloseTo(3.841458820694124, 6)
      }
    })
  })

  it('ends where the penalised score vanishes: few people, many covariates, ages and raw units', () => {
    const random = new RandomStream(21, 'test/firth score')
    let compared = 0
    for (let table = 0; table < 600; table++) {
      const n = [8, 20, 47, 125][table % 4]
      const share = [0.05, 0.18, 0.5][random.integer(3)]
      const cases = Array.from({ length: n }, () => +(random.uniform() < share))
      const [centre, spread] = [
        [0, 1],
        [60, 8],
        [0, 1000],
      ][random.integer(3)]
      const columns = Array.from({ length: random.integer(7) }, () =>
        Float64Array.from({ length: n }, () => centre + spread * random.normal()),
      )
      const frequency = Math.exp(-5 * random.uniform()) / 2
      const tested = cases.map(() => +(random.uniform() < frequency) + +(random.uniform() < frequency))
      const called = cases.map(() => +(random.uniform() > 0.02))
      kernels().scope(() => {
        const model = new FirthWorkspace({ cases, columns })
        model.setTested(tested, called)
        if (model.collinear()) return
        const start = kernels().allocate(8 * model.parameters)
        kernels().f64(start, model.parameters).fill(0)
        if (!testLastColumn(model, start).converged) return
        const design = cases.map((_, i) => [1, ...columns.map((c) => c[i]), called[i] * tested[i]])
        expect(scoreLength(design, cases, called, model.coefficients()), `table ${table}`).toBeLessThan(1e-7)
        compared++
      })
    }
    expect(compared).toBeGreaterThan(400)
  })

  it('tells effects of next to nothing apart: log p grows with the distance from none', () => {
    const random = new RandomStream(5, 'test/firth flat')
    const cases = Array.from({ length: 60 }, () => +(random.uniform() < 0.3))
    const columns = [cases.map(() => random.normal())]
    const [u, w] = [cases.map(() => random.normal()), cases.map((y) => y + random.normal())]
    const at = (c: number) =>
      firthRegression({ cases, columns, tested: u.map((x, i) => x + c * w[i]) }, { profile: false })
    let [low, high] = [-5, 5]
    expect(at(low).beta * at(high).beta).toBeLessThan(0)
    for (let halving = 0; halving < 50; halving++) {
      const middle = (low + high) / 2
      if (at(low).beta * at(middle).beta <= 0) high = middle
      else low = middle
    }
    const [near, far] = [1e-7, 2e-7].map((distance) => at(low + distance).logP)
    expect(far).toBeLessThan(-1e-9)
    expect(far).toBeGreaterThan(-1e-6)
    expect(far / near).toBeCloseTo(2, 3)
  })
})
