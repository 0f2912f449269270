export interface BiomarkerGroup {
  group: string
  n: number
  censored: number
  /** Adjusted geometric mean at the cohort's mean age and sex mix, and its 95% limits. */
  mean: number
  low: number
  high: number
}

/** A ratio with 95% limits and p. */
export interface BiomarkerRatio {
  ratio: number
  low: number
  high: number
  p: number
  negLog10P: number
  waldP: number
  adjustedFor: string[]
}

/** Ranks, unadjusted, one value a person; everything outside the assay's range is tied lowest or highest. */
export interface BiomarkerTrend {
  /** Groups in the order of the trend, and how many people each has. */
  order: string[]
  sizes: number[]
  kruskal: { statistic: number; degrees: number; p: number }
  /** Jonckheere-Terpstra, two-sided. */
  trend: { statistic: number; z: number; p: number; method: 'exact' | 'permutation'; draws: number }
}

/** Level by points lost a month before the nadir. */
export interface BiomarkerRate {
  n: number
  /** Ratio of levels for one more point lost a month; null where the model could not be fitted. */
  ratio: BiomarkerRatio | null
  spearman: { rho: number; low: number | null; high: number | null; p: number; draws: number } | null
}

/** Levels over time: years count from a person's first value. */
export interface BiomarkerCourse {
  status: 'ok' | 'too_few' | 'too_many' | 'singular' | 'not_converged'
  people: number
  values: number
  censored: number
  /** Whether people differ in slope beside level. */
  randomSlopes: boolean
  /** Geometric mean at the first value (`start`) and its ratio from year to year, at the mean age and sex mix. */
  groups: {
    group: string
    people: number
    values: number
    years: number
    start: number
    startLow: number
    startHigh: number
    ratio: number
    low: number
    high: number
  }[]
  /** The yearly ratio of reversals over that of typical progressors. */
  contrast: { ratio: number; low: number; high: number; p: number; negLog10P: number } | null
  /** People with two values or more, for the figure. */
  lines: { patient: string; group: string; years: number[]; values: number[]; censored: boolean[] }[]
}

/** Hazard of death for a doubling of the level. */
export interface BiomarkerSurvival {
  status: 'ok' | 'too_few' | 'too_many' | 'singular' | 'not_converged'
  people: number
  deaths: number
  values: number
  censored: number
  /** Joint model: of the true level at the time; p by likelihood ratio, limits Wald. */
  joint: { hazardRatio: number; low: number; high: number; p: number; negLog10P: number } | null
  /** Cox model on the first value as measured (values outside the range at the limit), which measurement error pulls towards 1. */
  firstValue: { hazardRatio: number; low: number; high: number } | null
  adjustedFor: string[]
}

export interface Biomarker {
  name: string
  unit: string
  limit: number | null
  n: number
  censored: number
  /** Each person's value for the figure; `censored` ones are at the limit, below it unless `above`. */
  points: {
    patient: string
    group: string
    genotype: number | null
    value: number
    censored: boolean
    above?: boolean
  }[]
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
  /** The same contrast among people with a body mass index, with it and without it. */
  withBodyMass?: { n: number; adjusted: BiomarkerRatio; without: BiomarkerRatio } | null
  trend?: BiomarkerTrend | null
  rate?: BiomarkerRate | null
  course?: BiomarkerCourse | null
  survival?: BiomarkerSurvival | null
  /** Plates: how many, how they entered, and the standard deviation between them on the log scale where they are random. */
  plates?: { plates: number; how: 'fixed' | 'random' | 'none' | 'confounded'; sd: number | null }
  /** Units that were converted into the reported one, and refused because no conversion is known. */
  converted?: { unit: string; factor: number; values: number }[]
  refused?: { unit: string; values: number }[]
  /** A claim about this biomarker, what this study says to it, and the published evidence, also against it. */
  claim?: { claim: string; verdict: 'compatible' | 'supported' | 'contrary' | 'untested'; evidence: string } | null
  /** What was left out or could not be estimated, in sentences. */
  notes: string[]
  sentence: string
}

/** `biomarkers.json`. */
export interface Biomarkers {
  biomarkers: Biomarker[]
  notes: string[]
}
