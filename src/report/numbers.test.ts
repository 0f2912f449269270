import { expect, test } from 'vitest'
import { plain } from './markup.ts'
import {
  chosen,
  chosenPercent,
  count,
  interval,
  percent,
  pPlain,
  pValue,
  ratio,
  scientific,
  significant,
} from './numbers.ts'

const shown = (text: string) => plain(text).replaceAll('\u00a0', ' ')

test('p-values: decimals down to 0.001, then powers of ten, from the logarithm alone', () => {
  expect(shown(pValue(0))).toBe('1')
  expect(shown(pValue(-Math.log10(0.62)))).toBe('0.62')
  expect(shown(pValue(-Math.log10(0.0123)))).toBe('0.012')
  expect(shown(pValue(-Math.log10(5.2e-7)))).toBe('5.2 × 10⁻⁷')
  expect(shown(pValue(400.3))).toBe('5.0 × 10⁻⁴⁰¹')
  expect(shown(pValue(null))).toBe('not available')
  expect(shown(pPlain(0))).toBe('0')
})

test('a mantissa that rounds to ten moves the exponent', () => {
  expect(shown(scientific(-Math.log10(9.97e-8)))).toBe('1.0 × 10⁻⁷')
  expect(shown(scientific(6))).toBe('1.0 × 10⁻⁶')
})

test('no more digits than are carried', () => {
  expect(significant(0.00123)).toBe('0.0012')
  expect(significant(-4.44)).toBe('−4.4')
  expect(significant(1234.5)).toBe('1,235')
  expect(significant(0.0999)).toBe('0.10')
  expect(ratio(11.95)).toBe('11.9')
  expect(ratio(4.085)).toBe('4.1')
  expect(interval(11, 4.0855, 33.585)).toBe('11.0 (4.1 to 33.6)')
  expect(interval(9, 2, null)).toBe('9.0 (2.0 to no limit)')
  expect(interval(null, null, null)).toBe('not estimated')
})

test('shares: measured ones keep a digit, chosen ones only what was written', () => {
  expect(percent(0.0461)).toBe('4.6%')
  expect(percent(0.2)).toBe('20%')
  expect(percent(0)).toBe('0%')
  expect(percent(0.0004)).toBe('<0.1%')
  expect(percent(0.9996)).toBe('>99.9%')
  expect(chosenPercent(0.05)).toBe('5%')
  expect(chosenPercent(0.001)).toBe('0.1%')
  expect(chosen(0.05)).toBe('0.05')
  expect(shown(chosen(5e-8))).toBe('5.0 × 10⁻⁸')
})

test('thousands are parted by a comma', () => {
  expect(count(358499)).toBe('358,499')
  expect(count(999)).toBe('999')
})
