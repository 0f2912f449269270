import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { comparePlink, expectAgreement, type Person } from './association-comparison.ts'
import { absent, command } from './plink.ts'

const missing = absent('plink1.9', 'plink2')
if (missing.length > 0) console.info(`skipped: association against PLINK, because ${missing.join(' and ')} is absent`)

const program = fileURLToPath(new URL('../../bin/upturn.js', import.meta.url))

describe.skipIf(missing.length > 0)('a simulated cohort', () => {
  const folder = mkdtempSync(join(tmpdir(), 'upturn-association-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const bed = join(folder, 'simulated', 'genotypes')
  let people: Person[] = []

  /** Copies of A1 of one variant by person, -1 where missing. */
  function genotypesOf(variant: number, n: number): number[] {
    const bytes = readFileSync(`${bed}.bed`)
    const code = (person: number) => (bytes[3 + variant * Math.ceil(n / 4) + (person >> 2)] >> (2 * (person & 3))) & 3
    return Array.from({ length: n }, (_, person) => [2, -1, 1, 0][code(person)])
  }

  function associate(genotypes: string, phenotypes: string, covariates: string[], out: string): string {
    command(
      folder,
      process.execPath,
      [program, 'associate', genotypes, '--phenotypes', phenotypes, '--case', 'case'],
      ['--covariates', covariates.join(','), '--permutations', '0', '--out', out, '--quiet', '--json'],
    )
    return join(folder, out, 'associations.tsv')
  }

  beforeAll(() => {
    command(
      folder,
      process.execPath,
      [program, 'simulate', '--people', '150', '--variants', '20000', '--seed', '71'],
      ['--missing-rate', '0.02', '--swaps', '3', '--out', 'simulated', '--quiet'],
    )
    const fam = readFileSync(`${bed}.fam`, 'utf8').trim().split('\n')
    // A phenotype that follows two variants, so that small p-values occur.
    const first = genotypesOf(4321, fam.length)
    const second = genotypesOf(12345, fam.length)
    const risk = fam.map((_, i) => 1.1 * first[i] + 0.9 * second[i] + 3 * (((i * 15485863) % 2003) / 2003))
    const threshold = [...risk].sort((a, b) => b - a)[40]
    people = fam.map((line, i) => {
      const [family, id, , , sex] = line.split('\t')
      const age = 35 + ((i * 7919) % 397) / 9
      const batch = ((i * 104729) % 1009) / 1009
      return {
        id,
        family,
        sex: sex === '1' ? 'male' : 'female',
        case: i % 41 === 7 ? null : risk[i] > threshold,
        covariates: { sex: Number(sex), age, batch },
      }
    })
    // One person is not in the table at all: no phenotype either.
    people[5].case = null
    writeFileSync(
      join(folder, 'phenotypes.tsv'),
      `IID\tcase\tsex\tage\tbatch\n${people
        .filter((_, i) => i !== 5)
        .map((p) =>
          [p.id, p.case === null ? -9 : p.case ? 2 : 1, p.covariates.sex, p.covariates.age, p.covariates.batch].join(
            '\t',
          ),
        )
        .join('\n')}\n`,
    )
    mkdirSync(join(folder, 'plink'))
  })

  test.each([
    // Without sex among the covariates both programs add it on X and nowhere else.
    { covariates: ['age', 'batch'] },
    { covariates: ['sex', 'age', 'batch'] },
  ])('every row is that of PLINK with $covariates', ({ covariates }) => {
    const associations = associate(`${bed}.bed`, 'phenotypes.tsv', covariates, `bed-${covariates.length}`)
    const found = comparePlink({
      folder: join(folder, 'plink'),
      bed,
      people,
      covariates,
      pseudoautosomal: [2_781_479, 155_701_383],
      associations,
    })
    expectAgreement(found, 20_000)
    expect(found.fits).toEqual({ 'fitted, fitted': 19_790, 'CONST_OMITTED_ALLELE, monomorphic': 210 })
  })

  test('the VCF file gives the same bytes as the BED file', () => {
    const fromBed = associate(`${bed}.bed`, 'phenotypes.tsv', ['sex', 'age'], 'from-bed')
    const fromVcf = associate(`${bed}.vcf.gz`, 'phenotypes.tsv', ['sex', 'age'], 'from-vcf')
    const bytes = readFileSync(fromBed)
    expect(bytes.length).toBeGreaterThan(1_000_000)
    expect(readFileSync(fromVcf).equals(bytes)).toBe(true)
  })
})
