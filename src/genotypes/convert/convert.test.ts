import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Host } from '../../host/host.ts'
import { bcfForm, encodeBcfChunk } from '../bcf/write.ts'
import { openGenotypeFile } from '../import/format.ts'
import { importGenotypes } from '../import/import.ts'
import { inspectGenotypes } from '../inspect/inspect.ts'
import { mergeRegions, parseRegion } from '../regions/regions.ts'
import { readDosages } from '../store/dosages.ts'
import { recordBytes } from '../store/layout.ts'
import { bcfBytes } from '../testing/bcf.ts'
import {
  type Cohort,
  host,
  numbers,
  packed,
  randomCohort,
  scratchFolder,
  shuffled,
  vcfText,
  workshop,
} from '../testing/cohort.ts'
import { randomDosages, writeDosageStore } from '../testing/dosage-store.ts'
import { encodeVcfChunk } from '../vcf/write.ts'
import { reorderRecords } from './records.ts'
import { type WriteOptions, writeGenotypes } from './write.ts'

const folder = scratchFolder()
const { signal } = new AbortController()
const nobody = new Map<string, null>()
let made = 0

async function imported(path: string, format: string, build = 'GRCh38') {
  const store = join(folder, `store-${made++}`)
  return { store, ...(await importGenotypes({ files: [{ path, format }], build }, store, workshop())) }
}

async function written(
  options: Partial<WriteOptions> & Pick<WriteOptions, 'store' | 'format' | 'samples'>,
  end: string,
) {
  const path = join(folder, `out-${made++}${end}`)
  const result = await writeGenotypes({ sexes: nobody, path, ...options }, workshop())
  return { path: options.format === 'bed' ? `${path}.bed` : path, result }
}

const ends = { vcf: '.vcf.gz', bcf: '.bcf', bed: '' } as const

/** Multi-allelic records, missing and haploid calls, on autosomes, X, Y and MT. */
const various = `##fileformat=VCFv4.2
##contig=<ID=1>
##contig=<ID=X>
##contig=<ID=Y>
##contig=<ID=MT>
##FORMAT=<ID=GT,Number=1,Type=String,Description="x">
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO	FORMAT	woman	man	other
1	100	rs1;rs2	A	G,T	.	PASS	.	GT	0/1	1/2	./.
1	100	.	AC	A	.	PASS	.	GT	0/0	./1	1|1
X	10001	par	A	C	.	PASS	.	GT	0/1	1/1	0
X	3000000	.	A	C	.	PASS	.	GT	0/1	1	.
X	3000001	het	A	C	.	PASS	.	GT	1/1	0/1	0/0
X	3000002	.	A	C	.	PASS	.	GT	1/1	.	0/0
Y	3000000	.	A	C	.	PASS	.	GT	.	1	0
MT	7	.	A	C	.	PASS	.	GT	0	1	0/1
`

test('records of every kind come back as the same store, from every format to every other', async () => {
  writeFileSync(join(folder, 'various.vcf'), various)
  const first = await imported(join(folder, 'various.vcf'), 'vcf')
  const sexes = new Map([
    ['man', 'male'],
    ['woman', 'female'],
  ] as const)
  const samples = ['other', 'woman', 'man']
  const { storeDigest: digest } = first
  const paths: string[] = []
  for (const format of ['vcf', 'bcf', 'bed'] as const) {
    const { path, result } = await written({ store: first.store, format, samples, sexes }, ends[format])
    expect(result).toMatchObject({ samples: 3, variants: 9, variantsWithDosages: 0 })
    expect(result.files.every(existsSync)).toBe(true)
    const second = await imported(path, format)
    expect(second.storeDigest).toBe(digest)
    for (const again of ['vcf', 'bcf', 'bed'] as const) {
      const third = await written({ store: second.store, format: again, samples, sexes }, ends[again])
      expect((await inspectGenotypes(third.path, host, signal)).digest).toBe(digest)
    }
    paths.push(path)
  }
  const lines = gunzipSync(readFileSync(paths[0])).toString().trimEnd().split('\n')
  expect(lines.filter((line) => !line.startsWith('##'))).toEqual([
    '#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO	FORMAT	other	woman	man',
    '1	100	rs1;rs2	A	G	.	PASS	.	GT	./.	0/1	0/1',
    '1	100	rs1;rs2	A	T	.	PASS	.	GT	./.	0/0	0/1',
    '1	100	.	AC	A	.	PASS	.	GT	1/1	0/0	./.',
    'X	10001	par	A	C	.	PASS	.	GT	0/0	0/1	1/1',
    // A man outside the pseudoautosomal regions has one allele, but a heterozygous call stays what it is.
    'X	3000000	.	A	C	.	PASS	.	GT	./.	0/1	1',
    'X	3000001	het	A	C	.	PASS	.	GT	0/0	1/1	0/1',
    'X	3000002	.	A	C	.	PASS	.	GT	0/0	1/1	.',
    'Y	3000000	.	A	C	.	PASS	.	GT	0/0	./.	1',
    'MT	7	.	A	C	.	PASS	.	GT	0/1	0	1',
  ])
  expect(readFileSync(paths[2].replace('.bed', '.fam'), 'utf8')).toBe(
    'other\tother\t0\t0\t0\t-9\nwoman\twoman\t0\t0\t2\t-9\nman\tman\t0\t0\t1\t-9\n',
  )
})

