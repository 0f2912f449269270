// Firth's penalised logistic regression of several variants at once, one a lane: two of doubles or four of singles a
// vector. Formulas are those of `firth.ts`. Everything that is summed over people is a sum over a table that all variants
// share - products of one, two or three covariates of a person - with weights that each variant has for itself:
//
//   sums(y, order) = sum over people of y z z .., z = (covariates, copies of alt)
//   I = sums(v, 2), K = sums(v''q, 2), T = sums(v', 3), U = sums(r + h c, 1)
//
// and the penalty's q = z' A z is the same table with the sides changed. Symmetric arrays are packed: (a, b <= a) at
// a (a + 1) / 2 + b, (a, b, c) at a (a + 1) (a + 2) / 6 + (b, c). The tested column, copies of alt, is the last one.
//
// A frame, T = f32 or f64, begins with pointers to its parts, all of whose vectors hold one number a lane:
//   tables X [rows / 4][people][4], XX, XXX [rows / 5][people][5] of T; sign, offset [people] of T; constants [16] of T
//   V v, R r, C c, Q q, Y, Z [people]; G copies, W weights [people] of f32 in either: a frame of doubles points to its half of
//   the four lanes of one of singles
//   B coefficients, U score, S step [k, padded]; I, L factor, A inverse, D doubled inverse, K, H, F factor of H [packed k, 2]
//   J correction (F - K) / 2 [packed k, 2]; M [packed k, 3]; E [k][k]; N, P [k][k][k]
//   O [8]: 0 log-likelihood's factor, 1 positive H, 2 regular information, 3 gain and 5 length of the step, 6 its exponent; 4, 7 the driver's

import { expPair, expQuad, putExpPair, putExpQuad } from './exp-vectors'

export const X: usize = 0
export const XX: usize = 4
export const XXX: usize = 8
export const SIGN: usize = 12
export const OFFSET: usize = 16
export const CONSTANTS: usize = 20
export const G: usize = 24
export const W: usize = 28
export const V: usize = 32
export const R: usize = 36
export const C: usize = 40
export const Q: usize = 44
export const Y: usize = 48
export const Z: usize = 52
export const B: usize = 56
export const U: usize = 60
export const S: usize = 64
export const I: usize = 68
export const L: usize = 72
export const A: usize = 76
export const D: usize = 80
export const K: usize = 84
export const H: usize = 88
export const F: usize = 92
export const J: usize = 96
export const M: usize = 100
export const E: usize = 104
export const N: usize = 108
export const P: usize = 112
export const O: usize = 116
const HEADER: usize = 128

@inline
export function pairs(k: i32): i32 {
  return (k * (k + 1)) >> 1
}

@inline
export function triples(k: i32): i32 {
  return (k * (k + 1) * (k + 2)) / 6
}

@inline
function quads(n: i32): i32 {
  return (n + 3) & ~3
}

@inline
function fives(n: i32): i32 {
  return ((n + 4) / 5) * 5
}

@inline
export function part(frame: usize, name: usize): usize {
  return load<usize>(frame + name)
}

@inline
export function aligned(bytes: i32): i32 {
  return (bytes + 15) & ~15
}

/** Bytes of a frame for n people and m covariates, the intercept among them. */
export function frameBytes<T extends number>(n: i32, m: i32): i32 {
  const k = m + 1
  const s = <i32>sizeof<T>()
  const tables = aligned(quads(m) * n * s) + aligned(fives(pairs(m)) * n * s) + (s == 4 ? aligned(fives(triples(m)) * n * s) : 0)
  const shared = (2 * quads(n) + 16) * s
  const vectors = 8 * n + 3 * quads(k) + 8 * fives(pairs(k)) + fives(triples(k)) + k * k + 2 * k * k * k + 8
  return <i32>HEADER + tables + shared + 16 * vectors + 64
}

