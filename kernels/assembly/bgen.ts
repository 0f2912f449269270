// Genotype probabilities of BGEN files to dosages (see dosages.ts). Probability data must be followed by 16 bytes that
// may be read.

const MISSING: u32 = 65535

/** Largest sum of three 16-bit probabilities: 1.02, what rounding to two digits can make of one. */
const SUM_LIMIT: u32 = 33423

/** Slots of `state`: the person at whom reading stopped; calls of more than two alleles. */
const S_SAMPLE: i32 = 0
const S_PLOIDY: i32 = 1

// Refusals; src/genotypes/bgen/probabilities.ts words them.
const E_SUM: i32 = 1
const E_PLOIDY: i32 = 2
const E_SHORT: i32 = 3
const E_LONG: i32 = 4

// @ts-ignore: decorator
@inline
function fail(state: usize, code: i32, sample: i32): i32 {
  store<i32>(state + (<usize>S_SAMPLE << 2), sample)
  return code
}

/** Adler-32 of n bytes (RFC 1950). */
export function adler32(data: usize, n: i32): u32 {
  let a: u32 = 1
  let b: u32 = 0
  let p = data
  let left = n
  while (left >= 16) {
    // No lane overflows within 347 vectors.
    const vectors = min(left >> 4, 347)
    let sum = i32x4.splat(0)
    let prefix = i32x4.splat(0)
    let weighted = i32x4.splat(0)
    for (let k: i32 = 0; k < vectors; k++) {
      const v = v128.load(p)
      prefix = i32x4.add(prefix, sum)
      sum = i32x4.add(sum, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(v)))
      weighted = i32x4.add(weighted, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(v), i16x8(16, 15, 14, 13, 12, 11, 10, 9)))
      weighted = i32x4.add(weighted, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(v), i16x8(8, 7, 6, 5, 4, 3, 2, 1)))
      p += 16
    }
    b = <u32>((<u64>b + ((<u64>a * <u64>vectors + lanes(prefix)) << 4) + lanes(weighted)) % 65521)
    a = <u32>((<u64>a + lanes(sum)) % 65521)
    left -= vectors << 4
  }
  while (left > 0) {
    a += load<u8>(p)
    b += a
    p++
    left--
  }
  return ((b % 65521) << 16) | (a % 65521)
}

// @ts-ignore: decorator
@inline
function lanes(v: v128): u64 {
  return (
    <u64>(<u32>i32x4.extract_lane(v, 0)) +
    <u64>(<u32>i32x4.extract_lane(v, 1)) +
    <u64>(<u32>i32x4.extract_lane(v, 2)) +
    <u64>(<u32>i32x4.extract_lane(v, 3))
  )
}

/**
 * Layout 1: probabilities AA, AB, BB of each person in 32768ths, taken relative to their sum; all zero is missing.
 * `out` takes the dosage of A (`altFirst` 1) or B of each person.
 */
export function bgenTriples(data: usize, samples: i32, altFirst: i32, out: usize, state: usize): i32 {
  for (let i: i32 = 0; i < samples; i++) {
    const p = data + <usize>i * 6
    const aa: u32 = load<u16>(p)
    const ab: u32 = load<u16>(p, 2)
    const bb: u32 = load<u16>(p, 4)
    const sum = aa + ab + bb
    if (sum > SUM_LIMIT) return fail(state, E_SUM, i)
    let dosage = MISSING
    if (sum != 0) {
      const copies = ab + ((altFirst != 0 ? aa : bb) << 1)
      dosage = <u32>nearest<f64>((<f64>copies * 16384.0) / <f64>sum)
    }
    store<u16>(out + (<usize>i << 1), <u16>dosage)
  }
  return 0
}

/** Stored probabilities of one person, capped far above what any data hold: C(z + alleles - 1, z) - 1, or z (alleles - 1). */
function storedCount(z: u32, alleles: u32, phased: i32): u64 {
  if (phased != 0) return <u64>z * <u64>(alleles - 1)
  let count: u64 = 1
  for (let t: u32 = 1; t <= z; t++) {
    count = (count * <u64>(alleles - 1 + t)) / <u64>t
    if (count > 0x10000000000) return 0x10000000000
  }
  return count - 1
}

