// Variant records of a PGEN file (PLINK 2 File Format Specification, "Variant records") to bit planes and dosages.
// Layout of `state` (i32) and the refusals: see src/genotypes/pgen/records.ts. Every read is checked against the end of
// its record; nothing of a record is believed before.

import { packCodes } from './genotype'

const S_RECORD: i32 = 0
const S_AT: i32 = 1
const S_CURSOR: i32 = 2
const S_HETS: i32 = 3

const EARLY_END: i32 = 1
const LEFT_OVER: i32 = 2
const RESERVED_TRACK: i32 = 3
const NO_BASE: i32 = 4
const ONE_BIT_HEAD: i32 = 5
const LIST_TOO_LONG: i32 = 6
const LIST_ORDER: i32 = 7
const LIST_GROUP: i32 = 8
const BAD_VARINT: i32 = 9
const NO_SECOND_ALT: i32 = 10
const RESERVED_PATCH: i32 = 11
const PATCH_CATEGORY: i32 = 12
const PATCH_ALLELE: i32 = 13
const DOSAGE_RANGE: i32 = 14
const DOSAGE_ALLELES: i32 = 15
const PHASE_WITHOUT_DOSAGE: i32 = 16
const DOSAGE_MISSING: i32 = 17
const DOSAGE_FAR: i32 = 18
const PHASE_RANGE: i32 = 19
const COMMON_LISTED: i32 = 20
const NOTHING_PHASED: i32 = 21

const EVEN: u64 = 0x5555555555555555

// The workspace: one base record and the record at hand, both as 2-bit categories in the order of the file and the base
// also as planes; the bits of people who are read; a byte a person; lists of people and of their categories.

// @ts-ignore: decorator
@inline
function categoryBytes(samples: i32): usize {
  return ((<usize>samples + 31) >> 5) << 3
}

/** Bytes of the workspace that pgenBegin prepares. */
export function pgenWorkspaceBytes(samples: i32, words: i32): i32 {
  return <i32>categoryBytes(samples) * 2 + words * (16 + 8 + 64) + 5 * samples + 32
}

// @ts-ignore: decorator
@inline
function basePlanes(ws: usize, samples: i32): usize {
  return ws + 2 * categoryBytes(samples)
}
// @ts-ignore: decorator
@inline
function everybody(ws: usize, samples: i32, words: i32): usize {
  return basePlanes(ws, samples) + (<usize>words << 4)
}
// @ts-ignore: decorator
@inline
function personCodes(ws: usize, samples: i32, words: i32): usize {
  return everybody(ws, samples, words) + (<usize>words << 3)
}
// @ts-ignore: decorator
@inline
function listIds(ws: usize, samples: i32, words: i32): usize {
  return personCodes(ws, samples, words) + (<usize>words << 6) + 16
}
// @ts-ignore: decorator
@inline
function listValues(ws: usize, samples: i32, words: i32): usize {
  return listIds(ws, samples, words) + (<usize>samples << 2)
}

/** Prepares a workspace: whose bits there are. `permutation` is the bit of each sample, 64 * words for nobody. */
export function pgenBegin(ws: usize, samples: i32, permutation: usize, words: i32): void {
  const mask = everybody(ws, samples, words)
  memory.fill(mask, 0, <usize>words << 3)
  memory.fill(personCodes(ws, samples, words), 0, (<usize>words << 6) + 16)
  for (let j: i32 = 0; j < samples; j++) {
    const bit = load<i32>(permutation + (<usize>j << 2))
    if (bit >= words << 6) continue
    const at = mask + <usize>(bit >> 3)
    store<u8>(at, <u8>(<u32>load<u8>(at) | (<u32>1 << (<u32>bit & 7))))
  }
}

// @ts-ignore: decorator
@inline
function fail(state: usize, code: i32, at: usize): i32 {
  store<i32>(state + (S_AT << 2), <i32>at)
  return -code
}

// @ts-ignore: decorator
@inline
function cursor(state: usize): usize {
  return <usize>load<u32>(state + (S_CURSOR << 2))
}

