import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { BedFileWriter, encodeBedRecords } from '../../src/genotypes/bed/write.ts'
import { bgenBytes, type StoredVariant } from '../../src/genotypes/bgen/testing/write-bgen.ts'
import { endOfFileBlock } from '../../src/genotypes/bgzf/block.ts'
import { compressBlocks } from '../../src/genotypes/bgzf/write.ts'
import type { OpenOptions } from '../../src/genotypes/import/file.ts'
import { bcfBytes } from '../../src/genotypes/testing/bcf.ts'
import { host, packed, randomCohort, vcfText } from '../../src/genotypes/testing/cohort.ts'
import type { Subject } from './fuzz.ts'
import { readCalls } from './read-calls.ts'
import { bedTwin, bgenTwin, vcfTwin } from './twins.ts'

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

async function bedFiles(): Promise<Record<string, Uint8Array>> {
  const cohort = randomCohort(4, 9, 12)
  const folder = mkdtempSync(join(tmpdir(), 'upturn-fuzz-'))
  try {
    const writer = new BedFileWriter(host, join(folder, 'a'), { samples: cohort.samples })
    await writer.append(cohort.keys, encodeBedRecords(packed(cohort.codes, 9), 9))
    await writer.commit()
    const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)))
    return Object.fromEntries(
      ['a.bed', 'a.bim', 'a.fam']
        .filter((name) => readdirSync(folder).includes(name))
        .map((name) => [name, read(name)]),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
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

/** One subject for every format and way of storing it. */
export async function makeSubjects(): Promise<Subject[]> {
  const random = bytesOf(vcfText(randomCohort(3, 7, 20)))
  const various = bytesOf(variety)
  return [
    genotypes('VCF', { 'a.vcf': random }, (files) => vcfTwin(files.get('a.vcf') ?? random)),
    genotypes('VCF of many kinds', { 'a.vcf': various }, (files) => vcfTwin(files.get('a.vcf') ?? various)),
    genotypes('VCF in BGZF', { 'a.vcf.gz': await bgzf(random) }, 'unchanged'),
    genotypes('VCF in gzip', { 'a.vcf.gz': gzipSync(various) }, 'unchanged'),
    genotypes('BED', await bedFiles(), (files) => {
      const part = (ending: string) => files.get(`a.${ending}`) ?? new Uint8Array()
      return bedTwin(part('bed'), part('bim'), part('fam'))
    }),
    genotypes('BCF', { 'a.bcf': bcfBytes(variety) }, null),
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
  ]
}
