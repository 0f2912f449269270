import { UpturnError } from '../../errors/index.ts'
import type { VirtualOffset } from '../bgzf/virtual.ts'
import { writeVirtual } from '../bgzf/virtual.ts'
import { type Binning, binOf, firstBin, tbiBinning } from './bins.ts'

interface Chunk {
  start: VirtualOffset
  end: VirtualOffset
}

interface Reference {
  readonly name: string
  readonly bins: Map<number, Chunk[]>
  /** First place of anything that overlaps each window of the smallest size; a hole where nothing does. */
  readonly windows: (VirtualOffset | undefined)[]
  start: VirtualOffset
  end: VirtualOffset
  records: number
}

/** Windows, levels and whether an index is written as TBI or as CSI. */
export interface IndexForm {
  readonly kind: 'tbi' | 'csi'
  readonly binning: Binning
  /** Sequences by number, for a BCF file, whose index has no names; those of a VCF file are named as they come. */
  readonly sequences?: readonly string[]
}

export const tbiForm: IndexForm = { kind: 'tbi', binning: tbiBinning }

/** Collects the places of the records of a VCF or BCF file, in file order, and writes them as an index. */
export class IndexBuilder {
  readonly #form: IndexForm
  readonly #references: Reference[] = []
  readonly #byName = new Map<string, Reference>()
  #current: Reference | undefined
  #lastStart = 0

  constructor(form: IndexForm = tbiForm) {
    this.#form = form
    for (const name of form.sequences ?? []) this.#reference(name)
  }

  #reference(name: string): Reference {
    const nowhere = { block: 0, within: 0 }
    const reference = { name, bins: new Map(), windows: [], start: nowhere, end: nowhere, records: 0 }
    this.#references.push(reference)
    this.#byName.set(name, reference)
    return reference
  }

  /** A record over bases [start, end), 0-based, that lies between two places of the file. Refuses unsorted records. */
  add(chromosome: string, start: number, end: number, from: VirtualOffset, to: VirtualOffset): void {
    const { binning } = this.#form
    let reference = this.#current
    if (reference?.name !== chromosome) {
      reference = this.#byName.get(chromosome) ?? this.#reference(chromosome)
      if (reference.records > 0)
        throw new UpturnError('BadArgument', `records of chromosome ${chromosome} must stand together to be indexed`)
      reference.start = from
      this.#current = reference
      this.#lastStart = 0
    }
    if (start < this.#lastStart)
      throw new UpturnError('BadArgument', 'records must be sorted by position to be indexed')
    if (end > 2 ** (binning.shift + 3 * binning.depth))
      throw new UpturnError('BadArgument', `position ${end} lies beyond what the index can hold`)
    this.#lastStart = start
    reference.end = to
    reference.records++
    const bin = binOf(start, end, binning)
    const chunks = reference.bins.get(bin)
    const last = chunks?.at(-1)
    if (chunks === undefined || last === undefined) reference.bins.set(bin, [{ start: from, end: to }])
    else if (last.end.block === from.block) last.end = to
    else chunks.push({ start: from, end: to })
    const size = 2 ** binning.shift
    const lastWindow = Math.floor((end - 1) / size)
    for (let w = Math.floor(start / size); w <= lastWindow; w++) reference.windows[w] ??= from
  }

  /** The index, not yet compressed. */
  encode(): Uint8Array {
    const { kind, binning, sequences } = this.#form
    const csi = kind === 'csi'
    const names = new TextEncoder().encode(this.#references.map((reference) => `${reference.name}\0`).join(''))
    // preset VCF, columns of name, begin and end, comment character, lines to skip, length of names
    const columns = [2, 1, 2, 0, 35, 0, names.length]
    const named = sequences === undefined
    const head = csi
      ? [binning.shift, binning.depth, ...(named ? [28 + names.length, ...columns] : [0])]
      : [this.#references.length, ...columns]
    let size = 4 + 4 * head.length + (named ? names.length : 0) + (csi ? 4 : 0) + 8
    for (const { bins, windows } of this.#references) {
      size += 4 + (csi ? 48 : 40) + (csi ? 0 : 4 + 8 * windows.length)
      for (const chunks of bins.values()) size += (csi ? 16 : 8) + 16 * chunks.length
    }
    const bytes = new Uint8Array(size)
    const view = new DataView(bytes.buffer)
    bytes.set(csi ? [0x43, 0x53, 0x49, 1] : [0x54, 0x42, 0x49, 1])
    for (const [k, value] of head.entries()) view.setInt32(4 + 4 * k, value, true)
    let at = 4 + 4 * head.length
    if (named) {
      bytes.set(names, at)
      at += names.length
    }
    if (csi) {
      view.setInt32(at, this.#references.length, true)
      at += 4
    }
    for (const reference of this.#references) at = encodeReference(view, at, reference, this.#form)
    // Behind them: how many records have no place, none.
    return bytes.subarray(0, at + 8)
  }
}

function encodeReference(view: DataView, start: number, reference: Reference, { kind, binning }: IndexForm): number {
  const { bins, windows } = reference
  let at = start
  const empty = reference.records === 0
  view.setInt32(at, empty ? 0 : bins.size + 1, true)
  at += 4
  const filled: VirtualOffset[] = []
  for (let w = 0; w < windows.length; w++) filled.push(windows[w] ?? filled.at(-1) ?? { block: 0, within: 0 })
  const bin = (number: number, first: VirtualOffset, chunks: number) => {
    view.setUint32(at, number, true)
    at += 4
    if (kind === 'csi') {
      writeVirtual(view, at, first)
      at += 8
    }
    view.setInt32(at, chunks, true)
    at += 4
  }
  const range = (from: VirtualOffset, to: VirtualOffset) => {
    writeVirtual(view, at, from)
    writeVirtual(view, at + 8, to)
    at += 16
  }
  for (const [number, chunks] of [...bins].sort(([a], [b]) => a - b)) {
    bin(number, filled[firstWindow(number, binning)], chunks.length)
    for (const chunk of chunks) range(chunk.start, chunk.end)
  }
  if (!empty) {
    // The bin behind the last holds counts rather than places.
    bin(firstBin(binning.depth + 1) + 1, { block: 0, within: 0 }, 2)
    range(reference.start, reference.end)
    view.setUint32(at, reference.records, true)
    at += 16
  }
  if (kind === 'tbi') {
    view.setInt32(at, windows.length, true)
    at += 4
    for (const place of filled) {
      writeVirtual(view, at, place)
      at += 8
    }
  }
  return at
}

/** The smallest window that a bin begins with. */
function firstWindow(bin: number, { depth }: Binning): number {
  let level = depth
  while (level > 0 && firstBin(level) > bin) level--
  return (bin - firstBin(level)) * 8 ** (depth - level)
}
