/** Columns of one row by cost, then by number, as a binary heap from which those in use are taken out when they come up. */
export class ColumnHeap {
  readonly #cost: Float64Array
  readonly #heap: Int32Array
  #size: number

  /** @param cost of each column; columns that are not allowed (Infinity, NaN) are left out */
  constructor(cost: Float64Array) {
    this.#cost = cost
    this.#heap = new Int32Array(cost.length)
    this.#size = 0
    for (let j = 0; j < cost.length; j++) if (cost[j] < Infinity) this.#heap[this.#size++] = j
    for (let at = (this.#size >> 1) - 1; at >= 0; at--) this.#sink(at)
  }

  /** The cheapest column with no owner (-1), and -1 when there is none. A column with an owner must keep having one. */
  best(owner: Int32Array): number {
    while (this.#size > 0 && owner[this.#heap[0]] >= 0) {
      this.#heap[0] = this.#heap[--this.#size]
      this.#sink(0)
    }
    return this.#size > 0 ? this.#heap[0] : -1
  }

  #isBefore(a: number, b: number): boolean {
    return this.#cost[a] < this.#cost[b] || (this.#cost[a] === this.#cost[b] && a < b)
  }

  #sink(from: number): void {
    const heap = this.#heap
    let at = from
    for (;;) {
      const left = 2 * at + 1
      if (left >= this.#size) return
      const child = left + 1 < this.#size && this.#isBefore(heap[left + 1], heap[left]) ? left + 1 : left
      if (!this.#isBefore(heap[child], heap[at])) return
      const held = heap[at]
      heap[at] = heap[child]
      heap[child] = held
      at = child
    }
  }
}
