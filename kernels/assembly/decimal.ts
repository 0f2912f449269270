// Numbers as JavaScript writes them (ECMA-262, Number::toString with radix 10): the shortest decimal that reads back as the
// same number, of those the nearest. Method: Giulietti 2020, "The Schubfach way to render doubles", in the form that compares
// quarters of units.

const smallestPower = -292

// High word of a 128-bit product.
// @ts-ignore: decorator
@inline
function high64(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff, a1 = a >> 32
  const b0 = b & 0xffffffff, b1 = b >> 32
  const middle = a1 * b0 + ((a0 * b0) >> 32)
  const other = a0 * b1 + (middle & 0xffffffff)
  return a1 * b1 + (middle >> 32) + (other >> 32)
}

// g * c / 2^128, its last bit set where anything was cut off; g of two words.
// @ts-ignore: decorator
@inline
function roundToOdd(high: u64, low: u64, c: u64): u64 {
  const x = high64(low, c)
  const y = high * c
  const sum = y + x
  return (high64(high, c) + u64(sum < y)) | u64(sum > 1)
}

// @ts-ignore: decorator
@inline
function digitsOf(value: u64): i32 {
  let digits = 1
  for (let least: u64 = 10; value >= least; least *= 10) if (++digits === 20) break
  return digits
}

function placeSmall(value: u32, digits: i32, out: usize): void {
  for (let p = out + <usize>digits - 1; p >= out; p--) {
    const rest = value / 10
    store<u8>(p, 48 + value - 10 * rest)
    value = rest
  }
}

/** Writes a whole number in `digits` places, zeros first. */
function placeDigits(value: u64, digits: i32, out: usize): void {
  // Divisions of 32 bits are several times as fast: eight digits by them for one of 64.
  while (value >> 32 !== 0) {
    const rest = value / 100_000_000
    digits -= 8
    placeSmall(<u32>(value - 100_000_000 * rest), 8, out + <usize>digits)
    value = rest
  }
  placeSmall(<u32>value, digits, out)
}

/** Writes a whole number and returns its length, at most 20. */
export function wholeText(value: u64, out: usize): i32 {
  const digits = digitsOf(value)
  placeDigits(value, digits, out)
  return digits
}

function fillZeros(count: i32, out: usize): void {
  for (let i = 0; i < count; i++) store<u8>(out + <usize>i, 48)
}

// digits * 10^exponent, digits not 0.
function placeDecimal(digits: u64, exponent: i32, out: usize): i32 {
  for (let rest = digits / 10; rest * 10 === digits; rest = digits / 10) {
    digits = rest
    exponent++
  }
  const length = digitsOf(digits)
  // Places before the point.
  const point = exponent + length
  if (exponent >= 0 && point <= 21) {
    placeDigits(digits, length, out)
    fillZeros(exponent, out + <usize>length)
    return point
  }
  if (point > 0 && point <= 21) {
    placeDigits(digits, length, out + 1)
    memory.copy(out, out + 1, point)
    store<u8>(out + <usize>point, 46)
    return length + 1
  }
  if (point > -6 && point <= 0) {
    store<u16>(out, 0x2e30)
    fillZeros(-point, out + 2)
    placeDigits(digits, length, out + <usize>(2 - point))
    return 2 - point + length
  }
  placeDigits(digits, length, out + 1)
  store<u8>(out, load<u8>(out, 1))
  let used: i32 = 1
  if (length > 1) {
    store<u8>(out, 46, 1)
    used = length + 1
  }
  const shown = point - 1
  store<u8>(out + <usize>used, 101)
  store<u8>(out + <usize>used, shown < 0 ? 45 : 43, 1)
  return used + 2 + wholeText(<u64>abs(shown), out + <usize>(used + 2))
}

/**
 * Writes a finite number and returns its length, at most 25 (24 and a sign). `powers`: for every k from -292 to 324 the 128
 * leading bits of 10^k, rounded up, the high word first.
 */
export function numberText(x: f64, powers: usize, out: usize): i32 {
  const bits = reinterpret<u64>(x)
  if (bits << 1 === 0) {
    store<u8>(out, 48)
    return 1
  }
  const sign = <i32>(bits >> 63)
  if (sign !== 0) store<u8>(out, 45)
  out += <usize>sign
  const fraction = bits & 0xfffffffffffff
  const biased = <i32>(bits >> 52) & 0x7ff
  let c = fraction
  let q: i32 = -1074
  if (biased !== 0) {
    c |= 1 << 52
    q = biased - 1075
    // A whole number below 2^53.
    if (q <= 0 && q > -53 && <i32>ctz<u64>(c) >= -q) return sign + placeDecimal(c >> <u64>-q, 0, out)
  }
  const odd = c & 1
  // Below a power of two numbers lie twice as dense.
  const closer = fraction === 0 && biased > 1
  const k = (q * 1262611 - (closer ? 524031 : 0)) >> 22
  const h = <u64>(q + ((-k * 1741647) >> 19) + 1)
  const power = powers + ((<usize>(-k - smallestPower)) << 4)
  const high = load<u64>(power)
  const low = load<u64>(power, 8)
  const four = c << 2
  const lower = roundToOdd(high, low, (four - 2 + u64(closer)) << h) + odd
  const middle = roundToOdd(high, low, four << h)
  const upper = roundToOdd(high, low, (four + 2) << h) - odd
  const s = middle >> 2
  if (s >= 10) {
    const tens = s / 10
    const below = lower <= 40 * tens
    const above = 40 * tens + 40 <= upper
    if (below !== above) return sign + placeDecimal(tens + u64(above), k + 1, out)
  }
  const below = lower <= 4 * s
  const above = 4 * s + 4 <= upper
  if (below !== above) return sign + placeDecimal(s + u64(above), k, out)
  const half = 4 * s + 2
  const up = middle > half || (middle === half && (s & 1) !== 0)
  return sign + placeDecimal(s + u64(up), k, out)
}
