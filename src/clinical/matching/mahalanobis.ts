import { UpturnError } from '../../errors/index.ts'
import { cholesky } from '../../numerics/linear.ts'

export interface MahalanobisDistance {
  /** Indices of the variables used: those that vary within the groups. */
  variables: number[]
  /** cases x controls, row-major. */
  distances: Float64Array
}

/**
 * Mahalanobis distances between cases and controls, sqrt(d' S^-1 d) with S the covariance pooled **within** the two groups,
 * divisor N - 2 (Rubin, Biometrics 36:293, 1980; the definition of MatchIt >= 4). A variable that does not vary within the groups
 * cannot be scaled and is left out. Refuses variables that are linear combinations of each other, and fewer than 3 people.
 *
 * @param cases, controls one row a person, one number a variable, all finite
 * @param names of the variables, for messages
 * @param beside a control's values beside a case, where they depend on the case; the covariance is that of `controls`
 */
export function mahalanobisDistances(
  cases: readonly (readonly number[])[],
  controls: readonly (readonly number[])[],
  names: readonly string[],
  beside: (i: number, j: number) => readonly number[] = (_, j) => controls[j],
): MahalanobisDistance {
  const degrees = cases.length + controls.length - 2
  const all = names.map((_, v) => v)
  if (names.length === 0 || cases.length === 0 || controls.length === 0)
    return { variables: [], distances: new Float64Array(cases.length * controls.length) }
  if (degrees < 1) throw new UpturnError('BadArgument', 'a Mahalanobis distance needs at least three people')
  const caseMeans = means(cases, names.length)
  const controlMeans = means(controls, names.length)
  const pooled = (a: number, b: number): number => {
    let sum = 0
    for (const row of cases) sum += (row[a] - caseMeans[a]) * (row[b] - caseMeans[b])
    for (const row of controls) sum += (row[a] - controlMeans[a]) * (row[b] - controlMeans[b])
    return sum / degrees
  }
  const variables = all.filter((v) => {
    let scale = 0
    for (const row of cases) scale = Math.max(scale, Math.abs(row[v]))
    for (const row of controls) scale = Math.max(scale, Math.abs(row[v]))
    return pooled(v, v) > 1e-24 * scale * scale
  })
  const k = variables.length
  const covariance = Float64Array.from(variables.flatMap((a) => variables.map((b) => pooled(a, b))))
  const factor = factorOf(
    covariance,
    k,
    variables.map((v) => names[v]),
  )
  const distances = new Float64Array(cases.length * controls.length)
  const z = new Float64Array(k)
  for (let i = 0; i < cases.length; i++) {
    for (let j = 0; j < controls.length; j++) {
      const values = beside(i, j)
      // d' S^-1 d is the squared length of L^-1 d.
      let sum = 0
      for (let a = 0; a < k; a++) {
        let value = cases[i][variables[a]] - values[variables[a]]
        for (let b = 0; b < a; b++) value -= factor[a * k + b] * z[b]
        z[a] = value / factor[a * k + a]
        sum += z[a] * z[a]
      }
      distances[i * controls.length + j] = Math.sqrt(sum)
    }
  }
  return { variables, distances }
}

function means(rows: readonly (readonly number[])[], width: number): number[] {
  const sums = Array.from({ length: width }, () => 0)
  for (const row of rows) for (let v = 0; v < width; v++) sums[v] += row[v]
  return sums.map((sum) => sum / rows.length)
}

/** Lower factor of a covariance matrix; a pivot that loses ten digits means a linear combination of the earlier variables. */
function factorOf(matrix: Float64Array, k: number, names: readonly string[]): Float64Array {
  for (let size = 1; size <= k; size++) {
    const leading = new Float64Array(size * size)
    for (let a = 0; a < size; a++) for (let b = 0; b < size; b++) leading[a * size + b] = matrix[a * k + b]
    const factor = cholesky(leading, size)
    const pivot = factor?.[size * size - 1] ?? 0
    if (factor === undefined || !(pivot * pivot > 1e-10 * leading[size * size - 1]))
      throw new UpturnError(
        'CollinearCovariates',
        `the matching variable ${names[size - 1]} is a linear combination of ${names.slice(0, size - 1).join(', ')}: leave one of them out`,
      )
    if (size === k) return factor
  }
  return new Float64Array(0)
}
