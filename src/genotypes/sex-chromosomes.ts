import { UpturnError } from '../errors/index.ts'

interface PseudoautosomalRegions {
  readonly X: readonly (readonly [number, number])[]
  readonly Y: readonly (readonly [number, number])[]
}

// 1-based, both ends included. GRCh38 and GRCh37: Genome Reference Consortium. NCBI36: X as the UCSC browser describes hg18
// (chrX:1-2709520 and chrX:154584237-154913754), its second region without the first base, so that both copies are as long as in GRCh37; Y
// from memory. NCBI35: from memory. What is from memory was not held against a published table.
const regions: Readonly<Record<string, PseudoautosomalRegions>> = {
  GRCh38: {
    X: [
      [10_001, 2_781_479],
      [155_701_383, 156_030_895],
    ],
    Y: [
      [10_001, 2_781_479],
      [56_887_903, 57_217_415],
    ],
  },
  GRCh37: {
    X: [
      [60_001, 2_699_520],
      [154_931_044, 155_260_560],
    ],
    Y: [
      [10_001, 2_649_520],
      [59_034_050, 59_363_566],
    ],
  },
  NCBI36: {
    X: [
      [1, 2_709_520],
      [154_584_238, 154_913_754],
    ],
    Y: [
      [1, 2_709_520],
      [57_443_438, 57_772_954],
    ],
  },
  NCBI35: {
    X: [
      [1, 2_692_881],
      [154_494_747, 154_824_264],
    ],
    Y: [
      [1, 2_692_881],
      [57_372_174, 57_701_691],
    ],
  },
}

/** Builds whose regions are wholly or partly from memory: their ends may be off by some bases. */
const fromMemory: readonly string[] = ['NCBI36', 'NCBI35']

/** What a reader must know of the table of a build; null where it is published. */
export function regionsNote(build: string): string | null {
  return fromMemory.includes(build)
    ? `The pseudoautosomal regions of ${build} are from memory${build === 'NCBI36' ? ' on Y' : ''}, not from a published table: variants within a few bases of their ends may be taken for the wrong kind.`
    : null
}

/** How a variant is inherited. */
export const sexChromosomeKinds = ['autosome', 'pseudoautosomal', 'X', 'Y', 'MT'] as const
export type SexChromosomeKind = (typeof sexChromosomeKinds)[number]

/** True on X or Y inside a pseudoautosomal region of the build. Refuses a build without a table. */
export function isPseudoautosomal(build: string, chromosome: string, position: number): boolean {
  if (chromosome !== 'X' && chromosome !== 'Y') return false
  if (!Object.hasOwn(regions, build))
    throw new UpturnError(
      'BadArgument',
      `the pseudoautosomal regions of build ${build} are not known; use one of ${Object.keys(regions).join(', ')}`,
    )
  return regions[build][chromosome].some(([first, last]) => position >= first && position <= last)
}

/**
 * How a variant at this place is inherited: `X` and `Y` mean outside the pseudoautosomal regions. Chromosomes are named
 * 1 to 22, X, Y, MT; anything else counts as an autosome.
 */
export function sexChromosomeKind(build: string, chromosome: string, position: number): SexChromosomeKind {
  if (chromosome === 'X' || chromosome === 'Y')
    return isPseudoautosomal(build, chromosome, position) ? 'pseudoautosomal' : chromosome
  return chromosome === 'MT' ? 'MT' : 'autosome'
}
