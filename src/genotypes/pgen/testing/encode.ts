// PGEN files byte by byte, for tests: the plain way, from the specification.

/** A diploid call as two allele numbers in order, or null. */
export type Call = readonly [number, number] | null

export function varint(value: number): number[] {
  const bytes: number[] = []
  let left = value
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 128)
  return [...bytes, left]
}

/** Little-endian. */
export function whole(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, k) => Math.floor(value / 256 ** k) % 256)
}

/** Values of `width` bits each, 1 to 16, from the low bits of the first byte on. */
export function packBits(values: readonly number[], width: number): number[] {
  if (width === 0) return []
  const bytes = new Array<number>(Math.ceil((values.length * width) / 8)).fill(0)
  for (const [k, value] of values.entries())
    for (let b = 0; b < width; b++) {
      const bit = k * width + b
      bytes[bit >> 3] |= ((value >> b) & 1) << (bit & 7)
    }
  return bytes
}

/** A list of people (in order) and, where given, a category for each. */
export function difflist(ids: readonly number[], samples: number, values?: readonly number[]): number[] {
  if (ids.length === 0) return [0]
  const width = samples < 256 ? 1 : samples < 65536 ? 2 : samples < 16777216 ? 3 : 4
  const groups: number[][] = []
  for (let k = 0; k < ids.length; k += 64) groups.push(ids.slice(k, k + 64))
  const deltas = groups.map((group) => group.slice(1).flatMap((id, k) => varint(id - group[k])))
  return [
    ...varint(ids.length),
    ...groups.flatMap((group) => whole(group[0], width)),
    ...deltas.slice(0, -1).map((bytes) => bytes.length - 63),
    ...(values === undefined ? [] : packBits(values, 2)),
    ...deltas.flat(),
  ]
}

/** 0 no other allele than the reference, 1 one other, 2 two others, 3 missing. */
export function categoryOf(call: Call): number {
  return call === null ? 3 : Number(call[0] > 0) + Number(call[1] > 0)
}

/** How the main track is stored: 0 raw, 1 one bit, 2 and 3 by a base, 4, 6 and 7 lists. */
export type Track = 0 | 1 | 2 | 3 | 4 | 6 | 7

/** The two most common categories, in order. */
function commonest(categories: readonly number[]): [number, number] {
  const counts = [0, 1, 2, 3].map((c) => categories.filter((category) => category === c).length)
  const [a, b] = [0, 1, 2, 3].sort((c, d) => counts[d] - counts[c])
  return a < b ? [a, b] : [b, a]
}

/** PLINK 2 takes the differences from a base before it turns the categories round, which the specification leaves open. */
function turned(track: Track, categories: readonly number[]): readonly number[] {
  return track === 3 ? categories.map((category) => [2, 1, 0, 3][category]) : categories
}

/** Whose category a list of a main track must give. */
function exceptionIds(track: Track, categories: readonly number[], base: readonly number[]): number[] {
  const common = track === 1 ? commonest(categories) : [track & 3]
  return turned(track, categories).flatMap((category, s) =>
    (track === 2 || track === 3 ? category === base[s] : common.includes(category)) ? [] : [s],
  )
}

/** Number of people in the list of a main track; 1 where there is none. */
export function exceptions(track: Track, categories: readonly number[], base: readonly number[]): number {
  return track === 0 ? 1 : exceptionIds(track, categories, base).length
}

export function mainTrack(track: Track, categories: readonly number[], base: readonly number[] = []): number[] {
  if (track === 0) return packBits(categories, 2)
  const stored = turned(track, categories)
  const ids = exceptionIds(track, categories, base)
  const list = difflist(
    ids,
    categories.length,
    ids.map((s) => stored[s]),
  )
  if (track !== 1) return list
  const [low, high] = commonest(categories)
  const bits = categories.map((category) => Number(category === high))
  return [low * 4 + high - low, ...packBits(bits, 1), ...list]
}

/** How patch sets are stored: a bit for each call of the category, or a list of people; 15 for none. */
export type PatchFormat = 0 | 1

const width1 = (alts: number) =>
  alts === 2 ? 0 : alts === 3 ? 1 : alts <= 5 ? 2 : alts <= 17 ? 4 : alts <= 257 ? 8 : 16
const width2 = (alts: number) => (alts <= 4 ? 2 : alts <= 16 ? 4 : alts <= 256 ? 8 : 16)

/** Calls of other alternate alleles than the first. */
export function patchTracks(
  calls: readonly Call[],
  alts: number,
  formats: readonly [PatchFormat, PatchFormat],
): number[] {
  const samples = calls.length
  const bytes: number[][] = []
  const used: number[] = []
  for (const category of [1, 2]) {
    const people = calls.flatMap((call, s) => (categoryOf(call) === category ? [s] : []))
    const isPatched = (s: number) => Math.max(...(calls[s] as [number, number])) > 1
    const patched = people.filter(isPatched)
    if (patched.length === 0) {
      used.push(15)
      continue
    }
    const format = formats[category - 1]
    used.push(format)
    bytes.push(
      format === 1
        ? difflist(patched, samples)
        : packBits(
            people.map((s) => Number(isPatched(s))),
            1,
          ),
    )
    const pairs = patched.map((s) => calls[s] as [number, number])
    if (category === 1)
      bytes.push(
        packBits(
          pairs.map(([, b]) => b - 2),
          width1(alts),
        ),
      )
    else if (alts === 2)
      bytes.push(
        packBits(
          pairs.map(([a]) => a - 1),
          1,
        ),
      )
    else
      bytes.push(
        packBits(
          pairs.flatMap(([a, b]) => [a - 1, b - 1]),
          width2(alts),
        ),
      )
  }
  return [used[0] | (used[1] << 4), ...bytes.flat()]
}

