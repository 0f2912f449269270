// biome-ignore-all lint/suspicious/noGlobalIsNan: AssemblyScript has only the global one.
// biome-ignore-all lint/suspicious/noApproximativeNumericConstant: Math constants would be data of the module.
// Elementary functions whose bits are the same everywhere: only + - * / sqrt and polynomials, no tables.
// Reductions and minimax coefficients are those of FreeBSD msun (Sun Microsystems' fdlibm, freely usable); errors below
// are the largest seen against 60-digit values over the domain, in units in the last place.

const ln2High: f64 = 0.6931471803691238
const ln2Low: f64 = 1.9082149292705877e-10
const ln2Inverse: f64 = 1.4426950408889634

/** x * 2^k for any k, with gradual underflow. */
export function scaleBinary(x: f64, k: i32): f64 {
  if (k > 1023) {
    x *= reinterpret<f64>(<u64>0x7fe0000000000000)
    k -= 1023
    if (k > 1023) {
      x *= reinterpret<f64>(<u64>0x7fe0000000000000)
      k = min(k - 1023, 1023)
    }
  } else if (k < -1022) {
    x *= reinterpret<f64>(<u64>0x0360000000000000) // 2^-969 leaves 53 bits: one rounding into the subnormals
    k += 969
    if (k < -1022) {
      x *= reinterpret<f64>(<u64>0x0360000000000000)
      k = max(k + 969, -1022)
    }
  }
  return x * reinterpret<f64>((<u64>(k + 1023)) << 52)
}

// e^r - 1 for r = high - low, |r| <= ln2 / 2.
function expm1Core(high: f64, low: f64): f64 {
  const r = high - low
  const z = r * r
  const c =
    r -
    z *
      (0.16666666666666602 +
        z *
          (-0.0027777777777015593 +
            z * (0.00006613756321437934 + z * (-0.0000016533902205465252 + z * 4.1381367970572385e-8))))
  return high - (low - (r * c) / (2.0 - c))
}

/** e^x (1 ulp). */
export function exp(x: f64): f64 {
  if (isNaN(x)) return x
  if (x > 709.782712893384) return Infinity
  if (x < -745.1332191019411) return 0.0
  if (abs(x) < 0.34657359027997264) return 1.0 + expm1Core(x, 0.0)
  const k = nearest(x * ln2Inverse)
  return scaleBinary(1.0 + expm1Core(x - k * ln2High, k * ln2Low), <i32>k)
}

/** e^x - 1, exact in relative terms near 0 (3 ulp). */
export function expm1(x: f64): f64 {
  if (abs(x) < 0.34657359027997264) return x === 0.0 ? x : expm1Core(x, 0.0)
  if (x < -40.0) return -1.0
  if (x > 40.0 || isNaN(x)) return exp(x)
  const k = nearest(x * ln2Inverse)
  const y = expm1Core(x - k * ln2High, k * ln2Low)
  const power = scaleBinary(1.0, <i32>k)
  return power * y + (power - 1.0)
}

// log(1 + f) - f for sqrt(1/2) - 1 <= f <= sqrt(2) - 1, with k ln 2 added to the whole: returns k ln 2 + log(1 + f).
function logCore(f: f64, k: f64, extra: f64): f64 {
  const s = f / (2.0 + f)
  const z = s * s
  const w = z * z
  const odd = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373))
  const even = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)))
  const half = 0.5 * f * f
  return k * ln2High - (half - (s * (half + odd + even) + (k * ln2Low + extra)) - f)
}

/** Natural logarithm (1 ulp). */
export function log(x: f64): f64 {
  if (!(x > 0.0)) return x === 0.0 ? -Infinity : NaN
  if (x === Infinity) return x
  let k = 0
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984.0
    k = -54
  }
  const bits = reinterpret<u64>(x)
  // the significand is brought to [sqrt(1/2), sqrt(2))
  const shifted = bits - 0x3fe6a09e00000000
  const exponent = <i32>(<i64>shifted >> 52)
  k += exponent
  return logCore(reinterpret<f64>(bits - ((<u64>exponent) << 52)) - 1.0, <f64>k, 0.0)
}

/** log(1 + x), exact in relative terms near 0 (2 ulp). */
export function log1p(x: f64): f64 {
  if (x > -0.2928932188134524 && x < 0.4142135623730951) return abs(x) < 1e-20 ? x : logCore(x, 0.0, 0.0)
  if (!(x > -1.0)) return x === -1.0 ? -Infinity : NaN
  if (x > 9007199254740992.0) return log(x)
  const u = 1.0 + x
  const lost = u >= 2.0 ? 1.0 - (u - x) : x - (u - 1.0)
  const bits = reinterpret<u64>(u)
  const exponent = <i32>(<i64>(bits - 0x3fe6a09e00000000) >> 52)
  return logCore(reinterpret<f64>(bits - ((<u64>exponent) << 52)) - 1.0, <f64>exponent, lost / u)
}

// The rounding error of a * b (Dekker 1971); no overflow guard, |a|, |b| < 2^990.
function productError(a: f64, b: f64, product: f64): f64 {
  const aSplit = 134217729.0 * a
  const aHigh = aSplit - (aSplit - a)
  const aLow = a - aHigh
  const bSplit = 134217729.0 * b
  const bHigh = bSplit - (bSplit - b)
  const bLow = b - bHigh
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow
}

