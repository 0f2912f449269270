import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { exp } from '../../numerics/special.ts'
import { FirthWorkspace } from '../firth/workspace.ts'
import { type Covariate, requireIndependent, requireOverlap, standardise } from './covariates.ts'
import { findSeparation } from './separation.ts'

export interface NullFit {
  /** Intercept, then one a covariate, on the standardised scale. */
  coefficients: Float64Array
  /** The covariates, mean 0 and standard deviation 1. */
  columns: Float64Array[]
  /** Fitted probability of being a case, one a person. */
  risks: Float64Array
  penalisedLogLikelihood: number
}

/**
 * Firth's logistic regression of case on covariates alone: the risks from which labels are redrawn and the start of every
 * variant's fit. Refuses covariates that are constant or dependent (CollinearCovariates) and those that separate cases from
 * controls completely, alone or together (SeparatedByCovariate). No covariates: the intercept alone.
 */
export function fitNull(cases: ArrayLike<number>, covariates: readonly Covariate[]): NullFit {
  const n = cases.length
  if (n === 0) throw new UpturnError('BadArgument', 'a fit on covariates needs people')
  if (covariates.some((c) => c.values.length !== n))
    throw new UpturnError('BadArgument', 'every covariate needs one value for every person')
  const columns = covariates.map(standardise)
  requireIndependent(
    covariates.map((c) => c.name),
    columns,
  )
  requireOverlap(cases, covariates)
  requireOverlapTogether(cases, covariates)
  const k = kernels()
  return k.scope(() => {
    // The workspace's last column is the one tested; without covariates there is none, and the intercept has a closed form:
    // Firth adds half a case and half a control.
    if (columns.length === 0) {
      let m = 0
      for (let i = 0; i < n; i++) m += cases[i] === 1 ? 1 : 0
      const risk = (m + 0.5) / (n + 1)
      const coefficients = Float64Array.of(k.call.log(risk / (1 - risk)))
      const penalty = 0.5 * k.call.log(n * risk * (1 - risk))
      const penalisedLogLikelihood = m * k.call.log(risk) + (n - m) * k.call.log(1 - risk) + penalty
      return { coefficients, columns, risks: new Float64Array(n).fill(risk), penalisedLogLikelihood }
    }
    const model = new FirthWorkspace({ cases, columns: columns.slice(0, -1) })
    model.setTested(columns[columns.length - 1])
    const fit = model.climb(false, true, 5, 100) ?? restart(model, 1, 1000) ?? restart(model, 0.1, 10_000)
    if (fit === undefined)
      throw new UpturnError(
        'SeparatedByCovariate',
        'the covariates together tell cases from controls too well to be fitted; leave one out',
        {
          details: { covariates: covariates.map((c) => c.name) },
        },
      )
    const coefficients = Float64Array.from(model.coefficients())
    const risks = new Float64Array(n)
    for (let i = 0; i < n; i++) {
      let eta = coefficients[0]
      for (let j = 0; j < columns.length; j++) eta += coefficients[j + 1] * columns[j][i]
      risks[i] = 1 / (1 + exp(-eta))
    }
    return { coefficients, columns, risks, penalisedLogLikelihood: fit.logLikelihood }
  })
}

function restart(model: FirthWorkspace, cap: number, limit: number) {
  model.coefficients().fill(0)
  return model.climb(false, false, cap, limit)
}

/** Refuses covariates of which a combination tells every case from every control, and names those that take part. */
function requireOverlapTogether(cases: ArrayLike<number>, covariates: readonly Covariate[]): void {
  // Larger studies, which a few covariates hardly separate, are left to the overlap of their label sets.
  if (covariates.length < 2 || cases.length > 50_000) return
  const separation = findSeparation(cases, covariates)
  if (separation.kind !== 'complete') return
  const names = separation.covariates
  throw new UpturnError(
    'SeparatedByCovariate',
    `covariates ${names.join(', ')} together tell every case from every control: no adjustment for all of them is possible; leave one of them out or restrict the study to values that both groups have`,
    { details: { covariates: names } },
  )
}
