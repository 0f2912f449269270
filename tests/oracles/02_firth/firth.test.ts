import { describe, expect, it } from 'vitest'
import { kernels } from '../../../src/numerics/kernels.ts'
import { FirthBatch, firthRegression, lanes } from '../../../src/statistics/firth/index.ts'
import { fitNull } from '../../../src/statistics/logistic/index.ts'
import { readGenotypes, readTsv } from '../variants.ts'

const here = (name: string) => new URL(name, import.meta.url)
const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length

describe.each(['n125', 'n265'])('Firth with four covariates, %s', (set) => {
  const people = readTsv(here(`${set}.pheno.tsv`))
  const genotypes = readGenotypes(here(`${set}.vcf.gz`))
  const cases = people.map((p) => Number(p.case) - 1)
  const ages = people.map((p) => Number(p.age))
  const covariates = [
    people.map((p) => Number(p.sex) - 1),
    ages.map((a) => (a - mean(ages)) / 10),
    people.map((p) => 10 * Number(p.pc1)),
    people.map((p) => 10 * Number(p.pc2)),
  ]
  const rows = readTsv(here(`${set}.expected.tsv`))
  const regress = (id: string) => {
    const tested = Float64Array.from(genotypes.get(id) ?? [], (g) => (g < 0 ? Number.NaN : g))
    return firthRegression({ cases, columns: covariates, tested })
  }

  it('agrees on every variant that can be fitted', () => {
    let compared = 0
    for (const row of rows.filter((r) => r.status === 'ok' && r.own_converged === '1')) {
      const ours = regress(row.id)
      expect(ours.status, row.id).toBe('ok')
      expect(Math.abs(ours.beta - Number(row.own_beta)), `${row.id} beta`).toBeLessThan(1e-8)
      expect(Math.abs(ours.standardError - Number(row.own_se)), `${row.id} se`).toBeLessThan(1e-8)
      const logP = Math.log(Number(row.own_lrt_p))
      expect(Math.abs(ours.logP - logP), `${row.id} log p`).toBeLessThan(1e-8 * Math.max(1, Math.abs(logP)))
      expect(Math.abs((ours.low ?? Number.NaN) - Number(row.logistf_ci_lo)), `${row.id} low`).toBeLessThan(1e-6)
      expect(Math.abs((ours.high ?? Number.NaN) - Number(row.logistf_ci_hi)), `${row.id} high`).toBeLessThan(1e-6)
      compared++
    }
    expect(compared).toBeGreaterThan(150)
  })

  it('agrees where variants are fitted four at once', () => {
    const { columns, coefficients } = fitNull(
      Uint8Array.from(cases),
      covariates.map((values, j) => ({ name: `${j}`, values: Float64Array.from(values) })),
    )
    const words = Math.ceil(people.length / 64)
    const fitted = rows.filter((r) => r.status === 'ok' && r.own_converged === '1')
    const k = kernels()
    let compared = 0
    k.scope(() => {
      const batch = new FirthBatch(cases, columns, coefficients)
      const bits = k.put(Int32Array.from(cases, (_, i) => i))
      for (let from = 0; from < fitted.length; from += lanes) {
        const some = fitted.slice(from, from + lanes)
        const records = some.map((row) => {
          const record = new Uint8Array(16 * words)
          genotypes.get(row.id)?.forEach((g, i) => {
            const code = g < 0 ? 3 : g
            record[i >> 3] |= (code & 1) << (i & 7)
            record[8 * words + (i >> 3)] |= (code >> 1) << (i & 7)
          })
          return k.put(record)
        })
        batch.test(records, words, bits).forEach((ours, lane) => {
          const row = some[lane]
          if (ours.outcome === 1) return
          compared++
          expect(Math.abs(ours.beta - Number(row.own_beta)), `${row.id} beta`).toBeLessThan(1e-8)
          expect(Math.abs(ours.standardError - Number(row.own_se)), `${row.id} se`).toBeLessThan(1e-8)
          const logP = Math.log(Number(row.own_lrt_p))
          expect(Math.abs(ours.logP - logP), `${row.id} log p`).toBeLessThan(1e-8 * Math.max(1, Math.abs(logP)))
        })
      }
    })
    expect(compared).toBeGreaterThan(0.95 * fitted.length)
  })

  it('finds the columns that the covariates already hold, and those without variation', () => {
    const degenerate = rows.filter((r) => r.status === 'collinear' || r.status === 'monomorphic')
    expect(degenerate.length).toBeGreaterThan(5)
    for (const row of degenerate) expect(regress(row.id).status, row.id).toBe('collinear')
  })
})
