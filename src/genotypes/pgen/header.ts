import { UpturnError } from '../../errors/index.ts'
import type { ByteSource } from '../../host/host.ts'

/** First two bytes of PGEN and BED files. */
export const pgenMagic: Uint8Array = Uint8Array.of(0x6c, 0x1b)

/** Variants of a block of the index. */
export const blockVariants = 65536

/** The head of a PGEN file (PLINK 2 File Format Specification, "Header"), its sizes checked against the file. */
export interface PgenHeader {
  readonly samples: number
  readonly variants: number
  /** Records of a fixed size, and their type; a BED file counts as type 0. */
  readonly fixed: { readonly bytes: number; readonly type: number } | null
  readonly plink1: boolean
  /** Bits of a record's type and bytes of its length in the index, and of an allele count (0: none are stored). */
  readonly typeBits: number
  readonly lengthBytes: number
  readonly alleleBytes: number
  /** What the file says of its reference alleles: nothing, all good, all provisional, or some, told by a bit of each. */
  readonly provisional: 0 | 1 | 2 | 3
  /** The index is a file of its own. */
  readonly external: boolean
  /** Where the first record begins. */
  readonly records: number
}

const u32 = (bytes: Uint8Array, at: number) =>
  bytes[at] + bytes[at + 1] * 256 + bytes[at + 2] * 65536 + bytes[at + 3] * 2 ** 24

/** More than any record of so many people can have: difflists, patch sets, phases, dosages. */
export function recordBytesLimit(samples: number): number {
  return 40 * samples + 128
}

/** Bytes of the index of a block of so many variants. */
export function indexBlockBytes(header: PgenHeader, variants: number): number {
  return (
    Math.ceil((variants * header.typeBits) / 8) +
    variants * (header.lengthBytes + header.alleleBytes) +
    (header.provisional === 3 ? Math.ceil(variants / 8) : 0)
  )
}

/**
 * Reads the head of a PGEN file of known people.
 * @param index the file that holds the index where the PGEN file says so
 * @param samples people of the file beside it
 */
export async function readPgenHeader(
  pgen: ByteSource,
  index: ByteSource | undefined,
  samples: number,
  signal?: AbortSignal,
): Promise<PgenHeader> {
  const refuse = (message: string, code: 'FormatInvalid' | 'FileTruncated' = 'FormatInvalid', file = pgen.name) =>
    new UpturnError(code, message, { place: { file } })
  const head = await pgen.read(0, 12, signal)
  if (head.length < 3 || head[0] !== pgenMagic[0] || head[1] !== pgenMagic[1])
    throw refuse('this is no PGEN file: its first bytes are not 6c 1b')
  const mode = head[2]
  const external = mode === 0x20
  const raw = Math.ceil(samples / 4)
  const plain = {
    samples,
    plink1: false,
    typeBits: 0,
    lengthBytes: 0,
    alleleBytes: 0,

    external,
    provisional: 0 as const,
  }
  if (mode === 1) {
    const variants = (pgen.size - 3) / raw
    if (!Number.isInteger(variants))
      throw refuse(
        `the records of ${samples} people have ${raw} bytes each, but ${pgen.size - 3} bytes are no whole number of them; the files do not belong together, or one was cut off`,
        'FileTruncated',
      )
    return { ...plain, variants, fixed: { bytes: raw, type: 0 }, plink1: true, records: 3 }
  }
  if (mode === 0) throw refuse('this file is not in variant-major order; convert it with plink2 --make-pgen')
  if (mode === 0x11 || mode === 0x21)
    throw refuse(
      `this PGEN file is of storage mode 0x${mode.toString(16)}, whose index has extensions that are not read; write it again with plink2 --make-pgen`,
    )
  if (!external && !(mode >= 2 && mode <= 4) && mode !== 0x10)
    throw refuse(
      `storage mode 0x${mode.toString(16)} of PGEN is not known; write the file again with plink2 --make-pgen`,
    )
  if (external && index === undefined)
    throw new UpturnError('FileNotFound', 'the PGEN file has its index in a file of its own, which is missing', {
      place: { file: `${pgen.name}.pgi` },
    })
  const source = external && index !== undefined ? index : pgen
  const bytes = external ? await source.read(0, 12, signal) : head
  if (external && (bytes[0] !== pgenMagic[0] || bytes[1] !== pgenMagic[1] || bytes[2] !== 0x30))
    throw refuse('this is no index of a PGEN file: its first bytes are not 6c 1b 30', 'FormatInvalid', source.name)
  if (bytes.length < 12) throw refuse('the file ends within its header; copy it again', 'FileTruncated', source.name)
  const variants = u32(bytes, 3)
  const people = u32(bytes, 7)
  if (people !== samples)
    throw refuse(
      `the file holds ${people} people, but the file beside it names ${samples}; they do not belong together`,
      'FormatInvalid',
      source.name,
    )
  const format = bytes[11]
  const provisional = (format >> 6) as PgenHeader['provisional']
  if (mode <= 4) {
    if ((format & 63) !== 0) throw refuse('a PGEN file with records of fixed size has no index, but declares one')
    const type = [0, 0x40, 0xc0][mode - 2]
    const each = raw + (mode - 2) * 2 * samples
    const records = 12 + (provisional === 3 ? Math.ceil(variants / 8) : 0)
    const end = records + variants * each
    if (pgen.size !== end)
      throw refuse(
        `the file has ${pgen.size} bytes where ${variants} variants of ${samples} people need ${end}`,
        pgen.size < end ? 'FileTruncated' : 'FormatInvalid',
      )
    return { ...plain, variants, fixed: { bytes: each, type }, provisional, records }
  }
  if ((format & 15) > 7)
    throw refuse(`the index is of a form (${format & 15}) that is reserved`, 'FormatInvalid', source.name)
  const header: PgenHeader = {
    ...plain,
    variants,
    fixed: null,
    typeBits: (format & 15) < 4 ? 4 : 8,
    lengthBytes: 1 + (format & 3),
    alleleBytes: (format >> 4) & 3,
    provisional,
    records: 0,
  }
  const blocks = Math.ceil(variants / blockVariants)
  const whole = Math.floor(variants / blockVariants)
  const end =
    12 +
    8 * blocks +
    whole * indexBlockBytes(header, blockVariants) +
    indexBlockBytes(header, variants - whole * blockVariants)
  if (source.size < end)
    throw refuse(
      `the file has ${source.size} bytes where the index of ${variants} variants alone needs ${end}; copy it again`,
      'FileTruncated',
      source.name,
    )
  if (external && source.size > end) throw refuse('bytes are left behind the index', 'FormatInvalid', source.name)
  return { ...header, records: external ? 3 : end }
}

