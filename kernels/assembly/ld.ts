// Correlation of pairs of variants (LD) from bit planes.

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
