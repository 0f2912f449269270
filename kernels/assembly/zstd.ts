// Blocks of Zstandard frames (RFC 8878, 3.1.1.2 to 3.1.1.5 and 4). Every read is checked against the end of the block,
// every write against the room there is, and every loop ends whatever the bytes are. The host walks frames and blocks.
//
// A table of an FSE code has 8 bytes a state: next state (u16), bits to add to it, extra bits of the value, value (u32).
// The host may read and copy, but what is stored where in the workspace is this file's own.

const BLOCK: i32 = 131072

// Workspace, in bytes.
const REPEAT: usize = 0 // three offsets
const USED: usize = 12 // for literal lengths, offsets and match lengths: pointer and bits of the table in use, 0 for none
const HUFFMAN_BITS: usize = 36
const CURSOR: usize = 40
const COUNTS: usize = 64 // i16, 256
const NEXT: usize = COUNTS + 512 // u16, 256
const WEIGHTS: usize = NEXT + 512 // u8, 256
const RANKS: usize = WEIGHTS + 256 // u32, 16
const DEFAULTS: usize = RANKS + 64 // tables of 64, 32 and 64 states
const OWN: usize = DEFAULTS + 160 * 8 // tables of 512, 256 and 512 states
const WEIGHT_TABLE: usize = OWN + 1280 * 8 // 64 states
const HUFFMAN: usize = WEIGHT_TABLE + 64 * 8 // u16, 2048: symbol, bits << 8
const CONSTANTS: usize = HUFFMAN + 4096 // i32, 296, from the host
const LITERALS: usize = CONSTANTS + 296 * 4
const BYTES: usize = LITERALS + <usize>BLOCK + 64

// Constants of the host: default counts of literal lengths (36), offsets (29) and match lengths (53), then value and
// extra bits of each code of literal lengths (36 + 36) and match lengths (53 + 53).
const LL_COUNTS: i32 = 0
const OF_COUNTS: i32 = 36
const ML_COUNTS: i32 = 65
const LL_VALUES: i32 = 118
const ML_VALUES: i32 = 190

const WRONG: i32 = -1

/** Bytes of the workspace. Behind a block's bytes, and behind the room for text, sixteen more must be readable. */
export function zstdBytes(): i32 {
  return <i32>BYTES
}

// @ts-ignore: decorator
@inline
function highBit(x: u32): i32 {
  return 31 - <i32>clz(x)
}

// @ts-ignore: decorator
@inline
function constant(ws: usize, index: i32): i32 {
  return load<i32>(ws + CONSTANTS + (<usize>index << 2))
}

/** Prepares a workspace; `constants` are 296 numbers. */
export function zstdBegin(ws: usize, constants: usize): void {
  memory.copy(ws + CONSTANTS, constants, 296 * 4)
  for (let k: i32 = 0; k < 3; k++) {
    const symbols = k == 0 ? 36 : k == 1 ? 29 : 53
    const from = k == 0 ? LL_COUNTS : k == 1 ? OF_COUNTS : ML_COUNTS
    for (let s: i32 = 0; s < symbols; s++) store<i16>(ws + COUNTS + (<usize>s << 1), <i16>constant(ws, from + s))
    buildTable(ws, ws + DEFAULTS + (k == 0 ? 0 : k == 1 ? 64 * 8 : 96 * 8), symbols, k == 1 ? 5 : 6, k)
  }
  zstdFrame(ws)
}

/** Begins a frame: no table, and offsets of its own. */
export function zstdFrame(ws: usize): void {
  store<i32>(ws + REPEAT, 1)
  store<i32>(ws + REPEAT, 4, 4)
  store<i32>(ws + REPEAT, 8, 8)
  memory.fill(ws + USED, 0, 24)
  store<i32>(ws + HUFFMAN_BITS, 0)
}

/**
 * Table of `1 << bits` states for the counts of `symbols` symbols, whose sum is right. `kind`: 0 literal lengths,
 * 1 offsets, 2 match lengths, 3 weights.
 */
