import { UpturnError } from '../../errors/index.ts'
import type { ByteSink, Host } from '../../host/host.ts'
import { endOfFileBlock } from '../bgzf/block.ts'
import type { VirtualOffset } from '../bgzf/virtual.ts'
import { type CompressedBlocks, compressBlocks, textBytesPerBlock } from '../bgzf/write.ts'
import { dosageMissing, dosageOne } from '../store/dosages.ts'
import { recordBytes, type VariantKeys, wordsPerPlane } from '../store/layout.ts'
import { IndexBuilder, type IndexForm, tbiForm } from '../tabix/build.ts'

/** Compressed records and what an index needs to know of them; made in any worker, appended in order. */
export interface VcfChunk extends CompressedBlocks {
  /** Bytes of text before compression. */
  readonly textBytes: number
  /** Chromosomes in order, each with the records that lie on it. */
  readonly chromosomes: readonly { readonly name: string; readonly records: number }[]
  /** 1-based. */
  readonly position: Int32Array
  /** Bases of the reference allele. */
  readonly refBases: Int32Array
  /** Byte of the chunk's text at which each record begins. */
  readonly offset: Uint32Array
}

export interface VcfHeaderText {
  build: string
  samples: readonly string[]
  /** Bases of each where they are known. */
  contigs: readonly { name: string; length?: number }[]
  /** Some records have DS. */
  dosages?: boolean
}

/** What records hold beside two alleles a person. */
export interface RecordOptions {
  /**
   * People (true) whose call of a variant is written with one allele, such as males on X, missing or not; a heterozygous
   * call is written in full all the same, since one allele cannot say it.
   */
  readonly haploid?: (variant: number) => readonly boolean[] | undefined
  /**
   * Dosages of every person at a variant, undefined where it has none. DS is then written beside GT, and every call with
   * two alleles, because the DS of a call with one allele counts copies of one.
   */
  readonly dosages?: (variant: number) => Uint16Array | undefined
}

/** `\t0/0`, `\t0/1`, `\t1/1`, `\t./.` as little-endian words, by low + 2 high. */
const diploid = Uint32Array.from([0x302f3009, 0x312f3009, 0x312f3109, 0x2e2f2e09])

/** Bytes of `:0.12345`, the longest DS. */
const dosageBytes = 8
const dosageTexts: (Uint8Array | undefined)[] = []

/**
 * A dosage as text that reads back as the same number of 16384ths, whether it is read with 32 or 64 bits: five decimals, which
 * are off by less than a tenth of a unit.
 */
function dosageText(dosage: number): Uint8Array {
  const known = dosageTexts[dosage]
  if (known !== undefined) return known
  const digits = dosage === dosageMissing ? '.' : String(Number((dosage / dosageOne).toFixed(5)))
  const text = new TextEncoder().encode(`:${digits}`)
  dosageTexts[dosage] = text
  return text
}

/**
 * Writes records as VCF text in whole BGZF blocks, with GT and, for variants that have dosages, DS.
 * @param genotypes records of the packed store (`store/layout.ts`), one a key, columns in the order of the header
 * @param samples people in a record
 */
export async function encodeVcfChunk(
  keys: VariantKeys,
  genotypes: Uint8Array,
  samples: number,
  host: Host,
  { haploid, dosages }: RecordOptions = {},
): Promise<VcfChunk> {
  const count = keys.position.length
  const bytesPerRecord = recordBytes(samples)
  if (genotypes.length !== count * bytesPerRecord)
    throw new UpturnError('BadArgument', 'the genotype records do not fit the number of keys and samples')
  const encoder = new TextEncoder()
  const rows = Array.from({ length: count }, (_, v) => dosages?.(v)?.slice())
  const heads = Array.from({ length: count }, (_, v) =>
    encoder.encode(
      `${keys.chromosome[v]}\t${keys.position[v]}\t${keys.rsid[v] || '.'}\t${keys.ref[v]}\t${keys.alt[v]}\t.\tPASS\t.${samples > 0 ? (rows[v] === undefined ? '\tGT' : '\tGT:DS') : ''}`,
    ),
  )
  const perCall = (v: number) => (rows[v] === undefined ? 4 : 4 + dosageBytes)
  const text = new Uint8Array(heads.reduce((sum, head, v) => sum + head.length + perCall(v) * samples + 1, 0))
  const cells = new Uint32Array(samples)
  const cellBytes = new Uint8Array(cells.buffer)
  const offset = new Uint32Array(count)
  const planeBytes = 8 * wordsPerPlane(samples)
  let at = 0
  for (let v = 0; v < count; v++) {
    offset[v] = at
    text.set(heads[v], at)
    at += heads[v].length
    const low = v * bytesPerRecord
    const high = low + planeBytes
    for (let s = 0; s < samples; s++) {
      const byte = s >> 3
      const bit = s & 7
      cells[s] = diploid[((genotypes[low + byte] >> bit) & 1) | (((genotypes[high + byte] >> bit) & 1) << 1)]
    }
    const row = rows[v]
    const single = row === undefined ? haploid?.(v) : undefined
    if (row === undefined && single === undefined) {
      text.set(cellBytes, at)
      at += cellBytes.length
    } else {
      for (let s = 0; s < samples; s++) {
        const cell = cellBytes.subarray(4 * s, 4 * s + 4)
        if (single?.[s] && cell[1] === cell[3]) {
          text[at++] = 9
          text[at++] = cell[1]
        } else {
          text.set(cell, at)
          at += 4
        }
        if (row === undefined) continue
        const dosage = dosageText(row[s])
        text.set(dosage, at)
        at += dosage.length
      }
    }
    text[at++] = 10
  }
  const blocks = await compressBlocks(host, text.subarray(0, at))
  return {
    ...blocks,
    textBytes: at,
    chromosomes: chromosomeRuns(keys.chromosome),
    position: keys.position,
    refBases: Int32Array.from(keys.ref, (ref) => ref.length),
    offset,
  }
}

