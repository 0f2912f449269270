// Genotypes as numbers: covariances of people, loadings of variants, and where people lie on components.

// Code (0, 1, 2 copies, 3 missing) of person s at the record p.
// @ts-ignore: decorator
@inline
function codeAt(p: usize, plane: usize, s: usize): usize {
  const byte = p + (s >> 3)
  const shift = <u32>(s & 7)
  return <usize>(((<u32>load<u8>(byte) >> shift) & 1) | (((<u32>load<u8>(byte + plane) >> shift) & 1) << 1))
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
      const code = <u32>codeAt(p, plane, <usize>load<i32>(people + ((<usize>i) << 2)))
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

/**
 * out[v k + c] = sum over people i of values[4 v + code] x weights[i k + c], for the records index[0..count) and people
 * people[0..n) (columns of the store), in the order of the people; k is even.
 */
export function weightedGenotypes(records: usize, index: usize, count: i32, words: i32, people: usize, n: i32, values: usize, weights: usize, k: i32, out: usize): void {
  const plane: usize = (<usize>words) << 3
  const width: usize = (<usize>k) << 3
  memory.fill(out, 0, <usize>count * width)
  for (let v = 0; v < count; v++) {
    const p = records + <usize>load<i32>(index + ((<usize>v) << 2)) * (plane << 1)
    let w = weights
    for (let i = 0; i < n; i++) {
      const code = codeAt(p, plane, <usize>load<i32>(people + ((<usize>i) << 2)))
      const value = v128.load64_splat(values + (code << 3))
      for (let c: usize = 0; c < width; c += 16)
        v128.store(out + c, f64x2.add(v128.load(out + c), f64x2.mul(value, v128.load(w + c))))
      w += width
    }
    values += 32
    out += width
  }
}

/**
 * Adds, for each of people[0..n), over the records index[0..count): to scores (k f64 a person, k even) values[4 v + code] x
 * loadings[v k + c] where the person is called, to called (i32) 1; and where not, to missing (k x k f64 a person) the products
 * of the record's loadings with each other.
 */
export function projectGenotypes(records: usize, index: usize, count: i32, words: i32, people: usize, n: i32, values: usize, loadings: usize, k: i32, scores: usize, missing: usize, called: usize): void {
  const plane: usize = (<usize>words) << 3
  const width: usize = (<usize>k) << 3
  for (let v = 0; v < count; v++) {
    const p = records + <usize>load<i32>(index + ((<usize>v) << 2)) * (plane << 1)
    let s = scores
    for (let i = 0; i < n; i++) {
      const code = codeAt(p, plane, <usize>load<i32>(people + ((<usize>i) << 2)))
      if (code === 3) {
        let m = missing + <usize>i * width * <usize>k
        for (let a: usize = 0; a < width; a += 8) {
          const own = v128.load64_splat(loadings + a)
          for (let c: usize = 0; c < width; c += 16)
            v128.store(m + c, f64x2.add(v128.load(m + c), f64x2.mul(own, v128.load(loadings + c))))
          m += width
        }
      } else {
        const at = called + ((<usize>i) << 2)
        store<i32>(at, load<i32>(at) + 1)
        const value = v128.load64_splat(values + (code << 3))
        for (let c: usize = 0; c < width; c += 16)
          v128.store(s + c, f64x2.add(v128.load(s + c), f64x2.mul(value, v128.load(loadings + c))))
      }
      s += width
    }
    values += 32
    loadings += width
  }
}
