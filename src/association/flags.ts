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
  ref: string
  alt: string
  lowCallRate: boolean
  sourceConfounded: boolean
  /** All carriers, of either allele, are cases, or all are controls. */
  oneGroup: boolean
  /** No case or no control is called. */
  groupUncalled: boolean
}): number {
  const pair = row.ref + row.alt
  const set = [
    row.hwe < hweBelow,
    row.differentialMissingness < logMissingnessBelow,
    pair === 'AT' || pair === 'TA' || pair === 'CG' || pair === 'GC',
    row.lowCallRate,
    row.sourceConfounded,
    row.oneGroup,
    row.groupUncalled,
  ]
  return set.reduce((bits, on, i) => (on ? bits | (1 << i) : bits), 0)
}

export function flagBit(name: FlagName): number {
  return 1 << flagNames.indexOf(name)
}

export function hasFlag(bits: number, name: FlagName): boolean {
  return ((bits >> flagNames.indexOf(name)) & 1) === 1
}

/** The names of a row's flags, comma between. */
export function flagText(bits: number): string {
  return flagNames.filter((name) => hasFlag(bits, name)).join(',')
}
