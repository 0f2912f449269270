import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { endOfFileBlock } from '../bgzf/block.ts'
import { compressBlocks } from '../bgzf/write.ts'
import { concatenate, sortBatch, type VariantBatch } from '../import/batch.ts'
import type { FileBatch } from '../import/file.ts'
import { openGenotypeFile } from '../import/format.ts'
import { inspectGenotypes } from '../inspect/inspect.ts'
import { recordBytes } from '../store/layout.ts'
import { type BcfForm, bcfBytes } from '../testing/bcf.ts'
import {
  host,
  numbers,
  packed,
  randomCohort,
  scratchFolder,
  shuffled,
  vcfText,
  workshop,
  writeBgzf,
} from '../testing/cohort.ts'
import { bcfDictionary } from './dictionary.ts'
import { bcfBatches } from './file.ts'
import { guessRecord, RecordAssembler, recordLength } from './records.ts'
import { readBcfStart } from './start.ts'

const folder = scratchFolder()
const { signal } = new AbortController()

/** What a file becomes, by the counts and the digest of its store. */
async function read(path: string, bytes: Uint8Array | string) {
  writeFileSync(path, bytes)
  const { file, format, ...found } = await inspectGenotypes(path, host, signal)
  expect(file).toBe(path)
  return { format, found }
}

const head = `##fileformat=VCFv4.3
##FILTER=<ID=q10,Description="Quality, IDX=9 below 10">
##contig=<ID=chr1,length=1000000>
##contig=<ID=2>
##contig=<ID=chrUn_1>
##INFO=<ID=DP,Number=1,Type=Integer,Description="a \\"quoted\\" > word">
##INFO=<ID=AC,Number=.,Type=Integer,Description="x">
##INFO=<ID=DB,Number=0,Type=Flag,Description="x">
##FORMAT=<ID=GT,Number=1,Type=String,Description="x">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="x">
##FORMAT=<ID=GQ,Number=1,Type=Float,Description="x">
##FORMAT=<ID=FT,Number=1,Type=String,Description="x">
##FORMAT=<ID=PL,Number=.,Type=Integer,Description="x">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="x">
##FORMAT=<ID=DS,Number=A,Type=Float,Description="x">
`

/** VCF text of random records of every kind that can be read. */
function randomVcf(seed: number, records: number, samples: number): string {
  const random = numbers(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]
  const lines = Array.from({ length: records }, (_, v) => {
    const ref = pick(['A', 'AC', 'ACGTTTTTTTTTTTTTTTTTTT', 'g', 'N'])
    const alts = new Set(
      Array.from({ length: pick([1, 1, 1, 2, 3, 9]) }, () =>
        pick(['C', 'T', 'AT', 'CG', 'c', '<DEL>', '*', 'N[chr1:9[']),
      ),
    )
    const named = [...new Map([...alts].map((alt) => [alt.toUpperCase(), alt])).values()]
    const alt = random() < 0.05 ? '.' : named.join(',')
    const count = alt === '.' ? 1 : named.length
    const allele = () => (random() < 0.05 ? '.' : String(Math.floor(random() ** 2 * (count + 1))))
    const ploidies = pick([[2], [2], [1, 2], [1, 2, 3]])
    const genotype = () => Array.from({ length: pick(ploidies) }, allele).reduce((a, b) => a + pick(['/', '|']) + b)
    const format = pick(['GT', 'GT', 'GT:DP:GQ', 'GT:FT:PL', 'DP:PL', 'GT:AD', 'GT:DS', 'DS', 'GT:AD:DS:DP:GQ'])
    const several = (values: number, one: () => string) => Array.from({ length: values }, one).join(',')
    const dose = (most: number) => () =>
      random() < 0.1 ? '.' : (Math.floor(random() * most * 1e5) / 1e5).toFixed(Math.floor(random() * 6))
    const value: Record<string, (call: string) => string> = {
      DP: () => pick(['.', '3', '200', '70000']),
      GQ: () => pick(['.', '12.5', '9.99', '40']),
      FT: () => pick(['PASS', 'a long filter text beyond fifteen', '.']),
      PL: () => pick(['.', '0,10,2', '5', '1,.,1000']),
      AD: () => (random() < 0.1 ? '.' : several(count + Number(alt !== '.'), () => pick(['.', '0', '3', '12', '300']))),
      DS: (call) => (random() < 0.1 ? '.' : several(count, dose(/[/|]/.test(call) || call === '' ? 2 : 1))),
    }
    const cells = Array.from({ length: samples }, () => {
      const call = format.startsWith('GT') ? genotype() : ''
      return format
        .split(':')
        .map((key) => (key === 'GT' ? call : value[key](call)))
        .join(':')
    })
    const fields = [
      pick(['chr1', 'chr1', '2', 'chrUn_1']),
      random() < 0.02 ? 0 : 1 + v * 7,
      pick(['.', `rs${v}`]),
      ref,
      alt,
      pick(['.', '29.5']),
      pick(['.', 'PASS', 'q10', 'PASS']),
      pick(['.', 'DP=12', 'DB;AC=1,2', `AC=${Array.from({ length: 40 }, (_, k) => k).join(',')}`]),
      ...(samples > 0 ? [format, ...cells] : []),
    ]
    return `${fields.join('\t')}\n`
  })
  const columns = ['#CHROM', 'POS', 'ID', 'REF', 'ALT', 'QUAL', 'FILTER', 'INFO']
  if (samples > 0) columns.push('FORMAT', ...Array.from({ length: samples }, (_, s) => `P${s}`))
  return `${head}${columns.join('\t')}\n${lines.join('')}`
}

