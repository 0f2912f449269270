/** Lines of text on their way to bytes, some kilobytes of string at a time. */
export class TextRows {
  readonly #encoder = new TextEncoder()
  #bytes = new Uint8Array(1 << 16)
  #used = 0
  #text = ''

  add(line: string): void {
    this.#text += line
    if (this.#text.length > 8192) this.#flush()
  }

  /** Everything added so far, which is then forgotten. */
  bytes(): Uint8Array {
    this.#flush()
    const bytes = this.#bytes.slice(0, this.#used)
    this.#used = 0
    return bytes
  }

  #flush(): void {
    // A character is at most three bytes.
    const needed = this.#used + 3 * this.#text.length
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length))
      larger.set(this.#bytes.subarray(0, this.#used))
      this.#bytes = larger
    }
    this.#used += this.#encoder.encodeInto(this.#text, this.#bytes.subarray(this.#used)).written
    this.#text = ''
  }
}
