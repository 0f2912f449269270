// Firth's penalised logistic regression, l*(b) = l(b) + log|I(b)|/2, by Newton steps on the penalised score
//
//   U    = sum x (r + h c)                               r = w (y - p), v = w p (1 - p), h = v q, q = x' A x, A = I^-1
//   -H   = I - K/2 + F/2                                 c = 1/2 - p
//   K    = sum v'' q x x'                                v'' = v (1 - 6 p (1 - p))
//   F_jk = trace(A T_j A T_k), T_j = sum v' x_j x x'     v' = 2 v c
//
// People are the inner index, two a vector. K and T, which steer the steps but not where they end, are summed in single
// precision, four a vector, and kept while steps shrink fast. The tested column is the last one; the restricted fit holds
// its coefficient and keeps the information of the whole model.
//
// Workspace, f64, np = people rounded up to a multiple of 4, kp = parameters rounded up to even:
//   X[kp][np] sign[np] weight[np] offset[np]             written by the caller; sign +1 case, -1 control; padding 0
//   v r c q t, [np] each; f32: x[kp][np], v''q, v', v'x_j, [np] each
//   beta trial U step, [kp] each; I L A H C, [kp*kp] each; T[kp*kp*kp]; constants[16]

import { log } from './elementary'
import { expPair, putExpPair } from './exp-vectors'

const LN2: f64 = 0.6931471805599453
/** The curvature is kept while the expected gain of a step falls below this share of the last one's. */
const RENEW: f64 = 1e-4

@inline
function even(n: i32): i32 {
  return (n + 1) & ~1
}

@inline
function padded(n: i32): i32 {
  return (n + 3) & ~3
}

/** Doubles before the coefficients. */
@inline
function head(np: i32, kp: i32): i32 {
  return kp * np + 3 * np + 5 * np + ((kp + 3) * np) / 2
}

@inline
function small(ws: usize, np: i32, kp: i32): usize {
  return ws + (<usize>head(np, kp) << 3)
}

@inline
function constantsOf(ws: usize, np: i32, kp: i32): usize {
  return small(ws, np, kp) + (<usize>(4 * kp + 5 * kp * kp + kp * kp * kp) << 3)
}

/** Bytes of the workspace for n people and k parameters. */
export function firthWorkspaceBytes(n: i32, k: i32): i32 {
  const kp = even(k)
  return (head(padded(n), kp) + 4 * kp + 5 * kp * kp + kp * kp * kp + 16) << 3
}

/** Byte offset of the coefficients in the workspace. */
export function firthCoefficientsOffset(n: i32, k: i32): i32 {
  return <i32>small(0, padded(n), even(k))
}

/** out[a][b] = sum over people of w Z_a Z_b, both triangles; 0 for a column beyond k. */
function cross(w: usize, z: usize, np: i32, k: i32, out: usize): void {
  const kp = even(k)
  const row = <usize>np << 3
  for (let a = 0; a < kp; a += 2) {
    for (let b = 0; b <= a; b += 2) {
      let p = z + <usize>a * row
      let q = z + <usize>b * row
      let u = w
      let s00 = f64x2.splat(0)
      let s01 = s00
      let s10 = s00
      let s11 = s00
      const end = w + row
      if (a === b) {
        if (a + 1 === k) {
          for (; u < end; u += 16, p += 16) {
            const z0 = v128.load(p)
            s00 = f64x2.add(s00, f64x2.mul(f64x2.mul(v128.load(u), z0), z0))
          }
        } else {
          for (; u < end; u += 16, p += 16) {
            const wi = v128.load(u)
            const z0 = v128.load(p)
            const z1 = v128.load(p + row)
            const y1 = f64x2.mul(wi, z1)
            s00 = f64x2.add(s00, f64x2.mul(f64x2.mul(wi, z0), z0))
            s10 = f64x2.add(s10, f64x2.mul(y1, z0))
            s11 = f64x2.add(s11, f64x2.mul(y1, z1))
          }
        }
      } else if (a + 1 === k) {
        for (; u < end; u += 16, p += 16, q += 16) {
          const y0 = f64x2.mul(v128.load(u), v128.load(p))
          s00 = f64x2.add(s00, f64x2.mul(y0, v128.load(q)))
          s01 = f64x2.add(s01, f64x2.mul(y0, v128.load(q + row)))
        }
      } else {
        for (; u < end; u += 16, p += 16, q += 16) {
          const wi = v128.load(u)
          const y0 = f64x2.mul(wi, v128.load(p))
          const y1 = f64x2.mul(wi, v128.load(p + row))
          const z0 = v128.load(q)
          const z1 = v128.load(q + row)
          s00 = f64x2.add(s00, f64x2.mul(y0, z0))
          s01 = f64x2.add(s01, f64x2.mul(y0, z1))
          s10 = f64x2.add(s10, f64x2.mul(y1, z0))
          s11 = f64x2.add(s11, f64x2.mul(y1, z1))
        }
      }
      put(out, kp, a, b, s00)
      if (b < a) put(out, kp, a, b + 1, s01)
      put(out, kp, a + 1, b, s10)
      put(out, kp, a + 1, b + 1, s11)
    }
  }
}

