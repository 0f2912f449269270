// One raw DEFLATE stream (RFC 1951) of known size from memory to memory. Text goes straight to where it is scanned: no
// object is made for a block, and none has to be collected.

/** Bits that the first table of literals and lengths, and that of distances, is looked up with. */
const LITERAL_BITS: u32 = 10
const DISTANCE_BITS: u32 = 8
const LITERAL_MASK: usize = (1 << LITERAL_BITS) - 1
const DISTANCE_MASK: usize = (1 << DISTANCE_BITS) - 1
/** Entries of the tables with all second tables: bounded by the sums of codes of at most 15 bits (zlib's `enough`). */
const LITERAL_ENTRIES: usize = 2400
const DISTANCE_ENTRIES: usize = 512

// An entry: bits 0-5 all bits it consumes, 8-11 those of the code alone, 16-31 the value, and one kind.
const LITERAL: u32 = 0x8000
const SECOND: u32 = 0x4000
const END: u32 = 0x2000

/** Bytes of scratch that `inflateRaw` asks for. */
export function inflateScratchBytes(): i32 {
  return 12800
}

// Layout of the scratch.
const DISTANCES: usize = LITERAL_ENTRIES * 4
const LENGTHS: usize = DISTANCES + DISTANCE_ENTRIES * 4
/** Symbols by length: 320 u16. */
const SORTED: usize = LENGTHS + 352

/** Base and number of extra bits of a length symbol above 256, as base | extra << 16. */
// @ts-ignore: decorator
@inline
function lengthOf(symbol: u32): u32 {
  const k = symbol - 257
  if (k < 8) return k + 3
  if (k == 28) return 258
  const extra = (k >> 2) - 1
  return (((4 + (k & 3)) << extra) + 3) | (extra << 16)
}

// @ts-ignore: decorator
@inline
function distanceOf(symbol: u32): u32 {
  if (symbol < 4) return symbol + 1
  const extra = (symbol >> 1) - 1
  return (((2 + (symbol & 1)) << extra) + 1) | (extra << 16)
}

/** The entry of a symbol, but for the bits of its code. kind: 0 lengths of codes, 1 literals and lengths, 2 distances. */
// @ts-ignore: decorator
@inline
function entryOf(kind: i32, symbol: u32): u32 {
  if (kind == 0) return (symbol << 16) | LITERAL
  if (kind == 2) {
    if (symbol > 29) return 0
    const d = distanceOf(symbol)
    return ((d & 0xffff) << 16) | (d >> 16)
  }
  if (symbol < 256) return (symbol << 16) | LITERAL
  if (symbol == 256) return END
  if (symbol > 285) return 0
  const l = lengthOf(symbol)
  return ((l & 0xffff) << 16) | (l >> 16)
}

/** Repeats the first `filled` entries of a table behind them. */
// @ts-ignore: decorator
@inline
function double(table: usize, filled: u32): void {
  const end = table + (filled << 2)
  let to = end
  if (filled < 4) {
    for (let from = table; from < end; from += 4) {
      store<u32>(to, load<u32>(from))
      to += 4
    }
    return
  }
  for (let from = table; from < end; from += 16) {
    v128.store(to, v128.load(from))
    to += 16
  }
}

/**
 * Builds the table of a canonical code. False where the lengths are no code: too many, or too few (one code alone of one
 * bit is allowed, and none at all, for distances).
 */
