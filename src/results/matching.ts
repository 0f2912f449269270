import type { TableSchema } from '../host/host.ts'

/** One row a matched person: `matching.parquet`. */
export interface MatchRow {
  set: number
  patient: string
  role: 'case' | 'control'
  /** Distance to the set's case; 0 for the case. */
  distance: number
}

export const matchingTable: TableSchema = {
  name: 'matching',
  key: ['set', 'role', 'patient'],
  columns: [
    { name: 'set', type: 'int32' },
    { name: 'patient', type: 'string' },
    { name: 'role', type: 'string' },
    { name: 'distance', type: 'float64' },
  ],
}

export interface Balance {
  variable: string
  meanCases: number
  meanControlsBefore: number
  meanControlsAfter: number
  /** Standardised mean difference, (cases - controls) / sd of the cases. */
  smdBefore: number
  smdAfter: number
  /** Variance of the cases / variance of the controls, before and after (controls weighted); null for a 0/1 variable or where a variance is 0. */
  varianceRatioBefore?: number | null
  varianceRatioAfter?: number | null
}

/** A case with fewer controls than asked for, and the rule that left it so. */
export interface MatchingLoss {
  case: string
  wanted: number
  matched: number
  rule: 'variable_missing' | 'not_confirmed' | 'risk_set' | 'exact' | 'caliper' | 'taken'
  /** One sentence: the rule, the numbers, how near the nearest was. */
  reason: string
}

/** `matching.json`. */
export interface MatchingSummary {
  method: string
  ratio: number
  cases: number
  matchedCases: number
  controlsEligible: number
  controlsMatched: number
  /** Controls lost to the risk-set rule (immortal time). */
  controlsNotAtRisk: number
  balance: Balance[]
  /** Controls with a missing matching variable, who cannot be matched. */
  controlsIncomplete: number
  /** Sum of the distances of all pairs: what the method minimises. */
  totalDistance: number
  /** What the balance says in words: variables that still differ after matching, and what would help. */
  notes?: string[]
  /** Cases without any control. */
  unmatched: string[]
  /** Why a case has fewer controls than asked for, unmatched ones included; in order of id. */
  losses?: MatchingLoss[]
  /** The variables of the distance as they were named, the exact ones and the calipers: what the method sentence says, as data. */
  variables?: string[]
  /** One a case, in order of id: its risk set and what became of it. `set` is null when nobody could be matched. */
  sets: {
    set: number | null
    case: string
    /** Days from onset to confirmation. */
    confirmedDay: number
    /** Controls alive and under observation that long. */
    atRisk: number
    /** Of these, controls that also meet exact variables and calipers. */
    eligible: number
    matched: number
  }[]
}
