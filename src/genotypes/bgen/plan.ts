import { UpturnError } from '../../errors/index.ts'
import type { ByteSource } from '../../host/host.ts'
import type { ReferenceAllele } from '../import/file.ts'
import { RegionFilter, type Regions } from '../regions/regions.ts'
import { recordBytes } from '../store/layout.ts'
import { rankReader } from './chromosome.ts'
import { variantError } from './error.ts'
import type { BgenHeader } from './header.ts'
import { identityBytesLimit, readVariant } from './variant.ts'

/** Bytes of the file in one chunk, and of the dosages and hard calls that come of it: part of the plan. */
const chunkBytes = 2 << 20
const chunkResultBytes = 16 << 20
/** Bytes that are read at a time: many variants where they are short, otherwise what one begins with. */
const wideBytes = 1 << 20
const narrowBytes = 4 << 10
/** Identifying data and the two sizes behind them. */
const windowLimit = identityBytesLimit + 8
/** A block longer than this is passed over instead of read. */
const longBlock = 64 << 10

/** Variants [first, first + variants) of a file, its bytes [start, end). */
export interface BgenChunk {
  readonly first: number
  readonly variants: number
  readonly start: number
  readonly end: number
}

/** Which variants are wanted: all, or those whose reference allele overlaps regions. */
export interface BgenSelection {
  readonly ref: ReferenceAllele
  readonly regions?: Regions
}

/**
 * Goes from variant to variant by their lengths, without decompressing, and cuts the file into chunks, leaving out
 * what is not wanted. Refuses a file that ends within a variant or has something behind its last one.
 */
export async function planBgenChunks(
  source: ByteSource,
  header: BgenHeader,
  { ref, regions }: BgenSelection,
  signal?: AbortSignal,
): Promise<BgenChunk[]> {
  const file = source.name
  const chunks: BgenChunk[] = []
  const rankOfName = rankReader()
  const filter = regions && new RegionFilter(regions)
  let first = 0
  let start = header.firstVariant
  let results = 0
  let at = header.firstVariant
  let windowStart = at
  let window: Uint8Array = new Uint8Array(0)
  let view = new DataView(window.buffer)
  let lastBlock = 0
  for (let v = 0; v < header.variants; v++) {
    const refuse = (message: string, offset: number): never => {
      throw variantError('FormatInvalid', file, v, windowStart + offset, message)
    }
    let wanted = lastBlock > longBlock ? narrowBytes : wideBytes
    let variant =
      at < windowStart + window.length ? readVariant(window, view, at - windowStart, header, refuse) : undefined
    while (variant === undefined) {
      const whole = windowStart === at && at + window.length === source.size
      if (at >= source.size || whole)
        throw variantError(
          'FileTruncated',
          file,
          v,
          source.size,
          `the file ends before or within this one of ${header.variants} variants; copy it again`,
        )
      if (windowStart === at && window.length >= windowLimit)
        throw new UpturnError('Internal', 'identifying data of a variant are longer than their limit', {
          place: { file },
        })
      if (windowStart === at) wanted = Math.min(windowLimit, Math.max(wanted, 4 * window.length))
      signal?.throwIfAborted()
      window = await source.read(at, at + wanted, signal)
      windowStart = at
      view = new DataView(window.buffer, window.byteOffset, window.byteLength)
      variant = readVariant(window, view, 0, header, refuse)
    }
    const end = windowStart + variant.dataEnd
    if (end > source.size)
      throw variantError(
        'FileTruncated',
        file,
        v,
        source.size,
        `the file ends within this one of ${header.variants} variants, which reaches to byte ${end}; copy it again`,
      )
    const result = (variant.alleles.length - 1) * (2 * header.samples + recordBytes(header.samples))
    const { alleles, chromosome, position } = variant
    const allele = ref === 'first' ? alleles[0] : alleles[alleles.length - 1]
    const last = position + allele.end - allele.start - 1
    const inside = filter === undefined || filter.overlaps(rankOfName(chromosome), position, last)
    if (v > first && (!inside || end - start > chunkBytes || results + result > chunkResultBytes)) {
      chunks.push({ first, variants: v - first, start, end: at })
      first = v
      start = at
      results = 0
    }
    if (inside) results += result
    else {
      first = v + 1
      start = end
    }
    lastBlock = end - at
    at = end
  }
  if (header.variants > first) chunks.push({ first, variants: header.variants - first, start, end: at })
  if (at !== source.size)
    throw new UpturnError(
      'FormatInvalid',
      `${source.size - at} bytes follow the last of the ${header.variants} variants that the header says; make the file again`,
      { place: { file }, details: { byte: at } },
    )
  return chunks
}