/** out = base + sum of coefficient_a X_a over `count` columns; base 0 when its pointer is 0. */
function combine(x: usize, row: usize, coefficients: usize, count: i32, base: usize, out: usize): void {
  let from = 0
  let source = base
  if (source == 0) {
    const c0 = v128.load64_splat(coefficients)
    for (let i: usize = 0; i < row; i += 16) v128.store(out + i, f64x2.mul(c0, v128.load(x + i)))
    if (count == 1) return
    from = 1
    source = out
  }
  for (; count - from >= 3; from += 3) {
    const c = coefficients + (<usize>from << 3)
    const c0 = v128.load64_splat(c)
    const c1 = v128.load64_splat(c + 8)
    const c2 = v128.load64_splat(c + 16)
    const x0 = x + <usize>from * row
    const x1 = x0 + row
    const x2 = x1 + row
    for (let i: usize = 0; i < row; i += 16)
      v128.store(
        out + i,
        f64x2.add(
          f64x2.add(v128.load(source + i), f64x2.mul(c0, v128.load(x0 + i))),
          f64x2.add(f64x2.mul(c1, v128.load(x1 + i)), f64x2.mul(c2, v128.load(x2 + i))),
        ),
      )
    source = out
  }
  for (; from < count; from++) {
    const c0 = v128.load64_splat(coefficients + (<usize>from << 3))
    const x0 = x + <usize>from * row
    for (let i: usize = 0; i < row; i += 16)
      v128.store(out + i, f64x2.add(v128.load(source + i), f64x2.mul(c0, v128.load(x0 + i))))
    source = out
  }
}

@inline
function put(out: usize, kp: i32, a: i32, b: i32, s: v128): void {
  const value = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1)
  store<f64>(out + (<usize>(a * kp + b) << 3), value)
  store<f64>(out + (<usize>(b * kp + a) << 3), value)
}

@inline
function at(matrix: usize, kp: i32, a: i32, b: i32): f64 {
  return load<f64>(matrix + (<usize>(a * kp + b) << 3))
}

@inline
function set(matrix: usize, kp: i32, a: i32, b: i32, value: f64): void {
  store<f64>(matrix + (<usize>(a * kp + b) << 3), value)
}

/** Lower Cholesky factor of the leading k x k block; false when a pivot falls below `floor` times its diagonal. */
function factor(a: usize, l: usize, kp: i32, k: i32, floor: f64): bool {
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      let s = at(a, kp, i, j)
      for (let m = 0; m < j; m++) s -= at(l, kp, i, m) * at(l, kp, j, m)
      if (i == j) {
        if (!(s > floor * at(a, kp, i, i)) || !(s > 0)) return false
        set(l, kp, i, i, sqrt<f64>(s))
      } else set(l, kp, i, j, s / at(l, kp, j, j))
    }
  }
  return true
}

