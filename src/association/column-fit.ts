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

/** A fit's numbers, as a memo keeps them. */
export function fitNumbers({ outcome, logP, beta, standardError, low, high, limits }: ColumnFit): Float64Array {
  return Float64Array.of(outcome, logP, beta, standardError, low, high, limits)
}

/** The fit of numbers that a memo kept: one climb was enough. */
export function fitOfNumbers([outcome, logP, beta, standardError, low, high, limits]: Float64Array): ColumnFit {
  return { outcome: outcome as 0 | 1 | 2, logP, beta, standardError, low, high, limits, ladder: '' }
}
