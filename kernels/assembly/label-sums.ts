// (c, T) of every label set at once: the cases' copies added up over people by bit-sliced carry-save adders, 128 label sets to a
// vector. Nothing here allocates.

/** The carry of a + b + c, given ab = a ^ b; their sum is ab ^ c. */
@inline
function majority(a: v128, b: v128, c: v128, ab: v128): v128 {
  return v128.or(v128.and(a, b), v128.and(ab, c))
}

/** Adds a vector of bits to the planes from `at` up to `end`. */
@inline
function ripple(at: usize, end: usize, x: v128): void {
  for (; at < end; at += 16) {
    const plane = v128.load(at)
    v128.store(at, v128.xor(plane, x))
    x = v128.and(plane, x)
  }
}

/**
 * For each of 128 label sets how many of the people at `once` .. `onceEnd` are cases, plus twice those at `twice` ..
 * `twiceEnd` (byte offsets in the block, a multiple of 4 and of 2 of them), as `bits` >= 3 bit planes: carry-save adders in
 * the tree of Harley and Seal (Warren, Hacker's Delight, 2nd ed., section 5-1).
 */
function addUp(block: usize, once: usize, onceEnd: usize, twice: usize, twiceEnd: usize, out: usize, bits: i32): void {
  const high = out + 48
  const end = out + (<usize>bits << 4)
  const zero = i64x2.splat(0)
  for (let at = high; at < end; at += 16) v128.store(at, zero)
  let ones = zero
  let twos = zero
  let fours = zero
  for (; once + 16 < onceEnd; once += 32) {
    let a = v128.load(block + <usize>load<u32>(once))
    let b = v128.load(block + <usize>load<u32>(once, 4))
    let ab = v128.xor(a, b)
    const twosA = majority(a, b, ones, ab)
    ones = v128.xor(ab, ones)
    a = v128.load(block + <usize>load<u32>(once, 8))
    b = v128.load(block + <usize>load<u32>(once, 12))
    ab = v128.xor(a, b)
    const twosB = majority(a, b, ones, ab)
    ones = v128.xor(ab, ones)
    ab = v128.xor(twosA, twosB)
    const foursA = majority(twosA, twosB, twos, ab)
    twos = v128.xor(ab, twos)
    a = v128.load(block + <usize>load<u32>(once, 16))
    b = v128.load(block + <usize>load<u32>(once, 20))
    ab = v128.xor(a, b)
    const twosC = majority(a, b, ones, ab)
    ones = v128.xor(ab, ones)
    a = v128.load(block + <usize>load<u32>(once, 24))
    b = v128.load(block + <usize>load<u32>(once, 28))
    ab = v128.xor(a, b)
    const twosD = majority(a, b, ones, ab)
    ones = v128.xor(ab, ones)
    ab = v128.xor(twosC, twosD)
    const foursB = majority(twosC, twosD, twos, ab)
    twos = v128.xor(ab, twos)
    ab = v128.xor(foursA, foursB)
    ripple(high, end, majority(foursA, foursB, fours, ab))
    fours = v128.xor(ab, fours)
  }
  if (once < onceEnd) {
    let a = v128.load(block + <usize>load<u32>(once))
    let b = v128.load(block + <usize>load<u32>(once, 4))
    let ab = v128.xor(a, b)
    const twosA = majority(a, b, ones, ab)
    ones = v128.xor(ab, ones)
    a = v128.load(block + <usize>load<u32>(once, 8))
    b = v128.load(block + <usize>load<u32>(once, 12))
    ab = v128.xor(a, b)
    const twosB = majority(a, b, ones, ab)
    ones = v128.xor(ab, ones)
    ab = v128.xor(twosA, twosB)
    const foursA = majority(twosA, twosB, twos, ab)
    twos = v128.xor(ab, twos)
    ripple(high, end, v128.and(fours, foursA))
    fours = v128.xor(fours, foursA)
  }
  for (; twice + 8 < twiceEnd; twice += 16) {
    let a = v128.load(block + <usize>load<u32>(twice))
    let b = v128.load(block + <usize>load<u32>(twice, 4))
    let ab = v128.xor(a, b)
    const foursA = majority(a, b, twos, ab)
    twos = v128.xor(ab, twos)
    a = v128.load(block + <usize>load<u32>(twice, 8))
    b = v128.load(block + <usize>load<u32>(twice, 12))
    ab = v128.xor(a, b)
    const foursB = majority(a, b, twos, ab)
    twos = v128.xor(ab, twos)
    ab = v128.xor(foursA, foursB)
    ripple(high, end, majority(foursA, foursB, fours, ab))
    fours = v128.xor(ab, fours)
  }
  if (twice < twiceEnd) {
    const a = v128.load(block + <usize>load<u32>(twice))
    const b = v128.load(block + <usize>load<u32>(twice, 4))
    const ab = v128.xor(a, b)
    const foursA = majority(a, b, twos, ab)
    twos = v128.xor(ab, twos)
    ripple(high, end, v128.and(fours, foursA))
    fours = v128.xor(fours, foursA)
  }
  v128.store(out, ones)
  v128.store(out, twos, 16)
  v128.store(out, fours, 32)
}

