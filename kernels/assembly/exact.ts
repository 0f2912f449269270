// Exact conditional distributions of genotype tables. Weights are ratios to one cell, walked cell by cell, so no factorial
// is ever formed; a weight is mantissa * 2^(256 * exponent), so nothing under- or overflows.

import { log } from './elementary'

const big: f64 = 1.157920892373162e77 // 2^256
const small: f64 = 8.636168555094445e-78 // 2^-256
const logBig: f64 = 177.445678223346 // 256 ln 2
const negligible: f64 = 8.077935669463161e-28 // 2^-90
const clear: f64 = 1e-9 // two weights further apart than this, relatively, surely differ
const walked: f64 = 1e-10 // bound of the rounding of any walk within the sizes allowed

// mantissa * 2^(256 * shift), 0 when that is below everything.
function shifted(mantissa: f64, shift: i32): f64 {
  if (shift === 0) return mantissa
  if (shift === -1) return mantissa * small
  if (shift === 1) return mantissa * big
  return shift < 0 ? 0.0 : Infinity
}

// One weight over another. Mantissas lie between 2^-256 and 2^256, so equal weights can be two exponents apart.
function quotient(m: f64, e: i32, other: f64, otherExponent: i32): f64 {
  const shift = e - otherExponent
  if (shift === -2) return shifted((m / other) * small, -1)
  if (shift === 2) return shifted((m / other) * big, 1)
  return shifted(m / other, shift)
}

/**
 * The null distribution of the trend statistic T (allele count of the cases) for n0, n1, n2 called people with 0, 1, 2
 * copies and c cases among them, all relabellings alike. Writes, for every T = 0 ... n1 + 2 n2, the log of
 * P(|T' - E| >= |T - E|) to outLogP and the log of that p less half the probability of the tied outcomes to outLogMidp;
 * NaN for a T that cannot occur. Compared in integers (n T - c S). Returns the smallest log p.
 */
export function exactTrendNull(n0: i32, n1: i32, n2: i32, c: i32, outLogP: usize, outLogMidp: usize): f64 {
  return trendNull(n0, n1, n2, c, outLogP, outLogMidp, true)
}

