// PLINK 2 files as PLINK 2 makes them: what is read is what their VCF says.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { inspectGenotypes } from '../../src/genotypes/index.ts'
import { encodePgen } from '../../src/genotypes/pgen/testing/encode.ts'
import { type RandomVariant, randomVariant } from '../../src/genotypes/pgen/testing/random-variant.ts'
import { host, numbers, scratchFolder } from '../../src/genotypes/testing/cohort.ts'
import { contents } from './contents.ts'
import { absent, command } from './plink.ts'
import { randomVcf } from './random-vcf.ts'

const missing = absent('plink2', 'zstd')
if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')} not installed`)
const examples = fileURLToPath(new URL('../../../shared/data/pgen-examples/', import.meta.url))
const hasExamples = existsSync(examples)
if (!hasExamples) console.warn('skipped: the PLINK 2 examples, because ../shared/data/pgen-examples is absent')

/** Random cohorts of each kind; more with UPTURN_ROUNDS=2000, say. */
const rounds = Number(process.env.UPTURN_ROUNDS ?? 60)
const folder = scratchFolder()
const { signal } = new AbortController()
const inspected = (path: string) => inspectGenotypes(path, host, signal)

function plink2(at: string, ...options: string[]): void {
  command(at, 'plink2', options, '--threads', '1', '--memory', '640')
}

describe.skipIf(!hasExamples || missing.length > 0)('the examples of PLINK 2', () => {
  test('the start of chromosome 21 has the calls of the VCF it was made from', async () => {
    const pgen = await contents(join(examples, 'chr21_phase3_start.pgen'), 'pgen')
    const vcf = await contents(join(examples, '1kg_phase3_chr21_start.vcf.gz'), 'vcf')
    expect(pgen.samples).toEqual(vcf.samples)
    const position = (key: string) => Number(key.split(':')[1])
    const last = Math.max(...[...pgen.rows.keys()].map(position))
    const common = [...vcf.rows].filter(([key]) => position(key) <= last)
    expect(common.length).toBe(482)
    for (const [key, row] of common) expect(pgen.rows.get(key), key).toEqual(row)
    // The VCF has no sites of several alternate alleles; the other file has three, of two each.
    const others = [...pgen.rows.keys()].filter((key) => !vcf.rows.has(key)).map(position)
    expect(others).toEqual([9415721, 9415721, 9417961, 9417961, 9418260, 9418260])
  })

  test.each(['chr21_phase3_start', 'all_ploidy', 'mt_mixed_phase'])('%s is what plink2 exports of it', async (name) => {
    plink2(folder, '--pfile', join(examples, name), 'vzs', '--export', 'vcf', 'bgz', '--out', name)
    const theirs = await inspected(join(folder, `${name}.vcf.gz`))
    const ours = await inspected(join(examples, `${name}.pgen`))
    expect({ ...ours, file: '', format: '' }).toEqual({ ...theirs, file: '', format: '' })
  })
})

/** Types of the records of a PGEN file, by its index. */
function recordTypes(path: string): number[] {
  const bytes = readFileSync(path)
  if (bytes[2] !== 0x10) return []
  const variants = bytes.readUInt32LE(3)
  const at = 12 + 8 * Math.ceil(variants / 65536)
  return Array.from({ length: Math.min(variants, 65536) }, (_, v) =>
    (bytes[11] & 15) < 4 ? (bytes[at + (v >> 1)] >> (4 * (v & 1))) & 15 : bytes[at + v],
  )
}

