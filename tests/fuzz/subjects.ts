import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { BedFileWriter, encodeBedRecords } from '../../src/genotypes/bed/write.ts'
import { bgenBytes, type StoredVariant } from '../../src/genotypes/bgen/testing/write-bgen.ts'
import { endOfFileBlock } from '../../src/genotypes/bgzf/block.ts'
import { compressBlocks } from '../../src/genotypes/bgzf/write.ts'
import type { OpenOptions } from '../../src/genotypes/import/file.ts'
import { encodePgen } from '../../src/genotypes/pgen/testing/encode.ts'
import { fixedFiles, psamText, pvarText, randomRecords, storedZstd } from '../../src/genotypes/pgen/testing/files.ts'
import { openReference } from '../../src/genotypes/reference/fasta.ts'
import { type IndexForm, tbiForm } from '../../src/genotypes/tabix/build.ts'
import { bcfBytes } from '../../src/genotypes/testing/bcf.ts'
import { host, packed, randomCohort, vcfText } from '../../src/genotypes/testing/cohort.ts'
import { indexFile } from '../../src/genotypes/testing/index-file.ts'
import { encodeVcfChunk, VcfFileWriter } from '../../src/genotypes/vcf/write.ts'
import { clinicalSubjects } from './clinical.ts'
import type { Subject } from './fuzz.ts'
import { memoryHost } from './memory-host.ts'
import { readCalls } from './read-calls.ts'
import { bcfTwin, bedTwin, bgenTwin, pgenTwin, vcfTwin } from './twins.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

async function bgzf(bytes: Uint8Array): Promise<Uint8Array> {
  return Buffer.concat([(await compressBlocks(host, bytes)).bytes, endOfFileBlock])
}

/** A genotype file that is read whole. */
function genotypes(
  name: string,
  files: Record<string, Uint8Array>,
  truth: Subject['truth'],
  open: OpenOptions = {},
): Subject {
  const path = Object.keys(files)[0]
  // Plain arrays: slice() of a Buffer is no copy, and changes would pile up in it.
  const copies = new Map(Object.entries(files).map(([file, bytes]) => [file, Uint8Array.from(bytes)]))
  return { name, files: copies, truth, read: (memory) => readCalls(memory, path, open) }
}

/** Records of every kind that a VCF file may hold. */
const variety = `##fileformat=VCFv4.3
##contig=<ID=1,length=248956422>
##contig=<ID=X,length=156040895>
##FILTER=<ID=q10,Description="Quality below 10">
##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allelic depths">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">
##ALT=<ID=DEL,Description="Deletion">
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO	FORMAT	s3	s1	s2
1	1000	rs1	A	G	50	PASS	DP=30	GT:AD:DP:GQ	0/1:5,5:10:99	1|1:0,9:9:80	./.:.:.:.
1	1010	.	C	T,CA	.	.	.	GT:DP	1/2:3	0/2:4	0|1:.
1	1020	rs3	GTC	G	3	q10	DP=1	GT	0/0	0/1	1/1
1	1030	rs4	T	<DEL>,C	9.5	PASS	.	GT:GQ	2/2:1	0/1:2	./2:3
1	1040	.	AT	A,*	.	PASS	.	GT	0/1	1/2	0/0
X	2800000	rs6	G	A	.	PASS	.	GT	0	1	0/1
X	2800100	.	G	.	.	PASS	.	GT	0	0	0/0
`

/** What sequencing and imputation write. */
const values = `##fileformat=VCFv4.2
##contig=<ID=chr1>
##FILTER=<ID=q10,Description="Quality below 10">
##INFO=<ID=AC,Number=A,Type=Integer,Description="Allele count">
##INFO=<ID=AF,Number=A,Type=Float,Description="Allele frequency">
##INFO=<ID=AN,Number=1,Type=Integer,Description="Alleles">
##INFO=<ID=DB,Number=0,Type=Flag,Description="dbSNP">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allelic depths">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">
##FORMAT=<ID=DS,Number=A,Type=Float,Description="Dosage">
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO	FORMAT	s3	s1	s2
chr1	1000	rs1	A	G	50.5	PASS	AC=3;AF=0.5;AN=6;DB	GT:AD:DP:GQ:PL	0/1:5,5:10:99:100,0,120	1/1:0,9:9:80:300,30,0	./.:0,0:0:.:0,0,0
chr1	1010	.	C	T,CA	1e3	.	AC=1,2;AN=6	GT:AD:DP:GQ:PL	1/2:1,1,1:3:30:9,8,7,6,5,0	0/2:4,0,5:9:40:1,2,3,0,4,5	0/2:.:.:.:.
chr1	1020	rs3	GTC	G	.	PASS	.	GT:DS	0/0:0.05	0/1:1.2	1/1:1.95
chr1	1030	rs4	T	C,G	.	PASS	.	GT:DS	0/1:0.9,0.05	0|2:0,1	.:.
chr1	1040	.	A	T	.	PASS	DB	DS	0.123	1.5	.
chr1	1050	.	A	T	.	PASS	.	GT:DS:DP	0:0.02:3	1:0.98	0/1/1:1.5
`

