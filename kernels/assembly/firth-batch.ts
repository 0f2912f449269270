// Penalised likelihood-ratio tests of four variants at once: Newton's steps in single precision, four variants a vector,
// until they are small; then one or two in double precision, two variants a vector, with the last curvature. A lane's
// result depends on its own variant alone. A lane that does not settle is left to `firthTest`.

import { log } from './elementary'
import {
  aligned,
  B,
  bend,
  C,
  correct,
  evaluate,
  F,
  factorHessian,
  frameBytes,
  frameFill,
  G,
  independent,
  J,
  move,
  O,
  pairs,
  part,
  pivotsAbove,
  R,
  S,
  solve,
  V,
  varianceAfter,
  W,
} from './firth-lanes'
import { FLAT, LN2 } from './firth-model'

/** Most steps in single precision, and evaluations in double. */
const MOST: i32 = 14
const MOST_EXACT: i32 = 5
/** Expected gains of a step below which single precision ends; the next one's is about its square. */
const ENOUGH_RESTRICTED: f32 = 5e-6
const ENOUGH: f32 = 1e-6
/** Gains of steps since a correction from which on it is made anew. */
const FAR_RESTRICTED: f32 = 0.3
const FAR: f32 = 1e-5
/** Expected remaining gain below which a fit is done. */
const DONE: f64 = 6e-17
const DONE_RESTRICTED: f64 = 2e-12

@inline
function double(ws: usize, n: i32, m: i32): usize {
  return ws + aligned(frameBytes<f32>(n, m))
}

@inline
function startOf(ws: usize, n: i32, m: i32): usize {
  return double(ws, n, m) + aligned(frameBytes<f64>(n, m))
}

@inline
function correctionOf(ws: usize, n: i32, m: i32): usize {
  return startOf(ws, n, m) + ((<usize>m << 3) + 15 & ~15)
}

/** v, r, c of the start, [n] singles each; then the floor of pivots there above which columns are surely independent. */
@inline
function sharedOf(ws: usize, n: i32, m: i32): usize {
  return correctionOf(ws, n, m) + (<usize>pairs(m + 1) << 4)
}

@inline
function floorOf(ws: usize, n: i32, m: i32): usize {
  return sharedOf(ws, n, m) + <usize>n * 12
}

/** Bytes for n people and m covariates, the intercept among them. The workspace begins at a multiple of 16. */
export function firthBatchBytes(n: i32, m: i32): i32 {
  return <i32>floorOf(0, n, m) + 4
}

/** Fills the workspace: columns f64[m][stride] with the intercept, sign and offset f64[n], start f64[m]. */
export function firthBatchFill(
  ws: usize,
  n: i32,
  m: i32,
  columns: usize,
  stride: i32,
  sign: usize,
  offset: usize,
  start: usize,
): void {
  frameFill<f32>(ws, n, m, columns, stride, sign, offset)
  frameFill<f64>(double(ws, n, m), n, m, columns, stride, sign, offset)
  memory.copy(startOf(ws, n, m), start, <usize>m << 3)
  // The correction of the model without a variant: a tested column of zeros has the pivot 1 and nothing else.
  const g = part(ws, G)
  const w = part(ws, W)
  const b = part(ws, B)
  for (let i = 0; i < n; i++) {
    v128.store(g + (<usize>i << 4), f32x4.splat(0))
    v128.store(w + (<usize>i << 4), f32x4.splat(1))
  }
  for (let a = 0; a < m; a++) v128.store(b + (<usize>a << 4), f32x4.splat(<f32>load<f64>(start + (<usize>a << 3))))
  v128.store(b + (<usize>m << 4), f32x4.splat(0))
  evaluate<f32>(ws, n, m, 0)
  correct<f32>(ws, n, m, f32x4.splat(0))
  memory.copy(correctionOf(ws, n, m), part(ws, J), <usize>pairs(m + 1) << 4)
  const row = <usize>n << 2
  for (let i: usize = 0, shared = sharedOf(ws, n, m); i < <usize>n; i++, shared += 4) {
    store<f32>(shared, load<f32>(part(ws, V) + (i << 4)))
    store<f32>(shared + row, load<f32>(part(ws, R) + (i << 4)))
    store<f32>(shared + 2 * row, load<f32>(part(ws, C) + (i << 4)))
  }
  // What a column has left beside the others is, by other weights, at most the weights' range smaller or larger a share.
  let least: f32 = Infinity
  let most: f32 = 0
  for (let i: usize = 0; i < <usize>n; i++) {
    const weight = load<f32>(part(ws, V) + (i << 4))
    least = min(least, weight)
    most = max(most, weight)
  }
  store<f32>(floorOf(ws, n, m), max(<f32>1e-2, (<f32>1e-9 * most) / least))
}