// @ts-ignore: decorator
@inline
function moveTo(state: usize, p: usize): void {
  store<u32>(state + (S_CURSOR << 2), <u32>p)
}

/** Base-128 number at the cursor, below 2^31; negative: a refusal. */
function varint(state: usize, end: usize): i32 {
  let p = cursor(state)
  let value: u32 = 0
  for (let shift: u32 = 0; shift < 35; shift += 7) {
    if (p >= end) return fail(state, EARLY_END, p)
    const byte: u32 = load<u8>(p)
    if (shift == 28 && byte > 7) return fail(state, BAD_VARINT, p)
    value |= (byte & 127) << shift
    p++
    if (byte < 128) {
      moveTo(state, p)
      return <i32>value
    }
  }
  return fail(state, BAD_VARINT, p)
}

/**
 * The difflist at the cursor: samples in increasing order and, where asked for, a category for each. Returns their
 * number; negative: a refusal.
 */
function difflist(state: usize, end: usize, samples: i32, withValues: bool, ids: usize, values: usize): i32 {
  const first = cursor(state)
  const length = varint(state, end)
  if (length <= 0) return length
  if (length > samples) return fail(state, LIST_TOO_LONG, first)
  const groups = (length + 63) >> 6
  // As PLINK 2 writes them: the number of people itself must fit, so that 256 people take two bytes.
  const width: i32 = samples < 256 ? 1 : samples < 65536 ? 2 : samples < 16777216 ? 3 : 4
  const starts = cursor(state)
  const sizes = starts + <usize>(groups * width)
  const packed = sizes + <usize>(groups - 1)
  let p = packed
  if (withValues) p += <usize>((length + 3) >> 2)
  if (p > end) return fail(state, EARLY_END, end)
  if (withValues)
    for (let k: i32 = 0; k < length; k++)
      store<u8>(values + <usize>k, (load<u8>(packed + <usize>(k >> 2)) >> <u8>((k & 3) << 1)) & 3)
  let last: i32 = -1
  let k: i32 = 0
  for (let g: i32 = 0; g < groups; g++) {
    const start = starts + <usize>(g * width)
    let begin: u32 = load<u8>(start)
    if (width > 1) begin |= <u32>load<u8>(start, 1) << 8
    if (width > 2) begin |= <u32>load<u8>(start, 2) << 16
    if (width > 3) begin |= <u32>load<u8>(start, 3) << 24
    if (begin >= <u32>samples || <i32>begin <= last) return fail(state, LIST_ORDER, start)
    let id = <i32>begin
    const groupStart = p
    const stop = min(k + 64, length)
    store<i32>(ids + (<usize>k << 2), id)
    k++
    while (k < stop) {
      if (p >= end) return fail(state, EARLY_END, p)
      let delta: u32 = load<u8>(p)
      if (delta < 128) p++
      else {
        moveTo(state, p)
        const long = varint(state, end)
        if (long < 0) return long
        delta = <u32>long
        p = cursor(state)
      }
      if (delta == 0 || delta >= <u32>(samples - id)) return fail(state, LIST_ORDER, p - 1)
      id += <i32>delta
      store<i32>(ids + (<usize>k << 2), id)
      k++
    }
    last = id
    if (g < groups - 1 && p - groupStart != <usize>load<u8>(sizes + <usize>g) + 63)
      return fail(state, LIST_GROUP, sizes + <usize>g)
  }
  moveTo(state, p)
  return length
}

// @ts-ignore: decorator
@inline
function category(geno: usize, id: i32): u32 {
  return (<u32>load<u8>(geno + <usize>(id >> 2)) >> (<u32>(id & 3) << 1)) & 3
}

// @ts-ignore: decorator
@inline
function setCategory(geno: usize, id: i32, value: u32): void {
  const at = geno + <usize>(id >> 2)
  const shift = <u32>(id & 3) << 1
  store<u8>(at, <u8>((<u32>load<u8>(at) & ~(<u32>3 << shift)) | (value << shift)))
}