function buildTable(ws: usize, table: usize, symbols: i32, bits: i32, kind: i32): void {
  const size = 1 << bits
  const mask = size - 1
  let high = size - 1
  for (let s: i32 = 0; s < symbols; s++) {
    const count: i32 = load<i16>(ws + COUNTS + (<usize>s << 1))
    if (count == -1) {
      store<u32>(table + (<usize>high << 3), s, 4)
      high--
      store<u16>(ws + NEXT + (<usize>s << 1), 1)
    } else store<u16>(ws + NEXT + (<usize>s << 1), <u16>count)
  }
  const step = (size >> 1) + (size >> 3) + 3
  let at: i32 = 0
  for (let s: i32 = 0; s < symbols; s++) {
    const count: i32 = load<i16>(ws + COUNTS + (<usize>s << 1))
    for (let k: i32 = 0; k < count; k++) {
      store<u32>(table + (<usize>at << 3), s, 4)
      // The step is odd, so every state is met; those from `high` on are taken.
      do at = (at + step) & mask
      while (at > high)
    }
  }
  for (let k: i32 = 0; k < size; k++) {
    const entry = table + (<usize>k << 3)
    const s = load<u32>(entry, 4)
    const slot = ws + NEXT + (<usize>s << 1)
    const next: u32 = load<u16>(slot)
    store<u16>(slot, <u16>(next + 1))
    const add = bits - highBit(next)
    store<u16>(entry, <u16>((next << add) - size))
    store<u8>(entry, <u8>add, 2)
    setValue(ws, entry, s, kind)
  }
}

/** Value and extra bits of a code. */
// @ts-ignore: decorator
@inline
function setValue(ws: usize, entry: usize, code: u32, kind: i32): void {
  if (kind == 3) {
    store<u8>(entry, 0, 3)
    store<u32>(entry, code, 4)
  } else if (kind == 1) {
    store<u8>(entry, <u8>code, 3)
    store<u32>(entry, <u32>1 << code, 4)
  } else {
    const values = kind == 0 ? LL_VALUES : ML_VALUES
    store<u8>(entry, <u8>constant(ws, values + (kind == 0 ? 36 : 53) + <i32>code), 3)
    store<u32>(entry, constant(ws, values + <i32>code), 4)
  }
}

/**
 * Reads the counts of an FSE code at p into the workspace and leaves the byte behind them at the cursor. Returns
 * bits | symbols << 8, or WRONG.
 */
function readCounts(ws: usize, p: usize, end: usize, mostBits: i32, mostSymbols: i32): i32 {
  if (p >= end) return WRONG
  const total = <i32>((end - p) << 3)
  const bits = (<i32>load<u8>(p) & 15) + 5
  if (bits > mostBits) return WRONG
  let bit: i32 = 4
  let left: i32 = 1 << bits
  let s: i32 = 0
  while (left > 0) {
    if (s >= mostSymbols) return WRONG
    const width = highBit(<u32>(left + 1)) + 1
    if (bit + width - 1 > total) return WRONG
    let value = <i32>((load<u32>(p + <usize>(bit >> 3)) >> (bit & 7)) & ((1 << width) - 1))
    const mask = (1 << (width - 1)) - 1
    const threshold = (1 << width) - 1 - (left + 1)
    if ((value & mask) < threshold) {
      value &= mask
      bit += width - 1
    } else {
      if (value > mask) value -= threshold
      bit += width
    }
    const count = value - 1
    left -= count < 0 ? 1 : count
    store<i16>(ws + COUNTS + (<usize>s << 1), <i16>count)
    s++
    if (count == 0) {
      let zeros: i32 = 3
      while (zeros == 3) {
        if (bit + 2 > total) return WRONG
        zeros = (<i32>load<u16>(p + <usize>(bit >> 3)) >> (bit & 7)) & 3
        bit += 2
        if (s + zeros > mostSymbols) return WRONG
        for (let k: i32 = 0; k < zeros; k++) {
          store<i16>(ws + COUNTS + (<usize>s << 1), 0)
          s++
        }
      }
    }
  }
  if (left < 0 || bit > total) return WRONG
  store<u32>(ws + CURSOR, <u32>(p + <usize>((bit + 7) >> 3)))
  return bits | (s << 8)
}

/** Bits of a stream that is read from its end: below the highest set bit of its last byte. WRONG where there is none. */
// @ts-ignore: decorator
@inline
function streamBits(p: usize, bytes: i32): i32 {
  if (bytes <= 0) return WRONG
  const last: u32 = load<u8>(p + <usize>(bytes - 1))
  if (last == 0) return WRONG
  return ((bytes - 1) << 3) + highBit(last)
}

