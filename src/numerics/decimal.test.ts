import fc from 'fast-check'
import { expect, test } from 'vitest'
import { powersOfTen } from './decimal.ts'
import { kernels } from './kernels.ts'

function texts(values: readonly number[]): string[] {
  const k = kernels()
  return k.scope(() => {
    const powers = k.put(powersOfTen())
    const out = k.allocate(25)
    const decoder = new TextDecoder()
    return values.map((value) => decoder.decode(k.u8(out, k.call.numberText(value, powers, out))))
  })
}

function sameTexts(values: readonly number[]): void {
  expect(texts(values)).toEqual(values.map(String))
}

/** The numbers next to x. */
function beside(x: number): number[] {
  const bits = new BigInt64Array(1)
  const number = new Float64Array(bits.buffer)
  return [-1n, 1n].map((step) => {
    number[0] = x
    bits[0] += step
    return number[0]
  })
}

test('powers of two and what lies beside them, where the distance of numbers changes', () => {
  const powers = Array.from({ length: 2098 }, (_, i) => 2 ** (i - 1074))
  sameTexts(powers)
  sameTexts(powers.flatMap(beside).filter(Number.isFinite))
})

test('short decimals of every size, and where their form changes', () => {
  const short = Array.from({ length: 632 }, (_, i) => i - 323).flatMap((k) =>
    [1, 2, 5, 9, 12, 99, 123, 1005, 4503599627370496].map((digits) => Number(`${digits}e${k}`)),
  )
  sameTexts(short.filter(Number.isFinite))
  sameTexts([0, -0, -1, -0.5, -1e-7, 1e-6, 1e-7, 9.99e-7, 1e20, 1e21, 123456789012345680000, 2 ** 53 - 1, 2 ** 53 + 2])
  sameTexts([Number.MAX_VALUE, Number.MIN_VALUE, -Number.MAX_VALUE, 2.2250738585072014e-308, 2.225073858507201e-308])
})

test('any number', () => {
  fc.assert(fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 300 }), sameTexts), {
    numRuns: 300,
  })
  fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 300 }), sameTexts), {
    numRuns: 300,
  })
  // Shares of people, as tables have them.
  sameTexts(Array.from({ length: 300 }, (_, n) => Array.from({ length: n }, (_, i) => i / n)).flat())
})
