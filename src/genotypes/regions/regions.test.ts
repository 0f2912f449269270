import { closeSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Host } from '../../host/host.ts'
import { bgenBytes } from '../bgen/testing/write-bgen.ts'
import { endOfFileBlock } from '../bgzf/block.ts'
import { compressBlocks } from '../bgzf/write.ts'
import { chromosomeRank } from '../import/chromosome.ts'
import { inspectGenotypes } from '../inspect/inspect.ts'
import { encodePgen } from '../pgen/testing/encode.ts'
import { psamText, pvarText, randomRecords } from '../pgen/testing/files.ts'
import { IndexBuilder, type IndexForm, tbiForm } from '../tabix/build.ts'
import { bcfBytes } from '../testing/bcf.ts'
import { host, numbers, randomCohort, scratchFolder, shuffled, vcfText, writeBed } from '../testing/cohort.ts'
import { indexFile } from '../testing/index-file.ts'
import { mergeRegions, parseRegion, type Region, RegionFilter, regionRule } from './regions.ts'

const folder = scratchFolder()
const { signal } = new AbortController()

test('regions are written as bcftools writes them', () => {
  const end = 2 ** 31 - 1
  expect(parseRegion('chr2')).toEqual({ rank: 1, start: 1, end })
  expect(parseRegion(' 2:77 ')).toEqual({ rank: 1, start: 77, end: 77 })
  expect(parseRegion('X:5-9')).toEqual({ rank: 22, start: 5, end: 9 })
  expect(parseRegion('chrM:5-')).toEqual({ rank: 24, start: 5, end })
  expect(parseRegion('chr22:-9')).toEqual({ rank: 21, start: 1, end: 9 })
  for (const wrong of [
    '',
    'chr1:',
    'chr1:-',
    'chr1:a-b',
    'chr1:9-5',
    'chr1:0-5',
    'chrUn_1:1-5',
    '1:1-3000000000',
    '1:2:3',
  ])
    expect(() => parseRegion(wrong)).toThrow(/region/)
})

test('regions that overlap or touch are joined, and tell what is inside as a plain search does', () => {
  const region = fc.record({ rank: fc.nat(2), start: fc.integer({ min: 1, max: 60 }), length: fc.nat(12) })
  fc.assert(
    fc.property(fc.array(region, { maxLength: 12 }), (list) => {
      const regions: Region[] = list.map(({ rank, start, length }) => ({ rank, start, end: start + length }))
      const merged = mergeRegions(regions)
      for (let k = 1; k < merged.rank.length; k++)
        if (merged.rank[k] === merged.rank[k - 1]) expect(merged.start[k]).toBeGreaterThan(merged.end[k - 1] + 1)
      const filter = new RegionFilter(merged)
      for (let rank = -1; rank < 3; rank++)
        for (let first = 0; first < 76; first++)
          for (const last of [first, first + 1, first + 7]) {
            const plain = first > 0 && regions.some((r) => r.rank === rank && r.start <= last && r.end >= first)
            expect(filter.overlaps(rank, first, last)).toBe(plain)
          }
    }),
    { numRuns: 60 },
  )
})

test('regions are told in words', () => {
  const rule = (...regions: string[]) => regionRule(mergeRegions(regions.map(parseRegion)))
  expect(rule('chr4')).toBe('only records that overlap this region were read: 4')
  expect(rule('X:5-', '2:7', '1:1-9', '3')).toBe(
    'only records that overlap these 4 regions were read: 1:1-9, 2:7-7, 3 and 1 more',
  )
})

const contigs = ['chr1', 'chr2', 'chrX', 'chrUn_7', '1']

/** Lines of a VCF file with long and short reference alleles, sorted by contig and position. */
function randomLines(seed: number, records: number): string[] {
  const random = numbers(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]
  const lines: string[] = []
  for (const contig of contigs) {
    let position = 0
    for (let k = 0; k < records / contigs.length; k++) {
      position += Math.floor(random() ** 5 * 60_000)
      const ref = pick(['A', 'A', 'A', 'AC', `A${'C'.repeat(Math.floor(random() * 4000))}`])
      const cells = Array.from({ length: 3 }, () => pick(['0/0', '0/1', '1|1', './.', '0']))
      const filter = pick(['PASS', 'PASS', '.', 'low'])
      lines.push(
        `${contig}\t${position}\t.\t${ref}\t${pick(['G', 'T', 'G,T', '<DEL>', 'AT'])}\t.\t${filter}\t.\tGT\t${cells.join('\t')}\n`,
      )
    }
  }
  return lines
}

const head = `##fileformat=VCFv4.2\n##FILTER=<ID=low,Description="x">\n${contigs.map((name) => `##contig=<ID=${name}>\n`).join('')}##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\tc\n`

async function writeBlocks(path: string, bytes: Uint8Array, perBlock: number): Promise<void> {
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += perBlock)
    parts.push((await compressBlocks(host, bytes.subarray(at, at + perBlock))).bytes)
  writeFileSync(path, Buffer.concat([...parts, endOfFileBlock]))
}

