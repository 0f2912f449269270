// Pairs of people (KING-robust) from bit planes.

// Transposes the 64 x 64 bit matrix at p: bit c of word r goes to bit r of word c.
function transpose64(p: usize): void {
  let half: u32 = 32
  let mask: u64 = 0x00000000ffffffff
  while (half != 0) {
    for (let k: u32 = 0; k < 64; k = (k + half + 1) & ~half) {
      const a = p + ((<usize>k) << 3)
      const b = p + ((<usize>(k + half)) << 3)
      const x = load<u64>(a)
      const y = load<u64>(b)
      const t = ((x >> half) ^ y) & mask
      store<u64>(b, y ^ t)
      store<u64>(a, x ^ (t << half))
    }
    half >>= 1
    mask ^= mask << half
  }
}

/**
 * Turns the records index[0..count) into bits by person: the two planes T1, one copy or two, and T2, two copies, both 0 for
 * a missing call. Person r has tile / 2 pairs of vectors at out + 16 tile r: T1 and T2 of records 128 p to 128 p + 127 at
 * + 32 p. rank[s] (64 x words i32) is r, or -1 for people left out. tile is even and count <= 64 tile; all words are
 * written. scratch: 1024 bytes.
 */
export function planesByPerson(records: usize, index: usize, count: i32, words: i32, rank: usize, tile: i32, out: usize, scratch: usize): void {
  const plane: usize = (<usize>words) << 3
  const highs = scratch + 512
  for (let g = 0; g < tile; g++) {
    const first = g << 6
    const last = min(count, first + 64)
    const place = (<usize>(g >> 1) << 5) + (<usize>(g & 1) << 3)
    for (let w: usize = 0; w < plane; w += 8) {
      memory.fill(scratch, 0, 1024)
      for (let v = first; v < last; v++) {
        const p = records + <usize>load<i32>(index + ((<usize>v) << 2)) * (plane << 1) + w
        const at = (<usize>(v - first)) << 3
        const low = load<u64>(p)
        const high = load<u64>(p + plane)
        store<u64>(scratch + at, low ^ high)
        store<u64>(highs + at, high & ~low)
      }
      transpose64(scratch)
      transpose64(highs)
      const ranks = rank + (w << 5)
      for (let s: usize = 0; s < 64; s++) {
        const r = load<i32>(ranks + (s << 2))
        if (r < 0) continue
        const o = out + ((<usize>r * <usize>tile) << 4) + place
        store<u64>(o, load<u64>(scratch + (s << 3)))
        store<u64>(o, load<u64>(highs + (s << 3)), 16)
      }
    }
  }
}

/** Adds to totals (2 i32 a person; the second is left alone) the heterozygous calls in one tile of planesByPerson. */
export function heterozygousInPlanes(planes: usize, people: i32, tile: i32, totals: usize): void {
  const person: usize = (<usize>tile) << 4
  for (let r = 0; r < people; r++) {
    let sum: i64 = 0
    const end = planes + person
    for (; planes < end; planes += 32) {
      sum += popcnt<i64>(load<i64>(planes) ^ load<i64>(planes, 16)) + popcnt<i64>(load<i64>(planes, 8) ^ load<i64>(planes, 24))
    }
    store<i32>(totals, load<i32>(totals) + <i32>sum)
    totals += 8
  }
}

// Adds the bytes of `one` (records at which one of two people is heterozygous and the other not) and of `both` (0 and 2
// copies) to the two i32 at o.
// @ts-ignore: decorator
@inline
function addBytes(one: v128, both: v128, o: usize): void {
  const first = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(one))
  const second = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(both))
  const halves = i32x4.add(i32x4.shuffle(first, second, 0, 1, 4, 5), i32x4.shuffle(first, second, 2, 3, 6, 7))
  store<i32>(o, load<i32>(o) + i32x4.extract_lane(halves, 0) + i32x4.extract_lane(halves, 1))
  store<i32>(o, load<i32>(o, 4) + i32x4.extract_lane(halves, 2) + i32x4.extract_lane(halves, 3), 4)
}