test('gives what the same records give as text, in every form of the file and width of its values', async () => {
  const forms: BcfForm[] = [{}, { idx: 'plain' }, { idx: 'reversed', gtBytes: 2 }, { gtBytes: 4 }]
  for (const [k, samples] of [0, 1, 2, 15, 16, 17, 40, 70].entries()) {
    const text = randomVcf(100 + k, 150, samples)
    const { found } = await read(join(folder, 'a.vcf'), text)
    const form = forms[k % forms.length]
    const bytes = bcfBytes(text, form)
    expect(await read(join(folder, 'plain'), bytes)).toEqual({ format: 'bcf', found })
    expect(await read(join(folder, 'gzip.gz'), gzipSync(bytes))).toEqual({ format: 'bcf', found })
    await writeBgzf(join(folder, 'bgzf'), bytes)
    expect(await read(join(folder, 'bgzf'), readFileSync(join(folder, 'bgzf')))).toEqual({ format: 'bcf', found })
  }
})

test('an ambiguity code, which text may not have, is left out and counted', async () => {
  const text = `${head}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tP0\n2\t5\t.\tA\tR,T\t.\tPASS\t.\tGT\t0/2\n`
  const { found } = await read(join(folder, 'ambiguous'), bcfBytes(text))
  expect(found).toMatchObject({ variants: 1, dropped: { 'ambiguous base in an allele': 1 } })
})

/** A file's batches, read with filters, in chunks of a size. */
async function batchesOf(path: string, format: string, permutation: number[], bytes?: number) {
  const request = {
    ...workshop(),
    label: '',
    filters: { keepFiltered: true, minGq: 10, minDp: 4, alleleBalance: [0.2, 0.8] as const },
    people: permutation.filter((bit) => bit >= 0).length,
    permutation: Int32Array.from(permutation),
  }
  let parts: AsyncIterable<FileBatch>
  if (bytes === undefined) parts = (await openGenotypeFile(host, path, format)).batches(request)
  else {
    const source = await host.open(path)
    const start = await readBcfStart(host, source)
    await source.close()
    parts = bcfBatches(path, start, request, bytes)
  }
  const batches: VariantBatch[] = []
  const counts: Record<string, number> = {}
  let records = 0
  for await (const part of parts) {
    batches.push(part.batch)
    records += part.records
    for (const [reason, by] of Object.entries(part.counts)) counts[reason] = (counts[reason] ?? 0) + by
  }
  return { batch: sortBatch(concatenate(batches), recordBytes(request.people)), counts, records }
}

const identity = (n: number) => Array.from({ length: n }, (_, s) => s)

test('filters, people left out and their order are as for text', async () => {
  for (const samples of [5, 33, 64]) {
    const text = randomVcf(samples, 200, samples)
    writeFileSync(join(folder, 'f.vcf'), text)
    writeFileSync(join(folder, 'f.bcf'), bcfBytes(text))
    const kept = shuffled(samples, samples).filter((s) => s !== 0 && s !== 3)
    for (const permutation of [identity(samples), identity(samples).map((s) => kept.indexOf(s))]) {
      const vcf = await batchesOf(join(folder, 'f.vcf'), 'vcf', permutation)
      const bcf = await batchesOf(join(folder, 'f.bcf'), 'bcf', permutation)
      expect(bcf).toEqual(vcf)
      expect(bcf.counts['call below the GQ or DP limit']).toBeGreaterThan(10)
      expect(bcf.counts['call outside the allele balance']).toBeGreaterThan(10)
      expect(bcf.batch.dosages?.rows.length).toBeGreaterThan(100)
      expect(bcf.batch.rank.length).toBeGreaterThan(100)
    }
  }
})

