import type { AlleleBytes } from '../import/batch.ts'
import { recordBytes } from '../store/layout.ts'
import type { BgenHeader } from './header.ts'

/** One variant's block of a file, apart from its genotypes (BGEN 1.3, "Variant identifying data"). */
export interface BgenVariant {
  readonly id: AlleleBytes
  readonly rsid: AlleleBytes
  readonly chromosome: AlleleBytes
  readonly position: number
  readonly alleles: readonly AlleleBytes[]
  /** Offsets of the genotype data in the bytes that were read; the end is that of the block. */
  readonly dataStart: number
  readonly dataEnd: number
  /** Bytes of the genotypes when decompressed. */
  readonly size: number
}

/** Refuses a block for a reason, at an offset of the bytes. */
export type RefuseBlock = (message: string, offset: number) => never

const positionLimit = 2 ** 31
const alleleBytesLimit = 4 << 20
/** Identifying data of one variant, as one line of a VCF file. */
export const identityBytesLimit = 64 << 20
/** Genotypes of one variant, decompressed; and the dosages and hard calls made of them. */
const variantBytesLimit = 256 << 20

/** The most bytes that the genotypes of people with any ploidy and this many alleles take: 63 copies, 32 bits each. */
function mostBytes(samples: number, alleles: number): number {
  let count = 1
  for (let t = 1; t <= 63 && count < variantBytesLimit; t++) count = (count * (alleles - 1 + t)) / t
  return Math.min(variantBytesLimit, 10 + samples + 4 * samples * Math.max(count, 63 * alleles))
}

/**
 * The block that begins at offset `at` of some bytes of a file, or undefined where they end within its identifying
 * data. Nothing of the genotypes is looked at but their sizes, which are held against what the people and alleles of
 * the variant can need.
 */
export function readVariant(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  { layout, compression, samples }: Pick<BgenHeader, 'layout' | 'compression' | 'samples'>,
  refuse: RefuseBlock,
): BgenVariant | undefined {
  const end = bytes.length
  let p = at
  if (layout === 1) {
    if (p + 4 > end) return undefined
    if (view.getUint32(p, true) !== samples)
      refuse(`the variant has ${view.getUint32(p, true)} people, the file ${samples}`, p)
    p += 4
  }
  const texts: AlleleBytes[] = []
  for (let k = 0; k < 3; k++) {
    if (p + 2 > end) return undefined
    const start = p + 2
    p = start + view.getUint16(p, true)
    if (p > end) return undefined
    texts.push({ text: bytes, start, end: p })
  }
  if (p + 6 > end) return undefined
  const position = view.getUint32(p, true)
  if (position >= positionLimit) refuse('the position is not below 2^31', p)
  p += 4
  let alleleCount = 2
  if (layout === 2) {
    alleleCount = view.getUint16(p, true)
    if (alleleCount === 0) refuse('the variant has no allele', p)
    p += 2
  }
  const perAllele = 2 * samples + recordBytes(samples)
  if ((alleleCount - 1) * perAllele > variantBytesLimit)
    refuse(`the variant has ${alleleCount} alleles, too many for ${samples} people`, p)
  const alleles: AlleleBytes[] = []
  for (let k = 0; k < alleleCount; k++) {
    if (p + 4 > end) return undefined
    const length = view.getUint32(p, true)
    if (length > alleleBytesLimit) refuse('an allele is longer than 4 MiB', p)
    const start = p + 4
    p = start + length
    if (p - at > identityBytesLimit) refuse('the alleles are together longer than 64 MiB', p)
    if (p > end) return undefined
    alleles.push({ text: bytes, start, end: p })
  }
  // Written out field by field: spreading an object costs ten times as much as all the rest.
  const variant = (dataStart: number, dataEnd: number, size: number): BgenVariant => ({
    id: texts[0],
    rsid: texts[1],
    chromosome: texts[2],
    position,
    alleles,
    dataStart,
    dataEnd,
    size,
  })
  if (layout === 1 && compression === 'none') return variant(p, p + 6 * samples, 6 * samples)
  if (p + 4 > end) return undefined
  const sizeAt = p
  let length = view.getUint32(p, true)
  let size = 6 * samples
  p += 4
  if (layout === 2 && compression === 'none') size = length
  if (layout === 2 && compression !== 'none') {
    if (length < 4) refuse('the genotypes have no room for their decompressed size', sizeAt)
    if (p + 4 > end) return undefined
    size = view.getUint32(p, true)
    length -= 4
    p += 4
  }
  // zlib adds 5 bytes to 16 kB of what it cannot compress, Zstandard 3 to 128 kB.
  if (size > variantBytesLimit || length > size + size / 1024 + 1024)
    refuse(
      `genotypes of ${length} bytes, ${size} when decompressed, are more than the 256 MiB that are read, or more than they can need`,
      sizeAt,
    )
  // Two probabilities of 32 bits a person are never too many.
  const large = size > 10 + 9 * samples && size > mostBytes(samples, alleleCount)
  if (layout === 2 && (size < samples + 10 || large))
    refuse(`genotypes of ${size} bytes cannot be those of ${samples} people and ${alleleCount} alleles`, sizeAt)
  // One byte of DEFLATE makes at most 1032.
  if (compression === 'zlib' && size > 1032 * length) refuse(`${length} compressed bytes cannot become ${size}`, sizeAt)
  return variant(p, p + length, size)
}

/** Letters of a field. */
export function textOf({ text, start, end }: AlleleBytes): string {
  return new TextDecoder().decode(text.subarray(start, end))
}
