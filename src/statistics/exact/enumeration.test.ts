import { expect, test } from 'vitest'
import { kernels } from '../../numerics/kernels.ts'
import { RandomStream } from '../../numerics/random.ts'
import { compareIntegers, compareOutcomes } from './comparison.ts'
import { exactTrend } from './exact-trend.ts'
import { fisherTest } from './fisher.ts'
import { freemanHalton } from './freeman-halton.ts'
import { hardyWeinberg } from './hardy-weinberg.ts'
import { agree, choose, logRatio } from './testing/enumeration.ts'

interface Found {
  logP: number
  logMidp: number
  logMinAttainableP?: number
}

/** Compares a test by probability with the enumeration of all outcomes' integer weights. */
function compare(found: Found, weights: bigint[], observed: bigint, name: string): void {
  let total = 0n
  let less = 0n
  let tied = 0n
  let least = weights[0]
  for (const w of weights) {
    total += w
    if (w < observed) less += w
    else if (w === observed) tied += w
    if (w < least) least = w
  }
  agree(found.logP, logRatio(less + tied, total), 1e-13, `${name} p`)
  agree(found.logMidp, logRatio(2n * less + tied, 2n * total), 1e-13, `${name} mid-p`)
  if (found.logMinAttainableP === undefined) return
  const leastTied = BigInt(weights.filter((w) => w === least).length)
  agree(found.logMinAttainableP, logRatio(least * leastTied, total), 1e-13, `${name} least`)
}

/** Draws a 2 x 3 table: margins anything, cells anything that they allow, also far out. */
function drawTable(random: RandomStream, size: number): { n: number[]; a: number[]; c: number } {
  const n = [random.integer(size), random.integer(size), random.integer(size)]
  // symmetric margins make ties
  if (random.uniform() < 0.3) n[1] = n[0]
  if (random.uniform() < 0.2) n[2] = n[1]
  const a = n.map((m) => (random.uniform() < 0.3 ? (random.uniform() < 0.5 ? 0 : m) : random.integer(m + 1)))
  return { n, a, c: a[0] + a[1] + a[2] }
}

test('2 x 3 tables', () => {
  const random = new RandomStream(5, 'test/freeman-halton')
  for (let i = 0; i < 1500; i++) {
    const { n, a, c } = drawTable(random, i % 10 === 0 ? 60 : 12)
    const weights: bigint[] = []
    for (let x2 = 0; x2 <= Math.min(n[2], c); x2++)
      for (let x1 = Math.max(0, c - x2 - n[0]); x1 <= Math.min(n[1], c - x2); x1++)
        weights.push(choose(n[0], c - x1 - x2) * choose(n[1], x1) * choose(n[2], x2))
    const table = {
      caseRef: a[0],
      caseHet: a[1],
      caseAlt: a[2],
      controlRef: n[0] - a[0],
      controlHet: n[1] - a[1],
      controlAlt: n[2] - a[2],
    }
    const observed = choose(n[0], a[0]) * choose(n[1], a[1]) * choose(n[2], a[2])
    compare(freemanHalton(table), weights, observed, `${n.join()} / ${a.join()}`)
  }
})

test('2 x 2 tables, small and far beyond the range of a double', () => {
  const random = new RandomStream(6, 'test/fisher')
  for (let i = 0; i < 1500; i++) {
    const { n, a } = drawTable(random, i % 50 === 0 ? 3000 : 40)
    const c = a[0] + a[1]
    const weights: bigint[] = []
    for (let x = Math.max(0, c - n[0]); x <= Math.min(n[1], c); x++) weights.push(choose(n[0], c - x) * choose(n[1], x))
    const found = fisherTest({
      caseWith: a[1],
      caseWithout: a[0],
      controlWith: n[1] - a[1],
      controlWithout: n[0] - a[0],
    })
    compare(found, weights, choose(n[0], a[0]) * choose(n[1], a[1]), `${n.join()} / ${a.join()}`)
  }
})

test('both ends of a symmetric table count where a walk between them leaves the range of a mantissa', () => {
  // The ends weigh the same, and C(284, 121), which lies between them, is more than 2^256.
  const found = fisherTest({ caseWith: 121, caseWithout: 0, controlWith: 163, controlWithout: 284 })
  agree(found.logMinAttainableP, logRatio(2n * choose(284, 121), choose(568, 121)), 1e-13)
  for (const n of [270, 280, 284, 290, 330, 400])
    for (let c = 100; c < 200; c += 7) {
      const table = { caseRef: 0, caseHet: c, caseAlt: 0, controlRef: n, controlHet: n - c, controlAlt: 0 }
      agree(freemanHalton(table).logMinAttainableP, logRatio(2n * choose(n, c), choose(2 * n, c)), 1e-13, `${n} ${c}`)
    }
})

