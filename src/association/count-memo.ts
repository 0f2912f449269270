/** Slots of a memo: 0.5 MB with six counts. */
const slots = 1 << 14

/**
 * Numbers that depend on a few counts alone. Each key has one slot, which the next key of that slot takes: memory is
 * fixed, and what is kept changes no value, only what is computed again.
 */
export class CountMemo {
  readonly #width: number
  readonly #keys: Int32Array
  readonly #values: Float64Array

  /** @param width counts of a key, which are not negative */
  constructor(width: number) {
    this.#width = width
    this.#keys = new Int32Array(slots * width).fill(-1)
    this.#values = new Float64Array(slots)
  }

  get(key: readonly number[], make: () => number): number {
    let hash = 0
    for (let i = 0; i < this.#width; i++) hash = Math.imul(hash ^ key[i], 0x9e3779b1) ^ (hash >>> 15)
    const slot = (hash ^ (hash >>> 13)) & (slots - 1)
    const at = slot * this.#width
    let known = true
    for (let i = 0; i < this.#width; i++) known &&= this.#keys[at + i] === key[i]
    if (known) return this.#values[slot]
    const value = make()
    for (let i = 0; i < this.#width; i++) this.#keys[at + i] = key[i]
    this.#values[slot] = value
    return value
  }
}
