/** The cohort's model of decline on one scale: score = intercept + slope x months since the first visit + noise. */
export interface CohortModel {
  intercept: number
  slopePerMonth: number
  sdIntercept: number
  sdSlope: number
  correlation: number
  /** Residual SD of the mixed model. */
  sdResidual: number
  /** Share of visits whose noise has twice the ordinary SD; 0 when absent. */
  tails?: number
  /** SD of the ordinary visits' noise; the residual SD when absent. */
  sdNoise?: number
  /** The same for the noise that a visit adds to what its items say. */
  itemNoise?: number
  /** Share of visits that are outlying, where the cohort told more or fewer than the priors do. */
  outlyingVisit?: number
  /** Growth of loss, as a share of itself a month: negative where loss wears off; 0 when absent. */
  pace?: number
  /** Points by which the ratings of the first visits are off from what follows, as before practice; 0 for all others. */
  early?: readonly number[]
  /** Correlation of the noise of neighbouring visits; 0 when absent. */
  neighbours?: number
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
  /** One line throughout. */
  decline: number
  /** A slope that changes once: it stops, slows, begins or quickens. */
  plateau: number
  /** A gain of the event's size that does not last a year. */
  transientGain: number
  /** A lasting gain that is smaller. */
  smallGain: number
  /** Ratings that are higher or lower from some visit on, by another rater or by practice. */
  ratingShift: number
  /** Two visits or three within half a year that share one error, of either sign: an illness, another rater. */
  outlyingSpell: number
  /** Share of people without any slope to speak of among those who never turn. */
  flat: number
  /** Probability that one visit is off by more than noise, and the SD of such an error, also of a spell's, in points. */
  outlyingVisit: number
  outlyingSd: number
  /** SD of a rating shift, in points: 1.5 follows from inter-rater and intra-rater ICCs of 0.93 and 0.95. */
  shiftSd: number
  /** Scale of the half-normal prior of a gain, in points; of those that do not last, which are smaller. */
  gainScale: number
  transientScale: number
  /** The event: a gain of so many points ... */
  eventGain: number
}

/** The priors, with what the cohort itself told in their place. */
export function priorsOf({ outlyingVisit }: CohortModel, priors: PriorSettings): PriorSettings {
  return outlyingVisit === undefined ? priors : { ...priors, outlyingVisit }
}

export const defaultPriors: Readonly<PriorSettings> = {
  reversal: 0.005,
  reversalRange: [0.001, 0.02],
  decline: 0.66,
  plateau: 0.15,
  transientGain: 0.04,
  smallGain: 0.03,
  ratingShift: 0.1,
  outlyingSpell: 0.02,
  flat: 0.07,
  outlyingVisit: 0.02,
  outlyingSd: 6,
  shiftSd: 1.5,
  gainScale: 10,
  transientScale: 5,
  eventGain: 4,
}
