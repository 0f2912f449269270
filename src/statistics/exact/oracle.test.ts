import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cochranArmitage } from './cochran-armitage.ts'
import { exactTrend } from './exact-trend.ts'
import { fisherExact } from './fisher.ts'
import { freemanHalton } from './freeman-halton.ts'
import { allelicTable, dominantTable, type GenotypeTable, recessiveTable } from './genotype-table.ts'
import { hardyWeinberg } from './hardy-weinberg.ts'
import { agree } from './testing/enumeration.ts'

/** Expected values: rational enumeration in Python, correctly rounded doubles. */
function read(name: string): Record<string, string>[] {
  const lines = readFileSync(new URL(`../../../tests/oracles/${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
  const names = lines[0].split('\t')
  return lines.slice(1).map((line) => Object.fromEntries(line.split('\t').map((cell, i) => [names[i], cell])))
}
const number = (text: string) => (text === 'NA' ? Number.NaN : text === 'Inf' ? Infinity : Number(text))

const inputs = new Map(
  read('01_tables/inputs.tsv').map((row): [string, GenotypeTable] => [
    row.id,
    {
      caseRef: Number(row.case_rr),
      caseHet: Number(row.case_ra),
      caseAlt: Number(row.case_aa),
      controlRef: Number(row.ctrl_rr),
      controlHet: Number(row.ctrl_ra),
      controlAlt: Number(row.ctrl_aa),
    },
  ]),
)

test('299 tables equal the rational enumeration', () => {
  const rows = read('01_tables/expected_exact.tsv')
  expect(rows.length).toBe(299)
  for (const row of rows) {
    const table = inputs.get(row.id)
    if (table === undefined) throw row
    const check = (
      found: {
        p: number
        logP: number
        midp: number
        logMidp: number
        minAttainableP: number
        logMinAttainableP: number
      },
      p: string,
      midp: string,
      least: string,
    ) => {
      agree(found.logP, Math.log(number(row[p])), 1e-13, `${row.id} ${p}`)
      agree(found.logMidp, Math.log(number(row[midp])), 1e-13, `${row.id} ${midp}`)
      agree(found.logMinAttainableP, Math.log(number(row[least])), 1e-13, `${row.id} ${least}`)
      agree(Math.log(found.p), found.logP, 1e-13)
      agree(Math.log(found.midp), found.logMidp, 1e-13)
      agree(Math.log(found.minAttainableP), found.logMinAttainableP, 1e-13)
    }
    check(freemanHalton(table), 'ffh_p', 'ffh_midp', 'ffh_min_attainable_p')
    check(exactTrend(table), 'trend_exact_two', 'trend_exact_two_midp', 'trend_min_attainable_two')
    for (const [model, view] of [
      ['allelic', allelicTable],
      ['dominant', dominantTable],
      ['recessive', recessiveTable],
    ] as const) {
      const found = fisherExact(view(table))
      check(found, `${model}_p`, `${model}_midp`, `${model}_min_attainable_p`)
      const ratio = (value: number, name: string) => {
        const expected = number(row[`${model}_${name}`])
        if (Number.isNaN(expected)) expect(value).toBeNaN()
        else if (expected === 0 || expected === Infinity) expect(value, `${row.id} ${model} ${name}`).toBe(expected)
        else expect(Math.abs(value / expected - 1), `${row.id} ${model} ${name} ${value}`).toBeLessThan(1e-10)
      }
      ratio(found.oddsRatio, 'cmle_or')
      ratio(found.low, 'cmle_lo95')
      ratio(found.high, 'cmle_hi95')
    }
    const asymptotic = cochranArmitage(table)
    if (row.catt_chi2_N === 'NA') expect(asymptotic).toMatchObject({ z: 0, p: 1, logP: 0 })
    else {
      expect(asymptotic.chiSquare).toBeCloseTo(number(row.catt_chi2_N), 10)
      agree(asymptotic.logP, Math.log(number(row.catt_p_N)), 1e-12, `${row.id} catt`)
      expect(Math.sign(asymptotic.z)).toBe(number(row.catt_z_sign))
    }
    if (row.trend_mean === 'NA') continue
    expect(asymptotic.variance).toBeCloseTo(number(row.trend_var_perm), 11)
    expect(asymptotic.expected).toBeCloseTo(number(row.trend_mean), 12)
  }
})

test('Hardy-Weinberg equals the rational enumeration', () => {
  for (const row of read('10_hwe/hwe.tsv')) {
    const found = hardyWeinberg(Number(row.rr), Number(row.ra), Number(row.aa))
    const name = `${row.rr} ${row.ra} ${row.aa}`
    agree(found.logP, Math.log(number(row.p_exact)), 1e-13, name)
    agree(found.logMidp, Math.log(number(row.p_mid)), 1e-13, `${name} mid`)
  }
})