/** Penalised log-likelihood at `beta`, with v, r, c and the factored information left behind; NaN where it is singular. */
function value(ws: usize, np: i32, k: i32, beta: usize): f64 {
  const kp = even(k)
  const row = <usize>np << 3
  const sign = ws + <usize>kp * row
  const weight = sign + row
  const offset = weight + row
  const v = offset + row
  const r = v + row
  const c = r + row
  const information = small(ws, np, kp) + (<usize>kp << 5)
  const l = information + (<usize>(kp * kp) << 3)
  const constants = constantsOf(ws, np, kp)
  const one = f64x2.splat(1.0)
  const half = f64x2.splat(0.5)
  const top = v128.load64_splat(constants, 120)
  const bottom = f64x2.neg(top)
  const mantissa = i64x2.splat(0x000fffffffffffff)
  combine(ws, row, beta, k, offset, r)
  let product = one
  let exponents = i64x2.splat(0)
  // Eight factors above 2^-88 cannot underflow; then only mantissas go on and the exponents are counted apart.
  for (let block: usize = 0; block < row; block += 128) {
    const end = min(block + 128, row)
    for (let i = block; i < end; i += 16) {
      const s = v128.load(sign + i)
      const w = v128.load(weight + i)
      const m = f64x2.neg(f64x2.mul(s, v128.load(r + i)))
      const e = expPair(f64x2.pmax(f64x2.pmin(m, top), bottom), constants, half, one)
      const f = f64x2.div(one, f64x2.add(one, e))
      const u = f64x2.mul(w, f64x2.mul(e, f))
      v128.store(v + i, f64x2.mul(f, u))
      v128.store(r + i, f64x2.mul(s, u))
      v128.store(c + i, f64x2.mul(s, f64x2.sub(half, f)))
      product = f64x2.mul(product, f64x2.add(f64x2.sub(one, w), f64x2.mul(w, f)))
    }
    exponents = i64x2.add(exponents, i64x2.sub(i64x2.shr_u(product, 52), i64x2.splat(1023)))
    product = v128.or(v128.and(product, mantissa), one)
  }
  cross(v, ws, np, k, information)
  if (!factor(information, l, kp, k, 1e-13)) return NaN
  let determinant: f64 = 1
  for (let a = 0; a < k; a++) determinant *= at(l, kp, a, a)
  let logDeterminant = log(determinant)
  if (!(determinant > 1e-280 && determinant < 1e280)) {
    logDeterminant = 0
    for (let a = 0; a < k; a++) logDeterminant += log(at(l, kp, a, a))
  }
  const exponent = <f64>(i64x2.extract_lane(exponents, 0) + i64x2.extract_lane(exponents, 1))
  return log(f64x2.extract_lane(product, 0) * f64x2.extract_lane(product, 1)) + exponent * LN2 + logDeterminant
}

/** U, with A = I^-1 and q left behind, at the point where `value` was called. */
function score(ws: usize, np: i32, k: i32): void {
  const kp = even(k)
  const row = <usize>np << 3
  const v = ws + <usize>(kp + 3) * row
  const r = v + row
  const c = r + row
  const q = c + row
  const t = q + row
  const u = small(ws, np, kp) + (<usize>kp << 4)
  const square = <usize>(kp * kp) << 3
  const l = u + (<usize>kp << 4) + square
  const inverse = l + square
  // A = L^-T L^-1: the columns of L^-1 in the lower triangle first, then products of the columns from the left.
  for (let i = 0; i < k; i++) {
    const d = 1.0 / at(l, kp, i, i)
    for (let j = 0; j < i; j++) {
      let s: f64 = 0
      for (let p = j; p < i; p++) s -= at(l, kp, i, p) * at(inverse, kp, p, j)
      set(inverse, kp, i, j, s * d)
    }
    set(inverse, kp, i, i, d)
  }
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      let s: f64 = 0
      for (let p = i; p < k; p++) s += at(inverse, kp, p, i) * at(inverse, kp, p, j)
      set(inverse, kp, j, i, s)
      if (i == j) set(inverse, kp, i, i, s)
    }
  }
  for (let i = 0; i < k; i++) for (let j = 0; j < i; j++) set(inverse, kp, i, j, at(inverse, kp, j, i))
  if (kp > k) for (let i = 0; i < kp; i++) { set(inverse, kp, i, k, 0); set(inverse, kp, k, i, 0) }
  memory.fill(q, 0, row)
  for (let a = 0; a < kp; a += 2) {
    for (let b = 0; b <= a; b += 2) {
      const twice: f64 = b < a ? 2 : 1
      const a00 = f64x2.splat(twice * at(inverse, kp, a, b))
      const a01 = f64x2.splat(twice * at(inverse, kp, a, b + 1))
      const a10 = f64x2.splat(twice * at(inverse, kp, a + 1, b))
      const a11 = f64x2.splat(twice * at(inverse, kp, a + 1, b + 1))
      const xa = ws + <usize>a * row
      const xb = ws + <usize>b * row
      if (a + 1 === k) {
        for (let i: usize = 0; i < row; i += 16) {
          const s = f64x2.add(f64x2.mul(a00, v128.load(xb + i)), f64x2.mul(a01, v128.load(xb + row + i)))
          v128.store(q + i, f64x2.add(v128.load(q + i), f64x2.mul(v128.load(xa + i), s)))
        }
        continue
      }
      for (let i: usize = 0; i < row; i += 16) {
        const b0 = v128.load(xb + i)
        const b1 = v128.load(xb + row + i)
        const s = f64x2.mul(v128.load(xa + i), f64x2.add(f64x2.mul(a00, b0), f64x2.mul(a01, b1)))
        const o = f64x2.mul(v128.load(xa + row + i), f64x2.add(f64x2.mul(a10, b0), f64x2.mul(a11, b1)))
        v128.store(q + i, f64x2.add(v128.load(q + i), f64x2.add(s, o)))
      }
    }
  }
  for (let i: usize = 0; i < row; i += 16)
    v128.store(
      t + i,
      f64x2.add(v128.load(r + i), f64x2.mul(f64x2.mul(v128.load(v + i), v128.load(q + i)), v128.load(c + i))),
    )
  for (let a = 0; a < k; a += 2) {
    const x0 = ws + <usize>a * row
    let s0 = f64x2.splat(0)
    let s1 = s0
    for (let i: usize = 0; i < row; i += 16) {
      const ti = v128.load(t + i)
      s0 = f64x2.add(s0, f64x2.mul(v128.load(x0 + i), ti))
      s1 = f64x2.add(s1, f64x2.mul(v128.load(x0 + row + i), ti))
    }
    store<f64>(u + (<usize>a << 3), f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1))
    store<f64>(u + (<usize>(a + 1) << 3), f64x2.extract_lane(s1, 0) + f64x2.extract_lane(s1, 1))
  }
}