/** Bits [at, at + width) of a stream, width at most 32; those before its begin are 0. */
// @ts-ignore: decorator
@inline
function bitsAt(p: usize, at: i32, width: i32): u32 {
  if (at >= 0) return <u32>((load<u64>(p + <usize>(at >> 3)) >> (<u64>at & 7)) & (((<u64>1) << <u64>width) - 1))
  if (at + width <= 0) return 0
  return <u32>((load<u64>(p) & (((<u64>1) << <u64>(at + width)) - 1)) << <u64>-at)
}

/** Reads the description of a Huffman code at p and builds its table. Returns the byte behind it, or 0. */
function readHuffman(ws: usize, p: usize, end: usize): usize {
  if (p >= end) return 0
  const head: i32 = load<u8>(p)
  p++
  let count: i32 = 0
  const weights = ws + WEIGHTS
  if (head >= 128) {
    count = head - 127
    const bytes = <usize>((count + 1) >> 1)
    if (p + bytes > end) return 0
    for (let k: i32 = 0; k < count; k++) {
      const byte: u32 = load<u8>(p + <usize>(k >> 1))
      store<u8>(weights + <usize>k, <u8>(k & 1 ? byte & 15 : byte >> 4))
    }
    p += bytes
  } else {
    const stop = p + <usize>head
    if (stop > end) return 0
    const code = readCounts(ws, p, stop, 6, 256)
    if (code < 0) return 0
    const table = ws + WEIGHT_TABLE
    const bits = code & 255
    buildTable(ws, table, code >> 8, bits, 3)
    const stream = <usize>load<u32>(ws + CURSOR)
    if (stream > stop) return 0
    let at = streamBits(stream, <i32>(stop - stream))
    if (at < 0) return 0
    at -= bits
    let first = bitsAt(stream, at, bits)
    at -= bits
    let second = bitsAt(stream, at, bits)
    if (at < 0) return 0
    // Two states in turn, until the bits run out; a state that takes no bits would go on for ever.
    while (true) {
      if (count >= 255) return 0
      let entry = table + (<usize>first << 3)
      store<u8>(weights + <usize>count, <u8>load<u32>(entry, 4))
      count++
      let width: i32 = load<u8>(entry, 2)
      at -= width
      first = <u32>load<u16>(entry) + bitsAt(stream, at, width)
      if (at < 0) {
        store<u8>(weights + <usize>count, <u8>load<u32>(table + (<usize>second << 3), 4))
        count++
        break
      }
      if (count >= 255) return 0
      entry = table + (<usize>second << 3)
      store<u8>(weights + <usize>count, <u8>load<u32>(entry, 4))
      count++
      width = load<u8>(entry, 2)
      at -= width
      second = <u32>load<u16>(entry) + bitsAt(stream, at, width)
      if (at < 0) {
        store<u8>(weights + <usize>count, <u8>load<u32>(table + (<usize>first << 3), 4))
        count++
        break
      }
    }
    p = stop
  }
  if (count > 255) return 0
  // The last weight fills what is left of a power of two.
  let sum: u32 = 0
  for (let k: i32 = 0; k < count; k++) {
    const weight: u32 = load<u8>(weights + <usize>k)
    if (weight > 11) return 0
    if (weight > 0) sum += <u32>1 << (weight - 1)
  }
  if (sum == 0) return 0
  const bits = highBit(sum) + 1
  if (bits > 11) return 0
  const rest = (<u32>1 << bits) - sum
  if ((rest & (rest - 1)) != 0) return 0
  store<u8>(weights + <usize>count, <u8>(highBit(rest) + 1))
  count++
  const ranks = ws + RANKS
  memory.fill(ranks, 0, 64)
  for (let k: i32 = 0; k < count; k++) {
    const slot = ranks + (<usize>load<u8>(weights + <usize>k) << 2)
    store<u32>(slot, load<u32>(slot) + 1)
  }
  let start: u32 = 0
  for (let weight: u32 = 1; weight <= 11; weight++) {
    const slot = ranks + (<usize>weight << 2)
    const here = load<u32>(slot)
    store<u32>(slot, start)
    start += here << (weight - 1)
  }
  if (start != <u32>1 << bits) return 0
  for (let k: i32 = 0; k < count; k++) {
    const weight: u32 = load<u8>(weights + <usize>k)
    if (weight == 0) continue
    const slot = ranks + (<usize>weight << 2)
    const from = load<u32>(slot)
    const length = <u32>1 << (weight - 1)
    store<u32>(slot, from + length)
    const entry = <u16>(<u32>k | (<u32>(bits + 1 - <i32>weight) << 8))
    for (let j = from; j < from + length; j++) store<u16>(ws + HUFFMAN + (<usize>j << 1), entry)
  }
  store<i32>(ws + HUFFMAN_BITS, bits)
  return p
}

