import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { scratch, upturn } from './upturn.ts'

const folder = scratch()
const vcf = join(folder, 'small.vcf')
const store = join(folder, 'store')

/** Tab-separated cells by column name. */
function rows(path: string): Record<string, string>[] {
  const [head, ...lines] = readFileSync(path, 'utf8').replace(/\n$/, '').split('\n')
  const names = head.split('\t')
  return lines.map((line) => Object.fromEntries(line.split('\t').map((cell, i) => [names[i], cell])))
}

beforeAll(() => {
  let text = '##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t'
  const people = Array.from({ length: 40 }, (_, s) => `p${s}`)
  text += `${people.join('\t')}\n`
  for (let v = 0; v < 60; v++) {
    const calls = people.map((_, s) => ['0/0', '0/1', '1/1', './.'][((s * (v + 3)) % 7) % 4])
    text += `${v < 50 ? '1' : 'X'}\t${3_000_000 + 1000 * v}\trs${v}\tA\tG\t.\tPASS\t.\tGT\t${calls.join('\t')}\n`
  }
  writeFileSync(vcf, text)
  writeFileSync(join(folder, 'sex.tsv'), `IID\tsex\n${people.map((id, s) => `${id}\t${(s % 2) + 1}`).join('\n')}\n`)
  expect(upturn(['import', vcf, '--out', store, '--quiet']).code).toBe(0)
})

describe('import', () => {
  it('makes a store that appears whole, and does not write over one', () => {
    expect(readdirSync(store).sort()).toEqual([
      'genotypes.bin',
      'sexes.json',
      'store.json',
      'variants.bin',
      'variants.parquet',
    ])
    const again = upturn(['import', vcf, '--out', store, '--json'])
    expect(again.code).toBe(2)
    expect(JSON.parse(again.stdout)).toMatchObject({ ok: false, error: { code: 'BadArgument', file: store } })
    const bad = join(folder, 'bad.vcf')
    writeFileSync(bad, readFileSync(vcf, 'utf8').replace('\trs30\t', '\t'))
    expect(upturn(['import', bad, '--out', join(folder, 'bad'), '--quiet']).code).toBe(2)
    expect(existsSync(join(folder, 'bad'))).toBe(false)
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([])
  })
})

describe('quality', () => {
  it('says the same from a file and from a store, for any number of workers', () => {
    const from = (source: string, out: string, ...options: string[]) => {
      const run = upturn(['quality', source, '--out', join(folder, out), '--json', ...options])
      expect(run.code, run.stderr).toBe(0)
      return JSON.parse(run.stdout)
    }
    const sexed = ['--sex', join(folder, 'sex.tsv')]
    const file = from(vcf, 'q1', ...sexed)
    expect(file).toMatchObject({ ok: true, people: 40, variants: { autosome: 50, X: 10 }, imported: { records: 60 } })
    expect(from(store, 'q2', ...sexed, '--workers', '1')).toMatchObject({ imported: null })
    for (const name of ['variants.tsv', 'samples.tsv'])
      expect(readFileSync(join(folder, 'q2', name), 'utf8')).toBe(readFileSync(join(folder, 'q1', name), 'utf8'))
    expect(readdirSync(join(folder, 'q1')).sort()).toEqual(['samples.tsv', 'summary.json', 'variants.tsv'])
    const [first, ...others] = rows(join(folder, 'q1', 'variants.tsv'))
    expect(first).toMatchObject({ chromosome: '1', position: '3000000', ref: 'A', alt: 'G', rsid: 'rs0' })
    const x = others.filter(({ chromosome }) => chromosome === 'X')
    expect(x).toHaveLength(10)
    expect(Number(x[0].hemizygous_ref)).toBeGreaterThan(0)
    expect(rows(join(folder, 'q1', 'samples.tsv'))[0]).toMatchObject({ sample: 'p0', recorded_sex: 'male' })
  })
  it('writes Parquet when asked, with the same rows', async () => {
    const out = join(folder, 'q3')
    expect(upturn(['quality', store, '--out', out, '--format', 'parquet', '--quiet']).code).toBe(0)
    const { parquetReadObjects } = (await import('../../benchmarks/parquet.js' as string)) as {
      parquetReadObjects(path: string): Promise<Record<string, unknown>[]>
    }
    const text = rows(join(folder, 'q1', 'variants.tsv'))
    const table = await parquetReadObjects(join(out, 'variants.parquet'))
    expect(table).toHaveLength(60)
    // Without recorded sex X differs.
    for (let v = 0; v < 50; v++)
      for (const [name, cell] of Object.entries(text[v]))
        expect(String(table[v][name] ?? ''), `${v} ${name}`).toBe(cell)
  })
  it('writes the columns that are asked for, in their usual order', () => {
    const out = join(folder, 'q5')
    const asked = ['quality', vcf, '--out', out, '--quiet', '--sex', join(folder, 'sex.tsv'), '--columns']
    expect(upturn([...asked, 'hwe_p,hemizygous_ref,missing_rate']).code).toBe(0)
    const all = rows(join(folder, 'q1', 'variants.tsv'))
    const some = rows(join(out, 'variants.tsv'))
    expect(Object.keys(some[0]).slice(5)).toEqual(['hemizygous_ref', 'missing_rate', 'hwe_p'])
    expect(some).toHaveLength(all.length)
    for (const [v, row] of some.entries()) expect(all[v]).toMatchObject(row)
    const refused = upturn([...asked, 'hwe_p,maf'])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain("--columns knows no 'maf'; it takes hom_ref, het")
  })
  it('leaves nothing behind when the genotypes are refused', () => {
    const out = join(folder, 'q4')
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    for (const source of [empty, join(folder, 'nothing.vcf')]) {
      const run = upturn(['quality', source, '--out', out, '--json'])
      expect(run.code).toBe(2)
      expect(JSON.parse(run.stdout)).toMatchObject({ ok: false })
      expect(existsSync(out) ? readdirSync(out) : []).toEqual([])
    }
    const damaged = join(folder, 'damaged')
    mkdirSync(damaged)
    for (const name of readdirSync(store)) writeFileSync(join(damaged, name), readFileSync(join(store, name)))
    const bytes = readFileSync(join(damaged, 'genotypes.bin'))
    bytes[100] ^= 4
    writeFileSync(join(damaged, 'genotypes.bin'), bytes)
    const run = upturn(['quality', damaged, '--out', out, '--json'])
    expect(run.code).toBe(2)
    expect(JSON.parse(run.stdout)).toMatchObject({ ok: false, error: { code: 'FileDamaged' } })
    expect(readdirSync(out)).toEqual([])
  })
})

