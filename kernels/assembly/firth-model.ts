// Firth's penalised logistic regression, l*(b) = l(b) + log|I(b)|/2, by Newton steps on the penalised score
//
//   U    = sum x (r + h c)                               r = w (y - p), v = w p (1 - p), h = v q, q = z' z, c = 1/2 - p
//   -H   = I + J, J = L (F - K) L' / 2                   L L' = I, z = L^-1 x
//   K    = sum v'' q z z'                                v'' = v (1 - 6 p (1 - p))
//   F_jk = sum of T_j T_k, T_j = sum v' z_j z z'         v' = 2 v c
//
// People are the inner index, two doubles or four singles a vector. J, which steers the steps but not where they end, is
// always summed in single precision.
//
// Workspace, np = people rounded up to a multiple of 4, kp = parameters rounded up to even:
//   X[kp][np] sign[np] weight[np] offset[np]             f64, written by the caller; sign +1 case, -1 control; padding 0
//   v r c q t, f64[np] each; Z[kp][np]
//   the same in f32, then f32 v''q, v', v'z_j, [np] each
//   beta trial U step start, f64[kp] each; I L J H F T, f64[kp*kp] each
//   f32: weights and T_j, packed (a, b <= a) at a (a + 1) / 2 + b, [kp + 1][padded kp (kp + 1) / 2]
//   constants of exp, f64[16] and f32[16]

import { log } from './elementary'
import { expPair, expQuad } from './exp-vectors'

export const LN2: f64 = 0.6931471805599453
/** Chi-squares below this are lost in the difference of log-likelihoods; the first whole step's own gain is right to the third power of the effect. */
export const FLAT: f64 = 2e-9

@inline
export function even(n: i32): i32 {
  return (n + 1) & ~1
}

@inline
export function padded(n: i32): i32 {
  return (n + 3) & ~3
}

/** Byte offset of the single-precision copy. */
@inline
function singles(np: i32, kp: i32): usize {
  return <usize>((2 * kp + 8) * np) << 3
}

@inline
export function small(ws: usize, np: i32, kp: i32): usize {
  return ws + singles(np, kp) + (<usize>((2 * kp + 11) * np) << 2)
}

/** Byte offset of I. */
@inline
export function informationOf(ws: usize, np: i32, kp: i32): usize {
  return small(ws, np, kp) + (<usize>(5 * kp) << 3)
}

/** Singles of a packed symmetric matrix, rounded up to a multiple of 4. */
@inline
function packed(k: i32): i32 {
  return (((k * (k + 1)) >> 1) + 3) & ~3
}

@inline
function packedOf(ws: usize, np: i32, kp: i32): usize {
  return small(ws, np, kp) + (<usize>(5 * kp + 6 * kp * kp) << 3)
}

@inline
export function constantsOf(ws: usize, np: i32, kp: i32): usize {
  return packedOf(ws, np, kp) + (<usize>((kp + 1) * packed(kp)) << 2)
}

/** out[a][b] = sum over people of w Z_a Z_b for a, b >= from, both triangles; 0 for a column beyond k. */
export function cross<T extends number>(w: usize, z: usize, np: i32, k: i32, from: i32, out: usize): void {
  const kp = even(k)
  const row = <usize>np * sizeof<T>()
  const end = w + row
  for (let a = from; a < kp; a += 2) {
    for (let b = from; b <= a; b += 2) {
      let p = z + <usize>a * row
      let q = z + <usize>b * row
      let u = w
      let s00 = v128.splat<T>(<T>0)
      let s01 = s00
      let s10 = s00
      let s11 = s00
      if (a === b) {
        if (a + 1 === k) {
          for (; u < end; u += 16, p += 16) {
            const z0 = v128.load(p)
            s00 = v128.add<T>(s00, v128.mul<T>(v128.mul<T>(v128.load(u), z0), z0))
          }
        } else {
          for (; u < end; u += 16, p += 16) {
            const wi = v128.load(u)
            const z0 = v128.load(p)
            const z1 = v128.load(p + row)
            const y1 = v128.mul<T>(wi, z1)
            s00 = v128.add<T>(s00, v128.mul<T>(v128.mul<T>(wi, z0), z0))
            s10 = v128.add<T>(s10, v128.mul<T>(y1, z0))
            s11 = v128.add<T>(s11, v128.mul<T>(y1, z1))
          }
        }
      } else if (a + 1 === k) {
        for (; u < end; u += 16, p += 16, q += 16) {
          const y0 = v128.mul<T>(v128.load(u), v128.load(p))
          s00 = v128.add<T>(s00, v128.mul<T>(y0, v128.load(q)))
          s01 = v128.add<T>(s01, v128.mul<T>(y0, v128.load(q + row)))
        }
      } else {
        for (; u < end; u += 16, p += 16, q += 16) {
          const wi = v128.load(u)
          const y0 = v128.mul<T>(wi, v128.load(p))
          const y1 = v128.mul<T>(wi, v128.load(p + row))
          const z0 = v128.load(q)
          const z1 = v128.load(q + row)
          s00 = v128.add<T>(s00, v128.mul<T>(y0, z0))
          s01 = v128.add<T>(s01, v128.mul<T>(y0, z1))
          s10 = v128.add<T>(s10, v128.mul<T>(y1, z0))
          s11 = v128.add<T>(s11, v128.mul<T>(y1, z1))
        }
      }
      put(out, kp, a, b, total<T>(s00))
      if (b < a) put(out, kp, a, b + 1, total<T>(s01))
      put(out, kp, a + 1, b, total<T>(s10))
      put(out, kp, a + 1, b + 1, total<T>(s11))
    }
  }
}