/** One Huffman stream of `bytes` at p to `count` bytes at out; it must be used up exactly. */
function huffmanStream(ws: usize, p: usize, bytes: i32, out: usize, count: i32): bool {
  const bits = load<i32>(ws + HUFFMAN_BITS)
  const table = ws + HUFFMAN
  const mask = <u64>((1 << bits) - 1)
  let at = streamBits(p, bytes)
  if (at < 0) return false
  const end = out + <usize>count
  const shift = <u64>(56 - bits)
  // Five codes of at most eleven bits for each 56 bits.
  while (out + 5 <= end && at >= 56) {
    const from = at - 56
    let v = load<u64>(p + <usize>(from >> 3)) >> (<u64>from & 7)
    let e: u32 = load<u16>(table + (<usize>((v >> shift) & mask) << 1))
    store<u8>(out, <u8>e)
    v <<= <u64>(e >> 8)
    at -= <i32>(e >> 8)
    e = load<u16>(table + (<usize>((v >> shift) & mask) << 1))
    store<u8>(out, <u8>e, 1)
    v <<= <u64>(e >> 8)
    at -= <i32>(e >> 8)
    e = load<u16>(table + (<usize>((v >> shift) & mask) << 1))
    store<u8>(out, <u8>e, 2)
    v <<= <u64>(e >> 8)
    at -= <i32>(e >> 8)
    e = load<u16>(table + (<usize>((v >> shift) & mask) << 1))
    store<u8>(out, <u8>e, 3)
    v <<= <u64>(e >> 8)
    at -= <i32>(e >> 8)
    e = load<u16>(table + (<usize>((v >> shift) & mask) << 1))
    store<u8>(out, <u8>e, 4)
    at -= <i32>(e >> 8)
    out += 5
  }
  while (out < end) {
    const e: u32 = load<u16>(table + (<usize>bitsAt(p, at - bits, bits) << 1))
    at -= <i32>(e >> 8)
    if (at < 0) return false
    store<u8>(out, <u8>e)
    out++
  }
  return at == 0
}

/** The literals of a block, to the workspace. Returns their number and leaves the byte behind them at the cursor; or WRONG. */
function literals(ws: usize, p: usize, end: usize): i32 {
  if (p >= end) return WRONG
  const head: u32 = load<u8>(p)
  const kind = head & 3
  const form = (head >> 2) & 3
  const out = ws + LITERALS
  if (kind < 2) {
    let size: i32
    if ((form & 1) == 0) {
      size = <i32>(head >> 3)
      p += 1
    } else if (form == 1) {
      if (p + 2 > end) return WRONG
      size = <i32>load<u16>(p) >> 4
      p += 2
    } else {
      if (p + 3 > end) return WRONG
      size = <i32>((load<u32>(p) & 0xffffff) >> 4)
      p += 3
    }
    if (size > BLOCK) return WRONG
    if (kind == 0) {
      if (p + <usize>size > end) return WRONG
      memory.copy(out, p, <usize>size)
      p += <usize>size
    } else {
      if (p >= end) return WRONG
      memory.fill(out, load<u8>(p), <usize>size)
      p++
    }
    store<u32>(ws + CURSOR, <u32>p)
    return size
  }
  const width: u64 = form < 2 ? 10 : form == 2 ? 14 : 18
  const bytes: usize = form < 2 ? 3 : form == 2 ? 4 : 5
  if (p + bytes > end) return WRONG
  const numbers = load<u64>(p) >> 4
  const size = <i32>(numbers & (((<u64>1) << width) - 1))
  const packed = <i32>((numbers >> width) & (((<u64>1) << width) - 1))
  p += bytes
  const stop = p + <usize>packed
  if (size > BLOCK || stop > end) return WRONG
  if (kind == 2) {
    p = readHuffman(ws, p, stop)
    if (p == 0) return WRONG
  } else if (load<i32>(ws + HUFFMAN_BITS) == 0) return WRONG
  if (form == 0) {
    if (!huffmanStream(ws, p, <i32>(stop - p), out, size)) return WRONG
  } else {
    if (p + 6 > stop) return WRONG
    const a: i32 = load<u16>(p)
    const b: i32 = load<u16>(p, 2)
    const c: i32 = load<u16>(p, 4)
    p += 6
    const d = <i32>(stop - p) - a - b - c
    const part = (size + 3) >> 2
    if (d <= 0 || size < 3 * part) return WRONG
    if (!huffmanStream(ws, p, a, out, part)) return WRONG
    p += <usize>a
    if (!huffmanStream(ws, p, b, out + <usize>part, part)) return WRONG
    p += <usize>b
    if (!huffmanStream(ws, p, c, out + 2 * <usize>part, part)) return WRONG
    p += <usize>c
    if (!huffmanStream(ws, p, d, out + 3 * <usize>part, size - 3 * part)) return WRONG
  }
  store<u32>(ws + CURSOR, <u32>stop)
  return size
}