/** Sets the two bits of a person. */
// @ts-ignore: decorator
@inline
function setCode(low: usize, planeBytes: usize, bit: i32, value: u32): void {
  const at = low + <usize>(bit >> 3)
  const shift = <u32>(bit & 7)
  store<u8>(at, <u8>((<u32>load<u8>(at) & ~(<u32>1 << shift)) | ((value & 1) << shift)))
  const above = at + planeBytes
  store<u8>(above, <u8>((<u32>load<u8>(above) & ~(<u32>1 << shift)) | ((value >> 1) << shift)))
}

/** Clears what lies behind the last sample. */
// @ts-ignore: decorator
@inline
function clearTail(geno: usize, samples: i32): void {
  const used = samples & 31
  if (used == 0) return
  const at = geno + categoryBytes(samples) - 8
  store<u64>(at, load<u64>(at) & (((<u64>1) << (<u64>used << 1)) - 1))
}

/** Every second bit of x, moved together. */
// @ts-ignore: decorator
@inline
function together(x: u64): u32 {
  x = (x | (x >> 1)) & 0x3333333333333333
  x = (x | (x >> 2)) & 0x0f0f0f0f0f0f0f0f
  x = (x | (x >> 4)) & 0x00ff00ff00ff00ff
  x = (x | (x >> 8)) & 0x0000ffff0000ffff
  return <u32>(x | (x >> 16))
}

/** Bits of x moved apart, to every second one. */
// @ts-ignore: decorator
@inline
function apart(bits: u32): u64 {
  let x = <u64>bits
  x = (x | (x << 16)) & 0x0000ffff0000ffff
  x = (x | (x << 8)) & 0x00ff00ff00ff00ff
  x = (x | (x << 4)) & 0x0f0f0f0f0f0f0f0f
  x = (x | (x << 2)) & 0x3333333333333333
  return (x | (x << 1)) & EVEN
}

/** Categories in the order of the file to the planes of a record. */
function toPlanes(geno: usize, samples: i32, permutation: usize, words: i32, inOrder: bool, codes: usize, low: usize): void {
  const planeBytes = <usize>words << 3
  const high = low + planeBytes
  if (inOrder) {
    const steps = <i32>(categoryBytes(samples) >> 3)
    if (steps & 1) {
      store<u32>(low + planeBytes - 4, 0)
      store<u32>(high + planeBytes - 4, 0)
    }
    for (let k: i32 = 0; k < steps; k++) {
      const x = load<u64>(geno + (<usize>k << 3))
      store<u32>(low + (<usize>k << 2), together(x & EVEN))
      store<u32>(high + (<usize>k << 2), together((x >> 1) & EVEN))
    }
    return
  }
  let j: i32 = 0
  let place = permutation
  while (j + 4 <= samples) {
    const byte: u32 = load<u8>(geno + <usize>(j >> 2))
    store<u8>(codes + <usize>load<i32>(place), <u8>(byte & 3))
    store<u8>(codes + <usize>load<i32>(place, 4), <u8>((byte >> 2) & 3))
    store<u8>(codes + <usize>load<i32>(place, 8), <u8>((byte >> 4) & 3))
    store<u8>(codes + <usize>load<i32>(place, 12), <u8>(byte >> 6))
    j += 4
    place += 16
  }
  while (j < samples) {
    store<u8>(codes + <usize>load<i32>(place), <u8>category(geno, j))
    j++
    place += 4
  }
  packCodes(codes, words, low, high)
}

/**
 * The main track at the cursor: categories to `geno` of the workspace (the base's own place unless the record refers to
 * a base) and to the planes at `low`. A record that refers to no other becomes the base. Returns 0 or a refusal.
 */