/** As `exactTrendNull`; without `midp` outLogMidp is scratch. */
export function trendNull(n0: i32, n1: i32, n2: i32, c: i32, outLogP: usize, outLogMidp: usize, midp: bool): f64 {
  const n = n0 + n1 + n2
  const s = n1 + 2 * n2
  const f0 = <f64>n0
  const f1 = <f64>n1
  const f2 = <f64>n2

  // a cell near the mode
  let a2 = n === 0 ? 0 : <i32>nearest((<f64>c * f2) / <f64>n)
  let a1 = n === 0 ? 0 : <i32>nearest((<f64>c * f1) / <f64>n)
  a2 = min(a2, c)
  a1 = min(a1, c - a2)
  if (c - a1 - a2 > n0) a1 = min(n1, c - a2 - n0)
  if (c - a1 - a2 > n0) a2 = c - a1 - n0
  const start1 = a1
  const start2 = a2
  const startT = a1 + 2 * a2

  // cases as low and as high as they can be; outside nothing occurs
  const low0 = min(c, n0)
  const low1 = min(c - low0, n1)
  const lowest = low1 + 2 * (c - low0 - low1)
  const high2 = min(c, n2)
  const uppermost = 2 * high2 + min(c - high2, n1)
  for (let t = 0; t < lowest; t++) {
    store<f64>(outLogP + ((<usize>t) << 3), NaN)
    store<f64>(outLogMidp + ((<usize>t) << 3), NaN)
  }
  for (let t = uppermost + 1; t <= s; t++) {
    store<f64>(outLogP + ((<usize>t) << 3), NaN)
    store<f64>(outLogMidp + ((<usize>t) << 3), NaN)
  }

  let highest = -2147483648
  for (let direction = 0; direction < 2; direction++) {
    let x0 = <f64>(c - start1 - start2)
    let x1 = <f64>start1
    let x2 = <f64>start2
    let m = 1.0
    let e = 0
    const step = direction === 0 ? 1 : -1
    for (let t = direction === 0 ? startT : startT - 1; t >= lowest && t <= uppermost; t += step) {
      const low = max(max(0, t - c), t > n1 ? (t - n1 + 1) >> 1 : 0)
      const high = min(min(t >> 1, n2), n0 - c + t)
      const at = (<usize>t) << 3
      if (low > high) {
        store<f64>(outLogP + at, 0.0)
        continue
      }
      // to the nearest cell with this T
      const y2 = <f64>max(low, min(high, <i32>x2))
      const y1 = <f64>t - 2.0 * y2
      const y0 = <f64>c - y1 - y2
      while (x2 < y2) {
        m *= (f2 - x2) / (x2 + 1.0)
        x2 += 1.0
      }
      while (x2 > y2) {
        m *= x2 / (f2 - x2 + 1.0)
        x2 -= 1.0
      }
      while (x1 < y1) {
        m *= (f1 - x1) / (x1 + 1.0)
        x1 += 1.0
      }
      while (x1 > y1) {
        m *= x1 / (f1 - x1 + 1.0)
        x1 -= 1.0
      }
      while (x0 < y0) {
        m *= (f0 - x0) / (x0 + 1.0)
        x0 += 1.0
      }
      while (x0 > y0) {
        m *= x0 / (f0 - x0 + 1.0)
        x0 -= 1.0
      }
      // to the most likely of them: weights are log-concave along a2
      let moved = false
      while (true) {
        const ratio =
          ((f2 - x2) * x1 * (x1 - 1.0) * (f0 - x0)) / ((x2 + 1.0) * (f1 - x1 + 1.0) * (f1 - x1 + 2.0) * (x0 + 1.0))
        if (!(ratio > 1.0)) break
        m *= ratio
        x2 += 1.0
        x1 -= 2.0
        x0 += 1.0
        moved = true
        if (m > big) {
          m *= small
          e++
        }
      }
      while (!moved) {
        const ratio =
          (x2 * (f1 - x1) * (f1 - x1 - 1.0) * x0) / ((f2 - x2 + 1.0) * (x1 + 1.0) * (x1 + 2.0) * (f0 - x0 + 1.0))
        if (!(ratio > 1.0)) break
        m *= ratio
        x2 -= 1.0
        x1 += 2.0
        x0 -= 1.0
        if (m > big) {
          m *= small
          e++
        }
      }
      if (m < small) {
        m *= big
        e--
      } else if (m > big) {
        m *= small
        e++
      }
      // sum of the cells with this T, relative to the most likely
      let sum = 1.0
      let term = 1.0
      let z2 = x2
      let z1 = x1
      let z0 = x0
      while (true) {
        term *=
          ((f2 - z2) * z1 * (z1 - 1.0) * (f0 - z0)) / ((z2 + 1.0) * (f1 - z1 + 1.0) * (f1 - z1 + 2.0) * (z0 + 1.0))
        if (term < negligible) break
        sum += term
        z2 += 1.0
        z1 -= 2.0
        z0 += 1.0
      }
      term = 1.0
      z2 = x2
      z1 = x1
      z0 = x0
      while (true) {
        term *= (z2 * (f1 - z1) * (f1 - z1 - 1.0) * z0) / ((f2 - z2 + 1.0) * (z1 + 1.0) * (z1 + 2.0) * (f0 - z0 + 1.0))
        if (term < negligible) break
        sum += term
        z2 -= 1.0
        z1 += 2.0
        z0 -= 1.0
      }
      store<f64>(outLogP + at, m * sum)
      store<f64>(outLogMidp + at, <f64>e)
      highest = max(highest, e)
    }
  }

  let total = 0.0
  for (let t = lowest; t <= uppermost; t++) {
    const w = load<f64>(outLogP + ((<usize>t) << 3))
    if (w > 0.0) total += shifted(w, <i32>load<f64>(outLogMidp + ((<usize>t) << 3)) - highest)
  }

  // from the most distant outcomes inwards
  let smallest = 1.0
  let left = lowest
  let right = uppermost
  let sum = 0.0
  let exponent = -2147483648
  const centre = <f64>c * <f64>s
  const scale = <f64>n
  while (left <= right) {
    const leftAt = (<usize>left) << 3
    const rightAt = (<usize>right) << 3
    const leftDistance = abs(scale * <f64>left - centre)
    const rightDistance = abs(scale * <f64>right - centre)
    const takeLeft = leftDistance >= rightDistance
    const takeRight = rightDistance >= leftDistance && left !== right
    const leftWeight = takeLeft ? load<f64>(outLogP + leftAt) : 0.0
    const rightWeight = takeRight ? load<f64>(outLogP + rightAt) : 0.0
    if (leftWeight > 0.0 || rightWeight > 0.0) {
      const leftExponent = leftWeight > 0.0 ? <i32>load<f64>(outLogMidp + leftAt) : -2147483648
      const rightExponent = rightWeight > 0.0 ? <i32>load<f64>(outLogMidp + rightAt) : -2147483648
      const before = exponent
      exponent = max(exponent, max(leftExponent, rightExponent))
      sum = sum > 0.0 ? shifted(sum, before - exponent) : 0.0
      let tied = 0.0
      if (leftWeight > 0.0) tied += shifted(leftWeight, leftExponent - exponent)
      if (rightWeight > 0.0) tied += shifted(rightWeight, rightExponent - exponent)
      const scaleLog = <f64>(exponent - highest) * logBig
      const logMidp = midp ? log((sum + 0.5 * tied) / total) + scaleLog : 0.0
      sum += tied
      const logP = min(0.0, log(sum / total) + scaleLog)
      if (smallest > 0.0) smallest = logP
      if (takeLeft) {
        store<f64>(outLogP + leftAt, leftWeight > 0.0 ? logP : NaN)
        store<f64>(outLogMidp + leftAt, leftWeight > 0.0 ? logMidp : NaN)
      }
      if (takeRight) {
        store<f64>(outLogP + rightAt, rightWeight > 0.0 ? logP : NaN)
        store<f64>(outLogMidp + rightAt, rightWeight > 0.0 ? logMidp : NaN)
      }
    } else {
      if (takeLeft) {
        store<f64>(outLogP + leftAt, NaN)
        store<f64>(outLogMidp + leftAt, NaN)
      }
      if (takeRight) {
        store<f64>(outLogP + rightAt, NaN)
        store<f64>(outLogMidp + rightAt, NaN)
      }
    }
    if (takeLeft) left++
    if (takeRight) right--
  }
  return smallest
}

