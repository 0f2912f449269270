// The climb of Firth's penalised likelihood (`firth-model.ts`): steps begin in single precision and end in double. The tested
// column is the last one; the restricted fit holds its coefficient and keeps the information of the whole model.

import { putExpPair, putExpQuad } from './exp-vectors'
import {
  at,
  combine,
  constantsOf,
  copySingles,
  correct,
  cross,
  even,
  factor,
  FLAT,
  informationOf,
  padded,
  score,
  small,
  splat,
  total,
  value,
} from './firth-model'

/** J is kept while the expected gain of a step falls below this share of the last one's. */
const RENEW: f64 = 1e-4
/** Expected gain of a step below which single precision ends, and gains of steps since J from which on it is made anew. */
const ENOUGH: f64 = 1e-6
const FAR: f64 = 4
const NEARER: f64 = 1e-3
const NEAR: f64 = 1e-5
/** Share of the last step's gain that a step takes whose J still serves. */
const SLOW: f64 = 0.1
/** More people than this are left to double precision alone: sums of so many singles say too little. */
const MOST_SINGLE: i32 = 10000

/** Bytes of the workspace for n people and k parameters. */
export function firthWorkspaceBytes(n: i32, k: i32): i32 {
  return <i32>constantsOf(0, padded(n), even(k)) + 16 * 8 + 16 * 4
}

/** Byte offset of the coefficients in the workspace. */
export function firthCoefficientsOffset(n: i32, k: i32): i32 {
  return <i32>small(0, padded(n), even(k))
}

/**
 * Step = (I + J)^-1 U in the leading `free` coefficients, by I alone unless `exact` or where I + J is not positive, as beside
 * a saddle: out[6] = 0 says so. Returns its expected gain.
 */
function solve(ws: usize, np: i32, k: i32, free: i32, exact: bool, out: usize): f64 {
  const kp = even(k)
  const square = <usize>(kp * kp) << 3
  const u = small(ws, np, kp) + (<usize>kp << 4)
  const step = u + (<usize>kp << 3)
  const information = informationOf(ws, np, kp)
  const j = information + 2 * square
  const h = j + square
  const f = h + square
  if (exact) for (let i: usize = 0; i < square; i += 16) v128.store(h + i, f64x2.add(v128.load(information + i), v128.load(j + i)))
  const positive = exact && factor(h, f, kp, free, 1e-10)
  if (!positive) factor(information, f, kp, free, 0)
  store<f64>(out + 48, positive ? 1 : 0)
  const line = <usize>kp << 3
  const end = <usize>free << 3
  let row = f
  for (let a: usize = 0; a < end; a += 8, row += line) {
    let s = load<f64>(u + a)
    for (let b: usize = 0; b < a; b += 8) s -= load<f64>(row + b) * load<f64>(step + b)
    store<f64>(step + a, s * load<f64>(row + a))
  }
  let gain: f64 = 0
  for (let a = end; a > 0; ) {
    a -= 8
    row -= line
    let s = load<f64>(step + a)
    for (let b = a + 8, below = row + line + a; b < end; b += 8, below += line) s -= load<f64>(below) * load<f64>(step + b)
    s *= load<f64>(row + a)
    store<f64>(step + a, s)
    gain += s * load<f64>(u + a)
  }
  for (let a = free; a < k; a++) store<f64>(step + (<usize>a << 3), 0)
  return gain
}

/** Squared length of the step in standard errors. */
function lengthSquared(ws: usize, np: i32, k: i32, free: i32): f64 {
  const kp = even(k)
  const step = small(ws, np, kp) + (<usize>(3 * kp) << 3)
  const information = informationOf(ws, np, kp)
  let length: f64 = 0
  for (let a = 0; a < free; a++) {
    let s: f64 = 0
    for (let b = 0; b < free; b++) s += at(information, kp, a, b) * load<f64>(step + (<usize>b << 3))
    length += s * load<f64>(step + (<usize>a << 3))
  }
  return length
}

/**
 * beta moves along the step, cut to `cap` standard errors and halved until the penalised log-likelihood is no more than
 * `slack` below `ll`. Returns its new value, evaluated in T, or NaN when 30 halvings were not enough; out[3] = halvings.
 */
function advance<T extends number>(ws: usize, np: i32, k: i32, free: i32, cap: f64, ll: f64, slack: f64, out: usize): f64 {
  const kp = even(k)
  const beta = small(ws, np, kp)
  const trial = beta + (<usize>kp << 3)
  const step = trial + (<usize>kp << 4)
  const length = sqrt<f64>(lengthSquared(ws, np, k, free))
  let scale = length > cap ? cap / length : 1.0
  for (let halvings = 0; halvings <= 30; halvings++) {
    for (let a: usize = 0; a < <usize>k << 3; a += 8)
      store<f64>(trial + a, load<f64>(beta + a) + scale * load<f64>(step + a))
    const next = value<T>(ws, np, k, trial)
    if (next >= ll - slack) {
      memory.copy(beta, trial, <usize>kp << 3)
      store<f64>(out + 24, <f64>halvings)
      return next
    }
    scale *= 0.5
  }
  return NaN
}