/** Sum of a vector's lanes. */
@inline
export function total<T extends number>(s: v128): f64 {
  if (sizeof<T>() == 8) return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1)
  return <f64>(f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3)))
}

@inline
export function splat<T extends number>(at: usize): v128 {
  return v128.splat<T>(<T>load<f64>(at))
}

/** out = base + sum of coefficient_a X_a. */
export function combine<T extends number>(x: usize, row: usize, coefficients: usize, count: i32, base: usize, out: usize): void {
  let from = 0
  let source = base
  for (; count - from >= 4; from += 4) {
    const c = coefficients + (<usize>from << 3)
    const c0 = splat<T>(c)
    const c1 = splat<T>(c + 8)
    const c2 = splat<T>(c + 16)
    const c3 = splat<T>(c + 24)
    const x0 = x + <usize>from * row
    const x1 = x0 + row
    const x2 = x1 + row
    const x3 = x2 + row
    for (let i: usize = 0; i < row; i += 16) {
      const low = v128.add<T>(v128.mul<T>(c0, v128.load(x0 + i)), v128.mul<T>(c1, v128.load(x1 + i)))
      const high = v128.add<T>(v128.mul<T>(c2, v128.load(x2 + i)), v128.mul<T>(c3, v128.load(x3 + i)))
      v128.store(out + i, v128.add<T>(v128.load(source + i), v128.add<T>(low, high)))
    }
    source = out
  }
  for (; from < count; from++) {
    const c0 = splat<T>(coefficients + (<usize>from << 3))
    const x0 = x + <usize>from * row
    for (let i: usize = 0; i < row; i += 16)
      v128.store(out + i, v128.add<T>(v128.load(source + i), v128.mul<T>(c0, v128.load(x0 + i))))
    source = out
  }
}

@inline
export function at(matrix: usize, kp: i32, a: i32, b: i32): f64 {
  return load<f64>(matrix + (<usize>(a * kp + b) << 3))
}

@inline
function set(matrix: usize, kp: i32, a: i32, b: i32, value: f64): void {
  store<f64>(matrix + (<usize>(a * kp + b) << 3), value)
}

@inline
function put(matrix: usize, kp: i32, a: i32, b: i32, value: f64): void {
  set(matrix, kp, a, b, value)
  set(matrix, kp, b, a, value)
}

/** Lower Cholesky factor of the leading k x k block, its diagonal as reciprocals; false when a pivot falls below `floor` times its diagonal. */
export function factor(a: usize, l: usize, kp: i32, k: i32, floor: f64): bool {
  const line = <usize>kp << 3
  let li = l
  let ai = a
  for (let i = 0; i < k; i++, li += line, ai += line) {
    let lj = l
    const end = <usize>i << 3
    for (let j: usize = 0; j < end; j += 8, lj += line) {
      let s = load<f64>(ai + j)
      for (let m: usize = 0; m < j; m += 8) s -= load<f64>(li + m) * load<f64>(lj + m)
      store<f64>(li + j, s * load<f64>(lj + j))
    }
    const diagonal = load<f64>(ai + end)
    let s = diagonal
    for (let m: usize = 0; m < end; m += 8) s -= load<f64>(li + m) * load<f64>(li + m)
    if (!(s > floor * diagonal) || !(s > 0)) return false
    store<f64>(li + end, 1.0 / sqrt<f64>(s))
  }
  if (kp > k) memory.fill(l + (<usize>(k * kp) << 3), 0, <usize>kp << 3)
  return true
}

