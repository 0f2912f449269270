import { expect, it } from 'vitest'
import { labelNull, labelScheme } from '../../../src/statistics/labels/index.ts'
import { readGenotypes, readTsv } from '../variants.ts'

const here = (name: string) => new URL(name, import.meta.url)
const genotypes = readGenotypes(here('../02_firth/n265.vcf.gz'))
const people = readTsv(here('null_model.tsv'))
const cases = people.map((p) => Number(p.y))
const risks = people.map((p) => Number(p.null_prob))
const total = cases.reduce((a, b) => a + b, 0)
// Only rows for which SKAT lists every configuration of the carriers; the others are Monte-Carlo.
const rows = readTsv(here('single.tsv')).filter((r) => Number(r.er_nresampling) === 2 ** Number(r.er_carriers))

/** Minor-allele copies with missing calls set to the likeliest genotype, as SKAT's `bestguess` does. */
function imputed(id: string): Int8Array {
  const calls = genotypes.get(id) ?? new Int8Array()
  const called = calls.filter((g) => g >= 0)
  const sum = called.reduce((a, b) => a + b, 0)
  const guess = Math.round(sum / called.length)
  return calls.map((g) => {
    const copies = g < 0 ? guess : g
    return sum > called.length ? 2 - copies : copies
  })
}

function ours(id: string, scheme: ReturnType<typeof labelScheme>) {
  const g = imputed(id)
  const made = labelNull(g, scheme)
  const t = g.reduce((sum, v, i) => sum + v * cases[i], 0)
  return { logP: made.logP[t], logMidp: made.logMidp[t], least: made.logMinAttainable[0] }
}

it('without covariates agrees with SKATBinary_Single to 1e-9', () => {
  const scheme = labelScheme(new Int32Array(cases.length), Int32Array.of(total))
  const plain = rows.filter((r) => r.covariates === 'FALSE')
  expect(plain.length).toBeGreaterThan(50)
  for (const row of plain) {
    const { logP, logMidp } = ours(row.id, scheme)
    expect(Math.abs(logP - Math.log(Math.min(1, Number(row.er_p_standard)))), row.id).toBeLessThan(1e-9)
    // SKAT's er_p is its mid-p.
    expect(Math.abs(logMidp - Math.log(Number(row.er_p))), row.id).toBeLessThan(1e-9)
  }
})

it('with covariates agrees within 1%, which is what SKAT loses by giving all non-carriers one odds', () => {
  const scheme = labelScheme(new Int32Array(cases.length), Int32Array.of(total), risks)
  const adjusted = rows.filter((r) => r.covariates === 'TRUE')
  expect(adjusted.length).toBeGreaterThan(50)
  let different = 0
  for (const row of adjusted) {
    const { logP, logMidp } = ours(row.id, scheme)
    const p = Math.log(Math.min(1, Number(row.er_p_standard)))
    expect(Math.abs(logP - p), row.id).toBeLessThan(0.01 * Math.max(1, Math.abs(p)))
    const midp = Math.log(Number(row.er_p))
    expect(Math.abs(logMidp - midp), row.id).toBeLessThan(0.01 * Math.max(1, Math.abs(midp)))
    if (Math.abs(logP - p) > 1e-4) different++
  }
  expect(different).toBeGreaterThan(0)
})