/** The table of one of the three codes of sequences, by its mode. Returns the byte behind its description, or 0. */
function sequenceTable(ws: usize, p: usize, end: usize, mode: u32, kind: i32): usize {
  const used = ws + USED + (<usize>kind << 3)
  const symbols = kind == 0 ? 36 : kind == 1 ? 32 : 53
  const own = ws + OWN + (kind == 0 ? 0 : kind == 1 ? 512 * 8 : 768 * 8)
  if (mode == 0) {
    store<u32>(used, <u32>(ws + DEFAULTS + (kind == 0 ? 0 : kind == 1 ? 64 * 8 : 96 * 8)))
    store<i32>(used, kind == 1 ? 5 : 6, 4)
    return p
  }
  if (mode == 1) {
    if (p >= end) return 0
    const code: u32 = load<u8>(p)
    if (<i32>code >= symbols) return 0
    store<u32>(own, 0)
    setValue(ws, own, code, kind)
    store<u32>(used, <u32>own)
    store<i32>(used, 0, 4)
    return p + 1
  }
  if (mode == 2) {
    const code = readCounts(ws, p, end, kind == 1 ? 8 : 9, symbols)
    if (code < 0) return 0
    buildTable(ws, own, code >> 8, code & 255, kind)
    store<u32>(used, <u32>own)
    store<i32>(used, code & 255, 4)
    return <usize>load<u32>(ws + CURSOR)
  }
  return load<u32>(used) == 0 ? 0 : p
}

/** Copies a match, which may overlap what it makes. */
// @ts-ignore: decorator
@inline
function copyMatch(to: usize, offset: i32, length: i32): void {
  const from = to - <usize>offset
  if (offset >= length) {
    memory.copy(to, from, <usize>length)
    return
  }
  if (offset >= 8) {
    let k: usize = 0
    while (k + 8 <= <usize>length) {
      store<u64>(to + k, load<u64>(from + k))
      k += 8
    }
    while (k < <usize>length) {
      store<u8>(to + k, load<u8>(from + k))
      k++
    }
    return
  }
  if (offset == 1) {
    memory.fill(to, load<u8>(from), <usize>length)
    return
  }
  for (let k: usize = 0; k < <usize>length; k++) store<u8>(to + k, load<u8>(from + k))
}

/**
 * Inflates one compressed block of n bytes at `source`: text goes to `at`, no farther than `limit`, and refers to what
 * stands from `begin` on. Returns the number of bytes, or -1 for a block that is none.
 */