/** Files that a writer makes in a folder of its own. */
async function written(write: (folder: string) => Promise<void>): Promise<Record<string, Uint8Array>> {
  const folder = mkdtempSync(join(tmpdir(), 'upturn-fuzz-'))
  try {
    await write(folder)
    return Object.fromEntries(
      readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A bgzipped VCF file of several blocks whose index is changed: a region holds the same variants, or the index is refused. */
async function indexSubject(): Promise<Subject> {
  const cohort = randomCohort(6, 7, 6000)
  const files = await written(async (folder) => {
    const contigs = ['1', '2', '10', 'X'].map((name) => ({ name, length: 200_000_000 }))
    const writer = new VcfFileWriter(host, join(folder, 'a.vcf.gz'), {
      build: 'GRCh38',
      samples: cohort.samples,
      contigs,
    })
    await writer.append(await encodeVcfChunk(cohort.keys, packed(cohort.codes, 7), 7, host))
    await writer.commit()
  })
  return {
    name: 'TBI',
    files: new Map(Object.entries(files)),
    changed: ['a.vcf.gz.tbi'],
    truth: 'unchanged',
    read: (memory) => readCalls(memory, 'a.vcf.gz', {}, '2:1000000-1100000'),
  }
}

/**
 * An index whose own bytes are changed, not compressed, so that no checksum protects them: what is read of a region is of the region, or the
 * file is refused.
 */
async function rawIndexSubject(name: string, format: 'vcf' | 'bcf', form: IndexForm): Promise<Subject> {
  const cohort = randomCohort(6, 7, 3000)
  const contigs = ['1', '2', '10', 'X'].map((contig) => `##contig=<ID=${contig}>\n`).join('')
  const text = vcfText(cohort).replace('##FORMAT', `${contigs}##FORMAT`)
  const path = format === 'vcf' ? 'a.vcf.gz' : 'a.bcf'
  const files = await written(async (folder) => {
    const bytes = format === 'vcf' ? bytesOf(text) : bcfBytes(text)
    writeFileSync(join(folder, path), await bgzf(bytes))
    await indexFile(join(folder, path), form)
  })
  const index = `${path}.${form.kind}`
  const region = '2:500000-900000'
  const all = new Map(Object.entries({ ...files, [index]: new Uint8Array(gunzipSync(files[index])) }))
  const whole = new Set((await readCalls(memoryHost(all), path, {}, region)).map((call) => call.join()))
  return {
    name,
    files: all,
    changed: [index],
    truth: null,
    async read(memory) {
      const calls = await readCalls(memory, path, {}, region)
      const strange = calls.find((call) => !whole.has(call.join()))
      if (strange !== undefined) throw new Error(`${strange.join()} is not in the region`)
      return calls
    },
  }
}

/** PLINK 2 files: records of one size, and of every kind. */
function pgenSubjects(): Subject[] {
  const cohort = randomCohort(7, 9, 12)
  const others = { 'a.pvar': bytesOf(pvarText(cohort)), 'a.psam': bytesOf(psamText(cohort)) }
  const { pgen, external } = encodePgen(randomRecords(cohort.codes, 2), 9)
  const zst = { 'a.pvar.zst': storedZstd(pvarText(cohort), 100), 'a.psam': others['a.psam'] }
  return [
    genotypes('PGEN, mode 2', { 'a.pgen': fixedFiles(cohort.codes).fixed, ...others }, (files) => {
      const part = (ending: string) => files.get(`a.${ending}`) ?? new Uint8Array()
      return pgenTwin(part('pgen'), part('pvar'), part('psam'))
    }),
    genotypes('PGEN', { 'a.pgen': pgen, ...others }, null),
    genotypes('PGEN and .pvar.zst', { 'a.pgen': pgen, ...zst }, null),
    genotypes('PGEN and .pgi', { 'a.pgen': external.pgen, 'a.pgen.pgi': external.index, ...others }, null),
  ]
}

/** A FASTA file and its index, read while the references of a VCF file are compared with it. */
function fastaSubject(): Subject {
  const fasta = '>1 test\nACGTACGTAC\nGTACGTACGT\nACG\n>2\nTTTTTTTTTT\nTTTT\n'
  const fai = '1\t23\t8\t10\t11\n2\t14\t37\t10\t11\n'
  return {
    name: 'FASTA',
    files: new Map([
      ['a.fa', bytesOf(fasta)],
      ['a.fa.fai', bytesOf(fai)],
    ]),
    truth: null,
    async read(memory) {
      const reference = await openReference(memory, 'a.fa')
      try {
        for (const [rank, position] of [
          [0, 3],
          [0, 23],
          [1, 14],
        ])
          await reference.load(rank, position)
      } finally {
        await reference.close()
      }
    },
  }
}

function bedFiles(): Promise<Record<string, Uint8Array>> {
  const cohort = randomCohort(4, 9, 12)
  return written(async (folder) => {
    const writer = new BedFileWriter(host, join(folder, 'a'), { samples: cohort.samples })
    await writer.append(cohort.keys, encodeBedRecords(packed(cohort.codes, 9), 9))
    await writer.commit()
  })
}

/** Two BGEN files, of every ploidy that is read and some that are not, and the `.sample` file of one of them. */
function bgenFile(layout: 1 | 2, compression: 'none' | 'zlib' | 'zstd', ids: boolean): Uint8Array {
  const missing = { missing: true }
  const variants: StoredVariant[] =
    layout === 1
      ? [
          {
            rsid: 'rs1',
            chromosome: '01',
            position: 9,
            calls: [{ values: [32768, 0, 0] }, { values: [0, 30000, 2768] }, { values: [0, 0, 0] }],
          },
          {
            id: 'x',
            chromosome: 'X',
            position: 1000,
            alleles: ['AT', 'A'],
            calls: [{ values: [0, 1, 32767] }, { values: [100, 100, 100] }, { values: [0, 32768, 0] }],
          },
        ]
      : [
          {
            rsid: 'rs1',
            chromosome: '01',
            position: 9,
            calls: [{ values: [255, 0] }, { values: [3, 250] }, { ...missing, values: [0, 0] }],
          },
          {
            rsid: 'rs2',
            chromosome: '7',
            position: 70,
            bits: 11,
            phased: true,
            alleles: ['A', 'C', 'GT'],
            calls: [{ values: [2047, 0, 0, 2040] }, { ploidy: 1, values: [0, 2000] }, { values: [0, 0, 1, 2] }],
          },
          {
            chromosome: 'chrX',
            position: 1000,
            bits: 5,
            alleles: ['T', 'G', 'C'],
            calls: [
              { ploidy: 1, values: [31, 0] },
              { ploidy: 3, values: [1, 0, 2, 0, 0, 0, 0, 0, 9] },
              { values: [0, 29, 1, 0, 0] },
            ],
          },
        ]
  return bgenBytes({ layout, compression, variants, ...(ids && { ids: ['s3', 's1', 's2'] }) })
}

const sampleFile = bytesOf('ID_1 ID_2 missing sex\n0 0 0 D\nf s3 0 1\nf s1 0 2\ng s2 0 0\n')

/** One subject for every format of genotypes and way of storing it, and clinical tables. */
export async function makeSubjects(): Promise<Subject[]> {
  const random = bytesOf(vcfText(randomCohort(3, 7, 20)))
  const various = bytesOf(variety)
  const sequenced = bytesOf(values)
  const bcf = bcfBytes(variety)
  return [
    genotypes('VCF', { 'a.vcf': random }, (files) => vcfTwin(files.get('a.vcf') ?? random)),
    genotypes('VCF of many kinds', { 'a.vcf': various }, (files) => vcfTwin(files.get('a.vcf') ?? various)),
    genotypes('VCF of many values', { 'a.vcf': sequenced }, (files) => vcfTwin(files.get('a.vcf') ?? sequenced)),
    genotypes('VCF in BGZF', { 'a.vcf.gz': await bgzf(random) }, 'unchanged'),
    genotypes('VCF in gzip', { 'a.vcf.gz': gzipSync(various) }, 'unchanged'),
    genotypes('BED', await bedFiles(), (files) => {
      const part = (ending: string) => files.get(`a.${ending}`) ?? new Uint8Array()
      return bedTwin(part('bed'), part('bim'), part('fam'))
    }),
    ...pgenSubjects(),
    await indexSubject(),
    await rawIndexSubject('TBI, not compressed', 'vcf', tbiForm),
    await rawIndexSubject('CSI of BCF, not compressed', 'bcf', {
      kind: 'csi',
      binning: { shift: 13, depth: 6 },
    }),
    fastaSubject(),
    genotypes('BCF', { 'a.bcf': bcf }, (files) => bcfTwin(files.get('a.bcf') ?? bcf, bcf)),
    ...([1, 2] as const).map((layout) => {
      const bytes = bgenFile(layout, 'none', true)
      return genotypes(
        `BGEN, layout ${layout}`,
        { 'a.bgen': bytes },
        (files) => bgenTwin(files.get('a.bgen') ?? bytes),
        { ref: 'first' },
      )
    }),
    genotypes('BGEN, zlib', { 'a.bgen': bgenFile(2, 'zlib', true) }, null, { ref: 'first' }),
    genotypes('BGEN, layout 1, zlib', { 'a.bgen': bgenFile(1, 'zlib', true) }, null, { ref: 'last' }),
    genotypes('BGEN, Zstandard', { 'a.bgen': bgenFile(2, 'zstd', true) }, null, { ref: 'last' }),
    genotypes('BGEN and .sample', { 'a.bgen': bgenFile(2, 'zlib', false), 'a.sample': sampleFile }, null, {
      ref: 'first',
    }),
    genotypes('BCF in BGZF', { 'a.bcf': await bgzf(bcfBytes(variety)) }, 'unchanged'),
    ...clinicalSubjects(),
  ]
}