/**
 * Adds to out (rows x columns, 2 i32 each) over one tile of planesByPerson: records at which one of the two has one copy and
 * the other none or two, and records at which one has none and the other two. Missing calls count as no copy:
 * missingOverlaps tells what to take off. Where `triangle` is not 0 only column < row is visited. tile <= 62.
 */
export function genotypeDistances(rowPlanes: usize, rows: i32, columnPlanes: usize, columns: i32, tile: i32, triangle: i32, out: usize): void {
  const person: usize = (<usize>tile) << 4
  // Columns that stay in the nearest cache (32 x 512 bytes at tile 32) while every row passes.
  for (let j0 = 0; j0 < columns; j0 += 32) {
    for (let i = triangle !== 0 ? j0 + 1 : 0; i < rows; i++) {
      const rowStart = rowPlanes + <usize>i * person
      const rowEnd = rowStart + person
      const limit = min(j0 + 32, triangle !== 0 ? min(i, columns) : columns)
      let o = out + ((<usize>i * <usize>columns + <usize>j0) << 3)
      let b = columnPlanes + <usize>j0 * person
      let j = j0
      for (; j + 2 <= limit; j += 2) {
        let c = b + person
        let one = i8x16.splat(0)
        let both = i8x16.splat(0)
        let otherOne = i8x16.splat(0)
        let otherBoth = i8x16.splat(0)
        for (let a = rowStart; a < rowEnd; a += 32) {
          const t1 = v128.load(a)
          const t2 = v128.load(a, 16)
          let d1 = v128.xor(t1, v128.load(b))
          let d2 = v128.xor(t2, v128.load(b, 16))
          one = i8x16.add(one, i8x16.popcnt(v128.xor(d1, d2)))
          both = i8x16.add(both, i8x16.popcnt(v128.and(d1, d2)))
          d1 = v128.xor(t1, v128.load(c))
          d2 = v128.xor(t2, v128.load(c, 16))
          otherOne = i8x16.add(otherOne, i8x16.popcnt(v128.xor(d1, d2)))
          otherBoth = i8x16.add(otherBoth, i8x16.popcnt(v128.and(d1, d2)))
          b += 32
          c += 32
        }
        b = c
        addBytes(one, both, o)
        addBytes(otherOne, otherBoth, o + 8)
        o += 16
      }
      if (j < limit) {
        let one = i8x16.splat(0)
        let both = i8x16.splat(0)
        for (let a = rowStart; a < rowEnd; a += 32) {
          const d1 = v128.xor(v128.load(a), v128.load(b))
          const d2 = v128.xor(v128.load(a, 16), v128.load(b, 16))
          one = i8x16.add(one, i8x16.popcnt(v128.xor(d1, d2)))
          both = i8x16.add(both, i8x16.popcnt(v128.and(d1, d2)))
          b += 32
        }
        addBytes(one, both, o)
      }
    }
  }
}

/**
 * Exchanges the alleles of those records index[0..count) at which two copies are commoner than none, in place: the counts of
 * pairs are the same either way, and there are fewer carriers to look at. flips[v] (u8) is not 0 for records to exchange;
 * everyone: one plane.
 */
export function exchangeAlleles(records: usize, index: usize, flips: usize, count: i32, words: i32, everyone: usize): void {
  const plane: usize = (<usize>words) << 3
  for (let v = 0; v < count; v++) {
    if (load<u8>(flips + <usize>v) === 0) continue
    const high = records + <usize>load<i32>(index + ((<usize>v) << 2)) * (plane << 1) + plane
    for (let w: usize = 0; w < plane; w += 8)
      store<u64>(high + w, ~(load<u64>(high - plane + w) ^ load<u64>(high + w)) & load<u64>(everyone + w))
  }
}

