// Numbers without rounding: rationals of integers, their logarithms to 250 bits, and the distance of a double from them.
// Nothing here asks the engine for a logarithm, so the page is the same bytes on every engine.

/** Bits behind the point of a fixed-point integer. */
const bits = 256n
const one = 1n << bits

/** The rational that a decimal number is: [numerator, denominator]. */
export function decimal(text) {
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text.trim())
  const shift = Number(exponent) - fraction.length
  const digits = BigInt(sign + whole + fraction)
  return shift >= 0 ? [digits * 10n ** BigInt(shift), 1n] : [digits, 10n ** BigInt(-shift)]
}

/** The rational that a double is. */
export function rational(value) {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const word = view.getBigUint64(0)
  const stored = Number((word >> 52n) & 2047n)
  const fraction = word & ((1n << 52n) - 1n)
  const digits = (stored === 0 ? fraction : fraction | (1n << 52n)) * (word >> 63n === 0n ? 1n : -1n)
  const exponent = Math.max(stored, 1) - 1075
  return exponent >= 0 ? [digits << BigInt(exponent), 1n] : [digits, 1n << BigInt(-exponent)]
}

const magnitude = (x) => (x < 0n ? -x : x)
const length = (x) => {
  const top = Number.parseInt(x.toString(16)[0], 16)
  return (x.toString(16).length - 1) * 4 + (32 - Math.clz32(top))
}

/** A quotient of integers as a double, good to 60 bits whatever their size. */
function quotient(a, b) {
  if (a === 0n) return 0
  const shift = length(a) - length(b) - 64
  const digits = shift > 0 ? a / (b << BigInt(shift)) : (a << BigInt(-shift)) / b
  return Number(digits) * 2 ** Math.max(shift, -1000) * (shift < -1000 ? 2 ** (shift + 1000) : 1)
}

/** |found - expected| in units of the last place of the expected value, a rational. */
export function ulps(found, [a, b]) {
  if (a === 0n) return found === 0 ? 0 : Number.POSITIVE_INFINITY
  if (!Number.isFinite(found)) return Number.POSITIVE_INFINITY
  const [c, d] = rational(found)
  let exponent = length(magnitude(a)) - length(b)
  // floor(log2 |a / b|)
  if (exponent >= 0 ? magnitude(a) < b << BigInt(exponent) : magnitude(a) << BigInt(-exponent) < b) exponent--
  const place = Math.max(exponent, -1022) - 52
  const error = magnitude(a * d - c * b)
  return place >= 0 ? quotient(error, (b * d) << BigInt(place)) : quotient(error << BigInt(-place), b * d)
}

/** |found - expected| / |expected| of a rational that is not 0. */
export function relative(found, [a, b]) {
  const [c, d] = rational(found)
  return quotient(magnitude(a * d - c * b), magnitude(a) * d)
}

/** |found - expected| of a rational. */
export function absolute(found, [a, b]) {
  const [c, d] = rational(found)
  return quotient(magnitude(a * d - c * b), b * d)
}

/** Twice atanh(z) in fixed point. */
function twiceAtanh(z) {
  const square = (z * z) >> bits
  let term = z
  let sum = 0n
  for (let k = 1n; term !== 0n && term !== -1n; k += 2n) {
    sum += term / k
    term = (term * square) >> bits
  }
  return 2n * sum
}

const logOfTwo = twiceAtanh(one / 3n)

/** log(a / b) of positive integers in fixed point. */
export function logOf([a, b]) {
  const shift = length(a) - length(b)
  const scaled = shift >= 0 ? (a << bits) / (b << BigInt(shift)) : (a << (bits + BigInt(-shift))) / b
  return twiceAtanh(((scaled - one) << bits) / (scaled + one)) + BigInt(shift) * logOfTwo
}

/** |found - expected| / max(1, |expected|) of a logarithm in fixed point: the measure for p-values. */
export function logarithmic(found, expected) {
  if (!Number.isFinite(found)) return Number.POSITIVE_INFINITY
  const [c, d] = rational(found)
  const size = magnitude(expected)
  return quotient(magnitude((c << bits) / d - expected), size > one ? size : one)
}

/** The same of a logarithm that is itself a rational. */
export function logarithmicOf(found, [a, b]) {
  if (!Number.isFinite(found)) return Number.POSITIVE_INFINITY
  const [c, d] = rational(found)
  const size = magnitude(a) > b ? magnitude(a) : b
  return quotient(magnitude(a * d - c * b), size * d)
}

/** A fixed-point number as a rational. */
export const fixed = (value) => [value, one]
