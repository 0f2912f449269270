/** Flags of a row, in the order in which they are listed; bit i of a row's flags is flagNames[i]. */
export const flagNames = [
  'hwe',
  'differential_missingness',
  'strand_ambiguous',
  'low_call_rate',
  'source_confounded',
  'carriers_in_one_group',
  'one_group_uncalled',
  'firth_screened_out',
  'control_sources_differ',
  // Firth, the odds ratio and the allele frequency are of dosages; counts and exact tests are of hard calls.
  'dosage',
  'not_in_every_cohort',
  // Matched designs: every test of the row is its form within the sets; and no set tells anything of the variant.
  'within_matched_sets',
  'alike_within_sets',
] as const
export type FlagName = (typeof flagNames)[number]

/** Exact Hardy-Weinberg p in controls (females on X) below which a variant is flagged. */
const hweBelow = 1e-6
/** Fisher's p of missing against called, cases against controls, below which a variant is flagged: ln(1e-4). */
const logMissingnessBelow = -9.210340371976182

export function flagBits(row: {
  hwe: number
  /** log p. */
  differentialMissingness: number
  /** A and T, or C and G. */
  strandAmbiguous: boolean
  lowCallRate: boolean
  sourceConfounded: boolean
  /** All carriers, of either allele, are cases, or all are controls. */
  oneGroup: boolean
  /** No case or no control is called. */
  groupUncalled: boolean
}): number {
  let bits = 0
  if (row.hwe < hweBelow) bits |= 1
  if (row.differentialMissingness < logMissingnessBelow) bits |= 2
  if (row.strandAmbiguous) bits |= 4
  if (row.lowCallRate) bits |= 8
  if (row.sourceConfounded) bits |= 16
  if (row.oneGroup) bits |= 32
  if (row.groupUncalled) bits |= 64
  return bits
}

/** The bit of each flag. */
export const flagBit = Object.fromEntries(flagNames.map((name, i) => [name, 1 << i])) as Record<FlagName, number>

/** The names of a row's flags, comma between. */
export function flagText(bits: number): string {
  return flagNames.filter((name) => (bits & flagBit[name]) !== 0).join(',')
}