// Lists carriers among some people: 4 r + copies; adds 1 to their number of heterozygous calls or of two copies (2 i32 a
// person at totals).
function carriers(record: usize, plane: usize, rank: usize, list: usize, totals: usize): i32 {
  let count = 0
  for (let w: usize = 0; w < plane; w += 8) {
    const low = load<u64>(record + w)
    const high = load<u64>(record + plane + w)
    let rest = low ^ high
    while (rest !== 0) {
      const bit = ctz<u64>(rest)
      rest &= rest - 1
      const r = load<i32>(rank + (w << 5) + ((<usize>bit) << 2))
      if (r < 0) continue
      const two = <i32>((high >> bit) & 1)
      const total = totals + ((<usize>r) << 3) + ((<usize>two) << 2)
      store<i32>(total, load<i32>(total) + 1)
      store<i32>(list + ((<usize>count) << 2), (r << 2) + 1 + two)
      count++
    }
  }
  return count
}

/**
 * The same as planesByPerson and genotypeDistances for records index[0..count) with few carriers, by visiting pairs of
 * carriers. Adds to shared (rows x columns, 2 i32 each) 1 for a pair that is both heterozygous; and the copies shared by a
 * pair of which one has two (1 with a heterozygous one, 2 with another of two). Adds to the totals of rows and columns (2 i32
 * a person) heterozygous calls and calls of two copies. columnRank equal to rowRank: one side with itself, column < row.
 * scratch: 4 (rows + columns) bytes.
 */
export function sharedByCarriers(records: usize, index: usize, count: i32, words: i32, rowRank: usize, rows: i32, columnRank: usize, columns: i32, shared: usize, rowTotals: usize, columnTotals: usize, scratch: usize): void {
  const plane: usize = (<usize>words) << 3
  const same = rowRank === columnRank
  const others = same ? scratch : scratch + ((<usize>rows) << 2)
  for (let v = 0; v < count; v++) {
    const record = records + <usize>load<i32>(index + ((<usize>v) << 2)) * (plane << 1)
    const left = carriers(record, plane, rowRank, scratch, rowTotals)
    const right = same ? left : carriers(record, plane, columnRank, others, columnTotals)
    for (let i = 0; i < left; i++) {
      const a = load<i32>(scratch + ((<usize>i) << 2))
      const r = a >> 2
      const row = shared + ((<usize>r * <usize>columns) << 3)
      for (let j = 0; j < right; j++) {
        const b = load<i32>(others + ((<usize>j) << 2))
        const c = b >> 2
        if (same && c >= r) continue
        // 1 x 1 is both heterozygous; 1 x 2 and 2 x 2 share 1 and 2.
        const copies = ((a & 3) * (b & 3)) >> 1
        const at = row + ((<usize>c) << 3)
        if (copies === 0) store<i32>(at, load<i32>(at) + 1)
        else store<i32>(at, load<i32>(at, 4) + copies, 4)
      }
    }
  }
}

/**
 * Chains, for every person, the records of index[0..count) without a call. Person r (rank as in planesByPerson) has counts[r]
 * of them; the last is the record of link heads[r], and links (2 i32 each: record, link before it) lead to the others.
 * Returns the number of links. heads and counts are overwritten for `people` people.
 */
export function missingChains(records: usize, index: usize, count: i32, words: i32, rank: usize, people: i32, heads: usize, counts: usize, links: usize): i32 {
  const plane: usize = (<usize>words) << 3
  memory.fill(counts, 0, (<usize>people) << 2)
  let made = 0
  for (let v = 0; v < count; v++) {
    const record = load<i32>(index + ((<usize>v) << 2))
    const p = records + <usize>record * (plane << 1)
    for (let w: usize = 0; w < plane; w += 8) {
      let rest = load<u64>(p + w) & load<u64>(p + plane + w)
      while (rest !== 0) {
        const r = load<i32>(rank + (w << 5) + ((<usize>ctz<u64>(rest)) << 2))
        rest &= rest - 1
        if (r < 0) continue
        const head = heads + ((<usize>r) << 2)
        const held = counts + ((<usize>r) << 2)
        const link = links + ((<usize>made) << 3)
        store<i32>(link, record)
        store<i32>(link, load<i32>(head), 4)
        store<i32>(head, made)
        store<i32>(held, load<i32>(held) + 1)
        made++
      }
    }
  }
  return made
}

