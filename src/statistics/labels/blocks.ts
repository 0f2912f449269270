import { type Kernels, kernels } from '../../numerics/kernels.ts'
import { HeldView } from './held-view.ts'

/** Label sets a block: bits of a vector. */
const setsPerBlock = 128

/**
 * Label sets laid out by person: in blocks of 128 sets, for each bit of a plane of people a vector of the sets in which that
 * person is a case. `planes`: the sets one after another, `words` 64-bit words each. Behind the people of a block stand an
 * empty vector and that of the sets that exist.
 */
export function labelBlocks(planes: Uint8Array, words: number): Uint8Array {
  const plane = 8 * words
  const sets = planes.length / plane
  const size = 16 * (64 * words + 2)
  const blocks = new Uint8Array(size * Math.ceil(sets / setsPerBlock))
  for (let r = 0; r < sets; r++) {
    const at = Math.floor(r / setsPerBlock) * size + ((r % setsPerBlock) >> 3)
    const bit = 1 << (r & 7)
    blocks[at + size - 16] |= bit
    for (let i = 0; i < plane; i++)
      for (let byte = planes[r * plane + i]; byte > 0; byte &= byte - 1)
        blocks[at + 16 * (8 * i + 31 - Math.clz32(byte & -byte))] |= bit
  }
  return blocks
}

/** Bits of a number from 0 to `most`, at least the three that a carry-save step makes. */
function bitsOf(most: number): number {
  return Math.max(3, 32 - Math.clz32(most))
}

/**
 * The smallest log p that each of some label sets meets over variants. A variant is first summed (`add`), which tells what
 * numbers of cases called occur, then its table is made for those, and looked up where it can matter (`lower`).
 * Valid inside the scope in which it was made.
 */
export class LabelMinima {
  readonly sets: number
  readonly #k: Kernels
  readonly #words: number
  readonly #cases: number
  readonly #included: number
  readonly #blocks: number
  readonly #count: number
  readonly #sums: number
  readonly #minima: number
  readonly #scratch: number
  readonly #held: HeldView<Float64Array>
  #bits = 3
  #missingBits = 0
  #mirrored = 0

  /** `planes`: the label sets, `cases` in each, all among the people of `included`. */
  constructor(planes: Uint8Array, words: number, cases: number, included: Uint8Array) {
    const k = kernels()
    this.#k = k
    this.#words = words
    this.#cases = cases
    this.sets = planes.length / (8 * words)
    this.#count = Math.ceil(this.sets / setsPerBlock)
    this.#included = k.put(included)
    this.#blocks = k.put(labelBlocks(planes, words))
    this.#sums = k.allocate(512 * this.#count)
    this.#minima = k.allocate(8 * (this.sets + 1))
    this.#held = new HeldView(() => k.f64(this.#minima, this.sets + 1))
    this.#held.now.fill(0)
    this.#scratch = k.allocate(4 * (64 * words + 24))
  }

  /**
   * (c, T) of every set for a prepared record, of whose people n0, n1 and n2 have no, one and two copies; marks in the bytes
   * at `seen` each c that occurs.
   */
  add(record: number, n0: number, n1: number, n2: number, missing: number, seen: number): void {
    // Copies of the rarer allele: fewer people to add.
    const fewer = Math.min(n0, n2)
    this.#mirrored = n2 > n0 ? 1 : 0
    this.#bits = bitsOf(Math.min(2 * this.#cases, n1 + 2 * fewer))
    this.#missingBits = missing === 0 ? 0 : bitsOf(Math.min(missing, this.#cases))
    this.#k.call.labelsSums(
      record,
      this.#words,
      this.#included,
      this.#mirrored,
      this.#blocks,
      this.#count,
      this.#bits,
      this.#missingBits,
      this.#cases,
      seen,
      this.#sums,
      this.#scratch,
    )
  }

  /** Looks up the variant last added; returns how many sets were. `table`: pointer to row c = 0. */
  lower(table: number, stride: number, seen: number): number {
    return this.#k.call.labelsMinima(
      this.#sums,
      this.#blocks,
      this.#words,
      this.#count,
      this.sets,
      this.#bits,
      this.#missingBits,
      this.#mirrored,
      this.#cases,
      seen,
      table,
      stride,
      this.#minima,
    )
  }

  /** The largest minimum: a log p that is not below it changes nothing. */
  get largest(): number {
    return this.#held.now[this.sets]
  }

  /** A copy of the minima, by label set. */
  minima(): Float64Array {
    return this.#held.now.slice(0, this.sets)
  }
}
