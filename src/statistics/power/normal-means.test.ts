import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { studentLogTail } from '../../numerics/special.ts'
import { differenceSize, meanPower, tPower } from './normal-means.ts'

describe('tPower', () => {
  // R 4.2.2: pt(tc, df, ncp, lower = FALSE) + pt(-tc, df, ncp).
  it.each([
    [1.3, 1, 0.05, 0.086953195359],
    [3, 3, 0.01, 0.171504308398],
    [5, 1000, 1e-4, 0.862249373188],
    [0, 7, 0.05, 0.05],
  ])('shift %f, %i degrees, level %f', (shift, degrees, alpha, expected) => {
    expect(tPower(shift, degrees, alpha)).toBeCloseTo(expected, 8)
    expect(tPower(-shift, degrees, alpha)).toBeCloseTo(expected, 8)
  })

  it.each([
    // Few degrees and a small level: the turn lies within a millionth of a standard deviation.
    [6, 1, 1e-6, 7.519881104589565e-6],
    [4, 5, 1e-7, 2.653967057364426e-5],
  ])('far out: shift %f, %i degrees, level %f', (shift, degrees, alpha, expected) => {
    expect(tPower(shift, degrees, alpha) / expected).toBeCloseTo(1, 6)
  })

  it('is the closed form of two degrees of freedom', () => {
    // P = 1 - (1 - alpha) exp(-shift^2 (2 alpha - alpha^2) / 2), where R's pt has an absolute error of 4e-13.
    for (const [shift, alpha] of [
      [7, 1e-8],
      [3, 1e-5],
      [1, 0.05],
      [40, 1e-3],
    ])
      expect(
        tPower(shift, 2, alpha) / -Math.expm1(Math.log1p(-alpha) - (shift * shift * (2 * alpha - alpha * alpha)) / 2),
      ).toBeCloseTo(1, 10)
  })

  it('refuses what is no test', () => {
    expect(() => tPower(1, 0, 0.05)).toThrow(/degrees/)
    expect(() => tPower(1, 5, 0)).toThrow(/level 0/)
  })
})

describe('trials in genotype groups', () => {
  // R 4.2.2: power.t.test(n, delta, sd = 1, sig.level, strict = TRUE).
  it.each([
    [10, 1, 0.05, 0.562006646586],
    [30, 0.5, 0.05, 0.47789652077],
    [5, 1.2, 0.01, 0.14772829843],
    [400, 0.1, 0.001, 0.029980261955],
    [2, 2, 0.05, 0.218307074848],
    [2000, 0.1, 1e-6, 0.041451072366],
  ])('%i an arm, difference %f, level %f', (n, difference, alpha, expected) => {
    const effects = { carriers: 0.15, inCarriers: difference, inOthers: 0 }
    expect(meanPower('carriers', n, effects, alpha)).toBeCloseTo(expected, 8)
  })

  it('finds the size at which the power is first enough', () => {
    const effects = { carriers: 0.15, inCarriers: 0.5, inOthers: 0.1 }
    for (const design of ['carriers', 'interaction', 'all'] as const) {
      const n = differenceSize(design, effects, { alpha: 0.05, power: 0.8, most: 5000 }) ?? 0
      expect(meanPower(design, n, effects, 0.05)).toBeGreaterThanOrEqual(0.8)
      expect(meanPower(design, n - 1, effects, 0.05)).toBeLessThan(0.8)
    }
    // power.t.test(delta = 0.5, power = 0.8): n = 63.77
    expect(differenceSize('carriers', effects, { alpha: 0.05, power: 0.8, most: 5000 })).toBe(64)
    const none = { carriers: 0.15, inCarriers: 0, inOthers: 0 }
    expect(differenceSize('carriers', none, { alpha: 0.05, power: 0.8, most: 500 })).toBeNull()
    expect(meanPower('interaction', 1, effects, 0.05)).toBe(0)
    expect(meanPower('carriers', 1, effects, 0.05)).toBe(0)
  })

  it('agrees with simulated people', () => {
    const effects = { carriers: 0.3, inCarriers: 1, inOthers: 0.2 }
    const random = new RandomStream(3, 'test/trial')
    const perArm = 25
    let [all, differ] = [0, 0]
    const rounds = 3000
    const mean = (x: number[]): number => x.reduce((a, b) => a + b, 0) / x.length
    const spread = (x: number[]): number => x.reduce((s, v) => s + (v - mean(x)) ** 2, 0)
    const draw = (n: number, shift: number): number[] => Array.from({ length: n }, () => shift + random.normal())
    for (let r = 0; r < rounds; r++) {
      let k = 0
      for (let i = 0; i < perArm; i++) if (random.uniform() < effects.carriers) k++
      const cells = [draw(k, 1), draw(k, 0), draw(perArm - k, 0.2), draw(perArm - k, 0)].filter((x) => x.length > 0)
      const rest = cells.reduce((s, x) => s + spread(x), 0) / (2 * perArm - cells.length)
      const effect = cells.reduce((s, x, i) => s + (x.length * mean(x) * (i % 2 === 0 ? 1 : -1)) / perArm, 0)
      const t = Math.abs(effect) / Math.sqrt((2 * rest) / perArm)
      if (studentLogTail(t, 2 * perArm - cells.length) < Math.log(0.025)) all++

      const four = [draw(perArm, 1), draw(perArm, 0), draw(perArm, 0.2), draw(perArm, 0)]
      const pooled = four.reduce((s, x) => s + spread(x), 0) / (4 * perArm - 4)
      const contrast = mean(four[0]) - mean(four[1]) - mean(four[2]) + mean(four[3])
      if (studentLogTail(Math.abs(contrast) / Math.sqrt((4 * pooled) / perArm), 4 * perArm - 4) < Math.log(0.025))
        differ++
    }
    const error = (p: number): number => 4 * Math.sqrt((p * (1 - p)) / rounds)
    const expected = meanPower('all', perArm, effects, 0.05)
    expect(Math.abs(all / rounds - expected)).toBeLessThan(error(expected))
    const interaction = meanPower('interaction', perArm, effects, 0.05)
    expect(Math.abs(differ / rounds - interaction)).toBeLessThan(error(interaction))
  })
})
