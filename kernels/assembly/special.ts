// biome-ignore-all lint/suspicious/noGlobalIsNan: AssemblyScript has only the global one.
// biome-ignore-all lint/suspicious/noApproximativeNumericConstant: Math constants would be data of the module.
// Special functions of statistics: gamma, normal, beta and their tails, in logarithms wherever a tail can underflow.

import { exp, expm1, log, log1p } from './elementary'

export { cos, exp, expm1, log, log1p, pow, sin } from './elementary'

const halfLog2Pi: f64 = 0.9189385332046728
const log2Pi: f64 = 1.8378770664093456
const ln2: f64 = 0.6931471805599453
const sqrtHalf: f64 = 0.7071067811865476

// The remainder of Stirling's formula: log Gamma(x) = (x - 1/2) log x - x + log(2 pi) / 2 + remainder, x >= 8.
function stirlingSeries(x: f64): f64 {
  const z = 1.0 / (x * x)
  return (
    (1.0 / 12.0 -
      z *
        (1.0 / 360.0 -
          z *
            (1.0 / 1260.0 -
              z *
                (1.0 / 1680.0 -
                  z * (1.0 / 1188.0 - z * (691.0 / 360360.0 - z * (1.0 / 156.0 - z * (3617.0 / 122400.0)))))))) /
    x
  )
}

// log Gamma(2 + z), |z| <= 1/2: (1 - gamma) z + sum (zeta(k) - 1) (-z)^k / k.
function logGammaNearTwo(z: f64): f64 {
  let p = 3.1044247747322276e-11
  p = 6.4229645638381e-11 - z * p
  p = 1.330476437424449e-10 - z * p
  p = 2.7595228851242334e-10 - z * p
  p = 5.731367241678862e-10 - z * p
  p = 1.1921401405860912e-9 - z * p
  p = 2.4836745438024785e-9 - z * p
  p = 5.1834750419700475e-9 - z * p
  p = 1.0838659214896955e-8 - z * p
  p = 2.2711094608943167e-8 - z * p
  p = 4.7698101693639804e-8 - z * p
  p = 1.00432248239681e-7 - z * p
  p = 2.1207184805554667e-7 - z * p
  p = 4.492469198764566e-7 - z * p
  p = 9.551412130407421e-7 - z * p
  p = 0.0000020392157538013666 - z * p
  p = 0.000004374866789907488 - z * p
  p = 0.000009439488275268397 - z * p
  p = 0.000020507212775670694 - z * p
  p = 0.00004492623673813315 - z * p
  p = 0.00009945751278180854 - z * p
  p = 0.00022315475845357939 - z * p
  p = 0.0005096695245430425 - z * p
  p = 0.001192753911703261 - z * p
  p = 0.0028905103307415234 - z * p
  p = 0.0073855510286739865 - z * p
  p = 0.02058080842778455 - z * p
  p = 0.0673523010531981 - z * p
  p = 0.32246703342411326 - z * p
  return z * (0.42278433509846713 + z * p)
}

/** log Gamma(x), x > 0; +Infinity at 0, NaN below. */
export function logGamma(x: f64): f64 {
  if (!(x > 0.0)) return x === 0.0 ? Infinity : NaN
  if (x >= 8.0) return x === Infinity ? x : (x - 0.5) * (log(x) - 1.0) + (halfLog2Pi - 0.5 + stirlingSeries(x))
  if (x < 0.5) return logGammaNearTwo(x) - log1p(x) - log(x)
  if (x < 1.5) return logGammaNearTwo(x - 1.0) - log1p(x - 1.0)
  let product = 1.0
  while (x > 2.5) {
    x -= 1.0
    product *= x
  }
  return logGammaNearTwo(x - 2.0) + (product === 1.0 ? 0.0 : log(product))
}

/** log n! - ((n + 1/2) log n - n + log(2 pi) / 2), n > 0 real. */
export function stirlingRemainder(n: f64): f64 {
  if (n >= 8.0) return stirlingSeries(n)
  return logGamma(n + 1.0) - (n + 0.5) * log(n) + n - halfLog2Pi
}

