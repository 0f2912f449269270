import { UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import type { FileBatch, GenotypeFile, OpenOptions, ReadRequest, ReferenceAllele } from '../import/file.ts'
import { rankOf } from './chromosome.ts'
import { type BgenSetup, bgenChunkTask } from './chunk.ts'
import { variantError } from './error.ts'
import { type BgenHeader, readBgenHeader } from './header.ts'
import { bgenPeople } from './people.ts'
import { planBgenChunks } from './plan.ts'
import { readVariant, textOf } from './variant.ts'

/** Bytes of the first variant that are looked at for its chromosome and position. */
const firstBytes = 256 << 10

/** Opens a BGEN file of version 1.1, 1.2 or 1.3, with the `.sample` file that is named or stands beside it. */
export async function openBgenFile(
  host: Host,
  path: string,
  signal?: AbortSignal,
  { ref, sample, numberPeople = false }: OpenOptions = {},
): Promise<GenotypeFile> {
  if (ref === undefined)
    throw new UpturnError(
      'BadArgument',
      'a BGEN file does not say which of its alleles is the reference, and a wrong choice turns every effect round; say ref: first (as for UK Biobank) or ref: last in the study file, --ref first or --ref last on the command line',
      { place: { file: path } },
    )
  const source = await host.open(path)
  try {
    const header = await readBgenHeader(source, signal)
    // Before anybody is numbered: a first variant of other people than the header says is found here.
    const first = await firstVariant(source, header, signal)
    const people = await bgenPeople(host, path, header, { sample, numberPeople }, signal)
    return {
      path,
      format: 'bgen',
      samples: people.samples,
      sexes: people.sexes,
      first,
      notes: people.numbered ? ['the file does not name its people: they are numbered here'] : [],
      batches: (request) => bgenBatches(path, header, ref, request),
    }
  } finally {
    await source.close()
  }
}

async function firstVariant(source: ByteSource, header: BgenHeader, signal?: AbortSignal) {
  if (header.variants === 0)
    throw new UpturnError('FormatInvalid', 'the file holds no variant', { place: { file: source.name } })
  const start = header.firstVariant
  const bytes = await source.read(start, start + firstBytes, signal)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const variant = readVariant(bytes, view, 0, header, (message, offset) => {
    throw variantError('FormatInvalid', source.name, 0, start + offset, message)
  })
  return { rank: variant === undefined ? -1 : rankOf(textOf(variant.chromosome)), position: variant?.position ?? 0 }
}

async function* bgenBatches(
  path: string,
  header: BgenHeader,
  ref: ReferenceAllele,
  request: ReadRequest,
): AsyncGenerator<FileBatch> {
  const { host, permutation, people, regions, run, signal, label } = request
  const { layout, compression, samples } = header
  const source = await host.open(path)
  let chunks: Awaited<ReturnType<typeof planBgenChunks>>
  try {
    chunks = await planBgenChunks(source, header, { ref, regions }, signal)
  } finally {
    await source.close()
  }
  const setup: BgenSetup = { path, layout, compression, samples, people, permutation, ref }
  const weights = chunks.map(({ start, end }) => end - start)
  yield* run(bgenChunkTask, setup, chunks, { label, weights })
}