/** Writes the pointers, tables and constants; columns are f64[m][stride], labels f64[n] of +1 and -1. */
export function frameFill<T extends number>(frame: usize, n: i32, m: i32, columns: usize, stride: i32, sign: usize, offset: usize): void {
  const k = m + 1
  const s = sizeof<T>()
  let at = (frame + HEADER + 15) & ~15
  store<usize>(frame + X, at)
  at += aligned(quads(m) * n * <i32>s)
  store<usize>(frame + XX, at)
  at += aligned(fives(pairs(m)) * n * <i32>s)
  store<usize>(frame + XXX, at)
  if (s == 4) at += aligned(fives(triples(m)) * n * <i32>s)
  store<usize>(frame + SIGN, at)
  at += <usize>quads(n) * s
  store<usize>(frame + OFFSET, at)
  at += <usize>quads(n) * s
  store<usize>(frame + CONSTANTS, at)
  at += 16 * s
  for (let name = G; name <= Z; name += 4) {
    store<usize>(frame + name, at)
    at += <usize>n << 4
  }
  for (let name = B; name <= S; name += 4) {
    store<usize>(frame + name, at)
    at += <usize>quads(k) << 4
  }
  for (let name = I; name <= J; name += 4) {
    store<usize>(frame + name, at)
    at += <usize>fives(pairs(k)) << 4
  }
  store<usize>(frame + M, at)
  at += <usize>fives(triples(k)) << 4
  store<usize>(frame + E, at)
  at += <usize>(k * k) << 4
  store<usize>(frame + N, at)
  at += <usize>(k * k * k) << 4
  store<usize>(frame + P, at)
  at += <usize>(k * k * k) << 4
  store<usize>(frame + O, at)
  at += 8 << 4
  memory.fill(frame + HEADER, 0, at - frame - HEADER)
  const x = part(frame, X)
  const xx = part(frame, XX)
  const xxx = part(frame, XXX)
  for (let i = 0; i < n; i++) {
    const person = columns + (<usize>i << 3)
    let pair = 0
    let triple = 0
    for (let a = 0; a < m; a++) {
      const xa = load<f64>(person + (<usize>(a * stride) << 3))
      put<T>(x, n, 4, a, i, xa)
      for (let b = 0; b <= a; b++) {
        const xb = load<f64>(person + (<usize>(b * stride) << 3))
        put<T>(xx, n, 5, pair++, i, xa * xb)
        if (s == 4)
          for (let c = 0; c <= b; c++)
            put<T>(xxx, n, 5, triple++, i, xa * xb * load<f64>(person + (<usize>(c * stride) << 3)))
      }
    }
    store<T>(part(frame, SIGN) + <usize>i * s, <T>load<f64>(sign + (<usize>i << 3)))
    store<T>(part(frame, OFFSET) + <usize>i * s, <T>load<f64>(offset + (<usize>i << 3)))
  }
  const c = part(frame, CONSTANTS)
  if (sizeof<T>() == 8) putExpPair(c)
  else putExpQuad(c)
}

@inline
function put<T extends number>(table: usize, n: i32, block: i32, row: i32, person: i32, value: f64): void {
  const within = row % block
  store<T>(table + <usize>((row - within) * n + block * person + within) * sizeof<T>(), <T>value)
}

@inline
function get(array: usize, index: i32): v128 {
  return v128.load(array + (<usize>index << 4))
}

@inline
function set(array: usize, index: i32, value: v128): void {
  v128.store(array + (<usize>index << 4), value)
}

/** Copies or a weight of every lane of one person. */
@inline
function column<T extends number>(at: usize): v128 {
  if (sizeof<T>() == 4) return v128.load(at)
  return f64x2.promote_low_f32x4(v128.load64_zero(at))
}

/** exp of numbers within [-60, 60]. */
@inline
function expLanes<T extends number>(x: v128, constants: usize, half: v128, one: v128): v128 {
  if (sizeof<T>() == 4) return expQuad(x, constants, half, one)
  return expPair(x, constants, half, one)
}

@inline
function storeSome(out: usize, count: i32, s0: v128, s1: v128, s2: v128, s3: v128): void {
  v128.store(out, s0)
  if (count > 1) v128.store(out, s1, 16)
  if (count > 2) v128.store(out, s2, 32)
  if (count > 3) v128.store(out, s3, 48)
}

/** out[j] = sum over people of y_i table[j][i], `rows` of a table in fives: as many sums as the registers hold. */
function sumRows<T>(y: usize, table: usize, rows: i32, n: i32, out: usize): void {
  const block = 5 * sizeof<T>()
  const end = y + (<usize>n << 4)
  let p = table
  for (let j = 0; j < rows; j += 5) {
    let s0 = v128.splat<T>(<T>0)
    let s1 = s0
    let s2 = s0
    let s3 = s0
    let s4 = s0
    for (let u = y; u < end; u += 16, p += block) {
      const x = v128.load(u)
      s0 = v128.add<T>(s0, v128.mul<T>(x, v128.load_splat<T>(p)))
      s1 = v128.add<T>(s1, v128.mul<T>(x, v128.load_splat<T>(p, sizeof<T>())))
      s2 = v128.add<T>(s2, v128.mul<T>(x, v128.load_splat<T>(p, 2 * sizeof<T>())))
      s3 = v128.add<T>(s3, v128.mul<T>(x, v128.load_splat<T>(p, 3 * sizeof<T>())))
      s4 = v128.add<T>(s4, v128.mul<T>(x, v128.load_splat<T>(p, 4 * sizeof<T>())))
    }
    const to = out + (<usize>j << 4)
    storeSome(to, rows - j, s0, s1, s2, s3)
    if (rows - j > 4) v128.store(to, s4, 64)
  }
}

