// Keys and values of VCF text against what the header and the specification say of them.
//
// A table of keys, made by src/genotypes/vcf/declarations.ts: i32 mask, three i32 unused, then slots of four u32: hash, offset
// of the name in the table, its length (0: empty slot), and its spec. A spec: bits 0-2 type, bit 3 no value below zero,
// bits 4-7 kind of number, bits 8-31 the number itself where it is fixed.

export const ANY: u32 = 0
export const INTEGER: u32 = 1
export const FLOAT: u32 = 2
export const FLAG: u32 = 3
export const CHARACTER: u32 = 4
export const STRING: u32 = 5
export const CIGAR: u32 = 6

export const NOT_NEGATIVE: u32 = 8

/** Kinds of number: none said, fixed, per alternate allele, per allele, per genotype, per called allele. */
export const FIXED: u32 = 1
export const PER_ALT: u32 = 2
export const PER_ALLELE: u32 = 3
export const PER_GENOTYPE: u32 = 4
export const PER_CALLED: u32 = 5

const COMMA: u32 = 44
const DOT: u32 = 46

/** One step of the hash of a key (FNV-1a), which begins with 2166136261. */
// @ts-ignore: decorator
@inline
export function mixHash(hash: u32, byte: u32): u32 {
  return (hash ^ byte) * 16777619
}

/** Slot of the key [p, end) in a table, or -1. */
export function findKey(table: usize, hash: u32, p: usize, end: usize): i32 {
  const mask: u32 = load<u32>(table)
  const length = <u32>(end - p)
  let slot = hash & mask
  while (true) {
    const at = table + 16 + (<usize>slot << 4)
    const stored = load<u32>(at, 8)
    if (stored == 0) return -1
    if (load<u32>(at) == hash && stored == length) {
      const name = table + <usize>load<u32>(at, 4)
      let k: u32 = 0
      while (k < length && load<u8>(name + k) == load<u8>(p + k)) k++
      if (k == length) return <i32>slot
    }
    slot = (slot + 1) & mask
  }
}

// @ts-ignore: decorator
@inline
export function specOf(table: usize, slot: i32): u32 {
  return load<u32>(table + 28 + (<usize>slot << 4))
}

/** First byte at or after p that is `byte` or below space. */
export function nextOf(p: usize, byte: u32): usize {
  const wanted = i8x16.splat(<i8>byte)
  const space = i8x16.splat(32)
  while (true) {
    const v = v128.load(p)
    const m = i8x16.bitmask(v128.or(i8x16.eq(v, wanted), i8x16.lt_u(v, space)))
    if (m != 0) return p + <usize>ctz(m)
    p += 16
  }
}

/** Number of commas in [p, end). */
export function commasIn(p: usize, end: usize): i32 {
  const comma = i8x16.splat(44)
  let count: i32 = 0
  while (p + 16 <= end) {
    count += popcnt(i8x16.bitmask(i8x16.eq(v128.load(p), comma)))
    p += 16
  }
  while (p < end) {
    if (load<u8>(p) == 44) count++
    p++
  }
  return count
}

/** Pointer behind a whole number at p, 0 where there is none; where `strict`, also for one that 32 bits do not hold. */
// @ts-ignore: decorator
@inline
export function behindInteger(p: usize, strict: bool): usize {
  let c: u32 = load<u8>(p)
  const negative = c == 45
  if (c == 45 || c == 43) {
    p++
    c = load<u8>(p)
  }
  const first = p
  let d = c - 48
  if (d > 9) return 0
  let value: u64 = 0
  do {
    if (value < 1000000000000) value = value * 10 + d
    p++
    d = <u32>load<u8>(p) - 48
  } while (d <= 9)
  if (strict && p - first > 9) {
    // -2^31 to -2^31 + 7 stand for missing values in BCF
    if (negative ? value > 2147483640 : value > 2147483647) return 0
  }
  return p
}