// The exponent of the prime p in x!.
function factorialExponent(x: i32, p: i32): i32 {
  let sum = 0
  while (x >= p) {
    x /= p
    sum += x
  }
  return sum
}

// x0! x1! ... x5! 2^-tx = y0! ... y5! 2^-ty, in integers: the exponents of every prime agree.
function sameProduct(
  x0: i32,
  x1: i32,
  x2: i32,
  x3: i32,
  x4: i32,
  x5: i32,
  tx: i32,
  y0: i32,
  y1: i32,
  y2: i32,
  y3: i32,
  y4: i32,
  y5: i32,
  ty: i32,
): bool {
  const largest = max(max(max(max(x0, x1), max(x2, x3)), max(x4, x5)), max(max(max(y0, y1), max(y2, y3)), max(y4, y5)))
  for (let p = largest; p >= 2; p--) {
    let prime = true
    for (let q = 2; q * q <= p; q++) {
      if (p % q === 0) {
        prime = false
        break
      }
    }
    if (!prime) continue
    let x =
      factorialExponent(x0, p) +
      factorialExponent(x1, p) +
      factorialExponent(x2, p) +
      factorialExponent(x3, p) +
      factorialExponent(x4, p) +
      factorialExponent(x5, p)
    let y =
      factorialExponent(y0, p) +
      factorialExponent(y1, p) +
      factorialExponent(y2, p) +
      factorialExponent(y3, p) +
      factorialExponent(y4, p) +
      factorialExponent(y5, p)
    if (p === 2) {
      x -= tx
      y -= ty
    }
    if (x !== y) return false
  }
  return true
}

