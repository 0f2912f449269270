import { UpturnError } from '../../errors/index.ts'

// DEFLATE (RFC 1951) with state that can wait for input, because the host inflates only what is whole and of known size,
// which a plain gzip file is not.

const windowBytes = 32768
/** Output is handed on in pieces of about this size. */
const pieceBytes = 512 << 10
/** Input that a block's header and its first symbols can need; with less at hand, decoding waits for more. */
const headroom = 1024

const lengthBase = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
]
const lengthExtra = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
const distanceBase = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
]
const distanceExtra = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13]
const codeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

/** Symbols by the next `bits` bits of input: symbol * 16 + code length, 0 where no code begins like this. */
interface HuffmanTable {
  readonly bits: number
  readonly entries: Uint16Array
}

function broken(what: string): UpturnError {
  return new UpturnError('FileDamaged', `the compressed data are damaged: ${what}; copy the file again`)
}

function huffmanTable(lengths: Uint8Array): HuffmanTable {
  const perLength = new Uint16Array(16)
  for (const length of lengths) perLength[length]++
  perLength[0] = 0
  let bits = 15
  while (bits > 1 && perLength[bits] === 0) bits--
  const next = new Uint16Array(17)
  let code = 0
  for (let length = 1; length <= bits; length++) {
    code = (code + perLength[length - 1]) << 1
    next[length] = code
    if (code + perLength[length] > 1 << length) throw broken('a code has too many symbols')
  }
  const entries = new Uint16Array(1 << bits)
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]
    if (length === 0) continue
    let reversed = 0
    for (let k = 0, c = next[length]++; k < length; k++, c >>= 1) reversed = (reversed << 1) | (c & 1)
    for (let at = reversed; at < entries.length; at += 1 << length) entries[at] = symbol * 16 + length
  }
  return { bits, entries }
}

const fixedLiterals = huffmanTable(
  Uint8Array.from({ length: 288 }, (_, s) => (s < 144 ? 8 : s < 256 ? 9 : s < 280 ? 7 : 8)),
)
const fixedDistances = huffmanTable(new Uint8Array(30).fill(5))

/** One DEFLATE stream: give it input, take its output, until `ended`. */
export class Inflater {
  #input: Uint8Array = new Uint8Array(0)
  #at = 0
  #complete = false
  #bitBuffer = 0
  #bitCount = 0
  readonly #output = new Uint8Array(windowBytes + pieceBytes + 65536)
  #outputEnd = 0
  #outputStart = 0
  #lastBlock = false
  #stored = 0
  #literals: HuffmanTable | undefined
  #distances: HuffmanTable | undefined
  #inBlock = false
  ended = false

