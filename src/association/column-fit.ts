/** What a row needs of a fit, in the order in which a memo keeps it. */
export interface ColumnFit {
  /** 0 collinear, 1 not converged, 2 fitted. */
  outcome: 0 | 1 | 2
  logP: number
  beta: number
  standardError: number
  /** NaN where there is none. */
  low: number
  high: number
  /** As in `limitNames`. */
  limits: number
  /** Rungs of the retry ladder in words, empty where one climb was enough. */
  ladder: string
}

/** Numbers of a `ColumnFit` that a memo keeps. */
export const fitWidth = 7

const numbers = new Float64Array(fitWidth)

/** A fit's numbers, as a memo keeps them; valid until the next call. */
export function fitNumbers(fit: ColumnFit): Float64Array {
  numbers[0] = fit.outcome
  numbers[1] = fit.logP
  numbers[2] = fit.beta
  numbers[3] = fit.standardError
  numbers[4] = fit.low
  numbers[5] = fit.high
  numbers[6] = fit.limits
  return numbers
}

/** The fit of numbers that a memo kept: one climb was enough. */
export function fitOfNumbers([outcome, logP, beta, standardError, low, high, limits]: Float64Array): ColumnFit {
  return { outcome: outcome as 0 | 1 | 2, logP, beta, standardError, low, high, limits, ladder: '' }
}