// Sums of a comparison with the observed outcome, whose weight is 1: offsets into the f64 at `out`.
const lessAt: usize = 0 // less likely outcomes
const tiedAt: usize = 8 // equally likely ones, the observed included
const totalAt: usize = 16 // everything: mantissa, exponent
const totalExponentAt: usize = 24
const leastAt: usize = 32 // the least likely outcomes, all tied ones: mantissa, exponent
const leastExponentAt: usize = 40
const moreAt: usize = 48 // number of more likely outcomes seen
const undecidedAt: usize = 56 // outcomes within rounding of the observed and not tied: their number, then they
const undecidedHeld: f64 = 16.0

function clearSums(out: usize): void {
  memory.fill(out, 0, 56 + 8 + 16 * 16)
  store<f64>(out, -2147483648.0, totalExponentAt)
}

function addTotal(out: usize, m: f64, e: i32): void {
  const held = <i32>load<f64>(out, totalExponentAt)
  const sum = load<f64>(out, totalAt)
  if (e > held) {
    store<f64>(out, m + (sum > 0.0 ? shifted(sum, held - e) : 0.0), totalAt)
    store<f64>(out, <f64>e, totalExponentAt)
  } else store<f64>(out, sum + shifted(m, e - held), totalAt)
}

function addUndecided(out: usize, first: i32, second: i32): void {
  const count = load<f64>(out, undecidedAt)
  if (count < undecidedHeld) {
    const at = out + undecidedAt + 8 + ((<usize>count) << 4)
    store<f64>(at, <f64>first)
    store<f64>(at, <f64>second, 8)
  }
  store<f64>(out, count + 1.0, undecidedAt)
}

// The cell of `state`: x0, x1, x2 (cases by genotype), mantissa, exponent.
function moveTo(state: usize, f0: f64, f1: f64, f2: f64, y1: f64, y2: f64, c: f64): void {
  let m = load<f64>(state, 24)
  let e = load<f64>(state, 32)
  for (let i = 0; i < 3; i++) {
    const at = state + ((<usize>i) << 3)
    const f = i === 0 ? f0 : i === 1 ? f1 : f2
    const y = i === 0 ? c - y1 - y2 : i === 1 ? y1 : y2
    let x = load<f64>(at)
    while (x !== y) {
      if (x < y) {
        m *= (f - x) / (x + 1.0)
        x += 1.0
      } else {
        m *= x / (f - x + 1.0)
        x -= 1.0
      }
      if (m > big) {
        m *= small
        e += 1.0
      } else if (m < small) {
        m *= big
        e -= 1.0
      }
    }
    store<f64>(at, y)
  }
  store<f64>(state, m, 24)
  store<f64>(state, e, 32)
}

/**
 * Compares every 2 x 3 table with margins (n0, n1, n2; c cases) with the observed one (a1, a2 cases with 1 and 2 copies)
 * by probability. Ties are decided in integers. Writes to out (40 f64) the sums of the layout above; outcomes below
 * 2^-90 of the observed one are left out of the sums (never of `least`). n2 = 0 is the 2 x 2 table.
 */
