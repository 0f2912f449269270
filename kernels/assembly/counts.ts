// Genotype counts from two bit planes a variant (src/genotypes/store/layout.ts): low & ~high is one copy, high & ~low
// two copies, low & high missing. A record is `words` low words, then `words` high words.

/** out[4 v ..] = people in `mask` with no copy, one copy, two copies, no call, for each of `variants` records. */
export function variantCounts(records: usize, variants: i32, words: i32, mask: usize, out: usize): void {
  const plane: usize = (<usize>words) << 3
  let people: i64 = 0
  for (let w: usize = 0; w < plane; w += 8) people += popcnt<i64>(load<i64>(mask + w))
  for (let v = 0; v < variants; v++) {
    let het: i64 = 0
    let alt: i64 = 0
    let missing: i64 = 0
    for (let w: usize = 0; w < plane; w += 8) {
      const m = load<i64>(mask + w)
      const low = load<i64>(records + w) & m
      const high = load<i64>(records + plane + w) & m
      const both = popcnt<i64>(low & high)
      missing += both
      het += popcnt<i64>(low) - both
      alt += popcnt<i64>(high) - both
    }
    store<i32>(out, <i32>(people - het - alt - missing))
    store<i32>(out, <i32>het, 4)
    store<i32>(out, <i32>alt, 8)
    store<i32>(out, <i32>missing, 12)
    records += plane << 1
    out += 16
  }
}

/**
 * Splits the records index[0..count) by their counts (4 i32 a record of all): `chosen` are those whose rarer allele has copies,
 * and at least maf of all, among at least `least` alleles called; the rest go to `others`. weights[i]: heterozygous calls
 * expected of a person at chosen[i]; their sum to `expected`. Returns how many are chosen.
 */
export function commonVariants(counts: usize, index: usize, count: i32, maf: f64, least: f64, chosen: usize, others: usize, weights: usize, expected: usize): i32 {
  let used = 0
  let sum = 0.0
  for (let i = 0; i < count; i++) {
    const v = load<i32>(index + ((<usize>i) << 2))
    const c = counts + ((<usize>v) << 4)
    const het = <f64>load<i32>(c, 4)
    const alt = <f64>load<i32>(c, 8)
    const alleles = 2.0 * (<f64>load<i32>(c) + het + alt)
    const copies = het + 2.0 * alt
    const rarer = min(copies, alleles - copies)
    if (rarer === 0.0 || rarer < maf * alleles || alleles < least) {
      store<i32>(others + ((<usize>(i - used)) << 2), v)
      continue
    }
    const weight = (2.0 * copies * (alleles - copies)) / (alleles * alleles)
    store<i32>(chosen + ((<usize>used) << 2), v)
    store<f64>(weights + ((<usize>used) << 3), weight)
    used++
    sum += weight
  }
  store<f64>(expected, sum)
  return used
}

// Adds the 64 bits of `carry` to the vertical counters at `planes`, from weight 2^bit upwards.
// @ts-ignore: decorator
@inline
function addCarry(planes: usize, bit: i32, carry: u64): void {
  let p = planes + ((<usize>bit) << 3)
  while (carry != 0) {
    const before = load<u64>(p)
    store<u64>(p, before ^ carry)
    carry &= before
    p += 8
  }
}

// Adds vertical counters of `bits` planes to 64 i32 totals.
function unpack(planes: usize, bits: i32, totals: usize): void {
  for (let b = 0; b < bits; b++) {
    let rest = load<u64>(planes + ((<usize>b) << 3))
    const one = 1 << b
    while (rest != 0) {
      const p = totals + ((<usize>ctz<u64>(rest)) << 2)
      store<i32>(p, load<i32>(p) + one)
      rest &= rest - 1
    }
  }
}

// The same for two words at once.
// @ts-ignore: decorator
@inline
function addCarries(planes: usize, bit: i32, carry: v128): void {
  let p = planes + ((<usize>bit) << 4)
  while (v128.any_true(carry)) {
    const before = v128.load(p)
    v128.store(p, v128.xor(before, carry))
    carry = v128.and(before, carry)
    p += 16
  }
}