/** The deviance part x log(x / m) + m - x, without cancellation near x = m (Loader 2000). */
export function deviancePart(x: f64, m: f64): f64 {
  if (x === 0.0) return m
  const d = x - m
  if (abs(d) >= 0.1 * (x + m)) return x * log(x / m) + m - x
  const v = d / (x + m)
  let sum = d * v
  let power = 2.0 * x * v
  const square = v * v
  for (let j: f64 = 3.0; j < 2000.0; j += 2.0) {
    power *= square
    const next = sum + power / j
    if (next === sum) break
    sum = next
  }
  return sum
}

/** log of C(n, k), 0 <= k <= n real. */
export function logChoose(n: f64, k: f64): f64 {
  if (!(k >= 0.0 && k <= n)) return !isNaN(k) && !isNaN(n) ? -Infinity : NaN
  if (k === 0.0 || k === n) return 0.0
  if (k === 1.0 || k === n - 1.0) return log(n)
  const r = n - k
  return (
    stirlingRemainder(n) -
    stirlingRemainder(k) -
    stirlingRemainder(r) +
    k * log(n / k) +
    r * (k < 0.5 * n ? -log1p(-k / n) : log(n / r)) +
    0.5 * (log(n / k / r) - log2Pi)
  )
}

// log of Gamma(a+b+1) / (Gamma(a+1) Gamma(b+1)) x^a y^b, x + y = 1.
function logBinomialTerm(a: f64, b: f64, x: f64, y: f64): f64 {
  const n = a + b
  if (a === 0.0) return b === 0.0 ? 0.0 : x < 0.5 ? b * log1p(-x) : b * log(y)
  if (b === 0.0) return y < 0.5 ? a * log1p(-y) : a * log(x)
  return (
    stirlingRemainder(n) -
    stirlingRemainder(a) -
    stirlingRemainder(b) -
    deviancePart(a, n * x) -
    deviancePart(b, n * y) +
    0.5 * (log(n / a / b) - log2Pi)
  )
}

/** log P(X = k) for X binomial(n, p). */
export function binomialLogPmf(k: f64, n: f64, p: f64): f64 {
  if (!(k >= 0.0 && k <= n)) return -Infinity
  if (p <= 0.0) return k === 0.0 ? 0.0 : -Infinity
  if (p >= 1.0) return k === n ? 0.0 : -Infinity
  return logBinomialTerm(k, n - k, p, 1.0 - p)
}

/** log P(X = k), X the marked among `drawn` of `total`, `marked` of which are marked (Loader's saddle point). */
export function hypergeometricLogPmf(k: f64, marked: f64, drawn: f64, total: f64): f64 {
  if (k < 0.0 || k > marked || k > drawn || drawn - k > total - marked) return -Infinity
  if (drawn === 0.0 || drawn === total) return 0.0
  const p = drawn / total
  const q = (total - drawn) / total
  return (
    logBinomialTerm(k, marked - k, p, q) +
    logBinomialTerm(drawn - k, total - marked - (drawn - k), p, q) -
    logBinomialTerm(drawn, total - drawn, p, q)
  )
}

// exp(x^2) erfc(x), x >= 1/2: the trapezoidal rule with step 1/2 and its pole's residue (Chiarella and Reichel 1968;
// Hunter and Regan 1972); what is neglected is below exp(-4 pi^2).
function erfcScaled(x: f64): f64 {
  if (x > 1e8) return 0.5641895835477563 / x
  const z = x * x
  let sum = 2.3195228302435696e-16 / (36.0 + z)
  sum += 7.287724095819693e-14 / (30.25 + z)
  sum += 1.3887943864964023e-11 / (25.0 + z)
  sum += 1.6052280551856116e-9 / (20.25 + z)
  sum += 1.1253517471925913e-7 / (16.0 + z)
  sum += 0.00000478511739212901 / (12.25 + z)
  sum += 0.00012340980408667956 / (9.0 + z)
  sum += 0.0019304541362277093 / (6.25 + z)
  sum += 0.018315638888734182 / (4.0 + z)
  sum += 0.10539922456186435 / (2.25 + z)
  sum += 0.36787944117144233 / (1.0 + z)
  sum += 0.7788007830714049 / (0.25 + z)
  const value = x * 0.3183098861837907 * (0.5 / z + sum)
  return x < 6.283185307179586
    ? value - (2.0 * exp(z - 12.566370614359172 * x)) / -expm1(-12.566370614359172 * x)
    : value
}