@inline
function single(from: usize): v128 {
  return i64x2.shuffle(f32x4.demote_f64x2_zero(v128.load(from)), f32x4.demote_f64x2_zero(v128.load(from + 16)), 0, 2)
}

/** Single-precision copies of the columns. */
function columns32(ws: usize, np: i32, kp: i32): void {
  const row = <usize>np << 3
  const x = ws + <usize>(kp + 8) * row
  for (let i: usize = 0, bytes = <usize>(kp * np) << 2; i < bytes; i += 16) v128.store(x + i, single(ws + 2 * i))
}

/** As `cross`, in single precision over a, b >= from. */
function cross32(w: usize, z: usize, np: i32, k: i32, from: i32, out: usize): void {
  const kp = even(k)
  const row = <usize>np << 2
  for (let a = from; a < kp; a += 2) {
    for (let b = from; b <= a; b += 2) {
      let p = z + <usize>a * row
      let q = z + <usize>b * row
      let u = w
      let s00 = f32x4.splat(0)
      let s01 = s00
      let s10 = s00
      let s11 = s00
      const end = w + row
      if (a === b) {
        if (a + 1 === k) {
          for (; u < end; u += 16, p += 16) {
            const z0 = v128.load(p)
            s00 = f32x4.add(s00, f32x4.mul(f32x4.mul(v128.load(u), z0), z0))
          }
        } else {
          for (; u < end; u += 16, p += 16) {
            const wi = v128.load(u)
            const z0 = v128.load(p)
            const z1 = v128.load(p + row)
            const y1 = f32x4.mul(wi, z1)
            s00 = f32x4.add(s00, f32x4.mul(f32x4.mul(wi, z0), z0))
            s10 = f32x4.add(s10, f32x4.mul(y1, z0))
            s11 = f32x4.add(s11, f32x4.mul(y1, z1))
          }
        }
      } else if (a + 1 === k) {
        for (; u < end; u += 16, p += 16, q += 16) {
          const y0 = f32x4.mul(v128.load(u), v128.load(p))
          s00 = f32x4.add(s00, f32x4.mul(y0, v128.load(q)))
          s01 = f32x4.add(s01, f32x4.mul(y0, v128.load(q + row)))
        }
      } else {
        for (; u < end; u += 16, p += 16, q += 16) {
          const wi = v128.load(u)
          const y0 = f32x4.mul(wi, v128.load(p))
          const y1 = f32x4.mul(wi, v128.load(p + row))
          const z0 = v128.load(q)
          const z1 = v128.load(q + row)
          s00 = f32x4.add(s00, f32x4.mul(y0, z0))
          s01 = f32x4.add(s01, f32x4.mul(y0, z1))
          s10 = f32x4.add(s10, f32x4.mul(y1, z0))
          s11 = f32x4.add(s11, f32x4.mul(y1, z1))
        }
      }
      put32(out, kp, a, b, s00)
      if (b < a) put32(out, kp, a, b + 1, s01)
      put32(out, kp, a + 1, b, s10)
      put32(out, kp, a + 1, b + 1, s11)
    }
  }
}