function buildTable(table: usize, bits: u32, kind: i32, lengths: usize, symbols: u32, sorted: usize): bool {
  // counts and first places of each length, in the 16 bytes before and behind: kept in two vectors of u16
  const counts = sorted + 640
  memory.fill(counts, 0, 64)
  for (let s: u32 = 0; s < symbols; s++) {
    const at = counts + (<usize>load<u8>(lengths + s) << 1)
    store<u16>(at, <u16>(load<u16>(at) + 1))
  }
  const offsets = counts + 32
  let used: u32 = 0
  let place: u32 = 0
  for (let l: u32 = 1; l < 16; l++) {
    const n: u32 = load<u16>(counts + (l << 1))
    store<u16>(offsets + (l << 1), <u16>place)
    place += n
    used += n << (15 - l)
  }
  const total = place
  if (used > 0x8000) return false
  const size: u32 = 1 << bits
  if (used < 0x8000) {
    // Incomplete: no code, or a single one of one bit; every unused entry is refused when it is met.
    if (kind == 0 || total > 1 || (total == 1 && load<u16>(counts + 2) != 1)) return false
    memory.fill(table, 0, <usize>size << 2)
    if (total == 0) return kind == 2
    for (let s: u32 = 0; s < symbols; s++)
      if (load<u8>(lengths + s) == 1) {
        const value = entryOf(kind, s)
        if (value != 0) for (let k: u32 = 0; k < size; k += 2) store<u32>(table + (k << 2), value + 0x101)
      }
    return true
  }
  for (let s: u32 = 0; s < symbols; s++) {
    const l: u32 = load<u8>(lengths + s)
    if (l == 0) continue
    const at = offsets + (l << 1)
    const p: u32 = load<u16>(at)
    store<u16>(at, <u16>(p + 1))
    store<u16>(sorted + (p << 1), <u16>s)
  }
  // Codes in order of length, bits reversed: the next code of the same length adds one from the top bit down.
  let code: u32 = 0
  let next: u32 = 0
  let l: u32 = 1
  while (load<u16>(counts + (l << 1)) == 0) l++
  let filled: u32 = 1 << min(l, bits)
  let end: u32 = size
  let prefix: u32 = 0xffffffff
  let start: u32 = 0
  let subBits: u32 = 0
  while (true) {
    let left: u32 = load<u16>(counts + (l << 1))
    while (left > 0) {
      const value = entryOf(kind, load<u16>(sorted + (next << 1)))
      next++
      if (l <= bits) store<u32>(table + (code << 2), value == 0 ? 0 : value + (l | (l << 8)))
      else {
        const low = code & (size - 1)
        if (low != prefix) {
          prefix = low
          start = end
          subBits = l - bits
          let room: u32 = left
          while (room < <u32>(1 << subBits)) {
            subBits++
            room = (room << 1) + load<u16>(counts + ((bits + subBits) << 1))
          }
          end = start + (1 << subBits)
          store<u32>(table + (low << 2), (start << 16) | SECOND | (subBits << 8) | bits)
        }
        const step: u32 = 1 << (l - bits)
        const e = value == 0 ? 0 : value + ((l - bits) | ((l - bits) << 8))
        for (let k = code >> bits; k < <u32>(1 << subBits); k += step) store<u32>(table + ((start + k) << 2), e)
      }
      left--
      if (next == total) {
        // the table doubles up to its size
        while (filled < size) {
          double(table, filled)
          filled <<= 1
        }
        return true
      }
      // advance the reversed code
      let bit: u32 = 1 << (l - 1)
      while (code & bit) bit >>= 1
      code = (code & (bit - 1)) | bit
    }
    l++
    while (load<u16>(counts + (l << 1)) == 0) l++
    while (filled < size && filled < <u32>(1 << min(l, bits))) {
      double(table, filled)
      filled <<= 1
    }
  }
}

/** Joins two literals whose codes fit into one look-up of the first table. */
function pairLiterals(table: usize): void {
  // Downwards: what an entry refers to lies below it and is still single.
  for (let k: i32 = (1 << LITERAL_BITS) - 1; k >= 0; k--) {
    const entry = load<u32>(table + (<usize>k << 2))
    if ((entry & LITERAL) == 0) continue
    const bits = entry & 63
    const other = load<u32>(table + (<usize>(k >> bits) << 2))
    if ((other & LITERAL) == 0 || bits + (other & 63) > LITERAL_BITS) continue
    store<u32>(table + (<usize>k << 2), (entry & 0xff8000) | ((other & 0xff0000) << 8) | 0x1000 | (bits + (other & 63)))
  }
}

