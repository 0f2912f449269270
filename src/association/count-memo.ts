/** Slots of a memo: 0.5 MB with six counts. */
const slots = 1 << 14

type Key = [a: number, b: number, c: number, d: number, e: number, f: number]

/**
 * Numbers that depend on a few counts alone. Each key has one slot, which the next key of that slot takes: memory is
 * fixed, and what is kept changes no value, only what is computed again.
 */
export class CountMemo {
  readonly #width: number
  readonly #keys: Int32Array
  readonly #values: Float64Array
  readonly #make: (...key: Key) => number
  readonly #key = new Int32Array(6)

  /**
   * @param width counts of a key, which are not negative; at most six
   * @param make the number of a key, given its counts
   */
  constructor(width: number, make: (...key: Key) => number) {
    this.#width = width
    this.#make = make
    this.#keys = new Int32Array(slots * width).fill(-1)
    this.#values = new Float64Array(slots)
  }

  /** Counts beyond the width are 0. */
  get(a: number, b: number, c: number, d = 0, e = 0, f = 0): number {
    const key = this.#key
    key[0] = a
    key[1] = b
    key[2] = c
    key[3] = d
    key[4] = e
    key[5] = f
    let hash = 0
    for (let i = 0; i < this.#width; i++) hash = Math.imul(hash ^ key[i], 0x9e3779b1) ^ (hash >>> 15)
    const slot = (hash ^ (hash >>> 13)) & (slots - 1)
    const at = slot * this.#width
    let known = true
    for (let i = 0; i < this.#width; i++) known &&= this.#keys[at + i] === key[i]
    if (known) return this.#values[slot]
    const value = this.#make(a, b, c, d, e, f)
    for (let i = 0; i < this.#width; i++) this.#keys[at + i] = key[i]
    this.#values[slot] = value
    return value
  }
}
