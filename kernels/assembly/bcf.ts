// Whole BCF 2.2 records (VCF 4.3 specification, section 6) to bit planes. The host sees to it that every record of the
// range is whole and that 64 bytes follow the last one. Layout of `state` (i32) as in scanVcf: src/genotypes/vcf/scan.ts
// names every slot, src/genotypes/bcf/scan.ts every refusal.

import { alleleKind, packCodes, readsSpeakAgainst, sequenceKind } from './genotype'

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
const S_BALANCE: i32 = 14

/** u32 words of one row. */
const ROW: i32 = 12
/** Bytes from CHROM to QUAL, FORMAT count and samples. */
const FIXED: u32 = 24

const INT8: i32 = 1
const INT16: i32 = 2
const INT32: i32 = 3
const FLOAT: i32 = 5
const CHAR: i32 = 7

// @ts-ignore: decorator
@inline
function addTo(state: usize, slot: i32, by: i32): void {
  store<i32>(state + (<usize>slot << 2), load<i32>(state + (<usize>slot << 2)) + by)
}

// @ts-ignore: decorator
@inline
function refuse(state: usize, code: i32, at: usize, bytes: usize): i32 {
  store<i32>(state + (<usize>S_ERROR << 2), code)
  store<i32>(state + (<usize>S_ERROR_AT << 2), <i32>(at - bytes))
  return code
}

/** Bytes of one value of a type; 0 for the type of no value, -1 for one that is reserved. */
// @ts-ignore: decorator
@inline
function typeBytes(type: i32): i32 {
  if (type == INT8 || type == CHAR) return 1
  if (type == INT16) return 2
  if (type == INT32 || type == FLOAT) return 4
  return type == 0 ? 0 : -1
}

/** Bytes of a typed atomic integer behind its descriptor, 0 when the descriptor is not of one. */
// @ts-ignore: decorator
@inline
function atomBytes(descriptor: u32): usize {
  return descriptor == 0x11 ? 1 : descriptor == 0x12 ? 2 : descriptor == 0x13 ? 4 : 0
}

/** Value number k of an integer vector, sign extended. */
// @ts-ignore: decorator
@inline
function intAt(p: usize, type: i32, k: i32): i32 {
  if (type == INT8) return <i32>load<i8>(p + <usize>k)
  if (type == INT16) return <i32>load<i16>(p + (<usize>k << 1))
  return load<i32>(p + (<usize>k << 2))
}

/** Where the values of the typed value at p begin, 0 when its descriptor is broken or reaches beyond end. */
function valuesOf(p: usize, end: usize): usize {
  if (p >= end) return 0
  if (load<u8>(p) >> 4 != 15) return p + 1
  if (p + 2 > end) return 0
  const size = atomBytes(load<u8>(p + 1))
  return size == 0 || p + 2 + size > end ? 0 : p + 2 + size
}

/** Number of values that the whole descriptor at p declares; negative for nonsense. */
function countOf(p: usize): i32 {
  const short: i32 = load<u8>(p) >> 4
  return short != 15 ? short : intAt(p + 2, load<u8>(p + 1) & 15, 0)
}

/** Pointer behind the typed value at p, `times` vectors of what its descriptor declares; 0 when it is not within end. */
function behindValue(p: usize, end: usize, times: i32): usize {
  const values = valuesOf(p, end)
  if (values == 0) return 0
  const size = typeBytes(<i32>load<u8>(p) & 15)
  const count = countOf(p)
  if (size < 0 || count < 0 || (size == 0 && count > 0)) return 0
  const bytes = <u64>size * <u64>count * <u64>times
  return bytes > <u64>(end - values) ? 0 : values + <usize>bytes
}

/** Whether the sequence [p, end) is among the typed strings from `first` on, up to the one at `at`. */
function namedBefore(first: usize, at: usize, p: usize, end: usize, limit: usize): bool {
  const n = end - p
  let q = first
  while (q < at) {
    const start = valuesOf(q, limit)
    const stop = behindValue(q, limit, 1)
    if (stop - start == n) {
      let k: usize = 0
      while (k < n && (load<u8>(start + k) & 0xdf) == (load<u8>(p + k) & 0xdf)) k++
      if (k == n) return true
    }
    q = stop
  }
  return false
}

