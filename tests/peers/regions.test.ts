// Regions of files that bcftools and tabix wrote and indexed hold what bcftools finds in them, record by record.
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { GenotypeFile } from '../../src/genotypes/import/file.ts'
import { openGenotypeFile } from '../../src/genotypes/import/format.ts'
import { inspectGenotypes } from '../../src/genotypes/index.ts'
import { mergeRegions, parseRegion } from '../../src/genotypes/regions/regions.ts'
import { recordBytes } from '../../src/genotypes/store/layout.ts'
import { host, numbers, scratchFolder, workshop } from '../../src/genotypes/testing/cohort.ts'

const tools = ['bcftools', 'tabix']
const missing = tools.filter((tool) => spawnSync(tool, ['--version']).error !== undefined)
if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')} not installed`)

const folder = scratchFolder()
const { signal } = new AbortController()
const run = (tool: string, ...args: string[]) =>
  execFileSync(tool, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 28 })

const samples = 5
const contigs = ['chr1', 'chr2', 'chr10', 'chrX', 'chrY']
const calls = ['0/0', '0/1', '1/1', './.']

/** Biallelic records whose alleles share no end, in clusters and far apart, with deletions up to thousands of bases. */
function randomVcf(seed: number, records: number, dosages = false): string {
  const random = numbers(seed)
  const sequence = (length: number) => Array.from({ length }, () => 'ACGT'[Math.floor(random() * 4)]).join('')
  const lines: string[] = []
  for (const contig of contigs) {
    let position = 1
    for (let k = 0; k < records / contigs.length; k++) {
      position += Math.floor(random() ** 12 * 2_000_000) + (random() < 0.8 ? 1 : 0)
      const kind = random()
      const long = sequence(1 + Math.floor(random() ** 6 * 5000))
      const [ref, alt] = kind < 0.8 ? ['A', 'GCT'[k % 3]] : kind < 0.9 ? ['C', `C${long}`] : [`G${long}`, 'G']
      const cells = Array.from({ length: samples }, () => {
        const call = calls[Math.floor(random() * 4)]
        return dosages ? `${call}:${(random() * 2).toFixed(Math.floor(random() * 6))}` : call
      })
      const format = dosages ? 'GT:DS' : 'GT'
      lines.push(`${contig}\t${position}\t.\t${ref}\t${alt}\t.\tPASS\t.\t${format}\t${cells.join('\t')}\n`)
    }
  }
  const columns = Array.from({ length: samples }, (_, s) => `P${s}`).join('\t')
  return `##fileformat=VCFv4.3\n##FILTER=<ID=PASS,Description="x">\n${contigs.map((name) => `##contig=<ID=${name},length=300000000>\n`).join('')}##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n##FORMAT=<ID=DS,Number=A,Type=Float,Description="x">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${columns}\n${lines.join('')}`
}

/** Variants of a file inside regions: chromosome, position, alleles and calls, sorted as text. */
async function found(file: GenotypeFile, regions: readonly string[]): Promise<string[]> {
  const notes: string[] = []
  const rows: string[] = []
  const request = {
    ...workshop(),
    label: '',
    filters: {},
    people: samples,
    permutation: Int32Array.from({ length: samples }, (_, s) => s),
    regions: mergeRegions(regions.map(parseRegion)),
    note: (text: string) => notes.push(text),
  }
  const bytes = recordBytes(samples)
  for await (const { batch } of file.batches(request)) {
    const lines = new TextDecoder().decode(batch.lines).split('\n')
    for (let v = 0; v < batch.rank.length; v++) {
      const code = (s: number) =>
        ((batch.genotypes[v * bytes] >> s) & 1) + 2 * ((batch.genotypes[v * bytes + bytes / 2] >> s) & 1)
      const cells = Array.from({ length: samples }, (_, s) => calls[code(s)])
      rows.push(`chr${lines[v].trimEnd()}\t${cells.join('\t')}`)
    }
  }
  expect(notes).toEqual([])
  return rows.sort()
}

function fromBcftools(file: string, regions: readonly string[]): string[] {
  const text = run('bcftools', 'query', '-r', regions.join(','), '-f', '%CHROM\t%POS\t%REF\t%ALT[\t%GT]\n', file)
  return [...new Set(text.split('\n').filter(Boolean))].sort()
}

