import type { KinshipPair } from '../../results/genotypes.ts'

const named = 10

/** A sentence on people who are in two cohorts by their genotypes; none where nobody is. */
export function acrossCohortNotes(pairs: readonly KinshipPair[]): string[] {
  const twice = pairs.filter(
    ({ relationship, cohorts }) => relationship === 'duplicate' && cohorts !== undefined && cohorts[0] !== cohorts[1],
  )
  if (twice.length === 0) return []
  const list = twice
    .slice(0, named)
    .map(({ a, b, cohorts = ['', ''] }) => `${a} in ${cohorts[0]} is ${b} in ${cohorts[1]}`)
    .join('; ')
  return [
    `${twice.length} ${twice.length === 1 ? 'pair of samples from two cohorts is' : 'pairs of samples from two cohorts are'} one person by genotypes, or twins (${list}${twice.length > named ? '; ...' : ''}): of each, one sample leaves as a duplicate.`,
  ]
}
