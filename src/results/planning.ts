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
  /** Power that this study had for the lead at the corrected odds ratio. */
  achieved: { or: number; maf: number; alpha: number; power: number; test: string } | null
  /** Cases needed to replicate at alpha 0.05 (two-sided) with 80% power, by the test actually used. */
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
  loci: {
    lead: string
    counts: number[]
    or: number
    low: number
    high: number
    p: number
    negLog10P: number
    sameDirection: boolean
    status: string
  }[]
  sentence: string
}
