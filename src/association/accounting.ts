/** Most digests held at once: 64 MB. */
const largestSet = 1 << 22

/**
 * Counts distinct 64-bit digests. Exact up to 4 million; beyond, only digests whose low bits are zero are held and the
 * count is scaled (Wegman's adaptive sampling, standard error 0.06%), which depends on the digests alone, not on their
 * order. Memory is bounded.
 */
export class DistinctDigests {
  #low = new Uint32Array(1 << 12)
  #high = new Uint32Array(1 << 12)
  #held = 0
  #depth = 0
  readonly #largest: number

  constructor(largest = largestSet) {
    this.#largest = largest
  }

  /** Adds one; true when it was not there before. Digests that are no longer sampled count as new. */
  add(low: number, high: number): boolean {
    if (this.#depth > 0 && (low & (2 ** this.#depth - 1)) !== 0) return true
    // 0, 0 marks a free slot.
    const l = low === 0 && high === 0 ? 2 ** 31 : low
    if (!this.#insert(l, high)) return false
    this.#held++
    if (this.#held > this.#largest) this.#halve()
    else if (2 * this.#held > this.#low.length) this.#rebuild(2 * this.#low.length)
    return true
  }

  get count(): number {
    return this.#held * 2 ** this.#depth
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
      if ((low[i] & (2 ** this.#depth - 1)) !== 0) continue
      this.#insert(low[i], high[i])
      this.#held++
    }
  }

  #halve(): void {
    this.#depth++
    this.#rebuild(this.#low.length)
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

  constructor(alpha: number, exp: (x: number) => number) {
    this.#alpha = alpha
    this.#exp = exp
  }

  add(logLeast: number): void {
    this.#all++
    // Counts for every k up to alpha / least; a relative 1e-12 keeps ties on the safe side.
    const last = Math.min(largestK, Math.floor(this.#alpha * this.#exp(-logLeast) * (1 + 1e-12)))
    if (last < 1) return
    while (last >= this.#counts.length) {
      const larger = new Int32Array(Math.min(2 * this.#counts.length, largestK + 1))
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
