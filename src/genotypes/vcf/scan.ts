import { UpturnError } from '../../errors/index.ts'
import { type Kernels, kernels } from '../../numerics/kernels.ts'
import type { BatchBuilder } from '../import/batch.ts'
import { chromosomeRank } from '../import/chromosome.ts'
import { type Counts, count } from '../import/counts.ts'
import { addInto } from '../import/depths.ts'
import { recordBytes, wordsPerPlane } from '../store/layout.ts'
import { type CallOptions, callLimits, scanCapacity } from './call-options.ts'
import { type KernelTables, slotsOf } from './declarations.ts'
import { type LineFailure, lineFailure } from './refusals.ts'
import type { VersionRules } from './version.ts'

export interface VcfScanOptions extends CallOptions {
  readonly rules: VersionRules
  readonly tables: KernelTables
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
  [14, 'call outside the allele balance'],
]
export const slotAll = 13
export const slots = 20
export const rowWords = 12

/** Slots of the kernel's table of undeclared INFO keys. */
const unknownSlots = 2048
/** Bytes that must be readable behind the text. */
export const textPadding = 64

/** What one scan of lines found. */
export interface ScannedLines {
  readonly lines: number
  readonly records: number
  readonly failure?: LineFailure
}

/** Scratch memory of scans, for as long as the scope of the kernels lasts in which it was made. */
export class VcfScanner {
  readonly #k: Kernels
  readonly #options: VcfScanOptions
  readonly #bytesPerRecord: number
  readonly #doseWords: number
  readonly #capacity: number
  readonly #optionsAt: number
  readonly #tablesAt: number
  readonly #permutationAt: number
  readonly #allelesAt: number
  readonly #cellsAt: number
  readonly #codesAt: number
  readonly #planesAt: number
  readonly #dosesAt: number
  readonly #rowsAt: number
  readonly #stateAt: number
  readonly #depthsAt: number
  readonly #ranks = new Map<string, number>()

