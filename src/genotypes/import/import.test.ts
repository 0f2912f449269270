import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { openStore } from '../store/open.ts'
import {
  type Cohort,
  host,
  packed,
  randomCohort,
  scratchFolder,
  shuffled,
  vcfText,
  workshop,
  writeBed,
  writeBgzf,
  writeGzip,
} from '../testing/cohort.ts'
import { importGenotypes } from './import.ts'

const folder = scratchFolder()
let made = 0

async function imported(files: { path: string; format: string }[], sampleMap?: Record<string, string>) {
  const out = join(folder, `store-${made++}`)
  const summary = await importGenotypes({ files, build: 'GRCh38', sampleMap }, out, workshop())
  return { out, summary }
}

async function expectCohort(out: string, cohort: Cohort) {
  const store = await openStore(host, out)
  expect(store.header.samples).toEqual(cohort.samples)
  expect(store.header.variants).toBe(cohort.codes.length)
  const records: number[] = []
  for (const [b, block] of store.header.blocks.entries()) {
    records.push(...(await store.genotypes(b)))
    const keys = await store.keys(b)
    const end = block.first + block.variants
    expect(keys.chromosome).toEqual(cohort.keys.chromosome.slice(block.first, end))
    expect([...keys.position]).toEqual([...cohort.keys.position.slice(block.first, end)])
    expect(keys.ref).toEqual(cohort.keys.ref.slice(block.first, end))
    expect(keys.alt).toEqual(cohort.keys.alt.slice(block.first, end))
    expect(keys.rsid).toEqual(cohort.keys.rsid.slice(block.first, end))
  }
  expect(Buffer.from(records).equals(packed(cohort.codes, cohort.samples.length))).toBe(true)
  await store.close()
}

describe('one cohort, many files', () => {
  const people = 71
  const variants = 2600
  const cohort = randomCohort(7, people, variants)

  test('gives the same store from VCF, plain, bgzipped and gzipped, and from BED, in any order', async () => {
    const columns = shuffled(people, 1)
    const lines = shuffled(variants, 2)
    const at = (name: string) => join(folder, name)
    writeFileSync(at('a.vcf'), vcfText(cohort))
    writeFileSync(at('shuffled.vcf'), vcfText(cohort, { lines, columns, chr: 'chr' }))
    await writeBgzf(at('b.vcf.gz'), vcfText(cohort, { columns }))
    writeGzip(at('c.vcf.gz'), vcfText(cohort, { columns }))
    await writeBed(at('d'), cohort)
    await writeBed(at('e'), cohort, { lines, columns })
    const sources: [string, string][] = [
      ['a.vcf', 'vcf'],
      ['shuffled.vcf', 'vcf'],
      ['b.vcf.gz', 'vcf'],
      ['c.vcf.gz', 'vcf'],
      ['d.bed', 'bed'],
      ['e.bed', 'bed'],
    ]
    const digests = new Set<string>()
    for (const [name, format] of sources) {
      const { out, summary } = await imported([{ path: at(name), format }])
      expect(summary).toMatchObject({ samples: people, variants, records: variants, dropped: {}, format })
      await expectCohort(out, cohort)
      expect(readdirSync(out).filter((file) => readFileSync(join(out, file)).length > 0)).toEqual([
        'genotypes.bin',
        'store.json',
        'variants.bin',
        'variants.parquet',
      ])
      digests.add(summary.storeDigest)
      digests.add(JSON.parse(readFileSync(join(out, 'store.json'), 'utf8')).digest)
    }
    expect(digests.size).toBe(1)
  })

  test('gives the same store from one file a chromosome, named in any order', async () => {
    const files = ['X', '1', '10', '2'].map((name) => {
      const lines = cohort.keys.chromosome.flatMap((c, v) => (c === name ? [v] : []))
      const path = join(folder, `chr${name}.vcf`)
      writeFileSync(path, vcfText(cohort, { lines, columns: shuffled(people, name.charCodeAt(0)) }))
      return { path, format: 'vcf' }
    })
    const { out, summary } = await imported(files)
    expect(summary.records).toBe(variants)
    await expectCohort(out, cohort)
  })

  test('writes one row a variant to variants.parquet', async () => {
    writeFileSync(join(folder, 'p.vcf'), vcfText(cohort))
    const { out } = await imported([{ path: join(folder, 'p.vcf'), format: 'vcf' }])
    const { variantsTable } = await import('../../results/genotypes.ts')
    const index: unknown[] = []
    const positions: unknown[] = []
    for await (const batch of host.tables.read(join(out, 'variants.parquet'), variantsTable)) {
      index.push(...batch.index)
      positions.push(...batch.position)
    }
    expect(index).toEqual(Array.from({ length: variants }, (_, v) => v))
    expect(positions).toEqual([...cohort.keys.position])
  })

  test('renames samples by the map and refuses two that become one', async () => {
    writeFileSync(join(folder, 'm.vcf'), vcfText(cohort))
    const file = { path: join(folder, 'm.vcf'), format: 'vcf' }
    const { out } = await imported([file], { P0003: '__proto__' })
    const samples = JSON.parse(readFileSync(join(out, 'store.json'), 'utf8')).samples
    expect(samples).toContain('__proto__')
    expect(samples).toEqual([...samples].sort())
    await expect(imported([file], { P0003: 'P0004' })).rejects.toThrow('P0003 and P0004 are both mapped to P0004')
  })

  test('refuses files of one cohort with other people', async () => {
    writeFileSync(join(folder, 'q1.vcf'), vcfText(cohort))
    writeFileSync(join(folder, 'q2.vcf'), vcfText(cohort, { columns: [0, 1, 2] }))
    const files = ['q1.vcf', 'q2.vcf'].map((name) => ({ path: join(folder, name), format: 'vcf' }))
    await expect(imported(files)).rejects.toThrow('does not have the sample P0003')
  })
})

