import { describe, expect, it } from 'vitest'
import { geneTests, LabelDraws, labelScheme } from '../../../src/statistics/index.ts'
import { readGenotypes, readTsv } from '../variants.ts'

const here = (name: string) => new URL(name, import.meta.url)
const genotypes = readGenotypes(here('../02_firth/n265.vcf.gz'))
const people = readTsv(here('null_model.tsv'))
const cases = people.map((p) => Number(p.y))
const risks = people.map((p) => Number(p.null_prob))
const columns = ['sex', 'age', 'pc1'].map((name) => people.map((p) => Number(p[name])))
const draws = new LabelDraws(
  labelScheme(new Int32Array(cases.length), Int32Array.of(cases.reduce((a, b) => a + b, 0)), risks),
  1,
  'test/gene tests',
)
const rows = readTsv(here('sets.tsv')).filter((r) => r.method_bin === 'ER')
const options = { maxMaf: 0.5, weights: 'beta', sets: 4000 } as const
const sets = 4000

// SKATBinary's own p is by resampling and good to 10%; where ours is by label sets it has its own error beside that.
describe('gene tests against SKATBinary (efficient resampling)', () => {
  for (const set of new Set(rows.map((r) => r.set)))
    it(`set ${set}`, () => {
      const mine = rows.filter((r) => r.set === set)
      const peer = (method: string) => {
        const row = mine.find((r) => r.method === method)
        return Number(row?.p_standard === 'NA' ? row.p : row?.p_standard)
      }
      const found = geneTests(
        mine[0].variants.split(',').map((id) => genotypes.get(id) ?? []),
        cases,
        draws,
        { risks, columns },
        options,
      )
      expect(found).toMatchObject({ status: 'ok', method: 'label sets' })
      for (const [method, own, bar] of [
        ['Burden', found.burden, 0.1],
        ['SKAT', found.skat, 0.1],
        // Another grid of correlations, and p by rank where SKAT has an approximation for each of them.
        ['SKATO', found.skatO, 0.35],
      ] as const) {
        const p = peer(method)
        if (p < 20 / found.sets) expect(own.p).toBeLessThan(60 / found.sets)
        else
          expect(Math.abs(own.p - p), `${method} ${own.p} v ${p}`).toBeLessThan(
            bar * p + 4 * Math.sqrt(p / found.sets),
          )
      }
    }, 30_000)
})

it('label sets are drawn once for all genes', () => {
  expect(draws.first(sets)).toBe(draws.first(10))
})
