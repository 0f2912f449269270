import type { ChunkTask } from '../../compute/task.ts'
import { UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import { kernels } from '../../numerics/kernels.ts'
import { BatchBuilder, type FileOrder, type VariantBatch } from '../import/batch.ts'
import type { Counts } from '../import/counts.ts'
import { RegionFilter, type Regions } from '../regions/regions.ts'
import { recordBytes, wordsPerPlane } from '../store/layout.ts'
import { addBimLines, type BimFailure, bimInside } from './bim.ts'
import { bedMagic, bedRecordBytes } from './write.ts'

/** Bytes of genotypes in one chunk: part of the plan, so it never changes with machine or workers. */
const chunkBytes = 4 << 20
const chunkVariants = 65536
const readBytes = 1 << 20
/** A BIM line longer than this cannot be one: alleles of a million bases. */
const bimLineLimit = 4 << 20

export interface BedSetup {
  /** Path without `.bed`. */
  readonly prefix: string
  readonly samples: number
  readonly people: number
  /** Bit of each person of the FAM file in the planes, -1 to leave one out. */
  readonly permutation: Int32Array
  /** Only variants inside are read and counted. */
  readonly regions?: Regions
}

/** Variants [first, first + variants) and their lines, bytes [bimStart, bimEnd) of the BIM file. */
export interface BedChunk {
  readonly first: number
  readonly variants: number
  readonly bimStart: number
  readonly bimEnd: number
}

export interface BedChunkResult {
  readonly batch: VariantBatch
  readonly order: FileOrder
  readonly counts: Counts
  /** Variants of the chunk inside the regions. */
  readonly records: number
  readonly failure: BimFailure | null
}

/** Counts the lines of a BIM file and cuts them into chunks; checks the BED file's first bytes and size against them. */
export async function planBedChunks(
  bed: ByteSource,
  bim: ByteSource,
  samples: number,
  signal?: AbortSignal,
): Promise<BedChunk[]> {
  const magic = await bed.read(0, 3, signal)
  if (magic.length < 3 || magic[0] !== bedMagic[0] || magic[1] !== bedMagic[1])
    throw new UpturnError('FormatInvalid', 'this is no PLINK BED file: its first bytes are not 6c 1b', {
      place: { file: bed.name },
    })
  if (magic[2] !== 1)
    throw new UpturnError(
      'FormatInvalid',
      'this BED file is not in SNP-major order; convert it with plink1.9 --bfile ... --make-bed',
      { place: { file: bed.name } },
    )
  const perRecord = bedRecordBytes(samples)
  const perChunk = Math.max(1024, Math.min(chunkVariants, 1024 * Math.floor(chunkBytes / (1024 * perRecord))))
  const chunks: BedChunk[] = []
  let lines = 0
  let bimStart = 0
  let first = 0
  let lineStart = 0
  for (let at = 0; at < bim.size; at += readBytes) {
    const bytes = await bim.read(at, at + readBytes, signal)
    for (let feed = bytes.indexOf(10); feed >= 0; feed = bytes.indexOf(10, feed + 1)) {
      lines++
      lineStart = at + feed + 1
      if (lines - first === perChunk) {
        chunks.push({ first, variants: perChunk, bimStart, bimEnd: lineStart })
        first = lines
        bimStart = lineStart
      }
    }
    if (at + bytes.length - lineStart > bimLineLimit)
      throw new UpturnError('FormatInvalid', 'a BIM line is longer than 4 MiB', {
        place: { file: bim.name, line: lines + 1 },
      })
  }
  if (lineStart < bim.size) lines++
  if (lines > first) chunks.push({ first, variants: lines - first, bimStart, bimEnd: bim.size })
  const expected = 3 + lines * perRecord
  if (bed.size !== expected)
    throw new UpturnError(
      bed.size < expected ? 'FileTruncated' : 'FormatInvalid',
      `the BED file has ${bed.size} bytes where ${lines} variants of ${samples} people need ${expected}; the three files do not belong together, or one was cut off`,
      { place: { file: bed.name }, details: { byte: bed.size } },
    )
  return chunks
}

/** Reads one range of variants of a BED file. */
export const bedChunkTask: ChunkTask<BedSetup, BedChunk, BedChunkResult> = {
  name: 'genotypes/bed',
  async prepare(setup, host) {
    return (chunk, signal) => readBedChunk(host, setup, chunk, signal)
  },
}

async function readBedChunk(
  host: Host,
  setup: BedSetup,
  chunk: BedChunk,
  signal: AbortSignal,
): Promise<BedChunkResult> {
  const { prefix, samples, people, permutation } = setup
  const perRecord = bedRecordBytes(samples)
  const lines = await readRange(host, `${prefix}.bim`, chunk.bimStart, chunk.bimEnd, signal)
  const builder = new BatchBuilder(people)
  const counts: Counts = {}
  const filter = setup.regions && new RegionFilter(setup.regions)
  const wanted = filter === undefined ? { first: 0, last: chunk.variants - 1 } : bimInside(lines, filter)
  if (wanted === null) return { ...builder.finish(), counts, records: 0, failure: null }
  const { first, last } = wanted
  const from = 3 + (chunk.first + first) * perRecord
  const codes = await readRange(host, `${prefix}.bed`, from, from + (last + 1 - first) * perRecord, signal)
  const planes = bedPlanes(codes, last + 1 - first, samples, permutation, people)
  const found = addBimLines(lines, planes, recordBytes(people), builder, counts, { filter, first })
  return { ...builder.finish(), counts, ...found }
}

async function readRange(host: Host, path: string, start: number, end: number, signal: AbortSignal) {
  const source = await host.open(path)
  try {
    return await source.read(start, end, signal)
  } finally {
    await source.close()
  }
}

/** Packed records of BED records. */
export function bedPlanes(
  codes: Uint8Array,
  variants: number,
  samples: number,
  permutation: Int32Array,
  people: number,
): Uint8Array {
  const perRecord = bedRecordBytes(samples)
  if (codes.length !== variants * perRecord || permutation.length !== samples)
    throw new UpturnError('Internal', 'BED records do not fit the number of variants and samples')
  for (const bit of permutation)
    if (bit < -1 || bit >= people) throw new UpturnError('Internal', 'a person has no place in the planes')
  const inOrder = samples === people && permutation.every((bit, s) => bit === s)
  const bytes = variants * recordBytes(people)
  const k = kernels()
  return k.scope(() => {
    const codesAt = k.put(codes)
    const words = wordsPerPlane(people)
    const permutationAt = k.put(permutation.map((bit) => (bit < 0 ? 64 * words : bit)))
    const bitsAt = k.allocate(64 * words + 1)
    const planesAt = k.allocate(bytes)
    if (inOrder) k.call.bedToPlanesInOrder(codesAt, variants, perRecord, samples, words, planesAt)
    else k.call.bedToPlanes(codesAt, variants, perRecord, samples, permutationAt, words, bitsAt, planesAt)
    return k.u8(planesAt, bytes).slice()
  })
}