describe('kinship', () => {
  it('lists every pair once, or those asked for', () => {
    const out = join(folder, 'k1')
    const run = upturn(['kinship', store, '--out', out, '--json'])
    expect(run.code, run.stderr).toBe(0)
    const answer = JSON.parse(run.stdout)
    expect(answer).toMatchObject({ ok: true, people: 40, variants: 50, files: ['kinship.tsv'] })
    const all = rows(join(out, 'kinship.tsv'))
    expect(all).toHaveLength(780)
    expect(new Set(all.map((row) => [row.sample_a, row.sample_b].sort().join())).size).toBe(780)
    expect(Object.values<number>(answer.pairs).reduce((a, b) => a + b)).toBe(780)
    // Every seventh person has the calls of another.
    expect(all.filter((row) => row.kinship === '0.5').length).toBeGreaterThan(50)
    const close = join(folder, 'k2')
    expect(upturn(['kinship', vcf, '--least', '0.4', '--out', close, '--quiet', '--workers', '1']).code).toBe(0)
    expect(rows(join(close, 'kinship.tsv'))).toEqual(
      all.filter((row) => Number(row.kinship) >= 0.4 && row.kinship !== ''),
    )
    const parquet = upturn(['kinship', store, '--format', 'parquet', '--out', join(folder, 'k3'), '--json'])
    expect(JSON.parse(parquet.stdout)).toMatchObject({ files: ['kinship.parquet'] })
  })
  it('refuses a kinship or a share that is none', () => {
    for (const options of [
      ['--least', '0.6'],
      ['--maf', '2'],
      ['--prune', 'x'],
      ['--long-range', 'perhaps'],
    ]) {
      const run = upturn(['kinship', store, '--out', join(folder, 'k4'), '--json', ...options])
      expect(run.code).toBe(2)
      expect(JSON.parse(run.stdout)).toMatchObject({ ok: false, error: { code: 'BadArgument' } })
    }
    expect(existsSync(join(folder, 'k4'))).toBe(false)
  })
})

