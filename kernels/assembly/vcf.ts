// Whole lines of VCF text to bit planes. The text must end with a line feed, and 64 bytes behind it be readable. Layout of `state` and
// `options` (i32): see src/genotypes/vcf/scan.ts; every refusal: src/genotypes/vcf/refusals.ts.

import { alleleKind, packCodes, sequenceKind } from './genotype'
import {
  adOf,
  againstReads,
  behindCell,
  behindPlainCell,
  dosageAt,
  dosagesAt,
  dosagesFit,
  dpOf,
  dsOf,
  expectValues,
  FORMAT_BYTES,
  gqOf,
  hasGenotype,
  keysOf,
  readFormat,
  subfieldAt,
  takesPlainCells,
  wholeAt,
} from './vcf-cells'
import { checkInfo } from './vcf-info'
import { anyDigit, behindFloat, findKey, mixHash } from './vcf-values'

const TAB: u32 = 9
const LF: u32 = 10
const CR: u32 = 13

const S_NEXT: i32 = 0
const S_LINES: i32 = 1
const S_RECORDS: i32 = 2
const S_ERROR: i32 = 3
const S_ERROR_AT: i32 = 4
const S_FILTERED: i32 = 5
const S_NO_GT: i32 = 6
const S_NO_ALT: i32 = 7
const S_SYMBOLIC: i32 = 8
const S_STAR: i32 = 9
const S_LOW_QUALITY: i32 = 11
const S_PLOIDY: i32 = 12
const S_ALL: i32 = 13
const S_BALANCE: i32 = 14
/** One number a record, for marks that need not be wiped. */
const S_STAMP: i32 = 15
/** Where a check says what is wrong: the place, then the refusal. */
const S_AT: i32 = 16
const S_CHECK: i32 = 17

/** u32 words of one row. */
const ROW: i32 = 12

// @ts-ignore: decorator
@inline
function add(state: usize, slot: i32, by: i32): void {
  store<i32>(state + (<usize>slot << 2), load<i32>(state + (<usize>slot << 2)) + by)
}

/** First byte below space at or after p: a tab, the end of the line, or a byte that may not be there. */
// @ts-ignore: decorator
@inline
function nextControl(p: usize): usize {
  // Two vectors at once: most cells end within 32 bytes, and a loop whose length varies is mispredicted.
  const space = i8x16.splat(32)
  while (true) {
    const first = i8x16.bitmask(i8x16.lt_u(v128.load(p), space))
    const second = i8x16.bitmask(i8x16.lt_u(v128.load(p, 16), space))
    const m = first | (second << 16)
    if (m != 0) return p + <usize>ctz(m)
    p += 32
  }
}

/** Bytes of scratch for a FORMAT column. */
export function vcfFormatBytes(): i32 {
  return FORMAT_BYTES
}

/** First line feed in [p, end), or end. */
export function nextLineFeed(p: usize, end: usize): usize {
  const lf = i8x16.splat(10)
  while (p + 16 <= end) {
    const m = i8x16.bitmask(i8x16.eq(v128.load(p), lf))
    if (m != 0) return p + <usize>ctz(m)
    p += 16
  }
  while (p < end && load<u8>(p) != 10) p++
  return p
}

/** Byte behind the last line feed in [p, end), or p. */
export function behindLastLineFeed(p: usize, end: usize): usize {
  while (end > p && load<u8>(end - 1) != 10) end--
  return end
}

/** Whether the allele [p, end) is named before, from `first` on; a base is the same in either case. */
function namedBefore(first: usize, p: usize, end: usize): bool {
  const n = end - p
  let q = first
  while (q < p) {
    let stop = q
    while (load<u8>(stop) != 44) stop++
    if (stop - q == n) {
      let k: usize = 0
      while (k < n && (load<u8>(q + k) & 0xdf) == (load<u8>(p + k) & 0xdf)) k++
      if (k == n) return true
    }
    q = stop + 1
  }
  return false
}

/** Most parts of an ID or FILTER column that are compared with each other. */
const MOST_PARTS: i32 = 256

/** Whether the part [p, end) of a list parted by semicolons is named before, from `first` on. */
function partBefore(first: usize, p: usize, end: usize): bool {
  const n = end - p
  let q = first
  while (q < p) {
    let stop = q
    while (load<u8>(stop) != 59) stop++
    if (stop - q == n) {
      let k: usize = 0
      while (k < n && load<u8>(q + k) == load<u8>(p + k)) k++
      if (k == n) return true
    }
    q = stop + 1
  }
  return false
}

