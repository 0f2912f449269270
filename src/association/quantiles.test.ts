import { describe, expect, it } from 'vitest'
import { RandomStream } from '../numerics/index.ts'
import { exactTrendNull } from '../statistics/exact/index.ts'
import { ExpectedQuantiles } from './expectation.ts'
import { Quantiles } from './quantiles.ts'
import { TrendTables } from './tables.ts'

describe('quantiles against the discrete expectation', () => {
  it('expects of every variant one p, spread as its null spreads it', () => {
    const expected = new ExpectedQuantiles(new TrendTables(60))
    expected.add(40, 15, 5, 8)
    expected.add(40, 15, 5, 8)
    expected.add(58, 2, 0, 8)
    const bins = expected.total()
    expect(bins.reduce((a, b) => a + b, 0)).toBeCloseTo(3, 10)
    // Two heterozygotes among 60, 8 cases: T = 0 has p = 1.
    const none = (52 * 51) / (60 * 59)
    const large = Array.from(exactTrendNull(40, 15, 5, 8).logP).filter((l) => l > -0.01)
    expect(large.length).toBeGreaterThan(0)
    expect(bins[0]).toBeGreaterThanOrEqual(none)
    expect(bins.slice(50).reduce((a, b) => a + b, 0)).toBeGreaterThan(0)
  })

  it('gives lambda one and points on the diagonal when p is drawn from the nulls', () => {
    const random = new RandomStream(7, 'test/quantiles')
    const tables = new TrendTables(265)
    const quantiles = new Quantiles()
    const expected = new ExpectedQuantiles(tables)
    for (let v = 0; v < 20_000; v++) {
      const n2 = random.integer(8)
      const n1 = 30 + random.integer(60)
      const n0 = 265 - n1 - n2
      // Cases by drawing 22 of 265 people.
      let [left, het, alt, t] = [265, n1, n2, 0]
      for (let i = 0; i < 22; i++) {
        const u = random.integer(left--)
        if (u < het) {
          het--
          t++
        } else if (u < het + alt) {
          alt--
          t += 2
        }
      }
      const { logP, logMidp } = tables.get(n0, n1, n2, 22)
      quantiles.add(logP[t], Math.exp(logMidp[t]))
      expected.add(n0, n1, n2, 22)
    }
    quantiles.expect(expected.total())
    expect(quantiles.lambda()).toBeGreaterThan(0.93)
    expect(quantiles.lambda()).toBeLessThan(1.07)
    const { expected: e, observed: o, low, high } = quantiles.points()
    expect(e.length).toBe(o.length)
    e.forEach((x, i) => {
      if (i > 30) expect(Math.abs(x - o[i])).toBeLessThan(0.12)
      expect(low[i]).toBeLessThanOrEqual(x + 0.01)
      expect(high[i]).toBeGreaterThanOrEqual(x - 0.01)
    })
  })
})