/** Four rows of a table at one person, each by its coefficient. */
@inline
function fourRows<T extends number>(a0: v128, a1: v128, a2: v128, a3: v128, p: usize): v128 {
  return v128.add<T>(
    v128.add<T>(v128.mul<T>(a0, v128.load_splat<T>(p)), v128.mul<T>(a1, v128.load_splat<T>(p, sizeof<T>()))),
    v128.add<T>(
      v128.mul<T>(a2, v128.load_splat<T>(p, 2 * sizeof<T>())),
      v128.mul<T>(a3, v128.load_splat<T>(p, 3 * sizeof<T>())),
    ),
  )
}

/** out_i = sum over rows from `from` (a multiple of four) of a_j X[j][i]; `a` is padded with zeros to a multiple of four. */
function combineColumns<T extends number>(a: usize, x: usize, from: i32, rows: i32, n: i32, out: usize): void {
  const block = 4 * sizeof<T>()
  const end = out + (<usize>n << 4)
  let p = x + <usize>(from * n) * sizeof<T>()
  for (let j = from; j < rows; j += 4) {
    const at = a + (<usize>j << 4)
    const a0 = v128.load(at)
    const a1 = v128.load(at, 16)
    const a2 = v128.load(at, 32)
    const a3 = v128.load(at, 48)
    if (j === from) for (let u = out; u < end; u += 16, p += block) v128.store(u, fourRows<T>(a0, a1, a2, a3, p))
    else
      for (let u = out; u < end; u += 16, p += block)
        v128.store(u, v128.add<T>(v128.load(u), fourRows<T>(a0, a1, a2, a3, p)))
  }
}

/** out_i = sum over rows of a_j table[j][i], a table in fives; `a` is padded with zeros to a multiple of five. */
function combineRows<T extends number>(a: usize, table: usize, rows: i32, n: i32, out: usize): void {
  const block = 5 * sizeof<T>()
  const end = out + (<usize>n << 4)
  let p = table
  for (let j = 0; j < rows; j += 5) {
    const at = a + (<usize>j << 4)
    const a0 = v128.load(at)
    const a1 = v128.load(at, 16)
    const a2 = v128.load(at, 32)
    const a3 = v128.load(at, 48)
    const a4 = v128.load(at, 64)
    for (let u = out; u < end; u += 16, p += block) {
      let s = v128.mul<T>(a4, v128.load_splat<T>(p, 4 * sizeof<T>()))
      if (j > 0) s = v128.add<T>(s, v128.load(u))
      v128.store(u, v128.add<T>(s, fourRows<T>(a0, a1, a2, a3, p)))
    }
  }
}

/** out[j] = sum over people of y_i X[j][i], out[m] = sum of y_i g_i; `times`: of y_i g_i in place of y_i. */
@inline
function sumColumns<T extends number>(y: usize, g: usize, x: usize, m: i32, n: i32, times: bool, out: usize): void {
  const block = 4 * sizeof<T>()
  const end = y + (<usize>n << 4)
  let p = x
  for (let j = 0; j < m; j += 4) {
    let s0 = v128.splat<T>(<T>0)
    let s1 = s0
    let s2 = s0
    let s3 = s0
    let s4 = s0
    for (let u = y, v = g; u < end; u += 16, v += 16, p += block) {
      const gi = column<T>(v)
      let yi = v128.load(u)
      if (times) yi = v128.mul<T>(yi, gi)
      s0 = v128.add<T>(s0, v128.mul<T>(yi, v128.load_splat<T>(p)))
      s1 = v128.add<T>(s1, v128.mul<T>(yi, v128.load_splat<T>(p, sizeof<T>())))
      s2 = v128.add<T>(s2, v128.mul<T>(yi, v128.load_splat<T>(p, 2 * sizeof<T>())))
      s3 = v128.add<T>(s3, v128.mul<T>(yi, v128.load_splat<T>(p, 3 * sizeof<T>())))
      s4 = v128.add<T>(s4, v128.mul<T>(yi, gi))
    }
    storeSome(out + (<usize>j << 4), m - j, s0, s1, s2, s3)
    set(out, m, s4)
  }
}