/** Checks an ID or FILTER column [p, end) of several parts or none: `base` when a part is empty or holds a space, `base` + 1 when one is named twice. */
function checkParts(p: usize, end: usize, base: i32, filters: bool, strict: bool, at: usize): i32 {
  const first = p
  let parts: i32 = 0
  while (true) {
    const start = p
    while (p < end && load<u8>(p) != 59) {
      if (load<u8>(p) == 32) {
        store<usize>(at, p)
        return base
      }
      p++
    }
    store<usize>(at, start)
    if (p == start) return base
    if (filters && p - start == 1) {
      // 0 is reserved; nothing stands beside a missing value
      const c: u32 = load<u8>(start)
      if (c == 48 || c == 46) return base
    }
    parts++
    if (strict && parts > 1 && parts <= MOST_PARTS && partBefore(first, start, p)) return base + 1
    if (p >= end) return 0
    p++
  }
}

/** Checks a CHROM column: a name, or one in angle brackets. A colon or an asterisk may be in names that the header declares. */
function checkChromosome(p: usize, end: usize, contigs: usize, strict: bool, at: usize): i32 {
  store<usize>(at, p)
  if (load<u8>(p) == 60) {
    if (end - p < 3 || load<u8>(end - 1) != 62) return 30
    p++
    end--
  }
  const first = p
  let hash: u32 = 2166136261
  let special: usize = 0
  while (p < end) {
    const c: u32 = load<u8>(p)
    // space, quotes, comma, angle brackets; from VCF 4.3 on also other brackets and quotes, the backslash, and = at the start
    if (c <= 32 || c == 34 || c == 44 || c == 60 || c == 62 || (strict && (c == 39 || c == 40 || c == 41 || c == 91 || c == 92 || c == 93 || c == 96 || c == 123 || c == 125 || (c == 61 && p == first)))) {
      store<usize>(at, p)
      return 30
    }
    if (special == 0 && (c == 58 || (c == 42 && load<u8>(first - 1) != 60))) special = p
    hash = mixHash(hash, c)
    p++
  }
  if (special != 0 && findKey(contigs, hash, first, end) < 0) {
    store<usize>(at, special)
    return 31
  }
  return 0
}

/**
 * A genotype of any form at p, which `alts` alternate alleles allow: returns a | b << 15 for two alleles (a haploid call is two equal
 * ones), -1 missing, -2 more than two alleles, -3 refused; the number of alleles is in bits 32 and up. Ends at ':' or a control byte.
 */
function slowGenotype(p: usize, alts: i32, prefixed: bool): i64 {
  let q = p
  let count: i64 = 0
  let a: i32 = 0
  let b: i32 = 0
  let missing = false
  const lead: u32 = load<u8>(q)
  if (prefixed && (lead == 47 || lead == 124)) q++
  while (true) {
    let c: u32 = load<u8>(q)
    let allele: i32 = 0
    if (c == 46) {
      missing = true
      q++
    } else {
      let digits: i32 = 0
      while (true) {
        c = load<u8>(q)
        const d = c - 48
        if (d > 9) break
        allele = allele * 10 + <i32>d
        if (allele > alts) return -3
        digits++
        q++
      }
      if (digits == 0) return -3
    }
    if (count == 0) a = allele
    else b = allele
    count++
    c = load<u8>(q)
    if (c == 47 || c == 124) {
      q++
      continue
    }
    if (c != 58 && c >= 32) return -3
    break
  }
  const code: i32 = count > 2 ? (missing ? -1 : -2) : missing ? -1 : count == 1 ? a | (a << 15) : a | (b << 15)
  return (count << 32) | <i64>(<u32>code)
}

// @ts-ignore: decorator
@inline
function fail(state: usize, code: i32, at: usize, text: usize): i32 {
  store<i32>(state + (<usize>S_ERROR << 2), code)
  store<i32>(state + (<usize>S_ERROR_AT << 2), <i32>(at - text))
  return code
}

// @ts-ignore: decorator
@inline
function option(options: usize, k: usize): i32 {
  return load<i32>(options + (k << 2))
}

