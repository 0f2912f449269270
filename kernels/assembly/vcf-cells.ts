// The FORMAT column and what stands below it in the columns of the samples.
//
// Layout of `format` (i32): see the slots below, then one spec, one number of commas and one rank a key.

import { readsSpeakAgainst } from './genotype'
import {
  behindFloat,
  behindInteger,
  checkValues,
  FIXED,
  FLOAT,
  findKey,
  genotypesOf,
  INTEGER,
  mixHash,
  PER_ALLELE,
  PER_ALT,
  PER_GENOTYPE,
  specOf,
  VALUES_FIT,
} from './vcf-values'

const BAD_KEY: i32 = 50
const KEY_TWICE: i32 = 51
const TOO_MANY: i32 = 52
const GT_NOT_FIRST: i32 = 13
const TOO_MANY_VALUES: i32 = 53
const EMPTY_VALUE: i32 = 54
/** Behind it by what checkValues finds: 61 to 67. */
const BAD_VALUE: i32 = 60

export const MOST_KEYS: i32 = 256

// Slots.
const F_KEYS: usize = 0
/** 1 when the first key is GT. */
const F_GT: usize = 4
const F_GQ: usize = 8
const F_DP: usize = 12
const F_AD: usize = 16
const F_DS: usize = 20
/** Alternate alleles that numbers of commas were made for, -1 for none. */
const F_ALTS: usize = 24
/** 1 when every key behind GT has numbers, of a known count. */
const F_NUMERIC: usize = 28
/** Colons and colons with commas of a whole cell behind its genotype. */
const F_COLONS: usize = 32
const F_SEPARATORS: usize = 36
/** 1 when the first and the last colon decide the order, and the separators before each of them. */
const F_ENDS: usize = 40
const F_FIRST: usize = 44
const F_LAST: usize = 48
const F_SPECS: usize = 64
const F_COMMAS: usize = F_SPECS + 4 * 256
const F_RANKS: usize = F_COMMAS + 4 * 256

/** Bytes of `format`. */
export const FORMAT_BYTES: i32 = 64 + 12 * 256

// @ts-ignore: decorator
@inline
export function keysOf(format: usize): i32 {
  return load<i32>(format + F_KEYS)
}
// @ts-ignore: decorator
@inline
export function hasGenotype(format: usize): bool {
  return load<i32>(format + F_GT) != 0
}
// @ts-ignore: decorator
@inline
export function gqOf(format: usize): i32 {
  return load<i32>(format + F_GQ)
}
// @ts-ignore: decorator
@inline
export function dpOf(format: usize): i32 {
  return load<i32>(format + F_DP)
}
// @ts-ignore: decorator
@inline
export function adOf(format: usize): i32 {
  return load<i32>(format + F_AD)
}
// @ts-ignore: decorator
@inline
export function dsOf(format: usize): i32 {
  return load<i32>(format + F_DS)
}

/**
 * Reads the FORMAT column [p, end), not empty. From VCF 4.3 on (`strict`) keys are letters, digits, underscores and points; before,
 * letters and digits, unless a key is declared. Returns the refusal, 0 for none; its place goes to `at`.
 */
export function readFormat(p: usize, end: usize, table: usize, strict: bool, format: usize, at: usize): i32 {
  memory.fill(format, 0, 64)
  for (let slot = F_GQ; slot <= F_ALTS; slot += 4) store<i32>(format + slot, -1)
  const first = p
  let keys: i32 = 0
  let numeric: i32 = 1
  while (true) {
    const key = p
    let hash: u32 = 2166136261
    let regular = true
    let plain = true
    while (p < end) {
      const c: u32 = load<u8>(p)
      if (c == 58) break
      store<usize>(at, p)
      if (c <= 32 || c == 44 || c == 59 || c == 61) return BAD_KEY
      const letter = (c | 32) - 97 <= 25
      const digit = c - 48 <= 9
      if (!letter && !digit) plain = false
      if (!letter && c != 95 && (p == key || (!digit && c != 46))) regular = false
      hash = mixHash(hash, c)
      p++
    }
    store<usize>(at, key)
    if (p == key) return BAD_KEY
    if (keys == MOST_KEYS) return TOO_MANY
    const slot = findKey(table, hash, key, p)
    if (strict ? !regular : !plain && slot < 0) return BAD_KEY
    // few keys: compared with each one before
    let q = first
    while (q < key) {
      let k: usize = 0
      while (load<u8>(q + k) == load<u8>(key + k) && k < <usize>(p - key)) k++
      if (k == <usize>(p - key) && load<u8>(q + k) == 58) return KEY_TWICE
      while (load<u8>(q) != 58) q++
      q++
    }
    const spec: u32 = slot < 0 ? 0 : specOf(table, slot)
    store<u32>(format + F_SPECS + (<usize>keys << 2), spec)
    if (p - key == 2) {
      const two: u32 = load<u16>(key)
      if (two == 0x5447) {
        if (keys > 0) return GT_NOT_FIRST
        store<i32>(format + F_GT, 1)
      } else if (two == 0x5147) store<i32>(format + F_GQ, keys)
      else if (two == 0x5044) store<i32>(format + F_DP, keys)
      else if (two == 0x4441) store<i32>(format + F_AD, keys)
      else if (two == 0x5344) store<i32>(format + F_DS, keys)
    }
    const type = spec & 7
    const kind = (spec >> 4) & 15
    if (keys > 0 && !((type == INTEGER || type == FLOAT) && kind >= FIXED && kind <= PER_GENOTYPE && !(kind == FIXED && spec >> 8 == 0))) numeric = 0
    keys++
    if (p >= end) break
    p++
  }
  store<i32>(format + F_KEYS, keys)
  store<i32>(format + F_NUMERIC, numeric & load<i32>(format + F_GT))
  return 0
}