// erf(x), |x| < 1: 2 / sqrt(pi) exp(-x^2) sum 2^n x^(2n+1) / (2n+1)!!, all terms of one sign.
function erfSmall(x: f64): f64 {
  const z = x * x
  let term = x
  let sum = x
  for (let n: f64 = 3.0; n < 200.0; n += 2.0) {
    term *= (2.0 * z) / n
    const next = sum + term
    if (next === sum) break
    sum = next
  }
  return 1.1283791670955126 * exp(-z) * sum
}

/** Complementary error function. */
export function erfc(x: f64): f64 {
  if (isNaN(x)) return x
  if (abs(x) < 0.5) return 1.0 - erfSmall(x)
  if (x < 0.0) return 2.0 - erfc(-x)
  if (x > 27.3) return 0.0
  // x^2 is split so that its rounding does not reach the exponential
  const head = reinterpret<f64>(reinterpret<u64>(x) & 0xffffffff00000000)
  return exp(-head * head) * exp((head - x) * (head + x)) * erfcScaled(x)
}

/** P(Z <= z). */
export function normalCdf(z: f64): f64 {
  return 0.5 * erfc(-z * sqrtHalf)
}

/** log P(Z > z), for every z. */
export function normalLogTail(z: f64): f64 {
  if (isNaN(z)) return z
  if (z < 0.7) return log1p(-0.5 * erfc(-z * sqrtHalf))
  if (z === Infinity) return -Infinity
  return -0.5 * z * z + log(0.5 * erfcScaled(z * sqrtHalf))
}

/** z with log P(Z > z) = logTail <= 0. */
export function normalQuantileLog(logTail: f64): f64 {
  if (!(logTail <= 0.0)) return NaN
  if (logTail === 0.0) return -Infinity
  if (logTail === -Infinity) return Infinity
  if (logTail > -ln2) {
    const lower = -expm1(logTail)
    return lower === 0.5 ? 0.0 : -normalQuantileLog(log(lower))
  }
  const centre = exp(logTail) - 0.5
  if (centre > -0.2) {
    // P(0 < Z < z) = -centre, kept in relative terms; -expm1 restores what 1/2 - p lost
    const target = -0.5 * expm1(logTail + ln2 + 2.3190468138462996e-17)
    let z = 2.5066282746310007 * target
    for (let i = 0; i < 6; i++) {
      const step = (0.5 * erfSmall(z * sqrtHalf) - target) * 2.5066282746310007 * exp(0.5 * z * z)
      const next = z - step / (1.0 + 0.5 * z * step)
      if (next === z) break
      z = next
    }
    return z
  }
  const t = sqrt(-2.0 * logTail)
  let z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
  if (t > 8.0) z = sqrt(max(1.0, -2.0 * logTail - log2Pi - 2.0 * log(t)))
  for (let i = 0; i < 8; i++) {
    const value = normalLogTail(z)
    const hazard = exp(-0.5 * z * z - halfLog2Pi - value)
    const step = (value - logTail) / hazard
    // Halley: the second derivative of the log tail is -hazard (hazard - z)
    const next = z + step / (1.0 + 0.5 * step * (hazard - z))
    if (abs(next - z) <= 1.2e-16 * abs(z)) return next
    z = next
  }
  return z
}

/** z with P(Z <= z) = p. */
export function normalQuantile(p: f64): f64 {
  if (!(p >= 0.0 && p <= 1.0)) return NaN
  if (p === 0.5) return 0.0
  if (p > 0.5) return normalQuantileUpper(1.0 - p)
  return -normalQuantileUpper(p)
}

// z >= 0 with P(Z > z) = p <= 1/2.
function normalQuantileUpper(p: f64): f64 {
  if (p < 0.3) return normalQuantileLog(log(p))
  const target = 0.5 - p
  let z = 2.5066282746310007 * target
  for (let i = 0; i < 6; i++) {
    const step = (0.5 * erfSmall(z * sqrtHalf) - target) * 2.5066282746310007 * exp(0.5 * z * z)
    const next = z - step / (1.0 + 0.5 * z * step)
    if (next === z) break
    z = next
  }
  return z
}