/** exp of numbers within [-60, 60]. */
@inline
function expLanes<T extends number>(x: v128, constants: usize, half: v128, one: v128): v128 {
  if (sizeof<T>() == 8) return expPair(x, constants, half, one)
  return expQuad(x, constants, half, one)
}

/** Exponents of a vector's lanes. */
@inline
function exponentsOf<T extends number>(x: v128): v128 {
  if (sizeof<T>() == 8) return i64x2.sub(i64x2.shr_u(x, 52), i64x2.splat(1023))
  return i32x4.sub(i32x4.shr_u(x, 23), i32x4.splat(127))
}

@inline
function addExponents<T extends number>(a: v128, b: v128): v128 {
  if (sizeof<T>() == 8) return i64x2.add(a, b)
  return i32x4.add(a, b)
}

/** The block of T in the workspace: columns, sign, weight, offset, v, r, c, q, t. */
@inline
function blockOf<T extends number>(ws: usize, np: i32, kp: i32): usize {
  return sizeof<T>() == 8 ? ws : ws + singles(np, kp)
}

/** Penalised log-likelihood at `beta`, with v, r, c and the factored information left behind; NaN where it is singular. */
export function value<T extends number>(ws: usize, np: i32, k: i32, beta: usize): f64 {
  const kp = even(k)
  const row = <usize>np * sizeof<T>()
  const x = blockOf<T>(ws, np, kp)
  const sign = x + <usize>kp * row
  const weight = sign + row
  const offset = weight + row
  const v = offset + row
  const r = v + row
  const c = r + row
  const information = informationOf(ws, np, kp)
  const l = information + (<usize>(kp * kp) << 3)
  const constants = constantsOf(ws, np, kp) + (sizeof<T>() == 8 ? 0 : 128)
  const one = v128.splat<T>(<T>1)
  const half = v128.splat<T>(<T>0.5)
  const top = v128.load_splat<T>(constants, 15 * sizeof<T>())
  const bottom = v128.neg<T>(top)
  const mantissa = sizeof<T>() == 8 ? i64x2.splat(0x000fffffffffffff) : i32x4.splat(0x007fffff)
  combine<T>(x, row, beta, k, offset, r)
  let product = one
  let exponents = i64x2.splat(0)
  // Factors are above 2^-88: eight of doubles, one of singles cannot underflow. Mantissas go on, exponents are counted apart.
  const factors: usize = sizeof<T>() == 8 ? 128 : 16
  for (let block: usize = 0; block < row; block += factors) {
    const end = min(block + factors, row)
    for (let i = block; i < end; i += 16) {
      const s = v128.load(sign + i)
      const w = v128.load(weight + i)
      const m = v128.neg<T>(v128.mul<T>(s, v128.load(r + i)))
      const e = expLanes<T>(v128.pmax<T>(v128.pmin<T>(m, top), bottom), constants, half, one)
      const f = v128.div<T>(one, v128.add<T>(one, e))
      const u = v128.mul<T>(w, v128.mul<T>(e, f))
      v128.store(v + i, v128.mul<T>(f, u))
      v128.store(r + i, v128.mul<T>(s, u))
      v128.store(c + i, v128.mul<T>(s, v128.sub<T>(half, f)))
      product = v128.mul<T>(product, v128.add<T>(v128.sub<T>(one, w), v128.mul<T>(w, f)))
    }
    exponents = addExponents<T>(exponents, exponentsOf<T>(product))
    product = v128.or(v128.and(product, mantissa), one)
  }
  cross<T>(v, x, np, k, 0, information)
  if (!factor(information, l, kp, k, sizeof<T>() == 8 ? 1e-13 : 1e-3)) return NaN
  let exponent: i64
  let rest: f64
  if (sizeof<T>() == 8) {
    exponent = i64x2.extract_lane(exponents, 0) + i64x2.extract_lane(exponents, 1)
    rest = f64x2.extract_lane(product, 0) * f64x2.extract_lane(product, 1)
  } else {
    exponent =
      i32x4.extract_lane(exponents, 0) +
      i32x4.extract_lane(exponents, 1) +
      i32x4.extract_lane(exponents, 2) +
      i32x4.extract_lane(exponents, 3)
    rest =
      <f64>f32x4.extract_lane(product, 0) *
      <f64>f32x4.extract_lane(product, 1) *
      <f64>f32x4.extract_lane(product, 2) *
      <f64>f32x4.extract_lane(product, 3)
  }
  let inverse: f64 = 1
  for (let a = 0; a < k; a++) inverse *= at(l, kp, a, a)
  if (inverse > 1e-270 && inverse < 1e270) return log(rest / inverse) + <f64>exponent * LN2
  let ll = log(rest) + <f64>exponent * LN2
  for (let a = 0; a < k; a++) ll -= log(at(l, kp, a, a))
  return ll
}