/** x^y as C's pow (4 ulp; exact for small integer powers that are representable). */
export function pow(x: f64, y: f64): f64 {
  if (y === 0.0 || x === 1.0) return 1.0
  if (isNaN(x) || isNaN(y)) return NaN
  const magnitude = abs(x)
  const whole = trunc(y) === y
  const odd = whole && abs(y) < 9007199254740992.0 && (<i64>y & 1) !== 0
  const sign = odd ? copysign(1.0, x) : 1.0
  if (magnitude === 1.0) return abs(y) === Infinity ? 1.0 : whole ? sign : NaN
  if (abs(y) === Infinity) return magnitude > 1.0 === y > 0.0 ? Infinity : 0.0
  if (magnitude === 0.0 || magnitude === Infinity) return (magnitude === 0.0) === y > 0.0 ? sign * 0.0 : sign * Infinity
  if (x < 0.0 && !whole) return NaN
  if (y === 1.0) return x
  if (y === 2.0) return x * x
  if (y === -1.0) return 1.0 / x
  if (y === 0.5) return sqrt(x)

  // log|x| to about 62 bits: x = 2^k m, s = (m - 1) / (m + 1), log m = 2 s (1 + s^2 / 3 + s^4 / 5 + ...)
  let k = 0
  let m = magnitude
  if (m < 2.2250738585072014e-308) {
    m *= 18014398509481984.0
    k = -54
  }
  const bits = reinterpret<u64>(m)
  const exponent = <i32>(<i64>(bits - 0x3fe6a09e00000000) >> 52)
  k += exponent
  m = reinterpret<f64>(bits - ((<u64>exponent) << 52))
  const f = m - 1.0
  const denominator = m + 1.0
  const denominatorLow = m - (denominator - 1.0)
  const s = f / denominator
  const product = s * denominator
  const sLow = (f - product - productError(s, denominator, product) - s * denominatorLow) / denominator
  const z = s * s
  const tail =
    z *
    (1.0 / 3.0 +
      z *
        (1.0 / 5.0 +
          z *
            (1.0 / 7.0 +
              z *
                (1.0 / 9.0 +
                  z *
                    (1.0 / 11.0 +
                      z *
                        (1.0 / 13.0 +
                          z * (1.0 / 15.0 + z * (1.0 / 17.0 + z * (1.0 / 19.0 + z * (1.0 / 21.0 + z / 23.0))))))))))
  const a = <f64>k * ln2High
  const b = 2.0 * s
  const sum = a + b
  const sumError = abs(a) > abs(b) ? b - (sum - a) : a - (sum - b)
  const low = sumError + (<f64>k * ln2Low + (2.0 * sLow + 2.0 * (s + sLow) * tail))
  const logHigh = sum + low
  const logLow = low - (logHigh - sum)

  const exponentHigh = y * logHigh
  if (!(abs(exponentHigh) < 1100.0)) return exponentHigh > 0.0 ? sign * Infinity : sign * 0.0
  const exponentLow = abs(y) < 1e290 ? productError(y, logHigh, exponentHigh) + y * logLow : 0.0
  const n = nearest(exponentHigh * ln2Inverse)
  return sign * scaleBinary(1.0 + expm1Core(exponentHigh - n * ln2High, n * ln2Low - exponentLow), <i32>n)
}

// sin and cos of r + low, |r| <= pi / 4.
function sinCore(r: f64, low: f64): f64 {
  const z = r * r
  const p =
    0.00833333333332249 +
    z *
      (-0.0001984126982985795 +
        z * (0.0000027557313707070068 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)))
  const v = z * r
  return r - (z * (0.5 * low - v * p) - low - v * -0.16666666666666632)
}
function cosCore(r: f64, low: f64): f64 {
  const z = r * r
  const p =
    z *
    (0.0416666666666666 +
      z *
        (-0.001388888888887411 +
          z *
            (0.00002480158728947673 +
              z * (-2.7557314351390663e-7 + z * (2.087572321298175e-9 + z * -1.1359647557788195e-11)))))
  const half = 0.5 * z
  const w = 1.0 - half
  return w + (1.0 - w - half + (z * p - r * low))
}

// sin(x + quarter * pi / 2) by Cody and Waite's reduction with three parts of pi / 2.
function circular(x: f64, quarter: i32): f64 {
  if (!(abs(x) <= 1048576.0)) return NaN
  const k = nearest(x * 0.6366197723675814)
  const first = x - k * 1.5707963267341256
  const second = k * 6.077100506303966e-11
  const reduced = first - second
  const third = k * 2.0222662487111665e-21 - (first - reduced - second)
  const last = k * 8.4784276603689e-32
  const r = reduced - (third + last)
  const low = reduced - r - (third + last)
  const q = (<i32>k + quarter) & 3
  const value = (q & 1) === 0 ? sinCore(r, low) : cosCore(r, low)
  return (q & 2) === 0 ? value : -value
}

/** Sine (1 ulp); NaN beyond |x| = 2^20, where the reduction would lose digits. */
export function sin(x: f64): f64 {
  return x === 0.0 ? x : circular(x, 0)
}

/** Cosine (1 ulp); NaN beyond |x| = 2^20. */
export function cos(x: f64): f64 {
  return circular(x, 1)
}
