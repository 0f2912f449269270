import { UpturnError } from '../../errors/index.ts'
import { RandomStream } from '../../numerics/random.ts'
import { exp, normalLogTail } from '../../numerics/special.ts'

export interface TrendPermutation {
  /** Jonckheere-Terpstra's J, its mean and variance under all relabellings, ties included. */
  statistic: number
  mean: number
  variance: number
  /** (J - mean) / sd and its two-sided normal p. */
  z: number
  normalP: number
  /** (b + 1) / (draws + 1) of |J - mean|, two-sided; 1 where all values are equal. */
  p: number
  draws: number
}

/**
 * Jonckheere-Terpstra's trend test by random relabelling, for groups too large for the exact distribution (`jonckheereTerpstra`). The variance is the
 * closed form with ties (Hollander & Wolfe, Nonparametric Statistical Methods, 2nd ed., 6.19; exact). The same seed gives the same p.
 * Refuses empty groups and values that are not finite. O(draws x n x groups).
 */
export function permutedTrend(
  values: readonly number[],
  groups: readonly number[],
  options: { draws: number; seed: number },
): TrendPermutation {
  const n = values.length
  const k = groups.reduce((most, g) => Math.max(most, g), -1) + 1
  const sizes = Array.from({ length: k }, (_, g) => groups.filter((x) => x === g).length)
  if (groups.length !== n || k < 2 || sizes.includes(0) || !values.every(Number.isFinite))
    throw new UpturnError(
      'BadArgument',
      'a trend test needs a finite value and a group for everyone, and no empty group',
    )
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b])
  const sorted = order.map((i) => values[i])
  const ends: number[] = []
  for (let i = 0; i < n; i++) if (i === n - 1 || sorted[i + 1] !== sorted[i]) ends.push(i + 1)
  const labels = Int32Array.from(order, (i) => groups[i])
  const ties = ends.map((end, b) => end - (b === 0 ? 0 : ends[b - 1]))
  const { mean, variance } = moments(sizes, ties)
  const twice = twiceJ(labels, ends, k)
  const observed = Math.abs(twice - 2 * mean)
  const random = new RandomStream(options.seed, 'trend relabelling', 0)
  let extreme = 0
  for (let d = 0; d < options.draws; d++) {
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor((i + 1) * random.uniform())
      const held = labels[i]
      labels[i] = labels[j]
      labels[j] = held
    }
    if (Math.abs(twiceJ(labels, ends, k) - 2 * mean) >= observed - 1e-9) extreme++
  }
  const z = variance > 0 ? (twice / 2 - mean) / Math.sqrt(variance) : 0
  return {
    statistic: twice / 2,
    mean,
    variance,
    z,
    normalP: variance > 0 ? Math.min(1, 2 * exp(normalLogTail(Math.abs(z)))) : 1,
    p: (extreme + 1) / (options.draws + 1),
    draws: options.draws,
  }
}

/** Twice J of labels in the order of the values, whose blocks of equal values end at `ends`. */
function twiceJ(labels: Int32Array, ends: readonly number[], k: number): number {
  const seen = new Float64Array(k)
  const block = new Float64Array(k)
  let sum = 0
  let from = 0
  for (const end of ends) {
    if (end === from + 1) {
      const g = labels[from]
      for (let a = 0; a < g; a++) sum += 2 * seen[a]
      seen[g]++
    } else {
      block.fill(0)
      for (let i = from; i < end; i++) block[labels[i]]++
      for (let b = 1; b < k; b++) for (let a = 0; a < b; a++) sum += block[b] * (2 * seen[a] + block[a])
      for (let b = 0; b < k; b++) seen[b] += block[b]
    }
    from = end
  }
  return sum
}

/** Mean and variance of J under all relabellings. */
function moments(sizes: readonly number[], ties: readonly number[]): { mean: number; variance: number } {
  const n = sizes.reduce((a, b) => a + b, 0)
  const total = (list: readonly number[], f: (m: number) => number): number => list.reduce((sum, m) => sum + f(m), 0)
  const cubic = (m: number): number => m * (m - 1) * (2 * m + 5)
  const three = (m: number): number => m * (m - 1) * (m - 2)
  const two = (m: number): number => m * (m - 1)
  const mean = (n * n - total(sizes, (m) => m * m)) / 4
  const variance =
    (cubic(n) - total(sizes, cubic) - total(ties, cubic)) / 72 +
    (n > 2 ? (total(sizes, three) * total(ties, three)) / (36 * three(n)) : 0) +
    (total(sizes, two) * total(ties, two)) / (8 * two(n))
  return { mean, variance: Math.max(0, variance) }
}