function mainTrack(state: usize, end: usize, type: i32, plink1: bool, samples: i32, permutation: usize, words: i32, inOrder: bool, ws: usize, low: usize): i32 {
  const bytes = categoryBytes(samples)
  const planeBytes = <usize>words << 3
  const base = ws
  const basePlane = basePlanes(ws, samples)
  const mask = everybody(ws, samples, words)
  const codes = personCodes(ws, samples, words)
  const ids = listIds(ws, samples, words)
  const values = listValues(ws, samples, words)
  const track = type & 7
  const p = cursor(state)
  if (track == 0) {
    const raw = <usize>((samples + 3) >> 2)
    if (p + raw > end) return fail(state, EARLY_END, end)
    store<u64>(base + bytes - 8, 0)
    memory.copy(base, p, raw)
    if (plink1)
      // two copies 00, missing 01, one 10, none 11
      for (let k: usize = 0; k < bytes; k += 8) {
        const x = load<u64>(base + k)
        const above = (x >> 1) & EVEN
        store<u64>(base + k, ((above ^ EVEN) << 1) | ((x & EVEN) ^ above))
      }
    clearTail(base, samples)
    toPlanes(base, samples, permutation, words, inOrder, codes, low)
    moveTo(state, p + raw)
    memory.copy(basePlane, low, planeBytes << 1)
    return 0
  }
  if (track == 5) return fail(state, RESERVED_TRACK, p)
  if (track == 1) {
    const bits = <usize>((samples + 7) >> 3)
    if (p + 1 + bits > end) return fail(state, EARLY_END, end)
    const head: u32 = load<u8>(p)
    if (!(head == 1 || head == 2 || head == 3 || head == 5 || head == 6 || head == 9)) return fail(state, ONE_BIT_HEAD, p)
    const lower = head >> 2
    const common = <u64>lower * EVEN
    const change = <u64>(lower ^ (lower + (head & 3)))
    let q = p + 1
    for (let k: usize = 0; k < bytes; k += 8) {
      const left = p + 1 + bits - q
      let x: u32 = 0
      if (left >= 4) x = load<u32>(q)
      else {
        x = load<u8>(q)
        if (left > 1) x |= <u32>load<u8>(q, 1) << 8
        if (left > 2) x |= <u32>load<u8>(q, 2) << 16
      }
      store<u64>(base + k, common ^ (apart(x) * change))
      q += 4
    }
    clearTail(base, samples)
    moveTo(state, p + 1 + bits)
    const length = difflist(state, end, samples, true, ids, values)
    if (length < 0) return length
    for (let k: i32 = 0; k < length; k++) {
      const value: u32 = load<u8>(values + <usize>k)
      if (value == lower || value == lower + (head & 3)) return fail(state, COMMON_LISTED, p)
      setCategory(base, load<i32>(ids + (<usize>k << 2)), value)
    }
    toPlanes(base, samples, permutation, words, inOrder, codes, low)
    memory.copy(basePlane, low, planeBytes << 1)
    return 0
  }
  let geno = base
  if (track == 2 || track == 3) {
    geno = base + bytes
    memory.copy(geno, base, bytes)
    memory.copy(low, basePlane, planeBytes << 1)
  } else {
    const common: u32 = track & 3
    memory.fill(geno, <u8>(common * 0x55), bytes)
    clearTail(geno, samples)
    if (common & 1) memory.copy(low, mask, planeBytes)
    else memory.fill(low, 0, planeBytes)
    if (common & 2) memory.copy(low + planeBytes, mask, planeBytes)
    else memory.fill(low + planeBytes, 0, planeBytes)
  }
  const length = difflist(state, end, samples, true, ids, values)
  if (length < 0) return length
  const nobody = words << 6
  for (let k: i32 = 0; k < length; k++) {
    const id = load<i32>(ids + (<usize>k << 2))
    const value: u32 = load<u8>(values + <usize>k)
    setCategory(geno, id, value)
    const bit = load<i32>(permutation + (<usize>id << 2))
    if (bit < nobody) setCode(low, planeBytes, bit, value)
  }
  if (track == 3) {
    // The list too is of what stands before none and two copies change places.
    for (let k: usize = 0; k < bytes; k += 8) {
      const x = load<u64>(geno + k)
      store<u64>(geno + k, x ^ ((~x & EVEN) << 1))
    }
    clearTail(geno, samples)
    for (let k: usize = 0; k < planeBytes; k += 8) {
      const high = low + planeBytes + k
      store<u64>(high, load<u64>(high) ^ (~load<u64>(low + k) & load<u64>(mask + k)))
    }
  }
  if (geno == base) memory.copy(basePlane, low, planeBytes << 1)
  return 0
}