/** How often each chromosome comes, in order. */
export function chromosomeRuns(chromosome: readonly string[]): { name: string; records: number }[] {
  const runs: { name: string; records: number }[] = []
  for (const name of chromosome) {
    const last = runs.at(-1)
    if (last?.name === name) last.records++
    else runs.push({ name, records: 1 })
  }
  return runs
}

/** The header lines of a file with GT and perhaps DS. */
export function vcfHeaderText(header: VcfHeaderText): string {
  const contigs = header.contigs.map(
    ({ name, length }) =>
      `##contig=<ID=${name}${length === undefined ? '' : `,length=${length}`},assembly=${header.build}>\n`,
  )
  const columns = ['#CHROM', 'POS', 'ID', 'REF', 'ALT', 'QUAL', 'FILTER', 'INFO']
  if (header.samples.length > 0) columns.push('FORMAT', ...header.samples)
  return (
    '##fileformat=VCFv4.3\n##FILTER=<ID=PASS,Description="All filters passed">\n' +
    `##reference=${header.build}\n${contigs.join('')}` +
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n' +
    (header.dosages === true
      ? '##FORMAT=<ID=DS,Number=A,Type=Float,Description="Copies of the alternate allele">\n'
      : '') +
    `${columns.join('\t')}\n`
  )
}

/** How a file of records in BGZF blocks begins, and how its index is written. */
export interface BlockFileForm {
  /** The header, not compressed. */
  readonly head: Uint8Array
  readonly index: IndexForm
}

/** A VCF file with a TBI index. */
export function vcfForm(header: VcfHeaderText): BlockFileForm {
  return { head: new TextEncoder().encode(vcfHeaderText(header)), index: tbiForm }
}

/**
 * Writes `path` (BGZF) and its index, `path.tbi` or `path.csi`. Chunks must come in the order of the records: by
 * chromosome, then position.
 */
export class BlockFileWriter {
  readonly #host: Host
  readonly #path: string
  readonly #form: BlockFileForm
  readonly #index: IndexBuilder
  #sink: ByteSink | undefined
  #written = 0

  constructor(host: Host, path: string, form: BlockFileForm) {
    this.#host = host
    this.#path = path
    this.#form = form
    this.#index = new IndexBuilder(form.index)
  }

  async append(chunk: VcfChunk): Promise<void> {
    const sink = await this.#open()
    const place = (byte: number): VirtualOffset => {
      const block = Math.floor(byte / textBytesPerBlock)
      return block < chunk.blocks.length
        ? { block: this.#written + chunk.blocks[block], within: byte % textBytesPerBlock }
        : { block: this.#written + chunk.bytes.length, within: 0 }
    }
    let v = 0
    for (const { name, records } of chunk.chromosomes)
      for (const end = v + records; v < end; v++) {
        const start = chunk.position[v] - 1
        const next = v + 1 < chunk.offset.length ? chunk.offset[v + 1] : chunk.textBytes
        this.#index.add(name, start, start + chunk.refBases[v], place(chunk.offset[v]), place(next))
      }
    await sink.write(chunk.bytes)
    this.#written += chunk.bytes.length
  }

  /** Ends the file and puts it and its index in place. */
  async commit(): Promise<void> {
    const sink = await this.#open()
    await sink.write(endOfFileBlock)
    const index = await compressBlocks(this.#host, this.#index.encode())
    const indexPath = `${this.#path}.${this.#form.index.kind}`
    const indexSink = await this.#host.create(indexPath)
    try {
      await indexSink.write(index.bytes)
      await indexSink.write(endOfFileBlock)
      // Never a new file beside the index of an old one.
      await this.#host.remove(indexPath)
      await sink.commit()
    } catch (error) {
      await indexSink.discard()
      throw error
    }
    // Last, because readers distrust an index that is older than its file.
    await indexSink.commit()
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.#sink?.discard()
  }

  async #open(): Promise<ByteSink> {
    if (this.#sink === undefined) {
      this.#sink = await this.#host.create(this.#path)
      const { bytes } = await compressBlocks(this.#host, this.#form.head)
      await this.#sink.write(bytes)
      this.#written = bytes.length
    }
    return this.#sink
  }
}

/** Writes a VCF file, `path` (BGZF), and `path.tbi`. */
export class VcfFileWriter extends BlockFileWriter {
  constructor(host: Host, path: string, header: VcfHeaderText) {
    super(host, path, vcfForm(header))
  }
}