/** Whether every person has two copies, missing or not. */
function allDiploid(ploidies: usize, samples: i32): bool {
  let i: i32 = 0
  const seven = i8x16.splat(0x7f)
  const two = i8x16.splat(2)
  for (; i + 16 <= samples; i += 16)
    if (i8x16.bitmask(i8x16.eq(v128.and(v128.load(ploidies + <usize>i), seven), two)) != 0xffff) return false
  for (; i < samples; i++) if ((load<u8>(ploidies + <usize>i) & 0x7f) != 2) return false
  return true
}

/** Bits [at, at + bits) of little-endian data, 1 to 32 of them. */
// @ts-ignore: decorator
@inline
function bitsAt(data: usize, at: u64, mask: u64): u64 {
  return (load<u64>(data + <usize>(at >> 3)) >> (at & 7)) & mask
}

/** Two copies, two alleles, eight bits: eight people at once. */
function bytePairs(ploidies: usize, data: usize, samples: i32, altFirst: i32, phased: i32, out: usize, state: usize): i32 {
  const low = i16x8.splat(255)
  const doubled: i32 = phased != 0 ? 0 : 1
  let i: i32 = 0
  for (; i + 8 <= samples; i += 8) {
    const missing = i16x8.shr_s(v128.load8x8_s(ploidies + <usize>i), 15)
    const pair = v128.andnot(v128.load(data + (<usize>i << 1)), missing)
    const a = v128.and(pair, low)
    const b = i16x8.shr_u(pair, 8)
    const both = i16x8.add(a, b)
    if (doubled != 0 && v128.any_true(i16x8.gt_s(both, low))) break
    // copies of A in 255ths, x; 16384 x / 255 is 64 x + 64 x / 255, and the second part is rounded exactly
    const x64 = i16x8.shl(i16x8.add(both, doubled != 0 ? a : i16x8.splat(0)), 6)
    const t = i16x8.add(x64, i16x8.splat(128))
    const first = i16x8.add(x64, i16x8.shr_u(i16x8.add(t, i16x8.shr_u(t, 8)), 8))
    const dosage = altFirst != 0 ? first : i16x8.sub(i16x8.splat(-32768), first)
    v128.store(out + (<usize>i << 1), v128.or(dosage, missing))
  }
  for (; i < samples; i++) {
    let dosage = MISSING
    if (load<u8>(ploidies + <usize>i) < 128) {
      const a: u32 = load<u8>(data + (<usize>i << 1))
      const b: u32 = load<u8>(data + (<usize>i << 1), 1)
      if (doubled != 0 && a + b > 255) return fail(state, E_SUM, i)
      const t = ((a + b + (doubled != 0 ? a : 0)) << 6) + 128
      const first = t - 128 + ((t + (t >> 8)) >> 8)
      dosage = altFirst != 0 ? first : 32768 - first
    }
    store<u16>(out + (<usize>i << 1), <u16>dosage)
  }
  return 0
}

/** Two copies, two alleles, any number of bits. */
function bitPairs(ploidies: usize, data: usize, samples: i32, altFirst: i32, phased: i32, bits: i32, out: usize, state: usize): i32 {
  const mask = ((<u64>1) << bits) - 1
  const one = <f64>mask
  let at: u64 = 0
  for (let i: i32 = 0; i < samples; i++) {
    let dosage = MISSING
    if (load<u8>(ploidies + <usize>i) < 128) {
      const a = bitsAt(data, at, mask)
      const b = bitsAt(data, at + bits, mask)
      let copies = a + b
      if (phased == 0) {
        if (copies > mask) return fail(state, E_SUM, i)
        copies += a
      }
      if (altFirst == 0) copies = 2 * mask - copies
      dosage = <u32>nearest<f64>((<f64>copies * 16384.0) / one)
    }
    store<u16>(out + (<usize>i << 1), <u16>dosage)
    at += 2 * bits
  }
  return 0
}

/**
 * Layout 2: probabilities of `bits` bits each, of any ploidy and number of alleles. `ploidies` has one byte a person,
 * bit 7 for missing; `bytes` is the length of `data`. `out` takes a row of `stride` u16 for each allele but the
 * reference, which is the last one (`altFirst` 1) or the first one: the dosage of each person, a haploid one counted
 * twice, of other than one or two copies missing. `copies`: scratch, 8 bytes an allele.
 */