/** As `addUp` for one, two or three people, in as many planes as their number needs. */
@inline
function addFew(block: usize, list: usize, n: i32, out: usize): void {
  const a = v128.load(block + <usize>load<u32>(list))
  if (n == 1) {
    v128.store(out, a)
    return
  }
  const b = v128.load(block + <usize>load<u32>(list, 4))
  const ab = v128.xor(a, b)
  if (n == 2) {
    v128.store(out, ab)
    v128.store(out, v128.and(a, b), 16)
    return
  }
  const c = v128.load(block + <usize>load<u32>(list, 8))
  v128.store(out, v128.xor(ab, c))
  v128.store(out, majority(a, b, c, ab), 16)
}

/** Offsets in a block of the people in a class, filled up to a multiple of `group` with its empty row; returns the end. */
@inline
function listPeople(record: usize, plane: usize, included: usize, kind: i32, group: i32, out: usize): usize {
  let at = out
  for (let i: usize = 0; i < plane; i += 8) {
    const low = load<u64>(record + i)
    const high = load<u64>(record + plane + i)
    let who = kind == 0 ? load<u64>(included + i) & ~(low | high) : kind == 1 ? low & ~high : kind == 2 ? high & ~low : low & high
    for (; who != 0; who &= who - 1) {
      store<u32>(at, <u32>((i << 7) | (<usize>ctz(who) << 4)))
      at += 4
    }
  }
  for (; (((at - out) >> 2) & <usize>(group - 1)) != 0; at += 4) store<u32>(at, <u32>(plane << 7))
  return at
}

/** Planes of numbers up to `most`: at least the three that a step of `addUp` makes. */
@inline
export function planesOf(most: i32): i32 {
  return max(3, 32 - <i32>clz(most))
}

/** Planes of the cases not called. */
@inline
export function missingPlanes(missing: i32, cases: i32): i32 {
  return missing == 0 ? 0 : missing == 1 ? 1 : missing < 4 ? 2 : planesOf(min(missing, cases))
}

/**
 * (c, T) of every label set as bit planes. `blocks`: 128 label sets each; in a block a vector for each bit of a plane of
 * people, then an empty one, then that of the sets that exist: 64 words + 2 vectors. `mirrored`: T counts copies of ref.
 * `out`, for each block and up to a multiple of eight of them: 16 vectors, of which `planesOf` the largest T are the planes of T, and 16, of which
 * `missingPlanes` are those of the cases not called. `scratch`: 64 words + 12 32-bit words. The record holds included
 * people only.
 */
export function labelsSums(record: usize, words: i32, included: usize, mirrored: i32, blocks: usize, count: i32, bits: i32, missing: i32, cases: i32, out: usize, scratch: usize): void {
  const plane = <usize>words << 3
  const once = scratch
  const twice = listPeople(record, plane, included, 1, 4, once)
  const twiceEnd = mirrored != 0 ? listPeople(record, plane, included, 0, 2, twice) : listPeople(record, plane, included, 2, 2, twice)
  const size = (plane << 7) + 32
  const last = out + (<usize>count << 9)
  for (let to = out, block = blocks; to < last; to += 512, block += size) addUp(block, once, twice, twice, twiceEnd, to, bits)
  if (missing == 0) return
  const end = listPeople(record, plane, included, 3, 4, twiceEnd)
  const missingBits = missingPlanes(missing, cases)
  for (let to = out + 256, block = blocks; to < last; to += 512, block += size) {
    if (missing < 4) addFew(block, twiceEnd, missing, to)
    else addUp(block, twiceEnd, end, end, end, to, missingBits)
  }
}

/** Where the number in bit planes is x. */
@inline
export function equal(planes: usize, bits: i32, x: i32): v128 {
  let same = i64x2.splat(-1)
  for (let j = 0; j < bits; j++) {
    const plane = v128.load(planes + (<usize>j << 4))
    same = ((x >> j) & 1) != 0 ? v128.and(same, plane) : v128.andnot(same, plane)
  }
  return same
}

