import { sup } from './markup.ts'

/** Numbers as a journal sets them: a true minus sign, thousands apart, and no more digits than are carried. */

const minus = (text: string): string => text.replace('-', '−')

/** Whole numbers: `358 499` would break in a table, so a comma parts the thousands. */
export function count(value: number): string {
  return minus(String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ','))
}

/** `digits` significant digits, without an exponent. */
export function significant(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : value < 0 ? '−∞' : 'not available'
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 10 ** digits) return count(value)
  const rounded = Number(value.toPrecision(digits))
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(rounded))))
  return minus(rounded.toFixed(decimals))
}

export function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals)
  return minus(Number(text) === 0 ? text.replace('-', '') : text)
}

/** Percent with one digit under 10 and none above. */
export function percent(share: number): string {
  const value = share * 100
  if (value > 0 && value < 0.1) return '<0.1%'
  if (value < 100 && value > 99.9) return '>99.9%'
  return `${fixed(value, value !== 0 && value < 9.95 ? 1 : value > 99 && value < 100 ? 1 : 0)}%`
}

/** A share that was chosen, not measured: `5%`, `0.1%`, without digits that say nothing. */
export const chosenPercent = (share: number): string => `${chosen(share * 100)}%`

/** A number that was chosen, not measured, as it would be written: `0.05`, `2`, `4.0 × 10⁻⁶`. */
export function chosen(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.001) return scientific(-Math.log10(Math.abs(value)))
  return minus(String(Number(value.toPrecision(6))))
}

/** A power of ten: 5.2 × 10⁻⁷, the exponent marked as superscript. */
export function scientific(negLog10: number, digits = 2): string {
  let exponent = Math.ceil(negLog10 - 1e-12)
  let mantissa = 10 ** (exponent - negLog10)
  let shown = mantissa.toFixed(digits - 1)
  if (Number(shown) >= 10) {
    exponent -= 1
    mantissa /= 10
    shown = mantissa.toFixed(digits - 1)
  }
  return `${shown}\u00a0×\u00a010${sup(minus(String(-exponent)))}`
}

/** A p-value from its -log10, so that nothing underflows; plain decimals down to 0.001. Two significant digits. */
export function pValue(negLog10: number | null | undefined): string {
  if (negLog10 === null || negLog10 === undefined || Number.isNaN(negLog10)) return 'not available'
  if (!Number.isFinite(negLog10)) return '0'
  if (negLog10 < 3) {
    const p = 10 ** -negLog10
    return p > 0.995 ? '1' : p >= 0.1 ? fixed(p, 2) : significant(p, 2)
  }
  return scientific(negLog10)
}

/** `p = 0.012`. */
export const pEquals = (negLog10: number | null | undefined): string => `p\u00a0=\u00a0${pValue(negLog10)}`

/** A plain p without its logarithm. */
export const pPlain = (p: number): string => pValue(p > 0 ? -Math.log10(p) : Number.POSITIVE_INFINITY)

/** An odds ratio, two digits, three from ten on. */
export const ratio = (value: number): string => significant(value, value >= 10 && value < 1000 ? 3 : 2)

/** `11.0 (4.1 to 33.6)`. */
export function interval(value: number | null, low: number | null, high: number | null): string {
  if (value === null || !Number.isFinite(value)) return 'not estimated'
  if (low === null && high === null) return ratio(value)
  const side = (limit: number | null) => (limit === null || Number.isNaN(limit) ? 'no limit' : ratio(limit))
  return `${ratio(value)} (${side(low)} to ${side(high)})`
}

/** `one person`, `12 people`. */
export function people(n: number): string {
  return n === 1 ? 'one person' : `${count(n)} people`
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`
}
