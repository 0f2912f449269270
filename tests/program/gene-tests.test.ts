import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { RandomStream } from '../../src/numerics/random.ts'
import { scratch, upturn } from './upturn.ts'

const folder = scratch()
const random = new RandomStream(22, 'test/gene tests program')
const people = 90
const ids = Array.from({ length: people }, (_, i) => `S${i}`)
const isCase = ids.map((_, i) => i % 5 === 0)
const vcf = join(folder, 'small.vcf')
const phenotypes = join(folder, 'people.tsv')
const bed = join(folder, 'genes.bed')
// Five rare variants in SOD1 (GRCh38), each with a case that carries it; none elsewhere.
const rows = Array.from({ length: 5 }, (_, v) => {
  const calls = ids.map((_, i) => (i === 5 * v || (random.uniform() < 0.005 && !isCase[i]) ? '0/1' : '0/0'))
  return `21\t${31_660_000 + 1000 * v}\t.\tA\tG\t.\tPASS\t.\tGT\t${calls.join('\t')}`
})
writeFileSync(
  vcf,
  [
    '##fileformat=VCFv4.2',
    '##contig=<ID=21>',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    `#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${ids.join('\t')}`,
    ...rows,
    '',
  ].join('\n'),
)
writeFileSync(
  phenotypes,
  ['IID\tcase\tage', ...ids.map((id, i) => `${id}\t${isCase[i] ? 2 : 1}\t${50 + ((7 * i) % 23)}`), ''].join('\n'),
)
writeFileSync(bed, 'chr21\t31659000\t31662500\tfirst half\nchr1\t1\t100\tempty\n'.replace('first half', 'first_half'))

const run = (...more: string[]) =>
  upturn([
    'gene-tests',
    vcf,
    '--phenotypes',
    phenotypes,
    '--case',
    'case',
    '--quiet',
    '--out',
    join(folder, 'out'),
    ...more,
  ])

it('tests genes by symbol, regions and those of a BED file, and writes a table', () => {
  const { code, stdout } = run(
    '--genes',
    'SOD1',
    '--in',
    'chr21:31660000-31660000',
    '--bed',
    bed,
    '--covariates',
    'age',
    '--json',
  )
  expect(code).toBe(0)
  const found = JSON.parse(stdout)
  expect(found.regions.map((r: { name: string }) => r.name)).toEqual([
    'SOD1',
    '21:31660000-31660000',
    'first_half',
    'empty',
  ])
  expect(found.regions.map((r: { variants: number }) => r.variants)).toEqual([5, 1, 3, 0])
  expect(found.threshold).toBeCloseTo(0.05 / 3, 15)
  const [sod1] = found.regions
  expect(sod1).toMatchObject({ status: 'ok', method: 'enumeration', caseCarriers: 5, direction: 1 })
  expect(sod1.tests.map((t: { test: string }) => t.test)).toEqual(['burden', 'skat', 'skat_o', 'acat'])
  for (const test of sod1.tests) {
    expect(test.p).toBeGreaterThanOrEqual(test.minAttainableP)
    expect(test.p).toBeLessThan(0.05)
  }
  const [header, line] = readFileSync(join(folder, 'out', 'gene-tests.tsv'), 'utf8')
    .split('\n')
    .map((l) => l.split('\t'))
  expect(Number(line[header.indexOf('skat_o_p')])).toBe(sod1.tests[2].p)
  // The same again, to the last digit.
  expect(JSON.parse(run('--genes', 'SOD1', '--covariates', 'age', '--json').stdout).regions[0]).toEqual(sod1)
})

it('says it in words', () => {
  const { stdout } = run('--genes', 'SOD1')
  expect(stdout).toMatch(/SOD1: 5 cases and \d controls carry one of 5 rare variants; SKAT-O p/)
  expect(stdout).toMatch(/skat-o +\S+ +smallest attainable/)
  expect(stdout).toMatch(/Research use only/)
})

it.each([
  [[], 'BadArgument'],
  [['--genes', 'NOT1'], 'BadArgument'],
  [['--genes', 'SOD1', '--build', 'GRCh37'], 'BadArgument'],
  [['--in', 'chr21:9-3'], 'BadArgument'],
  [['--in', '21', '--max-maf', '0'], 'BadArgument'],
  [['--bed', 'absent.bed'], 'FileNotFound'],
])('refuses %j', (more, code) => {
  const found = run(...more, '--json')
  expect(found.code).toBe(2)
  expect(JSON.parse(found.stdout).error.code).toBe(code)
})
