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

// Variants of one step of addGenotypeProducts: 8 groups of 3, whose 64 combinations of codes are looked up at once.
const stepGroups: i32 = 8
const stepVariants: i32 = 24

/**
 * Codes of people people[0..n) (columns of the store) at the records index[0..count), for addGenotypeProducts: a step is 24
 * records; step t has 8 bytes a person at out + 8 (t n + i), byte g being the codes (0, 1, 2 copies, 3 missing) of records
 * 24 t + 3 g, + 1 and + 2 with weights 1, 4 and 16. Records beyond the last are missing. ceil(count / 24) steps are written.
 */
export function genotypeCodes(records: usize, index: usize, count: i32, words: i32, people: usize, n: i32, out: usize): void {
  const plane: usize = (<usize>words) << 3
  const steps = (count + stepVariants - 1) / stepVariants
  memory.fill(out, 63, <usize>(steps * n) << 3)
  for (let v = 0; v < count; v++) {
    const p = records + <usize>load<i32>(index + ((<usize>v) << 2)) * (plane << 1)
    const step = v / stepVariants
    const within = v - step * stepVariants
    const group = within / 3
    const place = (within - 3 * group) << 1
    let o = out + (<usize>(step * n) << 3) + <usize>group
    for (let i = 0; i < n; i++) {
      const s = <usize>load<i32>(people + ((<usize>i) << 2))
      const byte = p + (s >> 3)
      const shift = <u32>(s & 7)
      const code = ((<u32>load<u8>(byte) >> shift) & 1) | (((<u32>load<u8>(byte + plane) >> shift) & 1) << 1)
      // From 3 to the code.
      store<u8>(o, load<u8>(o) ^ ((code ^ 3) << place))
      o += 8
    }
  }
}

// Tables of a step for rows i to i + 3: for each group and each of the 64 codes of a column person, the sum over the three
// variants of the products of the row people's values with the column's. 4 f64 an entry, 2,048 bytes a group.
function productTables(codes: usize, values: usize, tables: usize): void {
  // Values of the column by code for the first two variants of a group, then all.
  for (let g = 0; g < stepGroups; g++) {
    const c0 = <u32>load<u8>(codes + <usize>g)
    const c1 = <u32>load<u8>(codes + <usize>g, 8)
    const c2 = <u32>load<u8>(codes + <usize>g, 16)
    const c3 = <u32>load<u8>(codes + <usize>g, 24)
    const v = values + <usize>g * 96
    const t = tables + ((<usize>g) << 11)
    for (let k: u32 = 0; k < 3; k++) {
      const shift = k << 1
      const at = v + ((<usize>k) << 5)
      const low = f64x2.replace_lane(f64x2.splat(load<f64>(at + <usize>(((c0 >> shift) & 3) << 3))), 1, load<f64>(at + <usize>(((c1 >> shift) & 3) << 3)))
      const high = f64x2.replace_lane(f64x2.splat(load<f64>(at + <usize>(((c2 >> shift) & 3) << 3))), 1, load<f64>(at + <usize>(((c3 >> shift) & 3) << 3)))
      // The first variant fills entries 0 to 3, each further one adds to four copies of what there is.
      const filled: u32 = 1 << shift
      for (let code: i32 = 3; code >= 0; code--) {
        const value = v128.load64_splat(at + ((<usize>code) << 3))
        const addLow = f64x2.mul(low, value)
        const addHigh = f64x2.mul(high, value)
        const to = t + ((<usize>code * <usize>filled) << 5)
        if (k === 0) {
          v128.store(to, addLow)
          v128.store(to, addHigh, 16)
          continue
        }
        for (let e: usize = 0; e < <usize>filled << 5; e += 32) {
          v128.store(to + e, f64x2.add(v128.load(t + e), addLow))
          v128.store(to + e, f64x2.add(v128.load(t + e, 16), addHigh), 16)
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function entry(tables: usize, codes: usize, g: usize): usize {
  return tables + ((<usize>load<u8>(codes + g)) << 5)
}

/**
 * Adds to out, rows f64 for each of the columns, the sum over the records of `steps` steps of value(row person) x
 * value(column person). values: 4 f64 a record, by code (24 records a step, 0 for those beyond the last). Codes as
 * genotypeCodes writes them; rows is a multiple of 4. Where `triangle` is not 0 rows and columns are the same people, and only
 * columns up to the row's group of four are visited. Each sum is taken in one order: within a group of three, in pairs of
 * groups, step by step. scratch: 16,384 bytes.
 */
export function addGenotypeProducts(rowCodes: usize, rows: i32, columnCodes: usize, columns: i32, steps: i32, values: usize, triangle: i32, out: usize, scratch: usize): void {
  const width: usize = (<usize>rows) << 3
  // 64 rows by 512 columns of sums are 256 kB.
  for (let r0 = 0; r0 < rows; r0 += 64) {
    const r1 = min(rows, r0 + 64)
    for (let step = 0; step < steps; step++) {
      const own = rowCodes + (<usize>(step * rows) << 3)
      const others = columnCodes + (<usize>(step * columns) << 3)
      const stepValues = values + <usize>step * 768
      for (let i = r0; i < r1; i += 4) {
        productTables(own + ((<usize>i) << 3), stepValues, scratch)
        const limit = triangle !== 0 ? min(columns, i + 4) : columns
        let o = out + ((<usize>i) << 3)
        let codes = others
        for (let j = 0; j < limit; j++) {
          const a = entry(scratch, codes, 0)
          const b = entry(scratch, codes, 1)
          const c = entry(scratch, codes, 2)
          const d = entry(scratch, codes, 3)
          let low = f64x2.add(
            f64x2.add(v128.load(a), v128.load(b, 2048)),
            f64x2.add(v128.load(c, 4096), v128.load(d, 6144)),
          )
          let high = f64x2.add(
            f64x2.add(v128.load(a, 16), v128.load(b, 2064)),
            f64x2.add(v128.load(c, 4112), v128.load(d, 6160)),
          )
          const e = entry(scratch, codes, 4)
          const f = entry(scratch, codes, 5)
          const g = entry(scratch, codes, 6)
          const h = entry(scratch, codes, 7)
          low = f64x2.add(
            low,
            f64x2.add(
              f64x2.add(v128.load(e, 8192), v128.load(f, 10240)),
              f64x2.add(v128.load(g, 12288), v128.load(h, 14336)),
            ),
          )
          high = f64x2.add(
            high,
            f64x2.add(
              f64x2.add(v128.load(e, 8208), v128.load(f, 10256)),
              f64x2.add(v128.load(g, 12304), v128.load(h, 14352)),
            ),
          )
          v128.store(o, f64x2.add(v128.load(o), low))
          v128.store(o, f64x2.add(v128.load(o, 16), high), 16)
          o += width
          codes += 8
        }
      }
    }
  }
}