  /** Adds input; `complete` says that none will follow. */
  push(bytes: Uint8Array, complete: boolean): void {
    const left = this.#input.length - this.#at
    const joined = new Uint8Array(left + bytes.length)
    joined.set(this.#input.subarray(this.#at))
    joined.set(bytes, left)
    this.#input = joined
    this.#at = 0
    this.#complete = complete
  }

  /** More bits were asked for than there are, so whatever was refused may only have been cut off. */
  get starved(): boolean {
    return this.#at - (this.#bitCount >> 3) > this.#input.length
  }

  /** Input bytes behind the end of the stream. */
  rest(): Uint8Array {
    return this.#input.subarray(this.#at - (this.#bitCount >> 3))
  }

  /** The next piece of output; undefined when more input is needed or the stream has ended. */
  pull(): Uint8Array | undefined {
    if (this.#outputEnd > windowBytes + pieceBytes) {
      this.#output.copyWithin(0, this.#outputEnd - windowBytes, this.#outputEnd)
      this.#outputEnd = windowBytes
    }
    this.#outputStart = this.#outputEnd
    while (!this.ended && this.#outputEnd <= windowBytes + pieceBytes) {
      if (!this.#complete && this.#input.length - this.#at < headroom) break
      if (this.#inBlock) this.#body()
      else if (this.#lastBlock) this.ended = true
      else this.#blockHeader()
      if (this.starved) throw broken('they end too early')
    }
    return this.#outputEnd > this.#outputStart ? this.#output.slice(this.#outputStart, this.#outputEnd) : undefined
  }

  #bits(count: number): number {
    while (this.#bitCount < count) {
      // Zeros behind the end of input are noticed by `pull`, which compares places.
      this.#bitBuffer |= (this.#at < this.#input.length ? this.#input[this.#at] : 0) << this.#bitCount
      this.#at++
      this.#bitCount += 8
    }
    const value = this.#bitBuffer & ((1 << count) - 1)
    this.#bitBuffer >>>= count
    this.#bitCount -= count
    return value
  }

  #symbol({ bits, entries }: HuffmanTable): number {
    while (this.#bitCount < bits) {
      this.#bitBuffer |= (this.#at < this.#input.length ? this.#input[this.#at] : 0) << this.#bitCount
      this.#at++
      this.#bitCount += 8
    }
    const entry = entries[this.#bitBuffer & ((1 << bits) - 1)]
    if (entry === 0) throw broken('a code without symbol')
    this.#bitBuffer >>>= entry & 15
    this.#bitCount -= entry & 15
    return entry >> 4
  }

  #blockHeader(): void {
    this.#lastBlock = this.#bits(1) === 1
    const type = this.#bits(2)
    this.#inBlock = true
    this.#literals = undefined
    if (type === 0) {
      this.#bits(this.#bitCount & 7)
      const length = this.#bits(16)
      if ((length ^ this.#bits(16)) !== 0xffff) throw broken('a stored block contradicts itself')
      this.#stored = length
    } else if (type === 1) {
      this.#literals = fixedLiterals
      this.#distances = fixedDistances
    } else if (type === 2) this.#dynamicTables()
    else throw broken('a block of unknown type')
  }

  #dynamicTables(): void {
    const literals = this.#bits(5) + 257
    const distances = this.#bits(5) + 1
    const codes = this.#bits(4) + 4
    if (literals > 286 || distances > 30) throw broken('a block declares too many symbols')
    const codeLengths = new Uint8Array(19)
    for (let k = 0; k < codes; k++) codeLengths[codeLengthOrder[k]] = this.#bits(3)
    const table = huffmanTable(codeLengths)
    const lengths = new Uint8Array(literals + distances)
    for (let k = 0; k < lengths.length; ) {
      const symbol = this.#symbol(table)
      if (symbol < 16) {
        lengths[k++] = symbol
        continue
      }
      if (symbol === 16 && k === 0) throw broken('a length is repeated before there is one')
      const value = symbol === 16 ? lengths[k - 1] : 0
      const times = symbol === 16 ? 3 + this.#bits(2) : symbol === 17 ? 3 + this.#bits(3) : 11 + this.#bits(7)
      if (k + times > lengths.length) throw broken('a block repeats too many lengths')
      lengths.fill(value, k, k + times)
      k += times
    }
    if (lengths[256] === 0) throw broken('a block without end')
    this.#literals = huffmanTable(lengths.subarray(0, literals))
    this.#distances = huffmanTable(lengths.subarray(literals))
  }

  #body(): void {
    const literals = this.#literals
    const distances = this.#distances
    if (literals === undefined || distances === undefined) {
      this.#storedBody()
      return
    }
    // State is kept in locals while symbols are decoded: this loop is all of the time that a gzip file takes.
    const output = this.#output
    const input = this.#input
    const literalEntries = literals.entries
    const literalMask = literalEntries.length - 1
    const distanceEntries = distances.entries
    const distanceMask = distanceEntries.length - 1
    const inputLimit = this.#complete ? Number.POSITIVE_INFINITY : input.length - headroom + 1
    const outputLimit = windowBytes + pieceBytes
    let bits = this.#bitBuffer
    let count = this.#bitCount
    let at = this.#at
    let end = this.#outputEnd
    let trouble = ''
    while (end <= outputLimit && at < inputLimit) {
      // A symbol has at most 15 bits and 13 more of distance; zeros behind the end of input are noticed below.
      while (count < 15) {
        bits |= (at < input.length ? input[at] : 0) << count
        at++
        count += 8
      }
      let entry = literalEntries[bits & literalMask]
      bits >>>= entry & 15
      count -= entry & 15
      const symbol = entry >> 4
      if (symbol < 256) {
        if (entry === 0) {
          trouble = 'a code without symbol'
          break
        }
        output[end++] = symbol
        continue
      }
      if (at - (count >> 3) > input.length) break
      if (symbol === 256) {
        this.#inBlock = false
        break
      }
      if (symbol > 285) {
        trouble = 'a length without meaning'
        break
      }
      while (count < 20) {
        bits |= (at < input.length ? input[at] : 0) << count
        at++
        count += 8
      }
      const lengthBits = lengthExtra[symbol - 257]
      const length = lengthBase[symbol - 257] + (bits & ((1 << lengthBits) - 1))
      bits >>>= lengthBits
      count -= lengthBits
      entry = distanceEntries[bits & distanceMask]
      bits >>>= entry & 15
      count -= entry & 15
      const place = entry >> 4
      if (entry === 0 || place > 29) {
        trouble = 'a distance without meaning'
        break
      }
      const distanceBits = distanceExtra[place]
      while (count < distanceBits) {
        bits |= (at < input.length ? input[at] : 0) << count
        at++
        count += 8
      }
      const distance = distanceBase[place] + (bits & ((1 << distanceBits) - 1))
      bits >>>= distanceBits
      count -= distanceBits
      if (distance > end) {
        trouble = 'a distance reaches before the beginning'
        break
      }
      if (distance >= length) output.copyWithin(end, end - distance, end - distance + length)
      else for (let k = end; k < end + length; k++) output[k] = output[k - distance]
      end += length
    }
    this.#bitBuffer = bits
    this.#bitCount = count
    this.#at = at
    this.#outputEnd = end
    if (trouble !== '') throw broken(trouble)
  }

  #storedBody(): void {
    while (this.#stored > 0 && this.#bitCount >= 8) {
      this.#output[this.#outputEnd++] = this.#bits(8)
      this.#stored--
    }
    const take = Math.min(this.#stored, this.#input.length - this.#at)
    if (take > 0) {
      this.#output.set(this.#input.subarray(this.#at, this.#at + take), this.#outputEnd)
      this.#outputEnd += take
      this.#at += take
      this.#stored -= take
    }
    if (this.#stored === 0) this.#inBlock = false
    else if (this.#complete) {
      this.#at++
      throw broken('they end too early')
    }
  }
}