/** Prepares the check of whole diploid cells of a record with `alts` alternate alleles. */
export function expectValues(format: usize, alts: i32): void {
  if (load<i32>(format + F_ALTS) == alts || load<i32>(format + F_NUMERIC) == 0) return
  store<i32>(format + F_ALTS, alts)
  const keys = load<i32>(format)
  let separators: i32 = 0
  for (let k: i32 = 1; k < keys; k++) {
    const spec = load<u32>(format + F_SPECS + (<usize>k << 2))
    const kind = (spec >> 4) & 15
    const values = kind == FIXED ? <i32>(spec >> 8) : kind == PER_ALT ? alts : kind == PER_ALLELE ? alts + 1 : genotypesOf(alts + 1, 2)
    const commas = values - 1
    store<i32>(format + F_COMMAS + (<usize>k << 2), commas)
    // the colon in front of key k, counted among the separators behind the genotype; the genotype's own is none of them
    if (k > 1) {
      store<i32>(format + F_RANKS + (<usize>(k - 2) << 2), separators)
      separators++
    }
    // More than a vector holds: such cells take the long way.
    separators += min(commas, 1000)
    separators = min(separators, 1000000)
  }
  const colons = keys - 2
  store<i32>(format + F_COLONS, colons)
  store<i32>(format + F_SEPARATORS, separators)
  let ends: i32 = 0
  if (colons > 0) {
    const first = load<i32>(format + F_RANKS)
    const last = load<i32>(format + F_RANKS + (<usize>(colons - 1) << 2))
    ends = i32(last - first == colons - 1)
    store<i32>(format + F_FIRST, first)
    store<i32>(format + F_LAST, last)
  }
  store<i32>(format + F_ENDS, ends)
}

/**
 * The byte behind a whole cell of a diploid call whose values behind the genotype begin at p, when it is all in order and
 * short, as most are: 0 says nothing. Exact: no cell that checkCell would refuse passes.
 */