/** sums(Y, order) into `out`, packed; the third order uses Y up. */
function sums<T extends number>(frame: usize, n: i32, m: i32, order: i32, out: usize): void {
  const y = part(frame, Y)
  const g = part(frame, G)
  const x = part(frame, X)
  if (order === 1) {
    sumColumns<T>(y, g, x, m, n, false, out)
    return
  }
  if (order === 3) {
    sumRows<T>(y, part(frame, XXX), triples(m), n, out)
    for (let i: usize = 0, end = <usize>n << 4; i < end; i += 16)
      v128.store(y + i, v128.mul<T>(v128.load(y + i), column<T>(g + i)))
    out += <usize>triples(m) << 4
  }
  sumRows<T>(y, part(frame, XX), pairs(m), n, out)
  sumColumns<T>(y, g, x, m, n, true, out + (<usize>pairs(m) << 4))
}

/** Lower factor of a packed matrix's leading k rows; lanes whose pivot falls to `floor` of its diagonal leave the returned mask. */
function factor<T extends number>(a: usize, l: usize, k: i32, floor: v128): v128 {
  const one = v128.splat<T>(<T>1)
  let ok = v128.eq<T>(one, one)
  for (let i = 0; i < k; i++) {
    const ai = a + (<usize>pairs(i) << 4)
    const li = l + (<usize>pairs(i) << 4)
    for (let j = 0; j <= i; j++) {
      const lj = l + (<usize>pairs(j) << 4)
      let s = get(ai, j)
      for (let p = 0; p < j; p++) s = v128.sub<T>(s, v128.mul<T>(get(li, p), get(lj, p)))
      if (i == j) {
        const good = v128.gt<T>(s, v128.mul<T>(floor, get(ai, i)))
        ok = v128.and(ok, good)
        // The factor's diagonal is kept as its reciprocal.
        set(li, i, v128.div<T>(one, v128.sqrt<T>(v128.bitselect(s, one, good))))
      } else set(li, j, v128.mul<T>(s, get(lj, j)))
    }
  }
  return ok
}

/** A = (L L')^-1, packed; E is used. */
function invert<T extends number>(frame: usize, k: i32): void {
  const l = part(frame, L)
  const a = part(frame, A)
  const e = part(frame, E)
  for (let i = 0; i < k; i++) {
    const li = l + (<usize>pairs(i) << 4)
    const d = get(li, i)
    for (let j = 0; j < i; j++) {
      let s = v128.splat<T>(<T>0)
      for (let p = j; p < i; p++) s = v128.sub<T>(s, v128.mul<T>(get(li, p), get(e, p * k + j)))
      set(e, i * k + j, v128.mul<T>(s, d))
    }
    set(e, i * k + i, d)
  }
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      let s = v128.splat<T>(<T>0)
      for (let p = i; p < k; p++) s = v128.add<T>(s, v128.mul<T>(get(e, p * k + i), get(e, p * k + j)))
      set(a, pairs(i) + j, s)
    }
  }
}

/**
 * v, r, c, I and its factor at the coefficients B. O holds the mask of lanes whose information is regular (2) and, in double
 * precision, the penalised log-likelihood (0). `shared`, where it is not 0: v, r and c of everybody called, [3][people] of T,
 * at coefficients that all lanes have, the tested one 0.
 */