@inline
function put32(out: usize, kp: i32, a: i32, b: i32, s: v128): void {
  const value = <f64>(f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3)))
  set(out, kp, a, b, value)
  set(out, kp, b, a, value)
}

/** H, the negative Hessian, at the point where `score` was called; I alone (Fisher scoring) unless `exact`. */
function curvature(ws: usize, np: i32, k: i32, exact: bool): void {
  const kp = even(k)
  const row = <usize>np << 3
  const v = ws + <usize>(kp + 3) * row
  const c = v + 2 * row
  const q = c + row
  const x32 = q + 2 * row
  const kq = x32 + <usize>kp * (row >> 1)
  const v1 = kq + (row >> 1)
  const w = v1 + (row >> 1)
  const square = <usize>(kp * kp) << 3
  const information = small(ws, np, kp) + (<usize>kp << 5)
  const inverse = information + 2 * square
  const h = inverse + square
  const tensor = h + 2 * square
  if (!exact) {
    memory.copy(h, information, square)
    return
  }
  for (let i: usize = 0; i < row; i += 16) {
    const vi = v128.load(v + i)
    const ci = v128.load(c + i)
    const k2 = f64x2.mul(f64x2.mul(vi, v128.load(q + i)), f64x2.sub(f64x2.splat(1.0), f64x2.mul(f64x2.splat(6.0), vi)))
    v128.store64_lane(kq + (i >> 1), f32x4.demote_f64x2_zero(k2), 0)
    v128.store64_lane(v1 + (i >> 1), f32x4.demote_f64x2_zero(f64x2.mul(f64x2.add(ci, ci), vi)), 0)
  }
  cross32(kq, x32, np, k, 0, h)
  // T_a, entries b, c >= a; the smaller ones come from T_b by symmetry.
  for (let a = 0; a < k; a++) {
    const xa = x32 + <usize>a * (row >> 1)
    for (let i: usize = 0; i < row >> 1; i += 16) v128.store(w + i, f32x4.mul(v128.load(v1 + i), v128.load(xa + i)))
    const ta = tensor + <usize>a * square
    cross32(w, x32, np, k, a & ~1, ta)
    for (let b = 0; b < a; b++) {
      const tb = tensor + <usize>b * square
      for (let d = 0; d < k; d++) {
        const entry = at(tb, kp, a, d)
        set(ta, kp, b, d, entry)
        set(ta, kp, d, b, entry)
      }
    }
  }
  // Each T_a becomes A T_a; a trace of two of them is a sum over one and the other's transpose.
  const line = <usize>kp << 3
  const product = h + square
  for (let a = 0; a < k; a++) {
    const ta = tensor + <usize>a * square
    if (kp > k) {
      memory.fill(ta + <usize>k * line, 0, line)
      for (let i = 0; i < k; i++) set(ta, kp, i, k, 0)
    }
    for (let d: usize = 0; d < line; d += 16) {
      for (let i = 0; i < kp; i++) {
        let s = f64x2.splat(0)
        let from = inverse + <usize>i * line
        for (let t = ta + d, end = ta + square; t < end; t += line, from += 8)
          s = f64x2.add(s, f64x2.mul(v128.load64_splat(from), v128.load(t)))
        v128.store(product + <usize>i * line + d, s)
      }
    }
    memory.copy(ta, product, square)
  }
  for (let b = 0; b < k; b++) {
    const tb = tensor + <usize>b * square
    for (let i = 0; i < kp; i++) for (let j = 0; j < kp; j++) set(product, kp, j, i, at(tb, kp, i, j))
    for (let a = b; a < k; a++) {
      const ta = tensor + <usize>a * square
      let s2 = f64x2.splat(0)
      for (let i: usize = 0; i < square; i += 16) s2 = f64x2.add(s2, f64x2.mul(v128.load(ta + i), v128.load(product + i)))
      const s = f64x2.extract_lane(s2, 0) + f64x2.extract_lane(s2, 1)
      const e = at(information, kp, a, b) + 0.5 * (s - at(h, kp, a, b))
      set(h, kp, a, b, e)
      set(h, kp, b, a, e)
    }
  }
}

