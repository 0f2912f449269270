// A bound on the p of (c, T) under fitted risks that needs no row of the distribution.

/**
 * P(k) of the cases with one and with two copies together from the laws of a stratum (`classLaws`): `carriers`, 2 (size + 1) doubles, is the
 * convolution of both, k = 0 .. size.
 */
export function carrierLaw(laws: usize, line: usize, size: i32, carriers: usize): void {
  const e1 = laws + line
  const e2 = e1 + line
  const most2 = min(size, <i32>load<f64>(e2 + 2 * line, 16))
  const most1 = min(size, <i32>load<f64>(e2 + 2 * line, 8))
  memory.fill(carriers, 0, line << 1)
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

/** P(T = t and c cases called, all others not), unnormalised. */
function outcome(laws: usize, line: usize, size: i32, c: i32, t: i32, n0: i32, n1: i32, n2: i32): f64 {
  const e1 = laws + line
  const e2 = e1 + line
  let sum = 0.0
  for (let l = max(max(0, t - c), (t - n1 + 1) >> 1), end = min(min(t >> 1, n2), n0 - c + t); l <= end; l++)
    sum += load<f64>(e2 + (<usize>l << 3)) * load<f64>(e1 + (<usize>(t - 2 * l) << 3)) * load<f64>(laws + (<usize>(size - c + t - l) << 3))
  return sum
}

/** P(T = t), and where that is too little T still further out, is more than `enough`. */
function isCommon(laws: usize, line: usize, size: i32, c: i32, t: i32, step: i32, n0: i32, n1: i32, n2: i32, enough: f64): bool {
  let sum = 0.0
  for (let i = 0; i < 3 && t >= 0 && t <= 2 * c; i++, t += step) {
    sum += outcome(laws, line, size, c, t, n0, n1, n2)
    if (sum > enough) return true
  }
  return false
}

/** As `noneBelow` of the trend's tables: no T from `least` to `most` that c cases can have has a p of `limit` or below. */
export function noneRarer(laws: usize, line: usize, size: i32, carriers: usize, c: i32, least: i32, most: i32, n0: i32, n1: i32, n2: i32, limit: f64): bool {
  let total = 0.0
  for (let j = max(0, c - n0), end = min(c, n1 + n2); j <= end; j++)
    total += load<f64>(carriers + (<usize>j << 3)) * load<f64>(laws + (<usize>(size - c + j) << 3))
  const enough = total * limit
  const low0 = min(c, n0)
  const low1 = min(c - low0, n1)
  const high2 = min(c, n2)
  return (
    isCommon(laws, line, size, c, max(least, low1 + 2 * (c - low0 - low1)), -1, n0, n1, n2, enough) &&
    isCommon(laws, line, size, c, min(most, 2 * high2 + min(c - high2, n1)), 1, n0, n1, n2, enough)
  )
}
