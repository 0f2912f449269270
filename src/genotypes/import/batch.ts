import { UpturnError } from '../../errors/index.ts'
import { type DosageRows, dosageRowLimit, encodeDosages } from '../store/dosages.ts'
import { recordBytes } from '../store/layout.ts'
import { chromosomes } from './chromosome.ts'

/**
 * Variants on their way into a store. `lines` holds one key line a variant as in `variants.bin`; line v is
 * [lineStart[v], lineStart[v + 1]).
 */
export interface VariantBatch {
  readonly rank: Uint8Array
  readonly position: Int32Array
  readonly lines: Uint8Array
  readonly lineStart: Uint32Array
  /** Records of the packed store. */
  readonly genotypes: Uint8Array
  /** Absent where no variant has dosages. */
  readonly dosages?: DosageRows
}

/** Where a batch's variants stood in their file, before trimming moved any of them to the right. */
export interface FileOrder {
  /** Records that were kept never went back to an earlier chromosome or position. */
  readonly ordered: boolean
  readonly firstRank: number
  readonly firstPosition: number
  readonly lastRank: number
  readonly lastPosition: number
  /** In the order of the sorted batch: what the reference alleles of the file say beside the trimmed ones. */
  readonly trimmed?: readonly TrimmedBases[]
  /** Bases by which the key of a later record may lie before the record; keys lie at it or to its right where absent. */
  readonly reach?: number
}

/** Shared bases on either side of a trimmed reference allele, in upper case. */
export interface TrimmedBases {
  /** Place of the variant in the batch. */
  readonly variant: number
  readonly before: string
  readonly after: string
}

const tab = 9
const prefixes = chromosomes.map((name) => new TextEncoder().encode(`${name}\t`))

/** One allele as bytes [start, end) of a text. */
export interface AlleleBytes {
  readonly text: Uint8Array
  readonly start: number
  readonly end: number
}

/** Collects variants in file order, with keys normalised; `finish` sorts them. */
export class BatchBuilder {
  readonly #samples: number
  readonly #recordBytes: number
  #count = 0
  #rank = new Uint8Array(1024)
  #position = new Int32Array(1024)
  #lineStart = new Uint32Array(1025)
  #lines = new Uint8Array(65536)
  #linesEnd = 0
  #genotypes: Uint8Array
  #dosageStart: Uint32Array | undefined
  #dosages = new Uint8Array(0)
  #dosagesEnd = 0
  #encodedRow: Uint8Array | undefined
  #encodedRecord: Uint8Array | undefined
  readonly #trimmed: TrimmedBases[] = []
  #ordered = true
  #firstRank = -1
  #firstPosition = 0
  #lastRank = -1
  #lastPosition = 0

  constructor(samples: number) {
    this.#samples = samples
    this.#recordBytes = recordBytes(samples)
    this.#genotypes = new Uint8Array(64 * this.#recordBytes)
  }

  get bytes(): number {
    return this.#linesEnd + this.#count * (this.#recordBytes + 9) + this.#dosagesEnd
  }