/**
 * Scans lines from text + state[0] until the end, a refusal, or no room for the next record's alleles. `options`: samples, words of
 * a plane, 1 from VCF 4.3 on, from 4.4 on, from 4.5 on, capacity in records, where sums of DP go (two f64 a person: sum, calls), 0 for
 * nowhere; then as `limits` of scanBcf. `tables` (usize): keys of INFO, keys of FORMAT, contigs, marks of
 * INFO keys (one u32 a slot), of undeclared ones, and the FORMAT scratch. `permutation` (i32 a sample column) is the bit of each
 * person, 64 * words to leave one out; scratch: `alleles` and `cells`, one i32 a sample each, and `codes`, 64 * words + 1 bytes;
 * `planes` takes 16 * words bytes a record, `doses` 128 * words, `rows` twelve u32. Returns the refusal, 0 for none.
 */
export function scanVcf(text: usize, length: i32, options: usize, tables: usize, permutation: usize, alleles: usize, cells: usize, codes: usize, planes: usize, doses: usize, rows: usize, state: usize): i32 {
  const samples = option(options, 0)
  const words = option(options, 1)
  const strict = option(options, 2) != 0
  const prefixed = option(options, 3) != 0
  const emptyAllowed = option(options, 4) != 0
  const capacity = option(options, 5)
  const depths = <usize>option(options, 6)
  const keepFiltered = option(options, 7)
  const minGq = option(options, 8)
  const minDp = option(options, 9)
  const lowBalance = option(options, 10)
  const highBalance = option(options, 11)
  const readDosages = option(options, 12) != 0
  const infoKeys = <usize>load<u32>(tables)
  const formatKeys = <usize>load<u32>(tables, 4)
  const contigs = <usize>load<u32>(tables, 8)
  const stamps = <usize>load<u32>(tables, 12)
  const unknown = <usize>load<u32>(tables, 16)
  const format = <usize>load<u32>(tables, 20)
  const at = state + (S_AT << 2)
  const end = text + <usize>length
  const planeBytes = <usize>words << 3
  const recordBytes = planeBytes << 1
  const doseBytes = <usize>words << 7
  let records = load<i32>(state + (<usize>S_RECORDS << 2))
  let lines = load<i32>(state + (<usize>S_LINES << 2))
  let stamp = load<u32>(state + (<usize>S_STAMP << 2))
  let line = text + <usize>load<i32>(state)
  let lastChrom: usize = 0
  let lastChromEnd: usize = 0
  let lastFormat: usize = 0
  let lastFormatEnd: usize = 0
  while (line < end) {
    if (load<u8>(line) == 35) return fail(state, 1, line, text)
    let p = line
    // CHROM
    let q = nextControl(p)
    if (load<u8>(q) != TAB) return fail(state, load<u8>(q) == LF || load<u8>(q) == CR ? 2 : 3, q, text)
    if (q == p) return fail(state, 4, p, text)
    const chromEnd = q
    if (!sameBytes(p, q, lastChrom, lastChromEnd)) {
      const wrong = checkChromosome(p, q, contigs, strict, at)
      if (wrong != 0) return fail(state, wrong, load<usize>(at), text)
      lastChrom = p
      lastChromEnd = q
    }
    // POS
    p = q + 1
    q = p
    let position: i32 = 0
    while (true) {
      const d = <u32>load<u8>(q) - 48
      if (d > 9) break
      if (position > 214748363) return fail(state, 5, p, text)
      position = position * 10 + <i32>d
      q++
    }
    if (load<u8>(q) != TAB || q == p || q - p > 10) return fail(state, load<u8>(q) == LF ? 2 : 5, p, text)
    // ID
    p = q + 1
    q = nextControl(p)
    if (load<u8>(q) != TAB) return fail(state, load<u8>(q) == LF || load<u8>(q) == CR ? 2 : 3, q, text)
    if (q == p) return fail(state, 6, p, text)
    const idStart = p
    const idEnd = q
    if (q - p > 1) {
      const wrong = checkParts(p, q, 32, false, strict, at)
      if (wrong != 0) return fail(state, wrong, load<usize>(at), text)
    }
    // REF
    p = q + 1
    q = nextControl(p)
    if (load<u8>(q) != TAB) return fail(state, load<u8>(q) == LF || load<u8>(q) == CR ? 2 : 3, q, text)
    const refStart = p
    const refEnd = q
    const refKind = sequenceKind(p, q)
    if (refKind != 1) return fail(state, refKind == 0 ? 7 : 20, p, text)
    // ALT
    p = q + 1
    q = nextControl(p)
    if (load<u8>(q) != TAB) return fail(state, load<u8>(q) == LF || load<u8>(q) == CR ? 2 : 3, q, text)
    const altStart = p
    const altEnd = q
    let alts: i32 = 0
    let kept: i32 = 0
    let firstKept: i32 = 0
    let symbolic: i32 = 0
    let star: i32 = 0
    let noAlt: i32 = 0
    {
      let start = p
      while (true) {
        let stop = start
        while (stop < q && load<u8>(stop) != 44) stop++
        const kind = alleleKind(start, stop)
        if (kind == 0 || kind == 2) return fail(state, kind == 0 ? 8 : 21, start, text)
        alts++
        if (alts > 16000) return fail(state, 18, altStart, text)
        // Two symbolic alleles or breakends of one name may differ in INFO; they are left out anyway.
        if (kind < 4 && alts > 1 && namedBefore(altStart, start, stop)) return fail(state, 19, start, text)
        if (kind == 5) {
          if (alts > 1 || stop < q) return fail(state, 8, start, text)
          noAlt = 1
        } else if (kind == 3) star++
        else if (kind == 4) symbolic++
        else {
          kept++
          if (kept == 1) firstKept = alts
        }
        if (stop >= q) break
        start = stop + 1
      }
    }
    if (kept > capacity - records) {
      if (records == 0) return fail(state, 18, altStart, text)
      break
    }
    // QUAL
    p = q + 1
    q = nextControl(p)
    if (load<u8>(q) != TAB) return fail(state, load<u8>(q) == LF || load<u8>(q) == CR ? 2 : 3, q, text)
    if (q == p) return fail(state, 9, p, text)
    if (!(q - p == 1 && load<u8>(p) == 46)) {
      if (behindFloat(p, strict) != q) return fail(state, 9, p, text)
      if (load<u8>(p) == 45 && anyDigit(p, q)) return fail(state, 22, p, text)
    }
    // FILTER
    p = q + 1
    q = nextControl(p)
    if (load<u8>(q) != TAB) return fail(state, load<u8>(q) == LF || load<u8>(q) == CR ? 2 : 3, q, text)
    if (q == p) return fail(state, 10, p, text)
    const passed = (q - p == 1 && load<u8>(p) == 46) || (q - p == 4 && load<u32>(p) == 0x53534150)
    if (!passed) {
      const wrong = checkParts(p, q, 34, true, strict, at)
      if (wrong != 0) return fail(state, wrong, load<usize>(at), text)
    }
    // INFO
    p = q + 1
    q = nextControl(p)
    if (q == p) return fail(state, load<u8>(q) == TAB ? 11 : 2, p, text)
    stamp++
    if (!(q - p == 1 && load<u8>(p) == 46)) {
      const wrong = checkInfo(p, q, infoKeys, stamps, unknown, stamp, alts, noAlt, strict, at)
      if (wrong != 0) return fail(state, wrong, load<usize>(at), text)
    }
    let hasGt: bool = false
    let keys: i32 = 0
    let gqIndex: i32 = -1
    let dpIndex: i32 = -1
    let adIndex: i32 = -1
    let dsIndex: i32 = -1
    let plainCells: bool = false
    let formatEnd: usize = q
    if (samples > 0) {
      if (load<u8>(q) != TAB) return fail(state, load<u8>(q) == LF || load<u8>(q) == CR ? 2 : 3, q, text)
      // FORMAT
      p = q + 1
      q = nextControl(p)
      if (load<u8>(q) != TAB) return fail(state, load<u8>(q) == LF || load<u8>(q) == CR ? 2 : 3, q, text)
      if (q == p) return fail(state, 12, p, text)
      if (!sameBytes(p, q, lastFormat, lastFormatEnd)) {
        const wrong = readFormat(p, q, formatKeys, strict, format, at)
        if (wrong != 0) return fail(state, wrong, load<usize>(at), text)
        lastFormat = p
        lastFormatEnd = q
      }
      formatEnd = q
      expectValues(format, alts)
      hasGt = hasGenotype(format)
      keys = keysOf(format)
      plainCells = takesPlainCells(format)
      if (minGq > 0) gqIndex = gqOf(format)
      if (minDp > 0) dpIndex = dpOf(format)
      if (highBalance > 0) adIndex = adOf(format)
      if (readDosages && dosagesFit(format, alts)) dsIndex = dsOf(format)
    } else if (load<u8>(q) == TAB) return fail(state, 14, q, text)

    const emit = (hasGt || dsIndex >= 0) && kept > 0 && (passed || keepFiltered != 0)
    const simple = alts == 1
    const low = planes + <usize>records * recordBytes
    const high = low + planeBytes
    const filtering = gqIndex >= 0 || dpIndex >= 0 || adIndex >= 0
    const plain = hasGt && simple && !filtering && dsIndex < 0
    const onlyGt = plain && keys == 1
    if (emit && simple) memory.fill(codes, 0, <usize>words << 6)
    let lowQuality: i32 = 0
    let unbalanced: i32 = 0
    let ploidy: i32 = 0
    for (let j: i32 = 0; j < samples; j++) {
      // q stands on the tab before this cell
      if (load<u8>(q) != TAB) {
        const c: u32 = load<u8>(q)
        return fail(state, c == LF || c == CR ? 2 : 3, q, text)
      }
      p = q + 1
      if (onlyGt && j + 4 <= samples) {
        // Four cells of three characters and their tabs
        const v = v128.load(p)
        const dots = i8x16.bitmask(i8x16.eq(v, i8x16.splat(46))) & 0x5555
        const digits = i8x16.bitmask(i8x16.eq(v128.and(v, i8x16.splat(-2)), i8x16.splat(48))) & 0x5555
        const separators = i8x16.bitmask(v128.or(i8x16.eq(v, i8x16.splat(47)), i8x16.eq(v, i8x16.splat(124)))) & 0x2222
        const tabs = i8x16.bitmask(i8x16.eq(v, i8x16.splat(9))) & 0x8888
        if ((dots | digits | separators | tabs) == 0xffff && (dots & 0x1111) == ((dots >> 2) & 0x1111)) {
          if (emit) {
            const one = i32x4.splat(1)
            const sum = i32x4.add(v128.and(v, one), v128.and(i32x4.shr_u(v, 16), one))
            const missing = i32x4.eq(v128.and(v, i32x4.splat(0xff)), i32x4.splat(46))
            const code = v128.or(sum, v128.and(missing, i32x4.splat(3)))
            const places = permutation + (<usize>j << 2)
            store<u8>(codes + <usize>load<i32>(places), <u8>i32x4.extract_lane(code, 0))
            store<u8>(codes + <usize>load<i32>(places, 4), <u8>i32x4.extract_lane(code, 1))
            store<u8>(codes + <usize>load<i32>(places, 8), <u8>i32x4.extract_lane(code, 2))
            store<u8>(codes + <usize>load<i32>(places, 12), <u8>i32x4.extract_lane(code, 3))
          }
          q = p + 15
          j += 3
          continue
        }
      }
      const x: u32 = load<u32>(p)
      if (plain) {
        // 0/0, 0/1, 1/0, 1/1, ./. and a tab, or more of the cell: no branch depends on the genotype
        const pair = x & 0x00ff00ff
        const separator = x & 0xff00
        const behind = x >> 24
        if (i32((pair & 0x00fe00fe) == 0x00300030 || pair == 0x002e002e) & i32(separator == 0x2f00 || separator == 0x7c00) & i32(behind == 58 || behind == 9)) {
          const missing = ((pair >> 4) & 1) ^ 1
          const code = (((pair & 1) + (pair >> 16 & 1)) | (missing * 3))
          if (emit) store<u8>(codes + <usize>load<i32>(permutation + (<usize>j << 2)), <u8>code)
          q = p + 3
          if (behind == 58) {
            q = plainCells ? behindPlainCell(p + 4, format, strict) : 0
            if (q == 0) q = behindCell(p + 4, 1, format, alts, noAlt, 2, strict, emptyAllowed, at)
            if (q == 0) return fail(state, load<i32>(at, 4), load<usize>(at), text)
          }
          continue
        }
      }
      let genotype: i32 = -1
      let alleleCount: i32 = 2
      if (hasGt) {
        const stop = x >> 24
        const a = (x & 255) - 48
        const b = ((x >> 16) & 255) - 48
        const separator = (x >> 8) & 255
        if ((stop == 58 || stop < 32) && a <= 9 && b <= 9 && (separator == 47 || separator == 124)) {
          if (<i32>a > alts || <i32>b > alts) return fail(state, 16, p, text)
          genotype = <i32>(a | (b << 15))
          q = p + 3
        } else {
          const found = slowGenotype(p, alts, prefixed)
          if (found == -3) return fail(state, <u32>load<u8>(p) - 48 <= 9 || load<u8>(p) == 46 ? 16 : 17, p, text)
          genotype = <i32>found
          alleleCount = <i32>(found >> 32)
          if (genotype == -2) {
            ploidy++
            genotype = -1
          }
          q = p
          while (load<u8>(q) != 58 && load<u8>(q) >= 32) q++
        }
        if (load<u8>(q) == 58) {
          const rest = q + 1
          q = plainCells && alleleCount == 2 ? behindPlainCell(rest, format, strict) : 0
          // a single missing allele may stand for a whole call
          if (q == 0) q = behindCell(rest, 1, format, alts, noAlt, alleleCount == 1 && load<u8>(p) == 46 ? 0 : alleleCount, strict, emptyAllowed, at)
        }
      } else q = behindCell(p, 0, format, alts, noAlt, 2, strict, emptyAllowed, at)
      if (q == 0) return fail(state, load<i32>(at, 4), load<usize>(at), text)
      let dose: usize = dsIndex >= 0 && alleleCount <= 2 ? dosagesAt(p, dsIndex) : 0
      if (filtering && (genotype >= 0 || dose != 0)) {
        const gq = gqIndex >= 0 ? wholeAt(subfieldAt(p, gqIndex)) : -1
        const dp = dpIndex >= 0 ? wholeAt(subfieldAt(p, dpIndex)) : -1
        if ((gq >= 0 && gq < minGq) || (dp >= 0 && dp < minDp)) {
          lowQuality++
          genotype = -1
          dose = 0
        } else if (adIndex >= 0 && genotype >= 0 && againstReads(subfieldAt(p, adIndex), genotype & 0x7fff, genotype >> 15, lowBalance, highBalance)) {
          unbalanced++
          genotype = -1
          dose = 0
        }
      }
      if (!emit) continue
      if (dsIndex >= 0) {
        // where the dosages begin, and whether the call is of one allele
        store<u32>(cells + (<usize>j << 2), dose == 0 ? (alleleCount == 1 ? 1 : 0) : (<u32>(dose - text) << 1) | (alleleCount == 1 ? 1 : 0))
        store<i32>(alleles + (<usize>j << 2), genotype)
      } else if (simple) {
        if (genotype == 0) continue
        const value: u32 = genotype < 0 ? 3 : <u32>((genotype & 1) + (genotype >> 15))
        store<u8>(codes + <usize>load<i32>(permutation + (<usize>j << 2)), <u8>value)
      } else store<i32>(alleles + (<usize>j << 2), genotype)
    }
    // the end of the line, after a carriage return or not
    if (load<u8>(q) == CR) q++
    if (load<u8>(q) != LF) return fail(state, load<u8>(q) == TAB ? 14 : 3, q, text)
    // One record in sixteen tells a person's mean depth well enough.
    if (depths != 0 && emit && (position & 15) == 0 && dpOf(format) >= 0) addDepths(formatEnd, samples, dpOf(format), permutation, words, depths)
    if (emit && dsIndex >= 0) {
      const wrong = takeDosages(text, samples, permutation, cells, alleles, altStart, altEnd, firstKept, kept, doses + <usize>records * doseBytes, doseBytes, words, at)
      if (wrong != 0) return fail(state, wrong, load<usize>(at), text)
    }
    add(state, S_ALL, 1)
    if (!passed && keepFiltered == 0) add(state, S_FILTERED, 1)
    else if (samples > 0 && !hasGt && dsIndex < 0) add(state, S_NO_GT, 1)
    else {
      add(state, S_NO_ALT, noAlt)
      add(state, S_SYMBOLIC, symbolic)
      add(state, S_STAR, star)
      if (emit) {
        add(state, S_LOW_QUALITY, lowQuality)
        add(state, S_BALANCE, unbalanced)
        add(state, S_PLOIDY, ploidy)
        if (dsIndex >= 0 || !simple) {
          let start = altStart
          let alt: i32 = 0
          let record: i32 = 0
          while (record < kept) {
            let stop = start
            while (stop < altEnd && load<u8>(stop) != 44) stop++
            alt++
            if (alt >= firstKept && alleleKind(start, stop) == 1) {
              if (dsIndex < 0) {
                const lowK = low + <usize>record * recordBytes
                memory.fill(codes, 0, <usize>words << 6)
                for (let j: i32 = 0; j < samples; j++) {
                  const genotype = load<i32>(alleles + (<usize>j << 2))
                  if (genotype == 0) continue
                  let value: u32 = 3
                  if (genotype > 0) value = u32((genotype & 0x7fff) == alt) + u32((genotype >> 15) == alt)
                  store<u8>(codes + <usize>load<i32>(permutation + (<usize>j << 2)), <u8>value)
                }
                packCodes(codes, words, lowK, lowK + planeBytes)
              }
              writeRow(rows, records + record, text, line, chromEnd, position, idStart, idEnd, refStart, refEnd, start, stop, lines, dsIndex >= 0 ? 1 : 0)
              record++
            }
            start = stop + 1
          }
        } else {
          packCodes(codes, words, low, high)
          writeRow(rows, records, text, line, chromEnd, position, idStart, idEnd, refStart, refEnd, altStart, altEnd, lines, 0)
        }
        records += kept
      }
    }
    lines++
    line = q + 1
    store<i32>(state, <i32>(line - text))
    store<i32>(state + (<usize>S_LINES << 2), lines)
    store<i32>(state + (<usize>S_RECORDS << 2), records)
    store<u32>(state + (<usize>S_STAMP << 2), stamp)
  }
  return 0
}