function smallVcf(records: string[], samples = ['a', 'b']): string {
  return `##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${samples.join('\t')}\n${records.map((line) => `${line.replaceAll(' ', '\t')}\n`).join('')}`
}

async function keysOf(out: string) {
  const store = await openStore(host, out)
  const { chromosome, position, ref, alt } = await store.keys(0)
  const codes = await store.genotypes(0)
  await store.close()
  return {
    keys: chromosome.map((c, v) => `${c}:${position[v]}:${ref[v]}:${alt[v]}`),
    codes: chromosome.map((_, v) => [0, 1].map((s) => ((codes[16 * v] >> s) & 1) + 2 * ((codes[16 * v + 8] >> s) & 1))),
  }
}

describe('keys', () => {
  test('are split, trimmed, sorted, and double ones kept once', async () => {
    const path = join(folder, 'keys.vcf')
    writeFileSync(
      path,
      smallVcf([
        'chr2 100 . CTT C,CT,CTTT . . . GT 1/2 3/.',
        // Trimming moves this one to the right of the next record.
        'chr2 110 . ACGT ACGA . . . GT 0/1 1|1',
        'chr2 112 . g a . . . GT 1 0',
        'chr2 112 . G A . . . GT 0/0 0/0',
        'chrM 5 . A C,<DEL>,* . PASS . GT 1/2 3/1',
        'chr7_alt 5 . A C . PASS . GT 1/1 0/0',
        'chr1 77 . A G . q10 . GT 1/1 0/0',
        'chr1 78 . A G . PASS . DP 1 2',
        'chr1 79 . A . . PASS . GT 0/0 0/0',
        'chr1 0 . A T . PASS . GT 0/0 0/1',
        'chr1 81 . AT AT . PASS . GT 0/0 0/1',
        'chr1 82 . A T . PASS . GT 0/0/1 0/1',
      ]),
    )
    const { out, summary } = await imported([{ path, format: 'vcf' }])
    expect(await keysOf(out)).toEqual({
      keys: ['1:82:A:T', '2:100:C:CT', '2:100:CT:C', '2:100:CTT:C', '2:112:G:A', '2:113:T:A', 'MT:5:A:C'],
      codes: [
        [3, 1],
        [0, 3],
        [1, 3],
        [1, 3],
        [2, 0],
        [1, 2],
        [1, 1],
      ],
    })
    expect(summary.records).toBe(12)
    expect(summary.dropped).toEqual({
      'alternate allele equals the reference': 1,
      'call with more than two alleles': 1,
      'contig that is not studied': 1,
      'duplicate of an earlier variant': 1,
      'no alternate allele': 1,
      'no position': 1,
      'record did not pass FILTER': 1,
      'record without GT': 1,
      'spanning deletion allele (*)': 1,
      'symbolic allele or breakend': 1,
    })
  })

  test('of a BED file: number codes, unseen and unusual alleles, lost positions', async () => {
    const prefix = join(folder, 'codes')
    writeFileSync(`${prefix}.fam`, 'f b 0 0 2 -9\nf a 0 0 1 -9\n')
    const bim = [
      '23 r1 0 5 A G',
      '25 r2 0 4 C G',
      '26 r3 0 9 T C',
      '0 r4 0 9 T C',
      '1 r5 0 9 0 C',
      '1 r6 0 9 I D',
      '1 r7 0 9 A 0',
      '1 r8 0 -9 A C',
      '1 r9 0 9 a c',
    ]
    writeFileSync(`${prefix}.bim`, `${bim.join('\n')}\n`)
    // Codes of the two people: b in the low bits.
    const records = [0b1000, 0b0111, 0b1101, 0, 0, 0, 0, 0, 0b0010]
    writeFileSync(`${prefix}.bed`, Uint8Array.of(0x6c, 0x1b, 1, ...records))
    const { out, summary } = await imported([{ path: `${prefix}.bed`, format: 'bed' }])
    expect(await keysOf(out)).toEqual({
      keys: ['1:9:C:A', 'X:4:G:C', 'X:5:G:A', 'MT:9:C:T'],
      codes: [
        [2, 1],
        [3, 0],
        [1, 2],
        [0, 3],
      ],
    })
    expect(summary.sexes).toEqual({ a: 'male', b: 'female' })
    expect(summary.dropped).toEqual({
      'allele that is no sequence': 1,
      'no alternate allele': 1,
      'no position': 2,
      'unknown reference allele': 1,
    })
  })
})

