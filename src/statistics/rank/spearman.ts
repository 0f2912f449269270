import { UpturnError } from '../../errors/index.ts'
import { RandomStream } from '../../numerics/random.ts'
import { expm1, log } from '../../numerics/special.ts'

export interface Spearman {
  /** `constant`: one of the two does not vary, and there is no correlation. */
  status: 'ok' | 'constant'
  n: number
  /** Pearson's correlation of mid-ranks; NaN when constant. */
  rho: number
  /** 95% limits by Fisher's z with variance (1 + rho^2 / 2) / (n - 3); null below five people or at |rho| = 1. */
  low: number | null
  high: number | null
  /** Two-sided, of |rho| under all relabellings: (b + 1) / (draws + 1). 1 when constant. */
  p: number
  draws: number
}

/**
 * Spearman's rank correlation, ties by mid-ranks, with a permutation p. Limits: Bonett & Wright, Psychometrika 65:23, 2000. The same seed gives the same p.
 * Refuses fewer than three people and values that are not finite.
 */
export function spearman(
  x: readonly number[],
  y: readonly number[],
  options: { draws: number; seed: number },
): Spearman {
  const n = x.length
  if (n < 3 || y.length !== n || ![...x, ...y].every(Number.isFinite))
    throw new UpturnError('BadArgument', 'a rank correlation needs two finite values each of three people or more')
  const a = centredRanks(x)
  const b = centredRanks(y)
  const size = Math.sqrt(dot(a, a) * dot(b, b))
  if (!(size > 0)) return { status: 'constant', n, rho: Number.NaN, low: null, high: null, p: 1, draws: 0 }
  const observed = dot(a, b)
  const rho = Math.max(-1, Math.min(1, observed / size))
  const random = new RandomStream(options.seed, 'rank correlation', 0)
  const shuffled = Float64Array.from(b)
  let extreme = 0
  for (let d = 0; d < options.draws; d++) {
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor((i + 1) * random.uniform())
      const held = shuffled[i]
      shuffled[i] = shuffled[j]
      shuffled[j] = held
    }
    if (Math.abs(dot(a, shuffled)) >= Math.abs(observed) - 1e-9 * size) extreme++
  }
  let low: number | null = null
  let high: number | null = null
  if (n >= 5 && Math.abs(rho) < 1) {
    const z = 0.5 * log((1 + rho) / (1 - rho))
    const margin = 1.959963984540054 * Math.sqrt((1 + (rho * rho) / 2) / (n - 3))
    const back = (v: number): number => {
      const e = expm1(2 * v)
      return e / (e + 2)
    }
    low = back(z - margin)
    high = back(z + margin)
  }
  return { status: 'ok', n, rho, low, high, p: (extreme + 1) / (options.draws + 1), draws: options.draws }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

/** Mid-ranks less their mean. */
function centredRanks(values: readonly number[]): Float64Array {
  const n = values.length
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b])
  const ranks = new Float64Array(n)
  for (let first = 0; first < n; ) {
    let last = first
    while (last + 1 < n && values[order[last + 1]] === values[order[first]]) last++
    for (let i = first; i <= last; i++) ranks[order[i]] = (first + last) / 2 + 1 - (n + 1) / 2
    first = last + 1
  }
  return ranks
}