/** Phases of heterozygous calls: undefined for one that is not phased, else whether its alleles are swapped. */
export function phaseTrack(phases: readonly (boolean | undefined)[]): number[] {
  const swapped = phases.filter((phase) => phase !== undefined).map(Number)
  if (swapped.length === phases.length) return packBits([0, ...swapped], 1)
  return [...packBits([1, ...phases.map((phase) => Number(phase !== undefined))], 1), ...packBits(swapped, 1)]
}

/** How dosages are stored: 1 a list of people, 2 everybody, 3 a bit for each. */
export type DosageForm = 1 | 2 | 3

/** Dosages in 16384ths; undefined for nobody's own, with form 2 then missing (65535). */
export function dosageTracks(
  dosages: readonly (number | undefined)[],
  form: DosageForm,
  phases?: readonly (number | undefined)[],
): number[] {
  const samples = dosages.length
  const ids = dosages.flatMap((dosage, s) => (dosage === undefined && form !== 2 ? [] : [s]))
  const bytes =
    form === 1
      ? difflist(ids, samples)
      : form === 3
        ? packBits(
            dosages.map((d) => Number(d !== undefined)),
            1,
          )
        : []
  const values = ids.flatMap((s) => whole(dosages[s] ?? 65535, 2))
  if (phases === undefined) return [...bytes, ...values]
  const told = (s: number) => phases[s] ?? (form === 2 ? -32768 : undefined)
  return [
    ...bytes,
    ...values,
    ...(form === 2
      ? []
      : packBits(
          ids.map((s) => Number(told(s) !== undefined)),
          1,
        )),
    ...ids.flatMap((s) => {
      const phase = told(s)
      return phase === undefined ? [] : whole(phase < 0 ? phase + 65536 : phase, 2)
    }),
  ]
}

export interface EncodedRecord {
  type: number
  bytes: number[]
}

export interface EncodeOptions {
  typeBits?: 4 | 8
  lengthBytes?: 1 | 2 | 3 | 4
  alleleBytes?: 0 | 1 | 2 | 3
  /** Alleles of each variant, where they are stored. */
  alleles?: readonly number[]
  /** 0 to 3: where provisional references are told. */
  flags?: 0 | 1 | 2 | 3
}

/** A file with records of any size, and its index: in front, or as a file of its own. */
export function encodePgen(
  records: readonly EncodedRecord[],
  samples: number,
  options: EncodeOptions = {},
): { pgen: Uint8Array; external: { pgen: Uint8Array; index: Uint8Array } } {
  const { typeBits = 8, lengthBytes = 4, alleleBytes = 0, alleles = [], flags = 1 } = options
  const blocks: number[][] = []
  const sizes: number[] = []
  for (let first = 0; first < records.length; first += 65536) {
    const part = records.slice(first, first + 65536)
    const block = packBits(
      part.map(({ type }) => type),
      typeBits,
    )
    for (const { bytes } of part) block.push(...whole(bytes.length, lengthBytes))
    if (alleleBytes > 0) for (let v = 0; v < part.length; v++) block.push(...whole(alleles[first + v], alleleBytes))
    if (flags === 3)
      block.push(
        ...packBits(
          part.map((_, v) => v & 1),
          1,
        ),
      )
    blocks.push(block)
    sizes.push(part.reduce((sum, { bytes }) => sum + bytes.length, 0))
  }
  const format = lengthBytes - 1 + (typeBits === 8 ? 4 : 0) + 16 * alleleBytes + 64 * flags
  const end = 12 + 8 * blocks.length + blocks.reduce((sum, block) => sum + block.length, 0)
  const head = (mode: number, records0: number) => {
    const bytes = [0x6c, 0x1b, mode, ...whole(records.length, 4), ...whole(samples, 4), format]
    let at = records0
    for (const size of sizes) {
      bytes.push(...whole(at, 8))
      at += size
    }
    return bytes
  }
  const join = (parts: readonly (readonly number[])[]) => {
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
      bytes.set(part, at)
      at += part.length
    }
    return bytes
  }
  const body = records.map(({ bytes }) => bytes)
  return {
    pgen: join([head(0x10, end), ...blocks, ...body]),
    external: { pgen: join([[0x6c, 0x1b, 0x20], ...body]), index: join([head(0x30, 3), ...blocks]) },
  }
}

/** A file with records of one size: mode 2 calls, 3 dosages, 4 dosages and their phases. */
export function encodeFixedPgen(records: readonly EncodedRecord[], samples: number, mode: 2 | 3 | 4): Uint8Array {
  const head = [0x6c, 0x1b, mode, ...whole(records.length, 4), ...whole(samples, 4), 0x40]
  return Uint8Array.from([...head, ...records.flatMap(({ bytes }) => bytes)])
}