export function value<T extends number>(frame: usize, n: i32, m: i32, shared: usize): void {
  const k = m + 1
  const g = part(frame, G)
  const w = part(frame, W)
  const v = part(frame, V)
  const r = part(frame, R)
  const c = part(frame, C)
  const y = part(frame, Y)
  const z = part(frame, Z)
  const o = part(frame, O)
  const constants = part(frame, CONSTANTS)
  const sign = part(frame, SIGN)
  const offset = part(frame, OFFSET)
  const b = part(frame, B)
  const one = v128.splat<T>(<T>1)
  const half = v128.splat<T>(<T>0.5)
  const top = v128.load_splat<T>(constants, 15 * sizeof<T>())
  const bottom = v128.neg<T>(top)
  const last = get(b, m)
  const bytes = <usize>n << 4
  const x = part(frame, X)
  // What the first four covariates do not say of the linear predictor.
  const more = m > 4
  if (more) combineColumns<T>(b, x, 4, m, n, z)
  const b0 = get(b, 0)
  const b1 = m > 1 ? get(b, 1) : v128.splat<T>(<T>0)
  const b2 = m > 2 ? get(b, 2) : v128.splat<T>(<T>0)
  const b3 = m > 3 ? get(b, 3) : v128.splat<T>(<T>0)
  let p = x
  let shift = offset
  if (shared !== 0) {
    const row = <usize>n * sizeof<T>()
    for (let i: usize = 0, at = shared; i < bytes; i += 16, at += sizeof<T>()) {
      const weight = column<T>(w + i)
      const vi = v128.mul<T>(weight, v128.load_splat<T>(at))
      v128.store(v + i, vi)
      v128.store(y + i, vi)
      v128.store(r + i, v128.mul<T>(weight, v128.load_splat<T>(at + row)))
      v128.store(c + i, v128.load_splat<T>(at + 2 * row))
    }
  }
  let product = one
  let exponents = i64x2.splat(0)
  let s = sign
  const people = shared === 0 ? bytes : 0
  for (let i: usize = 0; i < people; i += 16, s += sizeof<T>(), shift += sizeof<T>(), p += 4 * sizeof<T>()) {
    const label = v128.load_splat<T>(s)
    const weight = column<T>(w + i)
    let predictor = v128.add<T>(
      v128.add<T>(v128.load_splat<T>(shift), v128.mul<T>(last, column<T>(g + i))),
      fourRows<T>(b0, b1, b2, b3, p),
    )
    if (more) predictor = v128.add<T>(predictor, v128.load(z + i))
    const eta = v128.neg<T>(v128.mul<T>(label, predictor))
    const e = expLanes<T>(v128.pmax<T>(v128.pmin<T>(eta, top), bottom), constants, half, one)
    const f = v128.div<T>(one, v128.add<T>(one, e))
    const u = v128.mul<T>(weight, v128.mul<T>(e, f))
    const vi = v128.mul<T>(f, u)
    v128.store(v + i, vi)
    v128.store(y + i, vi)
    v128.store(r + i, v128.mul<T>(label, u))
    v128.store(c + i, v128.mul<T>(label, v128.sub<T>(half, f)))
    if (sizeof<T>() == 8) {
      product = f64x2.mul(product, f64x2.add(f64x2.sub(one, weight), f64x2.mul(weight, f)))
      // Eight factors above 2^-88 cannot underflow; then only mantissas go on and the exponents are counted apart.
      if ((i & 112) == 112) {
        exponents = i64x2.add(exponents, i64x2.sub(i64x2.shr_u(product, 52), i64x2.splat(1023)))
        product = v128.or(v128.and(product, i64x2.splat(0x000fffffffffffff)), one)
      }
    }
  }
  const information = part(frame, I)
  sums<T>(frame, n, m, 2, information)
  const l = part(frame, L)
  set(o, 2, factor<T>(information, l, k, v128.splat<T>(<T>(sizeof<T>() == 8 ? 1e-13 : 1e-5))))
  if (sizeof<T>() == 8) {
    exponents = i64x2.add(exponents, i64x2.sub(i64x2.shr_u(product, 52), i64x2.splat(1023)))
    product = v128.or(v128.and(product, i64x2.splat(0x000fffffffffffff)), one)
    let determinant = one
    for (let a = 0; a < k; a++) {
      determinant = f64x2.mul(determinant, get(l, pairs(a) + a))
      exponents = i64x2.sub(exponents, i64x2.sub(i64x2.shr_u(determinant, 52), i64x2.splat(1023)))
      determinant = v128.or(v128.and(determinant, i64x2.splat(0x000fffffffffffff)), one)
    }
    // Mantissa by mantissa, each in [1, 2): the logarithm is taken of the quotient by the driver.
    set(o, 0, f64x2.div(product, determinant))
    set(o, 6, exponents)
  }
}

/** The inverse of I, q and U where `value` was called. */
export function score<T extends number>(frame: usize, n: i32, m: i32): void {
  const k = m + 1
  const g = part(frame, G)
  const v = part(frame, V)
  const r = part(frame, R)
  const c = part(frame, C)
  const q = part(frame, Q)
  const y = part(frame, Y)
  const z = part(frame, Z)
  const x = part(frame, X)
  const bytes = <usize>n << 4
  const more = m > 4
  invert<T>(frame, k)
  const a = part(frame, A)
  const d = part(frame, D)
  const two = v128.splat<T>(<T>2)
  for (let i = 0; i < m; i++)
    for (let j = 0; j <= i; j++) {
      const x = get(a, pairs(i) + j)
      set(d, pairs(i) + j, i == j ? x : v128.mul<T>(two, x))
    }
  for (let j = pairs(m); j < fives(pairs(m)); j++) set(d, j, v128.splat<T>(<T>0))
  combineRows<T>(d, part(frame, XX), pairs(m), n, q)
  for (let j = 0; j < quads(m); j++)
    set(d, j, j < m ? v128.mul<T>(two, get(a, pairs(m) + j)) : v128.splat<T>(<T>0))
  if (more) combineColumns<T>(d, x, 4, m, n, z)
  const d0 = get(d, 0)
  const d1 = get(d, 1)
  const d2 = get(d, 2)
  const d3 = get(d, 3)
  let p = x
  const corner = get(a, pairs(m) + m)
  for (let i: usize = 0; i < bytes; i += 16, p += 4 * sizeof<T>()) {
    const gi = column<T>(g + i)
    let along = v128.add<T>(fourRows<T>(d0, d1, d2, d3, p), v128.mul<T>(corner, gi))
    if (more) along = v128.add<T>(along, v128.load(z + i))
    const qi = v128.add<T>(v128.load(q + i), v128.mul<T>(gi, along))
    v128.store(q + i, qi)
    v128.store(
      y + i,
      v128.add<T>(v128.load(r + i), v128.mul<T>(v128.mul<T>(v128.load(v + i), qi), v128.load(c + i))),
    )
  }
  sums<T>(frame, n, m, 1, part(frame, U))
}