/** Where the number in bit planes is below x. */
@inline
export function below(planes: usize, bits: i32, x: i32): v128 {
  if (x >> bits > 0) return i64x2.splat(-1)
  let less = i64x2.splat(0)
  for (let j = 0; j < bits; j++) {
    const plane = v128.not(v128.load(planes + (<usize>j << 4)))
    less = ((x >> j) & 1) != 0 ? v128.or(less, plane) : v128.and(less, plane)
  }
  return less
}

/** The label sets of a block, if it is one, that exist and, unless `lost` is negative, have so many cases not called. */
@inline
function members(block: i32, count: i32, sums: usize, exist: usize, size: usize, missingBits: i32, lost: i32): v128 {
  if (block >= count) return i64x2.splat(0)
  const all = v128.load(exist + <usize>block * size)
  return lost < 0 ? all : v128.and(all, equal(sums + (<usize>block << 9) + 256, missingBits, lost))
}

/** Of those left, the ones whose number has this bit, or has it not. */
@inline
function having(left: v128, plane: usize, smallest: bool): v128 {
  return smallest ? v128.andnot(left, v128.load(plane)) : v128.and(left, v128.load(plane))
}

/**
 * The largest T (or the smallest) of the label sets that exist and, unless `lost` is negative, have so many cases not called; -1
 * when there is none. By its bits from the top, in eight blocks at once: a branch a bit, and everybody left in registers.
 */
@inline
function extremeSum(sums: usize, blocks: usize, words: i32, count: i32, bits: i32, missingBits: i32, lost: i32, smallest: bool): i32 {
  const size = (<usize>words << 10) + 32
  const exist = blocks + size - 16
  let extreme = -1
  for (let b = 0; b < count; b += 8) {
    let l0 = members(b, count, sums, exist, size, missingBits, lost)
    let l1 = members(b + 1, count, sums, exist, size, missingBits, lost)
    let l2 = members(b + 2, count, sums, exist, size, missingBits, lost)
    let l3 = members(b + 3, count, sums, exist, size, missingBits, lost)
    let l4 = members(b + 4, count, sums, exist, size, missingBits, lost)
    let l5 = members(b + 5, count, sums, exist, size, missingBits, lost)
    let l6 = members(b + 6, count, sums, exist, size, missingBits, lost)
    let l7 = members(b + 7, count, sums, exist, size, missingBits, lost)
    const some = v128.or(v128.or(v128.or(l0, l1), v128.or(l2, l3)), v128.or(v128.or(l4, l5), v128.or(l6, l7)))
    if (!v128.any_true(some)) continue
    let x = 0
    for (let j = bits - 1; j >= 0; j--) {
      const p = sums + (<usize>b << 9) + (<usize>j << 4)
      const any = v128.or(
        v128.or(v128.or(having(l0, p, smallest), having(l1, p + 512, smallest)), v128.or(having(l2, p + 1024, smallest), having(l3, p + 1536, smallest))),
        v128.or(v128.or(having(l4, p + 2048, smallest), having(l5, p + 2560, smallest)), v128.or(having(l6, p + 3072, smallest), having(l7, p + 3584, smallest))),
      )
      const left = v128.any_true(any)
      if (left !== smallest) x |= 1 << j
      if (!left) continue
      l0 = having(l0, p, smallest)
      l1 = having(l1, p + 512, smallest)
      l2 = having(l2, p + 1024, smallest)
      l3 = having(l3, p + 1536, smallest)
      l4 = having(l4, p + 2048, smallest)
      l5 = having(l5, p + 2560, smallest)
      l6 = having(l6, p + 3072, smallest)
      l7 = having(l7, p + 3584, smallest)
    }
    extreme = extreme < 0 ? x : smallest ? min(extreme, x) : max(extreme, x)
  }
  return extreme
}

/** The smallest T of the label sets that exist and (unless `lost` is negative) have so many cases not called; -1 when there is none. */
export function smallestSum(sums: usize, blocks: usize, words: i32, count: i32, bits: i32, missingBits: i32, lost: i32): i32 {
  return extremeSum(sums, blocks, words, count, bits, missingBits, lost, true)
}

/** The largest T, as `smallestSum`. */
export function largestSum(sums: usize, blocks: usize, words: i32, count: i32, bits: i32, missingBits: i32, lost: i32): i32 {
  return extremeSum(sums, blocks, words, count, bits, missingBits, lost, false)
}
