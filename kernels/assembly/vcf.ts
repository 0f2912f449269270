// Whole lines of VCF text to bit planes. The text must end with a line feed and be followed by 64 line feeds more; the
// host sees to both. Layout of `state` (i32): see src/genotypes/vcf/scan.ts, which names every slot and every refusal.

import { alleleKind, packCodes, sequenceKind } from './genotype'

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
const S_AMBIGUOUS: i32 = 10
const S_LOW_QUALITY: i32 = 11
const S_PLOIDY: i32 = 12
const S_ALL: i32 = 13

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

/** First line feed at or after p. */
function nextLine(p: usize): usize {
  const lf = i8x16.splat(10)
  while (true) {
    const m = i8x16.bitmask(i8x16.eq(v128.load(p), lf))
    if (m != 0) return p + <usize>ctz(m)
    p += 16
  }
}

/** Number of line feeds in n bytes. */
export function countLines(text: usize, n: i32): i32 {
  const lf = i8x16.splat(10)
  let count: i32 = 0
  let p = text
  const end = text + <usize>n
  const wide = end - (<usize>n & 15)
  while (p < wide) {
    count += popcnt(i8x16.bitmask(i8x16.eq(v128.load(p), lf)))
    p += 16
  }
  while (p < end) {
    if (load<u8>(p) == 10) count++
    p++
  }
  return count
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

/** Index of the two-letter key in a FORMAT field, or -1. */
function formatIndex(p: usize, end: usize, a: u32, b: u32): i32 {
  let index: i32 = 0
  let start = p
  while (true) {
    let q = start
    while (q < end && load<u8>(q) != 58) q++
    if (q - start == 2 && load<u8>(start) == a && load<u8>(start + 1) == b) return index
    if (q >= end) return -1
    index++
    start = q + 1
  }
}

/** Whole part of subfield `index` of the cell [p, end), or -1 where it is missing or no number. */
function subfield(p: usize, end: usize, index: i32): i32 {
  let q = p
  for (let k = 0; k < index; k++) {
    while (q < end && load<u8>(q) != 58) q++
    if (q >= end) return -1
    q++
  }
  let value: i32 = 0
  let digits: i32 = 0
  while (q < end) {
    const d = <u32>load<u8>(q) - 48
    if (d > 9) break
    if (value < 100000000) value = value * 10 + <i32>d
    digits++
    q++
  }
  return digits > 0 ? value : -1
}

/**
 * A genotype of any form at p: returns a | b << 15 for two alleles (a haploid call is two equal ones), -1 missing,
 * -2 more than two alleles, -3 refused. Ends at ':' or a control byte.
 */
function slowGenotype(p: usize, alts: i32): i32 {
  let q = p
  let count: i32 = 0
  let a: i32 = 0
  let b: i32 = 0
  let missing = false
  const lead: u32 = load<u8>(q)
  if (lead == 47 || lead == 124) q++
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
  if (count > 2) return missing ? -1 : -2
  if (missing) return -1
  return count == 1 ? a | (a << 15) : a | (b << 15)
}

// @ts-ignore: decorator
@inline
function fail(state: usize, code: i32, at: usize, text: usize): i32 {
  store<i32>(state + (<usize>S_ERROR << 2), code)
  store<i32>(state + (<usize>S_ERROR_AT << 2), <i32>(at - text))
  return code
}

/**
 * Scans lines from text + state[0] until the end, a refusal, or no room for the next record's alleles.
 * `permutation` (i32 a sample column) is the bit of each person, 64 * words to leave one out; scratch: `alleles`, one i32
 * a sample, and `codes`, 64 * words + 1 bytes; `planes` takes 16 * words bytes a record, `rows` twelve u32. A positive `minGq` or `minDp` turns calls with a
 * lower value into missing ones. Returns the refusal, 0 for none.
 */
export function scanVcf(text: usize, length: i32, samples: i32, permutation: usize, words: i32, keepFiltered: i32, minGq: i32, minDp: i32, alleles: usize, codes: usize, planes: usize, rows: usize, capacity: i32, state: usize): i32 {
  const end = text + <usize>length
  const planeBytes = <usize>words << 3
  const recordBytes = planeBytes << 1
  let records = load<i32>(state + (<usize>S_RECORDS << 2))
  let lines = load<i32>(state + (<usize>S_LINES << 2))
  let line = text + <usize>load<i32>(state)
  while (line < end) {
    if (load<u8>(line) == 35) return fail(state, 1, line, text)
    let p = line
    // CHROM
    let q = nextControl(p)
    if (load<u8>(q) != TAB) return fail(state, load<u8>(q) == LF || load<u8>(q) == CR ? 2 : 3, q, text)
    if (q == p) return fail(state, 4, p, text)
    const chromEnd = q
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
    // REF
    p = q + 1
    q = nextControl(p)
    if (load<u8>(q) != TAB) return fail(state, load<u8>(q) == LF || load<u8>(q) == CR ? 2 : 3, q, text)
    const refStart = p
    const refEnd = q
    const refKind = sequenceKind(p, q)
    if (refKind == 0) return fail(state, 7, p, text)
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
    let ambiguous: i32 = 0
    let noAlt: i32 = 0
    {
      let start = p
      while (true) {
        let stop = start
        while (stop < q && load<u8>(stop) != 44) stop++
        const kind = alleleKind(start, stop)
        if (kind == 0) return fail(state, 8, start, text)
        alts++
        if (alts > 16000) return fail(state, 18, altStart, text)
        // Two symbolic alleles or breakends of one name may differ in INFO; they are left out anyway.
        if (kind < 4 && alts > 1 && namedBefore(altStart, start, stop)) return fail(state, 19, start, text)
        if (kind == 5) {
          if (alts > 1 || stop < q) return fail(state, 8, start, text)
          noAlt = 1
        } else if (kind == 3) star++
        else if (kind == 4) symbolic++
        else if (kind == 2 || refKind == 2) ambiguous++
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
      let r = p
      while (r < q) {
        const c: u32 = load<u8>(r)
        const letter = c & 0xdf
        // digits, sign, point, exponent, and the letters of inf, infinity and nan
        if (!(c - 48 <= 9 || c == 43 || c == 45 || c == 46 || letter == 69 || letter == 73 || letter == 78 || letter == 70 || letter == 65 || letter == 84 || letter == 89))
          return fail(state, 9, p, text)
        r++
      }
    }
    // FILTER
    p = q + 1
    q = nextControl(p)
    if (load<u8>(q) != TAB) return fail(state, load<u8>(q) == LF || load<u8>(q) == CR ? 2 : 3, q, text)
    if (q == p) return fail(state, 10, p, text)
    const passed = (q - p == 1 && load<u8>(p) == 46) || (q - p == 4 && load<u32>(p) == 0x53534150)
    // INFO
    p = q + 1
    q = nextControl(p)
    if (q == p) return fail(state, load<u8>(q) == TAB ? 11 : 2, p, text)
    let hasGt = false
    let onlyGt = false
    let gqIndex: i32 = -1
    let dpIndex: i32 = -1
    if (samples > 0) {
      if (load<u8>(q) != TAB) return fail(state, load<u8>(q) == LF || load<u8>(q) == CR ? 2 : 3, q, text)
      // FORMAT
      p = q + 1
      q = nextControl(p)
      if (load<u8>(q) != TAB) return fail(state, load<u8>(q) == LF || load<u8>(q) == CR ? 2 : 3, q, text)
      if (q == p) return fail(state, 12, p, text)
      const gt = formatIndex(p, q, 71, 84)
      if (gt > 0) return fail(state, 13, p, text)
      hasGt = gt == 0
      onlyGt = q - p == 2
      if (minGq > 0) gqIndex = formatIndex(p, q, 71, 81)
      if (minDp > 0) dpIndex = formatIndex(p, q, 68, 80)
    } else if (load<u8>(q) == TAB) return fail(state, 14, q, text)

    const emit = hasGt && kept > 0 && (passed || keepFiltered != 0)
    const simple = alts == 1
    const low = planes + <usize>records * recordBytes
    const high = low + planeBytes
    const plain = hasGt && simple && gqIndex <= 0 && dpIndex <= 0
    if (emit && simple) memory.fill(codes, 0, <usize>words << 6)
    let lowQuality: i32 = 0
    let ploidy: i32 = 0
    for (let j: i32 = 0; j < samples; j++) {
      // q stands on the tab before this cell
      if (load<u8>(q) != TAB) {
        const c: u32 = load<u8>(q)
        return fail(state, c == LF || c == CR ? 2 : 3, q, text)
      }
      p = q + 1
      if (!hasGt) {
        q = nextControl(p)
        continue
      }
      if (plain && onlyGt && j + 4 <= samples) {
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
          q = behind == 9 ? p + 3 : nextControl(p + 4)
          continue
        }
      }
      const stop = x >> 24
      const closed = stop == 58 || stop == 9 || stop == 10 || stop == 13
      const a = (x & 255) - 48
      const b = ((x >> 16) & 255) - 48
      const separator = (x >> 8) & 255
      let genotype: i32
      if (closed && a <= 9 && b <= 9 && (separator == 47 || separator == 124)) {
        if (<i32>a > alts || <i32>b > alts) return fail(state, 16, p, text)
        genotype = <i32>(a | (b << 15))
      } else {
        genotype = slowGenotype(p, alts)
        if (genotype == -3) return fail(state, <u32>load<u8>(p) - 48 <= 9 || load<u8>(p) == 46 ? 16 : 17, p, text)
        if (genotype == -2) {
          ploidy++
          genotype = -1
        }
      }
      q = nextControl(p)
      if (gqIndex > 0 || dpIndex > 0) {
        if (genotype >= 0) {
          const gq = gqIndex > 0 ? subfield(p, q, gqIndex) : -1
          const dp = dpIndex > 0 ? subfield(p, q, dpIndex) : -1
          if ((gq >= 0 && gq < minGq) || (dp >= 0 && dp < minDp)) {
            lowQuality++
            genotype = -1
          }
        }
      }
      if (!emit) continue
      if (simple) {
        if (genotype == 0) continue
        const value: u32 = genotype < 0 ? 3 : <u32>((genotype & 1) + (genotype >> 15))
        store<u8>(codes + <usize>load<i32>(permutation + (<usize>j << 2)), <u8>value)
      } else store<i32>(alleles + (<usize>j << 2), genotype)
    }
    // the end of the line, after a carriage return or not
    if (load<u8>(q) == CR) q++
    if (load<u8>(q) != LF) return fail(state, load<u8>(q) == TAB ? 14 : 3, q, text)
    add(state, S_ALL, 1)
    if (!passed && keepFiltered == 0) add(state, S_FILTERED, 1)
    else if (samples > 0 && !hasGt) add(state, S_NO_GT, 1)
    else {
      add(state, S_NO_ALT, noAlt)
      add(state, S_SYMBOLIC, symbolic)
      add(state, S_STAR, star)
      add(state, S_AMBIGUOUS, ambiguous)
      if (emit) {
        add(state, S_LOW_QUALITY, lowQuality)
        add(state, S_PLOIDY, ploidy)
        if (!simple) {
          let start = altStart
          let alt: i32 = 0
          let record: i32 = 0
          while (record < kept) {
            let stop = start
            while (stop < altEnd && load<u8>(stop) != 44) stop++
            alt++
            if (alt >= firstKept && alleleKind(start, stop) == 1) {
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
              writeRow(rows, records + record, text, line, chromEnd, position, idStart, idEnd, refStart, refEnd, start, stop, lines, alt)
              record++
            }
            start = stop + 1
          }
        } else {
          packCodes(codes, words, low, high)
          writeRow(rows, records, text, line, chromEnd, position, idStart, idEnd, refStart, refEnd, altStart, altEnd, lines, 1)
        }
        records += kept
      }
    }
    lines++
    line = q + 1
    store<i32>(state, <i32>(line - text))
    store<i32>(state + (<usize>S_LINES << 2), lines)
    store<i32>(state + (<usize>S_RECORDS << 2), records)
  }
  return 0
}

function writeRow(rows: usize, record: i32, text: usize, line: usize, chromEnd: usize, position: i32, idStart: usize, idEnd: usize, refStart: usize, refEnd: usize, altStart: usize, altEnd: usize, lines: i32, alt: i32): void {
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
  store<i32>(row + 40, alt)
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
