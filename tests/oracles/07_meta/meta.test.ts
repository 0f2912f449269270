import { describe, expect, it } from 'vitest'
import {
  leaveOneOut,
  metaAnalysis,
  peto,
  woolf,
} from '../../../src/statistics/meta/index.ts'
import { readTsv } from '../variants.ts'

const file = (name: string) => readTsv(new URL(name, import.meta.url))

/** Rows by their set. */
function bySet(name: string): Map<string, Record<string, string>[]> {
  const sets = new Map<string, Record<string, string>[]>()
  for (const row of file(name)) sets.set(row.set, [...(sets.get(row.set) ?? []), row])
  return sets
}

/** |found - expected| <= tolerance max(1, |expected|); NA is skipped and counted. */
function close(found: number | null | undefined, expected: string, tolerance: number, what: string): void {
  if (expected === 'NA') return
  expect(found, what).not.toBeNull()
  const value = Number(expected)
  expect(
    Math.abs(Number(found) - value) / Math.max(1, Math.abs(value)),
    `${what}: ${found} v ${expected}`,
  ).toBeLessThanOrEqual(tolerance)
}

const effects = bySet('inputs_effects.tsv')

describe('effects against metafor', () => {
  const expected = file('expected_effects.tsv')
  it('covers every set', () => {
    expect(new Set(expected.map((row) => row.set)).size).toBe(22)
    expect(expected.length).toBe(154)
  })
  it.each(expected.map((row) => [`set ${row.set} ${row.method} ${row.test}`, row] as const))('%s', (name, row) => {
    const studies = (effects.get(row.set) ?? []).map((s) => ({ estimate: Number(s.yi), standardError: Number(s.sei) }))
    const found = metaAnalysis(studies)
    expect(found.studies).toBe(Number(row.k))
    close(found.heterogeneity.q, row.Q, 1e-8, `${name} Q`)
    if (row.Q_p !== 'NA') close(found.heterogeneity.logP, String(Math.log(Number(row.Q_p))), 1e-8, `${name} log Q p`)
    if (row.method === 'FE') {
      close(found.fixed.estimate, row.beta, 1e-8, `${name} beta`)
      close(found.fixed.standardError, row.se, 1e-8, `${name} se`)
      close(found.fixed.statistic, row.stat, 1e-8, `${name} z`)
      close(found.fixed.logP, String(Math.log(Number(row.p))), 1e-8, `${name} log p`)
      close(found.fixed.low, row.ci_lo, 1e-8, `${name} low`)
      close(found.fixed.high, row.ci_hi, 1e-8, `${name} high`)
      close(100 * found.heterogeneity.i2, row.I2, 1e-7, `${name} I2`)
      close(found.heterogeneity.h2 ?? 1, row.H2, 1e-8, `${name} H2`)
      close(found.fixedLogLikelihood, row.loglik, 1e-8, `${name} log likelihood`)
      return
    }
    const random = found.random[row.method as 'DL' | 'REML' | 'PM']
    // tau2 by REML is iterated to 1e-12 in metafor's own terms; what depends on it moves with it.
    const tolerance = row.method === 'REML' ? 1e-6 : 1e-8
    close(random.tau2, row.tau2, tolerance, `${name} tau2`)
    if (random.tau2Se !== null) close(random.tau2Se, row.se_tau2, tolerance, `${name} se of tau2`)
    if (studies.length > 1) {
      close(100 * random.i2, row.I2, 100 * tolerance, `${name} I2`)
      close(random.h2, row.H2, tolerance, `${name} H2`)
    }
    close(random.logLikelihood, row.loglik, 1e-8, `${name} log likelihood`)
    const test = row.test === 'z' ? random.normal : random.hartungKnapp
    if (test === null) return
    close(test.estimate, row.beta, tolerance, `${name} beta`)
    close(test.standardError, row.se, tolerance, `${name} se`)
    close(test.statistic, row.stat, tolerance, `${name} statistic`)
    if (row.p !== 'NA' && Number(row.p) > 0) close(test.logP, String(Math.log(Number(row.p))), tolerance, `${name} log p`)
    close(test.low, row.ci_lo, tolerance, `${name} low`)
    close(test.high, row.ci_hi, tolerance, `${name} high`)
    const prediction = row.test === 'z' ? random.predictionNormal : random.predictionHartungKnapp
    close(prediction?.low, row.pi_lo, tolerance, `${name} prediction low`)
    close(prediction?.high, row.pi_hi, tolerance, `${name} prediction high`)
  })

  // expected_profile.tsv: metafor 3.8-1, confint and leave1out of rma.uni(method = "DL"), R 4.2.2.
  it.each(file('expected_profile.tsv').map((row) => [row.set, row] as const))(
    'Q-profile and leave-one-out of set %s',
    (name, row) => {
      const studies = (effects.get(row.set) ?? []).map((s) => ({
        estimate: Number(s.yi),
        standardError: Number(s.sei),
      }))
      const found = metaAnalysis(studies)
      close(found.tau2Interval?.low, row.tau2_lo, 1e-8, `${name} tau2 low`)
      close(found.tau2Interval?.high, row.tau2_hi, 1e-8, `${name} tau2 high`)
      close(100 * (found.i2Interval?.low ?? 0), row.i2_lo, 1e-8, `${name} I2 low`)
      close(100 * (found.i2Interval?.high ?? 0), row.i2_hi, 1e-8, `${name} I2 high`)
      const without = leaveOneOut(studies)
      const estimates = without.map(({ analysis }) => analysis.random.DL.normal.estimate)
      close(Math.min(...estimates), row.loo_min, 1e-8, `${name} leave-one-out lowest`)
      close(Math.max(...estimates), row.loo_max, 1e-8, `${name} leave-one-out highest`)
      close(without[0].analysis.heterogeneity.q, row.loo_Q1, 1e-8, `${name} Q without the first`)
    },
  )
})

// Mantel-Haenszel and the exact test over strata: src/statistics/stratified.
describe('tables against metafor', () => {
  const tables = bySet('../07_strata/inputs_strata.tsv')
  const expected = file('../07_strata/expected_strata.tsv')
  it('covers every set', () => {
    expect(expected.length).toBe(42)
  })
  it.each(expected.map((row) => [row.set, row] as const))('set %s', (name, row) => {
    const strata = (tables.get(row.set) ?? []).map((s) => ({
      caseWith: Number(s.ai),
      caseWithout: Number(s.bi),
      controlWith: Number(s.ci),
      controlWithout: Number(s.di),
    }))
    const logOf = (p: string) => (p === 'NA' ? p : String(Math.log(Number(p))))
    const one = peto(strata)
    close(one.effect?.estimate, row.peto_logor, 1e-8, `${name} Peto`)
    close(one.effect?.standardError, row.peto_se, 1e-8, `${name} Peto se`)
    close(one.effect?.logP, logOf(row.peto_p), 1e-8, `${name} Peto p`)
    if (strata.length > 1) close(one.heterogeneity?.chiSquare ?? 0, row.peto_Q, 1e-8, `${name} Peto Q`)
    for (const [half, prefix] of [
      ['only0', 'iv_half_only0'],
      ['all', 'iv_half_all'],
    ] as const) {
      const found = metaAnalysis(strata.map((t) => woolf(t, half)).filter((e) => e !== null)).fixed
      close(found.estimate, row[`${prefix}_logor`], 1e-8, `${name} ${prefix}`)
      close(found.standardError, row[`${prefix}_se`], 1e-8, `${name} ${prefix} se`)
    }
  })
})