const cohort = randomCohort(61, 70, 2500)

test('a cohort of several blocks comes back exactly, people in any order, through an index', async () => {
  writeFileSync(join(folder, 'cohort.vcf'), vcfText(cohort))
  const { store, storeDigest } = await imported(join(folder, 'cohort.vcf'), 'vcf')
  const samples = shuffled(70, 3).map((s) => cohort.samples[s])
  for (const format of ['vcf', 'bcf', 'bed'] as const) {
    const { path } = await written({ store, format, samples }, ends[format])
    const found = await inspectGenotypes(path, host, signal)
    expect(found).toMatchObject({ digest: storeDigest, records: 2500, dropped: {} })
    const regions = mergeRegions([parseRegion('2:300000-800000'), parseRegion('X:1-50000')])
    const look = (file: string) => inspectGenotypes(file, host, signal, { selection: { regions } })
    const { file, format: own, ...inside } = await look(path)
    expect([file, own, inside.notes]).toEqual([path, format, []])
    expect(await look(join(folder, 'cohort.vcf'))).toMatchObject(inside)
    // Some of the people, and a part of the variants.
    const some = samples.slice(0, 9)
    const part = await written({ store, format, samples: some, regions }, ends[format])
    const expected = await inspectGenotypes(join(folder, 'cohort.vcf'), host, signal, {
      selection: { regions, samples: { samples: some } },
    })
    expect((await inspectGenotypes(part.path, host, signal)).digest).toBe(expected.digest)
    expect(part.result.variants).toBe(expected.variants)
  }
})

test('people are put in another order as one by one', () => {
  const random = numbers(2)
  for (const samples of [1, 5, 63, 64, 65, 130]) {
    const codes = Array.from({ length: 7 }, () => Array.from({ length: samples }, () => Math.floor(random() * 4)))
    const columns = shuffled(samples, samples).slice(0, Math.max(1, samples - 3))
    const found = reorderRecords(packed(codes, samples), samples, Int32Array.from(columns))
    const expected = packed(
      codes.map((row) => columns.map((s) => row[s])),
      columns.length,
    )
    expect(found.length).toBe(7 * recordBytes(columns.length))
    expect(Buffer.from(found).equals(expected)).toBe(true)
  }
})

test('every dosage is written so that it reads back as the same number', async () => {
  const samples = 32_770
  const dosages = Uint16Array.from({ length: samples }, (_, d) => (d === samples - 1 ? 65535 : d))
  const keys = { chromosome: ['1'], position: Int32Array.of(5), ref: ['A'], alt: ['C'], rsid: [''] }
  const { bytes } = await encodeVcfChunk(keys, new Uint8Array(recordBytes(samples)), samples, host, {
    dosages: () => dosages,
    haploid: () => Array.from(dosages, () => true),
  })
  const [, , , , , , , , format, ...cells] = gunzipSync(bytes).toString().trimEnd().split('\t')
  expect(format).toBe('GT:DS')
  expect(cells.length).toBe(samples)
  for (const [d, cell] of cells.entries()) {
    const [call, text] = cell.split(':')
    expect(call).toBe('0/0')
    if (d === samples - 1) expect(text).toBe('.')
    else {
      expect(text.length).toBeLessThanOrEqual(7)
      for (const value of [Number(text), Math.fround(Number(text))]) expect(Math.round(value * 16384)).toBe(d)
    }
  }
})