/** log of the regularised incomplete gamma function: P(a, x) (upper = 0) or Q(a, x) (upper = 1), a > 0, x >= 0. */
export function logIncompleteGamma(a: f64, x: f64, upper: i32): f64 {
  if (!(a > 0.0 && x >= 0.0)) return NaN
  if (x === 0.0) return upper ? 0.0 : -Infinity
  if (x === Infinity) return upper ? -Infinity : 0.0
  const front = -stirlingRemainder(a) - deviancePart(a, x) - 0.5 * (log(a) + log2Pi)
  if (x < max(a, 1.0)) {
    let sum = 1.0
    let term = 1.0
    for (let n: f64 = 1.0; n < 1e6; n += 1.0) {
      term *= x / (a + n)
      const next = sum + term
      if (next === sum) break
      sum = next
    }
    const lower = front + log(sum)
    return upper ? log1p(-exp(lower)) : lower
  }
  let b = x + 1.0 - a
  let c = 1e300
  let d = 1.0 / b
  let h = d
  for (let i: f64 = 1.0; i < 1e6; i += 1.0) {
    const an = -i * (i - a)
    b += 2.0
    d = an * d + b
    if (abs(d) < 1e-300) d = 1e-300
    c = b + an / c
    if (abs(c) < 1e-300) c = 1e-300
    d = 1.0 / d
    const factor = d * c
    h *= factor
    if (abs(factor - 1.0) < 3.5e-16) break
  }
  const tail = front + log(a * h)
  return upper ? tail : log1p(-exp(tail))
}

/** log P(X > x), X chi-square with df > 0 degrees of freedom (real). */
export function chiSquareLogTail(x: f64, df: f64): f64 {
  if (!(x > 0.0)) return x <= 0.0 ? 0.0 : NaN
  if (df === 1.0) {
    const t = sqrt(0.5 * x)
    return t < 0.5 ? log1p(-erfSmall(t)) : -0.5 * x + log(erfcScaled(t))
  }
  if (df === 2.0) return -0.5 * x
  return logIncompleteGamma(0.5 * df, 0.5 * x, 1)
}

/** x with log P(X > x) = logTail (upper = 1) or log P(X <= x) = logTail (upper = 0), X chi-square with df > 0. */
export function chiSquareQuantileLog(logTail: f64, df: f64, upper: i32): f64 {
  if (!(logTail <= 0.0 && df > 0.0)) return NaN
  if (logTail === 0.0) return upper ? 0.0 : Infinity
  if (logTail === -Infinity) return upper ? Infinity : 0.0
  if (upper && df === 2.0) return -2.0 * logTail
  // the tail with the smaller probability is solved for: its logarithm keeps all digits
  if (logTail > -ln2) return chiSquareQuantileLog(log(-expm1(logTail)), df, 1 - upper)
  const a = 0.5 * df
  const z = upper ? normalQuantileLog(logTail) : -normalQuantileLog(logTail)
  const w = 2.0 / (9.0 * df)
  const root = 1.0 - w + z * sqrt(w)
  let x = 0.5 * df * root * root * root
  if (!(root > 0.1)) x = exp((logTail + logGamma(a + 1.0)) / a)
  let low = 0.0
  let high = Infinity
  for (let i = 0; i < 200; i++) {
    const value = logIncompleteGamma(a, x, upper)
    const error = value - logTail
    if (error === 0.0) break
    if (error > 0.0 === (upper === 1)) low = x
    else high = x
    // slope of the log tail in log x
    const density = exp(-stirlingRemainder(a) - deviancePart(a, x) - 0.5 * (log(a) + log2Pi) + log(a) - value)
    const step = (upper ? error : -error) / density
    let next = upper && x > a ? x + step * x : x * exp(max(-3.0, min(3.0, step)))
    if (!(next > low && next < high)) next = high === Infinity ? 2.0 * x : 0.5 * (low + high)
    if (abs(next - x) <= 2.3e-16 * x) {
      x = next
      break
    }
    x = next
  }
  return 2.0 * x
}