/** A byte of four records, one a lane. */
@inline
function bytesOf(a: usize, b: usize, c: usize, d: usize, byte: usize): v128 {
  return i32x4.replace_lane(
    i32x4.replace_lane(
      i32x4.replace_lane(i32x4.splat(load<u8>(a + byte)), 1, load<u8>(b + byte)),
      2,
      load<u8>(c + byte),
    ),
    3,
    load<u8>(d + byte),
  )
}

/** Puts four variants into the lanes, by their records (low, high); `people` is the bit of each person. */
export function firthBatchGenotypes(
  ws: usize,
  n: i32,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  words: i32,
  people: usize,
): void {
  const plane = <usize>words << 3
  const one = f32x4.splat(1)
  const two = f32x4.splat(2)
  let g = part(ws, G)
  let w = part(ws, W)
  let held: usize = -1
  let low = i32x4.splat(0)
  let high = low
  for (let i = 0; i < n; i++, g += 16, w += 16) {
    const bit = load<i32>(people + (<usize>i << 2))
    const byte = <usize>(bit >> 3)
    if (byte !== held) {
      low = bytesOf(a, b, c, d, byte)
      high = bytesOf(a, b, c, d, byte + plane)
      held = byte
    }
    const shift = 31 - (bit & 7)
    const l = i32x4.shr_s(i32x4.shl(low, shift), 31)
    const h = i32x4.shr_s(i32x4.shl(high, shift), 31)
    v128.store(g, v128.or(v128.and(one, v128.andnot(l, h)), v128.and(two, v128.andnot(h, l))))
    v128.store(w, v128.andnot(one, v128.and(l, h)))
  }
}

/** Vectors of one precision from lanes of the other. */
@inline
function promote(from: usize, half: i32, count: i32, to: usize): void {
  from += <usize>half << 3
  for (let a = 0; a < count; a++, from += 16, to += 16) v128.store(to, f64x2.promote_low_f32x4(v128.load64_zero(from)))
}

@inline
function demote(from: usize, half: i32, count: i32, to: usize): void {
  to += <usize>half << 3
  for (let a = 0; a < count; a++, from += 16, to += 16)
    v128.store64_lane(to, f32x4.demote_f64x2_zero(v128.load(from)), 0)
}

/**
 * Newton's steps in single precision in the leading `free` coefficients. The correction J is made anew in lanes that came
 * further than `far` since, and O (7) tells how far, both in gains of steps. `last`: also where a lane ends. `ready`: the
 * start is evaluated already.
 */
function settle(ws: usize, n: i32, m: i32, free: i32, enough: f32, far: f32, last: bool, ready: bool): void {
  const o = part(ws, O)
  const zero = f32x4.splat(0)
  let active = i32x4.splat(-1)
  for (let step = 0; step < MOST; step++) {
    if (step > 0 || !ready) evaluate<f32>(ws, n, m, 0)
    const stale = v128.and(active, f32x4.gt(v128.load(o + 112), f32x4.splat(far)))
    if (v128.any_true(stale)) {
      correct<f32>(ws, n, m, v128.not(stale))
      v128.store(o + 112, v128.bitselect(zero, v128.load(o + 112), stale))
    }
    factorHessian<f32>(ws, free)
    solve<f32>(ws, m, free)
    move<f32>(ws, m, active)
    const gain = v128.load(o + 48)
    const done = v128.and(active, f32x4.lt(gain, f32x4.splat(enough)))
    const renew = v128.andnot(done, stale)
    if (last && v128.any_true(renew)) {
      correct<f32>(ws, n, m, v128.not(renew))
      v128.store(o + 112, v128.bitselect(zero, v128.load(o + 112), renew))
    }
    v128.store(o + 64, v128.bitselect(gain, v128.load(o + 64), active))
    v128.store(o + 112, v128.bitselect(f32x4.add(gain, v128.load(o + 112)), v128.load(o + 112), active))
    // What is lost (its gain no number, or beyond all bounds) stays where it is, for the ladder.
    active = v128.andnot(v128.and(active, f32x4.lt(gain, f32x4.splat(1e6))), done)
    if (!v128.any_true(active)) return
  }
}