/** Blocks of so many bytes of text each, an empty one among them. */
async function inBlocks(bytes: Uint8Array, perBlock: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += perBlock)
    parts.push((await compressBlocks(host, bytes.subarray(at, at + perBlock))).bytes)
  parts.splice(Math.ceil(parts.length / 2), 0, endOfFileBlock)
  return Buffer.concat([...parts, endOfFileBlock])
}

test('no record is lost or doubled wherever the file is cut into blocks and chunks', async () => {
  const samples = 6
  const path = join(folder, 'cut')
  const all = identity(samples)
  for (const [records, sizes] of [
    [5, [1, 7]],
    [120, [301, 5000]],
  ] as const) {
    const bytes = bcfBytes(randomVcf(8, records, samples))
    writeFileSync(path, bytes)
    const whole = await batchesOf(path, 'bcf', all)
    expect(whole.records).toBe(records)
    for (const chunk of sizes) expect(await batchesOf(path, 'bcf', all, chunk)).toEqual(whole)
    for (const perBlock of [37, 211, 4000]) {
      writeFileSync(path, await inBlocks(bytes, perBlock))
      for (const chunk of [61, 20_000]) expect(await batchesOf(path, 'bcf', all, chunk * sizes[0])).toEqual(whole)
    }
  }
})

/** The text behind the header. */
function bodyOf(bcf: Uint8Array): Uint8Array {
  return bcf.subarray(9 + new DataView(bcf.buffer, bcf.byteOffset).getUint32(5, true))
}

test('a first record is guessed rightly from any byte', () => {
  for (const samples of [0, 1, 3, 40]) {
    const body = bodyOf(bcfBytes(randomVcf(40 + samples, 60, samples)))
    const starts: number[] = []
    for (let at = 0; at < body.length; at += recordLength(body, at)) starts.push(at)
    for (let from = 0; from < body.length; from++) {
      const expected = starts.find((start) => start >= from)
      const found = guessRecord(body.subarray(from), body.length - from, true, { samples, contigs: 3 })
      expect(found).toBe(expected === undefined ? -1 : expected - from)
    }
  }
})

test('a record that holds what looks like records misleads nobody', async () => {
  const samples = 2
  const bcf = bcfBytes(randomVcf(5, 40, samples))
  const body = bodyOf(bcf)
  const fakes = Buffer.concat(Array.from({ length: 3 }, () => body))
  // Two records: A to C on chr1 with INFO of one string, which is the fake records, and a genotype of each person.
  const carriers = [9, 9_000].map((position) => {
    const shared = new Uint8Array(24 + 5 + 1 + 2 + 1 + 5 + fakes.length)
    const view = new DataView(shared.buffer)
    view.setInt32(4, position, true)
    view.setInt32(8, 1, true)
    view.setUint16(16, 1, true)
    view.setUint16(18, 2, true)
    view.setUint32(20, samples | (1 << 24), true)
    shared.set([7, 0x17, 65, 0x17, 67, 0, 0x11, 2, 0xf7, 0x13], 24)
    view.setInt32(34, fakes.length, true)
    shared.set(fakes, 38)
    const key = bcfDictionary(new TextDecoder().decode(bcf.subarray(9)).split('\n'), 'x').strings.get('GT') ?? -1
    const individual = Uint8Array.of(0x11, key, 0x21, 2, 4, 4, 4)
    const lengths = Uint32Array.of(shared.length, individual.length)
    return Buffer.concat([new Uint8Array(lengths.buffer), shared, individual])
  })
  const path = join(folder, 'fakes')
  const bytes = Buffer.concat([bcf.subarray(0, bcf.length - body.length), ...carriers])
  writeFileSync(path, bytes)
  const whole = await batchesOf(path, 'bcf', identity(samples))
  expect(whole.records).toBe(2)
  for (const chunk of [100, 1000, 4096]) expect(await batchesOf(path, 'bcf', identity(samples), chunk)).toEqual(whole)
  writeFileSync(path, await inBlocks(bytes, 500))
  for (const chunk of [300, 3000]) expect(await batchesOf(path, 'bcf', identity(samples), chunk)).toEqual(whole)
})

test('a mistake is found in its record whichever chunk holds it', async () => {
  const good = bcfBytes(
    vcfText(randomCohort(3, 9, 300)).replace(
      '##FORMAT',
      '##contig=<ID=1>\n##contig=<ID=2>\n##contig=<ID=10>\n##contig=<ID=X>\n##FORMAT',
    ),
  )
  const body = good.length - bodyOf(good).length
  const starts: number[] = []
  for (let at = body; at < good.length; at += recordLength(good, at)) starts.push(at)
  const path = join(folder, 'wrong')
  for (const record of [0, 1, 150, 299]) {
    const bytes = good.slice()
    // The last person's genotype is the last of a record's bytes.
    bytes[(starts[record + 1] ?? bytes.length) - 1] = 200
    for (const plain of [true, false]) {
      writeFileSync(path, plain ? bytes : await inBlocks(bytes, 700))
      for (const chunk of [97, 3001, 1 << 20]) {
        const error = await batchesOf(path, 'bcf', identity(9), chunk).catch((caught: unknown) => caught)
        if (!isUpturnError(error, 'FormatInvalid')) throw error
        expect(error.message).toContain(`record ${record + 1} at byte`)
        expect(error.message).toContain('genotype')
        expect(error.details.record).toBe(record + 1)
        if (plain) expect(error.details.byte).toBe(starts[record])
      }
    }
  }
})

