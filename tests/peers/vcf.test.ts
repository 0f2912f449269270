// VCF as programs write it: bcftools and PLINK 2 from sequencing calls and dosages, SHAPEIT's example of 1000 Genomes calls.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { scratchFolder } from '../../src/genotypes/testing/cohort.ts'
import { contents } from './contents.ts'
import { absent, command } from './plink.ts'
import { randomVcf } from './random-vcf.ts'

const missing = absent('bcftools', 'bgzip', 'plink2')
if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')} not installed`)
const shapeit = '/usr/share/doc/shapeit4/examples/test'
const hasShapeit = existsSync(shapeit)
if (!hasShapeit) console.warn('skipped: the examples of SHAPEIT (package shapeit4-example) are not installed')

const { wgsLikeVcf } = (await import(new URL('../../benchmarks/wgs-like-vcf.js', import.meta.url).href)) as {
  wgsLikeVcf: (folder: string, people: number, records: number) => Promise<string>
}
const rounds = Number(process.env.UPTURN_ROUNDS ?? 40)
const folder = scratchFolder()
const plink2 = (...options: string[]) => command(folder, 'plink2', options, '--threads', '1', '--memory', '640')
const bcftools = (...options: string[]) => command(folder, 'bcftools', options)

describe.skipIf(missing.length > 0)('sequencing calls', () => {
  const people = 60
  const made = wgsLikeVcf(folder, people, 1200)

  test('as bcftools writes them again are the same', async () => {
    const file = await made
    const { rows, dropped } = await contents(file, 'vcf')
    expect(rows.size).toBeGreaterThan(1100)
    expect(dropped['record did not pass FILTER']).toBeGreaterThan(20)
    bcftools('index', '-f', file)
    const first = Array.from({ length: 25 }, (_, s) => `S${String(s).padStart(5, '0')}`).join(',')
    bcftools('view', '-Oz', '-o', 'half1.vcf.gz', '-s', first, file)
    bcftools('view', '-Oz', '-o', 'half2.vcf.gz', '-s', `^${first}`, file)
    bcftools('index', '-f', 'half1.vcf.gz')
    bcftools('index', '-f', 'half2.vcf.gz')
    const ways: [name: string, ...options: string[]][] = [
      ['view.vcf', 'view', file],
      ['view.bcf', 'view', '-Ob', file],
      ['split.vcf', 'norm', '-m-', file],
      ['joined.vcf', 'norm', '-m+', 'split.vcf'],
      ['less.vcf.gz', 'annotate', '-Oz', '-x', 'FORMAT/PL,INFO/AF,INFO/DB', file],
      ['tags.vcf', 'plugin', 'fill-tags', file, '--', '-t', 'all'],
      // Biallelic records of the two halves join into those of the whole; PL grows where an allele is unseen.
      ['merged.vcf.gz', 'merge', '-Oz', '-m', 'none', 'half1.vcf.gz', 'half2.vcf.gz'],
      ['bare.vcf', 'annotate', '-x', 'INFO,^FORMAT/GT', file],
    ]
    for (const [name, command, ...options] of ways) {
      const own = options.indexOf('--') < 0 ? options.length : options.indexOf('--')
      bcftools(command, ...options.slice(0, own), '-o', name, ...options.slice(own))
      const found = await contents(join(folder, name), name.endsWith('bcf') ? 'bcf' : 'vcf')
      expect(found.rows, name).toEqual(rows)
    }
  })

  test('are filtered as bcftools filters them', async () => {
    const file = await made
    bcftools('view', '-f', 'PASS', '-M2', '-o', 'two.vcf', file)
    // Calls that fail become missing. A value that is missing fails here and passes there: such calls are missing already.
    bcftools('filter', '-S', '.', '-i', 'FMT/GQ>=40 & FMT/DP>=20', '-o', 'quality.vcf', 'two.vcf')
    const quality = await contents(join(folder, 'two.vcf'), 'vcf', { minGq: 40, minDp: 20 })
    expect(quality.rows).toEqual((await contents(join(folder, 'quality.vcf'), 'vcf')).rows)
    expect(quality.dropped['call below the GQ or DP limit']).toBeGreaterThan(1000)

    const share = '(FMT/AD[*:1]/(FMT/AD[*:0]+FMT/AD[*:1]))'
    for (const [low, high] of [
      [0.45, 0.55],
      [0.03, 0.97],
    ] as const) {
      const against = [
        `(GT="0/1" & (${share}<${low} | ${share}>${high}))`,
        `(GT="0/0" & ${share}>${low})`,
        `(GT="1/1" & ${share}<${high})`,
      ]
      bcftools('filter', '-S', '.', '-e', against.join(' | '), '-o', 'balance.vcf', 'two.vcf')
      const balance = await contents(join(folder, 'two.vcf'), 'vcf', { alleleBalance: [low, high] })
      expect(balance.rows).toEqual((await contents(join(folder, 'balance.vcf'), 'vcf')).rows)
      const lost = balance.dropped['call outside the allele balance'] ?? 0
      expect(lost).toBeGreaterThan(1000)
    }
  })
})

