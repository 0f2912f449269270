import { logarithmic, logOf } from './exact-numbers.js'
import { choose } from './integers.js'
import { row } from './page.js'

const oracle = 'polynomial in integers, this page'
/** Steps of the grid on which the largest probability is looked for, and bits by which each hill is then climbed. */
const steps = 200
const bits = 30n

/**
 * Barnard's and Boschloo's tests: the tables as extreme as the observed one are found by fractions, their probability is a polynomial of the
 * share in integers, and its largest value is looked for on a grid and by halving around every hill of it.
 */
export function unconditional({ barnardTest, boschlooTest }, RandomStream) {
  const random = new RandomStream(9, 'accuracy/unconditional')
  const tables = [
    [12, 10, 8, 95],
    [4, 18, 0, 103],
    [9, 13, 8, 95],
    [3, 19, 0, 103],
    [22, 0, 0, 103],
    [1, 21, 1, 102],
    ...Array.from({ length: 60 }, (_, i) => {
      const size = i % 15 === 0 ? 30 : 12
      const cases = 1 + random.integer(size)
      const controls = i % 4 === 0 ? cases : 1 + random.integer(size)
      const [a, c] = [random.integer(cases + 1), random.integer(controls + 1)]
      return [a, cases - a, c, controls - c]
    }),
  ]
  return [
    ['barnardTest', barnardTest, byScore],
    ['boschlooTest', boschlooTest, byFisher],
  ].map(([name, test, region]) =>
    row(
      `${name}: p`,
      oracle,
      tables.map(([caseWith, caseWithout, controlWith, controlWithout]) => {
        const found = test({ caseWith, caseWithout, controlWith, controlWithout })
        return logarithmic(found.logP, logOf(largest(region(caseWith, caseWithout, controlWith, controlWithout))))
      }),
      1e-12,
    ),
  )
}

/** Weights of the tables that count, by how many people have. */
function regionOf(cases, controls, counts) {
  const weights = new Array(cases + controls + 1).fill(0n)
  for (let x = 0; x <= cases; x++)
    for (let y = 0; y <= controls; y++) if (counts(x, y)) weights[x + y] += choose(cases, x) * choose(controls, y)
  return weights
}

/** By the pooled score chi-square, n (a d - b c)^2 over the product of the margins. */
function byScore(a, b, c, d) {
  const [cases, controls] = [a + b, c + d]
  const score = (x, y) => {
    const [have, lack] = [x + y, cases + controls - x - y]
    const cross = BigInt(x * (controls - y) - (cases - x) * y)
    return have === 0 || lack === 0 ? [0n, 1n] : [cross * cross, BigInt(have * lack)]
  }
  const [n0, d0] = score(a, c)
  return regionOf(cases, controls, (x, y) => {
    const [n1, d1] = score(x, y)
    return n1 * d0 >= n0 * d1
  })
}

/** By Fisher's two-sided p, which has the same denominator for every table with as many people having. */
function byFisher(a, b, c, d) {
  const [cases, controls] = [a + b, c + d]
  const known = new Map()
  /** p as a fraction: of the tables with the same margins those no likelier. */
  const p = (x, y) => {
    const have = x + y
    if (!known.has(have)) {
      const weights = Array.from({ length: cases + 1 }, (_, k) => choose(cases, k) * choose(controls, have - k))
      known.set(have, weights)
    }
    const weights = known.get(have)
    return [weights.reduce((sum, w) => (w <= weights[x] ? sum + w : sum), 0n), choose(cases + controls, have)]
  }
  const [n0, d0] = p(a, c)
  const seen = new Map()
  return regionOf(cases, controls, (x, y) => {
    const key = `${x} ${y}`
    if (!seen.has(key)) {
      const [n1, d1] = p(x, y)
      seen.set(key, n1 * d0 <= n0 * d1)
    }
    return seen.get(key)
  })
}

/** The largest sum of w_m s^m (1 - s)^(n - m) over s, as a fraction. */
function largest(weights) {
  const n = weights.length - 1
  /** Numerator over q^n at s = k / q. */
  const at = (k, q) => {
    let sum = 0n
    let power = 1n
    const other = q - k
    // Horner's rule in k / (q - k), whose denominators are put back on the way.
    for (let m = n; m >= 0; m--) {
      sum = sum * k + weights[m] * power
      power *= other
    }
    return sum
  }
  const q0 = BigInt(steps)
  const grid = Array.from({ length: steps + 1 }, (_, k) => at(BigInt(k), q0))
  let best = [0n, 1n]
  const better = ([a, b]) => {
    if (a * best[1] > best[0] * b) best = [a, b]
  }
  const q = q0 << bits
  for (let k = 0; k <= steps; k++) {
    better([grid[k], q0 ** BigInt(n)])
    if ((k > 0 && grid[k - 1] > grid[k]) || (k < steps && grid[k + 1] > grid[k])) continue
    // The top of this hill lies within one step: halved by the sign of the slope between neighbours.
    let low = BigInt(Math.max(0, k - 1)) << bits
    let high = BigInt(Math.min(steps, k + 1)) << bits
    while (high - low > 1n) {
      const middle = (low + high) >> 1n
      if (at(middle, q) < at(middle + 1n, q)) low = middle
      else high = middle
    }
    better([at(high, q), q ** BigInt(n)])
  }
  return best
}