/** Samples of a category (1 or 2), as every second bit. */
// @ts-ignore: decorator
@inline
function ofCategory(x: u64, wanted: i32): u64 {
  const one = x & EVEN
  const two = (x >> 1) & EVEN
  return wanted == 1 ? one & ~two : two & ~one
}

function countCategory(geno: usize, samples: i32, wanted: i32): i32 {
  let count: u64 = 0
  const bytes = categoryBytes(samples)
  for (let k: usize = 0; k < bytes; k += 8) count += popcnt(ofCategory(load<u64>(geno + k), wanted))
  return <i32>count
}

/** Whom a patch set is for. Returns their number, in `ids`; negative: a refusal. */
function patchIds(state: usize, end: usize, format: i32, wanted: i32, geno: usize, samples: i32, ids: usize): i32 {
  const p = cursor(state)
  if (format == 1) {
    const length = difflist(state, end, samples, false, ids, 0)
    for (let k: i32 = 0; k < length; k++)
      if (category(geno, load<i32>(ids + (<usize>k << 2))) != <u32>wanted) return fail(state, PATCH_CATEGORY, p)
    return length
  }
  if (format != 0) return fail(state, RESERVED_PATCH, p)
  const bytes = <usize>((countCategory(geno, samples, wanted) + 7) >> 3)
  if (p + bytes > end) return fail(state, EARLY_END, end)
  moveTo(state, p + bytes)
  let length: i32 = 0
  let j: i32 = 0
  const all = categoryBytes(samples)
  for (let k: usize = 0; k < all; k += 8) {
    let m = ofCategory(load<u64>(geno + k), wanted)
    while (m != 0) {
      if ((load<u8>(p + <usize>(j >> 3)) >> <u8>(j & 7)) & 1) {
        store<i32>(ids + (<usize>length << 2), <i32>((k << 2) + <usize>(ctz(m) >> 1)))
        length++
      }
      j++
      m &= m - 1
    }
  }
  return length
}

/** Entry k of a packed array of 1, 2, 4, 8 or 16 bits each. */
// @ts-ignore: decorator
@inline
function entry(p: usize, k: i32, width: i32): i32 {
  if (width == 16) return <i32>load<u16>(p + (<usize>k << 1))
  if (width == 8) return load<u8>(p + <usize>k)
  const bit = k * width
  return (<i32>load<u8>(p + <usize>(bit >> 3)) >> (bit & 7)) & ((1 << width) - 1)
}

// @ts-ignore: decorator
@inline
function setAllele(planes: usize, recordBytes: usize, firstAlt: i32, count: i32, alt: i32, bit: i32, value: u32): void {
  const slot = alt - firstAlt
  if (slot >= 0 && slot < count) setCode(planes + <usize>slot * recordBytes, recordBytes >> 1, bit, value)
}

/**
 * The patch sets at the cursor, calls of other alternate alleles than the first, applied to the planes of alleles
 * [firstAlt, firstAlt + count). Heterozygous calls among them are added to state. Returns 0 or a refusal.
 */