test('a file cut anywhere is refused, unless it ends between two records', async () => {
  const bytes = bcfBytes(randomVcf(6, 12, 3))
  const starts = new Set<number>([bytes.length])
  for (let at = bytes.length - bodyOf(bytes).length; at < bytes.length; at += recordLength(bytes, at)) starts.add(at)
  const path = join(folder, 'short')
  for (let length = 1; length < bytes.length; length += length < 20 ? 1 : 3) {
    writeFileSync(path, bytes.subarray(0, length))
    const result = await inspectGenotypes(path, host, signal).catch((caught: unknown) => caught)
    if (starts.has(length)) expect(result).toMatchObject({ format: 'bcf' })
    else if (!isUpturnError(result)) throw new Error(`${length} bytes are read`)
    else if (length >= 9) expect(result.code).toBe('FileTruncated')
  }
  const blocks = await inBlocks(bytes, 300)
  for (let length = 30; length < blocks.length; length += 7) {
    writeFileSync(path, blocks.subarray(0, length))
    await expect(inspectGenotypes(path, host, signal)).rejects.toMatchObject({ code: 'FileTruncated' })
  }
})

test('changed bytes give data or a refusal, never more', async () => {
  const original = bcfBytes(randomVcf(77, 20, 5))
  const path = join(folder, 'changed')
  let refused = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }),
      async (changes) => {
        const bytes = original.slice()
        for (const [at, value] of changes) bytes[at] = value
        writeFileSync(path, bytes)
        try {
          expect((await inspectGenotypes(path, host, signal)).samples).toBeLessThanOrEqual(6)
        } catch (error) {
          if (!isUpturnError(error) || error.code === 'Internal') throw error
          refused++
        }
      },
    ),
    { numRuns: 600 },
  )
  expect(refused).toBeGreaterThan(100)
})

test('declared lengths are believed only as far as there are bytes', () => {
  const assembler = new RecordAssembler(0)
  expect(() => assembler.push(Uint8Array.of(255, 255, 255, 127, 0, 0, 0, 0), 0)).toThrow('more than 64 MiB')
})

test('dictionaries are numbered in order, or as IDX says', () => {
  const lines = [
    '##fileformat=VCFv4.3',
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="a, IDX=7 > \\" b">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="x">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="x">',
    '##FILTER=<ID=PASS,Description="x">',
    '##FILTER=<ID=q10,Description="x">',
    '##contig=<ID=chr1,length=5>',
    '##contig=<ID=chr2>',
    '##other=<ID=ZZ>',
  ]
  const plain = bcfDictionary(lines, 'x')
  expect([...plain.strings]).toEqual([
    ['PASS', 0],
    ['DP', 1],
    ['GT', 2],
    ['q10', 3],
  ])
  expect([...plain.contigs]).toEqual([
    [0, 'chr1'],
    [1, 'chr2'],
  ])
  const numbered = bcfDictionary(
    ['##INFO=<ID=A,Description="x",IDX=5>', '##contig=<IDX=3,ID=chr9>', '##INFO=<ID=B>'],
    'x',
  )
  expect(numbered.strings.get('A')).toBe(5)
  expect(numbered.strings.get('B')).toBe(6)
  expect(numbered.contigs.get(3)).toBe('chr9')
  expect(() => bcfDictionary(['##INFO=<ID=A,IDX=5>', '##INFO=<ID=B,IDX=5>'], 'x')).toThrow('B and A have the same IDX')
  expect(() => bcfDictionary(['##INFO=<ID=A,IDX=99999999>'], 'x')).toThrow('below 2^22')
})

test('sums over records equal the codes that were written', async () => {
  const cohort = randomCohort(12, 70, 50)
  const contigs = ['1', '2', '10', 'X'].map((name) => `##contig=<ID=${name}>\n`).join('')
  const path = join(folder, 'codes')
  writeFileSync(path, bcfBytes(vcfText(cohort).replace('##FORMAT', `${contigs}##FORMAT`)))
  const { batch } = await batchesOf(path, 'bcf', identity(70))
  expect(Buffer.from(batch.genotypes).equals(packed(cohort.codes, 70))).toBe(true)
})
