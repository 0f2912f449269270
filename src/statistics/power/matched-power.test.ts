import { describe, expect, it } from 'vitest'
import { matchedPower } from './matched-power.ts'

const options = { seed: 3, replicates: 2000 }

describe('matchedPower', () => {
  it('of 1:1 sets is that of the sign test of discordant pairs', () => {
    // An allele so rare that hardly anybody has two: the trend is then the exact test of discordant pairs, whose power is a sum.
    const [frequency, or, pairs] = [0.02, 30, 12]
    const carries = 1 - (1 - frequency) ** 2
    const inCases = (carries * or) / (1 - carries + carries * or)
    const [up, down] = [inCases * (1 - carries), (1 - inCases) * carries]
    const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k)
    const pTwoSided = (b: number, n: number) => {
      let sum = 0
      for (let k = 0; k <= n; k++) if (Math.abs(k - n / 2) >= Math.abs(b - n / 2)) sum += choose(n, k) * 0.5 ** n
      return sum
    }
    let power = 0
    for (let b = 0; b <= pairs; b++)
      for (let c = 0; c + b <= pairs; c++)
        if (b + c > 0 && pTwoSided(b, b + c) <= 0.05)
          power += choose(pairs, b) * choose(pairs - b, c) * up ** b * down ** c * (1 - up - down) ** (pairs - b - c)
    const model = { frequency, or, inheritance: 'dominant' as const }
    const found = matchedPower(model, [{ cases: 1, controls: 1, sets: pairs }], 'trend_exact_p', 0.05, options)
    expect(power).toBeGreaterThan(0.4)
    expect(Math.abs(found.power - power)).toBeLessThan(0.04)
  })

  it('keeps its level, rises with the effect, the controls and the level, and mid-p and Firth see more', () => {
    const sets = (controls: number) => [{ cases: 1, controls, sets: 22 }]
    const of = (
      or: number,
      test: 'trend_exact_p' | 'trend_midp' | 'fisher_p' | 'firth_p',
      controls = 4,
      alpha = 0.05,
    ) => matchedPower({ frequency: 0.2, or }, sets(controls), test, alpha, options).power
    expect(of(1, 'trend_exact_p')).toBeLessThan(0.06)
    expect(of(1, 'fisher_p')).toBeLessThan(0.06)
    expect(of(1, 'firth_p')).toBeLessThan(0.07)
    expect(of(4, 'trend_exact_p')).toBeGreaterThan(of(2, 'trend_exact_p'))
    expect(of(4, 'trend_exact_p', 4)).toBeGreaterThan(of(4, 'trend_exact_p', 1))
    expect(of(4, 'trend_exact_p', 4, 1e-4)).toBeLessThan(of(4, 'trend_exact_p'))
    expect(of(4, 'trend_midp')).toBeGreaterThanOrEqual(of(4, 'trend_exact_p'))
    expect(of(4, 'firth_p')).toBeGreaterThan(of(4, 'trend_exact_p') - 0.05)
  })

  it('refuses no sets and sets of one group', () => {
    expect(() => matchedPower({ frequency: 0.2, or: 2 }, [], 'firth_p', 0.05, options)).toThrow(/at least one case/)
    expect(() =>
      matchedPower({ frequency: 0.2, or: 2 }, [{ cases: 1, controls: 0, sets: 3 }], 'firth_p', 0.05, options),
    ).toThrow(/at least one case/)
  })
})