function patches(state: usize, end: usize, geno: usize, alts: i32, samples: i32, permutation: usize, words: i32, ids: usize, planes: usize, firstAlt: i32, count: i32): i32 {
  const nobody = words << 6
  const recordBytes = <usize>words << 4
  const head = cursor(state)
  if (alts < 2) return fail(state, NO_SECOND_ALT, head)
  if (head >= end) return fail(state, EARLY_END, end)
  const formats: i32 = load<u8>(head)
  moveTo(state, head + 1)
  if ((formats & 15) != 15) {
    const length = patchIds(state, end, formats & 15, 1, geno, samples, ids)
    if (length < 0) return length
    const width: i32 = alts == 2 ? 0 : alts == 3 ? 1 : alts <= 5 ? 2 : alts <= 17 ? 4 : alts <= 257 ? 8 : 16
    const p = cursor(state)
    const bytes = (<usize>length * <usize>width + 7) >> 3
    if (p + bytes > end) return fail(state, EARLY_END, end)
    moveTo(state, p + bytes)
    for (let k: i32 = 0; k < length; k++) {
      const alt = 2 + (width == 0 ? 0 : entry(p, k, width))
      if (alt > alts) return fail(state, PATCH_ALLELE, p)
      const bit = load<i32>(permutation + (<usize>load<i32>(ids + (<usize>k << 2)) << 2))
      if (bit >= nobody) continue
      setAllele(planes, recordBytes, firstAlt, count, 1, bit, 0)
      setAllele(planes, recordBytes, firstAlt, count, alt, bit, 1)
    }
  }
  if (formats >> 4 != 15) {
    const length = patchIds(state, end, formats >> 4, 2, geno, samples, ids)
    if (length < 0) return length
    const width: i32 = alts == 2 ? 1 : alts <= 4 ? 2 : alts <= 16 ? 4 : alts <= 256 ? 8 : 16
    const p = cursor(state)
    const bytes = (<usize>length * <usize>(alts == 2 ? 1 : 2 * width) + 7) >> 3
    if (p + bytes > end) return fail(state, EARLY_END, end)
    moveTo(state, p + bytes)
    let hets = load<i32>(state + (S_HETS << 2))
    for (let k: i32 = 0; k < length; k++) {
      let a: i32
      let b: i32
      if (alts == 2) {
        b = 2
        a = 1 + entry(p, k, 1)
      } else {
        a = 1 + entry(p, 2 * k, width)
        b = 1 + entry(p, 2 * k + 1, width)
      }
      if (b > alts || a > b || b == 1) return fail(state, PATCH_ALLELE, p)
      if (a != b) hets++
      const bit = load<i32>(permutation + (<usize>load<i32>(ids + (<usize>k << 2)) << 2))
      if (bit >= nobody) continue
      if (a > 1) setAllele(planes, recordBytes, firstAlt, count, 1, bit, 0)
      if (a == b) setAllele(planes, recordBytes, firstAlt, count, a, bit, 2)
      else {
        setAllele(planes, recordBytes, firstAlt, count, a, bit, 1)
        setAllele(planes, recordBytes, firstAlt, count, b, bit, 1)
      }
    }
    store<i32>(state + (S_HETS << 2), hets)
  }
  return 0
}

/** Set bits among bits [from, to) at p. */
function countBits(p: usize, from: i32, to: i32): i32 {
  let count: i32 = 0
  let k = from
  while (k < to && (k & 7) != 0) {
    count += <i32>(load<u8>(p + <usize>(k >> 3)) >> <u8>(k & 7)) & 1
    k++
  }
  while (k + 8 <= to) {
    count += <i32>popcnt<u32>(load<u8>(p + <usize>(k >> 3)))
    k += 8
  }
  while (k < to) {
    count += <i32>(load<u8>(p + <usize>(k >> 3)) >> <u8>(k & 7)) & 1
    k++
  }
  return count
}

/** Goes past the phase of heterozygous calls, of which nothing is kept. Returns 0 or a refusal. */
function phase(state: usize, end: usize): i32 {
  const hets = load<i32>(state + (S_HETS << 2))
  const p = cursor(state)
  if (hets == 0) return fail(state, NOTHING_PHASED, p)
  const bytes = <usize>((hets + 8) >> 3)
  if (p + bytes > end) return fail(state, EARLY_END, end)
  let q = p + bytes
  if (load<u8>(p) & 1) q += <usize>((countBits(p, 1, hets + 1) + 7) >> 3)
  if (q > end) return fail(state, EARLY_END, end)
  moveTo(state, q)
  return 0
}