  constructor(options: VcfScanOptions, k: Kernels = kernels()) {
    const { samples, people, permutation, rules, tables } = options
    if (permutation.length !== samples)
      throw new UpturnError('Internal', 'the sample columns of a VCF file have no places in the planes')
    for (const bit of permutation)
      if (bit < -1 || bit >= people) throw new UpturnError('Internal', 'a sample column has no place in the planes')
    this.#k = k
    this.#options = options
    const words = wordsPerPlane(people)
    this.#bytesPerRecord = recordBytes(people)
    this.#doseWords = 64 * words
    this.#capacity = scanCapacity(people, options.dosages)
    const zeroed = (bytes: number) => {
      const at = k.allocate(bytes)
      k.u8(at, bytes).fill(0)
      return at
    }
    const pointers = [
      k.put(tables.info),
      k.put(tables.format),
      k.put(tables.contigs),
      zeroed(4 * slotsOf(tables.info)),
      zeroed(16 * unknownSlots),
      zeroed(k.call.vcfFormatBytes()),
    ]
    this.#tablesAt = k.put(Uint32Array.from(pointers))
    this.#depthsAt = zeroed(16 * people)
    this.#optionsAt = k.put(
      Int32Array.of(
        samples,
        words,
        Number(rules.strict),
        Number(rules.phasePrefix),
        Number(rules.localAlleles),
        this.#capacity,
        this.#depthsAt,
        ...callLimits(options),
      ),
    )
    this.#permutationAt = k.put(permutation.map((bit) => (bit < 0 ? 64 * words : bit)))
    this.#allelesAt = k.allocate(4 * samples)
    this.#cellsAt = k.allocate(4 * samples)
    this.#codesAt = k.allocate(64 * words + 1)
    this.#planesAt = k.allocate(this.#capacity * this.#bytesPerRecord)
    this.#dosesAt = k.allocate(options.dosages ? this.#capacity * 2 * this.#doseWords : 0)
    this.#rowsAt = k.allocate(this.#capacity * rowWords * 4)
    this.#stateAt = zeroed(slots * 4)
  }

  /**
   * Scans whole lines (each ends in a line feed) that lie in kernel memory, `textPadding` readable bytes behind them, into a
   * batch; losses are added to `counts`.
   */
  scan(textAt: number, length: number, batch: BatchBuilder, counts: Counts): ScannedLines {
    if (length === 0) return { lines: 0, records: 0 }
    const k = this.#k
    const { people } = this.#options
    const bytes = this.#bytesPerRecord
    const text = k.u8(textAt, length)
    if (text[length - 1] !== 10 || length > 0x7fff0000)
      throw new UpturnError('Internal', 'text handed to the VCF scan is not made of whole lines')
    const state = k.i32(this.#stateAt, slots)
    const stamp = state[15]
    state.fill(0)
    state[15] = stamp
    const rows = k.i32(this.#rowsAt, this.#capacity * rowWords)
    const planes = k.u8(this.#planesAt, this.#capacity * bytes)
    let code = 0
    let lastRank = -1
    let chromStart = -1
    let chromEnd = -1
    const sameChrom = (start: number, end: number): boolean => {
      if (end - start !== chromEnd - chromStart) return false
      for (let b = 0; b < end - start; b++) if (text[start + b] !== text[chromStart + b]) return false
      return true
    }
    while (code === 0 && state[slotNext] < length) {
      state[slotRecords] = 0
      code = k.call.scanVcf(
        textAt,
        length,
        this.#optionsAt,
        this.#tablesAt,
        this.#permutationAt,
        this.#allelesAt,
        this.#cellsAt,
        this.#codesAt,
        this.#planesAt,
        this.#dosesAt,
        this.#rowsAt,
        this.#stateAt,
      )
      const records = state[slotRecords]
      for (let r = 0; r < records; r++) {
        const row = r * rowWords
        const start = rows[row]
        const end = rows[row + 1]
        if (chromStart < 0 || !sameChrom(start, end)) {
          lastRank = this.#rankOf(text, start, end)
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
          r * bytes,
          rows[row + 10] === 0 ? undefined : k.u16(this.#dosesAt + 2 * this.#doseWords * r, people),
        )
        if (!added) count(counts, 'alternate allele equals the reference', 1)
      }
    }
    for (const [slot, reason] of countedSlots) count(counts, reason, state[slot])
    const lines = state[slotLines]
    const records = state[slotAll]
    if (code === 0) return { lines, records }
    const lineStart = state[slotNext]
    const feed = text.indexOf(10, lineStart)
    const line = text.subarray(lineStart, feed < 0 ? length : feed)
    return { lines, records, failure: lineFailure(code, line, lines, state[slotErrorAt] - lineStart) }
  }

  /** Adds what DP said of the lines scanned so far: sum and calls of every person. */
  addDepths(to: Float64Array): void {
    addInto(to, this.#k.f64(this.#depthsAt, to.length))
  }

  #rankOf(text: Uint8Array, start: number, end: number): number {
    const name = new TextDecoder().decode(text.slice(start, end))
    const known = this.#ranks.get(name)
    if (known !== undefined) return known
    const rank = chromosomeRank(name)
    if (this.#ranks.size < 4096) this.#ranks.set(name, rank)
    return rank
  }
}

/** Scans whole lines of text, for tests and single lines: `VcfScanner` for text that is not in kernel memory. */
export function scanLines(
  lines: Uint8Array,
  options: VcfScanOptions,
  batch: BatchBuilder,
  counts: Counts,
): ScannedLines {
  const k = kernels()
  return k.scope(() => {
    const scanner = new VcfScanner(options, k)
    const at = k.allocate(lines.length + textPadding)
    k.u8(at, lines.length).set(lines)
    return scanner.scan(at, lines.length, batch, counts)
  })
}
