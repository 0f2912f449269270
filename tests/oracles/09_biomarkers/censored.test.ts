import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type CensoredData, censoredRegression } from '../../../src/statistics/censored/index.ts'

const [head, ...rows] = readFileSync(new URL('inputs_lod.tsv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split('\t'))
const people = rows.map((cells) => Object.fromEntries(head.map((key, i) => [key, cells[i]])))
const expected = JSON.parse(readFileSync(new URL('expected.json', import.meta.url), 'utf8'))

function data(names: string[]): CensoredData {
  const below = people.map((r) => r.below === '1')
  return {
    y: Float64Array.from(people, (r, i) => Math.log(Number(below[i] ? r.lod : r.value))),
    censoring: Int8Array.from(below, (b) => (b ? -1 : 0)),
    x: Float64Array.from(people.flatMap((r) => [1, ...names.map((name) => Number(r[name]))])),
    p: names.length + 1,
  }
}

/** What survreg says of the right-censored mirror image: values and coefficients negated. */
function mirrored(d: CensoredData): CensoredData {
  return { ...d, y: d.y.map((v) => -v), censoring: d.censoring.map((c) => -c) }
}

describe('censored regression against survreg', () => {
  const all = expected.survreg_gaussian_log
  const fit = censoredRegression(data(['grp', 'age', 'geno']))

  it('coefficients, scale and log-likelihood to 1e-7', () => {
    expect(fit.status).toBe('ok')
    Object.values(all.coef as Record<string, number>).forEach((b, i) => {
      expect(Math.abs(fit.beta[i] - b)).toBeLessThan(1e-7)
    })
    expect(Math.abs(fit.sigma - all.scale)).toBeLessThan(1e-7)
    expect(Math.abs(fit.logLikelihood - all.loglik[1])).toBeLessThan(1e-7)
  })

  it('standard errors and covariance to 1e-7', () => {
    const vcov = Object.values(all.vcov as Record<string, number[]>).flat()
    vcov.forEach((v, i) => {
      expect(Math.abs(fit.covariance[i] - v)).toBeLessThan(1e-7)
    })
    const se = Object.values(all.se_all as Record<string, number>)
    se.forEach((s, i) => {
      expect(Math.abs(Math.sqrt(fit.covariance[i * 5 + i]) - s)).toBeLessThan(1e-7)
    })
  })

  it('the likelihood ratio of the genotype, and the mean of everyone', () => {
    const without = censoredRegression(data(['grp', 'age']))
    expect(Math.abs(2 * (fit.logLikelihood - without.logLikelihood) - all.lrt_geno)).toBeLessThan(1e-7)
    const mean = censoredRegression(data([]))
    expect(Math.abs(mean.beta[0] - expected.survreg_mean_only.mu)).toBeLessThan(1e-7)
    expect(Math.abs(mean.sigma - expected.survreg_mean_only.sigma)).toBeLessThan(1e-7)
  })

  it('right-censored values are the mirror image', () => {
    const other = censoredRegression(mirrored(data(['grp', 'age', 'geno'])))
    fit.beta.forEach((b, i) => {
      expect(other.beta[i]).toBeCloseTo(-b, 9)
    })
    expect(other.logLikelihood).toBeCloseTo(fit.logLikelihood, 9)
  })
})
