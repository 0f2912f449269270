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
  /** Censored (Tobit) regression on the log scale: reversal v typical, adjusted for age and sex. */
  contrast: { ratio: number; low: number; high: number; p: number; negLog10P: number; adjustedFor: string[] } | null
  /** Per copy of the lead variant's alt allele. */
  genotype: { variant: string; ratio: number; low: number; high: number; p: number; negLog10P: number } | null
  sentence: string
}

/** `biomarkers.json`. */
export interface Biomarkers {
  biomarkers: Biomarker[]
  notes: string[]
}
