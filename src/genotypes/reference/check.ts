import { UpturnError } from '../../errors/index.ts'
import type { ColumnBatch } from '../../host/host.ts'
import type { ReferenceSummary } from '../../results/genotypes.ts'
import { type FileOrder, gather, sortBatch, type VariantBatch, type VariantPlace } from '../import/batch.ts'
import { chromosomes } from '../import/chromosome.ts'
import { type Counts, count, sortedCounts } from '../import/counts.ts'
import { exchangeAlleles } from '../store/exchange.ts'
import { recordBytes } from '../store/layout.ts'
import type { ReferenceSequence } from './fasta.ts'
import { baseAt, furthestShift, leftAlign } from './left-align.ts'

/** Share of variants with no allele of the reference beyond which the files are refused, where these are more than a handful. */
export const mismatchShare = 0.01
const mismatchesAllowed = 5
/** So many of so many are another build, whatever follows. */
const surelyWrong = { compared: 20_000, share: 0.1 }
/** Bases that variants are held back for those that move left behind them. */
const reach = 4096

/** Why a variant is left out. */
export const referenceReasons = {
  mismatch: 'no allele is that of the reference',
  noBase: 'the reference has no base there',
  ambiguous: 'the alternate allele is that of the reference, and strand-ambiguous',
  notSnv: 'the alternate allele is that of the reference, in a variant that is no SNV',
  absent: 'chromosome that the reference does not have',
  tooFar: `indel that left-aligns over more than ${furthestShift} bases`,
} as const

/** A variant that does not agree with the reference. */
export interface ReferenceRow {
  file: string
  chromosome: string
  position: number
  ref: string
  alt: string
  rsid: string
  /** Bases of the reference where `ref` should stand. */
  reference: string
  action: 'dropped' | 'exchanged'
  reason: string
}

type Finding = 'same' | 'exchange' | keyof typeof referenceReasons

const complementOf: Readonly<Record<number, number>> = { 65: 84, 67: 71, 71: 67, 84: 65 }
const decoder = new TextDecoder()

/** Alleles that a file wrote: trimmed to a key, and what trimming took off them. */
interface WrittenVariant {
  rank: number
  /** Of the trimmed alleles. */
  position: number
  ref: Uint8Array
  alt: Uint8Array
  before: string
  after: string
}

/** A variant that goes on under another key. */
interface ChangedVariant {
  place: VariantPlace
  position: number
  line: Uint8Array
  exchange: boolean
}

/**
 * Compares variants with a reference sequence on their way into a store. The whole reference allele as the file wrote it must be what the
 * sequence has. Where it is not, and an SNV that is not strand-ambiguous has the sequence's base as alternate allele, the two
 * are exchanged, which is exact; every other variant is left out. Indels are left-aligned. All of it is counted, and told to `onRows`.
 * When more than 1% (and more than 5) have no allele of the sequence, `finish` refuses: the positions are of another build.
 */
export class ReferenceChecker {
  readonly #reference: ReferenceSequence
  readonly #samples: number
  readonly #onRows: (rows: readonly ReferenceRow[]) => Promise<void> | void
  readonly #dropped: Counts = {}
  #compared = 0
  #exchanged = 0
  #leftAligned = 0
  #mismatched = 0
  #example: ReferenceRow | undefined

  constructor(
    reference: ReferenceSequence,
    samples: number,
    onRows: (rows: readonly ReferenceRow[]) => Promise<void> | void = () => undefined,
  ) {
    this.#reference = reference
    this.#samples = samples
    this.#onRows = onRows
  }

