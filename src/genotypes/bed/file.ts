import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import { chromosomeRank } from '../import/chromosome.ts'
import type { FileBatch, GenotypeFile, ReadRequest } from '../import/file.ts'
import { type BedSetup, bedChunkTask, planBedChunks } from './chunk.ts'
import { parseFam } from './fam.ts'

/** Ten million people with long ids. */
const famBytesLimit = 1 << 30

/** The path without the ending of any of the three files. */
export function bedPrefix(path: string): string {
  return path.replace(/\.(bed|bim|fam)$/, '')
}

/** Opens a BED file with the BIM and FAM files beside it. */
export async function openBedFile(host: Host, path: string, signal?: AbortSignal): Promise<GenotypeFile> {
  const prefix = bedPrefix(path)
  const famPath = `${prefix}.fam`
  const fam = await host.open(famPath)
  let text: string
  try {
    if (fam.size > famBytesLimit)
      throw new UpturnError('FormatInvalid', 'the FAM file is larger than 1 GiB', { place: { file: famPath } })
    text = new TextDecoder().decode(await fam.read(0, fam.size, signal))
  } finally {
    await fam.close()
  }
  const people = parseFam(text, famPath)
  return {
    path: `${prefix}.bed`,
    format: 'bed',
    samples: people.map(({ id }) => id),
    sexes: people.map(({ sex }) => sex),
    first: await firstVariant(host, `${prefix}.bim`, signal),
    batches: (request) => bedBatches(prefix, people.length, request),
  }
}

async function firstVariant(host: Host, path: string, signal?: AbortSignal) {
  const bim = await host.open(path)
  try {
    const [chromosome, , , position] = new TextDecoder()
      .decode(await bim.read(0, 4096, signal))
      .trim()
      .split(/\s+/)
    return { rank: chromosomeRank(chromosome), position: Number(position) || 0 }
  } finally {
    await bim.close()
  }
}

async function* bedBatches(prefix: string, samples: number, request: ReadRequest): AsyncGenerator<FileBatch> {
  const { host, permutation, people, regions, run, signal, label } = request
  const bed = await host.open(`${prefix}.bed`)
  let chunks: Awaited<ReturnType<typeof planBedChunks>>
  try {
    const bim = await host.open(`${prefix}.bim`)
    try {
      chunks = await planBedChunks(bed, bim, samples, signal)
    } finally {
      await bim.close()
    }
  } finally {
    await bed.close()
  }
  const setup: BedSetup = { prefix, samples, people, permutation, regions }
  const weights = chunks.map(({ variants }) => variants)
  let done = 0
  for await (const result of run(bedChunkTask, setup, chunks, { label, weights })) {
    const chunk = chunks[done++]
    if (result.failure !== null)
      throw new UpturnError('FormatInvalid', result.failure.message, {
        place: {
          file: `${prefix}.bim`,
          line: chunk.first + result.failure.line + 1,
          column: result.failure.column + 1,
        },
      })
    yield { batch: result.batch, order: result.order, counts: result.counts, records: result.records }
  }
}
