import { UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import { chromosomeRank } from '../import/chromosome.ts'
import type { FileBatch, GenotypeFile, ReadRequest } from '../import/file.ts'
import { type PgenSetup, pgenChunkTask } from './chunk.ts'
import { findPgenFiles, type PgenFiles } from './files.ts'
import { type PgenHeader, readPgenHeader } from './header.ts'
import { LineReader, textPieces } from './lines.ts'
import { type PgenChunk, pgenChunks } from './plan.ts'
import { parsePsam } from './psam.ts'
import { type PvarLayout, readPvarLayout } from './pvar.ts'

/** Ten million people with many phenotypes. */
const psamBytesLimit = 1 << 30
/** Bytes of lines, and number of chunks, that are handed to workers together. */
const groupBytes = 32 << 20
const groupChunks = 1024

/** Opens a PGEN file with the files of variants and people beside it. */
export async function openPgenFile(host: Host, path: string, signal?: AbortSignal): Promise<GenotypeFile> {
  const files = await findPgenFiles(host, path)
  const people = parsePsam(await wholeText(host, files.samples, signal), files.samples)
  return await withSources(host, files, async ({ pgen, index, variants }) => {
    const header = await readPgenHeader(pgen, index, people.length, signal)
    const reader = new LineReader(await textPieces(host, variants, signal), files.variants)
    try {
      const layout = await readPvarLayout(reader, files.variants)
      const [chromosome, position] = columnsOf(await reader.peekLine(), layout)
      return {
        path: files.genotypes,
        format: 'pgen',
        samples: people.map(({ id }) => id),
        sexes: people.map(({ sex }) => sex),
        first: { rank: chromosomeRank(chromosome), position: Number(position) || 0 },
        ...(header.provisional > 1 && {
          notes: [
            `${header.provisional === 2 ? 'all' : 'some'} reference alleles are provisional, by the file itself: name a reference sequence to check them`,
          ],
        }),
        batches: (request) => pgenBatches(files, header, request),
      }
    } finally {
      await reader.close()
    }
  })
}

/** Chromosome and position of a line; of no use, but harmless, where it is malformed. */
function columnsOf(line: Uint8Array, { roles }: PvarLayout): [string, string] {
  const fields = new TextDecoder()
    .decode(line.subarray(0, 4096))
    .trim()
    .split(/[ \t]+/)
  return [fields[roles.indexOf(1)] ?? '', fields[roles.indexOf(2)] ?? '']
}

async function wholeText(host: Host, path: string, signal?: AbortSignal): Promise<string> {
  const source = await host.open(path)
  try {
    if (source.size > psamBytesLimit)
      throw new UpturnError('FormatInvalid', 'the file of people is larger than 1 GiB', { place: { file: path } })
    return new TextDecoder().decode(await source.read(0, source.size, signal))
  } finally {
    await source.close()
  }
}

interface Sources {
  readonly pgen: ByteSource
  readonly index: ByteSource | undefined
  readonly variants: ByteSource
}

async function withSources<T>(host: Host, files: PgenFiles, work: (sources: Sources) => Promise<T>): Promise<T> {
  const opened: ByteSource[] = []
  const open = async (path: string) => {
    const source = await host.open(path)
    opened.push(source)
    return source
  }
  try {
    const pgen = await open(files.genotypes)
    const index = (await host.exists(files.index)) ? await open(files.index) : undefined
    return await work({ pgen, index, variants: await open(files.variants) })
  } finally {
    for (const source of opened) await source.close()
  }
}

async function* pgenBatches(files: PgenFiles, header: PgenHeader, request: ReadRequest): AsyncGenerator<FileBatch> {
  const { host, permutation, people, filters, regions, run, signal, label } = request
  const pgen = await host.open(files.genotypes)
  const opened = [pgen]
  let groups: ReturnType<typeof pgenGroups> | undefined
  try {
    const variants = await host.open(files.variants)
    opened.push(variants)
    let index = pgen
    if (header.external) {
      index = await host.open(files.index)
      opened.push(index)
    }
    const reader = new LineReader(await textPieces(host, variants, signal), files.variants)
    const layout = await readPvarLayout(reader, files.variants)
    const setup: Omit<PgenSetup, 'from'> = {
      path: files.genotypes,
      plink1: header.plink1,
      fixed: header.fixed !== null,
      layout,
      keepFiltered: filters.keepFiltered ?? false,
      samples: header.samples,
      permutation,
      people,
      regions,
    }
    groups = pgenGroups(pgenChunks(pgen, index, header, reader, files.variants, signal))
    let done = 0
    for (let next = groups.next(); ; ) {
      const group = await next
      if (group.done) break
      // The next lines are inflated while workers read these.
      next = groups.next()
      next.catch(() => undefined)
      const chunks = group.value
      const weights = chunks.map(({ lengths }) => lengths.length)
      const upTo = chunks[chunks.length - 1].first + weights[weights.length - 1]
      const part =
        upTo === header.variants && chunks[0].first === 0
          ? label
          : `${label}, up to variant ${upTo} of ${header.variants}`
      let k = 0
      for await (const result of run(pgenChunkTask, { ...setup, from: chunks[0].first }, chunks, {
        label: part,
        weights,
      })) {
        if (result.failure !== null) throw lineError(files.variants, result.failure, layout.headerLines + done)
        done += weights[k++]
        yield { batch: result.batch, order: result.order, counts: result.counts, records: result.records }
      }
    }
  } finally {
    await groups?.return(undefined)
    for (const source of opened) await source.close()
  }
}

/** Chunks that workers are given together: as many as fit in memory with their lines. */
async function* pgenGroups(chunks: AsyncGenerator<PgenChunk>): AsyncGenerator<PgenChunk[]> {
  let group: PgenChunk[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    group.push(chunk)
    bytes += chunk.lines.length + 9 * chunk.lengths.length
    if (bytes >= groupBytes || group.length === groupChunks) {
      yield group
      group = []
      bytes = 0
    }
  }
  if (group.length > 0) yield group
}

function lineError(file: string, failure: { message: string; line: number; column: number }, before: number) {
  return new UpturnError('FormatInvalid', failure.message, {
    place: { file, line: before + failure.line + 1, column: failure.column + 1 },
  })
}
