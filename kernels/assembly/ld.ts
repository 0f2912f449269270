// Correlation of pairs of variants (LD) from bit planes.

import { log } from './elementary'

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

/**
 * Planes of the records index[0..count) for ldRow, over the people of `mask`: a variant has three planes of `words` words one
 * behind another at out, people with one copy or two, with two, and called; and four i32 at sums: called, copies, the sum of
 * squared copies, 0.
 */
export function ldPlanes(records: usize, index: usize, count: i32, words: i32, mask: usize, out: usize, sums: usize): void {
  const plane: usize = (<usize>words) << 3
  for (let v = 0; v < count; v++) {
    const p = records + <usize>load<i32>(index + ((<usize>v) << 2)) * (plane << 1)
    let called: i64 = 0, ones: i64 = 0, twos: i64 = 0
    for (let w: usize = 0; w < plane; w += 8) {
      const low = load<i64>(p + w)
      const high = load<i64>(p + plane + w)
      const own = load<i64>(mask + w)
      const one = (low ^ high) & own
      const two = high & ~low & own
      const here = own & ~(low & high)
      store<i64>(out + w, one)
      store<i64>(out + plane + w, two)
      store<i64>(out + 2 * plane + w, here)
      ones += popcnt<i64>(one)
      twos += popcnt<i64>(two)
      called += popcnt<i64>(here)
    }
    store<i32>(sums, <i32>called)
    store<i32>(sums, <i32>(ones + twos), 4)
    store<i32>(sums, <i32>(ones + 3 * twos), 8)
    store<i32>(sums, 0, 12)
    out += 3 * plane
    sums += 16
  }
}

// x^3 + b x^2 + c x + d
// @ts-ignore: decorator
@inline
function cubic(b: f64, c: f64, d: f64, x: f64): f64 {
  return ((x + b) * x + c) * x + d
}

// The root of a cubic between low, where it has the sign of `sign` or is 0, and high, where it has the other sign or is 0.
function cubicRoot(b: f64, c: f64, d: f64, low: f64, high: f64, sign: f64): f64 {
  let x = 0.5 * (low + high)
  for (let step = 0; step < 100; step++) {
    const value = cubic(b, c, d, x)
    if (value === 0.0) return x
    if (value * sign > 0.0) low = x
    else high = x
    const slope = (3.0 * x + 2.0 * b) * x + c
    let next = x - value / slope
    // Newton outside the bracket, or with no slope, gives way to halving.
    if (!(next > low && next < high)) next = 0.5 * (low + high)
    if (next === x || abs(next - x) <= 1e-16) return next
    x = next
  }
  return x
}

// log likelihood of the frequency f of both alternate alleles together; known haplotypes and double heterozygotes by number.
function haplotypeLikelihood(f: f64, p: f64, q: f64, k11: f64, k12: f64, k21: f64, k22: f64, double: f64): f64 {
  const f12 = max(0.0, p - f)
  const f21 = max(0.0, q - f)
  const f22 = max(0.0, 1.0 - p - q + f)
  let sum = 0.0
  if (k11 > 0.0) sum += k11 * log(f)
  if (k12 > 0.0) sum += k12 * log(f12)
  if (k21 > 0.0) sum += k21 * log(f21)
  if (k22 > 0.0) sum += k22 * log(f22)
  if (double > 0.0) sum += double * log(f * f22 + f12 * f21)
  return sum
}

/**
 * The maximum-likelihood frequency of the haplotype of both alternate alleles, from numbers of haplotypes that genotypes tell
 * (k11 both alternate, k12 alternate at the first only, k21 at the second only, k22 neither) and of double heterozygotes, of
 * which none is phased. Hill 1974: a cubic; of several roots the likeliest, of equally likely ones the smallest.
 */
