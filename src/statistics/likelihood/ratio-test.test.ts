import { expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { conditionalFirth } from '../conditional-logistic/index.ts'
import { logFRegression } from '../logistic/index.ts'
import { coxFirth } from '../survival/index.ts'

it('penalised fits of a handful of people, separated or not, end at a finite estimate or say why there is none', () => {
  const random = new RandomStream(61, 'test/ratio-test')
  const seen = new Set<string>()
  for (let r = 0; r < 120; r++) {
    const n = 5 + random.integer(35)
    const cases: number[] = Array.from({ length: n }, () => (random.uniform() < 0.25 ? 1 : 0))
    const sets = Array.from({ length: n }, () => random.integer(1 + random.integer(6)))
    const frequency = random.uniform() * 0.3
    const copy = () => (random.uniform() < frequency ? 1 : 0)
    const tested: number[] = Array.from({ length: n }, () => copy() + copy())
    const apart = r % 3 === 0 ? 6 : 0
    const columns = Array.from({ length: random.integer(3) }, () => cases.map((y) => random.normal() + apart * y))
    const time = cases.map(() => 1 + random.integer(12))
    const status = cases.map((y) => y * (1 + random.integer(2)))
    for (const [name, fit] of [
      ['conditional', conditionalFirth({ cases, sets, columns, tested })],
      ['cox', coxFirth({ time, status, columns, tested }, r % 2 === 0 ? 'efron' : 'breslow')],
      ['log-F', logFRegression({ cases, columns, tested })],
    ] as const) {
      seen.add(`${name} ${fit.status}`)
      const what = `${name} ${JSON.stringify({ cases, sets, columns, tested, time, status })}`
      expect(fit.status, what).not.toBe('not_converged')
      if (Number.isNaN(fit.beta)) {
        expect(['collinear', 'separated'], what).toContain(fit.status)
        continue
      }
      expect(Math.abs(fit.beta), what).toBeLessThan(30)
      expect(fit.logP, what).toBeLessThanOrEqual(0)
      if (fit.low !== null) expect(fit.low, what).toBeLessThan(fit.beta)
      if (fit.high !== null) expect(fit.high, what).toBeGreaterThan(fit.beta)
    }
  }
  for (const name of ['conditional', 'cox', 'log-F']) {
    expect(seen).toContain(`${name} ok`)
    expect(seen).toContain(`${name} collinear`)
  }
})
