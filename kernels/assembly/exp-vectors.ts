// Exponentials of vectors of doubles and of singles, for sums over people. Constants lie in memory, 16 of them.

/**
 * Coefficients, the highest first, of the polynomial of degree 9 nearest to (e^r - 1 - r) / r^2 on |r| <= ln 2 / 2 (Remez; the
 * lowest is 1/2), log2(e), the two parts of ln 2: in memory, where a lane-wise load is one instruction.
 */
export function putExpPair(at: usize): void {
  store<f64>(at, 2.511005064331126e-8)
  store<f64>(at, 2.762008941042287e-7, 8)
  store<f64>(at, 2.7557242334461313e-6, 16)
  store<f64>(at, 2.4801521293631158e-5, 24)
  store<f64>(at, 0.00019841269886593243, 32)
  store<f64>(at, 0.0013888888917215464, 40)
  store<f64>(at, 0.008333333333322207, 48)
  store<f64>(at, 0.04166666666662412, 56)
  store<f64>(at, 0.16666666666666674, 64)
  store<f64>(at, 1.4426950408889634, 88)
  store<f64>(at, 0.693147180369123816490, 96)
  store<f64>(at, 1.90821492927058770002e-10, 104)
  store<f64>(at, 6755399441055744.0, 112)
  store<f64>(at, 60.0, 120)
}

/** exp of two numbers within [-60, 60], relative error below 3e-16 (Cody-Waite reduction, polynomial of degree 11). */
@inline
export function expPair(x: v128, constants: usize, half: v128, one: v128): v128 {
  const magic = v128.load64_splat(constants, 112)
  const shifted = f64x2.add(f64x2.mul(x, v128.load64_splat(constants, 88)), magic)
  const k = f64x2.sub(shifted, magic)
  const r = f64x2.sub(
    f64x2.sub(x, f64x2.mul(k, v128.load64_splat(constants, 96))),
    f64x2.mul(k, v128.load64_splat(constants, 104)),
  )
  // Odd and even powers apart, to shorten the chain.
  const r2 = f64x2.mul(r, r)
  let o = f64x2.add(f64x2.mul(v128.load64_splat(constants), r2), v128.load64_splat(constants, 16))
  let e = f64x2.add(f64x2.mul(v128.load64_splat(constants, 8), r2), v128.load64_splat(constants, 24))
  o = f64x2.add(f64x2.mul(o, r2), v128.load64_splat(constants, 32))
  e = f64x2.add(f64x2.mul(e, r2), v128.load64_splat(constants, 40))
  o = f64x2.add(f64x2.mul(o, r2), v128.load64_splat(constants, 48))
  e = f64x2.add(f64x2.mul(e, r2), v128.load64_splat(constants, 56))
  o = f64x2.add(f64x2.mul(o, r2), v128.load64_splat(constants, 64))
  e = f64x2.add(f64x2.mul(e, r2), half)
  const tail = f64x2.mul(r2, f64x2.add(f64x2.mul(o, r), e))
  const value = f64x2.add(one, f64x2.add(r, tail))
  return i64x2.add(value, i64x2.shl(shifted, 52))
}

/** Taylor coefficients 1/6! .. 1/3!, then as for two. */
export function putExpQuad(at: usize): void {
  store<f32>(at, 0.0013888889)
  store<f32>(at, 0.008333333, 4)
  store<f32>(at, 0.041666667, 8)
  store<f32>(at, 0.16666667, 12)
  store<f32>(at, 1.442695, 44)
  store<f32>(at, 0.693359375, 48)
  store<f32>(at, -2.12194440e-4, 52)
  store<f32>(at, 12582912.0, 56)
  store<f32>(at, 60.0, 60)
}

/** exp of four numbers within [-60, 60], relative error below 2e-7. */
@inline
export function expQuad(x: v128, constants: usize, half: v128, one: v128): v128 {
  const magic = v128.load32_splat(constants, 56)
  const shifted = f32x4.add(f32x4.mul(x, v128.load32_splat(constants, 44)), magic)
  const k = f32x4.sub(shifted, magic)
  const r = f32x4.sub(
    f32x4.sub(x, f32x4.mul(k, v128.load32_splat(constants, 48))),
    f32x4.mul(k, v128.load32_splat(constants, 52)),
  )
  const r2 = f32x4.mul(r, r)
  const o = f32x4.add(f32x4.mul(v128.load32_splat(constants, 4), r2), v128.load32_splat(constants, 12))
  const e = f32x4.add(
    f32x4.mul(f32x4.add(f32x4.mul(v128.load32_splat(constants), r2), v128.load32_splat(constants, 8)), r2),
    half,
  )
  const tail = f32x4.mul(r2, f32x4.add(f32x4.mul(o, r), e))
  return i32x4.add(f32x4.add(one, f32x4.add(r, tail)), i32x4.shl(shifted, 23))
}
