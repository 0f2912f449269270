/** Texts held once, by number: an export repeats its few names millions of times. */
export class Texts {
  readonly #index = new Map<string, number>()
  readonly all: string[] = []

  of(text: string): number {
    let index = this.#index.get(text)
    if (index === undefined) {
      index = this.all.length
      this.all.push(text)
      this.#index.set(text, index)
    }
    return index
  }

  /** The place of each text in the order of code units. */
  ranks(): Uint32Array {
    const order = this.all.map((_, index) => index)
    order.sort((a, b) => (this.all[a] < this.all[b] ? -1 : 1))
    const ranks = new Uint32Array(order.length)
    for (let rank = 0; rank < order.length; rank++) ranks[order[rank]] = rank
    return ranks
  }
}