// @ts-ignore: decorator
@inline
function sameBytes(p: usize, end: usize, q: usize, qEnd: usize): bool {
  if (end - p != qEnd - q) return false
  while (p < end) {
    if (load<u8>(p) != load<u8>(q)) return false
    p++
    q++
  }
  return true
}

/** Adds what DP says of everybody's cell of a line, the first of them behind the tab at p. */
function addDepths(p: usize, samples: i32, dpIndex: i32, permutation: usize, words: i32, depths: usize): void {
  for (let j: i32 = 0; j < samples; j++) {
    const cell = p + 1
    const depth = wholeAt(subfieldAt(cell, dpIndex))
    const place = load<i32>(permutation + (<usize>j << 2))
    if (depth >= 0 && place < words << 6) {
      const sum = depths + (<usize>place << 4)
      store<f64>(sum, load<f64>(sum) + <f64>depth)
      store<f64>(sum, load<f64>(sum, 8) + 1, 8)
    }
    p = nextControl(cell)
  }
}

/**
 * Dosages of every kept allele of a record, one u16 a person: what DS says, and the copies of the call where it says nothing. DS of a
 * haploid call counts up to one copy, which is stored as two.
 */
function takeDosages(text: usize, samples: i32, permutation: usize, cells: usize, alleles: usize, altStart: usize, altEnd: usize, firstKept: i32, kept: i32, doses: usize, doseBytes: usize, words: i32, at: usize): i32 {
  let start = altStart
  let alt: i32 = 0
  let record: i32 = 0
  while (record < kept) {
    let stop = start
    while (stop < altEnd && load<u8>(stop) != 44) stop++
    alt++
    if (alt >= firstKept && alleleKind(start, stop) == 1) {
      const row = doses + <usize>record * doseBytes
      for (let j: i32 = 0; j < samples; j++) {
        const cell = load<u32>(cells + (<usize>j << 2))
        const genotype = load<i32>(alleles + (<usize>j << 2))
        const haploid = <i32>(cell & 1)
        let dose: i32 = -1
        if (cell > 1) {
          const place = text + <usize>(cell >> 1)
          dose = dosageAt(place, alt - 1, haploid)
          if (dose == -2) {
            store<usize>(at, place)
            return 23
          }
        }
        if (dose < 0) dose = genotype < 0 ? 65535 : (i32((genotype & 0x7fff) == alt) + i32((genotype >> 15) == alt)) << 14
        const place = load<i32>(permutation + (<usize>j << 2))
        if (place < words << 6) store<u16>(row + (<usize>place << 1), <u16>dose)
      }
      record++
    }
    start = stop + 1
  }
  return 0
}

