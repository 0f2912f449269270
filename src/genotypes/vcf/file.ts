import { UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import { chromosomeRank } from '../import/chromosome.ts'
import type { FileBatch, GenotypeFile, ReadRequest } from '../import/file.ts'
import { regionRanges } from '../tabix/use.ts'
import { callOptions } from './call-options.ts'
import {
  chunkBytes,
  failureError,
  planVcfChunks,
  readGzipVcf,
  type VcfChunk,
  type VcfChunkResult,
  type VcfSetup,
  vcfChunkTask,
} from './chunk.ts'
import { kernelTables } from './declarations.ts'
import { readVcfStart, textPieces, type VcfStart } from './source.ts'
import { versionRules } from './version.ts'

/** Opens a VCF file: plain, BGZF or gzip. */
export async function openVcfFile(host: Host, path: string, signal?: AbortSignal): Promise<GenotypeFile> {
  const source = await host.open(path)
  try {
    const start = await readVcfStart(host, source, signal)
    const { samples } = start.header
    return {
      path,
      format: 'vcf',
      samples,
      sexes: samples.map(() => null),
      first: await firstRecord(host, source, start, signal),
      batches: (request) => vcfBatches(path, start, request),
    }
  } finally {
    await source.close()
  }
}

/** Chromosome and position of the first record; of no use, but harmless, where the record is malformed. */
async function firstRecord(host: Host, source: ByteSource, start: VcfStart, signal?: AbortSignal) {
  let line = ''
  for await (const { text, byte, next } of textPieces(host, source, start.kind, signal)) {
    const { records } = start
    if (start.kind === 'bgzf' ? byte < records.byte : next <= records.byte) continue
    const from = byte < records.byte ? records.byte - byte : byte === records.byte ? records.within : 0
    line += new TextDecoder().decode(text.subarray(from, from + 4096))
    if (line.split('\t', 3).length === 3 || line.length > 4096) break
  }
  const [chromosome, position] = line.split('\t', 2)
  return { rank: chromosomeRank(chromosome), position: Number(position) || 0 }
}

async function* vcfBatches(path: string, start: VcfStart, request: ReadRequest): AsyncGenerator<FileBatch> {
  const { host, regions, run, signal, label } = request
  const { header, kind } = start
  const rules = versionRules(header.version)
  const setup: VcfSetup = {
    path,
    kind,
    regions,
    options: {
      ...callOptions(header.samples.length, request),
      rules,
      tables: kernelTables(start.declarations, rules),
    },
  }
  let lines = header.lines
  const take = (result: VcfChunkResult, skipped: number): FileBatch => {
    if (result.failure !== null) throw failureError(path, header.samples, result.failure, lines + skipped)
    lines += result.feeds
    const { batch, order, counts, depths, records } = result
    return { batch, order, counts, depths, records }
  }
  const source = await host.open(path)
  try {
    if (kind === 'gzip') {
      for await (const result of readGzipVcf(host, source, setup, start, signal)) yield take(result, 0)
      return
    }
    if (regions !== undefined && kind === 'bgzf') {
      const file = { records: start.records, contigs: new Map<number, string>() }
      const groups = await regionRanges(host, source, file, regions, chunkBytes.bgzf, request)
      if (groups !== undefined) {
        const parts = groups.map((ranges): VcfChunk => ({ start: -1, end: -1, within: -1, ranges }))
        for await (const result of run(vcfChunkTask, setup, parts, { label })) {
          if (result.failure !== null) throw failureError(path, header.samples, result.failure, null)
          const { batch, order, counts, depths, records } = result
          yield { batch, order, counts, depths, records }
        }
        return
      }
    }
    const chunks = planVcfChunks(source.size, start)
    const weights = chunks.map((chunk) => chunk.end - chunk.start)
    let done = 0
    let nextBlock = start.records.byte
    for await (const result of run(vcfChunkTask, setup, chunks, { label, weights })) {
      const chunk = chunks[done++]
      if (kind === 'bgzf') {
        const expected = nextBlock < chunk.end ? nextBlock : -1
        if (result.firstBlock !== expected)
          throw new UpturnError(
            'FileDamaged',
            `the blocks around byte ${nextBlock} do not follow each other; copy the file again and compare checksums`,
            { place: { file: path }, details: { byte: nextBlock } },
          )
        if (result.firstBlock >= 0) nextBlock = result.nextBlock
      }
      yield take(result, chunk.within < 0 ? 1 : 0)
    }
  } finally {
    await source.close()
  }
}
