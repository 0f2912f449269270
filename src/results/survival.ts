/** Cox regression with Firth's penalty of one kind of event on the copies of a lead's alternate allele. */
export interface CopyHazard {
  /**
   * `ok`; nothing was fitted where nobody could be followed (`nobody`), nothing happened (`no_events`), too little did (`few_events`), everybody has the same
   * genotype (`monomorphic`), genotypes never differ beyond covariates among people at risk together (`collinear`), people times events are too many (`too_large`), or
   * the fit did not settle (`not_converged`).
   */
  status: 'ok' | 'nobody' | 'no_events' | 'few_events' | 'monomorphic' | 'collinear' | 'too_large' | 'not_converged'
  people: number
  events: number
  /** By copies of the alternate allele: 0, 1, 2. */
  byCopies: { people: number; events: number }[]
  /** Of one more copy, with 95% profile limits (null where there is none); null without a fit. */
  ratio: number | null
  low: number | null
  high: number | null
  /** Penalised likelihood ratio. */
  p: number | null
  negLog10P: number | null
  adjustedFor: string[]
  /** Covariates of the study that are not in the model, with the reason. */
  leftOut: string[]
}

/** Shares with reversal and dead before it, each with its limits; a high limit is null where nothing happened yet. */
export interface IncidenceShares {
  reversed: number
  reversedLow: number
  reversedHigh: number | null
  died: number
  diedLow: number
  diedHigh: number | null
}

/** Aalen and Johansen's shares among people alive without reversal on the first day. */
export interface GenotypeIncidence {
  /** 'carriers' and 'others' of the rarer allele. */
  group: 'carriers' | 'others'
  people: number
  /** Years from onset. */
  years: (IncidenceShares & { year: number; atRisk: number })[]
  /** The same shares after each day from onset on which anything happened, to the last of the years; of more than 400 such days, some. */
  curve: (IncidenceShares & { day: number })[]
}

export interface LeadSurvival {
  lead: string
  /** Death among controls. */
  controls: CopyHazard
  /** Confirmed reversal while alive, and death without reversal, of everybody. */
  reversal: CopyHazard
  death: CopyHazard
  /** Null where too few people of a genotype were under observation at one time. */
  incidence: { fromDay: number; rareAllele: 'alt' | 'ref'; groups: GenotypeIncidence[] } | null
  notes: string[]
  sentence: string
}

/** `survival.json`. */
export interface SurvivalSummary {
  rule: string
  /** People who take no part, by reason; those without a call of a lead are left out of that lead alone. */
  left: { reason: string; people: number }[]
  leads: LeadSurvival[]
  notes: string[]
}

/** A ratio with 95% limits; without a fit they are null and the status says why. */
export interface EffectOf {
  status: string
  ratio: number | null
  low: number | null
  high: number | null
  p: number | null
}

/** What `upturn survival` says of a table. */
export interface SurvivalRegression {
  people: number
  events: number
  competing: number
  censored: number
  ties: string
  columns: {
    name: string
    /** Cause-specific hazard ratio of the event: with Firth's penalty, and without (Wald). */
    firth: EffectOf
    plain: EffectOf
    /** Of the competing event; null where nobody has one. */
    competingFirth: EffectOf | null
    competingPlain: EffectOf | null
    /** Fine and Gray's, with robust errors; null without a competing event, and with entry times or strata. */
    subdistribution: EffectOf | null
  }[]
  /** Aalen and Johansen's incidence of the event after each time at which anything happened. */
  incidence: IncidenceStep[]
  /** That of both events by the values of a column; without one everybody is the one group `all`. */
  groups: IncidenceGroup[]
  notes: string[]
}

/** From a time on. A limit is null where the scale of the limits has none: the high one before the first event, the low one of a share of 1. */
export interface IncidenceStep {
  time: number
  atRisk: number
  incidence: number
  standardError: number
  low: number | null
  high: number | null
}

export interface IncidenceGroup {
  value: string
  people: number
  events: number
  competing: number
  incidence: IncidenceStep[]
  /** Of the competing event; empty where nobody has one. */
  competingIncidence: IncidenceStep[]
  /** Under observation without either event just before round times, the same in all groups. */
  atRisk: { time: number; people: number }[]
}
