import { log, normalCdf, normalQuantileLog } from '../../numerics/special.ts'
import { caseGenotypes, controlGenotypes, type GeneticModel } from './genotype-model.ts'

/**
 * Power of the additive logistic Wald test from the expected information: P(|Z + sqrt(ncp)| > c) with ncp = log(OR)^2 / [(X'WX)^-1]_bb at
 * the expected genotype counts. A starting point and a sanity check; conservative at the counts of a small study.
 */
export function asymptoticPower(model: GeneticModel, cases: number, controls: number, alpha: number): number {
  const g0 = controlGenotypes(model)
  const g1 = caseGenotypes(model)
  const scale = g0[0] + g0[1] * model.or + g0[2] * model.or * model.or
  let i00 = 0
  let i01 = 0
  let i11 = 0
  let odds = cases / controls / scale
  for (let g = 0; g < 3; g++) {
    const weight = ((cases * g1[g] + controls * g0[g]) * odds) / ((1 + odds) * (1 + odds))
    i00 += weight
    i01 += weight * g
    i11 += weight * g * g
    odds *= model.or
  }
  const beta = log(model.or)
  const shift = Math.sqrt((beta * beta * (i00 * i11 - i01 * i01)) / i00)
  const c = normalQuantileLog(log(alpha / 2))
  return normalCdf(shift - c) + normalCdf(-shift - c)
}
