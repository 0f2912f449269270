// XXH64 with seed 0 (the xxHash specification), of which Zstandard frames carry the low 32 bits (RFC 8878, 3.1.1).
// State: four accumulators, the number of bytes, and the up to 31 bytes that wait for a whole stripe.

const P1: u64 = 0x9e3779b185ebca87
const P2: u64 = 0xc2b2ae3d27d4eb4f
const P3: u64 = 0x165667b19e3779f9
const P4: u64 = 0x85ebca77c2b2ae63
const P5: u64 = 0x27d4eb2f165667c5

const LENGTH: usize = 32
const WAITING: usize = 40

/** Bytes of the state. */
export function xxh64Bytes(): i32 {
  return 72
}

export function xxh64Begin(state: usize): void {
  store<u64>(state, P1 + P2)
  store<u64>(state, P2, 8)
  store<u64>(state, 0, 16)
  store<u64>(state, 0 - P1, 24)
  store<u64>(state, 0, LENGTH)
}

// @ts-ignore: decorator
@inline
function round(lane: u64, input: u64): u64 {
  return rotl(lane + input * P2, 31) * P1
}

function stripes(state: usize, bytes: usize, count: i32): void {
  let a = load<u64>(state)
  let b = load<u64>(state, 8)
  let c = load<u64>(state, 16)
  let d = load<u64>(state, 24)
  for (let k: i32 = 0; k < count; k++) {
    a = round(a, load<u64>(bytes))
    b = round(b, load<u64>(bytes, 8))
    c = round(c, load<u64>(bytes, 16))
    d = round(d, load<u64>(bytes, 24))
    bytes += 32
  }
  store<u64>(state, a)
  store<u64>(state, b, 8)
  store<u64>(state, c, 16)
  store<u64>(state, d, 24)
}

/** Takes n bytes more. */
export function xxh64Add(state: usize, bytes: usize, n: i32): void {
  const length = load<u64>(state, LENGTH)
  store<u64>(state, length + <u64>n, LENGTH)
  const waiting = <i32>(length & 31)
  let p = bytes
  let left = n
  if (waiting > 0) {
    const fill = min(32 - waiting, left)
    memory.copy(state + WAITING + <usize>waiting, p, <usize>fill)
    p += <usize>fill
    left -= fill
    if (waiting + fill < 32) return
    stripes(state, state + WAITING, 1)
  }
  stripes(state, p, left >> 5)
  memory.copy(state + WAITING, p + <usize>(left & ~31), <usize>(left & 31))
}

/** The low 32 bits of the hash. */
export function xxh64Low(state: usize): u32 {
  const length = load<u64>(state, LENGTH)
  let hash: u64
  if (length >= 32) {
    const a = load<u64>(state)
    const b = load<u64>(state, 8)
    const c = load<u64>(state, 16)
    const d = load<u64>(state, 24)
    hash = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18)
    hash = (hash ^ round(0, a)) * P1 + P4
    hash = (hash ^ round(0, b)) * P1 + P4
    hash = (hash ^ round(0, c)) * P1 + P4
    hash = (hash ^ round(0, d)) * P1 + P4
  } else hash = P5
  hash += length
  let p = state + WAITING
  const end = p + <usize>(length & 31)
  while (p + 8 <= end) {
    hash = rotl(hash ^ round(0, load<u64>(p)), 27) * P1 + P4
    p += 8
  }
  if (p + 4 <= end) {
    hash = rotl(hash ^ (<u64>load<u32>(p) * P1), 23) * P2 + P3
    p += 4
  }
  while (p < end) {
    hash = rotl(hash ^ (<u64>load<u8>(p) * P5), 11) * P1
    p++
  }
  hash = (hash ^ (hash >> 33)) * P2
  hash = (hash ^ (hash >> 29)) * P3
  return <u32>(hash ^ (hash >> 32))
}