function writeRow(rows: usize, record: i32, text: usize, line: usize, chromEnd: usize, position: i32, idStart: usize, idEnd: usize, refStart: usize, refEnd: usize, altStart: usize, altEnd: usize, lines: i32, dosages: i32): void {
  const row = rows + <usize>record * (ROW << 2)
  store<u32>(row, <u32>(line - text))
  store<u32>(row + 4, <u32>(chromEnd - text))
  store<i32>(row + 8, position)
  store<u32>(row + 12, <u32>(idStart - text))
  store<u32>(row + 16, <u32>(idEnd - text))
  store<u32>(row + 20, <u32>(refStart - text))
  store<u32>(row + 24, <u32>(refEnd - text))
  store<u32>(row + 28, <u32>(altStart - text))
  store<u32>(row + 32, <u32>(altEnd - text))
  store<i32>(row + 36, lines)
  store<i32>(row + 40, dosages)
}

/**
 * Records of a BED file to bit planes. `bytes` a record hold four people each; `permutation` and `codes` as in scanVcf.
 * Codes of the file: 0 two copies of A1, 1 missing, 2 one copy, 3 none.
 */
export function bedToPlanes(bed: usize, records: i32, bytes: i32, samples: i32, permutation: usize, words: i32, codes: usize, planes: usize): void {
  const planeBytes = <usize>words << 3
  memory.fill(codes, 0, <usize>words << 6)
  for (let v: i32 = 0; v < records; v++) {
    const record = bed + <usize>v * <usize>bytes
    const low = planes + <usize>v * (planeBytes << 1)
    for (let j: i32 = 0; j < samples; j++) {
      const code = ((<u32>load<u8>(record + <usize>(j >> 2))) >> (<u32>(j & 3) << 1)) & 3
      // 0 1 2 3 become 2 3 1 0
      store<u8>(codes + <usize>load<i32>(permutation + (<usize>j << 2)), <u8>(((<u32>0x1e) >> (code << 1)) & 3))
    }
    packCodes(codes, words, low, low + planeBytes)
  }
}

