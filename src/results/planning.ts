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
    /** Frequency among the controls of the lead's minor allele, at most 0.5; so everywhere in the plan. */
    maf: number
    /** Frequency among the controls of the counted (alt) allele, the one that every `or` of the plan is for. */
    altFrequency?: number
    alpha: number
    power: number
    low: number
    high: number
    test: string
  } | null
  /**
   * Cases needed to replicate at alpha 0.05 (two-sided) with 80% power, by the test actually used: at the odds ratio as observed, as corrected,
   * and at half the corrected log odds ratio, which is the square root of the corrected odds ratio.
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
  /**
   * Cases needed for that replication at the ends of the 95% interval of the corrected odds ratio: `fewest` at the end farther from 1, `most` at the
   * other. Null: no size considered is enough, as always where the interval holds 1.
   */
  replicationRange?: { fewest: number | null; most: number | null; holdsNoEffect: boolean }
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