/**
 * Tests of the four lanes. out, f64[lane][4]: what became of it (0: collinear, 1: left to the ladder, 2: fitted), twice the
 * gain in penalised log-likelihood over the restricted fit, coefficient, standard error.
 */
export function firthBatchTest(ws: usize, n: i32, m: i32, out: usize): void {
  const k = m + 1
  const d = double(ws, n, m)
  const start = startOf(ws, n, m)
  const b = part(ws, B)
  const j = part(ws, J)
  const o = part(ws, O)
  const b64 = part(d, B)
  const j64 = part(d, J)
  const s64 = part(d, S)
  const o64 = part(d, O)
  const every = i32x4.splat(-1)
  for (let a = 0; a < m; a++) v128.store(b + (<usize>a << 4), f32x4.splat(<f32>load<f64>(start + (<usize>a << 3))))
  v128.store(b + (<usize>m << 4), f32x4.splat(0))
  memory.copy(j, correctionOf(ws, n, m), <usize>pairs(k) << 4)
  v128.store(o + 112, f32x4.splat(0))
  evaluate<f32>(ws, n, m, sharedOf(ws, n, m))
  // Single precision is enough to see columns that are far from dependent.
  const surely = i32x4.all_true(pivotsAbove<f32>(ws, k, load<f32>(floorOf(ws, n, m))))
  settle(ws, n, m, m, ENOUGH_RESTRICTED, FAR_RESTRICTED, true, true)
  for (let half = 0; half < 2; half++) {
    store<usize>(d + G, part(ws, G) + (<usize>half << 3))
    store<usize>(d + W, part(ws, W) + (<usize>half << 3))
    const lane = out + (<usize>half << 6)
    const regular = surely ? every : independent<f64>(d, n, m, 1e-10)
    promote(b, half, k, b64)
    promote(j, half, pairs(k), j64)
    let settled = f64x2.splat(0)
    let before = f64x2.promote_low_f32x4(v128.load64_zero(o + 112 + (<usize>half << 3)))
    for (let step = 0; step < MOST_EXACT; step++) {
      evaluate<f64>(d, n, m, 0)
      factorHessian<f64>(d, m)
      solve<f64>(d, m, m)
      const gain = v128.load(o64 + 48)
      for (let a = 0; a < 2; a++)
        if (!f64x2_true(settled, a))
          store<f64>(lane + (<usize>a << 5) + 8, likelihood(o64, a) + 0.5 * f64x2_lane(gain, a))
      // What is left of the likelihood after a step whose gain is added.
      const left = f64x2.mul(gain, f64x2.sqrt(rateOf(o64, before, step)))
      settled = v128.or(settled, v128.and(f64x2.lt(left, f64x2.splat(DONE_RESTRICTED)), sound(o64)))
      if (i64x2.all_true(settled)) break
      move<f64>(d, m, v128.not(settled))
      before = gain
    }
    // From there on every coefficient is free.
    factorHessian<f64>(d, k)
    solve<f64>(d, m, k)
    const y = f64x2.div(v128.load(s64 + (<usize>m << 4)), v128.load(part(d, F) + (<usize>(pairs(m) + m) << 4)))
    for (let a = 0; a < 2; a++) store<f64>(lane + (<usize>a << 5) + 16, f64x2_lane(f64x2.mul(y, y), a))
    bend<f64>(d, n, m)
    move<f64>(d, m, every)
    demote(b64, half, k, b)
    demote(o64 + 48, half, 1, o + 112)
    for (let a = 0; a < 2; a++)
      store<f64>(lane + (<usize>a << 5), !f64x2_true(regular, a) ? 0 : f64x2_true(settled, a) ? 2 : 1)
  }
  settle(ws, n, m, k, ENOUGH, FAR, false, false)
  for (let half = 0; half < 2; half++) {
    store<usize>(d + G, part(ws, G) + (<usize>half << 3))
    store<usize>(d + W, part(ws, W) + (<usize>half << 3))
    promote(b, half, k, b64)
    promote(j, half, pairs(k), j64)
    let before = f64x2.promote_low_f32x4(v128.load64_zero(o + 112 + (<usize>half << 3)))
    let settled = f64x2.splat(0)
    for (let step = 0; step < MOST_EXACT; step++) {
      evaluate<f64>(d, n, m, 0)
      factorHessian<f64>(d, k)
      solve<f64>(d, m, k)
      const gain = v128.load(o64 + 48)
      const done = v128.and(f64x2.lt(f64x2.mul(gain, rateOf(o64, before, step)), f64x2.splat(DONE)), sound(o64))
      const now = v128.andnot(done, settled)
      if (v128.any_true(now)) {
        const variance = varianceAfter<f64>(d, n, m)
        for (let a = 0; a < 2; a++)
          if (f64x2_true(now, a)) {
            const at = out + (<usize>(2 * half + a) << 5)
            const ll = likelihood(o64, a) + 0.5 * f64x2_lane(gain, a)
            const chiSquare = max(0, 2 * (ll - load<f64>(at + 8)))
            store<f64>(at + 8, chiSquare < FLAT ? min(load<f64>(at + 16), FLAT) : chiSquare)
            store<f64>(at + 16, load<f64>(b64 + (<usize>m << 4) + (<usize>a << 3)) + load<f64>(s64 + (<usize>m << 4) + (<usize>a << 3)))
            store<f64>(at + 24, sqrt<f64>(f64x2_lane(variance, a)))
          }
      }
      settled = v128.or(settled, done)
      if (i64x2.all_true(settled)) break
      move<f64>(d, m, every)
      before = gain
    }
    for (let a = 0; a < 2; a++) {
      const at = out + (<usize>(2 * half + a) << 5)
      if (load<f64>(at) == 2 && !f64x2_true(settled, a)) store<f64>(at, 1)
    }
  }
}