export function freemanHalton(n0: i32, n1: i32, n2: i32, c: i32, a1: i32, a2: i32, out: usize): void {
  clearSums(out)
  const f0 = <f64>n0
  const f1 = <f64>n1
  const f2 = <f64>n2
  const fc = <f64>c
  const a0 = c - a1 - a2
  const state = out + 56 + 8 + 16 * 16
  const firstRow = max(0, c - n0 - n1)
  const lastRow = min(n2, c)

  for (let direction = 0; direction < 2; direction++) {
    store<f64>(state, <f64>a0)
    store<f64>(state, <f64>a1, 8)
    store<f64>(state, <f64>a2, 16)
    store<f64>(state, 1.0, 24)
    store<f64>(state, 0.0, 32)
    const step = direction === 0 ? 1 : -1
    for (let row = direction === 0 ? a2 : a2 - 1; row >= firstRow && row <= lastRow; row += step) {
      const low = max(0, c - row - n0)
      const high = min(n1, c - row)
      const near = max(low, min(high, <i32>load<f64>(state, 8)))
      moveTo(state, f0, f1, f2, <f64>near, <f64>row, fc)
      let x0 = load<f64>(state)
      let x1 = load<f64>(state, 8)
      let m = load<f64>(state, 24)
      let e = <i32>load<f64>(state, 32)
      // to the row's most likely cell
      while ((f1 - x1) * x0 > (x1 + 1.0) * (f0 - x0 + 1.0)) {
        m *= ((f1 - x1) * x0) / ((x1 + 1.0) * (f0 - x0 + 1.0))
        x1 += 1.0
        x0 -= 1.0
        if (m > big) {
          m *= small
          e++
        }
      }
      while (x1 * (f0 - x0) > (f1 - x1 + 1.0) * (x0 + 1.0)) {
        m *= (x1 * (f0 - x0)) / ((f1 - x1 + 1.0) * (x0 + 1.0))
        x1 -= 1.0
        x0 += 1.0
        if (m > big) {
          m *= small
          e++
        }
      }
      store<f64>(state, x0)
      store<f64>(state, x1, 8)
      store<f64>(state, m, 24)
      store<f64>(state, <f64>e, 32)
      const top = m
      const topExponent = e
      let sum = 0.0
      let seen = false
      for (let side = 0; side < 2; side++) {
        let term = 1.0
        m = top
        e = topExponent
        x0 = load<f64>(state)
        x1 = load<f64>(state, 8)
        let skip = side === 1
        while (true) {
          if (!skip) {
            if (e > 1) store<f64>(out, load<f64>(out, moreAt) + 1.0, moreAt)
            else if (e < -1) break
            else {
              const v = shifted(m, e)
              if (v < negligible) break
              if (v > 1.0 + clear) store<f64>(out, load<f64>(out, moreAt) + 1.0, moreAt)
              else if (v < 1.0 - clear) store<f64>(out, load<f64>(out, lessAt) + v, lessAt)
              else {
                const c0 = <i32>x0
                const c1 = <i32>x1
                if (
                  (c1 === a1 && row === a2) ||
                  sameProduct(c0, n0 - c0, c1, n1 - c1, row, n2 - row, 0, a0, n0 - a0, a1, n1 - a1, a2, n2 - a2, 0)
                )
                  store<f64>(out, load<f64>(out, tiedAt) + 1.0, tiedAt)
                else if (v < 1.0 - walked) store<f64>(out, load<f64>(out, lessAt) + v, lessAt)
                else if (v > 1.0 + walked) store<f64>(out, load<f64>(out, moreAt) + 1.0, moreAt)
                else addUndecided(out, c1, row)
              }
            }
            sum += term
            seen = true
          }
          skip = false
          const ratio =
            side === 0
              ? ((f1 - x1) * x0) / ((x1 + 1.0) * (f0 - x0 + 1.0))
              : (x1 * (f0 - x0)) / ((f1 - x1 + 1.0) * (x0 + 1.0))
          if (ratio === 0.0) break
          term *= ratio
          m *= ratio
          if (side === 0) {
            x1 += 1.0
            x0 -= 1.0
          } else {
            x1 -= 1.0
            x0 += 1.0
          }
          if (m < small) {
            m *= big
            e--
          }
        }
      }
      if (!seen) break
      addTotal(out, top * sum, topExponent)
    }
  }

  // the least likely cell is an end of a row: weights are strictly log-concave along it
  store<f64>(state, <f64>a0)
  store<f64>(state, <f64>a1, 8)
  store<f64>(state, <f64>a2, 16)
  store<f64>(state, 1.0, 24)
  store<f64>(state, 0.0, 32)
  let best = Infinity
  let bestExponent = 2147483647
  let best0 = 0
  let best1 = 0
  let best2 = 0
  let count = 0.0
  for (let side = 0; side < 2; side++) {
    for (let i = firstRow; i <= lastRow; i++) {
      const row = side === 0 ? i : lastRow - (i - firstRow)
      const low = max(0, c - row - n0)
      const high = min(n1, c - row)
      if (side === 1 && low === high) continue
      const x1 = side === 0 ? low : high
      moveTo(state, f0, f1, f2, <f64>x1, <f64>row, fc)
      const m = load<f64>(state, 24)
      const e = <i32>load<f64>(state, 32)
      const ratio = count === 0.0 ? 0.0 : quotient(m, e, best, bestExponent)
      const x0 = c - x1 - row
      if (
        ratio < 1.0 + clear &&
        ratio > 1.0 - clear &&
        sameProduct(
          x0,
          n0 - x0,
          x1,
          n1 - x1,
          row,
          n2 - row,
          0,
          best0,
          n0 - best0,
          best1,
          n1 - best1,
          best2,
          n2 - best2,
          0,
        )
      )
        count += 1.0
      else if (ratio < 1.0) {
        best = m
        bestExponent = e
        best0 = x0
        best1 = x1
        best2 = row
        count = 1.0
      }
    }
  }
  store<f64>(out, best * count, leastAt)
  store<f64>(out, <f64>bestExponent, leastExponentAt)
}

