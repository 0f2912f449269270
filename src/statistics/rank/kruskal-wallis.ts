import { UpturnError } from '../../errors/index.ts'
import { chiSquareLogTail, exp } from '../../numerics/special.ts'

export interface KruskalWallis {
  /** Corrected for ties. */
  statistic: number
  degrees: number
  /** From chi-square; natural logarithm beside it. */
  p: number
  logP: number
}

/**
 * Kruskal-Wallis test that k groups have one distribution (JASA 47:583, 1952), with mid-ranks and the correction for ties.
 * When all values are equal the statistic is 0 and p is 1. Refuses an empty group and values that are not finite.
 *
 * @param groups for each value its group, 0 to k-1
 */
export function kruskalWallis(values: readonly number[], groups: readonly number[]): KruskalWallis {
  const k = Math.max(...groups) + 1
  const sizes = Array.from({ length: k }, (_, g) => groups.filter((x) => x === g).length)
  if (values.length !== groups.length || k < 2 || sizes.includes(0) || !values.every(Number.isFinite))
    throw new UpturnError(
      'BadArgument',
      'a rank test needs a finite value and a group for everyone, and no empty group',
    )
  const n = values.length
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b])
  const rankSums = Array.from({ length: k }, () => 0)
  let ties = 0
  for (let first = 0; first < n; ) {
    let last = first
    while (last + 1 < n && values[order[last + 1]] === values[order[first]]) last++
    const t = last - first + 1
    ties += t * t * t - t
    for (let i = first; i <= last; i++) rankSums[groups[order[i]]] += (first + last) / 2 + 1
    first = last + 1
  }
  const correction = 1 - ties / (n * n * n - n)
  if (!(correction > 0)) return { statistic: 0, degrees: k - 1, p: 1, logP: 0 }
  let sum = 0
  for (let g = 0; g < k; g++) {
    const excess = rankSums[g] / sizes[g] - (n + 1) / 2
    sum += sizes[g] * excess * excess
  }
  const statistic = (12 * sum) / (n * (n + 1)) / correction
  const logP = chiSquareLogTail(statistic, k - 1)
  return { statistic, degrees: k - 1, p: exp(logP), logP }
}
