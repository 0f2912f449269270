export interface PowerPoint {
  cases: number
  controls: number
  power: number
  low: number
  high: number
}

/** `plan.json`. */
export interface Plan {
  lead: string | null
  /** Odds ratio as estimated, and corrected for selection by three conditional-likelihood estimators with an interval. */
  winnersCurse: {
    observedOr: number
    z: number
    se: number
    threshold: number
    selected: boolean
    conditionedOn: string
    mle: number
    mean: number
    average: number
    low: number
    high: number
  } | null
  /** Power that this study had for the lead at the corrected odds ratio, and its Monte-Carlo limits. */
  achieved: {
    or: number
    /** Frequency of the lead's alt allele among the controls, the one that `or` is for; so everywhere in the plan. */
    maf: number
    alpha: number
    power: number
    low: number
    high: number
    test: string
  } | null
  /**
   * Cases needed to replicate at alpha 0.05 (two-sided) with 80% power, by the test actually used: at the odds ratio as observed, as corrected,
   * and at half the corrected effect (on the log scale).
   */
  replication: {
    or: number
    maf: number
    alpha: number
    ratio: number
    power: number
    casesNeeded: number | null
    curve: PowerPoint[]
  }[]
  /** Discovery at the family-wise threshold. */
  discovery: {
    or: number
    maf: number
    alpha: number
    ratio: number
    power: number
    casesNeeded: number | null
    curve: PowerPoint[]
  }[]
  /** Replication at the corrected odds ratio with other numbers of controls a case. */
  byRatio: { ratio: number; casesNeeded: number | null; controls: number | null }[]
  sentence: string
  notes: string[]
}

/** `replication.json`. */
export interface Replication {
  kind: 'none' | 'control-set robustness' | 'replication'
  cohort: string
  sharedCases: number
  cases: number
  controls: number
  /** Loci of the first study that vary in the second. `p` is the exact two-sided trend test's. */
  loci: {
    lead: string
    /** Cases and controls of the second study with 0, 1 and 2 copies of alt. */
    counts: number[]
    /** Firth, with 95% limits. */
    or: number
    low: number
    high: number
    p: number
    negLog10P: number
    /** Exact p towards the first study's direction. */
    oneSidedP: number
    sameDirection: boolean
    /** One-sided p at or below 0.05 / loci tested, in new cases; false for control-set robustness. */
    replicated: boolean
    status: string
  }[]
  /** Loci of the first study that could not be tested in the second, and why. */
  missing: { lead: string; reason: string }[]
  sentence: string
}
