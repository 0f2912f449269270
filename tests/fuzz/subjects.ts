import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { BedFileWriter, encodeBedRecords } from '../../src/genotypes/bed/write.ts'
import { endOfFileBlock } from '../../src/genotypes/bgzf/block.ts'
import { compressBlocks } from '../../src/genotypes/bgzf/write.ts'
import type { OpenOptions } from '../../src/genotypes/import/file.ts'
import { bcfBytes } from '../../src/genotypes/testing/bcf.ts'
import { host, packed, randomCohort, vcfText } from '../../src/genotypes/testing/cohort.ts'
import type { Subject } from './fuzz.ts'
import { readCalls } from './read-calls.ts'
import { bedTwin, vcfTwin } from './twins.ts'

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
  return { name, files: new Map(Object.entries(files)), truth, read: (memory) => readCalls(memory, path, open) }
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
    genotypes('BCF in BGZF', { 'a.bcf': await bgzf(bcfBytes(variety)) }, 'unchanged'),
  ]
}
