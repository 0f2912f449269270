import { exp, log } from '../../numerics/special.ts'

// Upper 5% point of the Tracy-Widom distribution of order 1.
const criticalValue = 0.9793

/**
 * Tracy-Widom statistic of the first of `values` (eigenvalues, descending, all of those of the covariance of m people
 * less those already removed), with the effective number of variants taken from the eigenvalues themselves. NaN where
 * there are too few.
 * Source: Patterson, Price, Reich 2006, PLoS Genet 2:e190, equations 5 to 7 and 10.
 */
export function tracyWidomStatistic(values: ArrayLike<number>): number {
  const people = values.length
  let sum = 0
  let squares = 0
  for (let i = 0; i < people; i++) {
    sum += values[i]
    squares += values[i] * values[i]
  }
  const spread = people * squares - sum * sum
  if (people < 3 || !(spread > 0)) return Number.NaN
  const variants = ((people + 2) * sum * sum) / spread
  if (!(variants > 1)) return Number.NaN
  const rootVariants = Math.sqrt(variants - 1)
  const rootPeople = Math.sqrt(people)
  const centre = ((rootVariants + rootPeople) * (rootVariants + rootPeople)) / variants
  const width = ((rootVariants + rootPeople) / variants) * exp(log(1 / rootVariants + 1 / rootPeople) / 3)
  return ((people * values[0]) / sum - centre) / width
}

/** How many leading eigenvalues, at most `limit`, each stand out at 5% from those that follow. */
export function informativeComponents(values: Float64Array, limit: number): number {
  let count = 0
  while (count < limit && tracyWidomStatistic(values.subarray(count)) > criticalValue) count++
  return count
}