// Adds `carry` to vertical counters (16 bytes a bit), from weight 2^bit upwards.
// @ts-ignore: decorator
@inline
function addCarry(planes: usize, bit: usize, carry: v128): void {
  let at = planes + (bit << 4)
  while (v128.any_true(carry)) {
    const before = v128.load(at)
    v128.store(at, v128.xor(before, carry))
    carry = v128.and(before, carry)
    at += 16
  }
}

// Adds vertical counters of `bits` planes, 128 people, to every third i32 from out.
function unpack(planes: usize, bits: i32, people: i32, out: usize): void {
  const single = v128(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128)
  for (let s = 0; s < people; s += 16) {
    let low = i8x16.splat(0)
    let high = i8x16.splat(0)
    for (let b = 0; b < bits; b++) {
      const two = i16x8.splat(load<i16>(planes + ((<usize>b) << 4) + (<usize>s >> 3)))
      // The first byte to the first eight lanes, the second to the others.
      const spread = i8x16.shuffle(two, two, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1)
      const set = i8x16.eq(v128.and(spread, single), single)
      const bit: i32 = 1 << (b & 7)
      const weight = v128.and(set, i8x16.splat(<i8>bit))
      if (b < 8) low = v128.or(low, weight)
      else high = v128.or(high, weight)
    }
    if (!v128.any_true(v128.or(low, high))) continue
    for (let k = 0; k < 16; k++) {
      const o = out + (<usize>(s + k) * 12)
      const value = <i32>(i8x16.extract_lane_u(low, 0)) | (<i32>i8x16.extract_lane_u(high, 0) << 8)
      store<i32>(o, load<i32>(o) + value)
      low = i8x16.shuffle(low, low, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0)
      high = i8x16.shuffle(high, high, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0)
    }
  }
}

/**
 * Adds to out, 3 i32 a person of words [firstWord, endWord) (64 people a word), how many of the `count` records of the chain
 * that begins at link `head` are heterozygous, of two copies, and missing in that person. count <= 65535. scratch: 768
 * bytes. Up to 8 bytes beyond the records are read.
 */
export function missingOverlaps(records: usize, links: usize, head: i32, count: i32, words: i32, firstWord: i32, endWord: i32, out: usize, scratch: usize): void {
  if (count === 0) return
  const plane: usize = (<usize>words) << 3
  const record: usize = plane << 1
  const alts = scratch + 256
  const missings = scratch + 512
  const bits = 32 - clz<i32>(count)
  for (let w = firstWord; w < endWord; w += 2) {
    memory.fill(scratch, 0, 768)
    const from = records + ((<usize>w) << 3)
    let h1 = i64x2.splat(0), h2 = i64x2.splat(0)
    let a1 = i64x2.splat(0), a2 = i64x2.splat(0)
    let at = head
    for (let i = 0; i < count; i++) {
      const link = links + ((<usize>at) << 3)
      const p = from + <usize>load<i32>(link) * record
      at = load<i32>(link, 4)
      const low = v128.load(p)
      const high = v128.load(p + plane)
      let c = v128.andnot(low, high)
      let t = v128.and(h1, c)
      h1 = v128.xor(h1, c)
      c = v128.and(h2, t)
      h2 = v128.xor(h2, t)
      if (v128.any_true(c)) addCarry(scratch, 2, c)
      c = v128.andnot(high, low)
      t = v128.and(a1, c)
      a1 = v128.xor(a1, c)
      c = v128.and(a2, t)
      a2 = v128.xor(a2, t)
      if (v128.any_true(c)) addCarry(alts, 2, c)
      c = v128.and(low, high)
      if (v128.any_true(c)) addCarry(missings, 0, c)
    }
    v128.store(scratch, h1)
    v128.store(scratch, h2, 16)
    v128.store(alts, a1)
    v128.store(alts, a2, 16)
    const people = min(2, endWord - w) << 6
    const o = out + (<usize>(w - firstWord) * 768)
    unpack(scratch, bits, people, o)
    unpack(alts, bits, people, o + 4)
    unpack(missings, bits, people, o + 8)
  }
}