export function haplotypeFrequency(k11: f64, k12: f64, k21: f64, k22: f64, double: f64): f64 {
  const total = k11 + k12 + k21 + k22 + 2.0 * double
  const k = k11 / total
  if (double === 0.0) return k
  const h = double / total
  const p = (k11 + k12 + double) / total
  const q = (k11 + k21 + double) / total
  const s = 1.0 - 2.0 * p - 2.0 * q
  const b = 0.5 * (s - 2.0 * k - h)
  const c = 0.5 * (p * q - k * s - h * (1.0 - p - q))
  const d = -0.5 * k * p * q
  const low = k
  const high = k + h
  // The cubic is at most 0 at low, 0 where no haplotype of the kinds 11 or 22 is known, and at least 0 at high, 0 where none of
  // the others is; where it turns between them it may be 0 three times.
  const zeroAtLow = k11 === 0.0 || k22 === 0.0
  const zeroAtHigh = k12 === 0.0 || k21 === 0.0
  const discriminant = b * b - 3.0 * c
  if (discriminant > 0.0) {
    const root = sqrt(discriminant)
    const first = (-b - root) / 3.0
    const second = (-b + root) / 3.0
    const inside = first > low && first < high
    const insideToo = second > low && second < high
    if (inside || insideToo) {
      let best = 0.0
      let likeliest = -Infinity
      let from = low
      for (let part = 0; part < 3; part++) {
        const to = part === 0 ? (inside ? first : from) : part === 1 ? (insideToo ? second : from) : high
        if (to <= from) continue
        const left = from === low ? (zeroAtLow ? 0.0 : -1.0) : cubic(b, c, d, from)
        const right = to === high ? (zeroAtHigh ? 0.0 : 1.0) : cubic(b, c, d, to)
        if (left === 0.0 || right === 0.0 || left * right < 0.0) {
          // Between turns the cubic only rises or only falls: where an end is a root there is no other.
          const x = left === 0.0 ? from : right === 0.0 ? to : cubicRoot(b, c, d, from, to, left < 0.0 ? -1.0 : 1.0)
          const value = haplotypeLikelihood(x, p, q, k11, k12, k21, k22, double)
          if (value > likeliest) {
            likeliest = value
            best = x
          }
        }
        from = to
      }
      return best
    }
  }
  return zeroAtLow ? low : zeroAtHigh ? high : cubicRoot(b, c, d, low, high, -1.0)
}

/**
 * LD of one variant with `count` others, from planes of ldPlanes. Writes those whose r2 is at least `limit` to out, 32 bytes
 * each: which one and the people called at both (i32), r of genotypes, 0, 0; or, where `haplotypes` is not 0, r of haplotypes,
 * and D' with the sign of D (f64). Pairs where one does not vary among the people called at both are left out. `people` is
 * their number in the mask. Returns how many were written.
 */