/**
 * Climbs from the coefficients in the workspace. `free` is k, or k - 1 to hold the last coefficient. `ready`: value and
 * score belong to the start already, and a curvature from nearby is in place. `finish`: take the last step and evaluate
 * there; otherwise stay one negligible step short and add the step's gain (out[2] is without it). `exact`: Newton, else
 * Fisher scoring. `cap`: longest step in standard errors. out[0] = penalised log-likelihood, out[1] = standard error of the last coefficient.
 * Returns the number of steps, or -1 when it did not converge.
 */
function climb(
  ws: usize,
  np: i32,
  k: i32,
  free: i32,
  ready: bool,
  finish: bool,
  exact: bool,
  cap: f64,
  limit: i32,
  tolerance: f64,
  out: usize,
): i32 {
  const kp = even(k)
  const square = <usize>(kp * kp) << 3
  const beta = small(ws, np, kp)
  const trial = beta + (<usize>kp << 3)
  const u = trial + (<usize>kp << 3)
  const step = u + (<usize>kp << 3)
  const information = step + (<usize>kp << 3)
  const l = information + square
  const h = l + 2 * square
  const factored = h + square
  let ll: f64
  if (ready) ll = load<f64>(out)
  else {
    putExpPair(constantsOf(ws, np, kp))
    columns32(ws, np, kp)
    ll = value(ws, np, k, beta)
  }
  if (!(ll == ll)) return -1
  // The curvature of the climb that led here holds for the first step.
  const inherited = ready
  let previous: f64 = Infinity
  for (let iteration = 0; iteration < limit; iteration++) {
    if (!ready) score(ws, np, k)
    ready = false
    // Curvature is renewed until a step has become small beside the one before it.
    let gain: f64 = 0
    let fresh = false
    let done = false
    for (let attempt = 0; attempt < 2; attempt++) {
      if (attempt == 0 && iteration == 0 && inherited) {
        if (!factor(h, factored, kp, free, 1e-10)) continue
      } else if (attempt == 1 || iteration == 0) {
        fresh = true
        curvature(ws, np, k, exact)
        if (!factor(h, factored, kp, free, 1e-10)) factor(information, factored, kp, free, 0)
      }
      for (let a = 0; a < free; a++) {
        let s = load<f64>(u + (<usize>a << 3))
        for (let b = 0; b < a; b++) s -= at(factored, kp, a, b) * load<f64>(step + (<usize>b << 3))
        store<f64>(step + (<usize>a << 3), s / at(factored, kp, a, a))
      }
      gain = 0
      for (let a = free - 1; a >= 0; a--) {
        let s = load<f64>(step + (<usize>a << 3))
        for (let b = a + 1; b < free; b++) s -= at(factored, kp, b, a) * load<f64>(step + (<usize>b << 3))
        s /= at(factored, kp, a, a)
        store<f64>(step + (<usize>a << 3), s)
        gain += s * load<f64>(u + (<usize>a << 3))
      }
      // What is left after the step: the square of the gain when the curvature is new, else the rate of the last two.
      const rate = fresh && exact ? min(gain, 1) : iteration == 0 ? 1 : gain / previous
      done = gain * (finish ? rate : sqrt<f64>(rate)) < tolerance
      if (fresh || done || iteration == 0 || gain < RENEW * previous) break
    }
    for (let a = free; a < k; a++) store<f64>(step + (<usize>a << 3), 0)
    previous = gain
    if (done && !finish) {
      store<f64>(out, ll + 0.5 * gain)
      store<f64>(out + 16, ll)
      return iteration
    }
    let length: f64 = 0
    for (let a = 0; a < free; a++) {
      let s: f64 = 0
      for (let b = 0; b < free; b++) s += at(information, kp, a, b) * load<f64>(step + (<usize>b << 3))
      length += s * load<f64>(step + (<usize>a << 3))
    }
    length = sqrt<f64>(length)
    let scale = length > cap ? cap / length : 1.0
    let halvings = 0
    for (;;) {
      for (let a = 0; a < k; a++)
        store<f64>(
          trial + (<usize>a << 3),
          load<f64>(beta + (<usize>a << 3)) + scale * load<f64>(step + (<usize>a << 3)),
        )
      const next = value(ws, np, k, trial)
      if (next >= ll - 1e-9) {
        ll = next
        break
      }
      if (++halvings > 30) return -1
      scale *= 0.5
    }
    if (halvings > 0) previous = 0
    memory.copy(beta, trial, <usize>kp << 3)
    if (done) {
      store<f64>(out, ll)
      store<f64>(out + 8, 1.0 / at(l, kp, k - 1, k - 1))
      return iteration + 1
    }
  }
  return -1
}

