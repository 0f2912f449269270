// Bounds on the p of (c, T) under fitted risks that need no row of the distribution.
//
// With w = p / (1 - p), e_j elementary symmetric polynomials, N the people called, K those with a copy of the rarer allele and s
// people in K or not called: P(K holds a given set A | c) = prod w_A e_{c - |A|}(N less K) / e_c(N). e_j of any n - s people is at least that of
// the n - s with the smallest w, and e_c(N) is at most e_c of everyone. So sums over the few in K bound P(T) from below.

import { listClass, polynomial } from './class-laws'

/**
 * P(k) of the cases with one and with two copies together from the laws of a stratum (`classLaws`): `carriers`, 2 (size + 1) doubles, is the
 * convolution of both, k = 0 .. size.
 */
export function carrierLaw(laws: usize, line: usize, size: i32, carriers: usize): void {
  const e1 = laws + line
  const e2 = e1 + line
  const most2 = min(size, <i32>load<f64>(e2 + 2 * line, 16))
  const most1 = min(size, <i32>load<f64>(e2 + 2 * line, 8))
  for (let at: usize = 0; at < line << 1; at += 16) v128.store(carriers + at, i64x2.splat(0))
  for (let l = 0; l <= most2; l++) {
    const x = load<f64>(e2 + (<usize>l << 3))
    const x2 = f64x2.splat(x)
    const to = carriers + (<usize>l << 3)
    let j: usize = 0
    const last = <usize>most1 << 3
    for (; j < last; j += 16) v128.store(to + j, f64x2.add(v128.load(to + j), f64x2.mul(x2, v128.load(e1 + j))))
    if (j == last) store<f64>(to + j, load<f64>(to + j) + x * load<f64>(e1 + j))
  }
}

/**
 * The laws of cases with one copy of the rarer allele and with two, in `out` (2 lines), and behind them the product of 1 - p over all
 * who have a copy.
 */
export function rareLaws(record: usize, words: i32, people: usize, p: usize, size: i32, line: usize, mirrored: bool, out: usize, work: usize, list: usize): void {
  const plane = <usize>words << 3
  const n1 = listClass(record, plane, people, 1, p, list)
  polynomial(list, n1, size, out, work)
  let none = 1.0
  for (let i = 0; i < n1; i++) none *= 1.0 - load<f64>(list + (<usize>i << 3))
  const n2 = mirrored ? listClass(record, plane, people, 0, p, list) : listClass(record, plane, people, 2, p, list)
  polynomial(list, n2, size, out + line, work)
  for (let i = 0; i < n2; i++) none *= 1.0 - load<f64>(list + (<usize>i << 3))
  store<f64>(out + 2 * line, none)
}

/**
 * P(T = t and c cases called, all others not), unnormalised, T from n1 and n2 people with one and two copies; `common`: from the top
 * down, P(k) of the n0 without one.
 */
function outcome(common: usize, e1: usize, e2: usize, size: i32, c: i32, t: i32, n0: i32, n1: i32, n2: i32): f64 {
  let sum = 0.0
  for (let l = max(max(0, t - c), (t - n1 + 1) >> 1), end = min(min(t >> 1, n2), n0 - c + t); l <= end; l++)
    sum += load<f64>(e2 + (<usize>l << 3)) * load<f64>(e1 + (<usize>(t - 2 * l) << 3)) * load<f64>(common + (<usize>(size - c + t - l) << 3))
  return sum
}

/** P(T = t), and where that is too little T still further out, is more than `enough`. */
function isCommon(common: usize, e1: usize, e2: usize, size: i32, c: i32, t: i32, step: i32, n0: i32, n1: i32, n2: i32, enough: f64): bool {
  let sum = 0.0
  for (let i = 0; i < 3 && t >= 0 && t <= 2 * c; i++, t += step) {
    sum += outcome(common, e1, e2, size, c, t, n0, n1, n2)
    if (sum > enough) return true
  }
  return false
}

/** No T from `least` to `most` that c cases can have is as improbable as `enough`: p falls with the distance from the expectation, so that the ends tell. */
export function noneRarer(common: usize, e1: usize, e2: usize, size: i32, c: i32, least: i32, most: i32, n0: i32, n1: i32, n2: i32, enough: f64): bool {
  const low0 = min(c, n0)
  const low1 = min(c - low0, n1)
  const high2 = min(c, n2)
  return (
    isCommon(common, e1, e2, size, c, max(least, low1 + 2 * (c - low0 - low1)), -1, n0, n1, n2, enough) &&
    isCommon(common, e1, e2, size, c, min(most, 2 * high2 + min(c - high2, n1)), 1, n0, n1, n2, enough)
  )
}

/** P(c cases called, all others not), unnormalised. */
export function caseTotal(common: usize, carriers: usize, size: i32, c: i32, n0: i32, n1: i32, n2: i32): f64 {
  let total = 0.0
  for (let j = max(0, c - n0), end = min(c, n1 + n2); j <= end; j++)
    total += load<f64>(carriers + (<usize>j << 3)) * load<f64>(common + (<usize>(size - c + j) << 3))
  return total
}
