import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GenotypesSummary, Quality } from '../../src/results/genotypes.ts'
import type { Loci } from '../../src/results/loci.ts'
import type { Manifest } from '../../src/results/manifest.ts'
import { comparePlink, expectAgreement, type Person } from './association-comparison.ts'
import { absent, command, plink, table } from './plink.ts'

const example = fileURLToPath(new URL('../../examples/human-liver-cohort/', import.meta.url))
/** Milliseconds for two studies of 358,454 SNPs, or for all tests by three programs, on two busy cores. */
const patience = 3_600_000
const program = fileURLToPath(new URL('../../bin/upturn.js', import.meta.url))

function whyNot(): string | null {
  const missing = absent('plink1.9', 'plink2')
  if (missing.length > 0) return `${missing.join(' and ')} is absent`
  const obtained = spawnSync('sh', [join(example, 'obtain.sh')], { encoding: 'utf8' })
  return obtained.status === 0 ? null : `apt could not fetch gemma-doc: ${obtained.stderr.trim().slice(-300)}`
}

const reason = whyNot()
if (reason !== null) console.info(`skipped: the Human Liver Cohort, because ${reason}`)

describe.skipIf(reason !== null)('the Human Liver Cohort', () => {
  const folder = mkdtempSync(join(tmpdir(), 'upturn-liver-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const data = join(example, 'data')
  const bed = join(data, 'HLC')
  const results = (from: string) => join(folder, from)
  const read = <T>(from: string, file: string): T => JSON.parse(readFileSync(join(results(from), file), 'utf8')) as T

  function run(study: string, out: string): Manifest {
    command(folder, process.execPath, program, 'run', study, '--out', results(out), '--quiet', '--json')
    return read<Manifest>(out, 'manifest.json')
  }

  beforeAll(() => {
    command(folder, process.execPath, join(example, 'prepare.js'))
  })

  test(
    'a study of it goes through, from BED and from VCF alike',
    () => {
      const fromBed = run(join(data, 'study.yaml'), 'bed')
      expect(existsSync(join(results('bed'), 'report.html'))).toBe(true)

      const genotypes = read<GenotypesSummary>('bed', 'genotypes.json')
      expect(genotypes).toMatchObject({
        format: 'bed',
        build: 'NCBI35',
        samples: 427,
        records: 358_499,
        variants: 358_454,
        dropped: { 'no position': 45 },
      })
      expect(JSON.stringify(fromBed.parameters)).toContain('"build":"NCBI35"')

      const { pairs, sexMismatches, samples } = read<Quality>('bed', 'quality.json')
      const duplicates = pairs.filter((pair) => pair.relationship === 'duplicate')
      expect(duplicates).toHaveLength(7)
      // Of each pair one goes, and PLINK finds the same seven.
      for (const { a, b, removed } of duplicates) expect([a, b]).toContain(removed)
      plink(
        folder,
        'plink2',
        ['--bfile', bed, '--autosome', '--maf', '0.01', '--make-king-table', '--king-table-filter', '0.354'],
        ['--out', 'king'],
      )
      const key = (a: string, b: string) => [a, b].sort().join(' ')
      const theirs = [...table(join(folder, 'king.kin0'))].length
      expect(theirs).toBe(7)
      const theirPairs: string[] = []
      for (const cell of table(join(folder, 'king.kin0'))) theirPairs.push(key(cell('IID1'), cell('IID2')))
      expect(duplicates.map(({ a, b }) => key(a, b)).sort()).toEqual(theirPairs.sort())
      // Recorded sex was read off X in the first place.
      expect(sexMismatches).toEqual([])
      expect(samples.total).toBe(427)

      expect(read<Loci>('bed', 'loci.json').notes.join(' ')).toMatch(/NCBI35/)

      // The same people and alleles as VCF: reference allele from the BIM file's last column, X of people whose sex the FAM
      // file does not tell diploid.
      plink(folder, 'plink2', [
        '--bfile',
        bed,
        '--export',
        'vcf',
        'bgz',
        'id-paste=iid',
        '--output-chr',
        'M',
        '--out',
        'liver',
      ])
      const study = readFileSync(join(data, 'study.yaml'), 'utf8')
      const asVcf = study
        .replace('{ bed: HLC.bed, build: NCBI35 }', `{ vcf: ${join(folder, 'liver.vcf.gz')}, build: NCBI35 }`)
        .replace('path: clinical/', `path: ${join(data, 'clinical')}/`)
      expect(asVcf).toContain('vcf:')
      writeFileSync(join(folder, 'study.yaml'), asVcf)
      const fromVcf = run(join(folder, 'study.yaml'), 'vcf')
      expect(read<GenotypesSummary>('vcf', 'genotypes.json')).toMatchObject({
        format: 'vcf',
        variants: 358_454,
        storeDigest: genotypes.storeDigest,
      })
      expect(fromVcf.resultDigest).toBe(fromBed.resultDigest)
    },
    patience,
  )

  test(
    'every test on every SNP is that of PLINK',
    () => {
      const fam = readFileSync(`${bed}.fam`, 'utf8').trim().split('\n')
      const demographics = new Map<string, { sex: string; age: number }>()
      const subjects = new Map<string, string>()
      for (const cell of table(join(data, 'clinical', 'GENOTYPED.csv'), ','))
        subjects.set(cell('subject_id'), cell('sample_id'))
      for (const cell of table(join(data, 'clinical', 'DEMOGRAPHICS.csv'), ','))
        demographics.set(subjects.get(cell('subject_id')) ?? '', { sex: cell('Sex'), age: Number(cell('Age')) })
      const people = fam.map((line, i): Person => {
        const [family, id] = line.split(/\s+/)
        const { sex, age } = demographics.get(id) ?? { sex: '', age: Number.NaN }
        return {
          id,
          family,
          sex: sex === 'Male' ? 'male' : 'female',
          // One in seven a case, as many more people as reversals have; eight have no phenotype.
          case: i % 53 === 11 ? null : (i * 7919) % 1009 < 145,
          covariates: { sex: sex === 'Male' ? 1 : 2, age, batch: ((i * 104729) % 997) / 997 },
        }
      })
      const covariates = ['sex', 'age', 'batch']
      writeFileSync(
        join(folder, 'phenotypes.tsv'),
        `IID\tcase\t${covariates.join('\t')}\n${people
          .map((p) =>
            [p.id, p.case === null ? -9 : p.case ? 2 : 1, ...covariates.map((name) => p.covariates[name])].join('\t'),
          )
          .join('\n')}\n`,
      )
      command(
        folder,
        process.execPath,
        [program, 'associate', `${bed}.bed`, '--phenotypes', 'phenotypes.tsv', '--case', 'case', '--build', 'NCBI35'],
        ['--covariates', covariates.join(','), '--permutations', '0', '--out', 'associations', '--quiet', '--json'],
      )
      mkdirSync(join(folder, 'plink'))
      const found = comparePlink({
        folder: join(folder, 'plink'),
        bed,
        people,
        covariates,
        pseudoautosomal: [2_692_881, 154_494_747],
        associations: join(folder, 'associations', 'associations.tsv'),
      })
      expectAgreement(found, 358_454)
      const fits = Object.entries(found.fits)
      const unfitted = fits.filter(([outcome]) => !outcome.endsWith(', fitted'))
      // Nobody's carrier, or so few that the covariates tell who they are: PLINK says so of the same SNPs.
      expect(Object.fromEntries(unfitted)).toEqual({
        'CONST_OMITTED_ALLELE, monomorphic': 12,
        'CORR_TOO_HIGH, collinear': 2,
      })
    },
    patience,
  )
})