  /**
   * Adds a variant: alleles to upper case, bases that both share trimmed, first from the right and then from the left.
   * False, and nothing is added, when the alleles are the same.
   * @param record where its genotype record begins in `genotypes`
   * @param dosages one value a person in the order of the planes, in 16384ths of a copy of alt (0 to 32768), 65535
   * missing; needed only where somebody's is no whole number. The hard calls are then made from them, by `hardCall`,
   * and `genotypes` is not read.
   */
  add(
    rank: number,
    rawPosition: number,
    ref: AlleleBytes,
    alt: AlleleBytes,
    id: AlleleBytes,
    genotypes: Uint8Array,
    record: number,
    dosages?: Uint16Array,
  ): boolean {
    if (dosages === undefined) return this.addEncoded(rank, rawPosition, ref, alt, id, genotypes, record)
    if (dosages.length !== this.#samples)
      throw new UpturnError('Internal', 'the dosages of a variant do not fit the number of people')
    this.#encodedRow ??= new Uint8Array(dosageRowLimit(this.#samples))
    this.#encodedRecord ??= new Uint8Array(this.#recordBytes)
    const bytes = encodeDosages(dosages, this.#encodedRecord, 0, this.#encodedRow, 0)
    const row = bytes === 0 ? undefined : this.#encodedRow.subarray(0, bytes)
    return this.addEncoded(rank, rawPosition, ref, alt, id, this.#encodedRecord, 0, row)
  }

  /**
   * Adds a variant as `add` does.
   * @param row what `encodeDosages` writes of its dosages; `genotypes` then holds their hard calls
   */
  addEncoded(
    rank: number,
    rawPosition: number,
    ref: AlleleBytes,
    alt: AlleleBytes,
    id: AlleleBytes,
    genotypes: Uint8Array,
    record: number,
    row?: Uint8Array,
  ): boolean {
    let refStart = ref.start
    let refEnd = ref.end
    let altStart = alt.start
    let altEnd = alt.end
    while (
      refEnd - refStart > 1 &&
      altEnd - altStart > 1 &&
      (ref.text[refEnd - 1] & 0xdf) === (alt.text[altEnd - 1] & 0xdf)
    ) {
      refEnd--
      altEnd--
    }
    while (
      refEnd - refStart > 1 &&
      altEnd - altStart > 1 &&
      (ref.text[refStart] & 0xdf) === (alt.text[altStart] & 0xdf)
    ) {
      refStart++
      altStart++
    }
    if (
      refEnd - refStart === 1 &&
      altEnd - altStart === 1 &&
      (ref.text[refStart] & 0xdf) === (alt.text[altStart] & 0xdf)
    )
      return false
    const position = rawPosition + (refStart - ref.start)
    const v = this.#count
    if (refStart > ref.start || refEnd < ref.end)
      this.#trimmed.push({
        variant: v,
        before: upperCase(ref.text, ref.start, refStart),
        after: upperCase(ref.text, refEnd, ref.end),
      })
    const noId = id.end - id.start === 1 && id.text[id.start] === 0x2e
    this.#reserve(refEnd - refStart + altEnd - altStart + (id.end - id.start) + 24)
    this.#rank[v] = rank
    this.#position[v] = position
    const lines = this.#lines
    let at = this.#linesEnd
    const prefix = prefixes[rank]
    for (let k = 0; k < prefix.length; k++) lines[at++] = prefix[k]
    let divisor = 1
    while (divisor * 10 <= position) divisor *= 10
    for (let left = position; divisor >= 1; divisor = Math.floor(divisor / 10)) {
      const digit = Math.floor(left / divisor)
      lines[at++] = 48 + digit
      left -= digit * divisor
    }
    lines[at++] = tab
    for (let k = refStart; k < refEnd; k++) lines[at++] = ref.text[k] & 0xdf
    lines[at++] = tab
    for (let k = altStart; k < altEnd; k++) lines[at++] = alt.text[k] & 0xdf
    lines[at++] = tab
    if (!noId) for (let k = id.start; k < id.end; k++) lines[at++] = id.text[k]
    lines[at++] = 10
    this.#linesEnd = at
    this.#lineStart[v + 1] = at
    const bytes = this.#recordBytes
    this.#genotypes.set(genotypes.subarray(record, record + bytes), v * bytes)
    if (row !== undefined) this.#addRow(row)
    if (this.#dosageStart !== undefined) this.#dosageStart[v + 1] = this.#dosagesEnd
    if (v === 0) {
      this.#firstRank = rank
      this.#firstPosition = rawPosition
    } else if (rank < this.#lastRank || (rank === this.#lastRank && rawPosition < this.#lastPosition))
      this.#ordered = false
    this.#lastRank = rank
    this.#lastPosition = rawPosition
    this.#count++
    return true
  }

  /** What was collected, sorted by key; equal keys stay in file order. */
  finish(): { batch: VariantBatch; order: FileOrder } {
    const n = this.#count
    const batch: VariantBatch = {
      rank: this.#rank.slice(0, n),
      position: this.#position.slice(0, n),
      lines: this.#lines.slice(0, this.#linesEnd),
      lineStart: this.#lineStart.slice(0, n + 1),
      genotypes: this.#genotypes.slice(0, n * this.#recordBytes),
      ...(this.#dosageStart !== undefined && {
        dosages: { start: this.#dosageStart.slice(0, n + 1), rows: this.#dosages.slice(0, this.#dosagesEnd) },
      }),
    }
    const sorted = isSorted(batch) ? undefined : sortedPlaces(batch)
    const trimmed = sorted === undefined ? this.#trimmed : renumbered(this.#trimmed, sorted)
    return {
      batch: sorted === undefined ? batch : gather(sorted, this.#recordBytes),
      order: {
        ordered: this.#ordered,
        firstRank: this.#firstRank,
        firstPosition: this.#firstPosition,
        lastRank: this.#lastRank,
        lastPosition: this.#lastPosition,
        ...(trimmed.length > 0 && { trimmed }),
      },
    }
  }

  #addRow(row: Uint8Array): void {
    const end = this.#dosagesEnd + row.length
    if (end > this.#dosages.length)
      this.#dosages = grown(this.#dosages, new Uint8Array(Math.max(end, 2 * this.#dosages.length)))
    this.#dosages.set(row, this.#dosagesEnd)
    this.#dosageStart ??= new Uint32Array(this.#lineStart.length)
    this.#dosagesEnd = end
  }

  #reserve(lineBytes: number): void {
    const v = this.#count
    if (v === this.#rank.length) {
      if (this.#dosageStart !== undefined) this.#dosageStart = grown(this.#dosageStart, new Uint32Array(2 * v + 1))
      this.#rank = grown(this.#rank, new Uint8Array(2 * v))
      this.#position = grown(this.#position, new Int32Array(2 * v))
      this.#lineStart = grown(this.#lineStart, new Uint32Array(2 * v + 1))
    }
    const lines = this.#linesEnd + lineBytes
    if (lines > this.#lines.length)
      this.#lines = grown(this.#lines, new Uint8Array(Math.max(lines, 2 * this.#lines.length)))
    const records = (v + 1) * this.#recordBytes
    if (records > this.#genotypes.length)
      this.#genotypes = grown(this.#genotypes, new Uint8Array(Math.max(records, 2 * this.#genotypes.length)))
  }
}

function grown<T extends Uint8Array | Int32Array | Uint32Array>(from: T, to: T): T {
  to.set(from)
  return to
}

/** Order of two key lines of one chromosome and position: by ref, then alt. Zero for one and the same variant. */
function compareAlleles(a: Uint8Array, aStart: number, b: Uint8Array, bStart: number): number {
  // Up to the fourth tab; a tab is below every letter, so a shorter allele comes before a longer one that it begins.
  for (let k = 0, tabs = 0; ; k++) {
    const byte = a[aStart + k]
    const difference = byte - b[bStart + k]
    if (difference !== 0) return difference
    if (byte === tab && ++tabs === 4) return 0
  }
}

/** Order of variant v of a and w of b in a store; zero for the same key, whatever their labels. */
export function compareVariants(a: VariantBatch, v: number, b: VariantBatch, w: number): number {
  return (
    a.rank[v] - b.rank[w] ||
    a.position[v] - b.position[w] ||
    compareAlleles(a.lines, a.lineStart[v], b.lines, b.lineStart[w])
  )
}

export function isSorted(batch: VariantBatch): boolean {
  for (let v = 1; v < batch.rank.length; v++) if (compareVariants(batch, v - 1, batch, v) > 0) return false
  return true
}

/** The batch in key order, equal keys in their old order; the same object when it is in order. */
export function sortBatch(batch: VariantBatch, bytesPerRecord: number): VariantBatch {
  return isSorted(batch) ? batch : gather(sortedPlaces(batch), bytesPerRecord)
}

function sortedPlaces(batch: VariantBatch): VariantPlace[] {
  const order = Array.from(batch.rank, (_, index) => ({ batch, index }))
  return order.sort((a, b) => compareVariants(a.batch, a.index, b.batch, b.index) || a.index - b.index)
}

/** Trimmed bases under the new numbers of their variants. */
function renumbered(trimmed: readonly TrimmedBases[], places: readonly VariantPlace[]): TrimmedBases[] {
  if (trimmed.length === 0) return []
  const of = new Map(trimmed.map((bases) => [bases.variant, bases]))
  return places.flatMap(({ index }, variant) => {
    const bases = of.get(index)
    return bases === undefined ? [] : [{ ...bases, variant }]
  })
}

function upperCase(text: Uint8Array, start: number, end: number): string {
  let letters = ''
  for (let k = start; k < end; k++) letters += String.fromCharCode(text[k] & 0xdf)
  return letters
}

/** One variant of a batch. */
export interface VariantPlace {
  readonly batch: VariantBatch
  readonly index: number
}

/** Variants of several batches, in the order given, as a batch of their own. */
export function gather(places: readonly VariantPlace[], bytesPerRecord: number): VariantBatch {
  const n = places.length
  const lineStart = new Uint32Array(n + 1)
  for (let k = 0; k < n; k++) {
    const { batch, index } = places[k]
    lineStart[k + 1] = lineStart[k] + batch.lineStart[index + 1] - batch.lineStart[index]
  }
  const dosages = gatherDosages(places)
  const result: VariantBatch = {
    rank: new Uint8Array(n),
    position: new Int32Array(n),
    lines: new Uint8Array(lineStart[n]),
    lineStart,
    genotypes: new Uint8Array(n * bytesPerRecord),
    ...(dosages !== undefined && { dosages }),
  }
  for (let k = 0; k < n; k++) {
    const { batch, index } = places[k]
    result.rank[k] = batch.rank[index]
    result.position[k] = batch.position[index]
    result.lines.set(batch.lines.subarray(batch.lineStart[index], batch.lineStart[index + 1]), lineStart[k])
    result.genotypes.set(
      batch.genotypes.subarray(index * bytesPerRecord, (index + 1) * bytesPerRecord),
      k * bytesPerRecord,
    )
  }
  return result
}

function gatherDosages(places: readonly VariantPlace[]): DosageRows | undefined {
  if (!places.some(({ batch }) => batch.dosages !== undefined)) return undefined
  const start = new Uint32Array(places.length + 1)
  for (const [k, { batch, index }] of places.entries()) {
    const from = batch.dosages?.start
    start[k + 1] = start[k] + (from === undefined ? 0 : from[index + 1] - from[index])
  }
  const rows = new Uint8Array(start[places.length])
  if (rows.length === 0) return undefined
  for (const [k, { batch, index }] of places.entries())
    if (batch.dosages !== undefined && start[k + 1] > start[k])
      rows.set(batch.dosages.rows.subarray(batch.dosages.start[index], batch.dosages.start[index + 1]), start[k])
  return { start, rows }
}

/** Batches one behind another. */
export function concatenate(batches: readonly VariantBatch[]): VariantBatch {
  if (batches.length === 1) return batches[0]
  const sum = (length: (batch: VariantBatch) => number) => batches.reduce((total, batch) => total + length(batch), 0)
  const n = sum((batch) => batch.rank.length)
  const result: VariantBatch = {
    rank: new Uint8Array(n),
    position: new Int32Array(n),
    lines: new Uint8Array(sum((batch) => batch.lines.length)),
    lineStart: new Uint32Array(n + 1),
    genotypes: new Uint8Array(sum((batch) => batch.genotypes.length)),
    ...(batches.some((batch) => batch.dosages !== undefined) && {
      dosages: {
        start: new Uint32Array(n + 1),
        rows: new Uint8Array(sum((batch) => batch.dosages?.rows.length ?? 0)),
      },
    }),
  }
  let v = 0
  let line = 0
  let record = 0
  let row = 0
  for (const batch of batches) {
    result.rank.set(batch.rank, v)
    result.position.set(batch.position, v)
    result.lines.set(batch.lines, line)
    result.genotypes.set(batch.genotypes, record)
    for (let k = 1; k <= batch.rank.length; k++) result.lineStart[v + k] = line + batch.lineStart[k]
    if (result.dosages !== undefined) {
      if (batch.dosages !== undefined) result.dosages.rows.set(batch.dosages.rows, row)
      for (let k = 1; k <= batch.rank.length; k++)
        result.dosages.start[v + k] = row + (batch.dosages === undefined ? 0 : batch.dosages.start[k])
      row += batch.dosages?.rows.length ?? 0
    }
    v += batch.rank.length
    line += batch.lines.length
    record += batch.genotypes.length
  }
  return result
}

/** Variants [from, to) of a batch, sharing its memory where they can. */
export function sliceBatch(batch: VariantBatch, from: number, to: number): VariantBatch {
  const n = batch.rank.length
  if (from === 0 && to === n) return batch
  const bytesPerRecord = n === 0 ? 0 : batch.genotypes.length / n
  const start = batch.lineStart[from]
  return {
    rank: batch.rank.subarray(from, to),
    position: batch.position.subarray(from, to),
    lines: batch.lines.subarray(start, batch.lineStart[to]),
    lineStart: batch.lineStart.slice(from, to + 1).map((offset) => offset - start),
    genotypes: batch.genotypes.subarray(from * bytesPerRecord, to * bytesPerRecord),
    ...(batch.dosages !== undefined && { dosages: sliceDosages(batch.dosages, from, to) }),
  }
}

function sliceDosages({ start, rows }: DosageRows, from: number, to: number): DosageRows {
  const first = start[from]
  return { start: start.slice(from, to + 1).map((offset) => offset - first), rows: rows.subarray(first, start[to]) }
}

/** Bytes of a batch. */
export function batchBytes(batch: VariantBatch): number {
  return batch.lines.length + batch.genotypes.length + 9 * batch.rank.length + (batch.dosages?.rows.length ?? 0)
}
