import { UpturnError } from '../../errors/index.ts'
import { chiSquareLogTail, exp, log } from '../../numerics/index.ts'

/** An odds ratio for each copy of an allele among true cases. */
export interface MisclassifiedCases {
  status: 'ok' | 'monomorphic'
  /** Log odds ratio a copy; 0 where monomorphic. */
  beta: number
  /** Profile limits at 95%; null where a side has none within e^12. */
  low: number | null
  high: number | null
  /** Log p of the penalised likelihood ratio against no effect. */
  logP: number
  /** Mean probability of the cases with a genotype. */
  meanTruth: number
}

const widest = 12
/** Half the 95% point of chi-square with one degree of freedom. */
const drop = 1.920729410347062

/**
 * Corrects an odds ratio for cases that are none: case i is a true one with probability p_i, known beforehand, and else has the
 * genotype of a control. With q the genotype distribution of those who are no cases and r(g) = e^(beta g) / sum q e^(beta g), a control
 * contributes q(g) and a case q(g) (p_i r(g) + 1 - p_i): the retrospective mixture likelihood, maximised over beta and q together, with the log-F(1,1)
 * penalty on beta (Greenland and Mansournia 2015) that keeps it finite. With all p_i = 1 it is the log-F logistic regression without
 * covariates (Prentice and Pyke 1979). It assumes that whether a case is a true one does not depend on its genotype otherwise, and that controls are
 * what they seem. Cases that are all but certainly false tell nothing.
 *
 * Genotypes are 0, 1, 2, negative where missing; p_i from 0 to 1 (refused otherwise) is read for cases alone. `monomorphic`: everyone alike, or a group
 * without genotypes.
 */
export function misclassifiedCases(
  genotypes: ArrayLike<number>,
  cases: ArrayLike<number>,
  truth: ArrayLike<number>,
): MisclassifiedCases {
  const seen = [0, 0, 0]
  const byGenotype: number[][] = [[], [], []]
  let controls = 0
  let sum = 0
  let count = 0
  for (let i = 0; i < cases.length; i++) {
    const g = genotypes[i]
    if (!(g >= 0)) continue
    seen[g]++
    if (cases[i] !== 1) {
      controls++
      continue
    }
    if (!(truth[i] >= 0 && truth[i] <= 1))
      throw new UpturnError('BadArgument', `the probability of a case is between 0 and 1, not ${truth[i]}`)
    byGenotype[g].push(truth[i])
    sum += truth[i]
    count++
  }
  const none: MisclassifiedCases = {
    status: 'monomorphic',
    beta: 0,
    low: null,
    high: null,
    logP: 0,
    meanTruth: count === 0 ? 0 : sum / count,
  }
  if (controls === 0 || count === 0 || seen.filter((n) => n > 0).length < 2) return none
  const at = (beta: number) => profileAt(beta, seen, byGenotype)
  let top = -widest
  let highest = Number.NEGATIVE_INFINITY
  for (let beta = -widest; beta <= widest; beta += 0.5) {
    const value = at(beta)
    if (value > highest) {
      highest = value
      top = beta
    }
  }
  const beta = maximum(at, top - 0.5, top + 0.5)
  highest = at(beta)
  const limit = (end: number): number | null => {
    if (at(end) > highest - drop) return null
    let [inside, outside] = [beta, end]
    for (let step = 0; step < 40; step++) {
      const middle = (inside + outside) / 2
      if (at(middle) > highest - drop) inside = middle
      else outside = middle
    }
    return (inside + outside) / 2
  }
  return {
    status: 'ok',
    beta,
    low: limit(-widest),
    high: limit(widest),
    logP: chiSquareLogTail(Math.max(0, 2 * (highest - at(0))), 1),
    meanTruth: none.meanTruth,
  }
}

/** Penalised log-likelihood at beta, the genotype distribution maximised out by its own fixed point. */
function profileAt(beta: number, seen: readonly number[], byGenotype: readonly number[][]): number {
  const total = seen.reduce((a, b) => a + b, 0)
  const tilt = [1, exp(beta), exp(2 * beta)]
  let q = seen.map((n) => n / total)
  for (let round = 0; round < 500; round++) {
    const z = tilt.reduce((sum, t, g) => sum + q[g] * t, 0)
    let weight = 0
    byGenotype.forEach((list, g) => {
      for (const p of list) weight += (p * tilt[g]) / (p * tilt[g] + (1 - p) * z)
    })
    const next = seen.map((n, g) => n / (total - weight + (weight * tilt[g]) / z))
    const all = next.reduce((a, b) => a + b, 0)
    let change = 0
    for (let g = 0; g < 3; g++) {
      next[g] /= all
      change = Math.max(change, Math.abs(next[g] - q[g]))
    }
    q = next
    if (change < 1e-11) break
  }
  const z = tilt.reduce((sum, t, g) => sum + q[g] * t, 0)
  let value = beta / 2 - (beta > 0 ? beta + log(1 + exp(-beta)) : log(1 + exp(beta)))
  for (let g = 0; g < 3; g++) {
    if (seen[g] > 0) value += seen[g] * log(q[g])
    for (const p of byGenotype[g]) value += log((p * tilt[g]) / z + 1 - p)
  }
  return value
}

/** Golden-section search of a maximum. */
function maximum(f: (x: number) => number, low: number, high: number): number {
  const golden = 0.6180339887498949
  let [a, b] = [low, high]
  let c = b - golden * (b - a)
  let d = a + golden * (b - a)
  let [fc, fd] = [f(c), f(d)]
  for (let step = 0; step < 45; step++)
    if (fc > fd) {
      b = d
      d = c
      fd = fc
      c = b - golden * (b - a)
      fc = f(c)
    } else {
      a = c
      c = d
      fc = fd
      d = a + golden * (b - a)
      fd = f(d)
    }
  return (a + b) / 2
}
