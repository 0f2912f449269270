import { exp, expm1 } from '../../numerics/special.ts'

/**
 * Integrals over s in (0, 1) of s^k e^(x s) for k = 0, 1, 2, written into `out`; 1e-13 relative for |x| <= 500. The closed forms cancel near 0, where the series
 * sum of x^m / (m! (m + k + 1)) stands in.
 */
export function exponentialMoments(x: number, out: Float64Array): void {
  if (Math.abs(x) < 1) {
    let term = 1
    let [first, second, third] = [0, 0, 0]
    for (let m = 0; m < 20 && Math.abs(term) > 1e-18; m++) {
      if (m > 0) term *= x / m
      first += term / (m + 1)
      second += term / (m + 2)
      third += term / (m + 3)
    }
    out[0] = first
    out[1] = second
    out[2] = third
    return
  }
  const e = exp(x)
  out[0] = expm1(x) / x
  out[1] = (e - out[0]) / x
  out[2] = (e - 2 * out[1]) / x
}