// Adds vertical counters of `bits` planes of two words to 128 i32 totals.
function unpackPairs(planes: usize, bits: i32, totals: usize): void {
  for (let b = 0; b < bits; b++) {
    const one = 1 << b
    for (let word: usize = 0; word < 2; word++) {
      let rest = load<u64>(planes + ((<usize>b) << 4) + (word << 3))
      const base = totals + (word << 8)
      while (rest != 0) {
        const p = base + ((<usize>ctz<u64>(rest)) << 2)
        store<i32>(p, load<i32>(p) + one)
        rest &= rest - 1
      }
    }
  }
}

/**
 * Adds, for every person, how many of the records index[0..count) are heterozygous and how many missing, to het and
 * missing (64 x words i32 each). count <= 65535. scratch: 512 bytes.
 */
export function personCounts(records: usize, index: usize, count: i32, words: i32, het: usize, missing: usize, scratch: usize): void {
  const plane: usize = (<usize>words) << 3
  const record: usize = plane << 1
  const missingPlanes = scratch + 256
  const bits = 32 - clz<i32>(count)
  let w: usize = 0
  for (; w + 16 <= plane; w += 16) {
    memory.fill(scratch, 0, 512)
    let h1 = i64x2.splat(0), h2 = i64x2.splat(0), h4 = i64x2.splat(0)
    for (let v = 0; v < count; v++) {
      const p = records + <usize>load<i32>(index + ((<usize>v) << 2)) * record + w
      const low = v128.load(p)
      const high = v128.load(p + plane)
      let c = v128.andnot(low, high)
      let t = v128.and(h1, c)
      h1 = v128.xor(h1, c)
      c = v128.and(h2, t)
      h2 = v128.xor(h2, t)
      t = v128.and(h4, c)
      h4 = v128.xor(h4, c)
      if (v128.any_true(t)) addCarries(scratch, 3, t)
      c = v128.and(low, high)
      if (v128.any_true(c)) addCarries(missingPlanes, 0, c)
    }
    v128.store(scratch, h1)
    v128.store(scratch, h2, 16)
    v128.store(scratch, h4, 32)
    unpackPairs(scratch, bits, het + (w << 5))
    unpackPairs(missingPlanes, bits, missing + (w << 5))
  }
  // The last of an odd number of words.
  for (; w < plane; w += 8) {
    memory.fill(scratch, 0, 512)
    let h1: u64 = 0, h2: u64 = 0, h4: u64 = 0
    let m1: u64 = 0, m2: u64 = 0, m4: u64 = 0
    for (let v = 0; v < count; v++) {
      const p = records + <usize>load<i32>(index + ((<usize>v) << 2)) * record + w
      const low = load<u64>(p)
      const high = load<u64>(p + plane)
      let c = low & ~high
      let t = h1 & c
      h1 ^= c
      c = t
      t = h2 & c
      h2 ^= c
      c = t
      t = h4 & c
      h4 ^= c
      if (t != 0) addCarry(scratch, 3, t)
      c = low & high
      if (c != 0) {
        t = m1 & c
        m1 ^= c
        c = t
        t = m2 & c
        m2 ^= c
        c = t
        t = m4 & c
        m4 ^= c
        if (t != 0) addCarry(missingPlanes, 3, t)
      }
    }
    store<u64>(scratch, h1)
    store<u64>(scratch, h2, 8)
    store<u64>(scratch, h4, 16)
    store<u64>(missingPlanes, m1)
    store<u64>(missingPlanes, m2, 8)
    store<u64>(missingPlanes, m4, 16)
    unpack(scratch, bits, het + (w << 5))
    unpack(missingPlanes, bits, missing + (w << 5))
  }
}

/** Adds weights[v] to sums[person] for every missing call of the records index[0..count); sums: 64 x words f64. */
export function missingWeights(records: usize, index: usize, weights: usize, count: i32, words: i32, sums: usize): void {
  const plane: usize = (<usize>words) << 3
  for (let v = 0; v < count; v++) {
    const p = records + <usize>load<i32>(index + ((<usize>v) << 2)) * (plane << 1)
    const weight = load<f64>(weights + ((<usize>v) << 3))
    for (let w: usize = 0; w < plane; w += 8) {
      let rest = load<u64>(p + w) & load<u64>(p + plane + w)
      while (rest != 0) {
        const s = sums + (w << 6) + ((<usize>ctz<u64>(rest)) << 3)
        store<f64>(s, load<f64>(s) + weight)
        rest &= rest - 1
      }
    }
  }
}