/** `value`, then `score`. */
export function evaluate<T extends number>(frame: usize, n: i32, m: i32, shared: usize): void {
  value<T>(frame, n, m, shared)
  score<T>(frame, n, m)
}

/** J, what the negative Hessian has beside I where `evaluate` was called: (F - K) / 2. Lanes of `keep` stay as they are. */
export function correct<T extends number>(frame: usize, n: i32, m: i32, keep: v128): void {
  const k = m + 1
  const v = part(frame, V)
  const c = part(frame, C)
  const q = part(frame, Q)
  const y = part(frame, Y)
  const one = v128.splat<T>(<T>1)
  const six = v128.splat<T>(<T>6)
  const bytes = <usize>n << 4
  for (let i: usize = 0; i < bytes; i += 16) {
    const vi = v128.load(v + i)
    v128.store(y + i, v128.mul<T>(v128.mul<T>(vi, v128.load(q + i)), v128.sub<T>(one, v128.mul<T>(six, vi))))
  }
  const fourth = part(frame, K)
  sums<T>(frame, n, m, 2, fourth)
  for (let i: usize = 0; i < bytes; i += 16) {
    const ci = v128.load(c + i)
    v128.store(y + i, v128.mul<T>(v128.add<T>(ci, ci), v128.load(v + i)))
  }
  const third = part(frame, M)
  sums<T>(frame, n, m, 3, third)
  const a = part(frame, A)
  const e = part(frame, E)
  const full = part(frame, N)
  const product = part(frame, P)
  for (let i = 0; i < k; i++)
    for (let j = 0; j <= i; j++) {
      const x = get(a, pairs(i) + j)
      set(e, i * k + j, x)
      set(e, j * k + i, x)
      for (let p = 0; p <= j; p++) {
        const t = get(third, triples(i) + pairs(j) + p)
        set(full, (i * k + j) * k + p, t)
        set(full, (i * k + p) * k + j, t)
        set(full, (j * k + i) * k + p, t)
        set(full, (j * k + p) * k + i, t)
        set(full, (p * k + i) * k + j, t)
        set(full, (p * k + j) * k + i, t)
      }
    }
  // Each T_j becomes A T_j; a trace of two of them is a sum over one and the other's transpose.
  const line = <usize>k << 4
  for (let j = 0; j < k; j++) {
    const tj = full + <usize>j * line * k
    for (let i = 0; i < k; i++) {
      const ei = e + <usize>i * line
      const to = product + (<usize>j * k + i) * line
      let b: usize = 0
      for (; b + 16 < line; b += 32) {
        let s = v128.splat<T>(<T>0)
        let s1 = s
        for (let p: usize = 0, t = tj + b; p < line; p += 16, t += line) {
          const x = v128.load(ei + p)
          s = v128.add<T>(s, v128.mul<T>(x, v128.load(t)))
          s1 = v128.add<T>(s1, v128.mul<T>(x, v128.load(t, 16)))
        }
        v128.store(to + b, s)
        v128.store(to + b, s1, 16)
      }
      if (b < line) {
        let s = v128.splat<T>(<T>0)
        for (let p: usize = 0, t = tj + b; p < line; p += 16, t += line)
          s = v128.add<T>(s, v128.mul<T>(v128.load(ei + p), v128.load(t)))
        v128.store(to + b, s)
      }
    }
  }
  const correction = part(frame, J)
  const half = v128.splat<T>(<T>0.5)
  for (let i = 0; i < k; i++)
    for (let j = 0; j <= i; j++) {
      let s = v128.splat<T>(<T>0)
      let s1 = s
      const pi = product + (<usize>i * line) * k
      const pj = product + (<usize>j * line) * k
      for (let x = 0; x < k; x++) {
        let from = pi + <usize>x * line
        let to = pj + (<usize>x << 4)
        let z = 0
        for (; z + 1 < k; z += 2, from += 32, to += 2 * line) {
          s = v128.add<T>(s, v128.mul<T>(v128.load(from), v128.load(to)))
          s1 = v128.add<T>(s1, v128.mul<T>(v128.load(from, 16), v128.load(to + line)))
        }
        if (z < k) s = v128.add<T>(s, v128.mul<T>(v128.load(from), v128.load(to)))
      }
      const at = pairs(i) + j
      const value = v128.mul<T>(half, v128.sub<T>(v128.add<T>(s, s1), get(fourth, at)))
      set(correction, at, v128.bitselect(get(correction, at), value, keep))
    }
}