/** Order in which the lengths of the code of lengths are stored: 16 17 18 0 8 7 9 6 10 5 11 4 12 3 13 2 14 1 15. */
// @ts-ignore: decorator
@inline
function lengthPlace(k: u32): u32 {
  if (k < 3) return 16 + k
  if (k == 3) return 0
  const m = (k - 4) >> 1
  return k & 1 ? 7 - m : 8 + m
}

/**
 * Inflates [input, input + n) to [output, output + size). Sixteen bytes behind the input must be readable, and 320 behind
 * the output writable. Returns the bytes written, -1 where the stream is damaged, ends too early or holds more than
 * `size`; bytes behind the stream's end are damage, too.
 */
export function inflateRaw(input: usize, n: i32, output: usize, size: i32, scratch: usize): i32 {
  const inputEnd = input + <usize>n
  const outputEnd = output + <usize>size
  const inputSafe = inputEnd - 16
  const literals = scratch
  const distances = scratch + DISTANCES
  const lengths = scratch + LENGTHS
  const sorted = scratch + SORTED
  let p = input
  let out = output
  let buffer: u64 = 0
  let count: u32 = 0
  let last = false
  while (!last) {
    // Bytes behind the input count as zeros; the place at the end tells.
    while (count <= 48) {
      buffer |= (p < inputEnd ? <u64>load<u8>(p) : 0) << count
      p++
      count += 8
    }
    last = (buffer & 1) != 0
    const type = <u32>(buffer >> 1) & 3
    buffer >>= 3
    count -= 3
    if (type == 0) {
      const drop = count & 7
      buffer >>= drop
      count -= drop
      // what is in the buffer goes back
      p -= count >> 3
      buffer = 0
      count = 0
      if (p + 4 > inputEnd) return -1
      const length: u32 = load<u16>(p)
      if ((length ^ load<u16>(p, 2)) != 0xffff) return -1
      p += 4
      if (p + length > inputEnd || out + length > outputEnd) return -1
      memory.copy(out, p, length)
      p += length
      out += length
      continue
    }
    if (type == 3) return -1
    let literalSymbols: u32 = 288
    let distanceSymbols: u32 = 30
    if (type == 1) {
      memory.fill(lengths, 8, 144)
      memory.fill(lengths + 144, 9, 112)
      memory.fill(lengths + 256, 7, 24)
      memory.fill(lengths + 280, 8, 8)
      memory.fill(lengths + 288, 5, 32)
      distanceSymbols = 32
    } else {
      literalSymbols = (<u32>buffer & 31) + 257
      distanceSymbols = (<u32>(buffer >> 5) & 31) + 1
      const codes = (<u32>(buffer >> 10) & 15) + 4
      if (literalSymbols > 286 || distanceSymbols > 30) return -1
      buffer >>= 14
      count -= 14
      memory.fill(lengths, 0, 19)
      for (let k: u32 = 0; k < codes; k++) {
        if (count < 3) {
          while (count <= 48) {
            buffer |= (p < inputEnd ? <u64>load<u8>(p) : 0) << count
            p++
            count += 8
          }
        }
        store<u8>(lengths + lengthPlace(k), <u8>(buffer & 7))
        buffer >>= 3
        count -= 3
      }
      if (!buildTable(literals, 7, 0, lengths, 19, sorted)) return -1
      const all = literalSymbols + distanceSymbols
      let k: u32 = 0
      let previous: u32 = 0
      while (k < all) {
        if (count < 14) {
          if (p > inputEnd + 8) return -1
          while (count <= 48) {
            buffer |= (p < inputEnd ? <u64>load<u8>(p) : 0) << count
            p++
            count += 8
          }
        }
        const entry = load<u32>(literals + ((<usize>buffer & 127) << 2))
        const used = entry & 63
        buffer >>= used
        count -= used
        const symbol = entry >> 16
        if (symbol < 16) {
          previous = symbol
          store<u8>(lengths + k, <u8>symbol)
          k++
          continue
        }
        let times: u32
        let value: u32 = 0
        if (symbol == 16) {
          if (k == 0) return -1
          value = previous
          times = 3 + (<u32>buffer & 3)
          buffer >>= 2
          count -= 2
        } else if (symbol == 17) {
          times = 3 + (<u32>buffer & 7)
          buffer >>= 3
          count -= 3
        } else {
          times = 11 + (<u32>buffer & 127)
          buffer >>= 7
          count -= 7
        }
        if (k + times > all) return -1
        // may write behind what it fills, where nothing is yet
        const run = i8x16.splat(<i8>value)
        for (let to = lengths + k; to < lengths + k + times; to += 16) v128.store(to, run)
        k += times
        previous = value
      }
      if (load<u8>(lengths + 256) == 0) return -1
    }
    if (!buildTable(distances, DISTANCE_BITS, 2, lengths + literalSymbols, distanceSymbols, sorted)) return -1
    if (!buildTable(literals, LITERAL_BITS, 1, lengths, literalSymbols, sorted)) return -1

    // For a short text the pairs would cost more than they save.
    if (outputEnd - out > 16384) pairLiterals(literals)
    let done = false
    // Fast while a whole refill can be read and two pairs of literals and a match written. The next entry is looked up
    // before the match is copied, so that the copy does not hold it up.
    if (p <= inputSafe && out + 8 < outputEnd) {
      buffer |= load<u64>(p) << count
      p += (63 - count) >> 3
      count |= 56
      let entry = load<u32>(literals + ((<usize>buffer & LITERAL_MASK) << 2))
      while (true) {
        if (entry & LITERAL) {
          store<u16>(out, <u16>(entry >> 16))
          out += 1 + ((entry >> 12) & 1)
          buffer >>= entry & 63
          count -= entry & 63
          entry = load<u32>(literals + ((<usize>buffer & LITERAL_MASK) << 2))
          if (entry & LITERAL) {
            store<u16>(out, <u16>(entry >> 16))
            out += 1 + ((entry >> 12) & 1)
            buffer >>= entry & 63
            count -= entry & 63
            if (p > inputSafe || out + 8 >= outputEnd) break
            buffer |= load<u64>(p) << count
            p += (63 - count) >> 3
            count |= 56
            entry = load<u32>(literals + ((<usize>buffer & LITERAL_MASK) << 2))
            continue
          }
        }
        if (entry & SECOND) {
          buffer >>= LITERAL_BITS
          count -= LITERAL_BITS
          entry = load<u32>(literals + (((entry >> 16) + (<u32>buffer & ((1 << ((entry >> 8) & 15)) - 1))) << 2))
          if (entry & LITERAL) {
            store<u8>(out, <u8>(entry >> 16))
            out++
            buffer >>= entry & 63
            count -= entry & 63
            if (p > inputSafe || out + 8 >= outputEnd) break
            buffer |= load<u64>(p) << count
            p += (63 - count) >> 3
            count |= 56
            entry = load<u32>(literals + ((<usize>buffer & LITERAL_MASK) << 2))
            continue
          }
        }
        if (entry & END) {
          buffer >>= entry & 63
          count -= entry & 63
          done = true
          break
        }
        if (entry == 0) return -1
        // a length, at most 20 bits, and a distance, at most 28: with a pair of literals 58, of which 56 are there
        let codeBits = (entry >> 8) & 15
        let allBits = entry & 63
        const length = (entry >> 16) + (<u32>(buffer >> codeBits) & ((1 << (allBits - codeBits)) - 1))
        buffer >>= allBits
        count -= allBits
        if (count < 28) {
          buffer |= load<u64>(p) << count
          p += (63 - count) >> 3
          count |= 56
        }
        let far = load<u32>(distances + ((<usize>buffer & DISTANCE_MASK) << 2))
        if (far & SECOND) {
          buffer >>= DISTANCE_BITS
          count -= DISTANCE_BITS
          far = load<u32>(distances + (((far >> 16) + (<u32>buffer & ((1 << ((far >> 8) & 15)) - 1))) << 2))
        }
        if (far == 0) return -1
        codeBits = (far >> 8) & 15
        allBits = far & 63
        const distance = (far >> 16) + (<u32>(buffer >> codeBits) & ((1 << (allBits - codeBits)) - 1))
        buffer >>= allBits
        count -= allBits
        if (<usize>distance > out - output || out + length > outputEnd) return -1
        const to = out
        out += length
        if (p > inputSafe || out + 8 >= outputEnd) {
          copyMatch(to, distance, length)
          break
        }
        buffer |= load<u64>(p) << count
        p += (63 - count) >> 3
        count |= 56
        entry = load<u32>(literals + ((<usize>buffer & LITERAL_MASK) << 2))
        copyMatch(to, distance, length)
      }
    }
    while (!done) {
      // The same, carefully: near the end of the input or of the output.
      if (p > inputEnd + 8) return -1
      while (count <= 48) {
        buffer |= (p < inputEnd ? <u64>load<u8>(p) : 0) << count
        p++
        count += 8
      }
      let entry = load<u32>(literals + ((<usize>buffer & ((1 << LITERAL_BITS) - 1)) << 2))
      if (entry & SECOND) {
        buffer >>= LITERAL_BITS
        count -= LITERAL_BITS
        entry = load<u32>(literals + (((entry >> 16) + (<u32>buffer & ((1 << ((entry >> 8) & 15)) - 1))) << 2))
      }
      if (entry & LITERAL) {
        if (out + ((entry >> 12) & 1) >= outputEnd) return -1
        store<u16>(out, <u16>(entry >> 16))
        out += 1 + ((entry >> 12) & 1)
        buffer >>= entry & 63
        count -= entry & 63
        continue
      }
      if (entry & END) {
        buffer >>= entry & 63
        count -= entry & 63
        break
      }
      if (entry == 0) return -1
      let codeBits = (entry >> 8) & 15
      let allBits = entry & 63
      const length = (entry >> 16) + (<u32>(buffer >> codeBits) & ((1 << (allBits - codeBits)) - 1))
      buffer >>= allBits
      count -= allBits
      while (count <= 48) {
        buffer |= (p < inputEnd ? <u64>load<u8>(p) : 0) << count
        p++
        count += 8
      }
      entry = load<u32>(distances + ((<usize>buffer & ((1 << DISTANCE_BITS) - 1)) << 2))
      if (entry & SECOND) {
        buffer >>= DISTANCE_BITS
        count -= DISTANCE_BITS
        entry = load<u32>(distances + (((entry >> 16) + (<u32>buffer & ((1 << ((entry >> 8) & 15)) - 1))) << 2))
      }
      if (entry == 0) return -1
      codeBits = (entry >> 8) & 15
      allBits = entry & 63
      const distance = (entry >> 16) + (<u32>(buffer >> codeBits) & ((1 << (allBits - codeBits)) - 1))
      buffer >>= allBits
      count -= allBits
      if (<usize>distance > out - output || out + length > outputEnd) return -1
      copyMatch(out, distance, length)
      out += length
    }
  }
  // whole bytes that were taken into the buffer but not used
  p -= count >> 3
  return p == inputEnd ? <i32>(out - output) : -1
}

/** Copies a match that may overlap itself; writes up to 31 bytes more than asked for. */
// @ts-ignore: decorator
@inline
function copyMatch(out: usize, distance: u32, length: u32): void {
  const end = out + length
  let from = out - distance
  let to = out
  if (distance >= 16) {
    // Most matches end within 32 bytes, and how many vectors one takes cannot be predicted.
    v128.store(to, v128.load(from))
    v128.store(to, v128.load(from, 16), 16)
    if (length > 32) {
      do {
        from += 16
        to += 16
        v128.store(to, v128.load(from, 16), 16)
      } while (to + 32 < end)
    }
    return
  }
  if (distance >= 8) {
    do {
      store<u64>(to, load<u64>(from))
      from += 8
      to += 8
    } while (to < end)
    return
  }
  do {
    store<u8>(to, load<u8>(from))
    from++
    to++
  } while (to < end)
}
