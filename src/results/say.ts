/** A number as results say it: three significant digits, no trailing zeros. */
export function sayNumber(value: number): string {
  return String(Number(value.toPrecision(3)))
}

/** A whole number with its thousands apart: `358,499`. A formatter of the language would take 15 ms to load. */
export function sayCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A p-value in words: `0.034`, `2.1 x 10^-5`, `less than 10^-300`. */
export function sayP(p: number): string {
  if (p >= 0.001) return String(Number(p.toPrecision(2)))
  if (!(p >= 1e-300)) return 'less than 10^-300'
  const [mantissa, exponent] = p.toExponential(1).split('e')
  return `${Number(mantissa)} x 10^${exponent}`
}
