import { UpturnError } from '../errors/index.ts'
import { chiSquareLogTail, chiSquareQuantile, exp } from '../numerics/special.ts'

export interface Registry {
  /** People with the disease whom the registry reaches today. */
  patients: number
  /** Mean years that a person stays in it; as many come as go. */
  stay: number
  /** Share of people who ever reverse, 0 to 1. */
  reversalRate: number
  /** Share of reversals who are found and agree to take part, 0 to 1. */
  consent: number
}

export interface Recruitment extends Registry {
  /** Cases expected who have reversed by today, and in a year. */
  atStart: number
  perYear: number
  /** 95% of years bring between these many. */
  perYearLow: number
  perYearHigh: number
  /** Years until the cases wanted are there with probability one half and nine tenths; 0: they are there today. */
  wanted: number
  yearsHalf: number
  yearsNineTenths: number
}

/**
 * Years until a registry has given `wanted` cases. Cases are independent and rare, and reversals come evenly over a stay: those found
 * today are Poisson with mean patients x rate x consent / 2, those of a year Poisson with mean patients / stay x rate x consent. P(N >= n) of a Poisson number is the lower tail of chi-square
 * with 2n degrees at twice its mean, so the mean that is needed is a quantile.
 */
export function recruit(registry: Registry, wanted: number): Recruitment {
  const { patients, stay, reversalRate, consent } = registry
  if (!(patients > 0 && patients < Infinity && stay > 0 && stay < Infinity))
    throw new UpturnError('BadArgument', `a registry of ${patients} people who stay ${stay} years recruits nobody`)
  if (!(reversalRate > 0 && reversalRate <= 1 && consent > 0 && consent <= 1))
    throw new UpturnError(
      'BadArgument',
      `a reversal rate of ${reversalRate} and a consent of ${consent} must be shares above 0 and at most 1`,
    )
  if (!(Number.isInteger(wanted) && wanted >= 1))
    throw new UpturnError('BadArgument', `the cases wanted are a whole number from 1, not ${wanted}`)
  const atStart = (patients * reversalRate * consent) / 2
  const perYear = (patients * reversalRate * consent) / stay
  const years = (probability: number): number =>
    Math.max(0, (chiSquareQuantile(probability, 2 * wanted) / 2 - atStart) / perYear)
  return {
    ...registry,
    atStart,
    perYear,
    perYearLow: poissonQuantile(perYear, 0.025),
    perYearHigh: poissonQuantile(perYear, 0.975),
    wanted,
    yearsHalf: years(0.5),
    yearsNineTenths: years(0.9),
  }
}

/** P(a Poisson number with this mean is at most k). */
function poissonCdf(mean: number, k: number): number {
  return exp(chiSquareLogTail(2 * mean, 2 * (k + 1)))
}

/** Smallest k with P(N <= k) >= share. */
function poissonQuantile(mean: number, share: number): number {
  let high = 1
  while (poissonCdf(mean, high) < share) high *= 2
  let low = -1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (poissonCdf(mean, middle) >= share) high = middle
    else low = middle
  }
  return high
}