/** bedToPlanes for people whose order in the file is that of the planes: sixteen at once. */
export function bedToPlanesInOrder(bed: usize, records: i32, bytes: i32, samples: i32, words: i32, planes: usize): void {
  const planeBytes = <usize>words << 3
  memory.fill(planes, 0, <usize>records * (planeBytes << 1))
  for (let v: i32 = 0; v < records; v++) {
    const record = bed + <usize>v * <usize>bytes
    const low = planes + <usize>v * (planeBytes << 1)
    const high = low + planeBytes
    let k: i32 = 0
    let left = samples
    while (left > 0) {
      const n = min(4, bytes - k)
      let codes: u32 = load<u8>(record + <usize>k)
      if (n > 1) codes |= <u32>load<u8>(record + <usize>k + 1) << 8
      if (n > 2) codes |= <u32>load<u8>(record + <usize>k + 2) << 16
      if (n > 3) codes |= <u32>load<u8>(record + <usize>k + 3) << 24
      if (left < 16) codes |= 0xffffffff << (<u32>left << 1)
      // first bit of each code, second bit of each code
      const one = codes & 0x55555555
      const two = (codes >> 1) & 0x55555555
      // high plane: two copies (00) or missing (01): second bit clear. low plane: one copy (10) or missing (01).
      const highBits = gather(~two & 0x55555555)
      const lowBits = gather(one ^ two)
      store<u16>(low + <usize>(k >> 1), <u16>lowBits)
      store<u16>(high + <usize>(k >> 1), <u16>highBits)
      k += 4
      left -= 16
    }
  }
}

/** Every second bit of x, moved together: sixteen bits. */
// @ts-ignore: decorator
@inline
function gather(x: u32): u32 {
  x = (x | (x >> 1)) & 0x33333333
  x = (x | (x >> 2)) & 0x0f0f0f0f
  x = (x | (x >> 4)) & 0x00ff00ff
  return (x | (x >> 8)) & 0x0000ffff
}
