import type { SampleQuality } from '../../results/genotypes.ts'

/** F on X below which a person is a woman and above which a man: the limits of PLINK's check. */
const womanBelow = 0.2
const manAbove = 0.8

/** Fewer common X variants than this give no F. */
export const fewestXVariants = 50

/** Sex by the inbreeding coefficient on X outside the pseudoautosomal regions; NaN gives `unknown`. */
export function geneticSex(f: number): SampleQuality['genetic_sex'] {
  if (f < womanBelow) return 'female'
  return f > manAbove ? 'male' : 'unknown'
}

/**
 * Places of people whose value is further than `limit` standard deviations from the mean of the rest, found in rounds:
 * whoever is beyond the limit leaves, mean and deviation are taken again, until nobody leaves. At most ten rounds.
 * NaN is never an outlier.
 */
export function outlyingValues(values: readonly number[], limit: number): number[] {
  const out = new Set<number>()
  for (let round = 0; round < 10; round++) {
    const rest = values.map((_, i) => i).filter((i) => !out.has(i) && !Number.isNaN(values[i]))
    if (rest.length < 3) break
    const mean = rest.reduce((sum, i) => sum + values[i], 0) / rest.length
    const variance = rest.reduce((sum, i) => sum + (values[i] - mean) * (values[i] - mean), 0) / (rest.length - 1)
    const bound = limit * Math.sqrt(variance)
    const leaving = rest.filter((i) => Math.abs(values[i] - mean) > bound)
    if (leaving.length === 0) break
    for (const i of leaving) out.add(i)
  }
  return [...out].sort((a, b) => a - b)
}