// @ts-ignore: decorator
@inline
export function behindPlainCell(p: usize, format: usize, strict: bool): usize {
  const v = v128.load(p)
  const w = v128.load(p, 16)
  const control = both(i8x16.lt_u(v, i8x16.splat(32)), i8x16.lt_u(w, i8x16.splat(32)))
  if (control == 0) return behindLongCell(p, format)
  const length = ctz(control)
  const end: u32 = 1 << length
  const within = end - 1
  const colon = both(i8x16.eq(v, i8x16.splat(58)), i8x16.eq(w, i8x16.splat(58))) & within
  const comma = both(i8x16.eq(v, i8x16.splat(44)), i8x16.eq(w, i8x16.splat(44))) & within
  const digit = both(i8x16.lt_u(i8x16.sub(v, i8x16.splat(48)), i8x16.splat(10)), i8x16.lt_u(i8x16.sub(w, i8x16.splat(48)), i8x16.splat(10)))
  const separator = colon | comma
  const starts = (separator << 1) | 1
  // no value is empty, and there are as many colons and commas as the keys ask for
  if ((starts & (separator | end)) != 0 || popcnt(separator) != load<i32>(format + F_SEPARATORS) || popcnt(colon) != load<i32>(format + F_COLONS)) return 0
  // They stand in the right order when every colon has the commas before it that it should.
  if (load<i32>(format + F_ENDS) != 0) {
    // Between the first and the last colon no comma is expected: these two decide.
    const lowest = colon & (0 - colon)
    const highest: u32 = <u32>0x80000000 >> clz(colon)
    if (popcnt(separator & (lowest - 1)) != load<i32>(format + F_FIRST) || popcnt(separator & (highest - 1)) != load<i32>(format + F_LAST)) return 0
  } else {
    let rest = colon
    let rank = format + F_RANKS
    while (rest != 0) {
      const lowest = rest & (0 - rest)
      if (popcnt(separator & (lowest - 1)) != load<i32>(rank)) return 0
      rest ^= lowest
      rank += 4
    }
  }
  const other = within & ~(separator | digit)
  if (strict && tenDigits(digit & within)) return 0
  if (other != 0) {
    const points = both(i8x16.eq(v, i8x16.splat(46)), i8x16.eq(w, i8x16.splat(46))) & within
    const minus = other ^ points
    if (minus != 0 && minus != (both(i8x16.eq(v, i8x16.splat(45)), i8x16.eq(w, i8x16.splat(45))) & within)) return 0
    // a point alone is a missing value
    const point = points & ~(starts & ((separator | end) >> 1))
    // a minus before a digit at the start of a value; a digit behind every point
    if ((minus & ~starts) != 0 || (((minus | point) << 1) & ~digit) != 0) return 0
    if (point != 0) {
      // One point a value: adding a bit behind each point to the bits that are neither point nor end of a value carries it to
      // the next of these, which must not be a point.
      const events = separator | point | end
      if ((((~events) + (point << 1)) & events & point) != 0 || pointInInteger(<u64>colon, <u64>point, <u64>end, format)) return 0
    }
  }
  return p + <usize>length
}

// @ts-ignore: decorator
@inline
function both(low: v128, high: v128): u32 {
  return <u32>i8x16.bitmask(low) | (<u32>i8x16.bitmask(high) << 16)
}

/** Whether ten bits in a row are set: a number that 32 bits may not hold. */
// @ts-ignore: decorator
@inline
function tenDigits(digit: u32): bool {
  let runs = digit
  runs &= runs >> 1
  runs &= runs >> 2
  runs &= runs >> 4
  runs &= runs >> 2
  return runs != 0
}

// @ts-ignore: decorator
@inline
function four(a: v128, b: v128, c: v128, d: v128): u64 {
  return <u64>both(a, b) | (<u64>both(c, d) << 32)
}

/** behindPlainCell for cells of 32 to 63 bytes. */
function behindLongCell(p: usize, format: usize): usize {
  const a = v128.load(p)
  const b = v128.load(p, 16)
  const c = v128.load(p, 32)
  const d = v128.load(p, 48)
  const space = i8x16.splat(32)
  const control = four(i8x16.lt_u(a, space), i8x16.lt_u(b, space), i8x16.lt_u(c, space), i8x16.lt_u(d, space))
  if (control == 0) return 0
  const length = ctz(control)
  const end: u64 = 1 << length
  const within = end - 1
  const colons = i8x16.splat(58)
  const commas = i8x16.splat(44)
  const zero = i8x16.splat(48)
  const ten = i8x16.splat(10)
  const colon = four(i8x16.eq(a, colons), i8x16.eq(b, colons), i8x16.eq(c, colons), i8x16.eq(d, colons)) & within
  const comma = four(i8x16.eq(a, commas), i8x16.eq(b, commas), i8x16.eq(c, commas), i8x16.eq(d, commas)) & within
  const digit = four(i8x16.lt_u(i8x16.sub(a, zero), ten), i8x16.lt_u(i8x16.sub(b, zero), ten), i8x16.lt_u(i8x16.sub(c, zero), ten), i8x16.lt_u(i8x16.sub(d, zero), ten))
  const separator = colon | comma
  const starts = (separator << 1) | 1
  if ((starts & (separator | end)) != 0 || <i32>popcnt(separator) != load<i32>(format + F_SEPARATORS) || <i32>popcnt(colon) != load<i32>(format + F_COLONS)) return 0
  let rest = colon
  let rank = format + F_RANKS
  while (rest != 0) {
    const lowest = rest & (0 - rest)
    if (<i32>popcnt(separator & (lowest - 1)) != load<i32>(rank)) return 0
    rest ^= lowest
    rank += 4
  }
  let runs = digit & within
  runs &= runs >> 1
  runs &= runs >> 2
  runs &= runs >> 4
  runs &= runs >> 2
  if (runs != 0) return 0
  const other = within & ~(separator | digit)
  if (other != 0) {
    const dots = i8x16.splat(46)
    const dashes = i8x16.splat(45)
    const points = four(i8x16.eq(a, dots), i8x16.eq(b, dots), i8x16.eq(c, dots), i8x16.eq(d, dots)) & within
    const minus = other ^ points
    if (minus != 0 && minus != (four(i8x16.eq(a, dashes), i8x16.eq(b, dashes), i8x16.eq(c, dashes), i8x16.eq(d, dashes)) & within)) return 0
    const point = points & ~(starts & ((separator | end) >> 1))
    if ((minus & ~starts) != 0 || (((minus | point) << 1) & ~digit) != 0) return 0
    const events = separator | point | end
    if (point != 0 && ((((~events) + (point << 1)) & events & point) != 0 || pointInInteger(colon, point, end, format))) return 0
  }
  return p + <usize>length
}