const csiForm: IndexForm = { kind: 'csi', binning: { shift: 14, depth: 6 } }

test('reading regions equals filtering all of a file, with an index or without, whatever the format', async () => {
  const lines = randomLines(3, 900)
  const text = head + lines.join('')
  const bytes = new TextEncoder().encode(text)
  const at = (name: string) => join(folder, name)
  writeFileSync(at('plain.vcf'), text)
  writeFileSync(at('plain.bcf'), bcfBytes(text, { idx: 'reversed' }))
  await writeBlocks(at('none.vcf.gz'), bytes, 5000)
  await writeBlocks(at('tbi.vcf.gz'), bytes, 700)
  await indexFile(at('tbi.vcf.gz'), tbiForm)
  await writeBlocks(at('csi.vcf.gz'), bytes, 65_000)
  await indexFile(at('csi.vcf.gz'), csiForm)
  // The last line without its line feed, which VCF 4.2 allows.
  await writeBlocks(at('open.vcf.gz'), bytes.subarray(0, -1), 3000)
  await indexFile(at('open.vcf.gz'), csiForm)
  await writeBlocks(at('none.bcf'), bcfBytes(text), 999)
  await writeBlocks(at('csi.bcf'), bcfBytes(text, { idx: 'reversed' }), 2000)
  await indexFile(at('csi.bcf'), csiForm)
  const random = numbers(9)
  for (let round = 0; round < 40; round++) {
    const regions: Region[] = Array.from({ length: 1 + (round % 4) ** 3 }, () => {
      const start = 1 + Math.floor(random() * 2_000_000)
      return { rank: [0, 1, 22, 0, 5][round % 5], start, end: start + Math.floor(random() ** 6 * 1_000_000) }
    })
    if (round % 7 === 0) regions.push(parseRegion('chrX'))
    const inside = lines.filter((line) => {
      const [name, position, , ref] = line.split('\t')
      const rank = chromosomeRank(name)
      const first = Number(position)
      return regions.some((r) => r.rank === rank && first > 0 && r.start <= first + ref.length - 1 && r.end >= first)
    })
    writeFileSync(at('inside.vcf'), head + inside.join(''))
    const { file, format, ...expected } = await inspectGenotypes(at('inside.vcf'), host, signal)
    expect([file, format, expected.records]).toEqual([at('inside.vcf'), 'vcf', inside.length])
    for (const name of [
      'plain.vcf',
      'plain.bcf',
      'none.vcf.gz',
      'tbi.vcf.gz',
      'csi.vcf.gz',
      'open.vcf.gz',
      'none.bcf',
      'csi.bcf',
    ]) {
      const selection = { regions: mergeRegions(regions) }
      const found = await inspectGenotypes(at(name), host, signal, { selection })
      expect(found).toEqual({ ...expected, file: at(name), format: name.includes('bcf') ? 'bcf' : 'vcf' })
    }
  }
})

/** A host that counts the bytes that are read of files, behind the first read of their beginning. */
function counting(): { counted: Host; bytes: () => number } {
  let bytes = 0
  const counted: Host = {
    ...host,
    async open(path) {
      const source = await host.open(path)
      return {
        ...source,
        async read(start, end, stop) {
          const found = await source.read(start, end, stop)
          // Not the first look at the header.
          if (start > 0 || found.length > 1 << 20) bytes += found.length
          return found
        },
      }
    },
  }
  return { counted, bytes: () => bytes }
}

test('an index spares reading, and one of another file is not believed', async () => {
  // Labels that compress badly make the file larger than one read.
  const label = (v: number) =>
    Array.from({ length: 14 }, (_, k) => Math.imul(v + 1, 2654435761 * (k + 1) + 40503) >>> 0).join('')
  const text = (records: number) =>
    `${head}${Array.from({ length: records }, (_, v) => `chr1\t${v * 100 + 1}\t${label(v)}\tA\tG\t.\tPASS\t.\tGT\t0/1\t${v % 2}/1\t./.\n`).join('')}`
  const regions = mergeRegions([parseRegion('chr1:1000001-1000501')])
  for (const [name, form] of [
    ['large.vcf.gz', tbiForm],
    ['large.bcf', csiForm],
  ] as const) {
    const path = join(folder, name)
    const write = (records: number) =>
      writeBlocks(
        path,
        name.endsWith('.bcf') ? bcfBytes(text(records)) : new TextEncoder().encode(text(records)),
        60_000,
      )
    const look = async () => {
      const { counted, bytes } = counting()
      const { records } = await inspectGenotypes(path, counted, signal, { selection: { regions } })
      expect(records).toBe(6)
      return bytes()
    }
    await write(25_000)
    expect(statSync(path).size).toBeGreaterThan(1_300_000)
    const rest = () => statSync(path).size - (1 << 20)
    expect(await look()).toBeGreaterThanOrEqual(rest())
    await indexFile(path, form)
    // Where the first record begins, the blocks of the region, the end; and the index.
    expect(await look()).toBeLessThan(250_000)
    // The index of a longer file, and of a shorter one.
    for (const records of [22_000, 28_000]) {
      await write(records)
      expect(await look()).toBeGreaterThanOrEqual(rest())
    }
    writeFileSync(`${path}.${form.kind}`, 'no index')
    expect(await look()).toBeGreaterThanOrEqual(rest())
  }
})

