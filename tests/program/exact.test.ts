import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { scratch, upturn } from './upturn.ts'

const folder = scratch()
const vcf = join(folder, 'small.vcf')
const phenotypes = join(folder, 'people.tsv')

/** Tab-separated cells by column name. */
function rows(path: string): Record<string, string>[] {
  const [head, ...lines] = readFileSync(path, 'utf8').replace(/\n$/, '').split('\n')
  const names = head.split('\t')
  return lines.map((line) => Object.fromEntries(line.split('\t').map((cell, i) => [names[i], cell])))
}

// Autosomes fill whole blocks of the store; X, both of its ends pseudoautosomal, Y and MT follow.
const spread = [
  ['1', 1000, 9000],
  ['X', 100_000, 3],
  ['X', 5_000_000, 60],
  ['X', 155_800_000, 3],
  ['Y', 5_000_000, 20],
  ['MT', 100, 10],
] as const

beforeAll(() => {
  const people = Array.from({ length: 60 }, (_, s) => `p${s}`)
  let text = `##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${people.join('\t')}\n`
  for (const [chromosome, from, count] of spread)
    for (let v = 0; v < count; v++) {
      const calls = people.map((_, s) => {
        const draw = (Math.imul(s + 17, 40503 + 2 * v) ^ (v * 2654435761)) >>> 0
        return v % 50 === 7
          ? '0/0'
          : ['0/0', '0/0', '0/0', '0/1', '1/1', './.', '0/1', '0/0'][(draw >>> 13) % (v % 3 === 0 ? 6 : 8)]
      })
      text += `${chromosome}\t${from + 40 * v}\t.\tA\tG\t.\tPASS\t.\tGT\t${calls.join('\t')}\n`
    }
  writeFileSync(vcf, text)
  // The last two people are of no group.
  const group = (s: number) => (s >= 58 ? -9 : s % 5 === 0 ? 2 : 1)
  writeFileSync(
    phenotypes,
    `IID\tcase\tsex\n${people.map((id, s) => `${id}\t${group(s)}\t${(s % 2) + 1}`).join('\n')}\n`,
  )
})

describe('exact', () => {
  it('says of every variant what the rows of all tests say, for any number of workers', () => {
    const shared = [vcf, '--phenotypes', phenotypes, '--case', 'case', '--quiet']
    const whole = upturn([
      'associate',
      ...shared,
      '--permutations',
      '0',
      '--firth',
      'screened',
      '--out',
      join(folder, 'a'),
    ])
    expect(whole.code, whole.stderr).toBe(0)
    for (const workers of ['1', '2']) {
      const run = upturn(['exact', ...shared, '--workers', workers, '--json', '--out', join(folder, `e${workers}`)])
      expect(run.code, run.stderr).toBe(0)
      expect(JSON.parse(run.stdout)).toMatchObject({ ok: true, cases: 12, controls: 46, variants: 9096 })
    }
    const [one, two] = ['e1', 'e2'].map((name) => readFileSync(join(folder, name, 'exact.tsv'), 'utf8'))
    expect(two).toBe(one)
    const all = rows(join(folder, 'a', 'associations.tsv'))
    const exact = rows(join(folder, 'e1', 'exact.tsv'))
    expect(exact).toHaveLength(all.length)
    for (const [v, row] of exact.entries())
      for (const [name, cell] of Object.entries(row))
        if (cell !== all[v][name]) throw new Error(`row ${v}: ${name} is ${cell} where it is ${all[v][name]}`)
    const men = exact.filter(({ chromosome }) => chromosome === 'Y')
    expect(men.every((row) => Number(row.control_ref) + Number(row.control_alt) <= 23)).toBe(true)
    expect(men.every((row) => row.control_het === '0')).toBe(true)
  })

  it('stands beside tables of the form that was asked for, and none of an earlier run', () => {
    const made = (out: string, ...form: string[]) => {
      const arguments_ = [
        'associate',
        vcf,
        '--phenotypes',
        phenotypes,
        '--case',
        'case',
        '--quiet',
        '--permutations',
        '0',
      ]
      const run = upturn([...arguments_, '--firth', 'screened', '--out', join(folder, out), ...form])
      expect(run.code, run.stderr).toBe(0)
      return readdirSync(join(folder, out))
        .filter((name) => name.startsWith('associations.'))
        .sort()
    }
    // The X rows with men coded 0/1 are a table of their own.
    const both = made('t', '--tables', 'both')
    expect(both).toEqual(['parquet', 'tsv', 'x.parquet', 'x.tsv'].map((form) => `associations.${form}`))
    const lines = readFileSync(join(folder, 't', 'associations.tsv'), 'utf8')
    expect(made('t', '--tables', 'parquet')).toEqual(both.filter((name) => name.endsWith('parquet')))
    expect(made('t', '--tables', 'tsv')).toEqual(both.filter((name) => name.endsWith('tsv')))
    expect(readFileSync(join(folder, 't', 'associations.tsv'), 'utf8')).toBe(lines)
  })

  it('leaves nothing behind when nobody can be a case', () => {
    const out = join(folder, 'none')
    const run = upturn(['exact', vcf, '--phenotypes', phenotypes, '--case', 'kase', '--out', out, '--quiet'])
    expect(run.code).toBe(2)
    expect(run.stderr).toContain('kase')
    expect(existsSync(join(out, 'exact.tsv'))).toBe(false)
  })
})
