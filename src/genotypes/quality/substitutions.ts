const tab = 9

/** 0 neither (an indel, or alleles of several bases), 1 a transition (A/G, C/T), 2 a transversion. */
export function substitution(ref: string, alt: string): 0 | 1 | 2 {
  if (ref.length !== 1 || alt.length !== 1) return 0
  const pair = ref < alt ? ref + alt : alt + ref
  if (pair === 'AG' || pair === 'CT') return 1
  return pair === 'AC' || pair === 'AT' || pair === 'CG' || pair === 'GT' ? 2 : 0
}

/** The same for a key line whose reference allele begins at byte `at`. */
export function substitutionAt(line: Uint8Array, at: number): 0 | 1 | 2 {
  if (line[at + 1] !== tab || line[at + 3] !== tab) return 0
  return substitution(String.fromCharCode(line[at]), String.fromCharCode(line[at + 2]))
}

/** Heterozygous calls of each person (column of the store) on autosomes, by kind of substitution. */
export interface SubstitutionCounts {
  transitions: Int32Array
  transversions: Int32Array
}

export function noSubstitutions(words: number): SubstitutionCounts {
  return { transitions: new Int32Array(64 * words), transversions: new Int32Array(64 * words) }
}

/** Adds b to a, entry by entry. */
export function addSubstitutions(a: SubstitutionCounts, b: SubstitutionCounts): void {
  for (let s = 0; s < a.transitions.length; s++) {
    a.transitions[s] += b.transitions[s]
    a.transversions[s] += b.transversions[s]
  }
}

/**
 * Transitions for one transversion among a person's heterozygous calls, which do not depend on which allele is called the
 * reference. Random errors are one to two, real variants about two to one, so a sample with more errors has a lower
 * ratio. NaN without transversions.
 */
export function transitionRatio({ transitions, transversions }: SubstitutionCounts, s: number): number {
  return transversions[s] === 0 ? Number.NaN : transitions[s] / transversions[s]
}