describe.skipIf(missing.length > 0)('files that plink2 makes of random ones', () => {
  const seen = new Set<number>()
  const at = join(folder, 'random')
  mkdirSync(at)
  const compress = absent('pgen_compress').length === 0 || existsSync('/usr/bin/pgen_compress')

  test('with hard calls hold what their VCF holds', async () => {
    for (let seed = 1; seed <= rounds; seed++) {
      const several = seed % 3 > 0
      writeFileSync(join(at, 'x.vcf'), randomVcf(seed, { several }).text)
      const zst = seed % 2 === 0
      for (const name of ['p.pvar', 'p.pvar.zst']) rmSync(join(at, name), { force: true })
      plink2(at, '--vcf', 'x.vcf', '--make-pgen', ...(zst ? ['vzs'] : []), '--out', 'p')
      for (const type of recordTypes(join(at, 'p.pgen'))) seen.add(type)
      const { digest, dropped, variants } = await inspected(join(at, 'x.vcf'))
      const same = { digest, dropped, variants, variantsWithDosages: 0 }
      expect(await inspected(join(at, 'p.pgen')), `seed ${seed}`).toMatchObject(same)
      if (!several && seed % 2 === 0) {
        plink2(at, '--pfile', 'p', 'vzs', '--make-bpgen', 'vzs', '--out', 'b')
        // A BIM file has no FILTER.
        const all = variants + (dropped['record did not pass FILTER'] ?? 0)
        expect(await inspected(join(at, 'b.pgen')), `seed ${seed}`).toMatchObject({ variants: all })
      }
      if (!several) {
        plink2(at, '--pfile', 'p', ...(zst ? ['vzs'] : []), '--make-pgen', 'format=2', 'erase-phase', '--out', 'f')
        expect(await inspected(join(at, 'f.pgen')), `seed ${seed}`).toMatchObject(same)
        if (compress) {
          for (const ending of ['psam', 'pvar']) rmSync(join(at, `i.${ending}`), { force: true })
          command(at, 'pgen_compress', '-i', 'f.pgen', 'i.pgen')
          for (const ending of ['psam', 'pvar'])
            writeFileSync(join(at, `i.${ending}`), readFileSync(join(at, `f.${ending}`)))
          expect(await inspected(join(at, 'i.pgen')), `seed ${seed}`).toMatchObject(same)
        }
      }
    }
    const tracks = new Set([...seen].map((type) => type & 7))
    expect([...tracks].sort()).toEqual([0, 1, 2, 3, 4, 6, 7])
    for (const bit of [8, 16]) expect([...seen].some((type) => type & bit)).toBe(true)
  })

  test('with as many people as one, two or three bytes just name', async () => {
    for (const samples of [255, 256, 257, 65535, 65536, 65537]) {
      const random = numbers(samples)
      const names = Array.from({ length: samples }, (_, s) => `S${s}`)
      const lines = Array.from({ length: 6 }, (_, v) => {
        const usual = v % 3 === 2 ? '1/1' : '0/0'
        const cells = names.map(() =>
          random() < 0.02 ? (['0/1', './.', '0/0'] as const)[Math.floor(random() * 3)] : usual,
        )
        // The last people are named.
        for (const s of [1, 2]) cells[samples - s] = '0/1'
        return `1\t${1000 + v}\t.\tA\tC\t.\tPASS\t.\tGT\t${cells.join('\t')}\n`
      })
      const head = '##fileformat=VCFv4.2\n##contig=<ID=1>\n##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n'
      const columns = `#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${names.join('\t')}\n`
      writeFileSync(join(at, 'x.vcf'), head + columns + lines.join(''))
      rmSync(join(at, 'p.pvar.zst'), { force: true })
      plink2(at, '--vcf', 'x.vcf', '--make-pgen', '--out', 'p')
      expect(recordTypes(join(at, 'p.pgen')).some((type) => (type & 7) > 3)).toBe(true)
      const { digest } = await inspected(join(at, 'x.vcf'))
      expect((await inspected(join(at, 'p.pgen'))).digest, String(samples)).toBe(digest)
    }
  })

  test('with dosages, phased or not, hold what plink2 exports of them', async () => {
    const forms = new Set<number>()
    let values = 0
    for (let seed = 1; seed <= rounds; seed++) {
      const field = seed % 2 ? 'DS' : 'HDS'
      writeFileSync(join(at, 'x.vcf'), randomVcf(seed + 10_000, { several: false, field }).text)
      rmSync(join(at, 'p.pvar.zst'), { force: true })
      plink2(at, '--vcf', 'x.vcf', `dosage=${field}`, '--make-pgen', '--out', 'p')
      for (const type of recordTypes(join(at, 'p.pgen'))) forms.add(type & 0xe0)
      plink2(at, '--pfile', 'p', '--export', 'vcf', 'bgz', 'vcf-dosage=DS-force', '--out', 'e')
      const { rows, dosed } = await contents(join(at, 'p.pgen'), 'pgen')
      expect(dosed).toBeGreaterThan(0)
      const lines = gunzipSync(readFileSync(join(at, 'e.vcf.gz')))
        .toString()
        .trimEnd()
        .split('\n')
      for (const line of lines.filter((text) => !text.startsWith('#'))) {
        const [chromosome, position, , ref, alt, , filter, , , ...cells] = line.split('\t')
        if (filter === 'q10') continue
        const row = rows.get(`${chromosome}:${position}:${ref}:${alt}`)
        for (const [s, cell] of cells.entries()) {
          const text = cell.split(':')[1]
          const expected = text === '.' ? 65535 : Number(text) * 16384
          const found = row?.[s] ?? Number.NaN
          if (!(Math.abs(found - expected) < 1))
            throw new Error(`seed ${seed}, ${chromosome}:${position}, person ${s}: ${found}, not ${cell}`)
          values++
        }
      }
    }
    expect(values).toBeGreaterThan(1000 * rounds)
    for (const form of [0x20, 0x60]) expect([...forms].some((type) => (type & 0x60) === form)).toBe(true)
    expect([...forms].some((type) => type & 0x80)).toBe(true)
  })

  test('made the other way, by our own hand, are sound to plink2 and hold what it exports of them', async () => {
    for (let seed = 1; seed <= rounds; seed++) {
      const random = numbers(seed)
      const samples = [16, 70, 256, 600][seed % 4]
      const made: RandomVariant[] = []
      let base: readonly number[] | null = null
      for (let v = 0; v < 60; v++) {
        const variant = randomVariant(random, samples, base, true)
        if ((variant.record.type & 6) !== 2) base = variant.categories
        made.push(variant)
      }
      const records = made.map(({ record }) => record)
      const alleles = made.map(({ alts }) => alts + 1)
      writeFileSync(join(at, 'o.pgen'), encodePgen(records, samples, { alleleBytes: 1, alleles }).pgen)
      const names = Array.from({ length: samples }, (_, s) => `S${String(s).padStart(3, '0')}`)
      writeFileSync(join(at, 'o.psam'), `#IID\tSEX\n${names.map((name) => `${name}\tNA\n`).join('')}`)
      const alts = (count: number) => Array.from({ length: count }, (_, k) => `AC${'A'.repeat(k)}`).join(',')
      const lines = made.map((variant, v) => `1\t${1000 * (v + 1)}\t.\tA\t${alts(variant.alts)}\n`)
      writeFileSync(join(at, 'o.pvar'), `#CHROM\tPOS\tID\tREF\tALT\n${lines.join('')}`)
      plink2(at, '--pfile', 'o', '--validate', '--out', 'v')
      plink2(at, '--pfile', 'o', '--export', 'vcf', 'bgz', 'vcf-dosage=DS-force', '--out', 'e')
      const { rows } = await contents(join(at, 'o.pgen'), 'pgen')
      const text = gunzipSync(readFileSync(join(at, 'e.vcf.gz')))
        .toString()
        .trimEnd()
      const exported = text.split('\n').filter((line) => !line.startsWith('#'))
      expect(exported.length).toBe(60)
      for (const [v, line] of exported.entries()) {
        const cells = line.split('\t').slice(9)
        for (let k = 0; k < made[v].alts; k++) {
          const row = rows.get(`1:${1000 * (v + 1)}:A:AC${'A'.repeat(k)}`) ?? []
          const wrong = cells.findIndex((cell, s) => {
            const [gt, ds] = cell.split(':')
            const copies = gt.split(/[/|]/).filter((allele) => Number(allele) === k + 1).length
            const expected =
              made[v].alts > 1 ? (gt.startsWith('.') ? 65535 : copies * 16384) : ds === '.' ? 65535 : Number(ds) * 16384
            return !(Math.abs(row[s] - expected) < 1)
          })
          if (wrong >= 0)
            throw new Error(`seed ${seed}, variant ${v}, person ${wrong}: ${row[wrong]}, not ${cells[wrong]}`)
        }
      }
    }
  })

  test('with variants compressed at any level are the same', async () => {
    writeFileSync(join(at, 'x.vcf'), randomVcf(4, { several: true }).text)
    rmSync(join(at, 'p.pvar.zst'), { force: true })
    plink2(at, '--vcf', 'x.vcf', '--make-pgen', '--out', 'p')
    const { digest } = await inspected(join(at, 'p.pgen'))
    for (const name of ['pgen', 'psam']) writeFileSync(join(at, `z.${name}`), readFileSync(join(at, `p.${name}`)))
    for (const level of ['-1', '-3', '-9', '-19', '--ultra -21', '--fast=5', '-3 --no-check', '-5 -T2 -B4096']) {
      command(at, 'zstd', '-q', '-f', level.split(' '), 'p.pvar', '-o', 'z.pvar.zst')
      expect((await inspected(join(at, 'z.pgen'))).digest, level).toBe(digest)
    }
  })
})