export function bgenProbabilities(ploidies: usize, data: usize, bytes: i32, samples: i32, alleles: i32, altFirst: i32, minPloidy: i32, maxPloidy: i32, phased: i32, bits: i32, copies: usize, out: usize, stride: i32, state: usize): i32 {
  const total = <u64>bytes << 3
  if (alleles == 2 && minPloidy <= 2 && maxPloidy >= 2 && allDiploid(ploidies, samples)) {
    const needed = ((<u64>samples * <u64>(2 * bits)) + 7) >> 3
    if (needed > <u64>bytes) return fail(state, E_SHORT, samples - 1)
    if (needed < <u64>bytes) return fail(state, E_LONG, samples - 1)
    return bits == 8
      ? bytePairs(ploidies, data, samples, altFirst, phased, out, state)
      : bitPairs(ploidies, data, samples, altFirst, phased, bits, out, state)
  }
  const mask = ((<u64>1) << bits) - 1
  const one = <f64>mask
  const firstAlt = altFirst != 0 ? 0 : 1
  const last = copies + (<usize>(alleles - 1) << 3)
  let lastZ: u32 = 64
  let count: u64 = 0
  let at: u64 = 0
  for (let i: i32 = 0; i < samples; i++) {
    const byte: u32 = load<u8>(ploidies + <usize>i)
    const z = byte & 63
    if ((byte & 64) != 0 || <i32>z < minPloidy || <i32>z > maxPloidy) return fail(state, E_PLOIDY, i)
    if (z != lastZ) {
      lastZ = z
      count = storedCount(z, alleles, phased)
    }
    const end = at + count * <u64>bits
    if (end > total) return fail(state, E_SHORT, i)
    if (byte >= 128 || z == 0 || z > 2) {
      if (byte < 128 && z > 2) store<i32>(state + (<usize>S_PLOIDY << 2), load<i32>(state + (<usize>S_PLOIDY << 2)) + 1)
      for (let k: i32 = 0; k < alleles - 1; k++) store<u16>(out + (<usize>(k * stride + i) << 1), <u16>MISSING)
      at = end
      continue
    }
    memory.fill(copies, 0, <usize>alleles << 3)
    if (phased != 0 || z == 1) {
      // one allele at a time, the last one's probability being what is left; a haploid one counts twice
      for (let h: u32 = 0; h < z; h++) {
        let sum: u64 = 0
        for (let k: i32 = 0; k < alleles - 1; k++) {
          const v = bitsAt(data, at, mask)
          const slot = copies + (<usize>k << 3)
          store<u64>(slot, load<u64>(slot) + (z == 1 ? v << 1 : v))
          sum += v
          at += bits
        }
        if (sum > mask) return fail(state, E_SUM, i)
        store<u64>(last, load<u64>(last) + (z == 1 ? (mask - sum) << 1 : mask - sum))
      }
    } else {
      // pairs of alleles j <= k by k, then j; the last pair is twice the last allele
      let sum: u64 = 0
      let j: i32 = 0
      let k: i32 = 0
      while (at < end) {
        const v = bitsAt(data, at, mask)
        const first = copies + (<usize>j << 3)
        store<u64>(first, load<u64>(first) + v)
        const other = copies + (<usize>k << 3)
        store<u64>(other, load<u64>(other) + v)
        sum += v
        at += bits
        j++
        if (j > k) {
          k++
          j = 0
        }
      }
      if (sum > mask) return fail(state, E_SUM, i)
      store<u64>(last, load<u64>(last) + ((mask - sum) << 1))
    }
    for (let k: i32 = 0; k < alleles - 1; k++) {
      const dosage = nearest<f64>((<f64>load<u64>(copies + (<usize>(k + firstAlt) << 3)) * 16384.0) / one)
      store<u16>(out + (<usize>(k * stride + i) << 1), <u16>dosage)
    }
  }
  return (at + 7) >> 3 == <u64>bytes ? 0 : fail(state, E_LONG, samples - 1)
}

/** Dosages in the order of a file to the order of the planes. `permutation`: i32 a person, the place in `to`. */
export function placeDosages(from: usize, samples: i32, permutation: usize, to: usize): void {
  for (let i: i32 = 0; i < samples; i++)
    store<u16>(to + (<usize>load<i32>(permutation + (<usize>i << 2)) << 1), load<u16>(from + (<usize>i << 1)))
}
