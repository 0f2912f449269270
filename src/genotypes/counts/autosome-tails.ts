import { type HardyWeinbergFacts, HardyWeinbergMemo, hardyWeinbergFacts } from './hardy-weinberg-facts.ts'

/** Bytes of texts of numbers that are held; when they are full all are forgotten. */
const heldBytes = 4 << 20
/** Bytes that no text of numbers is longer than: three numbers and two tabs. */
const longestPiece = 3 * 25 + 2
const tab = 9
const lineFeed = 10

export const hardyWeinbergText = ({ p, neglog10p, midp }: HardyWeinbergFacts): string => `${p}\t${neglog10p}\t${midp}`

/**
 * Ends of text rows of variants on autosomes, as bytes, from counts alone. Numbers become text once, as many variants share
 * them, and no string is made but for these: with strings a row took several times as long.
 */
export class AutosomeTails {
  readonly #people: number
  readonly #tests = new HardyWeinbergMemo()
  // Texts of numbers; a place is offset * 128 + length, 0 for none yet.
  readonly #pieces = new Uint8Array(heldBytes)
  #piecesUsed = 0
  readonly #frequencies = new Map<number, number>()
  readonly #rates: Map<number, number> = new Map()
  #bytes = new Uint8Array(1 << 16)
  #used = 0

  readonly #testPiece = (logP: number, logMidp: number): number =>
    this.#piece(hardyWeinbergText(hardyWeinbergFacts(logP, logMidp)))

  constructor(people: number) {
    this.#people = people
  }

  /** What was added since it was last taken; valid until the next tail. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#used)
    this.#used = 0
    return bytes
  }

  /** Adds the tail of variant v of counts (4 numbers a variant) and returns its length. */
  add(counts: Int32Array, v: number): number {
    const ref = counts[4 * v]
    const het = counts[4 * v + 1]
    const alt = counts[4 * v + 2]
    const missing = counts[4 * v + 3]
    const called = ref + het + alt
    if (this.#piecesUsed + 3 * longestPiece > heldBytes) this.#forget()
    // Pieces first: where they had to be forgotten between two of them, a place would be another's.
    const frequency = called === 0 ? 0 : this.#frequency(het + 2 * alt, 2 * called)
    const rate = this.#rate(missing)
    const test = called === 0 ? 0 : this.#tests.remembered(ref, het, alt, this.#testPiece)
    const start = this.#used
    if (start + 512 > this.#bytes.length) this.#grow()
    this.#cell(ref)
    this.#cell(het)
    this.#cell(alt)
    this.#cell(missing)
    this.#byte(tab)
    this.#byte(tab)
    this.#copy(frequency)
    this.#copy(rate)
    if (test === 0) {
      this.#byte(tab)
      this.#byte(tab)
      this.#byte(tab)
    } else this.#copy(test)
    this.#byte(lineFeed)
    return this.#used - start
  }

  #forget(): void {
    this.#piecesUsed = 0
    this.#frequencies.clear()
    this.#rates.clear()
    this.#tests.forget()
  }

  #grow(): void {
    const larger = new Uint8Array(2 * this.#bytes.length)
    larger.set(this.#bytes)
    this.#bytes = larger
  }

  #piece(text: string): number {
    const start = this.#piecesUsed
    for (let i = 0; i < text.length; i++) this.#pieces[start + i] = text.charCodeAt(i)
    this.#piecesUsed += text.length
    return start * 128 + text.length
  }

  #frequency(copies: number, alleles: number): number {
    const key = copies * (2 * this.#people + 1) + alleles
    let place = this.#frequencies.get(key)
    if (place === undefined) {
      place = this.#piece(String(copies / alleles))
      this.#frequencies.set(key, place)
    }
    return place
  }

  #rate(missing: number): number {
    let place = this.#rates.get(missing)
    if (place === undefined) {
      place = this.#people === 0 ? 0 : this.#piece(String(missing / this.#people))
      this.#rates.set(missing, place)
    }
    return place
  }

  #byte(value: number): void {
    this.#bytes[this.#used++] = value
  }

  #cell(value: number): void {
    const bytes = this.#bytes
    bytes[this.#used++] = tab
    let digits = 1
    for (let least = 10; least <= value; least *= 10) digits++
    let left = value
    for (let at = this.#used + digits - 1; at >= this.#used; at--) {
      const rest = (left / 10) | 0
      bytes[at] = 48 + left - 10 * rest
      left = rest
    }
    this.#used += digits
  }

  /** A tab, and a piece where there is one. */
  #copy(place: number): void {
    this.#byte(tab)
    const bytes = this.#bytes
    const pieces = this.#pieces
    const start = place >> 7
    const end = start + (place & 127)
    let used = this.#used
    for (let i = start; i < end; i++) bytes[used++] = pieces[i]
    this.#used = used
  }
}