/** What a dosage in 1/16384 of a copy is as a call: the nearest number of copies within 0.1 of it, 3 where none is. */
// @ts-ignore: decorator
@inline
function hardCall(dosage: i32): u32 {
  const nearest = (dosage + 8192) >> 14
  const distance = dosage - (nearest << 14)
  return (distance < 0 ? -distance : distance) <= 1638 ? <u32>nearest : 3
}

/**
 * Dosages at the cursor, for everybody in the order of the planes: those of the record and, elsewhere, its calls. Calls
 * at `low` follow the dosages. Returns 1 when a dosage is no whole number of copies, 0 when all are; negative: a refusal.
 */
function dosageTracks(state: usize, end: usize, type: i32, geno: usize, samples: i32, permutation: usize, words: i32, ids: usize, low: usize, dosages: usize): i32 {
  const nobody = words << 6
  const planeBytes = <usize>words << 3
  const kind = (type >> 5) & 3
  let length = samples
  if (kind == 1) {
    length = difflist(state, end, samples, false, ids, 0)
    if (length < 0) return length
  } else if (kind == 3) {
    const p = cursor(state)
    const bytes = <usize>((samples + 7) >> 3)
    if (p + bytes > end) return fail(state, EARLY_END, end)
    length = 0
    for (let j: i32 = 0; j < samples; j++)
      if ((load<u8>(p + <usize>(j >> 3)) >> <u8>(j & 7)) & 1) {
        store<i32>(ids + (<usize>length << 2), j)
        length++
      }
    moveTo(state, p + bytes)
  }
  const p = cursor(state)
  if (p + (<usize>length << 1) > end) return fail(state, EARLY_END, end)
  for (let j: i32 = 0; j < samples; j++) {
    const bit = load<i32>(permutation + (<usize>j << 2))
    if (bit >= nobody) continue
    const value = category(geno, j)
    store<u16>(dosages + (<usize>bit << 1), value == 3 ? 65535 : <u16>(value << 14))
  }
  let fractions: i32 = 0
  for (let k: i32 = 0; k < length; k++) {
    const at = p + (<usize>k << 1)
    const value: i32 = load<u16>(at)
    const id = kind == 2 ? k : load<i32>(ids + (<usize>k << 2))
    const call = <i32>category(geno, id)
    if (value > 32768) {
      if (kind != 2 || value != 65535) return fail(state, DOSAGE_RANGE, at)
      if (call != 3) return fail(state, DOSAGE_MISSING, at)
      continue
    }
    if (call != 3) {
      const distance = value - (call << 14)
      if (distance > 8192 || distance < -8192) return fail(state, DOSAGE_FAR, at)
    }
    const bit = load<i32>(permutation + (<usize>id << 2))
    if (bit >= nobody) continue
    store<u16>(dosages + (<usize>bit << 1), <u16>value)
    setCode(low, planeBytes, bit, hardCall(value))
    if (value & 16383) fractions = 1
  }
  moveTo(state, p + (<usize>length << 1))
  if (type & 128) {
    // phased dosages: their sums are above
    let q = cursor(state)
    let phased = length
    if (kind != 2) {
      const bytes = <usize>((length + 7) >> 3)
      if (q + bytes > end) return fail(state, EARLY_END, end)
      phased = countBits(q, 0, length)
      q += bytes
    }
    if (q + (<usize>phased << 1) > end) return fail(state, EARLY_END, end)
    for (let k: i32 = 0; k < phased; k++) {
      const at = q + (<usize>k << 1)
      const value: i32 = load<i16>(at)
      if ((value > 16384 || value < -16384) && !(kind == 2 && value == -32768)) return fail(state, PHASE_RANGE, at)
    }
    moveTo(state, q + (<usize>phased << 1))
  }
  return fractions
}

/**
 * Makes a record the base of those behind it that refer to one, from its main track alone. Returns 0 or the refusal,
 * with the byte of `data` in state[1]. `low` is room for the planes of a record.
 */
