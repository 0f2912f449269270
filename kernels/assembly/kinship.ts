// Pairs of people (KING-robust) and pairs of variants (LD) from bit planes.

// Transposes the 64 x 64 bit matrix at p: bit c of word r goes to bit r of word c.
function transpose64(p: usize): void {
  let half: u32 = 32
  let mask: u64 = 0x00000000ffffffff
  while (half != 0) {
    for (let k: u32 = 0; k < 64; k = (k + half + 1) & ~half) {
      const a = p + ((<usize>k) << 3)
      const b = p + ((<usize>(k + half)) << 3)
      const x = load<u64>(a)
      const y = load<u64>(b)
      const t = ((x >> half) ^ y) & mask
      store<u64>(b, y ^ t)
      store<u64>(a, x ^ (t << half))
    }
    half >>= 1
    mask ^= mask << half
  }
}

/**
 * Turns the records index[0..count) into words by person: at out + 24 (tile rank[s] + g) lie three words for the records
 * 64 g to 64 g + 63, heterozygous, homozygous, and two copies. rank[s] (64 x words i32) is -1 for people left out.
 * count <= 64 tile; all words are written. scratch: 1024 bytes.
 */
export function planesByPerson(records: usize, index: usize, count: i32, words: i32, rank: usize, tile: i32, out: usize, scratch: usize): void {
  const plane: usize = (<usize>words) << 3
  const highs = scratch + 512
  for (let g = 0; g < tile; g++) {
    const first = g << 6
    const last = min(count, first + 64)
    let valid: u64 = 0
    if (last - first == 64) valid = u64.MAX_VALUE
    else if (last > first) valid = (u64(1) << u64(last - first)) - 1
    for (let w: usize = 0; w < plane; w += 8) {
      memory.fill(scratch, 0, 1024)
      for (let v = first; v < last; v++) {
        const p = records + <usize>load<i32>(index + ((<usize>v) << 2)) * (plane << 1) + w
        const at = (<usize>(v - first)) << 3
        store<u64>(scratch + at, load<u64>(p))
        store<u64>(highs + at, load<u64>(p + plane))
      }
      transpose64(scratch)
      transpose64(highs)
      const ranks = rank + (w << 5)
      for (let s: usize = 0; s < 64; s++) {
        const r = load<i32>(ranks + (s << 2))
        if (r < 0) continue
        const low = load<u64>(scratch + (s << 3))
        const high = load<u64>(highs + (s << 3))
        const o = out + 24 * (<usize>r * <usize>tile + <usize>g)
        store<u64>(o, low & ~high)
        // ~low is homozygous: a missing call sets both bits.
        store<u64>(o, ~low & valid, 8)
        store<u64>(o, high & ~low, 16)
      }
    }
  }
}

/**
 * Adds to out (rows x columns, 4 i32 each: both heterozygous, opposite homozygotes, row heterozygous and column
 * homozygous, row homozygous and column heterozygous) the counts over one tile of variants. Words as planesByPerson
 * writes them. Where `triangle` is not 0 only column < row is visited.
 */
export function kingCounts(rowPlanes: usize, rows: i32, columnPlanes: usize, columns: i32, tile: i32, triangle: i32, out: usize): void {
  const person: usize = 24 * (<usize>tile)
  for (let i = 0; i < rows; i++) {
    const rowStart = rowPlanes + <usize>i * person
    const rowEnd = rowStart + person
    const limit = triangle != 0 ? min(i, columns) : columns
    let o = out + ((<usize>i * <usize>columns) << 4)
    let b = columnPlanes
    for (let j = 0; j < limit; j++) {
      let both: i64 = 0
      let opposite: i64 = 0
      let first: i64 = 0
      let second: i64 = 0
      for (let a = rowStart; a < rowEnd; a += 24) {
        const hetA = load<i64>(a)
        const homA = load<i64>(a, 8)
        const hetB = load<i64>(b)
        const homB = load<i64>(b, 8)
        both += popcnt<i64>(hetA & hetB)
        first += popcnt<i64>(hetA & homB)
        second += popcnt<i64>(homA & hetB)
        opposite += popcnt<i64>(homA & homB & (load<i64>(a, 16) ^ load<i64>(b, 16)))
        b += 24
      }
      store<i32>(o, load<i32>(o) + <i32>both)
      store<i32>(o, load<i32>(o, 4) + <i32>opposite, 4)
      store<i32>(o, load<i32>(o, 8) + <i32>first, 8)
      store<i32>(o, load<i32>(o, 12) + <i32>second, 12)
      o += 16
    }
  }
}

