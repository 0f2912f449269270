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

/** Records between two additions to the vertical counters: as many as four planes count. */
const countedAtOnce = 15
/** Bytes of the vertical counters of one kind of call, 16 planes of two words. */
const counterBytes: usize = 256

// Adds c1 + 2 c2 + 4 c4 + 8 c8, for each of 128 bits, to the vertical counters at `planes`.
// @ts-ignore: decorator
@inline
function addToCounters(planes: usize, c1: v128, c2: v128, c4: v128, c8: v128): void {
  let before = v128.load(planes)
  v128.store(planes, v128.xor(before, c1))
  let carry = v128.and(before, c1)
  before = v128.load(planes, 16)
  let either = v128.xor(before, c2)
  v128.store(planes, v128.xor(either, carry), 16)
  carry = v128.or(v128.and(before, c2), v128.and(either, carry))
  before = v128.load(planes, 32)
  either = v128.xor(before, c4)
  v128.store(planes, v128.xor(either, carry), 32)
  carry = v128.or(v128.and(before, c4), v128.and(either, carry))
  before = v128.load(planes, 48)
  either = v128.xor(before, c8)
  v128.store(planes, v128.xor(either, carry), 48)
  carry = v128.or(v128.and(before, c8), v128.and(either, carry))
  let p = planes + 64
  while (v128.any_true(carry)) {
    before = v128.load(p)
    v128.store(p, v128.xor(before, carry))
    carry = v128.and(before, carry)
    p += 16
  }
}

// Adds vertical counters of `bits` planes of two words to the totals of `words` of them, 64 i32 a word.
function unpack(planes: usize, bits: i32, words: usize, totals: usize): void {
  for (let b = 0; b < bits; b++) {
    const one = 1 << b
    for (let word: usize = 0; word < words; word++) {
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
  const bits = 32 - clz<i32>(count)
  const last = index + ((<usize>count) << 2)
  // Two words at a time; the last of an odd number is one alone, whose upper half stays 0.
  for (let w: usize = 0; w < plane; w += 16) {
    const pair = w + 16 <= plane
    memory.fill(scratch, 0, counterBytes << 1)
    for (let i = index; i < last; ) {
      const end = min(last, i + (countedAtOnce << 2))
      let h1 = i64x2.splat(0), h2 = i64x2.splat(0), h4 = i64x2.splat(0), h8 = i64x2.splat(0)
      let m1 = i64x2.splat(0), m2 = i64x2.splat(0), m4 = i64x2.splat(0), m8 = i64x2.splat(0)
      for (; i < end; i += 4) {
        const p = records + <usize>load<i32>(i) * record + w
        const low = pair ? v128.load(p) : v128.load64_zero(p)
        const high = pair ? v128.load(p + plane) : v128.load64_zero(p + plane)
        let c = v128.andnot(low, high)
        let t = v128.and(h1, c)
        h1 = v128.xor(h1, c)
        c = v128.and(h2, t)
        h2 = v128.xor(h2, t)
        t = v128.and(h4, c)
        h4 = v128.xor(h4, c)
        h8 = v128.xor(h8, t)
        c = v128.and(low, high)
        t = v128.and(m1, c)
        m1 = v128.xor(m1, c)
        c = v128.and(m2, t)
        m2 = v128.xor(m2, t)
        t = v128.and(m4, c)
        m4 = v128.xor(m4, c)
        m8 = v128.xor(m8, t)
      }
      addToCounters(scratch, h1, h2, h4, h8)
      addToCounters(scratch + counterBytes, m1, m2, m4, m8)
    }
    const width: usize = pair ? 2 : 1
    unpack(scratch, bits, width, het + (w << 5))
    unpack(scratch + counterBytes, bits, width, missing + (w << 5))
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