export function pgenBase(data: usize, length: i32, type: i32, samples: i32, permutation: usize, words: i32, inOrder: i32, ws: usize, low: usize, state: usize): i32 {
  moveTo(state, data)
  const code = mainTrack(state, data + <usize>length, type, false, samples, permutation, words, inOrder != 0, ws, low)
  if (code < 0) store<i32>(state + (S_AT << 2), load<i32>(state + (S_AT << 2)) - <i32>data)
  return -code
}

/**
 * Reads records. `ends` (u32) are the ends of each in `data`, one behind another, `types` a byte each, `alts` (i32) the
 * number of alternate alleles. `planes` takes 16 * words bytes for each alternate allele of a record in turn, but of a
 * record no more than `most`, from `firstAlt` (1: the first) on. `dosages` takes 64 * words numbers for each record that
 * has any; `fractions`, a byte a record, says whether they are more than whole numbers. `plink1`: records of a BED file.
 * `hasBase`: whether the workspace holds a base. Returns the refusal, 0 for none; state: record, byte of `data`.
 */
export function pgenRecords(data: usize, ends: usize, types: usize, alts: usize, records: i32, firstAlt: i32, most: i32, plink1: i32, hasBase: i32, samples: i32, permutation: usize, words: i32, inOrder: i32, ws: usize, planes: usize, dosages: usize, fractions: usize, state: usize): i32 {
  const recordBytes = <usize>words << 4
  const planeBytes = <usize>words << 3
  const ids = listIds(ws, samples, words)
  let p = data
  let plane = planes
  let dosage = dosages
  let code: i32 = 0
  let r: i32 = 0
  while (r < records) {
    const end = data + <usize>load<u32>(ends + (<usize>r << 2))
    const type: i32 = load<u8>(types + <usize>r)
    const alleles = load<i32>(alts + (<usize>r << 2))
    const count = min(most, alleles - firstAlt + 1)
    const usesBase = (type & 6) == 2
    moveTo(state, p)
    store<i32>(state + (S_HETS << 2), 0)
    if (usesBase && hasBase == 0) {
      code = fail(state, NO_BASE, p)
      break
    }
    // The planes of the first allele come first, also where they are not asked for: the others' follow from them.
    const first = plane
    code = mainTrack(state, end, type, plink1 != 0, samples, permutation, words, inOrder != 0, ws, first)
    if (code < 0) break
    if (!usesBase) hasBase = 1
    const geno = usesBase ? ws + categoryBytes(samples) : ws
    if (alleles > 1) {
      for (let k: i32 = count - 1; k >= 0; k--) {
        if (firstAlt + k == 1) continue
        const low = plane + <usize>k * recordBytes
        for (let b: usize = 0; b < planeBytes; b += 8) {
          const missing = load<u64>(first + b) & load<u64>(first + planeBytes + b)
          store<u64>(low + b, missing)
          store<u64>(low + planeBytes + b, missing)
        }
      }
    }
    if (type & 24) store<i32>(state + (S_HETS << 2), countCategory(geno, samples, 1))
    if (type & 8) {
      code = patches(state, end, geno, alleles, samples, permutation, words, ids, plane, firstAlt, count)
      if (code < 0) break
    }
    if (type & 16) {
      code = phase(state, end)
      if (code < 0) break
    }
    store<u8>(fractions + <usize>r, 0)
    if (type & 96) {
      if (alleles > 1) {
        code = fail(state, DOSAGE_ALLELES, cursor(state))
        break
      }
      code = dosageTracks(state, end, type, geno, samples, permutation, words, ids, plane, dosage)
      if (code < 0) break
      store<u8>(fractions + <usize>r, <u8>code)
      code = 0
      dosage += <usize>words << 7
    } else if (type & 128) {
      code = fail(state, PHASE_WITHOUT_DOSAGE, cursor(state))
      break
    }
    if (cursor(state) != end) {
      code = fail(state, LEFT_OVER, cursor(state))
      break
    }
    p = end
    plane += <usize>count * recordBytes
    r++
  }
  if (code < 0) {
    store<i32>(state + (S_RECORD << 2), r)
    store<i32>(state + (S_AT << 2), load<i32>(state + (S_AT << 2)) - <i32>data)
  }
  return -code
}
