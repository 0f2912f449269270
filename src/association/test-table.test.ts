import { describe, expect, it } from 'vitest'
import { testTable } from './test-table.ts'

const table = (c0: number, c1: number, c2: number, k0: number, k1: number, k2: number) =>
  testTable({ caseRef: c0, caseHet: c1, caseAlt: c2, controlRef: k0, controlHet: k1, controlAlt: k2 })

describe('every test on one table', () => {
  it('gives 10/9/3 v 95/8/0 its known numbers', () => {
    // Rational enumeration (Python) and an independent R program for Firth.
    const t = table(10, 9, 3, 95, 8, 0)
    const close = (ours: number | null, expected: number) =>
      expect(Math.abs((ours ?? 0) / expected - 1)).toBeLessThan(1e-8)
    close(t.trend_exact_p, 5.216369750330604e-7)
    close(t.trend_midp, 2.8075062656595286e-7)
    close(t.min_attainable_p, 3.2280912473985548e-21)
    close(t.trend_asymptotic_p, 7.52926571476122e-9)
    close(t.fisher_p, 6.645016392561314e-7)
    close(t.allelic_p, 8.96873036362812e-8)
    close(t.allelic_midp, 4.8059767858505456e-8)
    close(t.allelic_or, 12.583737772930016)
    close(t.allelic_or_low, 4.548651158694821)
    close(t.allelic_or_high, 37.55531969873995)
    close(t.dominant_midp, 1.2185981066463734e-6)
    close(t.dominant_or, 13.739444986950193)
    close(t.recessive_p, 0.004846577498033045)
    close(t.recessive_or_low, 2.0432200603988795)
    expect(t.recessive_or_high).toBe(Number.POSITIVE_INFINITY)
    close(t.firth_p, 3.4857361390591003e-7)
    close(t.or, Math.exp(2.3979282800174899))
    close(t.or_se, 0.53824734079705017)
    close(t.or_low, Math.exp(1.4074443242651147))
    close(t.or_high, Math.exp(3.5140983186872825))
    close(t.trend_exact_neglog10p, -Math.log10(5.216369750330604e-7))
    expect(t.status).toBe('ok')
    expect(t.limits).toBe('profile')
    // SciPy 1.17.1 (Barnard), R: glm on augmented data (log-F), the saddlepoint written out
    close(t.dominant_barnard_p, 1.674603743026468e-6)
    close(t.recessive_barnard_p, 0.0013440399600245143)
    close(t.logf_p, 5.359031047997982e-7)
    close(t.logf_or, Math.exp(2.359860552471844))
    close(t.logf_or_low, Math.exp(1.3828788340262441))
    close(t.spa_p, 2.6542439333451126e-7)
    expect(t.dominant_boschloo_p).toBeLessThan(t.dominant_p)
    expect(t.recessive_boschloo_p).toBeLessThan(t.recessive_p)
    expect(t.dominant_or_midp_low).toBeGreaterThan(t.dominant_or_low)
    expect(t.dominant_or_midp_high).toBeLessThan(t.dominant_or_high)
    expect(t.agreement).toBe(
      'The tests spread over 5.8 powers of ten, from the smallest p (asymptotic trend) to the largest (recessive): name one before looking. Those that ask about the number of copies spread over 1.9.',
    )
  })

  it.each([
    ['nobody differs', [22, 0, 0, 103, 0, 0], 'monomorphic'],
    ['no controls', [3, 4, 5, 0, 0, 0], 'unreachable'],
    ['nobody', [0, 0, 0, 0, 0, 0], 'monomorphic'],
  ] as const)('when %s: p is 1 and mid-p one half', (_, [a, b, c, d, e, f], status) => {
    const t = table(a, b, c, d, e, f)
    for (const p of [t.trend_exact_p, t.fisher_p, t.allelic_p, t.dominant_p, t.recessive_p, t.firth_p])
      expect(p).toBe(1)
    for (const p of [t.logf_p, t.spa_p, t.dominant_barnard_p, t.recessive_boschloo_p]) expect(p).toBe(1)
    expect(t.agreement).toBe('The tests agree.')
    for (const p of [t.trend_midp, t.fisher_midp, t.allelic_midp, t.dominant_midp, t.recessive_midp])
      expect(p).toBe(0.5)
    expect(t.status).toBe(status)
    expect(t.or).toBeNull()
  })

  it('leaves out what is not made for thousands, and nothing else', () => {
    const t = table(900, 150, 4, 1200, 120, 2)
    expect(t.dominant_barnard_p).toBeNull()
    expect(t.recessive_boschloo_p).toBeNull()
    for (const p of [t.trend_exact_p, t.firth_p, t.logf_p, t.spa_p, t.dominant_p]) expect(p).toBeLessThan(0.01)
  })

  it('has every test on tables where a genotype is missing in one group or both', () => {
    for (const counts of [
      [0, 22, 0, 103, 0, 0],
      [22, 0, 0, 0, 0, 103],
      [0, 0, 1, 0, 1, 0],
      [1, 0, 0, 0, 0, 1],
      [0, 1, 0, 103, 0, 0],
      [21, 1, 0, 103, 0, 0],
    ] as const) {
      const [c0, c1, c2, k0, k1, k2] = counts
      const t = table(c0, c1, c2, k0, k1, k2)
      for (const p of [t.logf_p, t.spa_p, t.firth_p, t.dominant_barnard_p, t.recessive_boschloo_p]) {
        expect(p, counts.join()).toBeGreaterThan(0)
        expect(p, counts.join()).toBeLessThanOrEqual(1)
      }
    }
  })
})
