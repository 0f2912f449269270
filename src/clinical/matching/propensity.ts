import { UpturnError } from '../../errors/index.ts'
import { firthRegression } from '../../statistics/firth/index.ts'

export interface PropensityScores {
  /** Indices of the variables used: those that vary. */
  variables: number[]
  /** Linear predictor (logit) of a row of values, up to the intercept. */
  of(values: readonly number[]): number
  /** sqrt((variance in cases + variance in controls) / 2) of the linear predictor: the unit of distances and of the caliper. 1 where it is 0. */
  sd: number
}

/**
 * Propensity of being a case given the matching variables, by Firth's logistic regression, which stays finite when the variables separate the groups (with
 * 22 cases they may). Used on the logit scale in units of its standard deviation (Rosenbaum & Rubin, Am Stat 39:33, 1985; Austin, Pharm
 * Stat 10:150, 2011, whose caliper of 0.2 is in this unit). Refuses collinear variables.
 */
export function propensityScores(
  cases: readonly (readonly number[])[],
  controls: readonly (readonly number[])[],
  names: readonly string[],
): PropensityScores {
  const rows = [...cases, ...controls]
  const variables = names.flatMap((_, v) => (rows.some((row) => row[v] !== rows[0][v]) ? [v] : []))
  const none = { variables: [], of: () => 0, sd: 1 }
  if (variables.length === 0 || cases.length === 0 || controls.length === 0) return none
  // Standardised columns: the fit is then the same in any unit.
  const centre = variables.map((v) => rows.reduce((sum, row) => sum + row[v], 0) / rows.length)
  const scale = variables.map((v, a) =>
    Math.sqrt(rows.reduce((sum, row) => sum + (row[v] - centre[a]) * (row[v] - centre[a]), 0) / rows.length),
  )
  const columns = variables.map((v, a) => rows.map((row) => (row[v] - centre[a]) / scale[a]))
  const fit = firthRegression(
    {
      cases: rows.map((_, i) => (i < cases.length ? 1 : 0)),
      columns: columns.slice(0, -1),
      tested: columns[columns.length - 1],
    },
    { profile: false },
  )
  if (fit.status === 'collinear')
    throw new UpturnError(
      'CollinearCovariates',
      `the matching variables ${names.join(', ')} are linear combinations of each other: leave one of them out`,
    )
  if (fit.status === 'not_converged')
    throw new UpturnError(
      'BadArgument',
      `the propensity on ${names.join(', ')} could not be fitted: match on fewer variables or by the Mahalanobis distance`,
    )
  const slopes = variables.map((_, a) => fit.coefficients[a + 1] / scale[a])
  const of = (values: readonly number[]): number => variables.reduce((sum, v, a) => sum + slopes[a] * values[v], 0)
  const spread = (variance(cases.map(of)) + variance(controls.map(of))) / 2
  return { variables, of, sd: spread > 0 ? Math.sqrt(spread) : 1 }
}

function variance(values: readonly number[]): number {
  if (values.length < 2) return 0
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  return values.reduce((sum, x) => sum + (x - mean) * (x - mean), 0) / (values.length - 1)
}