// @ts-ignore: decorator
@inline
function padOf(type: i32): i32 {
  return type == INT8 ? -127 : type == INT16 ? -32767 : -2147483647
}

/**
 * A genotype of `count` values at p: a | b << 15 for two alleles (a haploid call is two equal ones), -1 missing, -2 more
 * than two alleles, -3 refused; the number of alleles is in bits 32 and up, at least 1. Padded with end-of-vector or, as in
 * the specification's example, missing values.
 */
function genotypeAt(p: usize, type: i32, count: i32, alts: i32): i64 {
  let n: i64 = 0
  let a: i32 = 0
  let b: i32 = 0
  let missing = false
  const pad = padOf(type)
  for (let k: i32 = 0; k < count; k++) {
    const value = intAt(p, type, k)
    if (value <= pad) break
    if (value < 0) return -3
    const allele = (value >> 1) - 1
    if (allele > alts) return -3
    if (allele < 0) missing = true
    if (n == 0) a = allele
    else b = allele
    n++
  }
  const code: i32 = n > 2 ? (missing ? -1 : -2) : n == 0 || missing ? -1 : n == 1 ? a | (a << 15) : a | (b << 15)
  return (max(n, 1) << 32) | <i64>(<u32>code)
}

/** Whether the `count` AD values at p speak against a call of alleles a and b: readsSpeakAgainst. */
function againstReads(p: usize, type: i32, count: i32, a: i32, b: i32, low: i32, high: i32): bool {
  let total: i64 = 0
  let readsA: i64 = -1
  let readsB: i64 = -1
  const pad = padOf(type)
  for (let k: i32 = 0; k < count; k++) {
    const reads = intAt(p, type, k)
    if (reads == pad) break
    if (reads < 0) continue
    total += <i64>reads
    if (k == a) readsA = <i64>reads
    if (k == b) readsB = <i64>reads
  }
  return readsSpeakAgainst(a, b, readsA, readsB, total, low, high)
}

/** Whether value number k of a vector of numbers is there: neither missing nor behind its end. */
function isThere(p: usize, type: i32, k: i32): bool {
  if (type != FLOAT) return intAt(p, type, k) > padOf(type)
  const bits = load<u32>(p + (<usize>k << 2))
  return bits != 0x7f800001 && bits != 0x7f800002
}

/**
 * A dosage in 16384ths of a copy, rounded half up; -2 where it is no number from 0 to 2. `haploid` (1 or 0): from 0 to 1, and counted
 * twice. The number is that of the shortest decimal that has these 32 bits, of at most nine decimals, if there is one: what
 * the text had from which the file was made, so that text and BCF give the same.
 */
function dosageOf(x: f32, haploid: i32): i32 {
  if (!(x >= 0) || x > (haploid != 0 ? <f32>1 : <f32>2)) return -2
  const wide = <f64>x
  let scale: i64 = 1
  for (let decimals: i32 = 0; decimals < 10; decimals++) {
    const n = nearest(wide * <f64>scale)
    if (<f32>(n / <f64>scale) == x) return <i32>(((<i64>n << (15 + haploid)) + scale) / (scale << 1))
    scale *= 10
  }
  return <i32>floor(wide * (haploid != 0 ? <f64>32768 : <f64>16384) + 0.5)
}

/** Dosage number k of `count` at p; -1 where it is missing or not there, -2 where it is refused. */
function dosageAt(p: usize, type: i32, count: i32, k: i32, haploid: i32): i32 {
  if (k >= count || !isThere(p, type, k)) return -1
  return dosageOf(type == FLOAT ? load<f32>(p + (<usize>k << 2)) : <f32>intAt(p, type, k), haploid)
}

