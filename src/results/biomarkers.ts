export interface BiomarkerGroup {
  group: string
  n: number
  censored: number
  /** Adjusted geometric mean at the cohort's mean age and sex mix, and its 95% limits. */
  mean: number
  low: number
  high: number
}

export interface Biomarker {
  name: string
  unit: string
  limit: number | null
  n: number
  censored: number
  /** Each person's value for the figure; `censored` ones are at the limit. */
  points: { patient: string; group: string; genotype: number | null; value: number; censored: boolean }[]
  groups: BiomarkerGroup[]
  /**
   * Censored (Tobit) regression on the log scale: reversal v typical, adjusted for age and sex. `p` is the likelihood ratio's,
   * referred to F(1, n - p), and the limits are by profile likelihood; `waldP` stands beside it, and `rankP` is the exact unadjusted Wilcoxon test, null when too long.
   */
  contrast: {
    ratio: number
    low: number
    high: number
    p: number
    negLog10P: number
    waldP: number
    rankP: number | null
    adjustedFor: string[]
  } | null
  /** Per copy of the lead variant's alt allele, adjusted for age, sex and group (people were sampled by group). */
  genotype: {
    variant: string
    n: number
    ratio: number
    low: number
    high: number
    p: number
    negLog10P: number
    waldP: number
    adjustedFor: string[]
  } | null
  /** What was left out or could not be estimated, in sentences. */
  notes: string[]
  sentence: string
}

/** `biomarkers.json`. */
export interface Biomarkers {
  biomarkers: Biomarker[]
  notes: string[]
}