/** Z = L^-1 X, two rows at a time, and q, the sum of their squares. */
@inline
function whiten<T extends number>(l: usize, kp: i32, k: i32, x: usize, row: usize, z: usize, q: usize): void {
  for (let a = 0; a < k; a += 2) {
    const l0 = l + (<usize>(a * kp) << 3)
    const l1 = l0 + (<usize>kp << 3)
    const z0 = z + <usize>a * row
    const z1 = z0 + row
    let from = x + <usize>a * row
    for (let b = 0; b < a; b += 2) {
      const c00 = splat<T>(l0 + (<usize>b << 3))
      const c01 = splat<T>(l0 + (<usize>b << 3) + 8)
      const c10 = splat<T>(l1 + (<usize>b << 3))
      const c11 = splat<T>(l1 + (<usize>b << 3) + 8)
      const zb = z + <usize>b * row
      for (let i: usize = 0; i < row; i += 16) {
        const u0 = v128.load(zb + i)
        const u1 = v128.load(zb + row + i)
        const s0 = v128.add<T>(v128.mul<T>(c00, u0), v128.mul<T>(c01, u1))
        const s1 = v128.add<T>(v128.mul<T>(c10, u0), v128.mul<T>(c11, u1))
        v128.store(z0 + i, v128.sub<T>(v128.load(from + i), s0))
        v128.store(z1 + i, v128.sub<T>(v128.load(from + row + i), s1))
      }
      from = z0
    }
    const d0 = splat<T>(l0 + (<usize>a << 3))
    const along = splat<T>(l1 + (<usize>a << 3))
    const d1 = a + 1 < k ? splat<T>(l1 + (<usize>a << 3) + 8) : v128.splat<T>(<T>0)
    for (let i: usize = 0; i < row; i += 16) {
      const u0 = v128.mul<T>(d0, v128.load(from + i))
      const u1 = v128.mul<T>(d1, v128.sub<T>(v128.load(from + row + i), v128.mul<T>(along, u0)))
      const squares = v128.add<T>(v128.mul<T>(u0, u0), v128.mul<T>(u1, u1))
      v128.store(z0 + i, u0)
      v128.store(z1 + i, u1)
      v128.store(q + i, a === 0 ? squares : v128.add<T>(v128.load(q + i), squares))
    }
  }
}

/** U, with Z and q left behind, at the point where `value` was called. */
export function score<T extends number>(ws: usize, np: i32, k: i32): void {
  const kp = even(k)
  const row = <usize>np * sizeof<T>()
  const x = blockOf<T>(ws, np, kp)
  const v = x + <usize>(kp + 3) * row
  const r = v + row
  const c = r + row
  const q = c + row
  const t = q + row
  const u = small(ws, np, kp) + (<usize>kp << 4)
  whiten<T>(informationOf(ws, np, kp) + (<usize>(kp * kp) << 3), kp, k, x, row, t + row, q)
  for (let i: usize = 0; i < row; i += 16)
    v128.store(
      t + i,
      v128.add<T>(v128.load(r + i), v128.mul<T>(v128.mul<T>(v128.load(v + i), v128.load(q + i)), v128.load(c + i))),
    )
  for (let a = 0; a < k; a += 2) {
    const x0 = x + <usize>a * row
    let s0 = v128.splat<T>(<T>0)
    let s1 = s0
    for (let i: usize = 0; i < row; i += 16) {
      const ti = v128.load(t + i)
      s0 = v128.add<T>(s0, v128.mul<T>(v128.load(x0 + i), ti))
      s1 = v128.add<T>(s1, v128.mul<T>(v128.load(x0 + row + i), ti))
    }
    store<f64>(u + (<usize>a << 3), total<T>(s0))
    store<f64>(u + (<usize>(a + 1) << 3), total<T>(s1))
  }
}

