import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { scratch, upturn } from './upturn.ts'

const folder = scratch()
const at = (name: string) => join(folder, name)

const people = ['d', 'b', 'a', 'c']
const calls = ['0/0', '0/1', '1/1', './.']
const lines = Array.from({ length: 60 }, (_, v) => {
  const cells = people.map((_, s) => calls[(v * 7 + s * 5 + ((v * s) >> 1)) % 4])
  const filter = v % 10 === 9 ? 'low' : 'PASS'
  return `${v < 40 ? '2' : 'X'}\t${3_000_000 + 1000 * (v % 40)}\trs${v}\tA\tG\t.\t${filter}\t.\tGT\t${cells.join('\t')}\n`
})
const head = `##fileformat=VCFv4.2\n##FILTER=<ID=low,Description="x">\n##contig=<ID=2>\n##contig=<ID=X>\n##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${people.join('\t')}\n`
writeFileSync(at('in.vcf'), head + lines.join(''))

function converted(...args: string[]) {
  const { code, stdout, stderr } = upturn(['convert', ...args, '--json', '--workers', '2'])
  return { code, result: JSON.parse(stdout) as Record<string, unknown> & { error?: { message: string } }, stderr }
}

const digestOf = (...files: string[]) =>
  upturn(['inspect', ...files.map(at), '--json'])
    .stdout.trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { digest: string }).digest)

