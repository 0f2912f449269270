// Dosages to what a store holds of them. A dosage is a u16 in 16384ths of a copy, 0 to 32768, or 65535 for a missing one.

/**
 * Writes the hard calls of 64 * words dosages as the two planes of a record: the nearest whole number of copies within
 * 1638 16384ths of it, otherwise missing. Writes, too, the dosages that are neither whole numbers nor missing: a plane of
 * the people who have one, and behind it one u16 each. Returns their number, or -1 when a dosage is above two copies.
 */
export function encodeDosages(dosages: usize, words: i32, planes: usize, row: usize): i32 {
  const planeBytes = <usize>words << 3
  const high = planes + planeBytes
  const values = row + planeBytes
  const steps = words << 2
  let count: i32 = 0
  let above = i16x8.splat(0)
  for (let k: i32 = 0; k < steps; k++) {
    const at = dosages + (<usize>k << 5)
    const v = v128.load(at)
    const w = v128.load(at, 16)
    const none = i8x16.narrow_i16x8_s(within(v, 0, 1638), within(w, 0, 1638))
    const one = i8x16.narrow_i16x8_s(within(v, 14746, 3276), within(w, 14746, 3276))
    const two = i8x16.narrow_i16x8_s(within(v, 31130, 1638), within(w, 31130, 1638))
    const missing = v128.not(v128.or(none, v128.or(one, two)))
    store<u16>(planes + (<usize>k << 1), <u16>i8x16.bitmask(v128.or(one, missing)))
    store<u16>(high + (<usize>k << 1), <u16>i8x16.bitmask(v128.or(two, missing)))
    let broken = i8x16.bitmask(i8x16.narrow_i16x8_s(fraction(v), fraction(w)))
    store<u16>(row + (<usize>k << 1), <u16>broken)
    above = v128.or(above, v128.or(tooMany(v), tooMany(w)))
    while (broken != 0) {
      store<u16>(values + (<usize>count << 1), load<u16>(at + (<usize>ctz(broken) << 1)))
      count++
      broken &= broken - 1
    }
  }
  return v128.any_true(above) ? -1 : count
}

/** Lanes of u16 in [from, from + width]. */
// @ts-ignore: decorator
@inline
function within(v: v128, from: i16, width: i16): v128 {
  return i16x8.le_u(i16x8.sub(v, i16x8.splat(from)), i16x8.splat(width))
}

/** Lanes that are neither a multiple of 16384 nor 65535, all their bits set. */
// @ts-ignore: decorator
@inline
function fraction(v: v128): v128 {
  return v128.not(v128.or(i16x8.eq(v128.and(v, i16x8.splat(0x3fff)), i16x8.splat(0)), i16x8.eq(v, i16x8.splat(-1))))
}

/** Lanes above 32768 that are not 65535. */
// @ts-ignore: decorator
@inline
function tooMany(v: v128): v128 {
  return v128.andnot(i16x8.gt_u(v, i16x8.splat(-32768)), i16x8.eq(v, i16x8.splat(-1)))
}