describe('pca', () => {
  const every = ['--maf', '0', '--call-rate', '0', '--prune', 'none']
  it('writes components that others are projected onto, from text or Parquet, from a result or from genotypes', () => {
    const of = (out: string, ...options: string[]) => {
      const run = upturn([
        'pca',
        store,
        ...every,
        '--components',
        '3',
        '--out',
        join(folder, out),
        '--json',
        ...options,
      ])
      expect(run.code, run.stderr).toBe(0)
      return JSON.parse(run.stdout)
    }
    expect(of('p1')).toMatchObject({
      ok: true,
      people: 40,
      components: 3,
      // Seven do not vary.
      variants: 43,
      files: ['eigenvec.tsv', 'eigenval.tsv', 'loadings.tsv', 'pca.json'],
    })
    expect(rows(join(folder, 'p1', 'eigenvec.tsv')).map((row) => row.sample)).toHaveLength(40)
    expect(rows(join(folder, 'p1', 'eigenval.tsv')).map((row) => row.component)).toEqual(['1', '2', '3'])
    expect(rows(join(folder, 'p1', 'loadings.tsv'))[0]).toMatchObject({
      chromosome: '1',
      position: '3000000',
      ref: 'A',
    })
    of('p2', '--format', 'parquet', '--workers', '1')
    const projected = ['p1', 'p2', 'store'].map((reference) => {
      const out = `onto-${reference}`
      expect(of(out, '--reference', join(folder, reference))).toMatchObject({
        matched: 43,
        reference: 43,
        ambiguous: 0,
      })
      return readFileSync(join(folder, out, 'projected.tsv'), 'utf8')
    })
    expect(projected[1]).toBe(projected[0])
    expect(projected[2]).toBe(projected[0])
    expect(existsSync(join(folder, 'onto-store', 'reference', 'loadings.tsv'))).toBe(true)
    expect(rows(join(folder, 'onto-p1', 'projected.tsv'))).toHaveLength(40)
  })
  it('refuses a reference that was changed, and more components than people', () => {
    const damaged = join(folder, 'p3')
    mkdirSync(damaged)
    for (const name of readdirSync(join(folder, 'p1')))
      writeFileSync(join(damaged, name), readFileSync(join(folder, 'p1', name)))
    const original = readFileSync(join(damaged, 'loadings.tsv'), 'utf8')
    for (const text of [
      original.slice(0, -3),
      original.replace('alt_frequency', 'af'),
      original.replace(/\t[^\t]*\n$/, '\tx\n'),
    ]) {
      writeFileSync(join(damaged, 'loadings.tsv'), text)
      const run = upturn(['pca', store, '--reference', damaged, '--out', join(folder, 'p4'), '--json'])
      expect(run.code).toBe(2)
      expect(JSON.parse(run.stdout)).toMatchObject({ ok: false, error: { code: 'FileDamaged' } })
    }
    const many = upturn(['pca', store, ...every, '--components', '40', '--out', join(folder, 'p4'), '--json'])
    expect(JSON.parse(many.stdout)).toMatchObject({ ok: false, error: { code: 'BadArgument' } })
  })
})

describe('ld', () => {
  it("lists pairs in a window, of a lead, with D', from files or a store, for any number of workers", () => {
    const of = (out: string, source: string, ...options: string[]) => {
      const run = upturn(['ld', source, '--out', join(folder, out), '--json', ...options])
      expect(run.code, run.stderr).toBe(0)
      return { answer: JSON.parse(run.stdout), rows: rows(join(folder, out, 'ld.tsv')) }
    }
    const close = of('l1', store, '--window', '8')
    expect(close.answer).toMatchObject({ ok: true, files: ['ld.tsv'], pairs: close.rows.length })
    expect(close.rows.length).toBeGreaterThan(20)
    for (const row of close.rows) {
      expect(Number(row.position_b) - Number(row.position_a)).toBeLessThanOrEqual(8000)
      expect(Number(row.r2)).toBeGreaterThanOrEqual(0.2)
      expect(row.d_prime).toBe('')
    }
    expect(of('l2', vcf, '--window', '8', '--workers', '1').rows).toEqual(close.rows)
    const lead = of('l3', store, '--lead', 'rs10', '--d-prime').rows
    expect(new Set(lead.map((row) => row.rsid_a))).toEqual(new Set(['rs10']))
    expect(lead.length).toBe(42)
    for (const row of lead) expect(Math.abs(Number(row.d_prime))).toBeLessThanOrEqual(1 + 1e-9)
    expect(of('l4', store, '--lead', '1:3010000:A:G', '--d-prime').rows).toEqual(lead)
    const between = of('l5', store, '--between', 'chr1:3000000-3010000,X', '--r2', '0').rows
    expect(new Set(between.map((row) => row.chromosome))).toEqual(new Set(['1', 'X']))
    for (const row of between) if (row.chromosome === '1') expect(Number(row.position_b)).toBeLessThanOrEqual(3_010_000)
    const parquet = upturn(['ld', store, '--out', join(folder, 'l6'), '--format', 'parquet', '--json'])
    expect(JSON.parse(parquet.stdout)).toMatchObject({ files: ['ld.parquet'] })
  })
  it('refuses a lead that is not there, and a window that is none', () => {
    for (const options of [
      ['--lead', 'rs999'],
      ['--window', '0'],
      ['--r2', '1.5'],
      ['--between', 'chr1:9-5'],
    ]) {
      const run = upturn(['ld', store, '--out', join(folder, 'l7'), '--json', ...options])
      expect(run.code, options.join(' ')).toBe(2)
      expect(JSON.parse(run.stdout)).toMatchObject({ ok: false, error: { code: 'BadArgument' } })
      expect(existsSync(join(folder, 'l7')) ? readdirSync(join(folder, 'l7')) : []).toEqual([])
    }
  })
})
