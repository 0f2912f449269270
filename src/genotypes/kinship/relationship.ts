import type { KinshipPair } from '../../results/genotypes.ts'

// Halfway, on the scale of powers of two, between the expected kinship of neighbouring degrees (Manichaikul et al.
// 2010, table 1).
export const duplicateKinship = 0.354
const firstDegreeKinship = 0.177
const secondDegreeKinship = 0.0884
/** Kinship at or below which two people count as unrelated. */
export const unrelatedKinship = 0.0442

// A parent and a child share an allele everywhere, so opposite homozygotes are errors; full siblings have a quarter of
// what unrelated people have. One tenth lies between and leaves room for errors.
const parentChildShare = 0.1
// Below this expectation the two cannot be told apart.
const smallestExpectation = 50

/**
 * What a pair is to each other. `opposite` is the number of variants at which they are opposite homozygotes and
 * `expected` the number that two unrelated people of the sample would have.
 */
export function relationship(kinship: number, opposite: number, expected: number): KinshipPair['relationship'] {
  if (kinship > duplicateKinship) return 'duplicate'
  if (kinship > firstDegreeKinship) {
    if (expected < smallestExpectation) return 'first degree'
    return opposite < parentChildShare * expected ? 'parent-child' : 'sibling'
  }
  return kinship > secondDegreeKinship ? 'second degree' : 'third degree'
}

/**
 * Who leaves so that no pair is left: again and again the person in most remaining pairs, of equals the one with the
 * lower call rate, of equals the later one. Pairs are of places in a list of people; returns places in the order in
 * which they leave.
 */
export function removeRelatives(pairs: readonly { a: number; b: number }[], callRate: readonly number[]): number[] {
  const relatives = new Map<number, Set<number>>()
  const relativesOf = (i: number): Set<number> => {
    const known = relatives.get(i) ?? new Set<number>()
    relatives.set(i, known)
    return known
  }
  for (const { a, b } of pairs) {
    relativesOf(a).add(b)
    relativesOf(b).add(a)
  }
  const removed: number[] = []
  for (;;) {
    let worst = -1
    let most = 0
    for (const [i, others] of relatives) {
      const more = others.size - most || (worst >= 0 ? callRate[worst] - callRate[i] || i - worst : 0)
      if (others.size > 0 && more > 0) {
        worst = i
        most = others.size
      }
    }
    if (worst < 0) return removed
    for (const other of relativesOf(worst)) relativesOf(other).delete(worst)
    relatives.delete(worst)
    removed.push(worst)
  }
}
