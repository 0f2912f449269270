import { exp } from '../numerics/special.ts'
import { misclassifiedCases } from '../statistics/logistic/index.ts'
import type { Labels } from './design.ts'
import type { LeadVariant } from './lead.ts'
import { type AddTest, ratios } from './lead-test.ts'

/**
 * The lead's odds ratio with cases that may be none: each counts with its probability of being a true one, by its scores alone. Cases without one are
 * left out. Not on the X chromosome, where men have other genotypes.
 */
export function addCorrected({ genotypes, inheritance }: LeadVariant, { cases, truth }: Labels, add: AddTest): void {
  if (truth === undefined || inheritance !== 0) return
  const fits = truth.map(({ prior, of }) => {
    const known = genotypes.map((g, i) => (cases[i] === 1 && Number.isNaN(of[i]) ? -1 : g))
    return { prior, fit: misclassifiedCases(known, cases, of) }
  })
  const [central, ...others] = fits
  if (central === undefined || central.fit.status !== 'ok') return
  const percent = (share: number) => `${Number((100 * share).toPrecision(3))}%`
  const range = others
    .map(({ prior, fit }) => `${exp(fit.beta).toPrecision(3)} at a prior of ${percent(prior)}`)
    .join(', ')
  let unknown = 0
  for (let i = 0; i < cases.length; i++)
    if (cases[i] === 1 && genotypes[i] >= 0 && Number.isNaN(truth[0].of[i])) unknown++
  add(
    'corrected_p',
    central.fit.logP,
    `odds ratio a copy among true reversals: each case counts with the probability that its scores give it (mean ${percent(central.fit.meanTruth)} at a prior of ${percent(central.prior)})${range === '' ? '' : `; ${range}`}${unknown === 0 ? '' : `; cases without a probability left out: ${unknown}`}; without covariates, p by its likelihood ratio: asymptotic`,
    ratios(central.fit),
  )
}
