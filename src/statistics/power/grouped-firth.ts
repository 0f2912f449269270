import { chiSquareLogTail, exp, log, log1p } from '../../numerics/special.ts'
import type { GenotypeCounts } from './rejection.ts'

const steps = 500
/** Gain in penalised log-likelihood at which the climb ends: log p then has ten digits. */
const settled = 1e-12

interface Point {
  logLikelihood: number
  /** Modified score and inverse information. */
  score: readonly [number, number]
  inverse: readonly [number, number, number]
}

/** Penalised log-likelihood of counts a (cases) and n (everyone) by copies, with its modified score (Heinze and Schemper 2002). */
function at(a: GenotypeCounts, n: readonly number[], b0: number, b1: number): Point {
  let logLikelihood = 0
  let [i00, i01, i11] = [0, 0, 0]
  const p = [0, 0, 0]
  const weight = [0, 0, 0]
  for (let g = 0; g < 3; g++) {
    if (n[g] === 0) continue
    const eta = b0 + b1 * g
    const small = exp(-Math.abs(eta))
    logLikelihood += a[g] * eta - n[g] * (Math.max(eta, 0) + log1p(small))
    p[g] = eta > 0 ? 1 / (1 + small) : small / (1 + small)
    weight[g] = (n[g] * small) / ((1 + small) * (1 + small))
    i00 += weight[g]
    i01 += weight[g] * g
    i11 += weight[g] * g * g
  }
  const determinant = weight[0] * weight[1] + 4 * weight[0] * weight[2] + weight[1] * weight[2]
  const inverse = [i11 / determinant, -i01 / determinant, i00 / determinant] as const
  let [u0, u1] = [0, 0]
  for (let g = 0; g < 3; g++) {
    const leverage = weight[g] * (inverse[0] + 2 * g * inverse[1] + g * g * inverse[2])
    const u = a[g] - n[g] * p[g] + leverage * (0.5 - p[g])
    u0 += u
    u1 += u * g
  }
  return { logLikelihood: logLikelihood + 0.5 * log(determinant), score: [u0, u1], inverse }
}

/**
 * log p of Firth's penalised likelihood-ratio test of the copies in a 2x3 table, intercept and copies only: what `firthRegression` gives on the people
 * one by one, at a cost that does not grow with them. With the slope at 0 the penalty depends on the fitted share alone, which is then
 * (cases + 1) / (people + 2). 0 where everyone has the same genotype.
 */
export function groupedFirthLogP(cases: GenotypeCounts, controls: GenotypeCounts): number {
  const n = cases.map((count, g) => count + controls[g])
  if (n.filter((count) => count > 0).length < 2) return 0
  const total = cases[0] + cases[1] + cases[2]
  const others = controls[0] + controls[1] + controls[2]
  let b0 = log((total + 1) / (others + 1))
  let b1 = 0
  let here = at(cases, n, b0, b1)
  const restricted = here.logLikelihood
  for (let i = 0; i < steps; i++) {
    const [u0, u1] = here.score
    const [v00, v01, v11] = here.inverse
    let d0 = v00 * u0 + v01 * u1
    let d1 = v01 * u0 + v11 * u1
    let next = at(cases, n, b0 + d0, b1 + d1)
    for (let half = 0; half < 40 && !(next.logLikelihood >= here.logLikelihood); half++) {
      d0 /= 2
      d1 /= 2
      next = at(cases, n, b0 + d0, b1 + d1)
    }
    const gain = next.logLikelihood - here.logLikelihood
    if (!(gain > 0)) break
    b0 += d0
    b1 += d1
    here = next
    if (gain < settled) break
  }
  return chiSquareLogTail(Math.max(0, 2 * (here.logLikelihood - restricted)), 1)
}
