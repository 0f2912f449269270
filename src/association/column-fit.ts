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