/** Whether [p, p + n) is the lower-case word at `word`, in either case. */
// @ts-ignore: decorator
@inline
function isLetter(p: usize, lower: u32): bool {
  return (<u32>load<u8>(p) | 32) == lower
}

/** Pointer behind inf, infinity or nan at p, 0 where there is none. */
function behindWord(p: usize): usize {
  if (isLetter(p, 110) && isLetter(p + 1, 97) && isLetter(p + 2, 110)) return p + 3
  if (!(isLetter(p, 105) && isLetter(p + 1, 110) && isLetter(p + 2, 102))) return 0
  p += 3
  if (isLetter(p, 105) && isLetter(p + 1, 110) && isLetter(p + 2, 105) && isLetter(p + 3, 116) && isLetter(p + 4, 121)) return p + 5
  return p
}

/** Pointer behind a number at p, 0 where there is none. A point at the end of a number is taken unless `strict`. */
export function behindFloat(p: usize, strict: bool): usize {
  let c: u32 = load<u8>(p)
  if (c == 45 || c == 43) {
    p++
    c = load<u8>(p)
  }
  const first = p
  while (<u32>load<u8>(p) - 48 <= 9) p++
  let digits = p - first
  if (load<u8>(p) == 46) {
    p++
    const fraction = p
    while (<u32>load<u8>(p) - 48 <= 9) p++
    if (p == fraction && strict) return 0
    digits += p - fraction
  }
  if (digits == 0) return p == first ? behindWord(p) : 0
  if ((<u32>load<u8>(p) | 32) == 101) {
    p++
    c = load<u8>(p)
    if (c == 45 || c == 43) p++
    const exponent = p
    while (<u32>load<u8>(p) - 48 <= 9) p++
    if (p == exponent) return 0
  }
  return p
}

/** Pointer behind operations as in 3M1I2D at p, 0 where there are none. */
export function behindCigar(p: usize): usize {
  const first = p
  while (true) {
    const digits = p
    while (<u32>load<u8>(p) - 48 <= 9) p++
    if (p == digits) return p == first ? 0 : p
    const c: u32 = load<u8>(p)
    // M I D N S H P X =
    if (c != 77 && c != 73 && c != 68 && c != 78 && c != 83 && c != 72 && c != 80 && c != 88 && c != 61) return 0
    p++
  }
}

/** Ways to choose the alleles of a genotype: C(alleles + ploidy - 1, ploidy), at most 2^30. */
export function genotypesOf(alleles: i32, ploidy: i32): i32 {
  let ways: u64 = 1
  for (let k: i32 = 1; k <= ploidy; k++) {
    ways = (ways * <u64>(alleles + k - 1)) / <u64>k
    if (ways > 1073741824) return 1073741824
  }
  return <i32>ways
}

/**
 * Whether `count` values fit a spec, for a record of `alts` alternate alleles (where there is none, counts for none and
 * for one are taken) and a call of `ploidy` alleles, 0 where that is not known.
 */
export function numberFits(spec: u32, count: i32, alts: i32, noAlt: i32, ploidy: i32): bool {
  const kind = (spec >> 4) & 15
  if (kind == 0) return true
  if (kind == FIXED) {
    const fixed = <i32>(spec >> 8)
    // One haplotype may have half of what two have.
    return count == fixed || fixed == 0 || (ploidy == 1 && count < fixed)
  }
  if (kind == PER_CALLED) return ploidy == 0 || count == ploidy
  if (noAlt != 0 && numberFits(spec, count, 0, 0, ploidy)) return true
  if (kind == PER_ALT) return count == alts
  if (kind == PER_ALLELE) return count == alts + 1
  if (ploidy == 0) return count == alts + 1 || count == genotypesOf(alts + 1, 2)
  return count == genotypesOf(alts + 1, ploidy)
}

