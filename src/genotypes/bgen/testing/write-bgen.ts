import { deflateSync } from 'node:zlib'
import type { BgenCompression } from '../header.ts'

/** What is stored of one person: whole numbers of `bits` bits, in the order of the specification. */
export interface StoredCall {
  readonly ploidy?: number
  readonly missing?: boolean
  readonly values: readonly number[]
}

export interface StoredVariant {
  readonly id?: string
  readonly rsid?: string
  readonly chromosome?: string
  readonly position?: number
  readonly alleles?: readonly string[]
  readonly phased?: boolean
  readonly bits?: number
  /** Of the header of the genotypes; by default what the calls have. */
  readonly ploidies?: readonly [number, number]
  readonly calls: readonly StoredCall[]
}

export interface StoredFile {
  readonly layout: 1 | 2
  readonly compression: BgenCompression
  readonly ids?: readonly string[]
  readonly variants: readonly StoredVariant[]
  /** Bytes of the free data area, and between the last header block and the first variant. */
  readonly free?: number
  readonly slack?: number
  readonly magic?: string
}

const join = (parts: readonly Uint8Array[]) => Uint8Array.from(Buffer.concat(parts))
const u16 = (value: number) => Uint8Array.of(value & 255, value >> 8)
const u32 = (value: number) =>
  Uint8Array.of(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255)
const text = (value: string) => new TextEncoder().encode(value)
const short = (value: string) => [u16(text(value).length), text(value)]
const long = (value: string) => [u32(text(value).length), text(value)]

/** Bits of whole numbers one behind another, the lowest first; the last byte is filled with zeros. */
function packBits(values: readonly number[], bits: number): Uint8Array {
  const out = new Uint8Array(Math.ceil((values.length * bits) / 8))
  let at = 0
  for (const value of values)
    for (let k = 0; k < bits; k++, at++) if (Math.floor(value / 2 ** k) % 2 === 1) out[at >> 3] |= 1 << (at & 7)
  return out
}

/** The genotypes of a variant of layout 2, not compressed. */
export function layout2Bytes(variant: StoredVariant): Uint8Array {
  const { calls, alleles = ['A', 'G'], phased = false, bits = 8 } = variant
  const ploidies = calls.map(({ ploidy = 2 }) => ploidy)
  const [least, most] = variant.ploidies ?? [Math.min(...ploidies), Math.max(...ploidies)]
  return join([
    u32(calls.length),
    u16(alleles.length),
    Uint8Array.of(least, most, ...calls.map(({ missing }, s) => ploidies[s] | (missing === true ? 128 : 0))),
    Uint8Array.of(phased ? 1 : 0, bits),
    packBits(
      calls.flatMap(({ values }) => values),
      bits,
    ),
  ])
}

/** One Zstandard frame of raw blocks (RFC 8878, 3.1.1). */
export function zstdFrame(bytes: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xa0), u32(bytes.length)]
  for (let at = 0; at === 0 || at < bytes.length; at += 1 << 17) {
    const part = bytes.subarray(at, at + (1 << 17))
    const header = (at + part.length >= bytes.length ? 1 : 0) | (part.length << 3)
    blocks.push(u32(header).subarray(0, 3), part)
  }
  return join(blocks)
}

function variantBytes({ layout, compression }: StoredFile, variant: StoredVariant): Uint8Array {
  const { id = '', rsid = '', chromosome = '1', position = 1, alleles = ['A', 'G'], calls } = variant
  const parts: Uint8Array[] = [layout === 1 ? u32(calls.length) : new Uint8Array(0)]
  parts.push(...short(id), ...short(rsid), ...short(chromosome), u32(position))
  if (layout === 2) parts.push(u16(alleles.length))
  for (const allele of alleles) parts.push(...long(allele))
  const data = layout === 1 ? join(calls.flatMap(({ values }) => values.map(u16))) : layout2Bytes(variant)
  if (compression === 'none') parts.push(...(layout === 1 ? [data] : [u32(data.length), data]))
  else {
    const packed = compression === 'zlib' ? deflateSync(data) : zstdFrame(data)
    parts.push(...(layout === 1 ? [u32(packed.length)] : [u32(packed.length + 4), u32(data.length)]), packed)
  }
  return join(parts)
}

/** A BGEN file, byte by byte. */
export function bgenBytes(file: StoredFile): Uint8Array {
  const { layout, compression, ids, variants, free = 0, slack = 0, magic = 'bgen' } = file
  const people = variants[0]?.calls.length ?? ids?.length ?? 0
  const block =
    ids === undefined
      ? new Uint8Array(0)
      : (() => {
          const names = join(ids.flatMap(short))
          return join([u32(8 + names.length), u32(ids.length), names])
        })()
  const flags = ['none', 'zlib', 'zstd'].indexOf(compression) | (layout << 2) | (ids === undefined ? 0 : 2 ** 31)
  return join([
    u32(20 + free + block.length + slack),
    u32(20 + free),
    u32(variants.length),
    u32(people),
    text(magic),
    new Uint8Array(free).fill(7),
    u32(flags),
    block,
    new Uint8Array(slack),
    ...variants.map((variant) => variantBytes(file, variant)),
  ])
}
