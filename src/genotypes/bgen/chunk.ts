import type { ChunkTask } from '../../compute/task.ts'
import { isUpturnError, UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import { kernels } from '../../numerics/kernels.ts'
import { type AlleleBytes, BatchBuilder, type FileOrder, type VariantBatch } from '../import/batch.ts'
import { type Counts, count } from '../import/counts.ts'
import { rankReader } from './chromosome.ts'
import { variantError } from './error.ts'
import type { BgenHeader } from './header.ts'
import { inflateZlib, placeBytes } from './inflate.ts'
import type { BgenChunk } from './plan.ts'
import { type BgenColumns, decodeLayout1, decodeLayout2, isInOrder, type TakeAllele } from './probabilities.ts'
import { type BgenVariant, type RefuseBlock, readVariant, textOf } from './variant.ts'

export interface BgenSetup extends Omit<BgenColumns, 'inOrder'> {
  readonly path: string
  readonly layout: BgenHeader['layout']
  readonly compression: BgenHeader['compression']
  /** Only variants inside are decoded and counted. */
}

export interface BgenChunkResult {
  readonly batch: VariantBatch
  readonly order: FileOrder
  readonly counts: Counts
  /** Variants of the chunk. */
  readonly records: number
}

type BgenReading = BgenSetup & BgenColumns

/** Reads one range of variants of a BGEN file. */
export const bgenChunkTask: ChunkTask<BgenSetup, BgenChunk, BgenChunkResult> = {
  name: 'genotypes/bgen',
  async prepare(setup, host) {
    const reading = { ...setup, inOrder: isInOrder(setup) }
    return (chunk, signal) => readBgenChunk(host, reading, chunk, signal)
  },
}

async function readBgenChunk(
  host: Host,
  setup: BgenReading,
  chunk: BgenChunk,
  signal: AbortSignal,
): Promise<BgenChunkResult> {
  const { path } = setup
  const source = await host.open(path)
  let bytes: Uint8Array
  try {
    bytes = await source.read(chunk.start, chunk.end, signal)
  } finally {
    await source.close()
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const batch = new BatchBuilder(setup.people)
  const counts: Counts = {}
  const rankOfName = rankReader()
  let at = 0
  for (let v = 0; v < chunk.variants; v++) {
    signal.throwIfAborted()
    const number = chunk.first + v
    const refuse: RefuseBlock = (message, offset) => {
      throw variantError('FormatInvalid', path, number, chunk.start + offset, message)
    }
    const variant = readVariant(bytes, view, at, setup, refuse)
    if (variant === undefined || variant.dataEnd > bytes.length)
      throw new UpturnError('FileTruncated', 'the file changed while it was read; do not change it during a run', {
        place: { file: path },
      })
    at = variant.dataEnd
    const take = takeAlleles(variant, setup, batch, counts, rankOfName, refuse)
    try {
      const packed = bytes.subarray(variant.dataStart, variant.dataEnd)
      const otherPloidy = await decodeVariant(host, setup, variant, packed, take)
      count(counts, 'call with more than two alleles', otherPloidy)
    } catch (error) {
      if (!isUpturnError(error)) throw error
      throw variantError(error.code, path, number, chunk.start + variant.dataStart, error.message, error)
    }
  }
  return { ...batch.finish(), counts, records: chunk.variants }
}

async function decodeVariant(
  host: Host,
  setup: BgenReading,
  { size, alleles }: BgenVariant,
  packed: Uint8Array,
  take: TakeAllele,
): Promise<number> {
  const data = setup.compression === 'zstd' ? await host.inflateZstd(packed, size) : packed
  return kernels().scope(() => {
    const placed = setup.compression === 'zlib' ? inflateZlib(data, size) : placeBytes(data)
    return setup.layout === 1 ? decodeLayout1(placed, setup, take) : decodeLayout2(placed, alleles.length, setup, take)
  })
}

/** A, C, G, T and N only, in either case. */
function isSequence({ text, start, end }: AlleleBytes): boolean {
  for (let k = start; k < end; k++) {
    const letter = text[k] & 0xdf
    if (text[k] < 65 || !(letter === 65 || letter === 67 || letter === 71 || letter === 84 || letter === 78))
      return false
  }
  return end > start
}

/** Nothing, `.` or `0`: no allele, no label. */
function isNone({ text, start, end }: AlleleBytes): boolean {
  return end === start || (end - start === 1 && (text[start] === 46 || text[start] === 48))
}

/** Whether a label holds a byte that would break a line or a column of a table. */
function hasControl({ text, start, end }: AlleleBytes): boolean {
  for (let k = start; k < end; k++) if (text[k] < 32 || text[k] === 127) return true
  return false
}

/** Checks what identifies a variant; the function it returns adds one variant for each alternate allele, or counts it. */
function takeAlleles(
  { alleles, chromosome, id, rsid, position }: BgenVariant,
  { ref: which }: BgenReading,
  batch: BatchBuilder,
  counts: Counts,
  rankOfName: (name: AlleleBytes) => number,
  refuse: RefuseBlock,
): TakeAllele {
  const alts = which === 'first' ? alleles.slice(1) : alleles.slice(0, -1)
  const ref = which === 'first' ? alleles[0] : alleles[alleles.length - 1]
  if (alts.length > 1) {
    const named = new Set<string>()
    for (const alt of alts) {
      const text = textOf(alt).toUpperCase()
      if (named.has(text)) refuse(`the allele ${text.slice(0, 50)} is named twice`, alt.start)
      named.add(text)
    }
  }
  const label = !isNone(rsid) ? rsid : !isNone(id) ? id : dot
  if (hasControl(label)) refuse('the id holds a control character', label.start)
  if (alts.length === 0) count(counts, 'no alternate allele', 1)
  const rank = rankOfName(chromosome)
  return (alternate, planes, record, row) => {
    const alt = alts[alternate]
    if (rank < 0) count(counts, 'contig that is not studied', 1)
    else if (position === 0) count(counts, 'no position', 1)
    else if (isNone(ref)) count(counts, 'unknown reference allele', 1)
    else if (isNone(alt)) count(counts, 'no alternate allele', 1)
    else if (!isSequence(ref) || !isSequence(alt)) count(counts, 'allele that is no sequence', 1)
    else if (!batch.addEncoded(rank, position, ref, alt, label, planes, record, row))
      count(counts, 'alternate allele equals the reference', 1)
  }
}

const dot: AlleleBytes = { text: Uint8Array.of(46), start: 0, end: 1 }
