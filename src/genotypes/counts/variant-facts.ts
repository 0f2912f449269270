import type { SexChromosomeKind } from '../sex-chromosomes.ts'
import type { HardyWeinbergFacts, HardyWeinbergMemo } from './hardy-weinberg-facts.ts'

/** Numbers of people by genotype at one variant: no copy of alt, one, two, no call. */
export type GenotypeCounts = readonly [ref: number, het: number, alt: number, missing: number]

/** What is said of one variant; null where it has no meaning. */
export interface VariantFacts {
  readonly counts: GenotypeCounts
  /** Of those with no copy and two copies, people with one copy of the chromosome: men on X and Y, everybody on MT. */
  readonly hemizygous: readonly [ref: number, alt: number] | null
  readonly altFrequency: number | null
  readonly missingRate: number | null
  readonly hardyWeinberg: HardyWeinbergFacts | null
}

/** Names of the cells, in the order of the tables. */
export const factNames = [
  'hom_ref',
  'het',
  'hom_alt',
  'missing',
  'hemizygous_ref',
  'hemizygous_alt',
  'alt_frequency',
  'missing_rate',
  'hwe_p',
  'hwe_neglog10p',
  'hwe_midp',
] as const

export type FactName = (typeof factNames)[number]

/** The cell of a row under this name. */
export const factCell: Readonly<Record<FactName, (facts: VariantFacts) => number | null>> = {
  hom_ref: ({ counts }) => counts[0],
  het: ({ counts }) => counts[1],
  hom_alt: ({ counts }) => counts[2],
  missing: ({ counts }) => counts[3],
  hemizygous_ref: ({ hemizygous }) => hemizygous?.[0] ?? null,
  hemizygous_alt: ({ hemizygous }) => hemizygous?.[1] ?? null,
  alt_frequency: ({ altFrequency }) => altFrequency,
  missing_rate: ({ missingRate }) => missingRate,
  hwe_p: ({ hardyWeinberg }) => hardyWeinberg?.p ?? null,
  hwe_neglog10p: ({ hardyWeinberg }) => hardyWeinberg?.neglog10p ?? null,
  hwe_midp: ({ hardyWeinberg }) => hardyWeinberg?.midp ?? null,
}

const share = (part: number, whole: number) => (whole === 0 ? null : part / whole)

/**
 * Frequency, missingness and Hardy-Weinberg test of a variant. A man counts one copy of X and Y, everybody one of MT; a
 * heterozygous call of one copy, which is an error or heteroplasmy, counts half. On Y men alone are counted. The exact
 * test and its mid-p are taken over everybody on autosomes and pseudoautosomal regions, over women on X, and not at all
 * on Y and MT. People of unknown sex count two copies of X and are neither women nor men.
 */
export function variantFacts(
  kind: SexChromosomeKind,
  everyone: GenotypeCounts,
  men: GenotypeCounts,
  women: GenotypeCounts,
  tests: HardyWeinbergMemo,
): VariantFacts {
  const counts = kind === 'Y' ? men : everyone
  const [ref, het, alt, missing] = counts
  const missingRate = share(missing, ref + het + alt + missing)
  if (kind === 'autosome' || kind === 'pseudoautosomal')
    return {
      counts,
      hemizygous: null,
      altFrequency: share(het + 2 * alt, 2 * (ref + het + alt)),
      missingRate,
      hardyWeinberg: tests.facts(ref, het, alt),
    }
  const [oneRef, oneHet, oneAlt] = kind === 'MT' ? everyone : men
  return {
    counts,
    hemizygous: [oneRef, oneAlt],
    altFrequency: share(het + 2 * alt - oneAlt - oneHet / 2, 2 * (ref + het + alt) - (oneRef + oneHet + oneAlt)),
    missingRate,
    hardyWeinberg: kind === 'X' ? tests.facts(women[0], women[1], women[2]) : null,
  }
}