  /** The batch as the reference has it, sorted, with an order that leaves room for what moves left. */
  async check(
    batch: VariantBatch,
    order: FileOrder,
    file: string,
    signal?: AbortSignal,
  ): Promise<{ batch: VariantBatch; order: FileOrder }> {
    const n = batch.rank.length
    const { lines, lineStart, rank, position } = batch
    const { trimmed = [], ...rest } = order
    const rows: ReferenceRow[] = []
    const changed: ChangedVariant[] = []
    // Of each variant: -1 stays as it is, -2 is left out, otherwise its place in `changed`.
    const fate = new Int32Array(n).fill(-1)
    let anyDropped = false
    let nextTrimmed = 0
    for (let v = 0; v < n; v++) {
      const bases = trimmed[nextTrimmed]?.variant === v ? trimmed[nextTrimmed++] : undefined
      const refStart = lines.indexOf(9, lines.indexOf(9, lineStart[v]) + 1) + 1
      const isSnv = lines[refStart + 1] === 9 && lines[refStart + 3] === 9
      if (isSnv && bases === undefined && this.#reference.base(rank[v], position[v]) === lines[refStart]) {
        this.#compared++
        continue
      }
      const altStart = lines.indexOf(9, refStart) + 1
      const idStart = lines.indexOf(9, altStart) + 1
      const variant: WrittenVariant = {
        rank: rank[v],
        position: position[v],
        ref: lines.subarray(refStart, altStart - 1),
        alt: lines.subarray(altStart, idStart - 1),
        before: bases?.before ?? '',
        after: bases?.after ?? '',
      }
      const tail = lines.subarray(idStart, lineStart[v + 1])
      let finding = await this.#compare(variant, signal)
      if (finding === 'same' && !isSnv) {
        const aligned = await leftAlign(this.#reference, variant.rank, variant, signal)
        if (aligned === undefined) finding = 'tooFar'
        else if (aligned.position !== variant.position) {
          this.#leftAligned++
          fate[v] = changed.length
          changed.push({
            place: { batch, index: v },
            position: aligned.position,
            line: keyLine(variant.rank, aligned.position, aligned.ref, aligned.alt, tail),
            exchange: false,
          })
        }
      }
      if (finding === 'same') continue
      rows.push(await this.#row(variant, finding, file, tail.subarray(0, -1), signal))
      if (finding === 'exchange') {
        this.#exchanged++
        fate[v] = changed.length
        changed.push({
          place: { batch, index: v },
          position: variant.position,
          line: keyLine(variant.rank, variant.position, variant.alt, variant.ref, tail),
          exchange: true,
        })
      } else {
        count(this.#dropped, referenceReasons[finding], 1)
        fate[v] = -2
        anyDropped = true
      }
    }
    if (rows.length > 0) await this.#onRows(rows)
    if (this.#compared >= surelyWrong.compared && this.#mismatched > surelyWrong.share * this.#compared)
      throw this.#wrongBuild()
    const checked = { ...rest, reach }
    if (!anyDropped && changed.length === 0) return { batch, order: checked }
    const bytes = recordBytes(this.#samples)
    const renewed = this.#renewed(changed)
    const places: VariantPlace[] = []
    for (let v = 0; v < n; v++)
      if (fate[v] >= 0) places.push({ batch: renewed, index: fate[v] })
      else if (fate[v] === -1) places.push({ batch, index: v })
    return { batch: sortBatch(gather(places, bytes), bytes), order: checked }
  }

  /** What the check found; refuses files of another build. */
  finish(): ReferenceSummary {
    if (this.#mismatched > mismatchesAllowed && this.#mismatched > mismatchShare * this.#compared)
      throw this.#wrongBuild()
    return {
      file: this.#reference.path,
      sha256: this.#reference.sha256,
      compared: this.#compared,
      exchanged: this.#exchanged,
      leftAligned: this.#leftAligned,
      dropped: sortedCounts(this.#dropped),
    }
  }

  async #compare(variant: WrittenVariant, signal?: AbortSignal): Promise<Finding> {
    const { rank, position, ref, alt, before, after } = variant
    if (this.#reference.length(rank) === 0) return 'absent'
    this.#compared++
    const refText = before + decoder.decode(ref) + after
    const altText = before + decoder.decode(alt) + after
    const found = await this.#bases(rank, position - before.length, Math.max(refText.length, altText.length), signal)
    if (found.startsWith(refText) && !refText.includes('N')) return 'same'
    const place = found.slice(0, refText.length)
    if (place.length < refText.length || place.includes('N')) {
      this.#mismatched++
      return 'noBase'
    }
    if (found.startsWith(altText)) {
      if (ref.length > 1 || alt.length > 1) return 'notSnv'
      return complementOf[ref[0]] === alt[0] ? 'ambiguous' : 'exchange'
    }
    this.#mismatched++
    return 'mismatch'
  }

  async #bases(rank: number, position: number, length: number, signal?: AbortSignal): Promise<string> {
    let text = ''
    for (let k = 0; k < length; k++) {
      let base = this.#reference.base(rank, position + k)
      if (base < 0) base = await baseAt(this.#reference, rank, position + k, signal)
      if (base === 0) break
      text += String.fromCharCode(base)
    }
    return text
  }

  async #row(
    variant: WrittenVariant,
    finding: Finding,
    file: string,
    id: Uint8Array,
    signal?: AbortSignal,
  ): Promise<ReferenceRow> {
    const { rank, position, ref, alt, before, after } = variant
    const refText = before + decoder.decode(ref) + after
    const row: ReferenceRow = {
      file,
      chromosome: chromosomes[rank],
      position: position - before.length,
      ref: refText,
      alt: before + decoder.decode(alt) + after,
      rsid: decoder.decode(id),
      reference: await this.#bases(rank, position - before.length, Math.min(refText.length, longestShown), signal),
      action: finding === 'exchange' ? 'exchanged' : 'dropped',
      reason:
        finding === 'exchange'
          ? 'the alternate allele is that of the reference'
          : referenceReasons[finding as keyof typeof referenceReasons],
    }
    if (finding === 'mismatch' || finding === 'noBase') this.#example ??= row
    return row
  }

  /** Changed variants with their new keys, calls of exchanged ones counting the other allele. */
  #renewed(changed: readonly ChangedVariant[]): VariantBatch {
    const copied = gather(
      changed.map(({ place }) => place),
      recordBytes(this.#samples),
    )
    const lineStart = new Uint32Array(changed.length + 1)
    for (const [k, { line }] of changed.entries()) lineStart[k + 1] = lineStart[k] + line.length
    const lines = new Uint8Array(lineStart[changed.length])
    for (const [k, { line, exchange }] of changed.entries()) {
      lines.set(line, lineStart[k])
      if (exchange) exchangeAlleles(copied.genotypes, k, this.#samples, copied.dosages)
    }
    return { ...copied, position: Int32Array.from(changed, ({ position }) => position), lines, lineStart }
  }

  #wrongBuild(): UpturnError {
    const share = ((100 * this.#mismatched) / this.#compared).toFixed(1)
    const seen = this.#example
    const example =
      seen === undefined
        ? ''
        : `, such as ${seen.chromosome}:${seen.position}:${seen.ref}:${seen.alt} where it has ${seen.reference === '' ? 'nothing' : seen.reference}`
    return new UpturnError(
      'ReferenceMismatch',
      `${this.#mismatched} of ${this.#compared} variants (${share}%) have no allele of the reference sequence ${this.#reference.path}${example}; more than ${100 * mismatchShare}% means that the positions are of another build, or that alleles were written for the other strand`,
      {
        place: { file: seen?.file },
        details: { compared: this.#compared, mismatched: this.#mismatched },
      },
    )
  }
}

/** Bases of the reference that a row shows. */
const longestShown = 1000

/** Rows as columns of `reference.parquet`. */
export function referenceColumns(rows: readonly ReferenceRow[], first: number, cohort: string | null): ColumnBatch {
  return {
    row: rows.map((_, k) => first + k),
    cohort: rows.map(() => cohort),
    file: rows.map((row) => row.file),
    chromosome: rows.map((row) => row.chromosome),
    position: rows.map((row) => row.position),
    ref: rows.map((row) => row.ref),
    alt: rows.map((row) => row.alt),
    rsid: rows.map((row) => (row.rsid === '' ? null : row.rsid)),
    reference: rows.map((row) => row.reference),
    action: rows.map((row) => row.action),
    reason: rows.map((row) => row.reason),
  }
}

const encoder = new TextEncoder()

/** A key line; `tail` is the id with its line feed. */
function keyLine(rank: number, position: number, ref: Uint8Array, alt: Uint8Array, tail: Uint8Array): Uint8Array {
  const head = encoder.encode(`${chromosomes[rank]}\t${position}\t`)
  const line = new Uint8Array(head.length + ref.length + alt.length + tail.length + 2)
  line.set(head)
  let at = head.length
  line.set(ref, at)
  at += ref.length
  line[at++] = 9
  line.set(alt, at)
  at += alt.length
  line[at++] = 9
  line.set(tail, at)
  return line
}