export function zstdBlock(ws: usize, source: usize, n: i32, begin: usize, at: usize, limit: usize): i32 {
  const end = source + <usize>n
  const size = literals(ws, source, end)
  if (size < 0) return WRONG
  let p = <usize>load<u32>(ws + CURSOR)
  if (p >= end) return WRONG
  let count: i32 = load<u8>(p)
  p++
  if (count >= 128) {
    if (count == 255) {
      if (p + 2 > end) return WRONG
      count = <i32>load<u16>(p) + 0x7f00
      p += 2
    } else {
      if (p >= end) return WRONG
      count = ((count - 128) << 8) + load<u8>(p)
      p++
    }
  }
  const start = at
  let literal = ws + LITERALS
  let left = size
  if (count == 0) {
    if (p != end) return WRONG
  } else {
    if (p >= end) return WRONG
    const modes: u32 = load<u8>(p)
    p++
    if ((modes & 3) != 0) return WRONG
    p = sequenceTable(ws, p, end, modes >> 6, 0)
    if (p == 0) return WRONG
    p = sequenceTable(ws, p, end, (modes >> 4) & 3, 1)
    if (p == 0) return WRONG
    p = sequenceTable(ws, p, end, (modes >> 2) & 3, 2)
    if (p == 0 || p >= end) return WRONG
    const lengths = <usize>load<u32>(ws + USED)
    const offsets = <usize>load<u32>(ws + USED, 8)
    const matches = <usize>load<u32>(ws + USED, 16)
    const lengthBits = load<i32>(ws + USED, 4)
    const offsetBits = load<i32>(ws + USED, 12)
    const matchBits = load<i32>(ws + USED, 20)
    let bit = streamBits(p, <i32>(end - p))
    if (bit < 0) return WRONG
    bit -= lengthBits
    let lengthState = bitsAt(p, bit, lengthBits)
    bit -= offsetBits
    let offsetState = bitsAt(p, bit, offsetBits)
    bit -= matchBits
    let matchState = bitsAt(p, bit, matchBits)
    if (bit < 0) return WRONG
    let first = load<i32>(ws + REPEAT)
    let second = load<i32>(ws + REPEAT, 4)
    let third = load<i32>(ws + REPEAT, 8)
    while (true) {
      const lengthEntry = lengths + (<usize>lengthState << 3)
      const offsetEntry = offsets + (<usize>offsetState << 3)
      const matchEntry = matches + (<usize>matchState << 3)
      let width: i32 = load<u8>(offsetEntry, 3)
      bit -= width
      if (bit < 0) return WRONG
      const code = load<u32>(offsetEntry, 4) + bitsAt(p, bit, width)
      width = load<u8>(matchEntry, 3)
      bit -= width
      const match = <i32>(load<u32>(matchEntry, 4) + (bit < 0 ? 0 : bitsAt(p, bit, width)))
      width = load<u8>(lengthEntry, 3)
      bit -= width
      const length = <i32>(load<u32>(lengthEntry, 4) + (bit < 0 ? 0 : bitsAt(p, bit, width)))
      if (bit < 0) return WRONG
      let offset: i32
      if (code > 3) {
        if (code > 0x7fffffff) return WRONG
        offset = <i32>code - 3
        third = second
        second = first
        first = offset
      } else {
        const index = code + u32(length == 0)
        if (index == 1) offset = first
        else if (index == 2) {
          offset = second
          second = first
          first = offset
        } else {
          offset = index == 3 ? third : first - 1
          if (offset <= 0) return WRONG
          third = second
          second = first
          first = offset
        }
      }
      if (length > left || <usize>(length + match) > limit - at) return WRONG
      // A few bytes more than asked for are cheaper than exactly as many.
      if (length <= 16) {
        if (limit - at >= 16) v128.store(at, v128.load(literal))
        else memory.copy(at, literal, <usize>length)
      } else memory.copy(at, literal, <usize>length)
      at += <usize>length
      literal += <usize>length
      left -= length
      if (<usize>offset > at - begin) return WRONG
      copyMatch(at, offset, match)
      at += <usize>match
      count--
      if (count == 0) break
      width = load<u8>(lengthEntry, 2)
      bit -= width
      lengthState = <u32>load<u16>(lengthEntry) + bitsAt(p, bit, width)
      width = load<u8>(matchEntry, 2)
      bit -= width
      matchState = <u32>load<u16>(matchEntry) + bitsAt(p, bit, width)
      width = load<u8>(offsetEntry, 2)
      bit -= width
      offsetState = <u32>load<u16>(offsetEntry) + bitsAt(p, bit, width)
      if (bit < 0) return WRONG
    }
    if (bit != 0) return WRONG
    store<i32>(ws + REPEAT, first)
    store<i32>(ws + REPEAT, second, 4)
    store<i32>(ws + REPEAT, third, 8)
  }
  if (<usize>left > limit - at) return WRONG
  memory.copy(at, literal, <usize>left)
  return <i32>(at - start) + left
}