/** What checkValues finds: everything in order, or what is wrong. */
export const VALUES_FIT: i32 = 0
export const VALUE_NOT_INTEGER: i32 = 1
export const VALUE_NOT_NUMBER: i32 = 2
export const VALUE_NOT_CHARACTER: i32 = 3
export const VALUE_NEGATIVE: i32 = 4
export const VALUE_NOT_CIGAR: i32 = 5
export const VALUES_OF_OTHER_NUMBER: i32 = 6
export const VALUE_EMPTY: i32 = 7

/**
 * Checks the comma-separated values [p, end), not empty, against a spec. Returns what is wrong, 0 for nothing; the place goes to `at`.
 */
export function checkValues(p: usize, end: usize, spec: u32, alts: i32, noAlt: i32, ploidy: i32, strict: bool, at: usize): i32 {
  store<usize>(at, p)
  const type = spec & 7
  if (end - p == 1 && load<u8>(p) == 46) return VALUES_FIT
  if (type == ANY || type == STRING) {
    if ((spec >> 4 & 15) == 0) return VALUES_FIT
    return numberFits(spec, 1 + commasIn(p, end), alts, noAlt, ploidy) ? VALUES_FIT : VALUES_OF_OTHER_NUMBER
  }
  if (type == CHARACTER) {
    const commas = commasIn(p, end)
    // Several characters are also written as one string.
    if (commas == 0) {
      const length = <i32>(end - p)
      if (length == 1 || load<u8>(p) >= 0x80) return numberFits(spec, 1, alts, noAlt, ploidy) ? VALUES_FIT : VALUES_OF_OTHER_NUMBER
      const kind = (spec >> 4) & 15
      if (kind == 0 || (!(kind == FIXED && spec >> 8 == 1) && numberFits(spec, length, alts, noAlt, ploidy))) return VALUES_FIT
      return VALUE_NOT_CHARACTER
    }
    let start = p
    for (let q = p; q <= end; q++) {
      if (q < end && load<u8>(q) != COMMA) continue
      if (q - start != 1 && load<u8>(start) < 0x80) {
        store<usize>(at, start)
        return q == start ? VALUE_EMPTY : VALUE_NOT_CHARACTER
      }
      start = q + 1
    }
    store<usize>(at, p)
    return numberFits(spec, commas + 1, alts, noAlt, ploidy) ? VALUES_FIT : VALUES_OF_OTHER_NUMBER
  }
  let count: i32 = 0
  let q = p
  while (true) {
    const c: u32 = load<u8>(q)
    const start = q
    if (c == DOT && (q + 1 == end || load<u8>(q + 1) == COMMA)) q++
    else {
      if (type == INTEGER) q = behindInteger(q, strict)
      else if (type == FLOAT) q = behindFloat(q, strict)
      else q = behindCigar(q)
      if (q == 0 || q > end || (q < end && load<u8>(q) != COMMA)) {
        store<usize>(at, start)
        if (c == COMMA || start == end) return VALUE_EMPTY
        return type == INTEGER ? VALUE_NOT_INTEGER : type == FLOAT ? VALUE_NOT_NUMBER : VALUE_NOT_CIGAR
      }
      // a negative zero is none
      if ((spec & NOT_NEGATIVE) != 0 && c == 45 && anyDigit(start, q)) {
        store<usize>(at, start)
        return VALUE_NEGATIVE
      }
    }
    count++
    if (q == end) break
    q++
  }
  return numberFits(spec, count, alts, noAlt, ploidy) ? VALUES_FIT : VALUES_OF_OTHER_NUMBER
}

/** Whether a digit above zero stands in [p, end), before any exponent. */
export function anyDigit(p: usize, end: usize): bool {
  while (p < end) {
    const c: u32 = load<u8>(p)
    if (c - 49 <= 8) return true
    if ((c | 32) == 101) return false
    // inf
    if ((c | 32) == 105) return true
    p++
  }
  return false
}
