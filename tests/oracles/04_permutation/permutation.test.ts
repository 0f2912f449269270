import { describe, expect, it } from 'vitest'
import { LabelSets, labelNull, labelScheme } from '../../../src/statistics/labels/index.ts'
import { readGenotypes, readTsv } from '../variants.ts'

const here = (name: string) => new URL(name, import.meta.url)
const genotypes = readGenotypes(here('../02_firth/n125.vcf.gz'))
const people = readTsv(here('../02_firth/n125.pheno.tsv'))
const cases = people.map((p) => Number(p.case) - 1)
const names = [...new Set(people.map((p) => p.stratum))].sort()
const strata = people.map((p) => names.indexOf(p.stratum))

describe.each([
  ['plain', people.map(() => 0)],
  ['stratified', strata],
] as const)('%s relabelling', (name, of) => {
  const counts = new Int32Array(Math.max(...of) + 1)
  for (const [i, s] of of.entries()) counts[s] += cases[i]
  const scheme = labelScheme(of, counts)
  // Rows with missing calls test a mean-imputed statistic, which (c, T) is not.
  const rows = readTsv(here(`${name}.tsv`)).filter((r) => r.informative === '1' && r.n_missing === '0')
  const observed = (id: string) => {
    const g = genotypes.get(id) ?? new Int8Array()
    const t = g.reduce((sum, v, i) => sum + v * cases[i], 0)
    return { g, t, null: labelNull(g, scheme) }
  }

  it('gives the p that a million permutations estimate', () => {
    expect(rows.length).toBeGreaterThan(60)
    for (const row of rows) {
      const { t, null: law } = observed(row.id)
      const p = Math.exp(law.logP[t])
      const tolerance = 5 * Number(row.mc_se) + 2 / Number(row.B)
      expect(Math.abs(p - Number(row.p_plus1)), row.id).toBeLessThan(tolerance)
      if (row.exact_p !== 'NA') expect(Math.abs(p / Number(row.exact_p) - 1), row.id).toBeLessThan(1e-10)
    }
  })

  it('is what its own label sets estimate', () => {
    const sets = new LabelSets(scheme)
    const drawn = Array.from({ length: 4000 }, (_, r) => sets.draw(2, 'test/permutation', r))
    for (const row of rows.slice(0, 12)) {
      const { g, t, null: law } = observed(row.id)
      const limit = law.logP[t] + 1e-9
      const extreme = drawn.filter((set) => law.logP[set.reduce((sum, i) => sum + g[i], 0)] <= limit).length
      const p = Math.exp(law.logP[t])
      expect(Math.abs(extreme / 4000 - p), row.id).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / 4000) + 1e-3)
    }
  })
})