/**
 * Newton's steps in single precision until one is short, which is taken. `ready`: value (out[0]) and score belong to the
 * start already, and J was made `since` gains ago. Returns the gains of steps since J, or -1 when it got lost and beta is
 * no better than before; out[4] = steps.
 */
function approach(ws: usize, np: i32, k: i32, free: i32, ready: bool, since: f64, cap: f64, limit: i32, out: usize): f64 {
  const kp = even(k)
  const beta = small(ws, np, kp)
  const step = beta + (<usize>(3 * kp) << 3)
  let ll = load<f64>(out)
  if (!ready) {
    ll = value<f32>(ws, np, k, beta)
    if (!(ll == ll)) return -1
    // The first step is Fisher's, unless it is the last one here.
    const square = <usize>(kp * kp) << 3
    memory.fill(informationOf(ws, np, kp) + 2 * square, 0, square)
    since = 2 * NEAR
  }
  let last: f64 = Infinity
  for (let steps = 1; steps <= limit; steps++) {
    const here = steps === 1 && ready
    if (!here) score<f32>(ws, np, k)
    let gain = solve(ws, np, k, free, true, out)
    if (!here && since > (gain < ENOUGH ? NEAR : gain < SLOW * last ? FAR : NEARER)) {
      correct<f32>(ws, np, k)
      since = 0
      gain = solve(ws, np, k, free, true, out)
    }
    last = gain
    if (gain < ENOUGH) {
      for (let a: usize = 0; a < <usize>k << 3; a += 8) store<f64>(beta + a, load<f64>(beta + a) + load<f64>(step + a))
      store<f64>(out + 32, <f64>steps)
      return since + gain
    }
    ll = advance<f32>(ws, np, k, free, cap, ll, 1e-4, out)
    if (!(ll == ll)) return -1
    since += gain
  }
  return -1
}

/**
 * Variance of the last coefficient after the step, A_gg - sum v' (x's) (x'a)^2: where `score` was called, the column a of
 * A = I^-1 has x'a = d z_g, d the reciprocal of L_gg, and A_gg = d^2.
 */
function varianceAfter(ws: usize, np: i32, k: i32): f64 {
  const kp = even(k)
  const row = <usize>np << 3
  const v = ws + <usize>(kp + 3) * row
  const c = v + 2 * row
  const t = c + 2 * row
  const z = t + row + <usize>(k - 1) * row
  const step = small(ws, np, kp) + (<usize>(3 * kp) << 3)
  const d = at(informationOf(ws, np, kp) + (<usize>(kp * kp) << 3), kp, k - 1, k - 1)
  memory.fill(t, 0, row)
  combine<f64>(ws, row, step, k, t, t)
  let sum = f64x2.splat(0)
  for (let i: usize = 0; i < row; i += 16) {
    const zi = v128.load(z + i)
    const slope = f64x2.mul(v128.load(v + i), v128.load(c + i))
    sum = f64x2.add(sum, f64x2.mul(f64x2.mul(slope, v128.load(t + i)), f64x2.mul(zi, zi)))
  }
  return d * d * (1 - 2 * total<f64>(sum))
}

/** Gain of the last coefficient's first step beyond that of the others: chi-square, where it is next to nothing. */
function gainOfLast(ws: usize, np: i32, k: i32, out: usize): f64 {
  const kp = even(k)
  solve(ws, np, k, k, true, out)
  const last = load<f64>(small(ws, np, kp) + (<usize>(3 * kp + k - 1) << 3))
  const y = last / at(informationOf(ws, np, kp) + (<usize>(4 * kp * kp) << 3), kp, k - 1, k - 1)
  return y * y
}