// Sums over the people of `mask` called at both records: n at s, then sum x, sum x^2, sum y, sum y^2, sum xy as f64.
// @ts-ignore: decorator
@inline
function jointSums(x: usize, y: usize, mask: usize, plane: usize, s: usize): void {
  let n: i64 = 0, hetX: i64 = 0, altX: i64 = 0, hetY: i64 = 0, altY: i64 = 0
  let hh: i64 = 0, mixed: i64 = 0, aa: i64 = 0
  for (let w: usize = 0; w < plane; w += 8) {
    const lowX = load<i64>(x + w)
    const highX = load<i64>(x + plane + w)
    const lowY = load<i64>(y + w)
    const highY = load<i64>(y + plane + w)
    const called = load<i64>(mask + w) & ~(lowX & highX) & ~(lowY & highY)
    const hx = lowX & called
    const ax = highX & called
    const hy = lowY & called
    const ay = highY & called
    n += popcnt<i64>(called)
    hetX += popcnt<i64>(hx)
    altX += popcnt<i64>(ax)
    hetY += popcnt<i64>(hy)
    altY += popcnt<i64>(ay)
    hh += popcnt<i64>(hx & hy)
    // hx & ay and ax & hy exclude each other.
    mixed += popcnt<i64>((hx & ay) | (ax & hy))
    aa += popcnt<i64>(ax & ay)
  }
  store<f64>(s, <f64>n)
  store<f64>(s, <f64>(hetX + 2 * altX), 8)
  store<f64>(s, <f64>(hetX + 4 * altX), 16)
  store<f64>(s, <f64>(hetY + 2 * altY), 24)
  store<f64>(s, <f64>(hetY + 4 * altY), 32)
  store<f64>(s, <f64>(hh + 2 * mixed + 4 * aa), 40)
}

/**
 * out[v] = correlation of genotypes (copies of alt) of `target` and of each of `variants` records, over the people of
 * `mask` called at both; NaN where either is constant among them. scratch: 48 bytes.
 */
export function genotypeCorrelations(target: usize, records: usize, variants: i32, words: i32, mask: usize, out: usize, scratch: usize): void {
  const plane: usize = (<usize>words) << 3
  for (let v = 0; v < variants; v++) {
    jointSums(target, records, mask, plane, scratch)
    const n = load<f64>(scratch)
    const x = load<f64>(scratch, 8)
    const y = load<f64>(scratch, 24)
    const varianceX = n * load<f64>(scratch, 16) - x * x
    const varianceY = n * load<f64>(scratch, 32) - y * y
    const covariance = n * load<f64>(scratch, 40) - x * y
    const r = varianceX > 0 && varianceY > 0 ? covariance / sqrt<f64>(varianceX * varianceY) : NaN
    store<f64>(out, r)
    out += 8
    records += plane << 1
  }
}

/**
 * Window pruning of the records index[0..count), sorted by position within one chromosome. In order, a record is kept
 * when its r2 with each kept record at most `window` base pairs before it is at most `limit`. kept receives the places
 * in index of kept records; their number is returned. scratch: 48 bytes.
 */
export function pruneByLd(records: usize, index: usize, positions: usize, count: i32, words: i32, mask: usize, window: i32, limit: f64, kept: usize, scratch: usize): i32 {
  const plane: usize = (<usize>words) << 3
  const record: usize = plane << 1
  let keptCount = 0
  let from = 0
  for (let v = 0; v < count; v++) {
    const position = load<i32>(positions + ((<usize>v) << 2))
    const x = records + <usize>load<i32>(index + ((<usize>v) << 2)) * record
    while (from < keptCount && position - load<i32>(positions + ((<usize>load<i32>(kept + ((<usize>from) << 2))) << 2)) > window) from++
    let free = true
    // The nearest kept record is the likeliest to be in LD.
    for (let k = keptCount - 1; k >= from; k--) {
      const other = <usize>load<i32>(kept + ((<usize>k) << 2))
      const y = records + <usize>load<i32>(index + (other << 2)) * record
      jointSums(x, y, mask, plane, scratch)
      const n = load<f64>(scratch)
      const sx = load<f64>(scratch, 8)
      const sy = load<f64>(scratch, 24)
      const varianceX = n * load<f64>(scratch, 16) - sx * sx
      const varianceY = n * load<f64>(scratch, 32) - sy * sy
      const covariance = n * load<f64>(scratch, 40) - sx * sy
      if (covariance * covariance > limit * varianceX * varianceY) {
        free = false
        break
      }
    }
    if (free) {
      store<i32>(kept + ((<usize>keptCount) << 2), v)
      keptCount++
    }
  }
  return keptCount
}