/** Whole part of the first of `count` values at p, or -1 where it is missing, negative or no number. */
function wholeAt(p: usize, type: i32, count: i32): i32 {
  if (count == 0) return -1
  if (type == FLOAT) {
    const x = load<f32>(p)
    if (!(x >= 0)) return -1
    return x < 1e9 ? <i32>x : 1000000000
  }
  if (type != CHAR) {
    const value = intAt(p, type, 0)
    return value < 0 ? -1 : value
  }
  let value: i32 = 0
  let digits: i32 = 0
  while (digits < count) {
    const d = <u32>load<u8>(p + <usize>digits) - 48
    if (d > 9) break
    if (value < 100000000) value = value * 10 + <i32>d
    digits++
  }
  return digits > 0 ? value : -1
}

/**
 * Sixteen diploid or haploid calls of two 8-bit values each, of a record with one alternate allele, as codes 0 to 3 at
 * `out`; false, and nothing that counts, when one of them is of any other form.
 */
// @ts-ignore: decorator
@inline
function sixteenCalls(p: usize, out: usize): bool {
  const v = v128.load(p)
  const w = v128.load(p, 16)
  const even = i8x16.shuffle(v, w, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
  const odd = i8x16.shuffle(v, w, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
  // 0 missing, 1 reference, 2 alternate, 64 padding
  const a = i8x16.shr_u(even, 1)
  const second = i8x16.shr_u(odd, 1)
  const padding = v128.or(i8x16.eq(odd, i8x16.splat(-127)), i8x16.eq(odd, i8x16.splat(-128)))
  const b = v128.bitselect(a, second, padding)
  if (i8x16.bitmask(v128.or(i8x16.gt_u(a, i8x16.splat(2)), i8x16.gt_u(b, i8x16.splat(2)))) != 0) return false
  const zero = i8x16.splat(0)
  const missing = v128.or(i8x16.eq(a, zero), i8x16.eq(b, zero))
  const copies = i8x16.sub(i8x16.add(a, b), i8x16.splat(2))
  v128.store(out, v128.bitselect(i8x16.splat(3), copies, missing))
  return true
}

// @ts-ignore: decorator
@inline
function option(options: usize, k: usize): i32 {
  return load<i32>(options + (k << 2))
}

/**
 * Scans records from bytes + state[0] until length, a refusal, or no room for the next record's alleles. `options`: samples, 1 for people
 * who stand in the file as in the planes, words of a plane, contigs, capacity in records, 1 where DS has one value an alternate allele,
 * where sums of DP go (two f64 a person: sum, calls), 0 for nowhere; then 1 to keep filtered records, least GQ and DP (0: off), limits of the
 * allele balance in millionths (the upper one 0: off), 1 to read dosages. `ranks` (i32 a contig) is -2 for numbers that no contig has; `keys`
 * (i32): dictionary index of PASS, GT, GQ, DP, AD and DS, -1 where the header does not define one. `permutation` (i32 a sample) is the bit of
 * each person, 64 * words to leave one out; scratch: `alleles` and `cells`, one i32 a sample each, and `codes`, 64 * words + 32 bytes;
 * `planes` takes 16 * words bytes a record, `doses` 128 * words, `rows` twelve u32. Returns the refusal, 0 for none.
 */
export function scanBcf(bytes: usize, length: i32, options: usize, ranks: usize, keys: usize, permutation: usize, alleles: usize, cells: usize, codes: usize, planes: usize, doses: usize, rows: usize, state: usize): i32 {
  const samples = option(options, 0)
  const inOrder = option(options, 1)
  const words = option(options, 2)
  const contigs = option(options, 3)
  const capacity = option(options, 4)
  const dsPerAllele = option(options, 5)
  const depths = <usize>option(options, 6)
  const keepFiltered = option(options, 7)
  const minGq = option(options, 8)
  const minDp = option(options, 9)
  const lowBalance = option(options, 10)
  const highBalance = option(options, 11)
  const readDosages = option(options, 12)
  const end = bytes + <usize>length
  const planeBytes = <usize>words << 3
  const recordBytes = planeBytes << 1
  const doseBytes = <usize>words << 7
  const passKey = load<i32>(keys)
  const gtKey = load<i32>(keys, 4)
  const gqKey = minGq > 0 ? load<i32>(keys, 8) : -1
  const dpKey = minDp > 0 || depths != 0 ? load<i32>(keys, 12) : -1
  const adKey = highBalance > 0 ? load<i32>(keys, 16) : -1
  const dsKey = readDosages != 0 ? load<i32>(keys, 20) : -1
  let records = load<i32>(state + (<usize>S_RECORDS << 2))
  let record = bytes + <usize>load<i32>(state)
  while (record < end) {
    const sharedBytes = load<u32>(record)
    const shared = record + 8
    const individual = shared + <usize>sharedBytes
    const next = individual + <usize>load<u32>(record, 4)
    if (sharedBytes < FIXED) return refuse(state, 20, record, bytes)
    const contig = load<i32>(shared)
    if (<u32>contig >= <u32>contigs || load<i32>(ranks + (<usize>contig << 2)) == -2) return refuse(state, 21, shared, bytes)
    const zeroBased = load<i32>(shared, 4)
    if (zeroBased < -1 || zeroBased == 0x7fffffff) return refuse(state, 5, shared + 4, bytes)
    const infos: i32 = load<u16>(shared, 16)
    const alleleCount: i32 = load<u16>(shared, 18)
    const sampleWord = load<u32>(shared, 20)
    const formats: i32 = <i32>(sampleWord >> 24)
    if (<i32>(sampleWord & 0xffffff) != samples && (formats > 0 || (sampleWord & 0xffffff) != 0)) return refuse(state, 22, shared + 20, bytes)
    // ID
    let p = shared + <usize>FIXED
    let q = behindValue(p, individual, 1)
    if (q == 0 || ((load<u8>(p) & 15) != <u8>CHAR && q != p + 1)) return refuse(state, 23, p, bytes)
    const idStart = valuesOf(p, individual)
    const idEnd = q
    for (let c = idStart; c < idEnd; c++) if (load<u8>(c) < 32) return refuse(state, 28, c, bytes)
    // REF and ALT
    if (alleleCount == 0) return refuse(state, 7, q, bytes)
    p = q
    q = behindValue(p, individual, 1)
    if (q == 0 || (load<u8>(p) & 15) != <u8>CHAR) return refuse(state, 23, p, bytes)
    const refStart = valuesOf(p, individual)
    const refEnd = q
    const refKind = sequenceKind(refStart, refEnd)
    if (refKind == 0) return refuse(state, 7, refStart, bytes)
    const firstAlt = q
    // As in the text form a record without alternate alleles has one, the missing value.
    const alts: i32 = alleleCount == 1 ? 1 : alleleCount - 1
    let kept: i32 = 0
    let symbolic: i32 = 0
    let star: i32 = 0
    let ambiguous: i32 = 0
    let noAlt: i32 = alleleCount == 1 ? 1 : 0
    for (let k: i32 = 1; k < alleleCount; k++) {
      p = q
      q = behindValue(p, individual, 1)
      if (q == 0 || (load<u8>(p) & 15) != <u8>CHAR) return refuse(state, 23, p, bytes)
      const start = valuesOf(p, individual)
      const kind = alleleKind(start, q)
      if (kind == 0) return refuse(state, 8, start, bytes)
      if (k > 16000) return refuse(state, 18, firstAlt, bytes)
      if (kind < 4 && k > 1 && namedBefore(firstAlt, p, start, q, individual)) return refuse(state, 19, start, bytes)
      if (kind == 5) {
        if (alleleCount > 2) return refuse(state, 8, start, bytes)
        noAlt = 1
      } else if (kind == 3) star++
      else if (kind == 4) symbolic++
      else if (kind == 2 || refKind == 2) ambiguous++
      else kept++
    }
    if (kept > capacity - records) {
      if (records == 0) return refuse(state, 18, firstAlt, bytes)
      break
    }
    // FILTER: missing, or PASS alone, is good
    p = q
    q = behindValue(p, individual, 1)
    if (q == 0) return refuse(state, 23, p, bytes)
    const filterType = <i32>load<u8>(p) & 15
    const filters = countOf(p)
    if (filters > 0 && (filterType < INT8 || filterType > INT32)) return refuse(state, 26, p, bytes)
    let passed = filters == 0
    if (filters == 1) {
      const value = intAt(valuesOf(p, individual), filterType, 0)
      passed = value == passKey || value == (filterType == INT8 ? -128 : filterType == INT16 ? -32768 : <i32>0x80000000)
    }
    // INFO
    for (let k: i32 = 0; k < infos; k++) {
      p = q
      const size = p < individual ? atomBytes(load<u8>(p)) : 0
      if (size == 0 || p + 1 + size > individual) return refuse(state, 23, p, bytes)
      q = behindValue(p + 1 + size, individual, 1)
      if (q == 0) return refuse(state, 23, p, bytes)
    }
    if (q != individual) return refuse(state, 24, q, bytes)
    // FORMAT fields: each holds the values of everybody
    let gt: usize = 0
    let gtType: i32 = 0
    let gtCount: i32 = 0
    let gq: usize = 0
    let gqType: i32 = 0
    let gqCount: i32 = 0
    let dp: usize = 0
    let dpType: i32 = 0
    let dpCount: i32 = 0
    let ad: usize = 0
    let adType: i32 = 0
    let adCount: i32 = 0
    let ds: usize = 0
    let dsType: i32 = 0
    let dsCount: i32 = 0
    for (let k: i32 = 0; k < formats; k++) {
      p = q
      const size = p < next ? atomBytes(load<u8>(p)) : 0
      if (size == 0 || p + 1 + size > next) return refuse(state, 23, p, bytes)
      const key = intAt(p + 1, <i32>load<u8>(p) & 15, 0)
      p += 1 + size
      q = behindValue(p, next, samples)
      if (q == 0 || key < 0) return refuse(state, 23, p, bytes)
      const type = <i32>load<u8>(p) & 15
      const count = countOf(p)
      if (key == gtKey && gt == 0) {
        if (k > 0) return refuse(state, 13, p, bytes)
        if (count > 0 && (type < INT8 || type > INT32)) return refuse(state, 27, p, bytes)
        gt = valuesOf(p, next)
        gtType = type
        gtCount = count
      } else if (key == gqKey && gq == 0) {
        gq = valuesOf(p, next)
        gqType = type
        gqCount = count
      } else if (key == dpKey && dp == 0) {
        dp = valuesOf(p, next)
        dpType = type
        dpCount = count
      } else if (key == adKey && ad == 0) {
        if (count > 0 && (type < INT8 || type > INT32)) return refuse(state, 29, p, bytes)
        ad = valuesOf(p, next)
        adType = type
        adCount = count
      } else if (key == dsKey && ds == 0 && (alts == 1 || dsPerAllele != 0)) {
        if (count > 0 && (type < INT8 || (type > INT32 && type != FLOAT))) return refuse(state, 30, p, bytes)
        ds = valuesOf(p, next)
        dsType = type
        dsCount = count
      }
    }
    if (q != next) return refuse(state, 25, q, bytes)

    const hasGt = gt != 0
    const hasDs = ds != 0
    const emit = (hasGt || hasDs) && kept > 0 && (passed || keepFiltered != 0)
    const simple = alts == 1
    const low = planes + <usize>records * recordBytes
    const high = low + planeBytes
    const gtStride = <usize>(typeBytes(gtType) * gtCount)
    const gqStride = <usize>(typeBytes(gqType) * gqCount)
    const dpStride = <usize>(typeBytes(dpType) * dpCount)
    const adStride = <usize>(typeBytes(adType) * adCount)
    const dsStride = <usize>(typeBytes(dsType) * dsCount)
    const limited = minDp > 0 ? dp : 0
    const filtering = gq != 0 || limited != 0 || ad != 0
    const wide = emit && simple && gtType == INT8 && gtCount == 2 && !filtering && !hasDs
    if (emit && simple) memory.fill(codes, 0, <usize>words << 6)
    let lowQuality: i32 = 0
    let unbalanced: i32 = 0
    let ploidy: i32 = 0
    if (hasGt || hasDs) {
      let j: i32 = 0
      while (j < samples) {
        if (wide && j + 16 <= samples) {
          if (inOrder != 0) {
            if (sixteenCalls(gt + (<usize>j << 1), codes + <usize>j)) {
              j += 16
              continue
            }
          } else {
            const some = codes + (<usize>words << 6) + 16
            if (sixteenCalls(gt + (<usize>j << 1), some)) {
              const places = permutation + (<usize>j << 2)
              for (let k: usize = 0; k < 16; k++) store<u8>(codes + <usize>load<i32>(places + (k << 2)), load<u8>(some + k))
              j += 16
              continue
            }
          }
        }
        // One by one: sixteen, or what is left.
        const stop = wide && j + 16 <= samples ? j + 16 : samples
        while (j < stop) {
          let genotype: i32 = -1
          let alleleCount: i32 = 2
          if (hasGt) {
            const at = gt + <usize>j * gtStride
            const found = genotypeAt(at, gtType, gtCount, alts)
            if (found == -3) return refuse(state, 16, at, bytes)
            genotype = <i32>found
            alleleCount = <i32>(found >> 32)
            if (genotype == -2) {
              ploidy++
              genotype = -1
            }
          }
          let dosed: bool = false
          if (hasDs && alleleCount <= 2) {
            const at = ds + <usize>j * dsStride
            for (let k: i32 = 0; k < dsCount && !dosed; k++) dosed = isThere(at, dsType, k)
          }
          if (filtering && (genotype >= 0 || dosed)) {
            const quality = gq != 0 ? wholeAt(gq + <usize>j * gqStride, gqType, gqCount) : -1
            const depth = limited != 0 ? wholeAt(limited + <usize>j * dpStride, dpType, dpCount) : -1
            if ((quality >= 0 && quality < minGq) || (depth >= 0 && depth < minDp)) {
              lowQuality++
              genotype = -1
              dosed = false
            } else if (ad != 0 && genotype >= 0 && againstReads(ad + <usize>j * adStride, adType, adCount, genotype & 0x7fff, genotype >> 15, lowBalance, highBalance)) {
              unbalanced++
              genotype = -1
              dosed = false
            }
          }
          if (emit) {
            if (hasDs) {
              // whether the call is of one allele, and whether it has dosages
              store<i32>(cells + (<usize>j << 2), (alleleCount == 1 ? 1 : 0) | (dosed ? 2 : 0))
              store<i32>(alleles + (<usize>j << 2), genotype)
            } else if (simple) {
              const value: u32 = genotype < 0 ? 3 : <u32>((genotype & 1) + (genotype >> 15))
              store<u8>(codes + <usize>load<i32>(permutation + (<usize>j << 2)), <u8>value)
            } else store<i32>(alleles + (<usize>j << 2), genotype)
          }
          j++
        }
      }
    }
    // Dosages before anything of the record is counted: one may be refused.
    if (emit && hasDs) {
      let alt: usize = firstAlt
      let made: i32 = 0
      for (let k: i32 = 1; made < kept; k++) {
        const start = valuesOf(alt, individual)
        alt = behindValue(alt, individual, 1)
        if (alleleKind(start, alt) != 1) continue
        const row = doses + <usize>(records + made) * doseBytes
        for (let j: i32 = 0; j < samples; j++) {
          const cell = load<i32>(cells + (<usize>j << 2))
          const genotype = load<i32>(alleles + (<usize>j << 2))
          const at = ds + <usize>j * dsStride
          let dose: i32 = cell > 1 ? dosageAt(at, dsType, dsCount, k - 1, cell & 1) : -1
          if (dose == -2) return refuse(state, 31, at, bytes)
          if (dose < 0) dose = genotype < 0 ? 65535 : (i32((genotype & 0x7fff) == k) + i32((genotype >> 15) == k)) << 14
          const place = load<i32>(permutation + (<usize>j << 2))
          if (place < words << 6) store<u16>(row + (<usize>place << 1), <u16>dose)
        }
        made++
      }
    }
    // One record in sixteen, as in text.
    if (depths != 0 && emit && dp != 0 && ((zeroBased + 1) & 15) == 0)
      for (let j: i32 = 0; j < samples; j++) {
        const depth = wholeAt(dp + <usize>j * dpStride, dpType, dpCount)
        const place = load<i32>(permutation + (<usize>j << 2))
        if (depth < 0 || place >= words << 6) continue
        const sum = depths + (<usize>place << 4)
        store<f64>(sum, load<f64>(sum) + <f64>depth)
        store<f64>(sum, load<f64>(sum, 8) + 1, 8)
      }
    // One record in sixteen, as in text.
    if (depths != 0 && emit && dp != 0 && ((zeroBased + 1) & 15) == 0)
      for (let j: i32 = 0; j < samples; j++) {
        const depth = wholeAt(dp + <usize>j * dpStride, dpType, dpCount)
        const place = load<i32>(permutation + (<usize>j << 2))
        if (depth < 0 || place >= words << 6) continue
        const sum = depths + (<usize>place << 4)
        store<f64>(sum, load<f64>(sum) + <f64>depth)
        store<f64>(sum, load<f64>(sum, 8) + 1, 8)
      }
    addTo(state, S_ALL, 1)
    if (!passed && keepFiltered == 0) addTo(state, S_FILTERED, 1)
    else if (samples > 0 && !hasGt && !hasDs) addTo(state, S_NO_GT, 1)
    else {
      addTo(state, S_NO_ALT, noAlt)
      addTo(state, S_SYMBOLIC, symbolic)
      addTo(state, S_STAR, star)
      addTo(state, S_AMBIGUOUS, ambiguous)
      if (emit) {
        addTo(state, S_LOW_QUALITY, lowQuality)
        addTo(state, S_BALANCE, unbalanced)
        addTo(state, S_PLOIDY, ploidy)
        let alt: usize = firstAlt
        let made: i32 = 0
        for (let k: i32 = 1; made < kept; k++) {
          const start = valuesOf(alt, individual)
          const stop = behindValue(alt, individual, 1)
          alt = stop
          if (alleleKind(start, stop) != 1) continue
          const lowK = low + <usize>made * recordBytes
          if (!simple && !hasDs) {
            memory.fill(codes, 0, <usize>words << 6)
            for (let j: i32 = 0; j < samples; j++) {
              const genotype = load<i32>(alleles + (<usize>j << 2))
              if (genotype == 0) continue
              let value: u32 = 3
              if (genotype > 0) value = u32((genotype & 0x7fff) == k) + u32((genotype >> 15) == k)
              store<u8>(codes + <usize>load<i32>(permutation + (<usize>j << 2)), <u8>value)
            }
          }
          if (!hasDs) packCodes(codes, words, lowK, lowK + planeBytes)
          const row = rows + <usize>(records + made) * (ROW << 2)
          store<i32>(row, contig)
          store<i32>(row + 8, zeroBased + 1)
          store<u32>(row + 12, <u32>(idStart - bytes))
          store<u32>(row + 16, <u32>(idEnd - bytes))
          store<u32>(row + 20, <u32>(refStart - bytes))
          store<u32>(row + 24, <u32>(refEnd - bytes))
          store<u32>(row + 28, <u32>(start - bytes))
          store<u32>(row + 32, <u32>(stop - bytes))
          store<i32>(row + 40, hasDs ? 1 : 0)
          made++
        }
        records += kept
      }
    }
    record = next
    store<i32>(state, <i32>(record - bytes))
    store<i32>(state + (<usize>S_RECORDS << 2), records)
  }
  return 0
}
