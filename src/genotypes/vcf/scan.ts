import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import type { BatchBuilder } from '../import/batch.ts'
import { chromosomeRank } from '../import/chromosome.ts'
import { type Counts, count } from '../import/counts.ts'
import { recordBytes, wordsPerPlane } from '../store/layout.ts'

/** What of a VCF file becomes genotypes. Plain data: it travels to workers. */
export interface VcfScanOptions {
  /** Sample columns of the file. */
  readonly samples: number
  /** Bit of each sample column in the planes, -1 to leave a person out. */
  readonly permutation: Int32Array
  /** People in the planes. */
  readonly people: number
  /** Keep records whose FILTER is neither PASS nor missing. */
  readonly keepFiltered: boolean
  /** Calls with a lower GQ or DP become missing; 0 is off, a call without the value is kept. */
  readonly minGq: number
  readonly minDp: number
}

/** A refusal, with the line counted from the first line scanned (0-based) and the byte within the line (0-based). */
export interface LineFailure {
  readonly message: string
  readonly line: number
  readonly column: number
}

// Slots of the kernel's state, the same for text and for BCF.
export const slotNext = 0
const slotLines = 1
export const slotRecords = 2
const slotErrorAt = 4
export const countedSlots: readonly [number, string][] = [
  [5, 'record did not pass FILTER'],
  [6, 'record without GT'],
  [7, 'no alternate allele'],
  [8, 'symbolic allele or breakend'],
  [9, 'spanning deletion allele (*)'],
  [10, 'ambiguous base in an allele'],
  [11, 'call below the GQ or DP limit'],
  [12, 'call with more than two alleles'],
]
export const slotAll = 13
export const slots = 16
export const rowWords = 12

const refusals: Readonly<Record<number, string>> = {
  1: 'a header line stands among the records',
  2: 'the line ends before its last column',
  3: 'there is a control character where a tab should be',
  4: 'the chromosome is empty',
  5: 'the position is not a whole number below 2^31',
  6: 'the ID is empty; write "." where there is none',
  7: 'the reference allele is not a sequence of A, C, G, T and N',
  8: 'an alternate allele is neither a sequence nor a symbolic allele, breakend, "*" or "."',
  9: 'QUAL is neither a number nor "."',
  10: 'FILTER is empty; write "PASS" or "."',
  11: 'INFO is empty; write "." where there is none',
  12: 'FORMAT is empty',
  13: 'GT must be the first key of FORMAT',
  14: 'the line has more columns than the header',
  16: 'the genotype is malformed or names an allele that the record does not have',
  17: 'the genotype is empty or malformed',
  18: 'the record has too many alternate alleles',
  19: 'an alternate allele is named twice; name it once and let the genotypes refer to that one',
}

/** Scratch records of one kernel call. */
export const capacityBytes = 512 << 10

/**
 * Scans whole lines (each ends in a line feed) into a batch.
 * @returns lines scanned, records seen and, when a line was refused, the failure; losses are added to `counts`
 */
export function scanLines(
  text: Uint8Array,
  options: VcfScanOptions,
  batch: BatchBuilder,
  counts: Counts,
): { lines: number; records: number; failure?: LineFailure } {
  const { samples, people, permutation } = options
  if (text.length === 0) return { lines: 0, records: 0 }
  if (text[text.length - 1] !== 10 || text.length > 0x7fff0000 || permutation.length !== samples)
    throw new UpturnError('Internal', 'text handed to the VCF scan is not made of whole lines')
  for (const bit of permutation)
    if (bit < -1 || bit >= people) throw new UpturnError('Internal', 'a sample column has no place in the planes')
  const words = wordsPerPlane(people)
  const bytesPerRecord = recordBytes(people)
  const capacity = Math.max(64, Math.min(4096, Math.floor(capacityBytes / Math.max(1, bytesPerRecord))))
  const k = kernels()
  return k.scope(() => {
    const textAt = k.allocate(text.length + 64)
    const permutationAt = k.put(permutation.map((bit) => (bit < 0 ? 64 * words : bit)))
    const codesAt = k.allocate(64 * words + 1)
    const allelesAt = k.allocate(4 * samples)
    const planesAt = k.allocate(capacity * bytesPerRecord)
    const rowsAt = k.allocate(capacity * rowWords * 4)
    const stateAt = k.allocate(slots * 4)
    const memory = k.u8(textAt, text.length + 64)
    memory.set(text)
    memory.fill(10, text.length)
    const state = k.i32(stateAt, slots)
    state.fill(0)
    const rows = k.i32(rowsAt, capacity * rowWords)
    const planes = k.u8(planesAt, capacity * bytesPerRecord)
    let code = 0
    let lastChrom = ''
    let lastRank = -1
    let chromStart = -1
    let chromEnd = -1
    const sameChrom = (start: number, end: number): boolean => {
      if (end - start !== chromEnd - chromStart) return false
      for (let b = 0; b < end - start; b++) if (text[start + b] !== text[chromStart + b]) return false
      return true
    }
    while (code === 0 && state[slotNext] < text.length) {
      state[slotRecords] = 0
      code = k.call.scanVcf(
        textAt,
        text.length,
        samples,
        permutationAt,
        words,
        options.keepFiltered ? 1 : 0,
        options.minGq,
        options.minDp,
        allelesAt,
        codesAt,
        planesAt,
        rowsAt,
        capacity,
        stateAt,
      )
      const records = state[slotRecords]
      for (let r = 0; r < records; r++) {
        const row = r * rowWords
        const start = rows[row]
        const end = rows[row + 1]
        if (chromStart < 0 || !sameChrom(start, end)) {
          lastChrom = new TextDecoder().decode(text.subarray(start, end))
          lastRank = chromosomeRank(lastChrom)
          chromStart = start
          chromEnd = end
        }
        if (lastRank < 0) {
          count(counts, 'contig that is not studied', 1)
          continue
        }
        const position = rows[row + 2]
        if (position === 0) {
          count(counts, 'no position', 1)
          continue
        }
        const added = batch.add(
          lastRank,
          position,
          { text, start: rows[row + 5], end: rows[row + 6] },
          { text, start: rows[row + 7], end: rows[row + 8] },
          { text, start: rows[row + 3], end: rows[row + 4] },
          planes,
          r * bytesPerRecord,
        )
        if (!added) count(counts, 'alternate allele equals the reference', 1)
      }
    }
    for (const [slot, reason] of countedSlots) count(counts, reason, state[slot])
    const lines = state[slotLines]
    const records = state[slotAll]
    if (code === 0) return { lines, records }
    const column = state[slotErrorAt] - state[slotNext]
    return { lines, records, failure: { message: refusals[code], line: lines, column } }
  })
}