/**
 * Climbs from the coefficients in the workspace. `free` is k, or k - 1 to hold the last coefficient. `ready`: value (out[0])
 * and score belong to the start already, and J was made out[5] gains of steps ago. `finish`: take the last step and evaluate
 * there; otherwise stay one negligible step short and add the step's gain (out[2] is without it). `exact`: Newton, else
 * Fisher scoring. `cap`: longest step in standard errors. out[0] = penalised log-likelihood, out[1] = standard error of the
 * last coefficient; out[3] to out[6] are its own: halvings, steps in single precision, gains since J, whether I + J was
 * positive. Returns the number of steps, or -1 when it did not converge.
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
  const beta = small(ws, np, kp)
  const step = beta + (<usize>(3 * kp) << 3)
  const start = step + (<usize>kp << 3)
  const constants = constantsOf(ws, np, kp)
  if (!ready) {
    putExpPair(constants)
    putExpQuad(constants + 128)
    copySingles(ws, np, kp, 0, kp + 3)
  }
  // Gains of steps since J was made.
  let since = ready ? load<f64>(out + 40) : Infinity
  let steps = 0
  if (exact && np <= MOST_SINGLE) {
    memory.copy(start, beta, <usize>kp << 3)
    since = approach(ws, np, k, free, ready, since, cap, limit, out)
    if (since >= 0) steps = <i32>load<f64>(out + 32)
    else {
      memory.copy(beta, start, <usize>kp << 3)
      since = Infinity
    }
    ready = false
  }
  let ll = ready ? load<f64>(out) : value<f64>(ws, np, k, beta)
  if (!(ll == ll)) return -1
  let previous: f64 = Infinity
  for (let iteration = 0; steps < limit; iteration++, steps++) {
    if (!ready) score<f64>(ws, np, k)
    ready = false
    let fresh = false
    if (exact && since == Infinity) {
      correct<f64>(ws, np, k)
      fresh = true
    }
    let gain = solve(ws, np, k, free, exact, out)
    let rate = exact ? shareLeft(ws, np, k, free, gain, fresh ? gain : since, out) : 1
    if (!fresh && iteration > 0) rate = exact ? max(rate, gain / previous) : gain / previous
    let done = gain * (finish ? rate : sqrt<f64>(rate)) < tolerance
    // J is renewed until a step has become small beside the one before it.
    if (exact && !fresh && !done && iteration > 0 && !(gain < RENEW * previous)) {
      correct<f64>(ws, np, k)
      fresh = true
      gain = solve(ws, np, k, free, true, out)
      rate = shareLeft(ws, np, k, free, gain, gain, out)
      done = gain * (finish ? rate : sqrt<f64>(rate)) < tolerance
    }
    since = (fresh ? 0 : since) + gain
    if (done && !finish) {
      store<f64>(out, ll + 0.5 * gain)
      store<f64>(out + 16, ll)
      store<f64>(out + 40, since)
      return steps
    }
    if (done) {
      store<f64>(out, ll + 0.5 * gain)
      store<f64>(out + 8, sqrt<f64>(varianceAfter(ws, np, k)))
      for (let a: usize = 0; a < <usize>k << 3; a += 8) store<f64>(beta + a, load<f64>(beta + a) + load<f64>(step + a))
      return steps + 1
    }
    ll = advance<f64>(ws, np, k, free, cap, ll, 1e-9, out)
    if (!(ll == ll)) return -1
    previous = load<f64>(out + 24) > 0 ? 0 : gain
  }
  return -1
}

/**
 * What share of a step's gain is expected to be left after it: J is of a point `since` gains away, and its error counts the
 * more the flatter the penalised likelihood is beside the ordinary information.
 */
function shareLeft(ws: usize, np: i32, k: i32, free: i32, gain: f64, since: f64, out: usize): f64 {
  if (load<f64>(out + 48) === 0) return Infinity
  const ratio = max(1, lengthSquared(ws, np, k, free) / (gain + 1e-300))
  return min(1, ratio * ratio * (ratio * since + 1e-8))
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
 * then the whole model from there. out: chi-square, log-likelihood, coefficient, standard error. Returns the steps of both
 * fits, or -1 when either did not converge.
 */
export function firthTest(ws: usize, n: i32, k: i32, start: usize, limit: i32, out: usize): i32 {
  const np = padded(n)
  const beta = small(ws, np, even(k))
  memory.copy(beta, start, <usize>k << 3)
  store<f64>(beta + (<usize>(k - 1) << 3), 0)
  const restricted = climb(ws, np, k, k - 1, false, false, true, 5.0, limit, 1e-13, out)
  if (restricted < 0) return -1
  const null_ = load<f64>(out)
  const flat = gainOfLast(ws, np, k, out)
  // The derivatives stand at the point before the last negligible step, whose own value has no gain added.
  store<f64>(out, load<f64>(out + 16))
  const whole = climb(ws, np, k, k, true, true, true, 5.0, limit, 1e-18, out)
  if (whole < 0) return -1
  const ll = load<f64>(out)
  const se = load<f64>(out + 8)
  const chiSquare = max(0, 2 * (ll - null_))
  store<f64>(out, chiSquare < FLAT ? min(flat, FLAT) : chiSquare)
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
  const a = informationOf(ws, np, kp)
  let called: f64 = 0
  for (let i = 0; i < n; i++) called += load<f64>(weight + (<usize>i << 3))
  if (called < k) return 1
  cross<f64>(weight, ws, np, k, 0, a)
  return factor(a, a + square, kp, k, 1e-10) ? 0 : 1
}
