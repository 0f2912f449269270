import type { KernelExports } from './kernel-exports.ts'
import { kernels } from './kernels.ts'

let functions: KernelExports | undefined

// The module's exports are a dictionary, slow to look into; a copy is an ordinary object.
const f = (): KernelExports => (functions ??= { ...kernels().call })

/*
 * Special functions: thin calls into kernels/assembly, so that every host gets the same bits. Accuracies are the largest
 * errors seen against 60-digit values (tests/oracles/11_special and special.test.ts); "ulp" is a unit in the last place.
 * For logarithms of probabilities the measure is |difference| / max(1, |value|). Arguments outside a domain give NaN.
 */

/** e^x; 1 ulp. */
export const exp = (x: number): number => f().exp(x)
/** e^x - 1; 3 ulp, also near 0. */
export const expm1 = (x: number): number => f().expm1(x)
/** Natural logarithm; 1 ulp. */
export const log = (x: number): number => f().log(x)
/** log(1 + x); 2 ulp, also near 0. */
export const log1p = (x: number): number => f().log1p(x)
/** x^y as C's pow; 4 ulp. */
export const pow = (x: number, y: number): number => f().pow(x, y)
/** Sine, |x| <= 2^20 (NaN beyond); 1 ulp. */
export const sin = (x: number): number => f().sin(x)
/** Cosine, |x| <= 2^20 (NaN beyond); 1 ulp. */
export const cos = (x: number): number => f().cos(x)

/** log Gamma(x), x > 0; 1e-14 relative, also beside its zeros 1 and 2. */
export const logGamma = (x: number): number => f().logGamma(x)
/** log n!, n >= 0; 1e-14 relative. */
export const logFactorial = (n: number): number => f().logGamma(n + 1)
/** log C(n, k), 0 <= k <= n, -Infinity for other k; 1e-14 relative, without the cancellation of three log Gammas. */
export const logChoose = (n: number, k: number): number => f().logChoose(n, k)
/** log P(X = k), X binomial(n, p); -Infinity where impossible (Loader 2000). */
export const binomialLogPmf = (k: number, n: number, p: number): number => f().binomialLogPmf(k, n, p)
/** log P(X = k): k marked among `drawn` of `total`, of which `marked` are marked; -Infinity where impossible. */
export const hypergeometricLogPmf = (k: number, marked: number, drawn: number, total: number): number =>
  f().hypergeometricLogPmf(k, marked, drawn, total)
/** The derivative of log Gamma, x > 0; 1e-14 of max(1, |value|). */
export const digamma = (x: number): number => f().digamma(x)

/** Complementary error function; 1e-14 relative down to the smallest number. */
export const erfc = (x: number): number => f().erfc(x)
/** P(Z <= z). */
export const normalCdf = (z: number): number => f().normalCdf(z)
/** log P(Z > z) for every z: nothing underflows. */
export const normalLogTail = (z: number): number => f().normalLogTail(z)
/** z with P(Z <= z) = p; 1e-14 relative. */
export const normalQuantile = (p: number): number => f().normalQuantile(p)
/** z with log P(Z > z) = logTail: the inverse of normalLogTail; 1e-14 relative. */
export const normalQuantileLog = (logTail: number): number => f().normalQuantileLog(logTail)

/** log P(X > x), X chi-square with df > 0 degrees of freedom (real). */
export const chiSquareLogTail = (x: number, df: number): number => f().chiSquareLogTail(x, df)
/** x with P(X <= x) = p, X chi-square with df degrees of freedom. */
export const chiSquareQuantile = (p: number, df: number): number => f().chiSquareQuantileLog(f().log(p), df, 0)
/** x with log P(X > x) = logTail, X chi-square with df degrees of freedom. */
export const chiSquareQuantileLog = (logTail: number, df: number): number => f().chiSquareQuantileLog(logTail, df, 1)

/** Regularised incomplete beta function I_x(a, b), a, b > 0, 0 <= x <= 1. */
export const betaIncomplete = (a: number, b: number, x: number): number => f().betaIncomplete(a, b, x)
/** log I_x(a, b); pass `complement` = 1 - x where it is known with more digits than x. */
export const logBetaIncomplete = (a: number, b: number, x: number, complement = 1 - x): number =>
  f().logBetaIncomplete(a, b, x, complement)
/** log P(T > t), T Student's t with df > 0 degrees of freedom. */
export const studentLogTail = (t: number, df: number): number => f().studentLogTail(t, df)

/** log of the sum of e^v; -Infinity for an empty array. */
export function logSumExp(values: ArrayLike<number>): number {
  const k = kernels()
  return k.scope(() => k.call.logSumExp(k.put(Float64Array.from(values)), values.length))
}
