import { UpturnError } from '../errors/index.ts'

/** A person with genotypes at the same variants as everyone else: 0, 1, 2 copies, 3 missing. */
export interface GenotypedPerson {
  id: string
  genotypes: Uint8Array
}

/** Variants that both must have, and share of equal calls among those where either is not 0/0, above which two are one person. */
const leastVariants = 50
const concordance = 0.95

/**
 * People of the second cohort who are also in the first: by id, or because their genotypes are the same (a re-sequenced or renamed
 * sample). Equal calls are counted only where either person carries the allele, so that rare variants do not make strangers alike: unrelated people agree at
 * about half of such calls, siblings at three quarters, one person at nearly all. Identical twins count as one person.
 *
 * @returns ids of the second cohort, in its order
 */
export function sharedPeople(first: readonly GenotypedPerson[], second: readonly GenotypedPerson[]): string[] {
  const ids = new Set(first.map((p) => p.id))
  return second.filter((p) => ids.has(p.id) || first.some((q) => isSame(p.genotypes, q.genotypes))).map((p) => p.id)
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length)
    throw new UpturnError(
      'BadArgument',
      'people can only be compared at the same variants: lists of genotypes differ in length',
    )
  let compared = 0
  let equal = 0
  for (let v = 0; v < a.length; v++) {
    if (a[v] === 3 || b[v] === 3 || (a[v] === 0 && b[v] === 0)) continue
    compared++
    if (a[v] === b[v]) equal++
  }
  return compared >= leastVariants && equal >= concordance * compared
}
