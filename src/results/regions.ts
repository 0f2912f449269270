import type { LeadTest } from './association.ts'

/** One test of a gene or region. */
export interface RegionTest {
  test: 'burden' | 'skat' | 'skat_o' | 'acat'
  p: number
  midp: number
  /** 95% limits of p where label sets were drawn. */
  low: number | null
  high: number | null
  minAttainableP: number | null
  /** For comparison only. */
  asymptoticP: number | null
}

export interface RegionResult {
  name: string
  chromosome: string
  start: number
  end: number
  /** Why it was tested: named in the study, in a BED file, or near a lead. */
  reason: string
  status: 'ok' | 'no_variants' | 'unreachable'
  variants: number
  /** Not tested: nobody has the minor allele; too frequent; call rate too low. */
  monomorphic: number
  frequent: number
  poorlyCalled: number
  caseCarriers: number
  controlCarriers: number
  caseAlleles: number
  controlAlleles: number
  missingCalls: number
  method: 'enumeration' | 'label sets' | 'none'
  sets: number
  direction: -1 | 0 | 1
  rho: number
  tests: RegionTest[]
  sentence: string
}

/** One variant near a lead, given the lead. */
export interface GivenLead {
  key: string
  rsid: string
  position: number
  /** Firth without and with the lead's copies as a covariate; null where a fit failed (`status`). */
  negLog10P: number | null
  conditionalP: number | null
  conditionalNegLog10P: number | null
  conditionalOr: number | null
  conditionalLow: number | null
  conditionalHigh: number | null
  conditionalStatus: string
  /** Exact trend, conditional on risks fitted with the lead; null where labels cannot be redrawn so. */
  conditionalTrendP: number | null
  /** Product of the two variants' copies, both in the model. */
  interactionP: number | null
  interactionNegLog10P: number | null
  interactionOr: number | null
  interactionStatus: string
}

export interface LeadRegion {
  lead: string
  start: number
  end: number
  /** People with a call of the lead. */
  people: number
  /** 0.05 over the variants that could be fitted. */
  conditionalThreshold: number | null
  interactionThreshold: number | null
  variants: GivenLead[]
  sentence: string
}

/** The lead of a study that is not matched within the sets that the matching made: a sensitivity. */
export interface MatchedLead {
  sets: number
  cases: number
  controls: number
  tests: LeadTest[]
}

/** `regions.json`. */
export interface RegionsSummary {
  rule: string
  regions: RegionResult[]
  /** 0.05 over regions with a variant to test. */
  threshold: number | null
  leads: LeadRegion[]
  /** Null where the study is matched, or has no lead; a reason where there are no sets to test it in. */
  matchedLead: MatchedLead | { reason: string } | null
  notes: string[]
}
