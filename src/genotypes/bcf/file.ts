import { UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import { chromosomeRank } from '../import/chromosome.ts'
import type { FileBatch, GenotypeFile, ReadRequest } from '../import/file.ts'
import { regionRanges } from '../tabix/use.ts'
import { callOptions } from '../vcf/call-options.ts'
import { textPieces } from '../vcf/source.ts'
import {
  type BcfChunk,
  type BcfChunkResult,
  type BcfSetup,
  bcfChunkTask,
  bcfFailureError,
  chunkBytes,
  planBcfChunks,
  readBcfChunk,
  readGzipBcf,
} from './chunk.ts'
import type { BcfNumbers } from './scan.ts'
import { type BcfStart, readBcfStart } from './start.ts'

/** Opens a BCF 2.2 file: BGZF, not compressed, or gzip. */
export async function openBcfFile(host: Host, path: string, signal?: AbortSignal): Promise<GenotypeFile> {
  const source = await host.open(path)
  try {
    const start = await readBcfStart(host, source, signal)
    const { samples } = start.header
    return {
      path,
      format: 'bcf',
      samples,
      sexes: samples.map(() => null),
      first: await firstRecord(host, source, start, signal),
      batches: (request) => bcfBatches(path, start, request),
    }
  } finally {
    await source.close()
  }
}

/** Chromosome and position of the first record; of no use, but harmless, where the record is malformed. */
async function firstRecord(host: Host, source: ByteSource, start: BcfStart, signal?: AbortSignal) {
  const { kind, records, dictionary } = start
  const head = new Uint8Array(16)
  let have = 0
  for await (const { text, byte, next } of textPieces(host, source, kind, signal)) {
    if (kind === 'bgzf' ? byte < records.byte : next <= records.byte) continue
    const from = byte < records.byte ? records.byte - byte : byte === records.byte ? records.within : 0
    const piece = text.subarray(from, from + head.length - have)
    head.set(piece, have)
    have += piece.length
    if (have === head.length) break
  }
  const view = new DataView(head.buffer)
  const rank = have < head.length ? -1 : chromosomeRank(dictionary.contigs.get(view.getInt32(8, true)) ?? '')
  return { rank, position: view.getInt32(12, true) + 1 }
}

function numbersOf({ dictionary }: BcfStart): BcfNumbers {
  const { contigs, strings } = dictionary
  let count = 0
  for (const number of contigs.keys()) count = Math.max(count, number + 1)
  const ranks = new Int32Array(count).fill(-2)
  for (const [number, name] of contigs) ranks[number] = chromosomeRank(name)
  return {
    ranks,
    keys: Int32Array.from(['PASS', 'GT', 'GQ', 'DP', 'AD', 'DS'], (name) => strings.get(name) ?? -1),
    dosePerAllele: dictionary.dosePerAllele,
  }
}

/** The batches of an opened file; chunks of `bytes` bytes where the usual size is not wanted. */
export async function* bcfBatches(
  path: string,
  start: BcfStart,
  request: ReadRequest,
  bytes?: number,
): AsyncGenerator<FileBatch> {
  const { host, regions, run, signal, label } = request
  const { kind } = start
  const setup: BcfSetup = {
    path,
    kind,
    numbers: numbersOf(start),
    regions,
    options: callOptions(start.header.samples.length, request),
  }
  let records: number | null = 0
  const take = (result: BcfChunkResult): FileBatch => {
    if (result.failure !== null) throw bcfFailureError(path, kind, result.failure, records)
    if (records !== null) records += result.seen
    const { batch, order, counts, depths } = result
    return { batch, order, counts, depths, records: result.records }
  }
  const source = await host.open(path)
  try {
    if (kind === 'gzip') {
      for await (const result of readGzipBcf(host, source, setup, start, signal)) yield take(result)
      return
    }
    if (regions !== undefined && kind === 'bgzf') {
      const file = { records: start.records, contigs: start.dictionary.contigs }
      const groups = await regionRanges(host, source, file, regions, chunkBytes.bgzf, request)
      if (groups !== undefined) {
        const parts = groups.map((ranges): BcfChunk => ({ start: -1, end: -1, first: -1, ranges }))
        records = null
        for await (const result of run(bcfChunkTask, setup, parts, { label })) yield take(result)
        return
      }
    }
    const chunks = planBcfChunks(source.size, start, bytes)
    const weights = chunks.map((chunk) => chunk.end - chunk.start)
    let done = 0
    let nextBlock = start.records.byte
    // Where in the next chunk's text its first record begins, as the chunk before says.
    let first = start.records.within
    for await (const guessed of run(bcfChunkTask, setup, chunks, { label, weights })) {
      const chunk = chunks[done++]
      if (kind === 'bgzf') {
        const expected = nextBlock < chunk.end ? nextBlock : -1
        if (guessed.firstBlock !== expected)
          throw new UpturnError(
            'FileDamaged',
            `the blocks around byte ${nextBlock} do not follow each other; copy the file again and compare checksums`,
            { place: { file: path }, details: { byte: nextBlock } },
          )
        if (guessed.firstBlock < 0) continue
        nextBlock = guessed.nextBlock
      }
      if (first >= guessed.textBytes) {
        // A record that began earlier takes all of it.
        first -= guessed.textBytes
        continue
      }
      const again: BcfChunk = { ...chunk, start: kind === 'bgzf' ? guessed.firstBlock : chunk.start, first }
      const result = guessed.first === first ? guessed : await readBcfChunk(host, source, setup, again, signal)
      first = result.overhang
      yield take(result)
    }
  } finally {
    await source.close()
  }
}
