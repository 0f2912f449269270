import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import type { BatchBuilder } from '../import/batch.ts'
import { type Counts, count } from '../import/counts.ts'
import { addInto } from '../import/depths.ts'
import { recordBytes, wordsPerPlane } from '../store/layout.ts'
import { type CallOptions, callLimits, scanCapacity } from '../vcf/call-options.ts'
import { countedSlots, rowWords, slotAll, slotNext, slotRecords, slots } from '../vcf/scan.ts'

/** What records of a file refer to by number. */
export interface BcfNumbers {
  /** Numbers of PASS, GT, GQ, DP, AD and DS, -1 where the header does not define one. */
  readonly keys: Int32Array
  /** DS is declared to have one value an alternate allele. */
  readonly dosePerAllele: boolean
  /** Rank of each contig, -1 for one that is not studied, -2 for a number that no contig has. */
  readonly ranks: Int32Array
}

/** A refusal: the byte of the records at which the refused one begins. */
export interface RecordFailure {
  readonly message: string
  readonly at: number
}

const refusals: Readonly<Record<number, string>> = {
  5: 'the position is below 0 or not below 2^31',
  7: 'the reference allele is not a sequence of A, C, G, T and N',
  8: 'an alternate allele is neither a sequence nor a symbolic allele, breakend, "*" or "."',
  13: 'GT must be the first key of FORMAT',
  16: 'a genotype is malformed or names an allele that the record does not have',
  18: 'the record has too many alternate alleles',
  19: 'an alternate allele is named twice; name it once and let the genotypes refer to that one',
  20: 'the record is shorter than its fixed fields',
  21: 'the record names a contig that the header does not define',
  22: 'the record holds another number of samples than the header',
  23: 'a value is of an unknown type or reaches beyond the end of its record',
  24: 'INFO does not end where the record says',
  25: 'the genotype fields do not end where the record says',
  26: 'FILTER is no vector of whole numbers',
  27: 'GT is no vector of whole numbers',
  28: 'the ID holds a control character',
  29: 'AD is no vector of whole numbers',
  30: 'DS is no vector of numbers',
  31: 'a dosage (DS) is not a number of copies from 0 to 2 (to 1 for a haploid call)',
}

/**
 * Scans whole records into a batch; adds to `depths` what DP says.
 * @returns records scanned and, when one was refused, the failure; losses are added to `counts`
 */
export function scanRecords(
  bytes: Uint8Array,
  options: CallOptions,
  numbers: BcfNumbers,
  batch: BatchBuilder,
  counts: Counts,
  depths: Float64Array,
): { records: number; failure?: RecordFailure } {
  const { samples, people, permutation } = options
  if (bytes.length === 0) return { records: 0 }
  if (bytes.length > 0x7fff0000 || permutation.length !== samples)
    throw new UpturnError('Internal', 'records handed to the BCF scan do not fit')
  for (const bit of permutation)
    if (bit < -1 || bit >= people) throw new UpturnError('Internal', 'a sample has no place in the planes')
  const inOrder = permutation.every((bit, s) => bit === s)
  const words = wordsPerPlane(people)
  const bytesPerRecord = recordBytes(people)
  const doseBytes = 128 * words
  const dosed = options.dosages && numbers.keys[5] >= 0
  const capacity = scanCapacity(people, dosed)
  const k = kernels()
  return k.scope(() => {
    const bytesAt = k.allocate(bytes.length + 64)
    const permutationAt = k.put(permutation.map((bit) => (bit < 0 ? 64 * words : bit)))
    const ranksAt = k.put(numbers.ranks)
    const keysAt = k.put(numbers.keys)
    const codesAt = k.allocate(64 * words + 32)
    const allelesAt = k.allocate(4 * samples)
    const cellsAt = k.allocate(4 * samples)
    const dosesAt = k.allocate(dosed ? capacity * doseBytes : 0)
    const planesAt = k.allocate(capacity * bytesPerRecord)
    const rowsAt = k.allocate(capacity * rowWords * 4)
    const stateAt = k.allocate(slots * 4)
    const depthsAt = k.put(new Float64Array(2 * people))
    const head = [
      samples,
      Number(inOrder),
      words,
      numbers.ranks.length,
      capacity,
      Number(numbers.dosePerAllele),
      depthsAt,
    ]
    const optionsAt = k.put(Int32Array.of(...head, ...callLimits(options)))
    k.u8(bytesAt, bytes.length).set(bytes)
    const state = k.i32(stateAt, slots)
    state.fill(0)
    const rows = k.i32(rowsAt, capacity * rowWords)
    const planes = k.u8(planesAt, capacity * bytesPerRecord)
    let code = 0
    while (code === 0 && state[slotNext] < bytes.length) {
      state[slotRecords] = 0
      code = k.call.scanBcf(
        bytesAt,
        bytes.length,
        optionsAt,
        ranksAt,
        keysAt,
        permutationAt,
        allelesAt,
        cellsAt,
        codesAt,
        planesAt,
        dosesAt,
        rowsAt,
        stateAt,
      )
      const records = state[slotRecords]
      for (let r = 0; r < records; r++) {
        const row = r * rowWords
        const rank = numbers.ranks[rows[row]]
        const position = rows[row + 2]
        if (rank < 0) count(counts, 'contig that is not studied', 1)
        else if (position === 0) count(counts, 'no position', 1)
        else {
          const added = batch.add(
            rank,
            position,
            { text: bytes, start: rows[row + 5], end: rows[row + 6] },
            { text: bytes, start: rows[row + 7], end: rows[row + 8] },
            { text: bytes, start: rows[row + 3], end: rows[row + 4] },
            planes,
            r * bytesPerRecord,
            rows[row + 10] === 0 ? undefined : k.u16(dosesAt + doseBytes * r, people),
          )
          if (!added) count(counts, 'alternate allele equals the reference', 1)
        }
      }
    }
    addInto(depths, k.f64(depthsAt, 2 * people))
    for (const [slot, reason] of countedSlots) count(counts, reason, state[slot])
    const records = state[slotAll]
    if (code === 0) return { records }
    return { records, failure: { message: refusals[code], at: state[slotNext] } }
  })
}