/** Bytes of the binomial coefficients of up to `most` things. */
export function binomialsBytes(most: i32): i32 {
  return ((most + 1) * (most + 2)) << 2
}

/** C(n, k) for n = 0 .. most, k = 0 .. n, one n after another (f64); at most 510 things. Relative error below 1e-13. */
export function binomials(most: i32, out: usize): void {
  let row = out
  let before = out
  for (let n = 0; n <= most; n++) {
    const length = <usize>n << 3
    store<f64>(row, 1.0)
    for (let k: usize = 8; k < length; k += 8) store<f64>(row + k, load<f64>(before + k - 8) + load<f64>(before + k))
    store<f64>(row + length, 1.0)
    before = row
    row += length + 8
  }
}

// @ts-ignore: decorator
@inline
function binomialRow(table: usize, n: i32): usize {
  return table + ((<usize>n * <usize>(n + 1)) << 2)
}

/**
 * Log p of Fisher's 2 x 3 test of `count` tables of six i32 (cases, then controls, with no copy, one and two) from
 * `binomials` of at least as many people, to out (f64): what `freemanHalton` finds, every outcome weighed. NaN where two
 * probabilities that are not equal are too near each other to tell them apart so.
 */
export function fisherLogs(tables: usize, count: i32, table: usize, out: usize): void {
  for (let i = 0; i < count; i++) {
    const a0 = load<i32>(tables), a1 = load<i32>(tables, 4), a2 = load<i32>(tables, 8)
    const n0 = a0 + load<i32>(tables, 12), n1 = a1 + load<i32>(tables, 16), n2 = a2 + load<i32>(tables, 20)
    tables += 24
    const c = a0 + a1 + a2
    const row0 = binomialRow(table, n0), row1 = binomialRow(table, n1), row2 = binomialRow(table, n2)
    const observed = load<f64>(row0 + (<usize>a0 << 3)) * load<f64>(row1 + (<usize>a1 << 3)) * load<f64>(row2 + (<usize>a2 << 3))
    const clearlyLess = observed * (1.0 - nearBinomials), clearlyMore = observed * (1.0 + nearBinomials)
    let less = 0.0, tied = 0.0
    let more = false, near = false
    for (let x2 = max(0, c - n0 - n1), last = min(n2, c); x2 <= last; x2++) {
      const w2 = load<f64>(row2 + (<usize>x2 << 3))
      const low = max(0, c - x2 - n0)
      let p1 = row1 + (<usize>low << 3)
      let p0 = row0 + (<usize>(c - x2 - low) << 3)
      for (const end = row1 + (<usize>min(n1, c - x2) << 3); p1 <= end; p1 += 8, p0 -= 8) {
        const w = w2 * load<f64>(p1) * load<f64>(p0)
        if (w < clearlyLess) less += w
        else if (w > clearlyMore) more = true
        else {
          const x1 = <i32>((p1 - row1) >> 3)
          const x0 = c - x1 - x2
          if ((x1 === a1 && x2 === a2) || sameProduct(x0, n0 - x0, x1, n1 - x1, x2, n2 - x2, 0, a0, n0 - a0, a1, n1 - a1, a2, n2 - a2, 0)) tied += 1.0
          else near = true
        }
      }
    }
    const total = load<f64>(binomialRow(table, n0 + n1 + n2) + (<usize>c << 3))
    store<f64>(out, near ? NaN : more ? min(0.0, log((less + tied * observed) / total)) : 0.0)
    out += 8
  }
}

