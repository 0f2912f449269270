import { UpturnError } from '../../errors/index.ts'
import { exp } from '../../numerics/special.ts'
import { firthObjective } from '../likelihood/partial.ts'
import { climbLadder } from '../likelihood/ratio-test.ts'
import { type Covariate, requireIndependent, standardise } from '../logistic/covariates.ts'
import { matchedSets } from './data.ts'
import { conditionalLikelihood } from './likelihood.ts'

export interface WithinNullFit {
  /** Covariates that vary within some set, in the order given, mean 0 and standard deviation 1 over all people. */
  names: string[]
  columns: Float64Array[]
  /** Covariates that do not, which cancel. */
  cancelled: string[]
  /** One a covariate of `names`. */
  coefficients: Float64Array
  /** r / (1 - r) is each person's odds within the set; 1/2 for everybody without covariates. */
  risks: Float64Array
}

/** Log odds beyond this are held there, so that risks stay below 1. */
const farthest = 30

/**
 * Firth's conditional regression of case on covariates alone, within matched sets that all hold cases and controls: the odds from which labels
 * are redrawn within sets. Refuses covariates that depend on each other within sets (CollinearCovariates) and one that tells every case from
 * the controls of its set, in the same direction (SeparatedByCovariate).
 */
export function fitNullWithin(
  cases: ArrayLike<number>,
  sets: ArrayLike<number>,
  covariates: readonly Covariate[],
): WithinNullFit {
  const n = cases.length
  if (covariates.some((c) => c.values.length !== n))
    throw new UpturnError('BadArgument', 'every covariate needs one value for every person')
  const members = new Map<number, number[]>()
  for (let i = 0; i < n; i++) {
    const list = members.get(sets[i])
    if (list === undefined) members.set(sets[i], [i])
    else list.push(i)
  }
  const groups = [...members.values()]
  const varies = ({ values }: Covariate) => groups.some((people) => people.some((i) => values[i] !== values[people[0]]))
  const kept = covariates.filter(varies)
  for (const { name, values } of kept) {
    const tells = (sign: 1 | -1) =>
      groups.every((people) => {
        let least = Number.POSITIVE_INFINITY
        let most = Number.NEGATIVE_INFINITY
        for (const i of people)
          if (cases[i] === 1) least = Math.min(least, sign * values[i])
          else most = Math.max(most, sign * values[i])
        return least > most
      })
    if (tells(1) || tells(-1))
      throw new UpturnError(
        'SeparatedByCovariate',
        `covariate ${name} alone tells the case of every matched set from its controls: no adjustment for it is possible; leave it out, or match on it more closely`,
        { details: { covariate: name } },
      )
  }
  const columns = kept.map(standardise)
  const k = columns.length
  const centred = columns.map((column) => {
    const out = Float64Array.from(column)
    for (const people of groups) {
      const alike = people.every((i) => column[i] === column[people[0]])
      let sum = 0
      for (const i of people) sum += column[i]
      for (const i of people) out[i] = alike ? 0 : column[i] - sum / people.length
    }
    return out
  })
  requireIndependent(
    kept.map(({ name }) => name),
    centred,
  )
  const names = kept.map(({ name }) => name)
  let coefficients = new Float64Array(k)
  if (k > 0) {
    const likelihood = conditionalLikelihood(matchedSets({ cases, sets, columns }), k)
    const fit = climbLadder(firthObjective(likelihood), coefficients)
    if (fit === undefined)
      throw new UpturnError(
        'SeparatedByCovariate',
        `the covariates ${names.join(', ')} together tell cases from the controls of their sets too well to be fitted; leave one out`,
        { details: { covariates: names } },
      )
    coefficients = Float64Array.from(fit.coefficients)
  }
  const risks = Float64Array.from({ length: n }, (_, i) => {
    let eta = 0
    for (let j = 0; j < k; j++) eta += coefficients[j] * centred[j][i]
    return 1 / (1 + exp(-Math.max(-farthest, Math.min(farthest, eta))))
  })
  const cancelled = covariates.filter((c) => !kept.includes(c)).map(({ name }) => name)
  return { names, columns, cancelled, coefficients, risks }
}
