/** Bytes of columns and what belongs to them, in each of two halves. */
const bytesKept = 8 << 20
/** About what an entry holds beside its column. */
const entryBytes = 400

interface Entry<T> {
  readonly high: number
  readonly column: Uint8Array
  readonly value: T
  readonly next: Entry<T> | undefined
}

/**
 * What was computed of a genotype column, so that an identical one takes it over. Columns are found by a digest and then
 * compared byte by byte. Memory is bounded: what has not been asked for lately is forgotten, which changes no value, only
 * what is computed again.
 */
export class FitMemo<T> {
  #young = new Map<number, Entry<T>>()
  #old = new Map<number, Entry<T>>()
  #bytes = 0
  readonly #bytesKept: number

  constructor(bytes = bytesKept) {
    this.#bytesKept = bytes
  }

  /** @param column may be overwritten afterwards */
  get(low: number, high: number, column: Uint8Array, make: () => T): T {
    // Small integers make quick keys.
    const key = low >>> 2
    const known = find(this.#young.get(key), high, column)
    if (known !== undefined) return known.value
    const kept = column.slice()
    const old = find(this.#old.get(key), high, kept)
    const value = old === undefined ? make() : old.value
    if (this.#bytes > this.#bytesKept) {
      this.#old = this.#young
      this.#young = new Map()
      this.#bytes = 0
    }
    this.#bytes += kept.length + entryBytes
    this.#young.set(key, { high, column: kept, value, next: this.#young.get(key) })
    return value
  }
}

function find<T>(first: Entry<T> | undefined, high: number, column: Uint8Array): Entry<T> | undefined {
  for (let entry = first; entry !== undefined; entry = entry.next)
    if (entry.high === high && same(entry.column, column)) return entry
  return undefined
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
