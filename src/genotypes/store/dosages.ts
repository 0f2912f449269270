import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { wordsPerPlane } from './layout.ts'

/** One copy of alt, in the unit of a dosage. */
export const dosageOne = 16384
/** The dosage of a person of whom nothing is known. */
export const dosageMissing = 65535
/** 0.1 copies: the farthest from a whole number that a hard call may lie, as PLINK 2 has it by default. */
const callDistance = 1638

/** Dosage of each of the codes low + 2 high of a store: 0, 1, 2 copies, missing. */
export const ofCode = [0, dosageOne, 2 * dosageOne, dosageMissing] as const

/**
 * Rows of dosages, one a variant. Row v is bytes [start[v], start[v + 1]) of `rows`, none for a variant that has no
 * dosages. A row is one bit plane of people, in the order of the genotype planes, and for each person with a bit a
 * little-endian 16-bit dosage. Only people whose dosage is not that of their hard call have a bit.
 */
export interface DosageRows {
  /** Variants + 1. */
  readonly start: Uint32Array
  readonly rows: Uint8Array
}

/**
 * The hard call of a dosage, as the code low + 2 high of a store: the nearest whole number of copies where it is within
 * 0.1 (1638 units), otherwise 3, missing.
 * @param dosage units of 1/16384 copies of alt, 0 to 32768, or 65535 for missing
 */
export function hardCall(dosage: number): number {
  const nearest = (dosage + dosageOne / 2) >> 14
  const distance = dosage - nearest * dosageOne
  return distance <= callDistance && -distance <= callDistance && nearest <= 2 ? nearest : 3
}

/** The most bytes of one row. */
export function dosageRowLimit(samples: number): number {
  return 8 * wordsPerPlane(samples) + 2 * samples
}

/**
 * Writes what a store holds of one variant's dosages: their hard calls as the packed record at byte `recordAt`, and their
 * row at byte `rowAt`, with room for `dosageRowLimit`.
 * @returns bytes of the row, 0 where every dosage is that of its hard call
 */
export function encodeDosages(
  dosages: Uint16Array,
  record: Uint8Array,
  recordAt: number,
  row: Uint8Array,
  rowAt: number,
): number {
  const words = wordsPerPlane(dosages.length)
  const k = kernels()
  return k.scope(() => {
    const dosagesAt = k.allocate(128 * words)
    const planesAt = k.allocate(16 * words)
    const encodedAt = k.allocate(8 * words + 128 * words)
    const padded = k.u16(dosagesAt, 64 * words)
    padded.set(dosages)
    padded.fill(0, dosages.length)
    const people = k.call.encodeDosages(dosagesAt, words, planesAt, encodedAt)
    if (people < 0) throw new UpturnError('Internal', 'a dosage is above two copies')
    record.set(k.u8(planesAt, 16 * words), recordAt)
    if (people === 0) return 0
    const bytes = 8 * words + 2 * people
    row.set(k.u8(encodedAt, bytes), rowAt)
    return bytes
  })
}

/**
 * Dosages of every person at one variant, hard calls where a person has no dosage of its own.
 * @param dosages rows of the variant's block or batch, undefined where it has none
 * @param genotypes records of the same variants
 * @param out one value a person
 * @returns whether the variant has dosages
 */
export function readDosages(
  dosages: DosageRows | undefined,
  v: number,
  genotypes: Uint8Array,
  out: Uint16Array,
): boolean {
  const samples = out.length
  const plane = 8 * wordsPerPlane(samples)
  const low = 2 * plane * v
  const high = low + plane
  for (let s = 0; s < samples; s++) {
    const bit = s & 7
    out[s] = ofCode[((genotypes[low + (s >> 3)] >> bit) & 1) | (((genotypes[high + (s >> 3)] >> bit) & 1) << 1)]
  }
  if (dosages === undefined || dosages.start[v] === dosages.start[v + 1]) return false
  const { rows } = dosages
  const mask = dosages.start[v]
  let value = mask + plane
  for (let byte = 0; 8 * byte < samples; byte++)
    for (let bits = rows[mask + byte]; bits !== 0; bits &= bits - 1) {
      const s = 8 * byte + 31 - Math.clz32(bits & -bits)
      out[s] = rows[value] | (rows[value + 1] << 8)
      value += 2
    }
  return true
}

/** Number of variants that have dosages. */
export function variantsWithDosages({ start }: DosageRows): number {
  let count = 0
  for (let v = 1; v < start.length; v++) if (start[v] > start[v - 1]) count++
  return count
}

/**
 * A block's section of `dosages.bin`: for every variant the little-endian 32-bit number of people in its row, then the
 * rows. Nothing where no variant has one.
 */
export function encodeDosageSection({ start, rows }: DosageRows, samples: number): Uint8Array {
  const variants = start.length - 1
  const from = start[0]
  const bytes = start[variants] - from
  if (bytes === 0) return new Uint8Array(0)
  const section = new Uint8Array(4 * variants + bytes)
  const view = new DataView(section.buffer)
  const plane = 8 * wordsPerPlane(samples)
  for (let v = 0; v < variants; v++) {
    const length = start[v + 1] - start[v]
    view.setUint32(4 * v, length === 0 ? 0 : (length - plane) / 2, true)
  }
  section.set(rows.subarray(from, from + bytes), 4 * variants)
  return section
}

/**
 * Rows of a section, or undefined where it is none: lengths that do not add up, people beyond the last, a dosage that is
 * impossible or does not go with its hard call.
 * @param genotypes records of the block
 */
export function decodeDosageSection(
  section: Uint8Array,
  variants: number,
  genotypes: Uint8Array,
  samples: number,
): DosageRows | undefined {
  if (section.length < 4 * variants) return undefined
  const view = new DataView(section.buffer, section.byteOffset)
  const plane = 8 * wordsPerPlane(samples)
  const start = new Uint32Array(variants + 1)
  const rows = section.subarray(4 * variants)
  for (let v = 0; v < variants; v++) {
    const count = view.getUint32(4 * v, true)
    const end = count === 0 ? start[v] : start[v] + plane + 2 * count
    if (count > samples || end > rows.length) return undefined
    start[v + 1] = end
    if (count > 0 && !isRow(rows, start[v], count, genotypes, 2 * plane * v, samples)) return undefined
  }
  return start[variants] === rows.length ? { start, rows } : undefined
}

function isRow(
  rows: Uint8Array,
  at: number,
  count: number,
  genotypes: Uint8Array,
  record: number,
  samples: number,
): boolean {
  const plane = 8 * wordsPerPlane(samples)
  let people = 0
  for (let byte = 0; byte < plane; byte++)
    for (let bits = rows[at + byte]; bits !== 0; bits &= bits - 1) {
      const s = 8 * byte + 31 - Math.clz32(bits & -bits)
      if (s >= samples || people === count) return false
      const value = at + plane + 2 * people++
      const dosage = rows[value] | (rows[value + 1] << 8)
      const call = hardCall(dosage)
      const low = (genotypes[record + byte] >> (s & 7)) & 1
      const high = (genotypes[record + plane + byte] >> (s & 7)) & 1
      if (dosage > 2 * dosageOne || dosage === ofCode[call] || call !== (low | (high << 1))) return false
    }
  return people === count
}