/** Factors the leading `free` rows of H = I + J; lanes where a pivot is too small, as beside a saddle, take I alone and leave the mask O (1). */
export function factorHessian<T extends number>(frame: usize, free: i32): void {
  const h = part(frame, H)
  const f = part(frame, F)
  const information = part(frame, I)
  const correction = part(frame, J)
  for (let i = 0, end = pairs(free); i < end; i++) set(h, i, v128.add<T>(get(information, i), get(correction, i)))
  const floor = v128.splat<T>(<T>(sizeof<T>() == 8 ? 1e-10 : 1e-4))
  const ok = factor<T>(h, f, free, floor)
  set(part(frame, O), 1, ok)
  if (sizeof<T>() == 4 ? i32x4.all_true(ok) : i64x2.all_true(ok)) return
  for (let i = 0, end = pairs(free); i < end; i++) set(h, i, v128.bitselect(get(h, i), get(information, i), ok))
  factor<T>(h, f, free, floor)
}

/** Step S = H^-1 U in the leading `free` coefficients, gain in O (3), length in standard errors in O (5). */
export function solve<T extends number>(frame: usize, m: i32, free: i32): void {
  const f = part(frame, F)
  const u = part(frame, U)
  const s = part(frame, S)
  const o = part(frame, O)
  const information = part(frame, I)
  for (let a = 0; a < free; a++) {
    const fa = f + (<usize>pairs(a) << 4)
    let x = get(u, a)
    for (let b = 0; b < a; b++) x = v128.sub<T>(x, v128.mul<T>(get(fa, b), get(s, b)))
    set(s, a, v128.mul<T>(x, get(fa, a)))
  }
  let gain = v128.splat<T>(<T>0)
  for (let a = free - 1; a >= 0; a--) {
    let x = get(s, a)
    for (let b = a + 1; b < free; b++) x = v128.sub<T>(x, v128.mul<T>(get(f, pairs(b) + a), get(s, b)))
    x = v128.mul<T>(x, get(f, pairs(a) + a))
    set(s, a, x)
    gain = v128.add<T>(gain, v128.mul<T>(x, get(u, a)))
  }
  for (let a = free; a <= m; a++) set(s, a, v128.splat<T>(<T>0))
  let length = v128.splat<T>(<T>0)
  for (let a = 0; a < free; a++) {
    let x = v128.splat<T>(<T>0)
    for (let b = 0; b < free; b++)
      x = v128.add<T>(x, v128.mul<T>(get(information, a >= b ? pairs(a) + b : pairs(b) + a), get(s, b)))
    length = v128.add<T>(length, v128.mul<T>(x, get(s, a)))
  }
  set(o, 3, gain)
  set(o, 5, v128.sqrt<T>(length))
}

/**
 * S += the next term of Chebyshev's expansion, -H^-1 T(S, S) / 2, in lanes where it is less than half as long as S: the
 * likelihood's third derivative, without the penalty's. U is used up.
 */