/** What tabix finds in each of many regions, in one call. */
function fromTabix(file: string, regions: readonly string[]): string[][] {
  const all: string[][] = []
  for (const line of run('tabix', '--separate-regions', file, ...regions)
    .split('\n')
    .filter(Boolean)) {
    if (line.startsWith('#')) {
      // Regions without a record are not named.
      while (all.length < regions.length && regions[all.length] !== line.slice(1)) all.push([])
      all.push([])
      continue
    }
    const [chrom, position, , ref, alt, , , , , ...cells] = line.split('\t')
    all.at(-1)?.push([chrom, position, ref, alt, ...cells].join('\t'))
  }
  while (all.length < regions.length) all.push([])
  return all.map((rows) => rows.sort())
}

describe.skipIf(missing.length > 0)('regions and bcftools', () => {
  test('thousands of random regions, through TBI, CSI and CSI of BCF', async () => {
    let compared = 0
    let records = 0
    for (const seed of [1, 2, 3]) {
      writeFileSync(join(folder, 'r.vcf'), randomVcf(seed, 12_000))
      run('bcftools', 'view', '-Oz', '-o', 'tbi.vcf.gz', 'r.vcf')
      copyFileSync(join(folder, 'tbi.vcf.gz'), join(folder, 'csi.vcf.gz'))
      copyFileSync(join(folder, 'tbi.vcf.gz'), join(folder, 'fine.vcf.gz'))
      run('bcftools', 'view', '-Ob', '-o', 'csi.bcf', 'r.vcf')
      run('tabix', '-f', '-p', 'vcf', 'tbi.vcf.gz')
      run('bcftools', 'index', '-f', '-c', 'csi.vcf.gz')
      run('bcftools', 'index', '-f', '-c', '-m', '10', 'fine.vcf.gz')
      run('bcftools', 'index', '-f', '-c', 'csi.bcf')
      const files: GenotypeFile[] = []
      for (const [name, format] of [
        ['tbi.vcf.gz', 'vcf'],
        ['csi.vcf.gz', 'vcf'],
        ['fine.vcf.gz', 'vcf'],
        ['csi.bcf', 'bcf'],
      ])
        files.push(await openGenotypeFile(host, join(folder, name), format))
      const random = numbers(seed + 100)
      const some = () => {
        const contig = contigs[Math.floor(random() * contigs.length)]
        const start = 1 + Math.floor(random() ** 2 * 100_000_000)
        return `${contig}:${start}-${start + Math.floor(random() ** 8 * 20_000_000)}`
      }
      const regions = Array.from({ length: 700 }, some)
      for (const [k, theirs] of fromTabix('tbi.vcf.gz', regions).entries()) {
        expect(await found(files[k % files.length], [regions[k]])).toEqual(theirs)
        compared++
        records += theirs.length
      }
      for (let k = 0; k < 40; k++) {
        const several = [some(), some(), k % 8 === 0 ? contigs[k % contigs.length] : some()]
        const theirs = fromBcftools('csi.bcf', several)
        expect(await found(files[k % files.length], several)).toEqual(theirs)
        compared++
        records += theirs.length
      }
    }
    console.info(`${compared} comparisons, ${records} records in regions`)
    expect(records).toBeGreaterThan(50_000)
  })

  test('files that bcftools wrote as BCF give the store of the VCF', async () => {
    writeFileSync(join(folder, 'w.vcf'), randomVcf(9, 20_000, true))
    const { file, format, ...whole } = await inspectGenotypes(join(folder, 'w.vcf'), host, signal)
    expect([file, format, whole.records]).toEqual([join(folder, 'w.vcf'), 'vcf', 20_000])
    expect(whole.variantsWithDosages).toBeGreaterThan(19_000)
    for (const kind of ['-Ob', '-Ou', '-Ov', '-Oz', '-Ob0', '-Ob9']) {
      run('bcftools', 'view', kind, '-o', 'any', 'w.vcf')
      const found = await inspectGenotypes(join(folder, 'any'), host, signal)
      expect(found).toEqual({
        ...whole,
        file: join(folder, 'any'),
        format: kind.startsWith('-Ob') || kind === '-Ou' ? 'bcf' : 'vcf',
      })
    }
  })
})
