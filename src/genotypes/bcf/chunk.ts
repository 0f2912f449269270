import type { ChunkTask } from '../../compute/task.ts'
import { isUpturnError, UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import { findBlockIn } from '../bgzf/find.ts'
import { BatchBuilder, type FileOrder, type VariantBatch } from '../import/batch.ts'
import type { Counts } from '../import/counts.ts'
import { noDepths } from '../import/depths.ts'
import { RegionFilter, type Regions } from '../regions/regions.ts'
import type { OffsetRange } from '../tabix/read.ts'
import { rangePieces } from '../tabix/use.ts'
import type { CallOptions } from '../vcf/call-options.ts'
import { misfit } from '../vcf/chunk.ts'
import { bgzfPieces, plainPieces, type TextKind, type TextPiece, textPieces } from '../vcf/source.ts'
import { guessRecord, RecordAssembler, recordsInside } from './records.ts'
import { type BcfNumbers, scanRecords } from './scan.ts'
import type { BcfStart } from './start.ts'

/** Compressed, or plain, bytes of one chunk: part of the plan, so it never changes with machine or workers. */
export const chunkBytes: Readonly<Record<'bgzf' | 'plain', number>> = { bgzf: 2 << 20, plain: 8 << 20 }
/** What one chunk may turn into; only bytes of a compression ratio far above any genotype file reach it. */
const resultBytesLimit = 512 << 20
const plainBytes = 1 << 20
/** Bytes of results that a gzip file gives at a time. */
const gzipBatchBytes = 8 << 20
/** Text that a first record is looked for in; more, each time twice as much, where it is not enough. */
const searchBytes = 256 << 10

export interface BcfSetup {
  readonly path: string
  readonly kind: TextKind
  readonly options: CallOptions
  readonly numbers: BcfNumbers
  /** Only records inside are scanned and counted. */
  readonly regions?: Regions
}

/** Bytes [start, end) of the file. */
export interface BcfChunk {
  readonly start: number
  readonly end: number
  /** Byte of the chunk's own text where its first record begins; -1 where that is not known. */
  readonly first: number
  /** Where an index says that records lie: these whole ranges are read instead. */
  readonly ranges?: readonly OffsetRange[]
}

export interface BcfFailure {
  readonly message: string
  /** Records of the chunk before it. */
  readonly record: number
  /** Byte of the file, or of the block, where it begins, and how many bytes of text behind that. */
  readonly byte: number
  readonly within: number
}

export interface BcfChunkResult {
  readonly batch: VariantBatch
  readonly order: FileOrder
  readonly counts: Counts
  readonly depths: Float64Array
  /** Records of the chunk, and those inside the regions. */
  readonly seen: number
  readonly records: number
  /** Offsets of the first block that belongs to the chunk, -1 for none, and of the one behind its last. */
  readonly firstBlock: number
  readonly nextBlock: number
  /** Bytes of the chunk's own text. */
  readonly textBytes: number
  /** Where in it the first record was found, -1 for nowhere. */
  readonly first: number
  /** Bytes of text behind it that its last record takes. */
  readonly overhang: number
  readonly failure: BcfFailure | null
}

/** Chunks of fixed size; a gzip file can only be read from its beginning and is none of these. */
export function planBcfChunks(size: number, { kind, records }: BcfStart, bytes?: number): BcfChunk[] {
  const step = bytes ?? chunkBytes[kind === 'bgzf' ? 'bgzf' : 'plain']
  const chunks: BcfChunk[] = []
  for (let start = records.byte; start < size; ) {
    const end = Math.min(size, (Math.floor(start / step) + 1) * step)
    chunks.push({ start, end, first: chunks.length === 0 ? records.within : -1 })
    start = end
  }
  return chunks
}

/**
 * Reads one chunk of a BCF file: the records that begin in its own text. Nothing in the bytes marks where a record begins, so a
 * chunk that is not told guesses it from the shape of the records that follow; the guess is proved, or the chunk read again, by
 * whoever knows how far the chunk before reaches.
 */
export const bcfChunkTask: ChunkTask<BcfSetup, BcfChunk, BcfChunkResult> = {
  name: 'genotypes/bcf',
  async prepare(setup, host) {
    return async (chunk, signal) => {
      const source = await host.open(setup.path)
      try {
        return chunk.ranges === undefined
          ? await readBcfChunk(host, source, setup, chunk, signal)
          : await readRanges(host, source, setup, chunk.ranges, signal)
      } finally {
        await source.close()
      }
    }
  },
}

/** State of a chunk while its text goes by. After a failure nothing more is scanned. */
class ChunkScan {
  readonly assembler: RecordAssembler
  readonly first: number
  readonly #setup: BcfSetup
  readonly #batch: BatchBuilder
  readonly #counts: Counts = {}
  readonly #depths: Float64Array
  readonly #filter: RegionFilter | undefined
  #seen = 0
  #records = 0
  failure: BcfFailure | null = null

  constructor(setup: BcfSetup, first: number, assembler = new RecordAssembler(first)) {
    this.first = first
    this.#setup = setup
    this.#batch = new BatchBuilder(setup.options.people)
    this.#depths = noDepths(setup.options.people)
    this.#filter = setup.regions && new RegionFilter(setup.regions)
    this.assembler = assembler
  }

  /** The scan that goes on with the bytes of a record that this one has not finished. */
  successor(): ChunkScan {
    return new ChunkScan(this.#setup, this.first, this.assembler)
  }

  get bytes(): number {
    return this.#batch.bytes
  }

  take({ text, byte }: TextPiece, within = 0): void {
    if (this.failure !== null) return
    try {
      this.assembler.push(text, byte, within)
    } catch (error) {
      if (!isUpturnError(error, 'FormatInvalid')) throw error
      this.rest()
      this.#fail(error.message, this.assembler.end)
    }
    this.#scan(false)
  }

  /** Scans the whole records that are left. */
  rest(): void {
    this.#scan(true)
  }

  endOfFile(): void {
    const { assembler } = this
    if (assembler.end < assembler.textEnd) this.#fail('the file is cut off within the record', assembler.end)
  }

  finish(firstBlock: number, nextBlock: number, textBytes: number): BcfChunkResult {
    const { batch, order } = this.#batch.finish()
    return {
      batch,
      order,
      counts: this.#counts,
      depths: this.#depths,
      seen: this.#seen,
      records: this.#records,
      firstBlock,
      nextBlock,
      textBytes,
      first: this.first,
      overhang: this.assembler.end - textBytes,
      failure: this.failure,
    }
  }

  #scan(all: boolean): void {
    const taken = this.failure === null ? this.assembler.take(all) : undefined
    if (taken === undefined) return
    const { records, offset } = taken
    const { options, numbers } = this.#setup
    const inside = this.#filter && recordsInside(records, numbers.ranks, this.#filter)
    const before = this.#seen
    for (const run of inside?.runs ?? [{ start: 0, end: records.length, record: 0 }]) {
      const some = records.subarray(run.start, run.end)
      const result = scanRecords(some, options, numbers, this.#batch, this.#counts, this.#depths)
      this.#records += result.records
      this.#seen = before + run.record + result.records
      if (result.failure === undefined) continue
      this.#fail(result.failure.message, offset + run.start + result.failure.at)
      return
    }
    if (inside !== undefined) this.#seen = before + inside.records
    if (this.#batch.bytes > resultBytesLimit)
      this.#fail('the records are compressed beyond what genotypes can be', this.assembler.end)
  }

  #fail(message: string, offset: number): void {
    this.failure ??= { message, record: this.#seen, ...this.assembler.placeOf(offset) }
  }
}

/** Reads one chunk, from a place in its own text where a record begins when that is known. */
export async function readBcfChunk(
  host: Host,
  source: ByteSource,
  setup: BcfSetup,
  chunk: BcfChunk,
  signal: AbortSignal,
): Promise<BcfChunkResult> {
  const bgzf = setup.kind === 'bgzf'
  const firstBlock = bgzf && chunk.first < 0 ? await findBlockIn(source, chunk.start, chunk.end, signal) : chunk.start
  if (firstBlock < 0) return new ChunkScan(setup, -1, new RecordAssembler(0)).finish(-1, chunk.end, 0)
  const pieces = (from: number, to: number) =>
    bgzf ? bgzfPieces(host, source, from, to, signal) : plainPieces(source, from, to, plainBytes, signal)
  const own = bgzf ? pieces(firstBlock, chunk.end) : pieces(chunk.start, chunk.end)
  let scan = chunk.first < 0 ? undefined : new ChunkScan(setup, chunk.first)
  let nextBlock = firstBlock
  let textBytes = 0
  const head: TextPiece[] = []
  let enough = searchBytes
  const begin = (first: number) => {
    scan = new ChunkScan(setup, first)
    for (const piece of head.splice(0)) scan.take(piece)
  }
  for await (const piece of own) {
    nextBlock = piece.next
    textBytes += piece.text.length
    if (scan !== undefined) scan.take(piece)
    else {
      head.push(piece)
      if (textBytes < enough) continue
      enough *= 2
      const first = guessRecord(joined(head), textBytes, false, shapeOf(setup))
      if (first !== undefined) begin(first)
    }
  }
  if (scan === undefined) {
    // The chunk is shorter than what a search takes, or nothing was found in it: look at what follows, too.
    const text = [joined(head)]
    let complete = true
    for await (const piece of pieces(nextBlock, source.size)) {
      text.push(piece.text)
      complete = piece.next >= source.size
      if (!complete && text.reduce((sum, part) => sum + part.length, 0) >= textBytes + searchBytes) break
    }
    const first = guessRecord(concatenated(text), textBytes, complete, shapeOf(setup)) ?? -1
    if (first < 0) return new ChunkScan(setup, -1, new RecordAssembler(0)).finish(firstBlock, nextBlock, textBytes)
    begin(first)
  }
  if (scan === undefined) throw new UpturnError('Internal', 'a chunk of a BCF file was not scanned')
  const { assembler } = scan
  assembler.limit = textBytes
  if (assembler.end < textBytes && scan.failure === null) {
    for await (const piece of pieces(nextBlock, source.size)) {
      scan.take(piece)
      if (assembler.end >= textBytes || scan.failure !== null) break
    }
  }
  scan.rest()
  if (assembler.end < textBytes) scan.endOfFile()
  return scan.finish(firstBlock, nextBlock, textBytes)
}

/** Reads ranges of whole records of a BGZF file. */
async function readRanges(
  host: Host,
  source: ByteSource,
  setup: BcfSetup,
  ranges: readonly OffsetRange[],
  signal: AbortSignal,
): Promise<BcfChunkResult> {
  const scan = new ChunkScan(setup, 0)
  for (const range of ranges) {
    const pieces = rangePieces(host, source, range, signal)
    let piece = await pieces.next()
    for (; !piece.done; piece = await pieces.next()) scan.take(piece.value, piece.value.within)
    scan.rest()
    if (scan.failure !== null) break
    if (!piece.value || scan.assembler.end !== scan.assembler.textEnd) throw misfit(source.name)
  }
  return scan.finish(-1, -1, 0)
}

const shapeOf = ({ options, numbers }: BcfSetup) => ({ samples: options.samples, contigs: numbers.ranks.length })

const joined = (pieces: readonly TextPiece[]) => concatenated(pieces.map(({ text }) => text))

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** A gzip file, from its beginning and in this thread: nothing in it says where one could start in the middle. */
export async function* readGzipBcf(
  host: Host,
  source: ByteSource,
  setup: BcfSetup,
  start: BcfStart,
  signal: AbortSignal,
): AsyncGenerator<BcfChunkResult> {
  let scan = new ChunkScan(setup, start.records.byte)
  let textBytes = 0
  for await (const piece of textPieces(host, source, 'gzip', signal)) {
    textBytes = piece.next
    scan.take(piece)
    if (scan.failure !== null) break
    if (scan.bytes > gzipBatchBytes) {
      scan.rest()
      yield scan.finish(0, source.size, textBytes)
      scan = scan.successor()
    }
  }
  scan.rest()
  scan.endOfFile()
  yield scan.finish(0, source.size, textBytes)
}

/** The error for a failure, given the records of the file before the first of its chunk; null when they were not counted. */
export function bcfFailureError(
  path: string,
  kind: TextKind,
  failure: BcfFailure,
  recordsBefore: number | null,
): UpturnError {
  const { byte, within } = failure
  const place =
    kind === 'bgzf'
      ? `byte ${within} of the block at byte ${byte}`
      : kind === 'gzip'
        ? `byte ${byte + within} of the text`
        : `byte ${byte + within}`
  const record = recordsBefore === null ? undefined : recordsBefore + failure.record + 1
  const cut = failure.message.startsWith('the file is cut off')
  return new UpturnError(
    cut ? 'FileTruncated' : 'FormatInvalid',
    `${record === undefined ? 'the record' : `record ${record}`} at ${place}: ${failure.message}`,
    { place: { file: path }, details: { byte: kind === 'plain' ? byte + within : byte, within, record } },
  )
}
