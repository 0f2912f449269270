import type { ChunkTask } from '../../compute/task.ts'
import { UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import { type Kernels, kernels } from '../../numerics/kernels.ts'
import { BlockInflater, blockHeader, maximumBlockBytes } from '../bgzf/block.ts'
import { findBlock } from '../bgzf/find.ts'
import { BatchBuilder, type FileOrder, type VariantBatch } from '../import/batch.ts'
import type { Counts } from '../import/counts.ts'
import { noDepths } from '../import/depths.ts'
import { RegionFilter, type Regions } from '../regions/regions.ts'
import type { OffsetRange } from '../tabix/read.ts'
import { endsAt, rangePieces } from '../tabix/use.ts'
import type { LineFailure } from './refusals.ts'
import { VcfScanner, type VcfScanOptions } from './scan.ts'
import { bgzfPieces, brokenBlock, plainPieces, type TextKind, textPieces, type VcfStart } from './source.ts'
import { lineBytesLimit, pieceBytes, scanPieces, type TextFill, type TextState, textState } from './text.ts'

/** Compressed, or plain, bytes of one chunk: part of the plan, so it never changes with machine or workers. */
export const chunkBytes: Readonly<Record<'bgzf' | 'plain', number>> = { bgzf: 2 << 20, plain: 8 << 20 }
/** What one chunk may turn into; only text of a compression ratio far above any genotype file reaches it. */
const resultBytesLimit = 512 << 20
/** Bytes of results that a gzip file gives at a time. */
const gzipBatchBytes = 8 << 20

export interface VcfSetup {
  readonly path: string
  readonly kind: TextKind
  readonly options: VcfScanOptions
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
  readonly depths: Float64Array
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

/**
 * Reads one chunk of a plain or BGZF file. A chunk owns the lines that begin behind a line feed of its own text, and the
 * first chunk the file's first record too; so a chunk leaves out everything through its first line feed, and reads on
 * behind its end through one line feed more. No line is lost or doubled, wherever chunks are cut.
 */
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
  readonly text: TextState
  readonly #batch: BatchBuilder
  readonly #setup: VcfSetup
  readonly #counts: Counts = {}
  readonly #depths: Float64Array
  readonly #filter: RegionFilter | undefined

  constructor(setup: VcfSetup, text: TextState) {
    this.#setup = setup
    this.text = text
    this.#filter = setup.regions && new RegionFilter(setup.regions)
    this.#batch = new BatchBuilder(setup.options.people)
    this.#depths = noDepths(setup.options.people)
  }

  /** The scan that goes on with the bytes of a line that this one has not finished. */
  successor(): ChunkScan {
    return new ChunkScan(this.#setup, { ...textState(false), carry: this.text.carry })
  }

  get bytes(): number {
    return this.#batch.bytes
  }

  /** Scans text piece by piece; `fill` may use the kernels that it is given until the scan returns. */
  scan(fill: (k: Kernels) => TextFill, drop = 0): void {
    if (this.text.failure !== null) return
    const k = kernels()
    k.scope(() => {
      const scanner = new VcfScanner(this.#setup.options, k)
      const lines = { scanner, batch: this.#batch, counts: this.#counts, filter: this.#filter }
      scanPieces(k, lines, this.#bounded(fill(k)), this.text, drop)
      scanner.addDepths(this.#depths)
    })
  }

  /** Scans text that lies elsewhere. */
  scanBytes(...parts: readonly Uint8Array[]): void {
    this.scan((k) => copyFrom(k, parts))
  }

  /** A last line without its line feed: refused where the version demands one, since the file may be cut off. */
  endOfFile(): void {
    const column = this.text.carry.length
    if (column === 0 || this.text.failure !== null) return
    if (!this.#setup.options.rules.lastLineFeed) this.scanBytes(Uint8Array.of(10))
    else
      this.text.failure = {
        message: 'the last line does not end in a line feed, so the file may be cut off; copy it again',
        line: this.text.lines,
        column,
      }
  }

  finish(firstBlock: number, nextBlock: number, feeds = this.text.feeds): VcfChunkResult {
    const { batch, order } = this.#batch.finish()
    const { records, failure } = this.text
    return { batch, order, counts: this.#counts, depths: this.#depths, records, feeds, firstBlock, nextBlock, failure }
  }

  #bounded(fill: TextFill): TextFill {
    return (at) => {
      if (this.#batch.bytes > resultBytesLimit) {
        this.text.failure ??= {
          message: 'the text is compressed beyond what genotypes can be',
          line: this.text.lines,
          column: 0,
        }
        return -1
      }
      return fill(at)
    }
  }
}

function copyFrom(k: Kernels, parts: readonly Uint8Array[]): TextFill {
  let part = 0
  let done = 0
  return (at) => {
    while (part < parts.length && done === parts[part].length) {
      part++
      done = 0
    }
    if (part === parts.length) return -1
    const piece = parts[part].subarray(done, done + pieceBytes)
    k.u8(at, piece.length).set(piece)
    done += piece.length
    return piece.length
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
  const scan = new ChunkScan(setup, textState(chunk.within < 0))
  // In one piece, so that nothing has to be waited for while kernel memory is held.
  const bytes = await source.read(chunk.start, bgzf ? chunk.end + 2 * maximumBlockBytes + 1024 : chunk.end, signal)
  let firstBlock = chunk.start
  let nextBlock = chunk.end
  if (bgzf) {
    if (chunk.within < 0) {
      const found = findBlock(bytes, chunk.start + bytes.length === source.size)
      if (found < 0 || chunk.start + found >= chunk.end) return scan.finish(-1, chunk.end)
      firstBlock = chunk.start + found
    }
    nextBlock = firstBlock
    const fill = (k: Kernels): TextFill => {
      const inflater = new BlockInflater(k, host, source.name)
      return (at) => {
        if (nextBlock >= chunk.end) return -1
        const offset = nextBlock - chunk.start
        const header = blockHeader(bytes, offset)
        if (header === undefined || nextBlock + header.blockBytes > source.size)
          throw brokenBlock(source, nextBlock, bytes.subarray(offset))
        const length = inflater.inflate(bytes, offset, header, nextBlock, at)
        nextBlock += header.blockBytes
        return length
      }
    }
    scan.scan(fill, Math.max(0, chunk.within))
  } else scan.scanBytes(bytes)
  const { feeds } = scan.text
  if (scan.text.failure !== null || scan.text.skipping) return scan.finish(firstBlock, nextBlock, feeds)
  const beyond = bgzf
    ? bgzfPieces(host, source, nextBlock, source.size, signal)
    : plainPieces(source, chunk.end, source.size, maximumBlockBytes, signal)
  let complete = false
  let gathered = 0
  const rest: Uint8Array[] = []
  for await (const { text } of beyond) {
    const feed = text.indexOf(10)
    complete = feed >= 0
    rest.push(complete ? text.subarray(0, feed + 1) : text)
    gathered += text.length
    if (complete || gathered > lineBytesLimit) break
  }
  scan.scanBytes(...rest)
  if (!complete) scan.endOfFile()
  return scan.finish(firstBlock, nextBlock, feeds)
}

/** Reads ranges of whole lines of a BGZF file. */
async function readRanges(
  host: Host,
  source: ByteSource,
  setup: VcfSetup,
  ranges: readonly OffsetRange[],
  signal: AbortSignal,
): Promise<VcfChunkResult> {
  const scan = new ChunkScan(setup, textState(false))
  for (const range of ranges) {
    const pieces = rangePieces(host, source, range, signal)
    let piece = await pieces.next()
    // A place within a line could be taken for one: 21 without its 2 is another chromosome.
    if (!piece.done && (piece.value.before ?? 10) !== 10) throw misfit(source.name)
    for (; !piece.done; piece = await pieces.next()) scan.scanBytes(piece.value.text)
    if (scan.text.failure !== null) break
    // The last line of the file may lack its line feed.
    const open = scan.text.carry.length > 0
    if (open && piece.value && (await endsAt(host, source, range.end, signal))) scan.endOfFile()
    else if (!piece.value || open) throw misfit(source.name)
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
  let scan = new ChunkScan(setup, textState(false))
  for await (const { text, byte, next } of textPieces(host, source, 'gzip', signal)) {
    if (next <= start.records.byte) continue
    scan.scanBytes(text.subarray(Math.max(0, start.records.byte - byte)))
    if (scan.text.failure !== null) break
    if (scan.bytes > gzipBatchBytes) {
      yield scan.finish(0, source.size)
      scan = scan.successor()
    }
  }
  scan.endOfFile()
  yield scan.finish(0, source.size)
}

/**
 * The error for a failure, given the lines of the file before the first one that was scanned; null when they were not
 * counted, since only parts of the file were read.
 */
export function failureError(
  file: string,
  samples: readonly string[],
  failure: LineFailure,
  linesBefore: number | null,
): UpturnError {
  const message =
    failure.sample === undefined ? failure.message : `sample ${samples[failure.sample]}: ${failure.message}`
  if (linesBefore === null)
    return new UpturnError(
      'FormatInvalid',
      `${message} (byte ${failure.column + 1} of a line that was found by the index; upturn inspect says which)`,
      { place: { file } },
    )
  return new UpturnError('FormatInvalid', message, {
    place: { file, line: linesBefore + failure.line + 1, column: failure.column + 1 },
  })
}