/** Whether a point stands in a value of a key of whole numbers. */
function pointInInteger(colon: u64, point: u64, end: u64, format: usize): bool {
  let from: u64 = 0
  let rest = colon | end
  let spec = format + F_SPECS + 4
  while (rest != 0) {
    const lowest = rest & (0 - rest)
    const below = lowest - 1
    if ((load<u32>(spec) & 7) == INTEGER && (point & below & ~from) != 0) return true
    from = below
    rest ^= lowest
    spec += 4
  }
  return false
}

/** Whether DS has a value for every one of `alts` alternate alleles. */
export function dosagesFit(format: usize, alts: i32): bool {
  const ds = load<i32>(format + F_DS)
  return ds >= 0 && (alts == 1 || ((load<u32>(format + F_SPECS + (<usize>ds << 2)) >> 4) & 15) == PER_ALT)
}

// @ts-ignore: decorator
@inline
export function takesPlainCells(format: usize): bool {
  return load<i32>(format + F_NUMERIC) != 0
}

/**
 * Checks what stands from key number k on in the cell at p, for a call of `ploidy` alleles (0: not known). Returns the byte behind
 * the cell, or 0 with the refusal in `at` + 4 and its place in `at`. From VCF 4.5 on (`emptyAllowed`) values may be empty.
 */
export function behindCell(p: usize, k: i32, format: usize, alts: i32, noAlt: i32, ploidy: i32, strict: bool, emptyAllowed: bool, at: usize): usize {
  const keys = load<i32>(format)
  while (true) {
    if (k >= keys) {
      store<usize>(at, p)
      store<i32>(at, TOO_MANY_VALUES, 4)
      return 0
    }
    const spec = load<u32>(format + F_SPECS + (<usize>k << 2))
    const type = spec & 7
    const first: u32 = load<u8>(p)
    if (first < 32 || first == 58) {
      if (!emptyAllowed) {
        store<usize>(at, p)
        store<i32>(at, EMPTY_VALUE, 4)
        return 0
      }
    } else if (first == 46 && ends(load<u8>(p + 1))) p++
    else {
      let q = p
      let wrong: i32 = -1
      // one whole number, or one number, as most are
      if (spec >> 4 == ((1 << 4) | FIXED)) {
        if (type == INTEGER) q = behindInteger(p, strict)
        else if (type == FLOAT) q = behindFloat(p, strict)
        if (q > p && ends(load<u8>(q))) wrong = VALUES_FIT
      }
      if (wrong < 0) {
        q = behindValue(p)
        wrong = checkValues(p, q, spec, alts, noAlt, ploidy, strict, at)
      }
      if (wrong != VALUES_FIT) {
        store<i32>(at, BAD_VALUE + wrong, 4)
        return 0
      }
      p = q
    }
    if (load<u8>(p) != 58) return p
    p++
    k++
  }
}

// @ts-ignore: decorator
@inline
function ends(c: u32): bool {
  return c == 58 || c < 32
}

/** First colon or byte below space at or after p. */
function behindValue(p: usize): usize {
  const colon = i8x16.splat(58)
  const space = i8x16.splat(32)
  while (true) {
    const v = v128.load(p)
    const m = i8x16.bitmask(v128.or(i8x16.eq(v, colon), i8x16.lt_u(v, space)))
    if (m != 0) return p + <usize>ctz(m)
    p += 16
  }
}