test('every dosage of a BCF file is read as the number that was written', async () => {
  const samples = 32_770
  const dosages = Uint16Array.from({ length: samples }, (_, d) => (d === samples - 1 ? 65535 : d))
  const keys = { chromosome: ['1'], position: Int32Array.of(5), ref: ['A'], alt: ['C'], rsid: [''] }
  const names = Array.from({ length: samples }, (_, s) => `P${s}`)
  const { head } = bcfForm({ build: 'GRCh38', samples: names, contigs: [{ name: '1' }], dosages: true })
  const record = new Uint8Array(recordBytes(samples))
  // The last person's call is missing, as the dosage is.
  for (const at of [0, recordBytes(samples) / 2]) record[at + ((samples - 1) >> 3)] |= 1 << ((samples - 1) & 7)
  const { bytes } = await encodeBcfChunk(keys, record, samples, host, ['1'], { dosages: () => dosages })
  const path = join(folder, 'every.bcf')
  writeFileSync(path, Buffer.concat([head, gunzipSync(bytes)]))
  const file = await openGenotypeFile(host, path, 'bcf')
  const permutation = Int32Array.from(names, (_, s) => s)
  const request = { ...workshop(), label: '', filters: {}, people: samples, permutation }
  const out = new Uint16Array(samples)
  for await (const { batch } of file.batches(request)) readDosages(batch.dosages, 0, batch.genotypes, out)
  expect(Buffer.from(out.buffer).equals(Buffer.from(dosages.buffer))).toBe(true)
})

test('dosages come back as the same store, from VCF and from BCF, people in any order', async () => {
  const small: Cohort = randomCohort(18, 90, 1500)
  const store = join(folder, 'dosed')
  const { digest } = await writeDosageStore(store, small, randomDosages(7, small))
  const samples = shuffled(90, 5).map((s) => small.samples[s])
  const sexes = new Map(samples.map((id, s) => [id, s % 2 === 0 ? ('male' as const) : null]))
  for (const format of ['vcf', 'bcf'] as const) {
    const { path, result } = await written({ store, format, samples, sexes }, ends[format])
    const again = await imported(path, format)
    expect(again).toMatchObject({ storeDigest: digest, variantsWithDosages: result.variantsWithDosages })
    expect(result.variantsWithDosages).toBeGreaterThan(500)
    const other = format === 'vcf' ? 'bcf' : 'vcf'
    const third = await written({ store: again.store, format: other, samples, sexes }, ends[other])
    expect((await inspectGenotypes(third.path, host, signal)).digest).toBe(digest)
  }
})

test('BED says that dosages are lost, and holds the hard calls', async () => {
  const small: Cohort = randomCohort(8, 21, 1200)
  const store = join(folder, 'dosages')
  await writeDosageStore(store, small, randomDosages(4, small))
  const { result, path } = await written({ store, format: 'bed', samples: small.samples }, '')
  expect(result.variantsWithDosages).toBeGreaterThan(500)
  expect(await inspectGenotypes(path, host, signal)).toMatchObject({ variants: 1200, variantsWithDosages: 0 })
})

test('an id with a space is refused for BED, and nothing is left behind', async () => {
  const spaced = {
    ...cohort,
    keys: { ...cohort.keys, rsid: cohort.keys.rsid.map((id, v) => (v === 2000 ? 'a b' : id)) },
  }
  // Only BCF lets an id with a space through.
  const contigs = ['1', '2', '10', 'X'].map((name) => `##contig=<ID=${name}>\n`).join('')
  writeFileSync(join(folder, 'spaced.bcf'), bcfBytes(vcfText(spaced).replace('##FORMAT', `${contigs}##FORMAT`)))
  const { store } = await imported(join(folder, 'spaced.bcf'), 'bcf')
  const before = readdirSync(folder)
  await expect(written({ store, format: 'bed', samples: cohort.samples }, '')).rejects.toThrow('"a b" has a space')
  await expect(
    written({ store, format: 'vcf', samples: cohort.samples, regions: mergeRegions([parseRegion('7')]) }, '.vcf.gz'),
  ).rejects.toThrow('no variant of the store lies inside')
  expect(readdirSync(folder)).toEqual(before)
})

test('a disk that fills up leaves no file and no index', async () => {
  writeFileSync(join(folder, 'full.vcf'), vcfText(cohort))
  const { store } = await imported(join(folder, 'full.vcf'), 'vcf')
  for (const format of ['vcf', 'bcf', 'bed'] as const)
    for (const room of [0, 20_000, 60_000, 61_000]) {
      let left = room
      const narrow: Host = {
        ...host,
        async create(path) {
          const sink = await host.create(path)
          return {
            ...sink,
            async write(bytes) {
              left -= bytes.length
              if (left < 0) throw new Error('no room')
              await sink.write(bytes)
            },
          }
        },
      }
      const before = readdirSync(folder)
      const path = join(folder, `full-${made++}${ends[format]}`)
      const options = { store, format, samples: cohort.samples, sexes: nobody, path }
      await expect(writeGenotypes(options, { ...workshop(), host: narrow })).rejects.toThrow('no room')
      expect(readdirSync(folder)).toEqual(before)
    }
})