/** Two products of three binomials that differ by less are not told apart by their doubles. */
const nearBinomials: f64 = 1e-11

/**
 * Compares every heterozygote count possible with the allele counts of (het, hom1, hom2) with the observed one by
 * probability under Hardy-Weinberg proportions, as `freemanHalton` does; the undecided are heterozygote counts.
 */
export function hardyWeinberg(het: i32, hom1: i32, hom2: i32, out: usize): void {
  clearSums(out)
  store<f64>(out, 1.0, tiedAt)
  addTotal(out, 1.0, 0)
  for (let side = 0; side < 2; side++) {
    let h = <f64>het
    let r = <f64>hom1
    let s = <f64>hom2
    let m = 1.0
    let e = 0
    while (true) {
      const ratio =
        side === 0 ? (4.0 * r * s) / ((h + 1.0) * (h + 2.0)) : (h * (h - 1.0)) / (4.0 * (r + 1.0) * (s + 1.0))
      if (ratio === 0.0) break
      m *= ratio
      if (side === 0) {
        h += 2.0
        r -= 1.0
        s -= 1.0
      } else {
        h -= 2.0
        r += 1.0
        s += 1.0
      }
      if (m > big) {
        m *= small
        e++
      } else if (m < small) {
        m *= big
        e--
      }
      if (e < -1) break
      if (e > 1) store<f64>(out, load<f64>(out, moreAt) + 1.0, moreAt)
      else {
        const v = shifted(m, e)
        if (v < negligible) break
        if (v > 1.0 + clear) store<f64>(out, load<f64>(out, moreAt) + 1.0, moreAt)
        else if (v < 1.0 - clear) store<f64>(out, load<f64>(out, lessAt) + v, lessAt)
        else if (sameProduct(<i32>h, <i32>r, <i32>s, 0, 0, 0, <i32>h, het, hom1, hom2, 0, 0, 0, het))
          store<f64>(out, load<f64>(out, tiedAt) + 1.0, tiedAt)
        else if (v < 1.0 - walked) store<f64>(out, load<f64>(out, lessAt) + v, lessAt)
        else if (v > 1.0 + walked) store<f64>(out, load<f64>(out, moreAt) + 1.0, moreAt)
        else addUndecided(out, <i32>h, 0)
      }
      addTotal(out, m, e)
    }
  }
}

// Adds to the f64 pair at `sum`: mantissa, and exponent of 2^256. An exponent is never smaller than before.
function addScaled(sum: usize, m: f64, e: i32): void {
  const held = <i32>load<f64>(sum, 8)
  store<f64>(sum, shifted(load<f64>(sum), held - e) + m)
  store<f64>(sum, <f64>e, 8)
}

// log of the sum less `part` of one more weight.
function logLess(sum: usize, m: f64, e: i32, part: f64): f64 {
  return log(load<f64>(sum) - part * m) + <f64>e * logBig
}

/**
 * The null distribution of the number of heterozygotes under Hardy-Weinberg proportions, for `people` called people who
 * carry `rare` <= people copies of one allele. Writes, for every possible number h = rare mod 2, rare mod 2 + 2 ... rare,
 * in that order, the log of the probability of numbers no likelier than h to outLogP and of that less half the
 * probability of the equally likely ones to outLogMidp; NaN where rounding cannot tell h from another that is not tied.
 * scratch: 16 (rare / 2 + 1) + 16 bytes.
 */