/** Where subfield number k of the cell at p begins, 0 where the cell ends before. */
export function subfieldAt(p: usize, k: i32): usize {
  while (k > 0) {
    p = behindValue(p)
    if (load<u8>(p) != 58) return 0
    p++
    k--
  }
  return p
}

/** Where subfield number k of the cell at p begins, 0 where it has no value but missing ones. */
export function dosagesAt(p: usize, k: i32): usize {
  const first = subfieldAt(p, k)
  if (first == 0) return 0
  let q = first
  while (load<u8>(q) == 46 || load<u8>(q) == 44) {
    if (load<u8>(q) == 46 && load<u8>(q + 1) != 44) return ends(load<u8>(q + 1)) ? 0 : first
    q++
  }
  return ends(load<u8>(q)) ? 0 : first
}

/** Whole part of the number at p, or -1 where there is none. */
export function wholeAt(p: usize): i32 {
  if (p == 0) return -1
  let value: i32 = 0
  let digits: i32 = 0
  while (true) {
    const d = <u32>load<u8>(p) - 48
    if (d > 9) break
    if (value < 100000000) value = value * 10 + <i32>d
    digits++
    p++
  }
  return digits > 0 ? value : -1
}

/** Whether the reads of a call, whose AD values begin at `ad`, speak against it: readsSpeakAgainst. */
export function againstReads(ad: usize, a: i32, b: i32, low: i32, high: i32): bool {
  if (ad == 0) return false
  let total: i64 = 0
  let readsA: i64 = -1
  let readsB: i64 = -1
  let p = ad
  for (let k: i32 = 0; ; k++) {
    const reads = wholeAt(p)
    if (reads >= 0) {
      total += <i64>reads
      if (k == a) readsA = <i64>reads
      if (k == b) readsB = <i64>reads
      while (<u32>load<u8>(p) - 48 <= 9) p++
    } else if (load<u8>(p) == 46) p++
    if (load<u8>(p) != 44) break
    p++
  }
  return readsSpeakAgainst(a, b, readsA, readsB, total, low, high)
}

/**
 * Dosage number k (0-based) of the comma-separated ones at p, in 16384ths of a copy, rounded half up; -1 where it is missing or
 * not there, -2 where it is no number from 0 to 2. `haploid` (1 or 0): from 0 to 1, and counted twice. Exact: fifteen decimals
 * decide every rounding.
 */
export function dosageAt(p: usize, k: i32, haploid: i32): i32 {
  if (p == 0) return -1
  while (k > 0) {
    while (!ends(load<u8>(p)) && load<u8>(p) != 44) p++
    if (load<u8>(p) != 44) return -1
    p++
    k--
  }
  let c: u32 = load<u8>(p)
  if (c == 46 && (ends(load<u8>(p + 1)) || load<u8>(p + 1) == 44)) return -1
  const negative = c == 45
  if (c == 45 || c == 43) p++
  // mantissa times 10^-scale
  let mantissa: u64 = 0
  let scale: i32 = 0
  let digits: i32 = 0
  let point = false
  while (true) {
    c = load<u8>(p)
    const d = c - 48
    if (d <= 9) {
      if (mantissa < 1000000000000000) {
        mantissa = mantissa * 10 + d
        if (point) scale++
      } else if (!point) return -2
      digits++
    } else if (c == 46 && !point) point = true
    else break
    p++
  }
  if (digits == 0) return -2
  if ((c | 32) == 101) {
    p++
    c = load<u8>(p)
    const down = c == 45
    if (c == 45 || c == 43) p++
    let exponent: i32 = 0
    while (<u32>load<u8>(p) - 48 <= 9) {
      if (exponent < 1000) exponent = exponent * 10 + <i32>load<u8>(p) - 48
      p++
    }
    scale += down ? exponent : -exponent
    c = load<u8>(p)
  }
  if (!ends(c) && c != 44) return -2
  if (mantissa == 0) return 0
  if (negative) return -2
  // to fifteen decimals: what is cut off cannot change a rounding, since a tie has at most fifteen
  while (scale > 15 && mantissa > 0) {
    mantissa /= 10
    scale--
  }
  while (scale < 15) {
    mantissa *= 10
    if (mantissa > 2000000000000000) return -2
    scale++
  }
  mantissa <<= haploid
  if (mantissa > 2000000000000000) return -2
  // value * 2^14 + 1/2 = (mantissa + 5^15) / (2 * 5^15)
  const half: u64 = 30517578125
  return <i32>((mantissa + half) / (half << 1))
}
