import { expect, test } from 'vitest'
import { philox, philoxKey } from './philox.ts'
import { RandomStream } from './random.ts'
import { binomialLogPmf, chiSquareLogTail, exp, logFactorial } from './special.ts'

/** Philox4x32-10 in BigInt, from the paper. */
function plainPhilox(counter: bigint[], key: bigint[]): number[] {
  let [a, b, c, d] = counter
  let [k, l] = key
  const mask = 0xffffffffn
  for (let round = 0; round < 10; round++) {
    const p = a * 0xd2511f53n
    const q = c * 0xcd9e8d57n
    ;[a, b, c, d] = [(q >> 32n) ^ b ^ k, q & mask, (p >> 32n) ^ d ^ l, p & mask]
    k = (k + 0x9e3779b9n) & mask
    l = (l + 0xbb67ae85n) & mask
  }
  return [a, b, c, d].map(Number)
}

test('Philox gives the known answers of Random123 and equals the plain twin', () => {
  const out = new Uint32Array(4)
  philox(out, 0, 0, [0, 0])
  expect([...out]).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8])
  const ones = 0xffffffffn
  expect(plainPhilox([ones, ones, ones, ones], [ones, ones])).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd])
  expect(plainPhilox([0x243f6a88n, 0x85a308d3n, 0x13198a2en, 0x03707344n], [0xa4093822n, 0x299f31d0n])).toEqual([
    0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
  ])
  const many = new Uint32Array(64)
  const block = 2 ** 32 - 3
  const index = 2 ** 45 + 77
  philox(many, block, index, [0xa4093822, 0x299f31d0])
  for (let b = 0; b < 16; b++) {
    const n = BigInt(block + b)
    const i = BigInt(index)
    expect([...many.subarray(4 * b, 4 * b + 4)]).toEqual(
      plainPhilox([n & ones, n >> 32n, i & ones, i >> 32n], [0xa4093822n, 0x299f31d0n]),
    )
  }
})

test('a stream is the blocks of its key and index in order', () => {
  const stream = new RandomStream(7, 'test/words', 3)
  const key = philoxKey(7, 'test/words')
  const expected = Array.from({ length: 3000 }, (_, b) => plainPhilox([BigInt(b), 0n, 3n, 0n], key.map(BigInt))).flat()
  expect(expected.map(() => stream.uint32())).toEqual(expected)
  expect(new RandomStream(7, 'test/words', 4).uint32()).not.toBe(expected[0])
  expect(new RandomStream(8, 'test/words', 3).uint32()).not.toBe(expected[0])
  expect(new RandomStream(7, 'test/word', 3).uint32()).not.toBe(expected[0])
  expect(() => new RandomStream(-1, 'x', 0)).toThrow(/seed/)
  expect(() => new RandomStream(1, 'x', 0.5)).toThrow(/index/)
})

/** Goodness of fit of draws to a mass function: p must not be tiny; fixed streams, so never flaky. */
function goodness(draw: () => number, mass: (k: number) => number, draws: number): number {
  const seen = new Map<number, number>()
  for (let i = 0; i < draws; i++) {
    const k = draw()
    seen.set(k, (seen.get(k) ?? 0) + 1)
  }
  let statistic = 0
  let cells = 0
  let restExpected = draws
  let restSeen = draws
  for (let k = 0; k < 2000; k++) {
    const expected = draws * mass(k)
    if (expected < 20) continue
    cells++
    restExpected -= expected
    restSeen -= seen.get(k) ?? 0
    statistic += ((seen.get(k) ?? 0) - expected) ** 2 / expected
  }
  if (restExpected > 5) {
    cells++
    statistic += (restSeen - restExpected) ** 2 / restExpected
  } else expect(restSeen).toBeLessThan(40)
  return exp(chiSquareLogTail(statistic, cells - 1))
}

test('discrete draws follow their distributions', () => {
  const stream = new RandomStream(20240815, 'test/discrete', 0)
  for (const [n, p] of [
    [5, 0.3],
    [40, 0.1],
    [50, 0.5],
    [100, 0.9],
    [1000, 0.02],
    [1000, 0.4],
    [3, 1],
  ] as const)
    expect(
      goodness(
        () => stream.binomial(n, p),
        (k) => exp(binomialLogPmf(k, n, p)),
        100_000,
      ),
      `${n} ${p}`,
    ).toBeGreaterThan(1e-3)
  for (const mean of [0.1, 3, 9.9, 10.1, 30, 400])
    expect(
      goodness(
        () => stream.poisson(mean),
        (k) => exp(k * Math.log(mean) - mean - logFactorial(k)),
        100_000,
      ),
      `${mean}`,
    ).toBeGreaterThan(1e-3)
  expect(
    goodness(
      () => stream.integer(7),
      (k) => (k < 7 ? 1 / 7 : 0),
      70_000,
    ),
  ).toBeGreaterThan(1e-3)
  const subsets = () => stream.choose(5, 2).reduce((sum, v) => sum * 5 + v, 0)
  expect(new Set(Array.from({ length: 1000 }, subsets)).size).toBe(10)
  expect(goodness(subsets, (k) => (Math.floor(k / 5) < k % 5 && k < 25 ? 0.1 : 0), 50_000)).toBeGreaterThan(1e-3)
  const orders = () => stream.shuffle([0, 1, 2]).reduce((sum, v) => sum * 3 + v, 0)
  expect(goodness(orders, (k) => ([5, 7, 11, 15, 19, 21].includes(k) ? 1 / 6 : 0), 60_000)).toBeGreaterThan(1e-3)
})

test('continuous draws have the moments of their distributions', () => {
  const stream = new RandomStream(1, 'test/continuous', 0)
  const moments = (draw: () => number, draws = 200_000) => {
    let a = 0
    let b = 0
    let c = 0
    for (let i = 0; i < draws; i++) {
      const x = draw()
      a += x
      b += x * x
      c += x * x * x
    }
    return [a / draws, b / draws, c / draws]
  }
  const near = (found: number[], expected: number[], tolerance: number) =>
    found.forEach((value, i) => {
      expect(Math.abs(value - expected[i]), `moment ${i + 1}: ${value}`).toBeLessThan(tolerance * (1 + expected[i]))
    })
  near(
    moments(() => stream.uniform()),
    [1 / 2, 1 / 3, 1 / 4],
    0.005,
  )
  near(
    moments(() => stream.normal()),
    [0, 1, 0],
    0.03,
  )
  near(
    moments(() => stream.exponential()),
    [1, 2, 6],
    0.02,
  )
  near(
    moments(() => stream.gamma(0.4)),
    [0.4, 0.56, 1.344],
    0.02,
  )
  near(
    moments(() => stream.gamma(3.5)),
    [3.5, 15.75, 86.625],
    0.02,
  )
})
