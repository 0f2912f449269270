/** Bytes of one memo. */
const memoryBytes = 4 << 20
const mostSlots = 1 << 14

/**
 * Numbers that were computed of a genotype column, so that an identical one takes them over. A column has one slot, by its
 * digest, and is compared as a whole; the next column of that slot takes it. Memory is fixed, and what is kept changes no
 * value, only what is computed again.
 */
export class FitMemo {
  readonly #columnLength: number
  readonly #slots: number
  readonly #width: number
  #columns = new Int32Array(0)
  #values = new Float64Array(0)
  #taken = new Uint8Array(0)

  /**
   * @param columnLength length of every column, four bytes each
   * @param width numbers of a column
   */
  constructor(columnLength: number, width: number) {
    this.#columnLength = columnLength
    this.#width = width
    const fitting = Math.floor(memoryBytes / (4 * columnLength + 8 * width))
    this.#slots = Math.min(mostSlots, 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, fitting)))))
  }

  /** The numbers of a column, valid until the next `keep`; undefined where it has to be computed. */
  find(digest: number, column: Int32Array): Float64Array | undefined {
    if (this.#taken.length === 0) return undefined
    const slot = digest & (this.#slots - 1)
    if (this.#taken[slot] === 0) return undefined
    const at = slot * this.#columnLength
    for (let i = 0; i < column.length; i++) if (this.#columns[at + i] !== column[i]) return undefined
    return this.#values.subarray(slot * this.#width, (slot + 1) * this.#width)
  }

  /** `column` begins at `from` of the array. */
  keep(digest: number, column: Int32Array, values: ArrayLike<number>, from = 0): void {
    if (this.#taken.length === 0) {
      this.#columns = new Int32Array(this.#slots * this.#columnLength)
      this.#values = new Float64Array(this.#slots * this.#width)
      this.#taken = new Uint8Array(this.#slots)
    }
    const slot = digest & (this.#slots - 1)
    this.#taken[slot] = 1
    // A few words each: loops are faster than `set`.
    const at = slot * this.#columnLength
    for (let i = 0; i < this.#columnLength; i++) this.#columns[at + i] = column[from + i]
    for (let i = 0; i < this.#width; i++) this.#values[slot * this.#width + i] = values[i]
  }
}

/** A digest of a column's words. */
export function digestOf(values: ArrayLike<number>): number {
  let digest = 0
  for (let i = 0; i < values.length; i++) digest = Math.imul(digest ^ values[i], 0x9e3779b1) ^ (digest >>> 15)
  return digest ^ (digest >>> 13)
}
