import type { ChunkTask } from '../../compute/task.ts'
import { isUpturnError, UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import { kernels } from '../../numerics/kernels.ts'
import { maximumBlockBytes } from '../bgzf/block.ts'
import { findBlockIn } from '../bgzf/find.ts'
import { BatchBuilder, type FileOrder, type VariantBatch } from '../import/batch.ts'
import type { Counts } from '../import/counts.ts'
import { RegionFilter, type Regions } from '../regions/regions.ts'
import type { OffsetRange } from '../tabix/read.ts'
import { endsAt, rangePieces } from '../tabix/use.ts'
import { linesInside } from './inside.ts'
import { LineAssembler } from './lines.ts'
import { type LineFailure, scanLines, type VcfScanOptions } from './scan.ts'
import { bgzfPieces, plainPieces, type TextKind, textPieces, type VcfStart } from './source.ts'

/** Compressed, or plain, bytes of one chunk: part of the plan, so it never changes with machine or workers. */
export const chunkBytes: Readonly<Record<'bgzf' | 'plain', number>> = { bgzf: 2 << 20, plain: 8 << 20 }
/** What one chunk may turn into; only text of a compression ratio far above any genotype file reaches it. */
const resultBytesLimit = 512 << 20
/** Bytes that are read of a plain file at a time, and of results that a gzip file gives at a time. */
const plainBytes = 1 << 20
const gzipBatchBytes = 8 << 20

export interface VcfSetup {
  readonly path: string
  readonly kind: TextKind
  readonly options: VcfScanOptions
  /** The last line need not end in a line feed; VCF 4.3 and 4.4 demand it. */
  readonly openEnd: boolean
  /** Only records inside are scanned and counted. */
  readonly regions?: Regions
}

/** Bytes [start, end) of the file. */
export interface VcfChunk {
  readonly start: number
  readonly end: number
  /** For the first chunk, the byte of the first block's text where records begin; -1 for the others. */
  readonly within: number
  /** Where an index says that records lie: these whole ranges are read instead, and their lines are not numbered. */
  readonly ranges?: readonly OffsetRange[]
}

export interface VcfChunkResult {
  readonly batch: VariantBatch
  readonly order: FileOrder
  readonly counts: Counts
  readonly records: number
  /** Line feeds in the chunk's own text. */
  readonly feeds: number
  /** Offsets of the first block that belongs to the chunk, -1 for none, and of the one behind its last. */
  readonly firstBlock: number
  readonly nextBlock: number
  /** The line is counted from the chunk's first own line. */
  readonly failure: LineFailure | null
}

/** Chunks of fixed size; a plain gzip file can only be read from its beginning and is one chunk. */
export function planVcfChunks(size: number, { kind, records }: VcfStart, bytes?: number): VcfChunk[] {
  if (kind === 'gzip') return [{ start: 0, end: size, within: records.within }]
  const step = bytes ?? chunkBytes[kind]
  const chunks: VcfChunk[] = []
  for (let start = records.byte; start < size; ) {
    const end = Math.min(size, (Math.floor(start / step) + 1) * step)
    chunks.push({ start, end, within: chunks.length === 0 ? records.within : -1 })
    start = end
  }
  return chunks
}

/** Reads one chunk of a plain or BGZF file: decompresses, scans, and sorts what it finds. */
export const vcfChunkTask: ChunkTask<VcfSetup, VcfChunk, VcfChunkResult> = {
  name: 'genotypes/vcf',
  async prepare(setup, host) {
    return async (chunk, signal) => {
      const source = await host.open(setup.path)
      try {
        return chunk.ranges === undefined
          ? await readChunk(host, source, setup, chunk, signal)
          : await readRanges(host, source, setup, chunk.ranges, signal)
      } finally {
        await source.close()
      }
    }
  },
}

/** State of a chunk while its text goes by. After a failure nothing more is scanned. */
class ChunkScan {
  readonly assembler: LineAssembler
  readonly #batch: BatchBuilder
  readonly #setup: VcfSetup
  readonly #counts: Counts = {}
  readonly #filter: RegionFilter | undefined
  #records = 0
  #lines = 0
  failure: LineFailure | null = null

  constructor(setup: VcfSetup, first: boolean, assembler = new LineAssembler(first)) {
    this.#setup = setup
    this.#filter = setup.regions && new RegionFilter(setup.regions)
    this.assembler = assembler
    this.#batch = new BatchBuilder(setup.options.people)
  }

  /** The scan that goes on with the bytes of a line that this one has not finished. */
  successor(): ChunkScan {
    this.assembler.feeds = 0
    return new ChunkScan(this.#setup, true, this.assembler)
  }

  get bytes(): number {
    return this.#batch.bytes
  }

  /** Text of the chunk itself. */
  take(text: Uint8Array): void {
    this.#guard(() => {
      this.assembler.push(text, countFeeds)
      this.#scan(this.assembler.take())
    })
  }

  /** Text behind the chunk; true when its last line is complete. */
  takeBeyond(text: Uint8Array): boolean {
    return this.#guard(() => this.assembler.pushBeyond(text)) ?? false
  }

  /** Scans the whole lines that are left. */
  rest(): void {
    this.#guard(() => this.#scan(this.assembler.takeAll()))
  }

  /** A last line without its line feed: refused where the version demands one, since the file may be cut off. */
  endOfFile(): void {
    if (this.assembler.rest === 0) return
    this.#guard(() => {
      const column = this.assembler.rest
      this.assembler.pushBeyond(Uint8Array.of(10))
      if (this.#setup.openEnd) this.#scan(this.assembler.takeAll())
      else
        this.failure ??= {
          message: 'the last line does not end in a line feed, so the file may be cut off; copy it again',
          line: this.#lines,
          column,
        }
    })
  }

  finish(firstBlock: number, nextBlock: number): VcfChunkResult {
    const { batch, order } = this.#batch.finish()
    return {
      batch,
      order,
      counts: this.#counts,
      records: this.#records,
      feeds: this.assembler.feeds,
      firstBlock,
      nextBlock,
      failure: this.failure,
    }
  }

  #scan(lines: Uint8Array | undefined): void {
    if (lines === undefined || this.failure !== null) return
    const inside = this.#filter && linesInside(lines, this.#filter)
    for (const run of inside?.runs ?? [{ start: 0, end: lines.length, line: 0 }]) {
      const text = lines.subarray(run.start, run.end)
      const result = scanLines(text, this.#setup.options, this.#batch, this.#counts)
      this.#records += result.records
      if (result.failure !== undefined) {
        this.failure = { ...result.failure, line: this.#lines + run.line + result.failure.line }
        return
      }
      if (inside === undefined) this.#lines += result.lines
    }
    this.#lines += inside?.lines ?? 0
    if (this.#batch.bytes > resultBytesLimit)
      this.failure ??= { message: 'the text is compressed beyond what genotypes can be', line: this.#lines, column: 0 }
  }

  /** A refusal within the text becomes a failure with its line. */
  #guard<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      if (!isUpturnError(error, 'FormatInvalid')) throw error
      this.failure ??= { message: error.message, line: this.#lines, column: 0 }
      return undefined
    }
  }
}

async function readChunk(
  host: Host,
  source: ByteSource,
  setup: VcfSetup,
  chunk: VcfChunk,
  signal: AbortSignal,
): Promise<VcfChunkResult> {
  const bgzf = setup.kind === 'bgzf'
  const firstBlock = bgzf && chunk.within < 0 ? await findBlockIn(source, chunk.start, chunk.end, signal) : chunk.start
  const scan = new ChunkScan(setup, chunk.within >= 0)
  if (firstBlock < 0) return scan.finish(-1, chunk.end)
  let nextBlock = firstBlock
  let skip = Math.max(0, chunk.within)
  const own = bgzf
    ? bgzfPieces(host, source, firstBlock, chunk.end, signal)
    : plainPieces(source, chunk.start, chunk.end, plainBytes, signal)
  for await (const { text, next } of own) {
    scan.take(text.subarray(skip))
    skip = 0
    nextBlock = next
    if (scan.failure !== null) return scan.finish(firstBlock, nextBlock)
  }
  if (scan.assembler.skipping) return scan.finish(firstBlock, nextBlock)
  scan.rest()
  const beyond = bgzf
    ? bgzfPieces(host, source, nextBlock, source.size, signal)
    : plainPieces(source, chunk.end, source.size, maximumBlockBytes, signal)
  let complete = false
  for await (const { text } of beyond) {
    complete = scan.takeBeyond(text)
    if (complete || scan.failure !== null) break
  }
  if (complete) scan.rest()
  else scan.endOfFile()
  return scan.finish(firstBlock, nextBlock)
}

/** Reads ranges of whole lines of a BGZF file. */
async function readRanges(
  host: Host,
  source: ByteSource,
  setup: VcfSetup,
  ranges: readonly OffsetRange[],
  signal: AbortSignal,
): Promise<VcfChunkResult> {
  const scan = new ChunkScan(setup, true)
  for (const range of ranges) {
    const pieces = rangePieces(host, source, range, signal)
    let piece = await pieces.next()
    for (; !piece.done; piece = await pieces.next()) scan.take(piece.value.text)
    scan.rest()
    if (scan.failure !== null) break
    // The last line of the file may lack its line feed.
    if (scan.assembler.rest > 0 && piece.value && (await endsAt(host, source, range.end, signal))) scan.endOfFile()
    else if (!piece.value || scan.assembler.rest > 0) throw misfit(source.name)
  }
  return scan.finish(-1, -1)
}

/** The error for an index that names places where no records begin or end. */
export function misfit(file: string): UpturnError {
  return new UpturnError(
    'FormatInvalid',
    'the index beside this file names places where no record begins or ends; remove it, or make it again with bcftools index',
    { place: { file } },
  )
}

/** A plain gzip file, from its beginning and in this thread: nothing in it says where one could start in the middle. */
export async function* readGzipVcf(
  host: Host,
  source: ByteSource,
  setup: VcfSetup,
  start: VcfStart,
  signal: AbortSignal,
): AsyncGenerator<VcfChunkResult> {
  let scan = new ChunkScan(setup, true)
  for await (const { text, byte, next } of textPieces(host, source, 'gzip', signal)) {
    if (next <= start.records.byte) continue
    scan.take(text.subarray(Math.max(0, start.records.byte - byte)))
    if (scan.failure !== null) break
    if (scan.bytes > gzipBatchBytes) {
      scan.rest()
      yield scan.finish(0, source.size)
      scan = scan.successor()
    }
  }
  scan.rest()
  scan.endOfFile()
  yield scan.finish(0, source.size)
}

function countFeeds(text: Uint8Array): number {
  const k = kernels()
  return k.scope(() => k.call.countLines(k.put(text), text.length))
}

/**
 * The error for a failure, given the lines of the file before the first one that was scanned; null when they were not
 * counted, since only parts of the file were read.
 */
export function failureError(file: string, failure: LineFailure, linesBefore: number | null): UpturnError {
  if (linesBefore === null)
    return new UpturnError(
      'FormatInvalid',
      `${failure.message} (byte ${failure.column + 1} of a line that was found by the index; upturn inspect says which)`,
      { place: { file } },
    )
  return new UpturnError('FormatInvalid', failure.message, {
    place: { file, line: linesBefore + failure.line + 1, column: failure.column + 1 },
  })
}
