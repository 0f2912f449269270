import { UpturnError } from '../../errors/index.ts'

/**
 * Hodges-Lehmann's estimate of the shift between two groups: the median of all differences a - b (Ann Math Stat 34:598, 1963). R's
 * `wilcox.test` gives the same for its exact p. Refuses an empty group and values that are not finite. O(n m log(n m)).
 */
export function hodgesLehmannShift(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0 || ![...a, ...b].every(Number.isFinite))
    throw new UpturnError('BadArgument', 'a shift needs finite values in both groups')
  const differences = Float64Array.from({ length: a.length * b.length }, (_, at) => {
    return a[Math.floor(at / b.length)] - b[at % b.length]
  }).sort()
  const half = differences.length / 2
  return differences.length % 2 === 1 ? differences[Math.floor(half)] : (differences[half - 1] + differences[half]) / 2
}