export function bend<T extends number>(frame: usize, n: i32, m: i32): void {
  const k = m + 1
  const d = part(frame, D)
  const s = part(frame, S)
  const g = part(frame, G)
  const v = part(frame, V)
  const c = part(frame, C)
  const y = part(frame, Y)
  const first = part(frame, E)
  const o = part(frame, O)
  const bytes = <usize>n << 4
  for (let j = 0; j < quads(m); j++) set(d, j, j < m ? get(s, j) : v128.splat<T>(<T>0))
  combineColumns<T>(d, part(frame, X), 0, m, n, y)
  const last = get(s, m)
  for (let i: usize = 0; i < bytes; i += 16) {
    const along = v128.add<T>(v128.load(y + i), v128.mul<T>(last, column<T>(g + i)))
    v128.store(y + i, v128.mul<T>(v128.mul<T>(v128.load(v + i), v128.load(c + i)), v128.mul<T>(along, along)))
  }
  sums<T>(frame, n, m, 1, part(frame, U))
  memory.copy(first, s, <usize>k << 4)
  const gain = get(o, 3)
  const length = get(o, 5)
  solve<T>(frame, m, k)
  const short = v128.lt<T>(get(o, 5), v128.mul<T>(v128.splat<T>(<T>0.5), length))
  for (let a = 0; a < k; a++) set(s, a, v128.sub<T>(get(first, a), v128.and(short, get(s, a))))
  set(o, 3, gain)
  set(o, 5, length)
}

/** B += S in the lanes of `active`, shortened to 5 standard errors and, in the tested column, to a log odds of 2. */
export function move<T extends number>(frame: usize, m: i32, active: v128): void {
  const b = part(frame, B)
  const s = part(frame, S)
  const length = get(part(frame, O), 5)
  const one = v128.splat<T>(<T>1)
  const cap = v128.splat<T>(<T>5)
  const most = v128.splat<T>(<T>2)
  const last = v128.abs<T>(get(s, m))
  const scale = v128.pmin<T>(
    v128.bitselect(v128.div<T>(cap, length), one, v128.gt<T>(length, cap)),
    v128.bitselect(v128.div<T>(most, last), one, v128.gt<T>(last, most)),
  )
  for (let a = 0; a <= m; a++)
    set(b, a, v128.add<T>(get(b, a), v128.and(active, v128.mul<T>(scale, get(s, a)))))
}

/**
 * Variance of the last coefficient after the step S: A_gg - sum v' (z's) (z'a)^2, a the last column of A; the information
 * itself is that before the step.
 */
export function varianceAfter<T extends number>(frame: usize, n: i32, m: i32): v128 {
  const d = part(frame, D)
  const s = part(frame, S)
  const a = part(frame, A)
  const g = part(frame, G)
  const v = part(frame, V)
  const c = part(frame, C)
  const y = part(frame, Y)
  const z = part(frame, Z)
  const bytes = <usize>n << 4
  const zero = v128.splat<T>(<T>0)
  for (let j = 0; j < quads(m); j++) set(d, j, j < m ? get(s, j) : zero)
  combineColumns<T>(d, part(frame, X), 0, m, n, y)
  for (let j = 0; j < quads(m); j++) set(d, j, j < m ? get(a, pairs(m) + j) : zero)
  combineColumns<T>(d, part(frame, X), 0, m, n, z)
  const last = get(s, m)
  const corner = get(a, pairs(m) + m)
  let sum = zero
  for (let i: usize = 0; i < bytes; i += 16) {
    const gi = column<T>(g + i)
    const along = v128.add<T>(v128.load(y + i), v128.mul<T>(last, gi))
    const beside = v128.add<T>(v128.load(z + i), v128.mul<T>(corner, gi))
    const slope = v128.mul<T>(v128.load(v + i), v128.load(c + i))
    sum = v128.add<T>(sum, v128.mul<T>(v128.mul<T>(slope, along), v128.mul<T>(beside, beside)))
  }
  return v128.sub<T>(corner, v128.add<T>(sum, sum))
}

/** Mask of the lanes in which every pivot of the information is regular and above `floor` of its diagonal, where `evaluate` was called. */
export function pivotsAbove<T extends number>(frame: usize, k: i32, floor: T): v128 {
  const information = part(frame, I)
  const l = part(frame, L)
  let above = get(part(frame, O), 2)
  for (let a = 0; a < k; a++) {
    const d = get(l, pairs(a) + a)
    const share = v128.mul<T>(v128.mul<T>(d, d), get(information, pairs(a) + a))
    above = v128.and(above, v128.lt<T>(v128.mul<T>(share, v128.splat<T>(floor)), v128.splat<T>(<T>1)))
  }
  return above
}

/** Mask of the lanes in which the called people's columns are independent: every pivot above `floor` of its diagonal. */
export function independent<T extends number>(frame: usize, n: i32, m: i32, floor: T): v128 {
  const y = part(frame, Y)
  const w = part(frame, W)
  for (let i: usize = 0, end = <usize>n << 4; i < end; i += 16) v128.store(y + i, column<T>(w + i))
  sums<T>(frame, n, m, 2, part(frame, I))
  return factor<T>(part(frame, I), part(frame, L), m + 1, v128.splat<T>(floor))
}