describe.skipIf(missing.length > 0)('dosages', () => {
  test('are those that plink2 reads', async () => {
    let dosed = 0
    for (let seed = 1; seed <= rounds; seed++) {
      writeFileSync(join(folder, 'd.vcf'), randomVcf(seed + 20_000, { several: false, field: 'DS' }).text)
      plink2('--vcf', 'd.vcf', 'dosage=DS', '--make-pgen', '--out', 'd')
      const ours = await contents(join(folder, 'd.vcf'), 'vcf')
      const theirs = await contents(join(folder, 'd.pgen'), 'pgen')
      expect(ours, `seed ${seed}`).toEqual({ ...theirs, dropped: ours.dropped })
      dosed += ours.dosed
    }
    expect(dosed).toBeGreaterThan(rounds * 5)
  })

  test.each(['DS', 'DS-force', 'HDS', 'HDS-force', 'GP', 'DS-only'])(
    'as plink2 exports them with vcf-dosage=%s are read',
    async (kind) => {
      writeFileSync(join(folder, 'e.vcf'), randomVcf(30_000, { several: false, field: 'DS' }).text)
      plink2('--vcf', 'e.vcf', 'dosage=DS', '--make-pgen', '--out', 'e')
      const pgen = await contents(join(folder, 'e.pgen'), 'pgen')
      for (const version of kind === 'GP' ? ['vcf'] : ['vcf', 'vcf-4.2']) {
        plink2('--pfile', 'e', '--export', version, 'bgz', `vcf-dosage=${kind}`, '--out', 'x')
        const { rows } = await contents(join(folder, 'x.vcf.gz'), 'vcf')
        expect([...rows.keys()]).toEqual([...pgen.rows.keys()])
        if (kind === 'GP') continue
        for (const [key, row] of rows)
          for (const [s, dosage] of row.entries()) {
            const apart = Math.abs(dosage - (pgen.rows.get(key)?.[s] ?? Number.NaN))
            // Four or more digits are printed.
            if (!(apart <= 2)) throw new Error(`${key}, person ${s}: ${dosage}, not ${pgen.rows.get(key)?.[s]}`)
          }
      }
    },
  )
})

describe.skipIf(!hasShapeit)("SHAPEIT's examples", () => {
  test.each(['reference', 'scaffold', 'unphased'])('%s is the same from VCF and BCF', async (name) => {
    const vcf = await contents(join(shapeit, `${name}.vcf.gz`), 'vcf')
    // Debian compresses its examples once more.
    writeFileSync(join(folder, 's.bcf'), gunzipSync(readFileSync(join(shapeit, `${name}.bcf.gz`))))
    const bcf = await contents(join(folder, 's.bcf'), 'bcf')
    expect(vcf.rows.size).toBeGreaterThan(1000)
    expect(bcf).toEqual(vcf)
  })
})