export function hardyWeinbergNull(people: i32, rare: i32, outLogP: usize, outLogMidp: usize, scratch: usize): void {
  const count = (rare >> 1) + 1
  const odd = rare & 1
  const sum = scratch + ((<usize>count) << 4)
  const expected = <i32>((<f64>rare * (2.0 * <f64>people - <f64>rare)) / max(1.0, 2.0 * <f64>people))
  const start = max(0, min(count - 1, (expected - odd) >> 1))
  for (let side = 0; side < 2; side++) {
    let m = 1.0
    let e = 0
    let i = start
    let h = <f64>(odd + 2 * start)
    let r = (<f64>rare - h) / 2.0
    let s = <f64>people - h - r
    while (true) {
      const at = scratch + ((<usize>i) << 4)
      store<f64>(at, m)
      store<f64>(at, <f64>e, 8)
      if (side === 0) {
        if (++i === count) break
        m *= (4.0 * r * s) / ((h + 1.0) * (h + 2.0))
        h += 2.0
        r -= 1.0
        s -= 1.0
      } else {
        if (--i < 0) break
        m *= (h * (h - 1.0)) / (4.0 * (r + 1.0) * (s + 1.0))
        h -= 2.0
        r += 1.0
        s += 1.0
      }
      if (m > big) {
        m *= small
        e++
      } else if (m < small) {
        m *= big
        e--
      }
    }
  }

  // From the least likely inwards: each number's p is what has been seen when it is.
  store<f64>(sum, 0.0)
  store<f64>(sum, -2147483648.0, 8)
  let left = 0
  let right = count - 1
  while (left <= right) {
    const leftAt = scratch + ((<usize>left) << 4)
    const rightAt = scratch + ((<usize>right) << 4)
    const leftM = load<f64>(leftAt)
    const rightM = load<f64>(rightAt)
    const leftE = <i32>load<f64>(leftAt, 8)
    const rightE = <i32>load<f64>(rightAt, 8)
    const ratio = left === right ? 0.0 : shifted(leftM / rightM, leftE - rightE)
    let takeLeft = ratio < 1.0
    let takeRight = !takeLeft
    let known = true
    if (ratio > 1.0 - clear && ratio < 1.0 + clear) {
      const h = odd + 2 * left
      const k = odd + 2 * right
      const r = (rare - h) >> 1
      const t = (rare - k) >> 1
      if (sameProduct(h, r, people - h - r, 0, 0, 0, h, k, t, people - k - t, 0, 0, 0, k)) {
        takeLeft = true
        takeRight = true
      } else known = ratio < 1.0 - walked || ratio > 1.0 + walked
      if (!known) {
        takeLeft = true
        takeRight = true
      }
    }
    const m = takeLeft && takeRight ? leftM + shifted(rightM, rightE - leftE) : takeLeft ? leftM : rightM
    const e = takeLeft ? leftE : rightE
    addScaled(sum, m, e)
    const p = known ? logLess(sum, m, e, 0.0) : NaN
    const midp = known ? logLess(sum, m, e, 0.5) : NaN
    if (takeLeft) {
      store<f64>(outLogP + ((<usize>left) << 3), p)
      store<f64>(outLogMidp + ((<usize>left) << 3), midp)
      left++
    }
    if (takeRight) {
      store<f64>(outLogP + ((<usize>right) << 3), p)
      store<f64>(outLogMidp + ((<usize>right) << 3), midp)
      right--
    }
  }
  const logTotal = logLess(sum, 0.0, <i32>load<f64>(sum, 8), 0.0)
  for (let i: usize = 0; i < <usize>count << 3; i += 8) {
    store<f64>(outLogP + i, min(0.0, load<f64>(outLogP + i) - logTotal))
    store<f64>(outLogMidp + i, load<f64>(outLogMidp + i) - logTotal)
  }
}
