/** The cohort's model of decline on one scale: score = intercept + slope x months since the first visit + noise. */
export interface CohortModel {
  intercept: number
  slopePerMonth: number
  sdIntercept: number
  sdSlope: number
  correlation: number
  sdResidual: number
}

/**
 * Where a cohort is too small for its own model: decline of 1.0 point a month with SD 0.75 (PRO-ACT and the topiramate
 * trial's placebo arm), visit noise 1.8 points (within-subject SD 1.6 to 2.0).
 */
export const publishedModel: Readonly<CohortModel> = {
  intercept: 38,
  slopePerMonth: -1,
  sdIntercept: 5.5,
  sdSlope: 0.75,
  correlation: 0.2,
  sdResidual: 1.8,
}

/**
 * What else could explain a rise, and how common it is taken to be. The shares of the alternatives are of those who do
 * not reverse and sum to one. All are parameters: the posterior is only as good as they are.
 */
export interface PriorSettings {
  /** Probability of a true reversal: central, and the range over which results are shown. */
  reversal: number
  reversalRange: readonly [number, number]
  decline: number
  plateau: number
  transientGain: number
  smallGain: number
  /** Probability that one visit is off by more than noise, and the SD of such an error in points. */
  outlyingVisit: number
  /** Probability that two neighbouring visits are off by one and the same error (an illness, another rater). */
  outlyingSpell: number
  outlyingSd: number
  /** Scale of the half-normal prior of a gain, in points. */
  gainScale: number
  /** The event: a gain of so many points ... */
  eventGain: number
}

export const defaultPriors: Readonly<PriorSettings> = {
  reversal: 0.005,
  reversalRange: [0.001, 0.02],
  decline: 0.78,
  plateau: 0.15,
  transientGain: 0.05,
  smallGain: 0.02,
  outlyingVisit: 0.02,
  outlyingSpell: 0.002,
  outlyingSd: 6,
  gainScale: 10,
  eventGain: 4,
}