/** The index of one block: where its records begin, and type, length and, where stored, allele count of each. */
export interface IndexBlock {
  readonly offset: number
  readonly types: Uint8Array
  readonly lengths: Uint32Array
  readonly alleles: Uint32Array | null
}

/** Reads the index of one block from the file that holds it. */
export async function readIndexBlock(
  source: ByteSource,
  header: PgenHeader,
  block: number,
  signal?: AbortSignal,
): Promise<IndexBlock> {
  const blocks = Math.ceil(header.variants / blockVariants)
  const count = Math.min(blockVariants, header.variants - block * blockVariants)
  if (header.fixed !== null)
    return {
      offset: header.records + block * blockVariants * header.fixed.bytes,
      types: new Uint8Array(count).fill(header.fixed.type),
      lengths: new Uint32Array(count).fill(header.fixed.bytes),
      alleles: null,
    }
  const start = await source.read(12 + 8 * block, 20 + 8 * block, signal)
  const at = 12 + 8 * blocks + block * indexBlockBytes(header, blockVariants)
  const bytes = await source.read(at, at + indexBlockBytes(header, count), signal)
  if (start.length < 8 || bytes.length < indexBlockBytes(header, count))
    throw new UpturnError('FileTruncated', 'the file ends within its index; copy it again', {
      place: { file: source.name },
    })
  const types = new Uint8Array(count)
  for (let v = 0; v < count; v++) types[v] = header.typeBits === 8 ? bytes[v] : (bytes[v >> 1] >> ((v & 1) << 2)) & 15
  const numbers = (from: number, width: number) =>
    Uint32Array.from({ length: count }, (_, v) => {
      let value = 0
      for (let k = width - 1; k >= 0; k--) value = value * 256 + bytes[from + v * width + k]
      return value
    })
  const lengthsAt = Math.ceil((count * header.typeBits) / 8)
  return {
    offset: u32(start, 0) + u32(start, 4) * 2 ** 32,
    types,
    lengths: numbers(lengthsAt, header.lengthBytes),
    alleles: header.alleleBytes === 0 ? null : numbers(lengthsAt + count * header.lengthBytes, header.alleleBytes),
  }
}
