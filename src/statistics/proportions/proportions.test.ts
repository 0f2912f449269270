import { expect, test } from 'vitest'
import { binomialLogPmf, exp } from '../../numerics/special.ts'
import { clopperPearsonInterval, wilsonInterval } from './proportions.ts'

const tail = (from: number, to: number, n: number, p: number) => {
  let sum = 0
  for (let k = from; k <= to; k++) sum += exp(binomialLogPmf(k, n, p))
  return sum
}

test('Clopper-Pearson limits have tails of exactly half the error', () => {
  for (const [x, n, level] of [
    [3, 22, 0.95],
    [1, 1000, 0.99],
    [21, 22, 0.95],
    [400, 1000, 0.9],
    [1, 2, 0.95],
  ] as const) {
    const { low, high, estimate } = clopperPearsonInterval(x, n, level)
    expect(estimate).toBe(x / n)
    expect(tail(x, n, n, low) / ((1 - level) / 2)).toBeCloseTo(1, 11)
    expect(tail(0, x, n, high) / ((1 - level) / 2)).toBeCloseTo(1, 11)
  }
  // closed forms: x = 0 gives 1 - (alpha / 2)^(1 / n)
  const none = clopperPearsonInterval(0, 22)
  expect(none.low).toBe(0)
  expect(none.high).toBeCloseTo(1 - 0.025 ** (1 / 22), 14)
  const all = clopperPearsonInterval(22, 22)
  expect(all.high).toBe(1)
  expect(all.low).toBeCloseTo(0.025 ** (1 / 22), 14)
})

test("Wilson's limits solve the score equation", () => {
  const z = 1.959963984540054
  for (const [x, n] of [
    [3, 22],
    [1, 1000],
    [21, 22],
  ]) {
    const { low, high } = wilsonInterval(x, n)
    for (const p of [low, high]) expect((x - n * p) ** 2 / (n * p * (1 - p))).toBeCloseTo(z * z, 10)
    expect(low).toBeLessThan(x / n)
    expect(high).toBeGreaterThan(x / n)
  }
  expect(wilsonInterval(0, 5).low).toBe(0)
  expect(wilsonInterval(5, 5).high).toBe(1)
})

test('refuses what is no proportion', () => {
  expect(() => wilsonInterval(3, 2)).toThrow(/3 of 2/)
  expect(() => clopperPearsonInterval(0, 0)).toThrow(/0 of 0/)
  expect(() => clopperPearsonInterval(1, 2, 1)).toThrow(/level/)
})