/**
 * One fit from the coefficients in the workspace, which are replaced. `hold` = 1 keeps the last coefficient where it is.
 * `exact` = 0 is Fisher scoring. out: penalised log-likelihood, standard error of the last coefficient from the ordinary
 * information. Returns the steps taken or -1.
 */
export function firthFit(ws: usize, n: i32, k: i32, hold: i32, exact: i32, cap: f64, limit: i32, out: usize): i32 {
  return climb(ws, padded(n), k, hold != 0 ? k - 1 : k, false, true, exact != 0, cap, limit, 1e-18, out)
}

/**
 * The penalised likelihood-ratio test of the last column: the restricted fit from `start` (k coefficients, the last 0),
 * then the whole model from there. out: log-likelihood restricted, log-likelihood, coefficient, standard error. Returns
 * the steps of both fits, or -1 when either did not converge.
 */
export function firthTest(ws: usize, n: i32, k: i32, start: usize, limit: i32, out: usize): i32 {
  const np = padded(n)
  const beta = small(ws, np, even(k))
  memory.copy(beta, start, <usize>k << 3)
  store<f64>(beta + (<usize>(k - 1) << 3), 0)
  const restricted = climb(ws, np, k, k - 1, false, false, true, 5.0, limit, 1e-13, out)
  if (restricted < 0) return -1
  const null_ = load<f64>(out)
  // The derivatives stand at the point before the last negligible step, whose own value has no gain added.
  store<f64>(out, load<f64>(out + 16))
  const whole = climb(ws, np, k, k, true, true, true, 5.0, limit, 1e-18, out)
  if (whole < 0) return -1
  const ll = load<f64>(out)
  const se = load<f64>(out + 8)
  store<f64>(out, null_)
  store<f64>(out + 8, ll)
  store<f64>(out + 16, load<f64>(beta + (<usize>(k - 1) << 3)))
  store<f64>(out + 24, se)
  return restricted + whole
}

/**
 * Puts one variant into the workspace: last column = copies of alt, weight = 1 where called. `planes` is the variant's
 * record (low, high), `people` the bit of each person.
 * Returns the number of people called.
 */
export function firthGenotypes(ws: usize, n: i32, k: i32, planes: usize, words: i32, people: usize): i32 {
  const np = padded(n)
  const kp = even(k)
  const row = <usize>np << 3
  const g = ws + <usize>(k - 1) * row
  const weight = ws + <usize>(kp + 1) * row
  const high = planes + (<usize>words << 3)
  let called = 0
  for (let i = 0; i < n; i++) {
    const bit = load<i32>(people + (<usize>i << 2))
    const byte = <usize>(bit >> 3)
    const low1 = (<i32>load<u8>(planes + byte) >> (bit & 7)) & 1
    const high1 = (<i32>load<u8>(high + byte) >> (bit & 7)) & 1
    const missing = low1 & high1
    const copies = missing != 0 ? 0 : low1 + 2 * high1
    store<f64>(g + (<usize>i << 3), <f64>copies)
    store<f64>(weight + (<usize>i << 3), <f64>(1 - missing))
    called += 1 - missing
  }
  return called
}

/**
 * True (1) when the last column is a combination of the others over the people called, or the others are dependent there:
 * share of its sum of squares left by them below 1e-10.
 */
export function firthCollinear(ws: usize, n: i32, k: i32): i32 {
  const np = padded(n)
  const kp = even(k)
  const row = <usize>np << 3
  const weight = ws + <usize>(kp + 1) * row
  const square = <usize>(kp * kp) << 3
  const a = small(ws, np, kp) + (<usize>kp << 5)
  cross(weight, ws, np, k, a)
  return factor(a, a + square, kp, k, 1e-10) ? 0 : 1
}