export function ldRow(a: usize, aSums: usize, b: usize, bSums: usize, count: i32, words: i32, people: i32, limit: f64, haplotypes: i32, out: usize): i32 {
  const plane: usize = (<usize>words) << 3
  const aCalled = load<i32>(aSums)
  let found = 0
  for (let v = 0; v < count; v++) {
    let n = people
    let sx = load<i32>(aSums, 4)
    let sxx = load<i32>(aSums, 8)
    let sy = load<i32>(bSums, 4)
    let syy = load<i32>(bSums, 8)
    let q11: i64 = 0, q12: i64 = 0, q21: i64 = 0, q22: i64 = 0
    const bCalled = load<i32>(bSums)
    if (aCalled === people || bCalled === people) {
      for (let w: usize = 0; w < plane; w += 8) {
        const x1 = load<i64>(a + w)
        const x2 = load<i64>(a + plane + w)
        const y1 = load<i64>(b + w)
        const y2 = load<i64>(b + plane + w)
        q11 += popcnt<i64>(x1 & y1)
        q12 += popcnt<i64>(x1 & y2)
        q21 += popcnt<i64>(x2 & y1)
        q22 += popcnt<i64>(x2 & y2)
      }
      // Where everyone is called at one, the other's own sums are those of the people called at both.
      if (bCalled !== people) {
        n = bCalled
        let a1: i64 = 0, a2: i64 = 0
        for (let w: usize = 0; w < plane; w += 8) {
          const y = load<i64>(b + 2 * plane + w)
          a1 += popcnt<i64>(load<i64>(a + w) & y)
          a2 += popcnt<i64>(load<i64>(a + plane + w) & y)
        }
        sx = <i32>(a1 + a2)
        sxx = <i32>(a1 + 3 * a2)
      } else if (aCalled !== people) {
        n = aCalled
        let b1: i64 = 0, b2: i64 = 0
        for (let w: usize = 0; w < plane; w += 8) {
          const x = load<i64>(a + 2 * plane + w)
          b1 += popcnt<i64>(load<i64>(b + w) & x)
          b2 += popcnt<i64>(load<i64>(b + plane + w) & x)
        }
        sy = <i32>(b1 + b2)
        syy = <i32>(b1 + 3 * b2)
      }
    } else {
      let both: i64 = 0, a1: i64 = 0, a2: i64 = 0, b1: i64 = 0, b2: i64 = 0
      for (let w: usize = 0; w < plane; w += 8) {
        const x1 = load<i64>(a + w)
        const x2 = load<i64>(a + plane + w)
        const x = load<i64>(a + 2 * plane + w)
        const y1 = load<i64>(b + w)
        const y2 = load<i64>(b + plane + w)
        const y = load<i64>(b + 2 * plane + w)
        both += popcnt<i64>(x & y)
        a1 += popcnt<i64>(x1 & y)
        a2 += popcnt<i64>(x2 & y)
        b1 += popcnt<i64>(x & y1)
        b2 += popcnt<i64>(x & y2)
        q11 += popcnt<i64>(x1 & y1)
        q12 += popcnt<i64>(x1 & y2)
        q21 += popcnt<i64>(x2 & y1)
        q22 += popcnt<i64>(x2 & y2)
      }
      n = <i32>both
      sx = <i32>(a1 + a2)
      sxx = <i32>(a1 + 3 * a2)
      sy = <i32>(b1 + b2)
      syy = <i32>(b1 + 3 * b2)
    }
    const fn = <f64>n
    let r: f64
    let dPrime = 0.0
    if (haplotypes === 0) {
      const varianceX = fn * <f64>sxx - <f64>sx * <f64>sx
      const varianceY = fn * <f64>syy - <f64>sy * <f64>sy
      const covariance = fn * <f64>(q11 + q12 + q21 + q22) - <f64>sx * <f64>sy
      const product = varianceX * varianceY
      // A little below the limit, which decides on r itself.
      if (!(product > 0.0) || covariance * covariance < 0.999999 * limit * product) {
        b += 3 * plane
        bSums += 16
        continue
      }
      r = covariance / sqrt<f64>(product)
    } else {
      const total = 2.0 * fn
      const p = <f64>sx / total
      const q = <f64>sy / total
      const product = p * (1.0 - p) * q * (1.0 - q)
      const double = <f64>(q11 - q12 - q21 + q22)
      // Two of each double homozygote, one of each homozygote beside a heterozygote.
      const k11 = <f64>(q12 + q21)
      const k12 = <f64>sx - double - k11
      const k21 = <f64>sy - double - k11
      const least = k11 / total - p * q
      const most = least + double / total
      if (!(product > 0.0) || max(least * least, most * most) < 0.999999 * limit * product) {
        b += 3 * plane
        bSums += 16
        continue
      }
      const d = haplotypeFrequency(k11, k12, k21, total - 2.0 * double - k11 - k12 - k21, double) - p * q
      r = d / sqrt<f64>(product)
      const bound = d > 0.0 ? min(p * (1.0 - q), (1.0 - p) * q) : min(p * q, (1.0 - p) * (1.0 - q))
      dPrime = d / bound
    }
    if (r * r >= limit) {
      store<i32>(out, v)
      store<i32>(out, n, 4)
      store<f64>(out, r, 8)
      store<f64>(out, dPrime, 16)
      out += 32
      found++
    }
    b += 3 * plane
    bSums += 16
  }
  return found
}