/**
 * What share of a gain the next one is expected to be. The curvature is that of the last point in single precision: its
 * error is about the way since then, and counts the more the flatter the penalised likelihood is beside the ordinary
 * information (`ratio` of the step's squares). Later the last two steps tell.
 */
@inline
function rateOf(o: usize, before: v128, step: i32): v128 {
  const gain = v128.load(o + 48)
  const tiny = f64x2.splat(1e-300)
  if (step > 0) return f64x2.div(gain, f64x2.add(f64x2.pmax(before, gain), tiny))
  const length = v128.load(o + 80)
  const ratio = f64x2.pmax(f64x2.splat(1), f64x2.div(f64x2.mul(length, length), f64x2.add(gain, tiny)))
  const way = f64x2.add(f64x2.mul(f64x2.mul(ratio, before), f64x2.splat(1)), f64x2.splat(1e-6))
  return f64x2.mul(f64x2.mul(ratio, ratio), way)
}

/** Mask of the lanes whose information and H are positive: elsewhere a short step tells nothing. */
@inline
function sound(o: usize): v128 {
  return v128.and(v128.load(o + 16), v128.load(o + 32))
}

@inline
function f64x2_lane(x: v128, lane: i32): f64 {
  return lane == 0 ? f64x2.extract_lane(x, 0) : f64x2.extract_lane(x, 1)
}

@inline
function f64x2_true(x: v128, lane: i32): bool {
  return (lane == 0 ? i64x2.extract_lane(x, 0) : i64x2.extract_lane(x, 1)) != 0
}

/** Penalised log-likelihood of a lane where `evaluate` was called. */
function likelihood(o: usize, lane: i32): f64 {
  return log(load<f64>(o + (<usize>lane << 3))) + <f64>load<i64>(o + 96 + (<usize>lane << 3)) * LN2
}
