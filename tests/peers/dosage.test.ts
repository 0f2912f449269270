import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RandomStream } from '../../src/numerics/index.ts'
import { log, normalLogTail } from '../../src/numerics/special.ts'
import { refereeFirth } from '../../src/statistics/firth/testing/referee.ts'
import { absent, command, plink, table } from './plink.ts'

const missing = absent('plink2')
if (missing.length > 0) console.info('skipped: dosages against PLINK, because plink2 is absent')

/**
 * plink2 fits in single precision and stops early: most of its fits are within 3e-3 of ours, shares of the standard error or of
 * the value, and all within 5e-2. The plain fit in double precision, which stops nowhere, is met to 1e-6 by every one of ours.
 */
const firthTolerance = 5e-2
const closeTolerance = 3e-3
/** plink2 prints six significant digits. */
const sixDigits = 6e-6

const program = fileURLToPath(new URL('../../bin/upturn.js', import.meta.url))

describe.skipIf(missing.length > 0)('dosages of a VCF file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'upturn-dosage-'))
  const people = 160
  const samples = Array.from({ length: people }, (_, i) => `P${String(i).padStart(3, '0')}`)
  const random = new RandomStream(6, 'test/dosage peers')
  const cases = samples.map((_, i) => i % 5 === 1)
  const age = samples.map((_, i) => Number((50 + 10 * random.normal() + (cases[i] ? 4 : 0)).toFixed(2)))
  const missingDosage = 65535
  /** Around the limits of hard calls, which are 0.1 copies from a whole number. */
  const edges = [1638, 1639, 14745, 14746, 18022, 18023, 31129, 31130]
  const variants = Array.from({ length: 400 }, (_, v) => {
    const f = 0.01 + 0.49 * random.uniform()
    const odds = v % 40 === 7 ? 6 : 1
    const spread = 0.6 * random.uniform()
    const dosages = samples.map((_, i) => {
      if (random.uniform() < (v % 4 === 0 ? 0.04 : 0)) return missingDosage
      if (v % 10 === 0 && random.uniform() < 0.2) return edges[random.integer(edges.length)]
      const q = cases[i] ? (f * odds) / (1 - f + f * odds) : f
      const copies = (random.uniform() < q ? 1 : 0) + (random.uniform() < q ? 1 : 0)
      return Math.round(16384 * Math.min(2, Math.max(0, copies + spread * (random.uniform() - 0.5))))
    })
    return { position: 1000 + v, dosages }
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  interface Row {
    status: string
    flags: string
    counts: number[]
    maf: number
    or: number
    se: number
  }
  let rows: Row[] = []

  /** `associations.tsv` of a genotype file. */
  function associate(out: string, ...genotypes: string[]): string {
    command(
      folder,
      process.execPath,
      [program, 'associate', ...genotypes, '--phenotypes', 'people.txt', '--case', 'case', '--covariates', 'age'],
      ['--permutations', '0', '--out', out, '--quiet', '--json'],
    )
    return join(folder, out, 'associations.tsv')
  }

  function readAssociations(path: string): Row[] {
    return Array.from(table(path, '\t'), (cell) => ({
      status: cell('status'),
      flags: cell('flags'),
      counts: ['ref', 'het', 'alt'].map((name) => Number(cell(`case_${name}`)) + Number(cell(`control_${name}`))),
      maf: Number(cell('maf')),
      or: Number(cell('or')),
      se: Number(cell('or_se')),
    }))
  }

  beforeAll(() => {
    const ds = (dosage: number) => (dosage === missingDosage ? '.' : String(dosage / 16384))
    writeFileSync(
      join(folder, 'dosage.vcf'),
      `##fileformat=VCFv4.3\n##contig=<ID=7>\n##FORMAT=<ID=DS,Number=A,Type=Float,Description="Dosage">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${samples.join('\t')}\n${variants
        .map(
          ({ position, dosages }) =>
            `7\t${position}\tv${position}\tA\tG\t.\tPASS\t.\tDS\t${dosages.map(ds).join('\t')}\n`,
        )
        .join('')}`,
    )
    writeFileSync(
      join(folder, 'people.txt'),
      `IID\tcase\tage\n${samples.map((id, i) => `${id}\t${cases[i] ? 2 : 1}\t${age[i]}\n`).join('')}`,
    )
    plink(folder, 'plink2', ['--vcf', 'dosage.vcf', 'dosage=DS', '--make-pgen', '--out', 'dosage'])
    rows = readAssociations(associate('from-vcf', 'dosage.vcf'))
  })

  test('the PGEN and the BGEN file that plink2 makes of it give the same bytes', () => {
    const bytes = readFileSync(join(folder, 'from-vcf', 'associations.tsv'))
    expect(bytes.length).toBeGreaterThan(100_000)
    expect(readFileSync(associate('from-pgen', 'dosage.pgen')).equals(bytes)).toBe(true)
    plink(folder, 'plink2', ['--pfile', 'dosage', '--export', 'bgen-1.3', 'bits=16', 'ref-first', '--out', 'dosage'])
    expect(readFileSync(associate('from-bgen', 'dosage.bgen', '--ref', 'first')).equals(bytes)).toBe(true)
  })

  test('hard calls are those of plink2', () => {
    plink(folder, 'plink2', ['--pfile', 'dosage', '--geno-counts', '--out', 'counts'])
    let v = 0
    for (const cell of table(join(folder, 'counts.gcount'))) {
      expect(rows[v++].counts, cell('ID')).toEqual([
        Number(cell('HOM_REF_CT')),
        Number(cell('HET_REF_ALT_CTS')),
        Number(cell('TWO_ALT_GENO_CTS')),
      ])
    }
    expect(v).toBe(variants.length)
  })

  test('allele frequencies are those of plink2', () => {
    plink(folder, 'plink2', ['--pfile', 'dosage', '--freq', '--out', 'frequency'])
    let v = 0
    for (const cell of table(join(folder, 'frequency.afreq'))) {
      const q = Number(cell('ALT_FREQS'))
      expect(Math.abs(rows[v++].maf - Math.min(q, 1 - q))).toBeLessThan(q * sixDigits + 1e-12)
    }
    expect(v).toBe(variants.length)
  })

  test("Firth's fits are those of plink2, as far as it goes, and of a plain fit", () => {
    plink(
      folder,
      'plink2',
      ['--pfile', 'dosage', '--pheno', 'people.txt', '--pheno-name', 'case', '--covar', 'people.txt'],
      ['--covar-name', 'age', '--covar-variance-standardize', '--glm', 'firth', 'hide-covar'],
      ['cols=chrom,pos,ref,alt,nobs,beta,se,tz,p,err', '--out', 'glm'],
    )
    let fitted = 0
    let apart = 0
    let v = 0
    for (const cell of table(join(folder, 'glm.case.glm.firth'))) {
      const row = rows[v++]
      if (row.status === 'monomorphic') continue
      expect(cell('ERRCODE')).toBe('.')
      expect(row.flags).toContain('dosage')
      const [beta, se] = [log(row.or), row.se]
      const theirs = (cell('A1') === 'G' ? 1 : -1) * Number(cell('BETA'))
      // PLINK's p is Wald's, of z: d log p is at most (1 + |z|) dz.
      const z = Math.abs(beta / se)
      const distance = Math.max(
        Math.abs(beta - theirs) / Math.max(Math.abs(beta), se),
        Math.abs(se / Number(cell('SE')) - 1),
        Math.abs(log(2) + normalLogTail(z) - log(Number(cell('P')))) / (2 * (1 + z) * Math.max(1, z)),
      )
      expect(distance, cell('ID')).toBeLessThan(firthTolerance)
      if (distance > closeTolerance) apart++
      const { dosages } = variants[v - 1]
      const who = samples.map((_, i) => i).filter((i) => dosages[i] !== missingDosage)
      const plain = refereeFirth(
        who.map((i) => [1, (age[i] - 50) / 10, dosages[i] / 16384]),
        who.map((i) => (cases[i] ? 1 : 0)),
      )
      expect(Math.abs(beta - (plain?.beta ?? Number.NaN)), cell('ID')).toBeLessThan(1e-6 * se)
      expect(Math.abs(se - (plain?.standardError ?? Number.NaN)), cell('ID')).toBeLessThan(1e-6 * se)
      fitted++
    }
    expect(fitted).toBe(variants.length)
    expect(apart).toBeLessThan(variants.length / 5)
  })
})
