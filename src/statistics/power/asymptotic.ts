import { UpturnError } from '../../errors/index.ts'
import { log, normalCdf, normalQuantileLog } from '../../numerics/special.ts'
import { caseGenotypes, controlGenotypes, type GeneticModel, genotypeDoses } from './genotype-model.ts'

/**
 * Power of the logistic Wald test of the model's own doses from the expected information: P(|Z + sqrt(ncp)| > c) with ncp = log(OR)^2 / [(X'WX)^-1]_bb at
 * the expected genotype counts. A starting point and a sanity check; conservative at the counts of a small study.
 */
export function asymptoticPower(model: GeneticModel, cases: number, controls: number, alpha: number): number {
  if (!(Number.isInteger(cases) && Number.isInteger(controls) && cases > 0 && controls > 0))
    throw new UpturnError(
      'BadArgument',
      `power needs whole numbers of cases and controls from 1, not ${cases} and ${controls}`,
    )
  const g0 = controlGenotypes(model)
  const g1 = caseGenotypes(model)
  const dose = genotypeDoses(model)
  const oddsOf = [1, model.or, model.or * model.or]
  const scale = g0.reduce((sum, share, g) => sum + share * oddsOf[dose[g]], 0)
  let i00 = 0
  let i01 = 0
  let i11 = 0
  for (let g = 0; g < 3; g++) {
    const odds = (cases / controls / scale) * oddsOf[dose[g]]
    const weight = ((cases * g1[g] + controls * g0[g]) * odds) / ((1 + odds) * (1 + odds))
    i00 += weight
    i01 += weight * dose[g]
    i11 += weight * dose[g] * dose[g]
  }
  const beta = log(model.or)
  const shift = Math.sqrt((beta * beta * (i00 * i11 - i01 * i01)) / i00)
  const c = normalQuantileLog(log(alpha / 2))
  return normalCdf(shift - c) + normalCdf(-shift - c)
}