test('Hardy-Weinberg', () => {
  const random = new RandomStream(7, 'test/hardy-weinberg')
  const multinomial = (het: number, hom1: number, hom2: number) =>
    (choose(het + hom1 + hom2, het) * choose(hom1 + hom2, hom1)) << BigInt(het)
  const check = (hom1: number, het: number, hom2: number) => {
    const weights: bigint[] = []
    const rare = Math.min(2 * hom1, 2 * hom2) + het
    for (let h = het % 2; h <= rare; h += 2) {
      const first = hom1 + (het - h) / 2
      weights.push(multinomial(h, first, hom2 + (het - h) / 2))
    }
    compare(hardyWeinberg(hom1, het, hom2), weights, multinomial(het, hom1, hom2), `${hom1} ${het} ${hom2}`)
  }
  for (let i = 0; i < 1500; i++) {
    const size = i % 50 === 0 ? 250 : 25
    check(random.integer(size), random.integer(size), random.integer(size))
  }
  for (const [r, h, s] of [
    [0, 0, 0],
    [1, 0, 0],
    [0, 1, 0],
    [0, 2, 0],
    [1, 0, 1],
    [5, 0, 5],
    [500, 0, 500],
    [0, 800, 0],
  ])
    check(r, h, s)
})

test('margins that leave one table give p = 1 and mid-p = 1/2, to the bit', () => {
  const none = { caseRef: 0, caseHet: 0, caseAlt: 0, controlRef: 0, controlHet: 0, controlAlt: 0 }
  for (const table of [
    none,
    { ...none, caseRef: 22, controlRef: 103 },
    { ...none, caseHet: 22, controlHet: 103 },
    { ...none, caseAlt: 22, controlAlt: 103 },
    { ...none, caseRef: 20, caseHet: 2 },
    { ...none, controlRef: 20, controlHet: 2, controlAlt: 1 },
  ])
    for (const exactTest of [freemanHalton, exactTrend])
      expect(exactTest(table)).toEqual({
        p: 1,
        logP: 0,
        midp: 0.5,
        logMidp: -Math.LN2,
        minAttainableP: 1,
        logMinAttainableP: 0,
      })
  expect(fisherTest({ caseWith: 0, caseWithout: 3, controlWith: 0, controlWithout: 4 })).toMatchObject({
    p: 1,
    midp: 0.5,
  })
  expect(hardyWeinberg(0, 0, 0)).toEqual({ p: 1, logP: 0, midp: 0.5, logMidp: -Math.LN2 })
})

test('a table of fifty thousand keeps its digits far below the smallest double', () => {
  // the observed table is the least likely one, and the only one: p = 1 / C(50000, 400)
  const found = freemanHalton({
    caseRef: 0,
    caseHet: 0,
    caseAlt: 400,
    controlRef: 48000,
    controlHet: 1600,
    controlAlt: 0,
  })
  const expected = -logRatio(choose(50000, 400), 1n)
  expect(expected).toBeLessThan(-2000)
  agree(found.logP, expected, 1e-13)
  agree(found.logMinAttainableP, expected, 1e-13)
  expect(found.p).toBe(0)
})

test('outcomes that rounding cannot settle are settled in integers', () => {
  expect(compareIntegers(10n ** 40n + 1n, 10n ** 40n)).toEqual({ order: 1, weight: 1 })
  expect(compareIntegers(3n, 4n)).toEqual({ order: -1, weight: 0.75 })
  expect(compareIntegers(4n, 4n).order).toBe(0)
  // sums as a kernel leaves them: less 1/2, tied 1, total 5, least 1/4, three undecided of weight 1 each
  const orders = [-1, 0, 1] as const
  const found = compareOutcomes(
    (out) => kernels().f64(out, 14).set([0.5, 1, 5, 0, 0.25, 0, 0, 3, 0, 0, 1, 0, 2, 0]),
    (first) => ({ order: orders[first], weight: 1 }),
  )
  agree(found.logP, Math.log((0.5 + 1 + 1 + 1) / 5), 1e-15)
  agree(found.logMidp, Math.log((0.5 + 1 + 0.5 * 2) / 5), 1e-15)
  agree(found.logMinAttainableP, Math.log(0.25 / 5), 1e-15)
  expect(() =>
    compareOutcomes(
      (out) => kernels().f64(out, 8).set([0, 1, 1, 0, 1, 0, 0, 17]),
      () => ({ order: 0, weight: 1 }),
    ),
  ).toThrow(/17 outcomes/)
})

test('refuses what are no counts', () => {
  expect(() => hardyWeinberg(-1, 0, 0)).toThrow(/whole numbers/)
  expect(() => hardyWeinberg(6e6, 6e6, 0)).toThrow(/at most/)
  expect(() => fisherTest({ caseWith: 0.5, caseWithout: 3, controlWith: 0, controlWithout: 4 })).toThrow(/whole/)
})
