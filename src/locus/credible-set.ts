import { exp, log, logSumExp } from '../numerics/special.ts'

/** An estimate of log OR with its standard error. */
export interface Estimate {
  key: string
  beta: number
  se: number
}

/**
 * Log approximate Bayes factor of association v none: beta ~ N(0, se^2 + W) v N(0, se^2), with W the variance of the prior on log OR
 * (Wakefield, Am J Hum Genet 81:208, 2007, inverted: large favours association).
 */
export function logBayesFactor(beta: number, se: number, priorSd: number): number {
  const v = se * se
  const w = priorSd * priorSd
  const z = beta / se
  return 0.5 * (log(v / (v + w)) + (z * z * w) / (v + w))
}

/**
 * Posterior probability of being the one causal variant of a region, each variant equally likely before (Maller et al., Nat Genet 44:1294,
 * 2012), and the smallest set whose probabilities sum to `level`. Best first; ties by the order given, and every variant tied with the last one
 * of the set is in it too: identical genotype columns cannot be told apart. Estimates without a positive, finite standard error are left out.
 */
export function credibleSet(
  estimates: readonly Estimate[],
  priorSd: number,
  level: number,
): { key: string; posterior: number }[] {
  const usable = estimates.filter((e) => Number.isFinite(e.beta) && Number.isFinite(e.se) && e.se > 0)
  if (usable.length === 0) return []
  const factors = usable.map((e) => logBayesFactor(e.beta, e.se, priorSd))
  const total = logSumExp(factors)
  const ranked = usable
    .map((e, i) => ({ key: e.key, posterior: exp(factors[i] - total), order: i }))
    .sort((a, b) => b.posterior - a.posterior || a.order - b.order)
  let sum = 0
  let size = 0
  while (size < ranked.length && sum < level) sum += ranked[size++].posterior
  while (size < ranked.length && ranked[size].posterior === ranked[size - 1].posterior) size++
  return ranked.slice(0, size).map(({ key, posterior }) => ({ key, posterior }))
}
