// Exact conditional distributions of genotype tables. Weights are ratios to one cell, walked cell by cell, so no factorial
// is ever formed; a weight is mantissa * 2^(256 * exponent), so nothing under- or overflows.

import { log } from './elementary'

const big: f64 = 1.157920892373162e77 // 2^256
const small: f64 = 8.636168555094445e-78 // 2^-256
const logBig: f64 = 177.445678223346 // 256 ln 2
const negligible: f64 = 8.077935669463161e-28 // 2^-90

// mantissa * 2^(256 * shift), 0 when that is below everything.
function shifted(mantissa: f64, shift: i32): f64 {
  if (shift === 0) return mantissa
  if (shift === -1) return mantissa * small
  if (shift === 1) return mantissa * big
  return shift < 0 ? 0.0 : Infinity
}

/**
 * The null distribution of the trend statistic T (allele count of the cases) for n0, n1, n2 called people with 0, 1, 2
 * copies and c cases among them, all relabellings alike. Writes, for every T = 0 ... n1 + 2 n2, the log of
 * P(|T' - E| >= |T - E|) to outLogP and the log of that p less half the probability of the tied outcomes to outLogMidp;
 * NaN for a T that cannot occur. Compared in integers (n T - c S). Returns the smallest log p.
 */
export function exactTrendNull(n0: i32, n1: i32, n2: i32, c: i32, outLogP: usize, outLogMidp: usize): f64 {
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
      const logMidp = log((sum + 0.5 * tied) / total) + scaleLog
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
