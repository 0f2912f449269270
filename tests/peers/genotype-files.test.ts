// What is written is what bcftools, tabix and PLINK read; what they write is read alike.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { encodeVcfChunk, importGenotypes, inspectGenotypes, VcfFileWriter } from '../../src/genotypes/index.ts'
import {
  host,
  numbers,
  packed,
  randomCohort,
  scratchFolder,
  workshop,
  writeBed,
} from '../../src/genotypes/testing/cohort.ts'

const tools = ['bcftools', 'tabix', 'plink2', 'plink1.9']
const missing = tools.filter((tool) => spawnSync(tool, ['--version']).error !== undefined)
if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')} not installed`)

const folder = scratchFolder()
const people = 57
const variants = 1500
const cohort = randomCohort(31, people, variants)
const { signal } = new AbortController()
const run = (tool: string, ...args: string[]) =>
  execFileSync(tool, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 28 })

describe.skipIf(missing.length > 0)('genotype files and their peers', () => {
  const vcf = join(folder, 'a.vcf.gz')

  test('bcftools and tabix read the VCF, and regions through its index', async () => {
    const contigs = ['1', '2', '10', 'X'].map((name) => ({ name, length: 200_000_000 }))
    const writer = new VcfFileWriter(host, vcf, { build: 'GRCh38', samples: cohort.samples, contigs })
    const { keys } = cohort
    for (let from = 0; from < variants; from += 600) {
      const part = {
        chromosome: keys.chromosome.slice(from, from + 600),
        position: keys.position.slice(from, from + 600),
        ref: keys.ref.slice(from, from + 600),
        alt: keys.alt.slice(from, from + 600),
        rsid: keys.rsid.slice(from, from + 600),
      }
      const records = packed(cohort.codes.slice(from, from + 600), people)
      await writer.append(await encodeVcfChunk(part, records, people, host))
    }
    await writer.commit()
    const calls = run('bcftools', 'query', '-f', '[%GT ]\n', vcf).trimEnd().split('\n')
    const text = ['0/0', '0/1', '1/1', './.']
    expect(calls.map((line) => line.trim())).toEqual(cohort.codes.map((row) => row.map((code) => text[code]).join(' ')))
    expect(Number(run('bcftools', 'index', '-n', vcf))).toBe(variants)
    const random = numbers(3)
    for (let k = 0; k < 40; k++) {
      const name = ['1', '2', '10', 'X'][k % 4]
      const start = 1 + Math.floor(random() * 600_000)
      const end = start + Math.floor(random() * 60_000)
      const found = run('tabix', vcf, `${name}:${start}-${end}`)
        .split('\n')
        .filter(Boolean)
        .map((line) => Number(line.split('\t')[1]))
      const expected = cohort.codes.flatMap((_, v) => {
        const last = keys.position[v] + keys.ref[v].length - 1
        return keys.chromosome[v] === name && keys.position[v] <= end && last >= start ? [keys.position[v]] : []
      })
      expect(found).toEqual(expected)
    }
  })

  test('PLINK reads the BED file, and its own BED and VCF files give the same store', async () => {
    await writeBed(join(folder, 'b'), cohort)
    run('plink1.9', '--bfile', 'b', '--freqx', '--keep-allele-order', '--out', 'b')
    const counts = readFileSync(join(folder, 'b.frqx'), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split('\t'))
    for (const [v, row] of cohort.codes.entries()) {
      const tally = [0, 0, 0, 0]
      for (const code of row) tally[code]++
      const [, , a1, , homA1, het, homA2, , , lost] = counts[v]
      expect([a1, homA1, het, homA2, lost]).toEqual([
        cohort.keys.alt[v],
        ...[tally[2], tally[1], tally[0], tally[3]].map(String),
      ])
    }
    run('plink2', '--vcf', vcf, '--make-bed', '--out', 'c')
    run('bcftools', 'view', '-Oz', '-o', 'd.vcf.gz', vcf)
    const digests = new Set<string>()
    for (const [path, format] of [
      [vcf, 'vcf'],
      [join(folder, 'b.bed'), 'bed'],
      [join(folder, 'c.bed'), 'bed'],
      [join(folder, 'd.vcf.gz'), 'vcf'],
    ]) {
      const out = join(folder, `store-${digests.size}`)
      const summary = await importGenotypes({ files: [{ path, format }], build: 'GRCh38' }, out, workshop())
      expect(summary.variants).toBe(variants)
      digests.add(summary.storeDigest)
      digests.add((await inspectGenotypes(path, host, signal)).digest)
    }
    expect(digests.size).toBe(1)
  })

  test('multi-allelic records split as bcftools norm splits them', async () => {
    const random = numbers(12)
    const lines = Array.from({ length: 200 }, (_, v) => {
      const alts = ['C', 'G', 'T'].slice(0, 1 + (v % 3))
      const allele = () => (random() < 0.05 ? '.' : String(Math.floor(random() * (alts.length + 1))))
      const cells = cohort.samples.slice(0, 9).map(() => (random() < 0.1 ? allele() : `${allele()}|${allele()}`))
      return `1\t${v * 7 + 1}\t.\tA\t${alts.join(',')}\t.\tPASS\t.\tGT\t${cells.join('\t')}\n`
    })
    const header = `##fileformat=VCFv4.3\n##contig=<ID=1>\n##FILTER=<ID=PASS,Description="x">\n##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${cohort.samples.slice(0, 9).join('\t')}\n`
    const sink = await host.create(join(folder, 'm.vcf'))
    await sink.write(new TextEncoder().encode(header + lines.join('')))
    await sink.commit()
    run('bcftools', 'norm', '-m-', '-o', 'split.vcf', 'm.vcf')
    const ours = await inspectGenotypes(join(folder, 'm.vcf'), host, signal)
    const theirs = await inspectGenotypes(join(folder, 'split.vcf'), host, signal)
    expect(ours.variants).toBeGreaterThan(200)
    expect(theirs.digest).toBe(ours.digest)
  })
})