describe('convert', () => {
  it('goes round all formats and a packed store without changing a genotype', () => {
    const steps: [string, string][] = [
      ['in.vcf', 'a.vcf.gz'],
      ['a.vcf.gz', 'b.bcf'],
      ['b.bcf', 'c.bed'],
      ['c.bed', 'd'],
      ['d.bed', 'e.vcf.gz'],
    ]
    for (const [from, to] of steps) {
      const { code, result, stderr } = converted(at(from), '--out', at(to))
      expect(code).toBe(0)
      expect(result).toMatchObject({ ok: true, samples: 4, variants: 54, imported: { dropped: expect.anything() } })
      expect(stderr).toContain('"event":"stage-done","stage":"convert"')
    }
    expect(new Set(digestOf('in.vcf', 'a.vcf.gz', 'b.bcf', 'c.bed', 'd.bed', 'e.vcf.gz')).size).toBe(1)
    expect(upturn(['import', at('in.vcf'), '--out', at('store'), '--quiet']).code).toBe(0)
    const { code, result } = converted(at('store'), '--out', at('f.bcf'))
    expect([code, result.imported]).toEqual([0, null])
    expect(digestOf('f.bcf')).toEqual(digestOf('in.vcf'))
    expect(readdirSync(folder).filter((name) => name.startsWith('.') || name.includes('partial'))).toEqual([])
    const columns = gunzipSync(readFileSync(at('e.vcf.gz')))
      .toString()
      .split('\n')
      .find((line) => line.startsWith('#CHROM'))
    expect(columns?.split('\t').slice(9)).toEqual(people)
  })
  it('takes regions, a BED file, people in the order of the list, and what did not pass', () => {
    writeFileSync(at('targets.bed'), '2\t3002999\t3005000\nX\t0\t5000000\n')
    writeFileSync(at('list.txt'), 'c\na\n')
    const { result } = converted(
      ...[at('a.vcf.gz'), '--regions', at('targets.bed'), '--region', '2:3010000,2:3011001-3012000'],
      ...['--samples', at('list.txt'), '--out', at('part.vcf.gz')],
    )
    expect(result).toMatchObject({ samples: 2, imported: { records: 3 + 2 + 18 } })
    const text = gunzipSync(readFileSync(at('part.vcf.gz'))).toString()
    expect(text).toContain('FORMAT\tc\ta\n')
    const wanted = lines[3].split('\t')
    expect(text).toContain(`2\t3003000\trs3\tA\tG\t.\tPASS\t.\tGT\t${wanted[12].trim()}\t${wanted[11]}\n`)
    const all = converted(at('in.vcf'), '--keep-filtered', '--sample', 'b,d', '--out', at('all.bcf')).result
    expect(all).toMatchObject({ samples: 2, variants: 60 })
    expect(upturn(['inspect', at('all.bcf'), '--json']).stdout).toContain('"samples":2')
  })
  it('refuses people who are not there, all by name, and outputs that would do harm', () => {
    const refused = (...args: string[]) => {
      const { code, result } = converted(...args)
      expect([code, result.ok]).toEqual([2, false])
      return result.error?.message
    }
    expect(refused(at('in.vcf'), '--sample', 'a,nobody,e', '--out', at('x.bcf'))).toContain(
      'these 2 samples of the list: nobody, e',
    )
    expect(refused(at('store'), '--sample', 'a,nobody', '--out', at('x.bcf'))).toContain(
      'this sample of the list: nobody',
    )
    expect(refused(at('a.vcf.gz'), '--out', at('a.vcf.gz'))).toContain('written over while it is read')
    expect(refused(at('in.vcf'), '--out', at('x.vcf'))).toContain('names no format that is written')
    expect(refused(at('in.vcf'), '--region', 'chr99:1-5', '--out', at('x.bcf'))).toContain('no chromosome')
    expect(refused(at('in.vcf'), '--region', '5', '--out', at('x.bcf'))).toContain('no record lies inside')
    expect(refused(at('store'), '--min-gq', '10', '--out', at('x.bcf'))).toContain('knows no FILTER')
    expect(refused(at('in.vcf'), '--allele-balance', '0.8,0.2', '--out', at('x.bcf'))).toContain('two shares')
    writeFileSync(at('old.vcf.gz.csi'), '')
    expect(refused(at('in.vcf'), '--out', at('old.vcf.gz'))).toContain('index of an earlier file')
    expect(readdirSync(folder).filter((name) => name.startsWith('x') || name.startsWith('old.vcf.gz'))).toEqual([
      'old.vcf.gz.csi',
    ])
  })
  it('brings files to a reference sequence, and lists what disagreed', () => {
    writeFileSync(at('r.fa'), `>chr2\n${'T'.repeat(100)}CAAAG${'T'.repeat(100)}\n`)
    const record = (position: number, ref: string, alt: string, gt: string) =>
      `2\t${position}\t.\t${ref}\t${alt}\t.\tPASS\t.\tGT\t${gt}\n`
    const text = [
      record(20, 'T', 'C', '0/0\t0/1\t1/1\t./.'),
      record(30, 'C', 'T', '0/0\t0/1\t1/1\t./.'),
      record(40, 'A', 'C', '0/0\t0/1\t1/1\t./.'),
      record(103, 'AA', 'A', '0/1\t0/0\t0/0\t0/0'),
    ]
    writeFileSync(at('r.vcf'), head + text.join(''))
    const { code, result } = converted(at('r.vcf'), '--reference', at('r.fa'), '--out', at('r.vcf.gz'))
    expect(code).toBe(0)
    expect(result.imported).toMatchObject({
      reference: { compared: 4, exchanged: 1, leftAligned: 1, dropped: { 'no allele is that of the reference': 1 } },
    })
    const body = gunzipSync(readFileSync(at('r.vcf.gz')))
      .toString()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split('\t'))
    expect(body.map((cells) => [cells[1], cells[3], cells[4], ...cells.slice(9)].join(' '))).toEqual([
      '20 T C 0/0 0/1 1/1 ./.',
      '30 T C 1/1 0/1 0/0 ./.',
      '101 CA C 0/1 0/0 0/0 0/0',
    ])
    expect(readdirSync(folder)).toContain('r.vcf.gz.reference.parquet')
    const refused = converted(at('store'), '--reference', at('r.fa'), '--out', at('s.bcf'))
    expect(refused.result.error?.message).toContain('give --reference to import')
  })
  it('selects for associate, too', () => {
    writeFileSync(at('p.tsv'), `id\tcase\n${people.map((id, k) => `${id}\t${k % 2}\n`).join('')}`)
    const args = ['associate', at('a.vcf.gz'), '--phenotypes', at('p.tsv'), '--id', 'id', '--case', 'case']
    const { code, stdout } = upturn([
      ...[...args, '--region', '2:1-3010000', '--sample', 'a,b,d', '--permutations', '10'],
      ...['--out', at('assoc'), '--json'],
    ])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      records: 10,
      left: { 'not on the list of samples': 1 },
      notes: expect.arrayContaining([
        'On reading, only records that overlap this region were read: 2:1-3010000.',
        'On reading, only the 3 people of a list were read.',
      ]),
    })
  })

  it('tests a packed store as the file that it was made of', () => {
    const test = (genotypes: string, out: string, ...more: string[]) =>
      upturn([
        ...['associate', genotypes, '--phenotypes', at('p.tsv'), '--id', 'id', '--case', 'case', '--json'],
        ...['--permutations', '10', '--sample', 'a,b,d', '--out', at(out), ...more],
      ])
    expect(upturn(['import', at('a.vcf.gz'), '--out', at('tested'), '--quiet']).code).toBe(0)
    expect([test(at('a.vcf.gz'), 'from-file').code, test(at('tested'), 'from-store').code]).toEqual([0, 0])
    const rows = (out: string) => readFileSync(at(join(out, 'associations.tsv')), 'utf8')
    expect(rows('from-store')).toBe(rows('from-file'))
    expect(rows('from-store').split('\n').length).toBeGreaterThan(5)
    const refused = test(at('tested'), 'refused', '--region', '2:1-30')
    expect(refused.code).toBe(2)
    expect(refused.stdout).toContain('give regions and filters to upturn import')
  })
})