test('PLINK, PLINK 2 and BGEN files are filtered like VCF files', async () => {
  const cohort = randomCohort(44, 30, 3000)
  writeFileSync(join(folder, 'p.vcf'), vcfText(cohort))
  await writeBed(join(folder, 'p'), cohort, { lines: shuffled(3000, 2) })
  await writeBed(join(folder, 'q'), cohort)
  const { keys, codes, samples } = cohort
  writeFileSync(join(folder, 'p.pgen'), encodePgen(randomRecords(codes, 8), 30).pgen)
  writeFileSync(join(folder, 'p.pvar'), pvarText(cohort))
  writeFileSync(join(folder, 'p.psam'), psamText(cohort))
  const variants = codes.map((row, v) => ({
    chromosome: keys.chromosome[v],
    position: keys.position[v],
    rsid: keys.rsid[v] || '.',
    alleles: [keys.ref[v], keys.alt[v]],
    calls: row.map((code) => ({
      missing: code === 3,
      values: [
        [255, 0],
        [0, 255],
        [0, 0],
        [0, 0],
      ][code],
    })),
  }))
  writeFileSync(join(folder, 'p.bgen'), bgenBytes({ layout: 2, compression: 'zlib', ids: samples, variants }))
  const random = numbers(3)
  for (let round = 0; round < 25; round++) {
    const start = 1 + Math.floor(random() * 1_000_000)
    const region = { rank: [0, 1, 9, 22][round % 4], start, end: start + Math.floor(random() * 200_000) }
    const regions = mergeRegions([region, { rank: 3, start: 1, end: 9 }])
    const look = async (path: string) => {
      const { file, format, notes, ...found } = await inspectGenotypes(path, host, signal, { selection: { regions } })
      expect([file, format]).toEqual([path, path.slice(path.lastIndexOf('.') + 1)])
      expect(notes.length).toBe(format === 'bgen' ? 1 : 0)
      return found
    }
    const expected = await look(join(folder, 'p.vcf'))
    for (const name of ['p.bed', 'q.bed', 'p.bgen', 'p.pgen']) expect(await look(join(folder, name))).toEqual(expected)
  }
})

test('places beyond 4 GB and beyond 128 GB are reached through an index', async () => {
  const line = (v: number) => `chr2\t${1 + 1_000_000 * v}\trs${v}\tA\tG\t.\tPASS\t.\tGT\t0/1\t1/1\t./.\n`
  const places = [0, 5 * 2 ** 30 + 12_345, 2 ** 38 + 777]
  for (const [name, form] of [
    ['sparse-tbi.vcf.gz', tbiForm],
    ['sparse-csi.vcf.gz', csiForm],
    ['sparse.bcf', csiForm],
  ] as const) {
    const path = join(folder, name)
    const bcf = name.endsWith('.bcf')
    const headText = bcf ? bcfBytes(head) : new TextEncoder().encode(head)
    const body = (v: number) =>
      bcf ? bcfBytes(head + line(v)).subarray(headText.length) : new TextEncoder().encode(line(v))
    const file = openSync(path, 'w')
    const start = (await compressBlocks(host, headText)).bytes
    writeSync(file, start, 0, start.length, 0)
    const builder = new IndexBuilder({ ...form, ...(bcf && { sequences: contigs }) })
    for (const [v, offset] of places.entries()) {
      const block = (await compressBlocks(host, body(v))).bytes
      const at = Math.max(offset, start.length)
      writeSync(file, block, 0, block.length, at)
      const from = 1_000_000 * v
      builder.add('chr2', from, from + 1, { block: at, within: 0 }, { block: at + block.length, within: 0 })
      if (v === places.length - 1) writeSync(file, endOfFileBlock, 0, endOfFileBlock.length, at + block.length)
    }
    closeSync(file)
    await writeBlocks(`${path}.${form.kind}`, builder.encode(), 60_000)
    expect(statSync(path).size).toBeGreaterThan(2 ** 38)
    const found = async (...regions: string[]) =>
      (
        await inspectGenotypes(path, host, signal, {
          selection: { regions: mergeRegions(regions.map(parseRegion)) },
        })
      ).variants
    expect(await found('2:1')).toBe(1)
    expect(await found('2:1000001')).toBe(1)
    expect(await found('2:2000001')).toBe(1)
    expect(await found('chr2:1000001-2000001')).toBe(2)
    expect(await found('chr2:1-1000000', 'chr2:2000001-')).toBe(2)
    expect(await found('chr2:2-1000000')).toBe(0)
    expect(await found('chr1')).toBe(0)
  }
})
