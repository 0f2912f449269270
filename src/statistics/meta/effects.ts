import { UpturnError } from '../../errors/index.ts'
import { log, normalLogTail, studentLogTail } from '../../numerics/special.ts'
import { normalSpan, studentSpan } from './quantile.ts'

/** One study's estimate, such as a log odds ratio, with its standard error. */
export interface StudyEffect {
  estimate: number
  standardError: number
}

/** An estimate over studies. */
export interface PooledEffect {
  estimate: number
  standardError: number
  /** z or t. */
  statistic: number
  /** Degrees of freedom of t; null for z. */
  df: number | null
  /** Two-sided. */
  logP: number
  low: number
  high: number
}

/** Estimates and variances of studies as arrays. */
export interface Effects {
  y: Float64Array
  v: Float64Array
}

/** A standard error further from 1 than this factor is none: products of its weights are no numbers any more. */
const farthest = 1e50

/** Refuses no study at all, values that are not finite, and standard errors that are not above 0, or below 1e-50 or above 1e50. */
export function effectsOf(studies: readonly StudyEffect[]): Effects {
  if (studies.length === 0) throw new UpturnError('BadArgument', 'a meta-analysis needs at least one study')
  const y = Float64Array.from(studies, (s) => s.estimate)
  const v = Float64Array.from(studies, (s) => s.standardError * s.standardError)
  studies.forEach((s, i) => {
    if (!Number.isFinite(s.estimate) || !(s.standardError > 1 / farthest && s.standardError < farthest))
      throw new UpturnError(
        'BadArgument',
        `study ${i + 1} has estimate ${s.estimate} and standard error ${s.standardError}; a meta-analysis needs a finite estimate and a standard error above 0`,
      )
  })
  return { y, v }
}

export interface WeightedMean {
  mean: number
  /** Sum of weights. */
  w1: number
  /** Sum of w (y - mean)^2. */
  q: number
  /** Sum of w^2 (y - mean)^2. */
  q2: number
}

/** Sums with weights 1 / (v + tau2). */
export function weightedMean({ y, v }: Effects, tau2: number): WeightedMean {
  let w1 = 0
  let wy = 0
  // Differences from the first estimate: a common shift loses no digits.
  for (let i = 0; i < y.length; i++) {
    const w = 1 / (v[i] + tau2)
    w1 += w
    wy += w * (y[i] - y[0])
  }
  const mean = y[0] + wy / w1
  let q = 0
  let q2 = 0
  for (let i = 0; i < y.length; i++) {
    const w = 1 / (v[i] + tau2)
    const d = y[i] - mean
    q += w * d * d
    q2 += w * w * d * d
  }
  return { mean, w1, q, q2 }
}

/** Test and limits of an estimate, by the normal distribution or, with `df`, by Student's. */
export function pooled(estimate: number, standardError: number, level: number, df: number | null = null): PooledEffect {
  const statistic = estimate / standardError
  const half = (df === null ? normalSpan(level) : studentSpan(level, df)) * standardError
  const tail = df === null ? normalLogTail(Math.abs(statistic)) : studentLogTail(Math.abs(statistic), df)
  return {
    estimate,
    standardError,
    statistic,
    df,
    logP: Math.min(0, log(2) + tail),
    low: estimate - half,
    high: estimate + half,
  }
}