describe('filters', () => {
  test('FILTER, GQ and DP are adjustable and what they cost is counted', async () => {
    const path = join(folder, 'filters.vcf')
    writeFileSync(
      path,
      smallVcf([
        '1 1 . A G . LowQ . GT:DP:GQ 0/1:30:99 1/1:30:99',
        '1 2 . A G . PASS . GT:DP:GQ 0/1:9:99 1/1:10:20',
        '1 3 . A G . . . GT:GQ:DP 0/1:19:30 1/1:.',
        '1 4 . A G,C . . . GT:GQ:DP 2/1:20:3 0/2:50:50',
      ]),
    )
    const out = join(folder, 'filters')
    const summary = await importGenotypes(
      { files: [{ path, format: 'vcf' }], build: 'GRCh37', filters: { keepFiltered: true, minGq: 20, minDp: 10 } },
      out,
      workshop(),
    )
    expect((await keysOf(out)).codes).toEqual([
      [1, 2],
      [3, 2],
      [3, 2],
      [3, 1],
      [3, 0],
    ])
    expect(summary.dropped).toEqual({ 'call below the GQ or DP limit': 3 })
    expect(summary.filters).toEqual([
      'records are kept whatever their FILTER says',
      'calls with a genotype quality (GQ) below 20 are missing',
      'calls with a read depth (DP) below 10 are missing',
    ])
  })

  test('calls that their reads speak against are counted, and a format without reads is refused', async () => {
    const path = join(folder, 'reads.vcf')
    writeFileSync(path, smallVcf(['1 1 . A G . . . GT:AD 0/1:9,1 0/1:5,5', '1 2 . A G . . . GT:AD 0/0:6,4 1/1:.']))
    const out = join(folder, 'reads')
    const filters = { alleleBalance: [0.2, 0.8] as const }
    const summary = await importGenotypes(
      { files: [{ path, format: 'vcf' }], build: 'GRCh37', filters },
      out,
      workshop(),
    )
    expect((await keysOf(out)).codes).toEqual([
      [3, 1],
      [3, 2],
    ])
    expect(summary.dropped).toEqual({ 'call outside the allele balance': 2 })
    expect(summary.filters).toEqual([expect.stringContaining('less than 0.2 or more than 0.8 of the reads')])
    await writeBed(join(folder, 'reads'), randomCohort(1, 2, 3))
    const bed = [{ path: join(folder, 'reads.bed'), format: 'bed' }]
    await expect(importGenotypes({ files: bed, build: 'GRCh37', filters }, out, workshop())).rejects.toThrow(
      'reads by allele (AD) is not in a bed file',
    )
  })
})

describe('mistakes', () => {
  const cases: [string, string, number, number, string][] = [
    ['few columns', '1 5 . A G . . . GT 0/1', 5, 23, 'before its last column'],
    ['many columns', '1 5 . A G . . . GT 0/1 0/1 0/1', 5, 27, 'more columns'],
    ['allele', '1 5 . A G . . . GT 0/1 0/2', 5, 24, 'names an allele'],
    ['genotype', '1 5 . A G . . . GT 0/1 :3', 5, 24, 'empty or malformed'],
    ['position', '1 5e3 . A G . . . GT 0/1 0/1', 5, 3, 'position'],
    ['huge position', '1 2147483648 . A G . . . GT 0/1 0/1', 5, 3, 'position'],
    ['reference', '1 5 . . G . . . GT 0/1 0/1', 5, 7, 'reference allele'],
    ['alternate', '1 5 . A G, . . . GT 0/1 0/1', 5, 11, 'alternate allele'],
    ['GT not first', '1 5 . A G . . . DP:GT 1:0/1 1:0/1', 5, 20, 'GT must be the first'],
    ['header', '#1 5 . A G . . . GT 0/1 0/1', 5, 1, 'header line'],
  ]
  test.each(cases)('%s', async (name, line, at, column, words) => {
    const path = join(folder, `wrong-${name.replaceAll(' ', '-')}.vcf`)
    const good = '1 4 . A G . . . GT 0/1 0/1'
    writeFileSync(path, smallVcf([good, good, line, good]))
    const error = await imported([{ path, format: 'vcf' }]).catch((caught: unknown) => caught)
    if (!isUpturnError(error, 'FormatInvalid')) throw error
    expect(error.place).toEqual({ file: path, line: at, column })
    expect(error.message).toContain(words)
    expect(readdirSync(folder).filter((name) => name === `store-${made - 1}`)).toEqual([])
  })
})
