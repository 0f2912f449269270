import { UpturnError } from '../../errors/index.ts'
import { exp, log } from '../../numerics/special.ts'

/** Standard deviations by which one copy of the causal allele lowers IGFBP7. */
const alleleOnIgfbp7 = 1.2
/** Correlation by which IGFBP7 lowers free IGF-1. */
const igfbp7OnIgf1 = 0.7
const nodes = 181
const widest = 9

/**
 * The path from allele to reversal. With g copies of the causal allele and e1, e2 standard normal:
 *
 *   IGFBP7 = -a g + e1          (in standard deviations within a genotype)
 *   IGF1   = -r IGFBP7 + sqrt(1 - r^2) e2          (free IGF-1; mean a r g, variance 1 within a genotype)
 *   logit P(reversal) = intercept + mediated IGF1 + direct[g],  direct[0] = 0
 *
 * direct[1] and direct[2] are such that the marginal odds ratio of each copy is the same: averaged over IGF-1 the model is exactly
 * logistic in the number of copies.
 */
export interface CausalModel {
  readonly alleleOnIgfbp7: number
  readonly igfbp7OnIgf1: number
  readonly intercept: number
  readonly direct: readonly [number, number, number]
  readonly mediated: number
  /** P(reversal) with 0, 1, 2 copies. */
  readonly risk: readonly [number, number, number]
  /** Odds of reversal with one copy over those with none, and with two over those with one: as asked for, reached numerically. */
  readonly oddsRatio: number
  readonly oddsRatioSecondCopy: number
  /** Natural indirect effect over total effect, both as log odds ratios of the first copy (VanderWeele and Vansteelandt 2010). */
  readonly mediatedShare: number
  readonly prevalence: number
}

export function expit(x: number): number {
  return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
}

const logit = (p: number) => log(p / (1 - p))

/** E expit(at + slope Z), Z standard normal, by the trapezoidal rule on [-9, 9]: exact to rounding for such integrands. */
export function meanRisk(at: number, slope: number): number {
  if (slope === 0) return expit(at)
  const step = (2 * widest) / (nodes - 1)
  let sum = 0
  let weights = 0
  for (let i = 0; i < nodes; i++) {
    const z = -widest + i * step
    const weight = exp(-0.5 * z * z)
    sum += weight * expit(at + slope * z)
    weights += weight
  }
  return sum / weights
}

interface Target {
  oddsRatio: number
  mediatedShare: number
  frequency: number
  prevalence: number
}

const shift = alleleOnIgfbp7 * igfbp7OnIgf1

/** P(reversal) with `copies` acting directly and through the free IGF-1 of someone with `through` copies. */
function risk(parameters: readonly number[], copies: number, through: number): number {
  const [intercept, mediated, ...direct] = parameters
  return meanRisk(intercept + (copies === 0 ? 0 : direct[copies - 1]) + mediated * shift * through, mediated)
}

function residuals(parameters: readonly number[], target: Target): number[] {
  const { frequency: q, prevalence, oddsRatio, mediatedShare } = target
  const p = 1 - q
  const [none, one, two] = [0, 1, 2].map((g) => risk(parameters, g, g))
  const crossed = risk(parameters, 1, 0)
  return [
    logit(p * p * none + 2 * p * q * one + q * q * two) - logit(prevalence),
    logit(one) - logit(crossed) - mediatedShare * log(oddsRatio),
    logit(one) - logit(none) - log(oddsRatio),
    logit(two) - logit(one) - log(oddsRatio),
  ]
}

/** Solves a small linear system by elimination with row exchanges. */
function solveLinear(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const n = right.length
  const rows = matrix.map((row, i) => [...row, right[i]])
  for (let c = 0; c < n; c++) {
    let pivot = c
    for (let r = c + 1; r < n; r++) if (Math.abs(rows[r][c]) > Math.abs(rows[pivot][c])) pivot = r
    const held = rows[c]
    rows[c] = rows[pivot]
    rows[pivot] = held
    for (let r = 0; r < n; r++) {
      if (r === c) continue
      const factor = rows[r][c] / rows[c][c]
      for (let k = c; k <= n; k++) rows[r][k] -= factor * rows[c][k]
    }
  }
  return rows.map((row, i) => row[n] / row[i])
}

/**
 * Finds intercept, direct and mediated effects for which the prevalence (under Hardy-Weinberg at `frequency`), the marginal odds
 * ratio of either copy and the mediated share are as asked, by Newton's method on deterministic quadrature.
 */
export function solveCausalModel(target: Target): CausalModel {
  const lor = log(target.oddsRatio)
  let parameters = [
    logit(target.prevalence),
    (target.mediatedShare * lor) / shift,
    (1 - target.mediatedShare) * lor,
    2 * (1 - target.mediatedShare) * lor,
  ]
  const size = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  let now = residuals(parameters, target)
  for (let round = 0; round < 100 && size(now) > 1e-12; round++) {
    const step = 1e-6
    const columns = parameters.map((_, j) => {
      const moved = parameters.map((value, i) => (i === j ? value + step : value))
      return residuals(moved, target).map((value, i) => (value - now[i]) / step)
    })
    const jacobian = now.map((_, i) => columns.map((column) => column[i]))
    const change = solveLinear(jacobian, now)
    let scale = 1
    for (;;) {
      const next = parameters.map((value, i) => value - scale * change[i])
      const after = residuals(next, target)
      if (size(after) < size(now) || scale < 1e-3) {
        parameters = next
        now = after
        break
      }
      scale /= 2
    }
  }
  if (!(size(now) < 1e-8))
    throw new UpturnError(
      'BadArgument',
      `no model has prevalence ${target.prevalence}, odds ratio ${target.oddsRatio} and mediated share ${target.mediatedShare}; ask for less extreme ones`,
    )
  const risks: [number, number, number] = [risk(parameters, 0, 0), risk(parameters, 1, 1), risk(parameters, 2, 2)]
  const total = logit(risks[1]) - logit(risks[0])
  const indirect = logit(risks[1]) - logit(risk(parameters, 1, 0))
  return {
    alleleOnIgfbp7,
    igfbp7OnIgf1,
    intercept: parameters[0],
    direct: [0, parameters[2], parameters[3]],
    mediated: parameters[1],
    risk: risks,
    oddsRatio: exp(total),
    oddsRatioSecondCopy: exp(logit(risks[2]) - logit(risks[1])),
    mediatedShare: Math.abs(total) < 1e-9 ? 0 : indirect / total,
    prevalence: target.prevalence,
  }
}
