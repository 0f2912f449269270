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

/**
 * A genotype of `count` values at p: a | b << 15 for two alleles (a haploid call is two equal ones), -1 missing, -2 more
 * than two alleles, -3 refused. Padded with end-of-vector or, as in the specification's example, missing values.
 */
function genotypeAt(p: usize, type: i32, count: i32, alts: i32): i32 {
  let n: i32 = 0
  let a: i32 = 0
  let b: i32 = 0
  let missing = false
  const pad: i32 = type == INT8 ? -127 : type == INT16 ? -32767 : -2147483647
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
  if (n > 2) return missing ? -1 : -2
  if (n == 0 || missing) return -1
  return n == 1 ? a | (a << 15) : a | (b << 15)
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

/** Whether the `count` AD values at p speak against a call of alleles a and b: readsSpeakAgainst. */
function againstReads(p: usize, type: i32, count: i32, a: i32, b: i32, low: i32, high: i32): bool {
  let total: i64 = 0
  let readsA: i64 = -1
  let readsB: i64 = -1
  for (let k: i32 = 0; k < count; k++) {
    // negative: missing, or behind the end of the vector
    const reads = <i64>intAt(p, type, k)
    if (reads < 0) continue
    total += reads
    if (k == a) readsA = reads
    if (k == b) readsB = reads
  }
  return readsSpeakAgainst(a, b, readsA, readsB, total, low, high)
}

/**
 * The floating-point dosage at p in 16384ths of a copy, rounded half up; -1 where it is missing, -2 where it is no number from 0
 * to 2. `haploid` (1 or 0): from 0 to 1, and counted twice.
 */
function dosageAt(p: usize, haploid: i32): i32 {
  const bits = load<u32>(p)
  // missing, and end of the vector
  if (bits == 0x7f800001 || bits == 0x7f800002) return -1
  const copies = <f64>load<f32>(p) * <f64>(1 + haploid)
  if (!(copies >= 0 && copies <= 2)) return -2
  return <i32>Math.floor(copies * 16384 + 0.5)
}

/** Whether one of the dosages at p, one an alternate allele, is there. */
function anyDosage(p: usize, alts: i32): bool {
  for (let k: i32 = 0; k < alts; k++) {
    const bits = load<u32>(p + (<usize>k << 2))
    if (bits != 0x7f800001 && bits != 0x7f800002) return true
  }
  return false
}

/** Number of alleles of the genotype of `count` values at p. */
function ploidyAt(p: usize, type: i32, count: i32): i32 {
  const pad: i32 = type == INT8 ? -127 : type == INT16 ? -32767 : -2147483647
  let n: i32 = 0
  while (n < count && intAt(p, type, n) > pad) n++
  return n
}

// What is known of a person besides the call, for dosages.
const HAPLOID: u32 = 1
/** The call was filtered, or has more than two alleles: its dosage does not count. */
const NO_DOSAGE: u32 = 2

/**
 * Dosages of alternate allele `alt` of `alts`, one u16 a person: of DS, and the copies of the call where that says nothing. Returns the
 * person whose DS is refused, -1 for none.
 */
function takeDosages(ds: usize, alt: i32, alts: i32, samples: i32, permutation: usize, alleles: usize, kinds: usize, doses: usize, words: i32): i32 {
  for (let j: i32 = 0; j < samples; j++) {
    const genotype = load<i32>(alleles + (<usize>j << 2))
    const kind: u32 = load<u8>(kinds + <usize>j)
    let dose: i32 = -1
    if ((kind & NO_DOSAGE) == 0) {
      dose = dosageAt(ds + ((<usize>j * <usize>alts + <usize>(alt - 1)) << 2), <i32>(kind & HAPLOID))
      if (dose == -2) return j
    }
    if (dose < 0) dose = genotype < 0 ? 65535 : (i32((genotype & 0x7fff) == alt) + i32((genotype >> 15) == alt)) << 14
    const place = load<i32>(permutation + (<usize>j << 2))
    if (place < words << 6) store<u16>(doses + (<usize>place << 1), <u16>dose)
  }
  return -1
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

/**
 * Scans records from bytes + state[0] until length, a refusal, or no room for the next record's alleles. `ranks` (i32 a contig) is -2
 * for numbers that no contig has; `keys` (i32): dictionary index of PASS, GT, GQ, DP, AD and DS, -1 where the header does not define one.
 * `limits` (i32): 1 to keep filtered records, least GQ and DP (0: off), limits of the allele balance in millionths (the upper one 0: off), 1 to
 * read dosages. `permutation` (i32 a sample) is the bit of each person, 64 * words to leave one out; scratch: `alleles`, one i32 a
 * sample, `kinds`, one byte a sample, and `codes`, 64 * words + 32 bytes; `planes` takes 16 * words bytes a record, `doses` 128 * words,
 * `rows` twelve u32. `depths`: two f64 a person, sum and calls of DP, 0 for nowhere. Returns the refusal, 0 for none.
 */
export function scanBcf(bytes: usize, length: i32, samples: i32, permutation: usize, inOrder: i32, words: i32, ranks: usize, contigs: i32, keys: usize, limits: usize, alleles: usize, kinds: usize, codes: usize, planes: usize, doses: usize, rows: usize, capacity: i32, depths: usize, state: usize): i32 {
  const keepFiltered = load<i32>(limits)
  const minGq = load<i32>(limits, 4)
  const minDp = load<i32>(limits, 8)
  const lowBalance = load<i32>(limits, 12)
  const highBalance = load<i32>(limits, 16)
  const doseBytes = <usize>words << 7
  const end = bytes + <usize>length
  const planeBytes = <usize>words << 3
  const recordBytes = planeBytes << 1
  const passKey = load<i32>(keys)
  const gtKey = load<i32>(keys, 4)
  const gqKey = minGq > 0 ? load<i32>(keys, 8) : -1
  const dpKey = minDp > 0 || depths != 0 ? load<i32>(keys, 12) : -1
  const adKey = highBalance > 0 ? load<i32>(keys, 16) : -1
  const dsKey = load<i32>(limits, 20) != 0 ? load<i32>(keys, 20) : -1
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
      } else if (key == adKey && ad == 0 && type >= INT8 && type <= INT32) {
        ad = valuesOf(p, next)
        adType = type
        adCount = count
      } else if (key == dsKey && ds == 0 && type == FLOAT && count == alts) ds = valuesOf(p, next)
    }
    if (q != next) return refuse(state, 25, q, bytes)

    const hasGt = gt != 0
    const emit = (hasGt || ds != 0) && kept > 0 && (passed || keepFiltered != 0)
    const simple = alts == 1
    const low = planes + <usize>records * recordBytes
    const high = low + planeBytes
    const gtStride = <usize>(typeBytes(gtType) * gtCount)
    const gqStride = <usize>(typeBytes(gqType) * gqCount)
    const dpStride = <usize>(typeBytes(dpType) * dpCount)
    const limited = minDp > 0 ? dp : 0
    const adStride = <usize>(typeBytes(adType) * adCount)
    const wide = emit && simple && gtType == INT8 && gtCount == 2 && gq == 0 && limited == 0 && ad == 0 && ds == 0
    if (emit && simple) memory.fill(codes, 0, <usize>words << 6)
    let lowQuality: i32 = 0
    let unbalanced: i32 = 0
    let ploidy: i32 = 0
    if (emit && ds != 0) {
      memory.fill(alleles, 0xff, <usize>samples << 2)
      memory.fill(kinds, 0, <usize>samples)
    }
    if (hasGt || (ds != 0 && (gq != 0 || limited != 0))) {
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
          const at = gt + <usize>j * gtStride
          let genotype = hasGt ? genotypeAt(at, gtType, gtCount, alts) : -1
          if (genotype == -3) return refuse(state, 16, at, bytes)
          let kind: u32 = hasGt && ds != 0 && ploidyAt(at, gtType, gtCount) == 1 ? HAPLOID : 0
          if (genotype == -2 || (hasGt && genotype == -1 && ds != 0 && ploidyAt(at, gtType, gtCount) > 2)) kind |= NO_DOSAGE
          if (ds != 0 && !anyDosage(ds + ((<usize>j * <usize>alts) << 2), alts)) kind |= NO_DOSAGE
          if (genotype == -2) {
            ploidy++
            genotype = -1
          }
          if ((genotype >= 0 || (ds != 0 && (kind & NO_DOSAGE) == 0)) && (gq != 0 || limited != 0)) {
            const quality = gq != 0 ? wholeAt(gq + <usize>j * gqStride, gqType, gqCount) : -1
            const depth = limited != 0 ? wholeAt(limited + <usize>j * dpStride, dpType, dpCount) : -1
            if ((quality >= 0 && quality < minGq) || (depth >= 0 && depth < minDp)) {
              lowQuality++
              genotype = -1
              kind |= NO_DOSAGE
            }
          }
          if (genotype >= 0 && ad != 0 && againstReads(ad + <usize>j * adStride, adType, adCount, genotype & 0x7fff, genotype >> 15, lowBalance, highBalance)) {
            unbalanced++
            genotype = -1
            kind |= NO_DOSAGE
          }
          if (emit) {
            if (ds != 0) {
              store<u8>(kinds + <usize>j, <u8>kind)
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
    else if (samples > 0 && !hasGt && ds == 0) addTo(state, S_NO_GT, 1)
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
          if (ds != 0) {
            const person = takeDosages(ds, k, alts, samples, permutation, alleles, kinds, doses + <usize>(records + made) * doseBytes, words)
            if (person >= 0) return refuse(state, 29, record, bytes)
          } else if (!simple) {
            memory.fill(codes, 0, <usize>words << 6)
            for (let j: i32 = 0; j < samples; j++) {
              const genotype = load<i32>(alleles + (<usize>j << 2))
              if (genotype == 0) continue
              let value: u32 = 3
              if (genotype > 0) value = u32((genotype & 0x7fff) == k) + u32((genotype >> 15) == k)
              store<u8>(codes + <usize>load<i32>(permutation + (<usize>j << 2)), <u8>value)
            }
          }
          if (ds == 0) packCodes(codes, words, lowK, lowK + planeBytes)
          const row = rows + <usize>(records + made) * (ROW << 2)
          store<i32>(row, contig)
          store<i32>(row + 8, zeroBased + 1)
          store<u32>(row + 12, <u32>(idStart - bytes))
          store<u32>(row + 16, <u32>(idEnd - bytes))
          store<u32>(row + 20, <u32>(refStart - bytes))
          store<u32>(row + 24, <u32>(refEnd - bytes))
          store<u32>(row + 28, <u32>(start - bytes))
          store<u32>(row + 32, <u32>(stop - bytes))
          store<u32>(row + 40, ds != 0 ? 1 : 0)
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