// log I_x(a, b) for x below the mean: the continued fraction of Didonato and Morris (1992), whose terms do not cancel
// where x is near 1, by Lentz's method.
function logBetaLower(a: f64, b: f64, x: f64, y: f64): f64 {
  const n = a + b
  const front = logBinomialTerm(a, b, x, y) + log((a / n) * b)
  const lambda = x < 0.5 ? a - n * x : n * y - b
  let f = (a / (a + 1.0)) * (lambda + 1.0)
  let c = f
  let d = 0.0
  for (let m: f64 = 1.0; m < 1e5; m += 1.0) {
    const odd = a + 2.0 * m - 1.0
    const numerator = ((a + m - 1.0) / odd) * ((n + m - 1.0) / odd) * m * (b - m) * x * x
    const denominator = m + (m * (b - m) * x) / odd + ((a + m) / (a + 2.0 * m + 1.0)) * (lambda + 1.0 + m * (1.0 + y))
    d = denominator + numerator * d
    if (abs(d) < 1e-300) d = 1e-300
    d = 1.0 / d
    c = denominator + numerator / c
    if (abs(c) < 1e-300) c = 1e-300
    const factor = c * d
    f *= factor
    if (abs(factor - 1.0) < 3.5e-16) break
  }
  return front - log(f)
}

/** log of the regularised incomplete beta function I_x(a, b); y = 1 - x is given apart so that neither loses digits. */
export function logBetaIncomplete(a: f64, b: f64, x: f64, y: f64): f64 {
  if (!(a > 0.0 && b > 0.0 && x >= 0.0 && y >= 0.0)) return NaN
  if (x === 0.0) return -Infinity
  if (y === 0.0) return 0.0
  if (x < (a + 1.0) / (a + b + 2.0)) return logBetaLower(a, b, x, y)
  return log1p(-exp(logBetaLower(b, a, y, x)))
}

/** I_x(a, b). */
export function betaIncomplete(a: f64, b: f64, x: f64): f64 {
  if (!(a > 0.0 && b > 0.0 && x >= 0.0 && x <= 1.0)) return NaN
  if (x === 0.0 || x === 1.0) return x
  if (x < (a + 1.0) / (a + b + 2.0)) return exp(logBetaLower(a, b, x, 1.0 - x))
  return 1.0 - exp(logBetaLower(b, a, 1.0 - x, x))
}

/** log P(T > t), T Student's t with df > 0. */
export function studentLogTail(t: f64, df: f64): f64 {
  if (!(df > 0.0) || isNaN(t)) return NaN
  if (t === 0.0) return -ln2
  if (abs(t) === Infinity) return t > 0.0 ? -Infinity : 0.0
  const square = t * t
  const tail =
    square === Infinity
      ? 0.5 * df * (log(df) - 2.0 * log(abs(t))) +
        logGamma(0.5 * df + 0.5) -
        logGamma(0.5 * df + 1.0) -
        0.5723649429247001 -
        ln2
      : logBetaIncomplete(0.5 * df, 0.5, df / (df + square), square / (df + square)) - ln2
  return t > 0.0 ? tail : log1p(-exp(tail))
}

/** The derivative of log Gamma, x > 0. */
export function digamma(x: f64): f64 {
  if (!(x > 0.0)) return NaN
  let shift = 0.0
  while (x < 10.0) {
    shift += 1.0 / x
    x += 1.0
  }
  const z = 1.0 / (x * x)
  return (
    log(x) -
    0.5 / x -
    z *
      (1.0 / 12.0 -
        z *
          (1.0 / 120.0 -
            z *
              (1.0 / 252.0 -
                z *
                  (1.0 / 240.0 -
                    z * (1.0 / 132.0 - z * (691.0 / 32760.0 - z * (1.0 / 12.0 - z * (3617.0 / 8160.0)))))))) -
    shift
  )
}

/** log of the sum of n exponentials; -Infinity for none. */
export function logSumExp(values: usize, n: i32): f64 {
  let largest = -Infinity
  for (let i = 0; i < n; i++) {
    const v = load<f64>(values + ((<usize>i) << 3))
    if (isNaN(v)) return NaN
    if (v > largest) largest = v
  }
  if (abs(largest) === Infinity) return largest
  let sum = 0.0
  for (let i = 0; i < n; i++) sum += exp(load<f64>(values + ((<usize>i) << 3)) - largest)
  return largest + log(sum)
}
