/** Versions of VCF that are read, and what differs between them for a reader. */
export const vcfVersions = ['4.1', '4.2', '4.3', '4.4', '4.5'] as const
export type VcfVersion = (typeof vcfVersions)[number]

const atLeast = (version: VcfVersion, first: VcfVersion): boolean =>
  vcfVersions.indexOf(version) >= vcfVersions.indexOf(first)

export interface VersionRules {
  /**
   * From 4.3 on types, numbers and the form of keys are fixed by tables and regular expressions, and nothing may be named
   * twice.
   */
  readonly strict: boolean
  /** The last line must end in a line feed: 4.3 and 4.4 ask for it, and files of 4.5 without one are counted as valid. */
  readonly lastLineFeed: boolean
  /** From 4.4 on a genotype may begin with the phase of its first allele (`/0/1`), and Number may be P. */
  readonly phasePrefix: boolean
  /** From 4.5 on there are local alleles, whose lists may have no value at all. */
  readonly localAlleles: boolean
}

export function versionRules(version: VcfVersion): VersionRules {
  return {
    strict: atLeast(version, '4.3'),
    lastLineFeed: atLeast(version, '4.3') && !atLeast(version, '4.5'),
    phasePrefix: atLeast(version, '4.4'),
    localAlleles: atLeast(version, '4.5'),
  }
}
