import { UpturnError } from '../../errors/index.ts'
import { chiSquareLogTail } from '../../numerics/special.ts'
import {
  derSimonianLaird,
  logLikelihood,
  pauleMandel,
  qProfile,
  restrictedLikelihood,
  type TauEstimate,
  type TauEstimator,
  traces,
} from './between-studies.ts'
import { type Effects, effectsOf, type PooledEffect, pooled, type StudyEffect, weightedMean } from './effects.ts'
import { normalSpan, studentSpan } from './quantile.ts'

export interface Heterogeneity {
  /** Cochran's Q with df = studies - 1. */
  q: number
  df: number
  logP: number
  /** Higgins and Thompson: share of the variance that lies between studies, 0 to 1; from Q. */
  i2: number
  /** Q / df; null for one study. */
  h2: number | null
}

export interface Interval {
  low: number
  high: number
}

export interface RandomEffects {
  estimator: TauEstimator
  tau2: number
  tau2Se: number | null
  /** tau2 over tau2 plus the typical variance within a study. */
  i2: number
  h2: number
  /** Restricted for REML, ordinary for the others. */
  logLikelihood: number
  normal: PooledEffect
  /** Hartung and Knapp 2001; null for one study, and where all estimates are equal, which leaves no spread to measure the error by. */
  hartungKnapp: PooledEffect | null
  /**
   * The same with a scale factor of at least 1, so that agreement by chance does not make it more certain than the normal test
   * (Roever, Knapp and Friede 2015); null for one study.
   */
  hartungKnappModified: PooledEffect | null
  /** Where the effect of a new study lies, by the normal distribution, and by t with studies - 1 (Hartung-Knapp's standard error). */
  predictionNormal: Interval
  predictionHartungKnapp: Interval | null
  /** Higgins, Thompson and Spiegelhalter 2009: t with studies - 2; null below three studies. */
  prediction: Interval | null
}

export interface MetaAnalysis {
  studies: number
  level: number
  /** Weights 1 / variance: one common effect. */
  fixed: PooledEffect
  /** Share of each study in the fixed estimate, and in the REML one. */
  fixedWeights: Float64Array
  randomWeights: Float64Array
  fixedLogLikelihood: number
  heterogeneity: Heterogeneity
  random: Record<TauEstimator, RandomEffects>
  /** Q-profile limits of tau2; null for one study, and where the studies agree more than chance lets them. */
  tau2Interval: Interval | null
  /** The same as a share of variance. */
  i2Interval: Interval | null
}

const estimators: Record<TauEstimator, (effects: Effects) => TauEstimate> = {
  DL: derSimonianLaird,
  REML: restrictedLikelihood,
  PM: pauleMandel,
}

/**
 * Inverse-variance meta-analysis: fixed effect; random effects by DerSimonian-Laird, REML and Paule-Mandel, each with normal and
 * Hartung-Knapp tests; heterogeneity. One study is returned as it is, with tau2 = 0. Refuses estimates that are not finite and standard
 * errors that are not above 0. Against metafor 3.8: 1e-8, tau2 by REML 1e-6.
 */
export function metaAnalysis(studies: readonly StudyEffect[], level = 0.95): MetaAnalysis {
  const effects = effectsOf(studies)
  const k = studies.length
  const df = k - 1
  const at0 = weightedMean(effects, 0)
  const typical = df === 0 ? 0 : df / traces(effects, 0).one
  const share = (tau2: number) => (tau2 === 0 ? 0 : tau2 / (tau2 + typical))
  const random = {} as Record<TauEstimator, RandomEffects>
  for (const name of ['DL', 'REML', 'PM'] as const) {
    const estimate = estimators[name](effects)
    random[name] = randomEffects(effects, name, estimate, share(estimate.tau2), typical, level)
  }
  const tau2Interval = qProfile(effects, level)
  return {
    studies: k,
    level,
    fixed: pooled(at0.mean, 1 / Math.sqrt(at0.w1), level),
    fixedWeights: weights(effects, 0),
    randomWeights: weights(effects, random.REML.tau2),
    fixedLogLikelihood: logLikelihood(effects, 0, false),
    heterogeneity: {
      q: at0.q,
      df,
      logP: df === 0 ? 0 : chiSquareLogTail(at0.q, df),
      i2: at0.q > df && df > 0 ? (at0.q - df) / at0.q : 0,
      h2: df === 0 ? null : at0.q / df,
    },
    random,
    tau2Interval,
    i2Interval: tau2Interval && { low: share(tau2Interval.low), high: share(tau2Interval.high) },
  }
}

function weights(effects: Effects, tau2: number): Float64Array {
  const { w1 } = weightedMean(effects, tau2)
  return effects.v.map((v) => 1 / (v + tau2) / w1)
}

function randomEffects(
  effects: Effects,
  estimator: TauEstimator,
  { tau2, standardError: tau2Se }: TauEstimate,
  i2: number,
  typical: number,
  level: number,
): RandomEffects {
  const k = effects.y.length
  const { mean, w1, q } = weightedMean(effects, tau2)
  const se = 1 / Math.sqrt(w1)
  const scale = k === 1 ? 1 : q / (k - 1)
  // Equal estimates up to rounding.
  const alike = q <= 1e-24 * effects.y.reduce((sum, y, i) => sum + (y * y) / (effects.v[i] + tau2), 0)
  const knha = k === 1 || alike ? null : pooled(mean, se * Math.sqrt(scale), level, k - 1)
  const around = (half: number): Interval => ({ low: mean - half, high: mean + half })
  return {
    estimator,
    tau2,
    tau2Se,
    i2,
    h2: typical === 0 ? 1 : (typical + tau2) / typical,
    logLikelihood: logLikelihood(effects, tau2, estimator === 'REML'),
    normal: pooled(mean, se, level),
    hartungKnapp: knha,
    hartungKnappModified: k === 1 ? null : pooled(mean, se * Math.sqrt(Math.max(1, scale)), level, k - 1),
    predictionNormal: around(normalSpan(level) * Math.sqrt(tau2 + se * se)),
    predictionHartungKnapp:
      knha === null ? null : around(studentSpan(level, k - 1) * Math.sqrt(tau2 + knha.standardError ** 2)),
    prediction: k < 3 ? null : around(studentSpan(level, k - 2) * Math.sqrt(tau2 + se * se)),
  }
}

export interface LeftOut {
  /** Which study was left out. */
  study: number
  analysis: MetaAnalysis
}

/** The analysis without each study in turn. Refuses fewer than two studies. */
export function leaveOneOut(studies: readonly StudyEffect[], level = 0.95): LeftOut[] {
  if (studies.length < 2) throw new UpturnError('BadArgument', 'with one study there is none to leave out')
  return studies.map((_, study) => ({
    study,
    analysis: metaAnalysis(
      studies.filter((__, i) => i !== study),
      level,
    ),
  }))
}
