import { leastSquares } from '../../numerics/least-squares.ts'
import { exp, log, log1p, normalLogTail } from '../../numerics/special.ts'
import { climb } from '../likelihood/climb.ts'
import { lessMeans, whitening } from '../likelihood/whitening.ts'
import { type LogisticData, logistic, logisticObjective, requireLogisticData } from './likelihood.ts'
import { design } from './maximum-likelihood.ts'
import { findSeparation } from './separation.ts'

export interface SaddlepointScore {
  status: 'ok' | 'collinear' | 'separated' | 'not_converged'
  /** The score over its standard deviation under the null fit. */
  z: number
  /** Two-sided: both tails beyond the observed distance from 0, each by its saddlepoint. */
  logP: number
  /** By the normal distribution, as the ordinary score test says. */
  normalLogP: number
}

/** Nearer to 0 than this the saddlepoint is at its own singularity, and its limit is taken. */
const central = 0.01

/**
 * The score test of `tested` with a saddlepoint approximation to the score's distribution (Dey et al. 2017, Am. J. Hum. Genet. 101:37): labels are
 * independent with the fitted risks p of a maximum-likelihood null model, and S = sum g (y - p), g the tested column less its weighted regression on the
 * others. Tails by Barndorff-Nielsen's formula, Phi(w + log(v / w) / w); the end of the support by its own probability. An approximation that is good in
 * the middle and with many cases: with 22 it stands beside the exact tests and never in their place. Rows with a missing `tested` are left out.
 */
export function saddlepointScore(data: LogisticData & { tested: ArrayLike<number> }): SaddlepointScore {
  const kept = Array.from({ length: data.cases.length }, (_, i) => i).filter(
    (i) => !Number.isNaN(data.tested[i]) && (data.weights?.[i] ?? 1) > 0,
  )
  const no = (status: SaddlepointScore['status']): SaddlepointScore => ({
    status,
    z: Number.NaN,
    logP: Number.NaN,
    normalLogP: Number.NaN,
  })
  if (kept.length === 0) return no('collinear')
  const n = kept.length
  const of = (values: ArrayLike<number>) => Float64Array.from(kept, (i) => values[i])
  const cases = of(data.cases)
  const columns = data.columns.map(of)
  const tested = of(data.tested)
  const many = data.weights === undefined ? new Float64Array(n).fill(1) : of(data.weights)
  const offset = data.offset === undefined ? undefined : of(data.offset)
  requireLogisticData({ cases, columns: [...columns, tested], offset, weights: many })
  const k = columns.length + 1
  const { columns: centred } = lessMeans([...columns, tested])
  const white = whitening(centred, n)
  if (white === undefined) return no('collinear')
  const own = white.columns(centred)
  const others = own.slice(0, -1)
  const covariates = columns.map((values, j) => ({ name: `column ${j + 1}`, values }))
  if (cases.every((y) => y === cases[0]) || findSeparation(cases, covariates).kind !== 'none') return no('separated')
  const fit = climb(logisticObjective({ cases, columns: others, offset, weights: many }), new Float64Array(k))
  if (fit === undefined) return no('not_converged')
  const rows = design(others, n)
  const risks = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    let eta = offset?.[i] ?? 0
    for (let j = 0; j < k; j++) eta += rows[i * k + j] * fit.coefficients[j]
    risks[i] = logistic(eta).risk
  }
  const weights = risks.map((p, i) => many[i] * p * (1 - p))
  // The score over its deviation does not depend on the unit.
  const g = leastSquares(rows, own[k - 1], n, k, { weights }).residuals

  let score = 0
  let variance = 0
  for (let i = 0; i < n; i++) {
    score += many[i] * g[i] * ((cases[i] === 1 ? 1 : 0) - risks[i])
    variance += weights[i] * g[i] * g[i]
  }
  const z = score / Math.sqrt(variance)
  const upper = tail(Math.abs(score), 1)
  const lower = tail(Math.abs(score), -1)
  const largest = Math.max(upper, lower)
  if (!Number.isFinite(z) || Number.isNaN(largest)) return no('not_converged')
  return {
    status: 'ok',
    z,
    logP: Math.min(0, largest + log1p(exp(Math.min(upper, lower) - largest))),
    normalLogP: Math.min(0, normalLogTail(Math.abs(z)) + Math.LN2),
  }

  /** log P(sign S >= s), s at least 0. */
  function tail(s: number, sign: 1 | -1): number {
    // The largest that the score can be, and its probability.
    let most = 0
    let logMost = 0
    let third = 0
    for (let i = 0; i < n; i++) {
      const x = sign * g[i]
      const p = risks[i]
      // Whoever's label is certain to the last digit does not vary.
      if (!(weights[i] > 0)) continue
      most += many[i] * x * ((x > 0 ? 1 : 0) - p)
      if (Math.abs(x) > 1e-12) logMost += many[i] * (x > 0 ? log(p) : log1p(-p))
      third += weights[i] * (1 - 2 * p) * x * x * x
    }
    if (s > most * (1 + 1e-9)) return Number.NEGATIVE_INFINITY
    if (s > most * (1 - 1e-9)) return logMost
    const sd = Math.sqrt(variance)
    const standard = s / sd
    const skew = third / (variance * sd)
    if (standard < central) return normalLogTail(standard - (standard * standard * skew) / 6 + skew / 6)
    /** Cumulant generating function of sign S and its first two derivatives. */
    const cumulants = (t: number) => {
      let [value, first, second] = [0, 0, 0]
      for (let i = 0; i < n; i++) {
        const x = sign * g[i]
        const p = risks[i]
        if (!(weights[i] > 0)) continue
        // 1 - p + p e^(t x), with the larger of the two terms taken out
        const up = t * x
        const small = exp(-Math.abs(up))
        const [rest, tilted] = up > 0 ? [(1 - p) * small, p] : [1 - p, p * small]
        const sum = rest + tilted
        const share = tilted / sum
        value += many[i] * (Math.max(up, 0) + log(sum) - t * x * p)
        first += many[i] * x * (share - p)
        second += many[i] * x * x * share * (1 - share)
      }
      return { value, first, second }
    }
    // K' rises from 0 to `most`: Newton's steps inside a bracket.
    let low = 0
    let high = Number.POSITIVE_INFINITY
    let t = s / variance
    for (let step = 0; step < 200; step++) {
      const { first, second } = cumulants(t)
      if (first > s) high = t
      else low = t
      let next = t + (s - first) / second
      if (!(next > low && next < high)) next = high === Number.POSITIVE_INFINITY ? 2 * t : (low + high) / 2
      if (Math.abs(next - t) <= 1e-15 * t) break
      t = next
    }
    const { value, second } = cumulants(t)
    const w = Math.sqrt(Math.max(0, 2 * (t * s - value)))
    const v = t * Math.sqrt(second)
    return normalLogTail(w + log(v / w) / w)
  }
}
