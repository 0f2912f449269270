/** Most digests held at once: 32 MB. */
const largestSet = 1 << 21

/**
 * Finds the distinct ones of many 64-bit digests in bounded memory. Up to 2 million are held. Beyond, only the digests of
 * one part of all are, by their low bits, and `parts` says how many parts there are: each of the others takes another
 * pass over the same digests in the same order. Which are new does not depend on the number of parts. Two of ten million different columns have
 * one digest with a probability of 3e-6.
 */
export class DistinctDigests {
  #low = new Uint32Array(1 << 12)
  #high = new Uint32Array(1 << 12)
  #held = 0
  #depth: number
  readonly #part: number
  readonly #largest: number

  constructor(largest = largestSet, depth = 0, part = 0) {
    this.#largest = largest
    this.#depth = depth
    this.#part = part
  }

  /** Adds one; true when it was not there before. Undefined when it belongs to another part. */
  add(low: number, high: number): boolean | undefined {
    if (!this.#mine(low)) return undefined
    // 0, 0 marks a free slot; of this part stays of this part.
    const h = low === 0 && high === 0 ? 2 ** 31 : high
    if (!this.#insert(low, h)) return false
    this.#held++
    if (this.#held > this.#largest && this.#part === 0 && this.#depth < 31) {
      this.#depth++
      this.#rebuild(this.#low.length)
    } else if (2 * this.#held > this.#low.length) this.#rebuild(2 * this.#low.length)
    return true
  }

  /** Distinct digests of this part. */
  get count(): number {
    return this.#held
  }

  get parts(): number {
    return 2 ** this.#depth
  }

  /** Part 1 .. parts - 1, for another pass. */
  other(part: number): DistinctDigests {
    return new DistinctDigests(Number.POSITIVE_INFINITY, this.#depth, part)
  }

  #mine(low: number): boolean {
    return (low & (2 ** this.#depth - 1)) === this.#part
  }

  #insert(low: number, high: number): boolean {
    const mask = this.#low.length - 1
    let slot = high & mask
    while (this.#low[slot] !== 0 || this.#high[slot] !== 0) {
      if (this.#low[slot] === low && this.#high[slot] === high) return false
      slot = (slot + 1) & mask
    }
    this.#low[slot] = low
    this.#high[slot] = high
    return true
  }

  #rebuild(size: number): void {
    const [low, high] = [this.#low, this.#high]
    this.#low = new Uint32Array(size)
    this.#high = new Uint32Array(size)
    this.#held = 0
    for (let i = 0; i < low.length; i++) {
      if (low[i] === 0 && high[i] === 0) continue
      if (!this.#mine(low[i])) continue
      this.#insert(low[i], high[i])
      this.#held++
    }
  }
}

/** Largest k that the count below tells apart; beyond it Bonferroni over all is as good. */
const largestK = 1 << 22

/**
 * Tarone's count: the smallest k such that no more than k variants could reach p <= alpha / k at all. Tarone 1990,
 * Biometrics 46:515. Variants are added by their smallest attainable log p; memory is bounded.
 */
export class TaroneCount {
  #counts = new Int32Array(1 << 10)
  readonly #alpha: number
  readonly #exp: (x: number) => number
  #all = 0

  readonly #largest: number

  /** @param variants no more are added */
  constructor(alpha: number, exp: (x: number) => number, variants: number) {
    this.#alpha = alpha
    this.#exp = exp
    this.#largest = Math.min(largestK, Math.max(1, variants))
  }

  add(logLeast: number): void {
    this.#all++
    // Counts for every k up to alpha / least; a relative 1e-12 keeps ties on the safe side.
    const last = Math.min(this.#largest, Math.floor(this.#alpha * this.#exp(-logLeast) * (1 + 1e-12)))
    if (last < 1) return
    while (last >= this.#counts.length) {
      const larger = new Int32Array(Math.min(2 * this.#counts.length, this.#largest + 1))
      larger.set(this.#counts)
      this.#counts = larger
    }
    this.#counts[last]++
  }

  /** k, at least 1 and no more than the number of variants. */
  get tests(): number {
    let reachable = 0
    for (const count of this.#counts) reachable += count
    for (let k = 1; k < this.#counts.length; k++) {
      // reachable = variants with alpha / least >= k
      if (reachable <= k) return k
      reachable -= this.#counts[k]
    }
    return Math.max(1, Math.min(this.#all, this.#counts.length))
  }
}
