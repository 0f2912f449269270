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

/**
 * Adds, for every person, how many of the records index[0..count) are heterozygous and how many missing, to het and
 * missing (64 x words i32 each). count <= 65535. scratch: 256 bytes.
 */
export function personCounts(records: usize, index: usize, count: i32, words: i32, het: usize, missing: usize, scratch: usize): void {
  const plane: usize = (<usize>words) << 3
  const record: usize = plane << 1
  const missingPlanes = scratch + 128
  for (let w: usize = 0; w < plane; w += 8) {
    memory.fill(scratch, 0, 256)
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
    unpack(scratch, 16, het + (w << 5))
    unpack(missingPlanes, 16, missing + (w << 5))
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

/**
 * Genotypes of people people[0..n) at the records index[0..count) as numbers: out[v n + i] = table[4 v + code], code
 * being 0, 1, 2 copies or 3 for missing.
 */
export function lookUpGenotypes(records: usize, index: usize, count: i32, words: i32, people: usize, n: i32, table: usize, out: usize): void {
  const plane: usize = (<usize>words) << 3
  for (let v = 0; v < count; v++) {
    const p = records + <usize>load<i32>(index + ((<usize>v) << 2)) * (plane << 1)
    const t = table + ((<usize>v) << 5)
    for (let i = 0; i < n; i++) {
      const s = <usize>load<i32>(people + ((<usize>i) << 2))
      const byte = p + (s >> 3)
      const shift = <u32>(s & 7)
      const code = ((<u32>load<u8>(byte) >> shift) & 1) | (((<u32>load<u8>(byte + plane) >> shift) & 1) << 1)
      store<f64>(out, load<f64>(t + ((<usize>code) << 3)))
      out += 8
    }
  }
}

/**
 * Adds z'z to the lower triangle of c (rows of `stride` f64, stride and n multiples of 4, whole 4 x 4 blocks are
 * written): z is count rows of n. Each entry is summed in the order of the rows.
 */
export function addCrossProduct(z: usize, count: i32, n: i32, c: usize, stride: i32): void {
  const row: usize = (<usize>n) << 3
  const rowC: usize = (<usize>stride) << 3
  for (let i = 0; i < n; i += 4) {
    for (let j = 0; j <= i; j += 4) {
      const block = c + <usize>i * rowC + ((<usize>j) << 3)
      let a0 = v128.load(block), a1 = v128.load(block, 16)
      let b0 = v128.load(block + rowC), b1 = v128.load(block + rowC, 16)
      let c0 = v128.load(block + 2 * rowC), c1 = v128.load(block + 2 * rowC, 16)
      let d0 = v128.load(block + 3 * rowC), d1 = v128.load(block + 3 * rowC, 16)
      let left = z + ((<usize>i) << 3)
      let right = z + ((<usize>j) << 3)
      for (let v = 0; v < count; v++) {
        const r0 = v128.load(right)
        const r1 = v128.load(right, 16)
        let l = v128.load64_splat(left)
        a0 = f64x2.add(a0, f64x2.mul(l, r0))
        a1 = f64x2.add(a1, f64x2.mul(l, r1))
        l = v128.load64_splat(left, 8)
        b0 = f64x2.add(b0, f64x2.mul(l, r0))
        b1 = f64x2.add(b1, f64x2.mul(l, r1))
        l = v128.load64_splat(left, 16)
        c0 = f64x2.add(c0, f64x2.mul(l, r0))
        c1 = f64x2.add(c1, f64x2.mul(l, r1))
        l = v128.load64_splat(left, 24)
        d0 = f64x2.add(d0, f64x2.mul(l, r0))
        d1 = f64x2.add(d1, f64x2.mul(l, r1))
        left += row
        right += row
      }
      v128.store(block, a0)
      v128.store(block, a1, 16)
      v128.store(block + rowC, b0)
      v128.store(block + rowC, b1, 16)
      v128.store(block + 2 * rowC, c0)
      v128.store(block + 2 * rowC, c1, 16)
      v128.store(block + 3 * rowC, d0)
      v128.store(block + 3 * rowC, d1, 16)
    }
  }
}
