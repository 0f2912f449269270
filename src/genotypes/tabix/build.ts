import { UpturnError } from '../../errors/index.ts'
import type { VirtualOffset } from '../bgzf/virtual.ts'
import { writeVirtual } from '../bgzf/virtual.ts'
import { binOf, tbiBinning } from './bins.ts'

/** Number of the bin that holds counts rather than places. */
export const countsBin = 37450
const windowBases = 16384
/** Positions from 2^29 on do not fit a TBI index. */
const positionLimit = 2 ** 29

interface Chunk {
  start: VirtualOffset
  end: VirtualOffset
}

interface Reference {
  name: string
  bins: Map<number, Chunk[]>
  windows: (VirtualOffset | undefined)[]
  start: VirtualOffset
  end: VirtualOffset
  records: number
}

/** Collects the places of the records of a VCF file, in file order, and writes them as a TBI index. */
export class TabixBuilder {
  readonly #references: Reference[] = []
  readonly #seen = new Set<string>()
  #lastStart = 0

  /** A record over bases [start, end), 0-based, that lies between two places of the file. Refuses unsorted records. */
  add(chromosome: string, start: number, end: number, from: VirtualOffset, to: VirtualOffset): void {
    let reference = this.#references.at(-1)
    if (reference?.name !== chromosome) {
      if (this.#seen.has(chromosome))
        throw new UpturnError('BadArgument', `records of chromosome ${chromosome} must stand together to be indexed`)
      this.#seen.add(chromosome)
      reference = { name: chromosome, bins: new Map(), windows: [], start: from, end: to, records: 0 }
      this.#references.push(reference)
      this.#lastStart = 0
    }
    if (start < this.#lastStart)
      throw new UpturnError('BadArgument', 'records must be sorted by position to be indexed')
    if (end > positionLimit) throw new UpturnError('BadArgument', 'a TBI index holds positions below 2^29 only')
    this.#lastStart = start
    reference.end = to
    reference.records++
    const bin = binOf(start, end, tbiBinning)
    const chunks = reference.bins.get(bin)
    const last = chunks?.at(-1)
    if (chunks === undefined || last === undefined) reference.bins.set(bin, [{ start: from, end: to }])
    else if (last.end.block === from.block) last.end = to
    else chunks.push({ start: from, end: to })
    const lastWindow = Math.floor((end - 1) / windowBases)
    for (let w = Math.floor(start / windowBases); w <= lastWindow; w++) reference.windows[w] ??= from
  }

  /** The index, not yet compressed. */
  encode(): Uint8Array {
    const names = new TextEncoder().encode(this.#references.map((reference) => `${reference.name}\0`).join(''))
    let size = 36 + names.length + 8
    for (const { bins, windows } of this.#references) {
      size += 4 + 8 + 32 + 4 + 8 * windows.length
      for (const chunks of bins.values()) size += 8 + 16 * chunks.length
    }
    const bytes = new Uint8Array(size)
    const view = new DataView(bytes.buffer)
    // magic, references, preset VCF, columns of name, begin and end, comment character, lines to skip, length of names
    bytes.set([0x54, 0x42, 0x49, 1])
    const head = [this.#references.length, 2, 1, 2, 0, 35, 0, names.length]
    for (const [k, value] of head.entries()) view.setInt32(4 + 4 * k, value, true)
    bytes.set(names, 36)
    let at = 36 + names.length
    for (const reference of this.#references) at = encodeReference(view, at, reference)
    return bytes
  }
}

function encodeReference(view: DataView, start: number, reference: Reference): number {
  let at = start
  view.setInt32(at, reference.bins.size + 1, true)
  at += 4
  for (const [bin, chunks] of [...reference.bins].sort(([a], [b]) => a - b)) {
    view.setUint32(at, bin, true)
    view.setInt32(at + 4, chunks.length, true)
    at += 8
    for (const chunk of chunks) {
      writeVirtual(view, at, chunk.start)
      writeVirtual(view, at + 8, chunk.end)
      at += 16
    }
  }
  view.setUint32(at, countsBin, true)
  view.setInt32(at + 4, 2, true)
  writeVirtual(view, at + 8, reference.start)
  writeVirtual(view, at + 16, reference.end)
  view.setUint32(at + 24, reference.records, true)
  at += 40
  view.setInt32(at, reference.windows.length, true)
  at += 4
  let previous: VirtualOffset = { block: 0, within: 0 }
  for (let w = 0; w < reference.windows.length; w++) {
    previous = reference.windows[w] ?? previous
    writeVirtual(view, at, previous)
    at += 8
  }
  return at
}