/** Single-precision copies of vectors of people, which begin `first` vectors from the start of either block. */
export function copySingles(ws: usize, np: i32, kp: i32, first: i32, rows: i32): void {
  const from = ws + (<usize>(first * np) << 3)
  const to = ws + singles(np, kp) + (<usize>(first * np) << 2)
  for (let i: usize = 0, bytes = <usize>(rows * np) << 2; i < bytes; i += 16) {
    const low = f32x4.demote_f64x2_zero(v128.load(from + 2 * i))
    const high = f32x4.demote_f64x2_zero(v128.load(from + 2 * i, 16))
    v128.store(to + i, i64x2.shuffle(low, high, 0, 2))
  }
}

@inline
function putSingle(matrix: usize, a: i32, b: i32, x: f64): void {
  store<f32>(matrix + (<usize>(((a * (a + 1)) >> 1) + b) << 2), <f32>x)
}

/** J at the point where `score` was called. */
export function correct<T extends number>(ws: usize, np: i32, k: i32): void {
  const kp = even(k)
  if (sizeof<T>() == 8) copySingles(ws, np, kp, kp + 3, kp + 5)
  const row = <usize>np << 2
  const v = ws + singles(np, kp) + <usize>(kp + 3) * row
  const c = v + 2 * row
  const q = c + row
  const z = q + 2 * row
  const fourth = z + <usize>kp * row
  const third = fourth + row
  const w = third + row
  const square = <usize>(kp * kp) << 3
  const l = informationOf(ws, np, kp) + square
  const j = l + square
  const f = j + square
  const t = f + 2 * square
  for (let i: usize = 0; i < row; i += 16) {
    const vi = v128.load(v + i)
    const ci = v128.load(c + i)
    const rest = f32x4.sub(f32x4.splat(1), f32x4.mul(f32x4.splat(6), vi))
    v128.store(fourth + i, f32x4.mul(f32x4.mul(vi, v128.load(q + i)), rest))
    v128.store(third + i, f32x4.mul(f32x4.add(ci, ci), vi))
  }
  cross<f32>(fourth, z, np, k, 0, j)
  const weights = packedOf(ws, np, kp)
  const line = <usize>packed(k) << 2
  const tensor = weights + line
  memory.fill(weights, 0, <usize>(k + 1) * line)
  for (let a = 0; a < k; a++) {
    const za = z + <usize>a * row
    for (let i: usize = 0; i < row; i += 16) v128.store(w + i, f32x4.mul(v128.load(third + i), v128.load(za + i)))
    cross<f32>(w, z, np, k, a & ~1, t)
    for (let b = a; b < k; b++) {
      putSingle(weights, b, a, b === a ? 1 : 2)
      for (let d = a; d <= b; d++) {
        const entry = at(t, kp, b, d)
        putSingle(tensor + <usize>a * line, b, d, entry)
        putSingle(tensor + <usize>d * line, b, a, entry)
        putSingle(tensor + <usize>b * line, d, a, entry)
      }
    }
  }
  cross<f32>(weights, tensor, <i32>(line >> 2), k, 0, f)
  for (let i: usize = 0; i < square; i += 16) v128.store(f + i, f64x2.sub(v128.load(f + i), v128.load(j + i)))
  // J = L (F - K) L' / 2: rows first, then columns from the last one on.
  for (let i = 0; i < k; i++)
    for (let d = 0; d < k; d++) {
      let s: f64 = 0
      for (let p = 0; p < d; p++) s += at(f, kp, i, p) * at(l, kp, d, p)
      set(t, kp, i, d, s + at(f, kp, i, d) / at(l, kp, d, d))
    }
  for (let i = 0; i < k; i++)
    for (let d = 0; d <= i; d++) {
      let s: f64 = 0
      for (let p = 0; p < i; p++) s += at(l, kp, i, p) * at(t, kp, p, d)
      put(j, kp, i, d, 0.5 * (s + at(t, kp, i, d) / at(l, kp, i, i)))
    }
}
